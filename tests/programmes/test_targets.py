"""绩效目标 of a year: drafted, confirmed by another person, replaced by later ones (第五条、第二十八条)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.states import Role
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import DomainError
from programmes import queues, selectors, services
from programmes.models import TargetSet
from programmes.states import TargetState
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.accounts import officer as office

pytestmark = pytest.mark.django_db
YEAR = 2026
TARGETS = {"contracts": Decimal(300), "execution": Decimal("95.5")}


def drafted(by=None, **changes) -> TargetSet:
    given = {"year": YEAR, "doc_no": "桂工信〔2026〕8号", "targets": TARGETS, **changes}
    return services.draft_targets(by=by or officer(Role.DEPARTMENT), **given)


def confirmed(row: TargetSet, by=None) -> TargetSet:
    return services.confirm_targets(by=by or officer(Role.APPROVER), targets_id=row.pk, version=row.version)


def refused(code, act, **given) -> DomainError:
    """The act is refused with the code and no set of targets is other than it was."""
    before = list(TargetSet.objects.order_by("pk").values("pk", "version", "state"))
    with pytest.raises(DomainError) as caught, transaction.atomic():
        act(**given)
    assert caught.value.code == code
    assert list(TargetSet.objects.order_by("pk").values("pk", "version", "state")) == before
    return caught.value


def test_a_draft_counts_for_nothing_until_it_is_confirmed():
    row = drafted()
    assert row.targets == {"contracts": "300", "execution": "95.50"}
    assert selectors.targets_in_force(YEAR) is None
    approver = officer(Role.APPROVER)
    row = confirmed(row, approver)
    assert selectors.targets_in_force(YEAR) == row
    assert (row.confirmed_by, row.state) == (approver, TargetState.CONFIRMED)
    assert [one.act for one in of_subject(row)] == ["draft_targets", "confirm_targets"]


def test_a_later_one_takes_the_place_of_the_earlier():
    old = confirmed(drafted())
    new = confirmed(drafted(targets={"contracts": Decimal(400)}))
    old.refresh_from_db()
    assert (old.state, selectors.targets_in_force(YEAR)) == (TargetState.SUPERSEDED, new)
    assert of_subject(old).last().act == "supersede_targets"


def test_of_another_year_nothing_is_replaced():
    old = confirmed(drafted())
    confirmed(drafted(year=YEAR + 1))
    assert selectors.targets_in_force(YEAR) == old


def test_what_was_sent_back_may_be_drafted_anew():
    row = drafted()
    error = refused("TARGETS_WAITING", drafted)
    assert error.details == {"year": YEAR}
    row = services.reject_targets(by=officer(Role.APPROVER), targets_id=row.pk, version=row.version, reason="数字不符")
    assert row.state == TargetState.REJECTED
    assert drafted().state == TargetState.DRAFT


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ({}, "TARGETS_EMPTY"),
        ({"contracts": Decimal(0)}, "TARGET_OUT_OF_RANGE"),
        ({"execution": Decimal("100.01")}, "TARGET_OUT_OF_RANGE"),
        ({"on_time": Decimal(-1)}, "TARGET_OUT_OF_RANGE"),
    ],
)
def test_targets_that_say_nothing_or_cannot_be_reached_are_refused(targets, code):
    refused(code, drafted, targets=targets)


def test_who_drafts_and_who_confirms():
    for role in (Role.APPROVER, Role.FINANCE, Role.CENTRE_CHECKER, Role.SUPERVISOR):
        refused("NOT_ALLOWED", drafted, by=officer(role))
    row = drafted()
    for role in (Role.DEPARTMENT, Role.FINANCE, Role.CENTRE_REVIEWER):
        refused("NOT_ALLOWED", confirmed, row=row, by=officer(role))


def test_nobody_confirms_his_own():
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    row = drafted(by=both)
    refused("NOT_ALLOWED", confirmed, row=row, by=both)
    assert list(queues.targets_to_confirm(both)) == []
    assert list(queues.targets_to_confirm(officer(Role.APPROVER))) == [row]


def test_an_old_version_is_a_conflict():
    row = drafted()
    refused("VERSION_CONFLICT", services.confirm_targets, by=officer(Role.APPROVER), targets_id=row.pk, version=9)


def test_officers_read_them_and_parties_do_not():
    drafted()
    readers = [officer(role) for role in (Role.FINANCE, Role.SUPERVISOR, Role.CITY)] + [
        make_user(Role.ENTERPRISE_AGENT)
    ]
    assert [selectors.visible_targets(one).count() for one in readers] == [1, 1, 0, 0]


def test_over_http():
    po, ap = Caller(office(Role.DEPARTMENT)), Caller(office(Role.APPROVER))
    body = {"year": YEAR, "doc_no": "桂工信〔2026〕8号", "contracts": 300, "paid": "5000000.00"}
    made = po.act("performance-targets/", body)
    assert made.status_code == 201
    assert made.json()["targets"] == {"contracts": "300", "paid": "5000000.00"}
    assert po.act("performance-targets/", {"year": YEAR, "doc_no": "空"}).json()["code"] == "TARGETS_EMPTY"
    at = f"performance-targets/{made.json()['id']}/confirm/"
    assert po.act(at, {"version": 1}).status_code == 403
    assert ap.act(at, {"version": 1}).json()["state_label"] == "现行"


@pytest.mark.parametrize(
    ("name", "state", "fields"),
    [
        ("targets_not_empty", TargetState.DRAFT, {"targets": {}}),
        ("targets_confirmed_by_and_at", TargetState.CONFIRMED, {}),
    ],
)
def test_the_database_refuses(name, state, fields):
    row = drafted()
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        TargetSet.objects.bulk_create([TargetSet(**{**_columns(row), "year": YEAR + 5, "state": state, **fields})])


def test_the_database_knows_two_people_and_one_set_in_force():
    row = confirmed(drafted())
    same = {**_columns(row), "state": TargetState.CONFIRMED, "confirmed_at": clock.now()}
    for name, fields in (
        ("targets_one_in_force", {"confirmed_by": row.confirmed_by}),
        ("targets_two_people", {"confirmed_by": row.drafted_by, "year": YEAR + 5}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            TargetSet.objects.bulk_create([TargetSet(**{**same, **fields})])


def test_what_was_drafted_stays_as_it_was():
    row = drafted()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        TargetSet.objects.filter(pk=row.pk).update(targets={"contracts": "1"})


def _columns(row: TargetSet) -> dict:
    """What another row says alike."""
    names = ("year", "doc_no", "targets", "drafted_by", "created_at", "updated_at", "version", "head")
    return {name: getattr(row, name) for name in names}
