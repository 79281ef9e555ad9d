"""From filing to decision (DOMAIN section 4, row 31; 8-39)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.states import OrganisationKind, Role
from credit import selectors
from credit.models import Complaint
from credit.services import complaints
from credit.states import ComplaintState
from engines.evidence.services import record
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.errors import Forbidden, Invalid, NotFound, Refused
from tests.factories.accounts import TESTER, make_organisation, make_uscc, make_user, officer
from tests.factories.contracts import upload
from tests.factories.credit import Offices, make_complaint
from tests.factories.providers import notice_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]


def snapshot(row: Complaint) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.version


def test_filing_tells_the_centre_and_sets_its_date() -> None:
    filer = make_user(Role.ENTERPRISE_AGENT)
    provider = make_organisation(OrganisationKind.PROVIDER)
    centre = officer(Role.CENTRE_CHECKER).organisation
    notice_of(clock.today().year)
    row = complaints.file(by=filer, uscc=provider.uscc, facts="未到场", contract_number="FWQ-2026-000001")
    assert (row.state, row.party_name, row.party_kind) == ("filed", provider.name, "provider")
    assert row.number.startswith(f"TS-{clock.today().year}-")
    told = OutboxEvent.objects.get(subject_id=row.pk)
    assert centre.pk in told.organisation_ids
    assert provider.pk not in told.organisation_ids
    assert str(row.accept_due) in told.body


def test_the_clocks_are_the_notices() -> None:
    row = make_complaint("accepted")
    assert row.result_due == clock.today() + timedelta(days=30)
    assert row.longest_due == clock.today() + timedelta(days=90)


@pytest.mark.parametrize(("code", "error"), [("91450199MA6K00014X", "USCC_INVALID"), (None, "PARTY_UNKNOWN")])
def test_only_a_registered_party_can_be_complained_of(code: str | None, error: str) -> None:
    filer = make_user(Role.ENTERPRISE_AGENT)
    with pytest.raises(Invalid) as caught, transaction.atomic():
        complaints.file(by=filer, uscc=code or make_uscc(), facts="x")
    assert (caught.value.code, Complaint.objects.count()) == (error, 0)


def test_nobody_complains_of_his_own_house() -> None:
    filer = make_user(Role.PROVIDER_AGENT)
    with pytest.raises(Invalid) as caught, transaction.atomic():
        complaints.file(by=filer, uscc=filer.organisation.uscc, facts="x")
    assert (caught.value.code, Complaint.objects.count()) == ("COMPLAINT_AGAINST_ONESELF", 0)


def test_the_same_matter_is_filed_once_while_it_is_open() -> None:
    first = make_complaint(contract_number="FWQ-2026-000001")
    with pytest.raises(Refused) as caught, transaction.atomic():
        complaints.file(by=first.filed_by, uscc=first.uscc, facts="再次", contract_number="FWQ-2026-000001")
    assert (caught.value.code, caught.value.details["complaint"]) == ("COMPLAINT_OPEN", first.number)
    assert Complaint.objects.count() == 1


def test_the_files_of_others_are_not_found() -> None:
    filer, stranger = make_user(Role.ENTERPRISE_AGENT), make_user(Role.ENTERPRISE_AGENT)
    party = make_organisation(OrganisationKind.PROVIDER)
    notice_of(clock.today().year)
    with pytest.raises(NotFound), transaction.atomic():
        complaints.file(by=filer, uscc=party.uscc, facts="x", file_ids=[upload(stranger).pk])
    assert Complaint.objects.count() == 0


def test_the_party_is_told_only_once_it_is_accepted() -> None:
    row = make_complaint("accepted")
    told = [event.title for event in OutboxEvent.objects.filter(organisation_ids__contains=[row.organisation_id])]
    assert told == [f"有针对贵单位的投诉：{row.number}"]


def test_who_accepted_does_not_investigate_and_who_investigated_does_not_decide() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    hands = Offices()
    hands.co = both
    row = make_complaint("accepted", offices=hands)
    with pytest.raises(Forbidden), transaction.atomic():
        complaints.investigate(by=both, complaint_id=row.pk, version=2, findings="x")
    assert snapshot(row) == ("accepted", 2)


def test_a_refusal_names_its_reason_and_leaves_the_party_alone() -> None:
    row = make_complaint()
    complaints.refuse(by=officer(Role.CENTRE_CHECKER), complaint_id=row.pk, version=1, code="no_facts", text="无事实")
    row.refresh_from_db()
    assert (row.state, row.refusal_code) == ("not_accepted", "no_facts")
    assert not OutboxEvent.objects.filter(organisation_ids__contains=[row.organisation_id]).exists()


@pytest.mark.parametrize(
    ("days", "code"), [(30, "DEADLINE_NOT_LATER"), (91, "DEADLINE_TOO_LATE")], ids=["not later", "beyond the longest"]
)
def test_more_time_has_bounds(days: int, code: str) -> None:
    row = make_complaint("accepted")
    until = clock.today() + timedelta(days=days)
    with pytest.raises(Invalid) as caught, transaction.atomic():
        complaints.extend(by=officer(Role.APPROVER), complaint_id=row.pk, version=2, until=until, reason="x")
    assert (caught.value.code, snapshot(row)) == (code, ("accepted", 2))


def test_the_approver_gives_more_time_up_to_the_longest() -> None:
    row = make_complaint("accepted")
    until = clock.today() + timedelta(days=90)
    complaints.extend(by=officer(Role.APPROVER), complaint_id=row.pk, version=2, until=until, reason="鉴定")
    row.refresh_from_db()
    assert row.result_due == until


def test_a_complaint_found_true_counts_against_the_party() -> None:
    row = make_complaint("upheld")
    make_complaint("not_upheld", against=row.organisation)
    assert selectors.upheld_complaints([row.uscc]) == {row.uscc: 1}
    assert selectors.upheld_complaints([row.uscc], clock.today().year - 1) == {}


def test_open_complaints_of_a_contract_are_named() -> None:
    row = make_complaint("accepted", contract_number="FWQ-2026-000009")
    make_complaint("upheld", contract_number="FWQ-2026-000009")
    assert selectors.open_complaints("FWQ-2026-000009", [row.uscc]) == [row.number]
    assert selectors.open_complaints("", [row.uscc]) == []


def test_a_complaint_of_somebody_else_that_names_the_contract_means_nothing_for_it() -> None:
    make_complaint("accepted", contract_number="FWQ-2026-000009")
    assert selectors.open_complaints("FWQ-2026-000009", [make_complaint("accepted").uscc]) == []


def test_the_filer_takes_it_back_before_the_investigation_ends() -> None:
    row = make_complaint("accepted")
    complaints.withdraw(by=row.filed_by, complaint_id=row.pk, version=2, reason="已解决")
    assert snapshot(row) == ("withdrawn", 3)


def test_a_stranger_cannot_take_it_back() -> None:
    row = make_complaint()
    with pytest.raises(Forbidden), transaction.atomic():
        complaints.withdraw(by=make_user(Role.ENTERPRISE_AGENT), complaint_id=row.pk, version=1, reason="x")
    assert snapshot(row) == ("filed", 1)


@pytest.mark.parametrize(
    ("state", "changes", "constraint"),
    [
        ("filed", {"accepted_at": "now"}, "complaint_accept_whole"),
        ("accepted", {"investigated_at": "now"}, "complaint_investigate_both"),
        ("accepted", {"decided_at": "now"}, "complaint_decide_both"),
        ("accepted", {"result_due": date(2099, 1, 1)}, "complaint_within_longest"),
        ("investigated", {"findings": ""}, "complaint_investigated_state"),
        ("upheld", {"result": ""}, "complaint_decided_state"),
        ("filed", {"filer": "self"}, "complaint_not_against_oneself"),
        ("investigated", {"investigated_by": "acceptor"}, "complaint_three_people"),
    ],
)
def test_the_database_holds_it_too(state: str, changes: dict, constraint: str) -> None:
    row = make_complaint(state)
    special = {"now": clock.now(), "self": row.organisation, "acceptor": row.accepted_by}
    for name, value in changes.items():
        setattr(row, name, special.get(value, value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        record(row, act="break", by=TESTER)


@pytest.mark.parametrize(
    ("state", "constraint"),
    [("accepted", "complaint_accepted_state"), ("not_accepted", "complaint_refused_state")],
)
def test_no_state_without_what_it_needs(state: str, constraint: str) -> None:
    row = make_complaint()
    broken = Complaint(
        **{f.name: getattr(row, f.name) for f in Complaint._meta.concrete_fields if f.name not in
           ("id", "state", "number", "version", "head")},
        state=ComplaintState(state), number="TS-x",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        record(broken, act="break", by=TESTER)
