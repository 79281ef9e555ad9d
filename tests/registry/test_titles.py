from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.states import Role
from engines.evidence import services as evidence
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import DomainError
from registry import selectors, services
from registry.models import TitleHolding
from registry.states import TitleState
from tests.factories.accounts import make_uscc, make_user, officer
from tests.factories.registry import make_title

pytestmark = pytest.mark.django_db


def refused(code, function, *args, **kwargs):
    before = list(TitleHolding.objects.order_by("pk").values_list("pk", "version"))
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert caught.value.code == code
    assert list(TitleHolding.objects.order_by("pk").values_list("pk", "version")) == before


def record(**fields):
    values = {
        "by": fields.pop("by", None) or officer(Role.CENTRE_CHECKER),
        "uscc_code": make_uscc(),
        "title_code": "little_giant",
        "certificate_no": "X1",
        "issued_by": "工信部",
        "valid_from": date(2025, 1, 1),
        **fields,
    }
    return services.record_title(**values)


def test_a_title_counts_once_a_second_person_verified_it():
    row = record()
    assert selectors.titles(row.uscc, date(2026, 1, 1)) == []
    second = officer(Role.CENTRE_REVIEWER)
    row = services.verify_title(by=second, title_id=row.pk, version=1)
    assert (row.state, row.verified_by) == (TitleState.VERIFIED, second)
    assert selectors.titles(row.uscc, date(2026, 1, 1)) == [row]
    assert [r.act for r in of_subject(row)] == ["record_title", "verify_title"]


@pytest.mark.parametrize(
    ("day", "counts"),
    [(date(2024, 12, 31), False), (date(2025, 1, 1), True), (date(2026, 6, 30), True), (date(2026, 7, 1), False)],
)
def test_a_title_counts_inside_its_validity(day, counts):
    row = make_title(make_uscc(), valid_from=date(2025, 1, 1), valid_to=date(2026, 6, 30))
    assert bool(selectors.titles(row.uscc, day)) is counts


def test_a_title_without_an_end_goes_on():
    row = make_title(make_uscc())
    assert selectors.titles(row.uscc, date(2060, 1, 1)) == [row]


def test_a_revoked_title_counted_until_then():
    on = clock.today() - timedelta(days=10)
    row = make_title(make_uscc(), state=TitleState.REVOKED, revoked_on=on)
    assert [bool(selectors.titles(row.uscc, day)) for day in (on - timedelta(days=1), on, clock.today())] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("state", [TitleState.RECORDED, TitleState.REJECTED])
def test_other_states_do_not_count(state):
    row = make_title(make_uscc(), state=state)
    assert selectors.titles(row.uscc, clock.today()) == []


def test_the_recorder_cannot_verify():
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = record(by=both)
    refused("NOT_ALLOWED", services.verify_title, by=both, title_id=row.pk, version=1)
    with pytest.raises(IntegrityError, match="title_two_people"), transaction.atomic():
        row.verify(both, clock.now())
        evidence.record(row, act="verify_title", by=both)


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.ENTERPRISE_AGENT, Role.DEPARTMENT, Role.SYSTEM_ADMIN])
def test_only_the_centre_records(role):
    refused("NOT_ALLOWED", record, by=make_user(role))


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.ENTERPRISE_AGENT, Role.APPROVER])
def test_only_officers_in_charge_verify_and_revoke(role):
    row, held, by = record(), make_title(make_uscc()), make_user(role)
    refused("NOT_ALLOWED", services.verify_title, by=by, title_id=row.pk, version=1)
    refused("NOT_ALLOWED", services.reject_title, by=by, title_id=row.pk, version=1, reason="x")
    refused(
        "NOT_ALLOWED", services.revoke_title, by=by, title_id=held.pk, version=2, revoked_on=clock.today(), reason="x"
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"uscc_code": "91450199MA6K00014D"}, "USCC_INVALID"),
        ({"title_code": "nobel"}, "UNKNOWN_TITLE"),
        ({"title_code": "newly_listed"}, "TITLE_DERIVED"),
        ({"valid_to": date(2024, 12, 31)}, "TITLE_PERIOD"),
        ({"certificate_no": ""}, "TITLE_WITHOUT_PROOF"),
    ],
)
def test_what_is_no_title_is_refused(fields, code):
    refused(code, record, **fields)


def test_the_same_title_is_recorded_once():
    row = make_title(make_uscc())
    refused("TITLE_EXISTS", record, uscc_code=row.uscc, valid_from=row.valid_from)


def test_after_a_rejection_it_may_be_recorded_again():
    row = make_title(make_uscc(), state=TitleState.REJECTED)
    assert record(uscc_code=row.uscc, valid_from=row.valid_from).state == TitleState.RECORDED


@pytest.mark.parametrize("days", [1, -100_000])
def test_a_revocation_lies_between_the_first_day_and_today(days):
    row = make_title(make_uscc())
    refused(
        "TITLE_REVOCATION_DATE",
        services.revoke_title,
        by=officer(Role.CENTRE_REVIEWER),
        title_id=row.pk,
        version=2,
        revoked_on=clock.today() + timedelta(days=days),
        reason="x",
    )


def test_only_a_verified_title_is_revoked():
    row = record()
    refused(
        "WRONG_STATE", services.revoke_title, by=officer(Role.CENTRE_REVIEWER), title_id=row.pk, version=1,
        revoked_on=clock.today(), reason="x",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"valid_to": date(2024, 1, 1)}, "title_period"),
        ({"certificate_no": "", "doc_no": ""}, "title_has_proof"),
        ({"verified_by": None, "verified_at": None}, "title_verified_in_state"),
        ({"verified_at": None}, "title_verified_by_and_at"),
        ({"revoked_on": date(2026, 1, 1)}, "title_revoked_in_state"),
        ({"revoked_at": clock.now()}, "title_revoked_by_and_at"),
        ({"uscc": "i" * 18}, "title_uscc_shape"),
    ],
)
def test_title_constraints(change, name):
    row = make_title(make_uscc())
    for field, value in change.items():
        setattr(row, field, value)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        evidence.record(row, act="touch", by=officer(Role.CENTRE_REVIEWER))


def test_a_revocation_before_the_first_day_is_refused_by_the_database():
    row, by = make_title(make_uscc()), officer(Role.CENTRE_REVIEWER)
    row.revoke(by, clock.now(), row.valid_from - timedelta(days=1))
    with pytest.raises(IntegrityError, match="title_revoked_after_start"), transaction.atomic():
        evidence.record(row, act="revoke_title", by=by)


def test_the_constraint_refuses_the_same_title_too():
    row = make_title(make_uscc())
    twin = TitleHolding(
        uscc=row.uscc, title_code=row.title_code, certificate_no="X", issued_by="x", valid_from=row.valid_from,
        recorded_by=row.recorded_by,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="title_once"), transaction.atomic():
        evidence.record(twin, act="record_title", by=row.recorded_by)
