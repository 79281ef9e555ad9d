"""Credit records: three people, what they block, repair, expiry (第二十四条、第二十七条, 8-41)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.states import OrganisationKind, Role
from credit import selectors
from credit.models import CreditRecord
from credit.services import commit, records, refuse_restricted
from credit.states import Ground
from engines.evidence.services import record as save
from foundation import clock, jobs
from foundation.errors import Forbidden, Invalid, Refused
from tests.factories.accounts import TESTER, both_sides, make_organisation, make_uscc, make_user, officer
from tests.factories.credit import Offices, make_complaint, make_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]


def seen(row: CreditRecord) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.version


def test_a_record_in_force_blocks_and_says_by_which_document() -> None:
    row = make_record(until=clock.today() + timedelta(days=730))
    with pytest.raises(Refused) as caught, transaction.atomic():
        refuse_restricted(row.uscc, "签订新合同")
    assert caught.value.code == "PARTY_RESTRICTED"
    assert caught.value.details == {
        "uscc": row.uscc, "record": row.number, "decision_no": "桂工信信用〔2026〕3号", "until": str(row.until),
    }  # fmt: skip
    assert "不能签订新合同" in caught.value.message


@pytest.mark.parametrize("state", ["proposed", "reviewed"])
def test_what_is_not_decided_blocks_nobody(state: str) -> None:
    row = make_record(state)
    refuse_restricted(row.uscc, "签订新合同")
    assert selectors.restriction(row.uscc, clock.today()) is None


def test_a_record_may_be_kept_without_blocking() -> None:
    row = make_record(blocks=False)
    assert selectors.restriction(row.uscc, clock.today()) is None


def test_it_binds_who_is_not_registered_yet() -> None:
    code = make_uscc()
    row = make_record(uscc=code, party_name="广西未注册有限公司", party_kind="enterprise")
    assert (row.organisation, selectors.restriction(code, clock.today())) == (None, row)


def test_an_unregistered_party_must_be_named() -> None:
    with pytest.raises(Invalid) as caught, transaction.atomic():
        make_record("proposed", uscc=make_uscc())
    assert (caught.value.code, CreditRecord.objects.count()) == ("PARTY_INCOMPLETE", 0)


def test_the_record_that_lasts_longest_is_named() -> None:
    short = make_record(until=clock.today() + timedelta(days=10))
    endless = make_record(uscc=short.uscc)
    assert selectors.restriction(short.uscc, clock.today()) == endless


@pytest.mark.parametrize("act", ["review", "decide"])
def test_three_people(act: str) -> None:
    hands = Offices()
    hands.co = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = make_record("proposed" if act == "review" else "reviewed", offices=hands) if act == "review" else None
    if row is not None:
        with pytest.raises(Forbidden), transaction.atomic():
            records.review(by=hands.co, record_id=row.pk, version=1)
        assert seen(row) == ("proposed", 1)
        return
    row = make_record("reviewed")
    with pytest.raises(Forbidden), transaction.atomic():
        records.decide(by=row.reviewed_by, record_id=row.pk, version=2, decision_no="x", since=clock.today())
    assert seen(row) == ("reviewed", 2)


@pytest.mark.parametrize(("since", "until"), [(1, None), (0, -1), (-10, -11)])
def test_a_decision_has_a_sensible_period(since: int, until: int | None) -> None:
    row, today = make_record("reviewed"), clock.today()
    with pytest.raises(Invalid) as caught, transaction.atomic():
        records.decide(
            by=officer(Role.DEPARTMENT), record_id=row.pk, version=2, decision_no="x",
            since=today + timedelta(days=since), until=None if until is None else today + timedelta(days=until),
        )  # fmt: skip
    assert (caught.value.code, seen(row)) == ("RECORD_PERIOD", ("reviewed", 2))


@pytest.mark.parametrize("found", [None, "accepted", "not_upheld"])
def test_a_complaint_must_be_found_true_to_be_a_ground(found: str | None) -> None:
    complaint = make_complaint(found) if found else None
    uscc = complaint.uscc if complaint else make_organisation(OrganisationKind.PROVIDER).uscc
    with pytest.raises(Refused) as caught, transaction.atomic():
        make_record("proposed", uscc=uscc, ground=Ground.COMPLAINT, complaint_id=complaint.pk if complaint else None)
    assert (caught.value.code, CreditRecord.objects.count()) == ("COMPLAINT_NOT_UPHELD", 0)


def test_a_complaint_found_true_may_become_a_record() -> None:
    complaint = make_complaint("upheld")
    row = make_record(uscc=complaint.uscc, ground=Ground.COMPLAINT, complaint_id=complaint.pk)
    assert (row.complaint, row.state) == (complaint, "in_force")


def test_repair_lifts_the_block() -> None:
    provider = make_organisation(OrganisationKind.PROVIDER)
    _, signatory = both_sides(provider)
    row = make_record(uscc=provider.uscc)
    records.ask_repair(by=signatory, record_id=row.pk, version=3, text="已退回补贴")
    assert selectors.restriction(row.uscc, clock.today()) == row  # asking alone lifts nothing
    records.repair(by=officer(Role.DEPARTMENT), record_id=row.pk, version=4, reason="整改到位")
    assert (seen(row), selectors.restriction(row.uscc, clock.today())) == (("repaired", 5), None)


def test_a_repair_refused_may_be_asked_again() -> None:
    provider = make_organisation(OrganisationKind.PROVIDER)
    _, signatory = both_sides(provider)
    row = make_record(uscc=provider.uscc)
    records.ask_repair(by=signatory, record_id=row.pk, version=3, text="一")
    records.refuse_repair(by=officer(Role.DEPARTMENT), record_id=row.pk, version=4, reason="未退回")
    records.ask_repair(by=signatory, record_id=row.pk, version=5, text="二")
    assert seen(row) == ("repair_applied", 6)


def test_another_house_cannot_ask_for_repair() -> None:
    row = make_record()
    with pytest.raises(Forbidden), transaction.atomic():
        records.ask_repair(by=make_user(Role.PROVIDER_SIGNATORY), record_id=row.pk, version=3, text="x")
    assert seen(row) == ("in_force", 3)


ENDS = {"repair": "repaired", "refuse_repair": "in_force", "correct": "corrected"}


@pytest.mark.parametrize("act", ENDS)
@pytest.mark.parametrize("had", ["proposed_by", "reviewed_by", "decided_by"])
def test_who_made_a_record_has_no_part_in_its_end(act: str, had: str) -> None:
    """No person does two of K, R, D on one case, over all its rounds (DOMAIN 4, rows 35 and rule 1)."""
    provider, hands = make_organisation(OrganisationKind.PROVIDER), Offices()
    _, signatory = both_sides(provider)
    one = make_user(Role.DEPARTMENT, Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    setattr(hands, {"proposed_by": "co", "reviewed_by": "cr", "decided_by": "dp"}[had], one)
    row = make_record(uscc=provider.uscc, offices=hands)
    for version, words in ((3, "已退回补贴"), (5, "已退回全部补贴")):  # in the second round no more than in the first
        records.ask_repair(by=signatory, record_id=row.pk, version=version, text=words)
        with pytest.raises(Forbidden) as caught, transaction.atomic():
            getattr(records, act)(by=one, record_id=row.pk, version=version + 1, reason="x")
        assert caught.value.code == "NOT_ALLOWED"
        assert "须由厅职能处室中未提出、复核、决定过该记录的人办理" in caught.value.message
        assert seen(row) == ("repair_applied", version + 1)
        if version == 3:
            records.refuse_repair(by=officer(Role.DEPARTMENT), record_id=row.pk, version=4, reason="未退回")
    getattr(records, act)(by=officer(Role.DEPARTMENT), record_id=row.pk, version=6, reason="已核实")
    assert seen(row) == (ENDS[act], 7)


def test_who_decided_does_not_take_it_back() -> None:
    row = make_record()
    with pytest.raises(Forbidden), transaction.atomic():
        records.correct(by=row.decided_by, record_id=row.pk, version=3, reason="x")
    assert seen(row) == ("in_force", 3)
    records.correct(by=officer(Role.DEPARTMENT), record_id=row.pk, version=3, reason="认定有误")
    assert (seen(row), selectors.restriction(row.uscc, clock.today())) == (("corrected", 4), None)


def test_the_last_day_counts_and_the_job_ends_it_after(travel) -> None:
    row = make_record(until=clock.today() + timedelta(days=1))
    travel(row.until)
    assert jobs.run("expire_credit_records") == {"expired": 0}
    assert selectors.restriction(row.uscc, clock.today()) == row
    travel(row.until + timedelta(days=1))
    assert selectors.restriction(row.uscc, clock.today()) is None  # also before the job ran
    assert jobs.run("expire_credit_records") == {"expired": 1}
    assert jobs.run("expire_credit_records") == {"expired": 0}
    assert seen(row) == ("expired", 4)


def test_a_party_sees_its_record_once_it_is_decided() -> None:
    provider = make_organisation(OrganisationKind.PROVIDER)
    agent, _ = both_sides(provider)
    row = make_record("reviewed", uscc=provider.uscc)
    assert list(selectors.visible_records(agent)) == []
    records.decide(by=officer(Role.DEPARTMENT), record_id=row.pk, version=2, decision_no="x", since=clock.today())
    assert list(selectors.visible_records(agent)) == [row]


def test_signing_the_commitment_twice_signs_once() -> None:
    _, signatory = both_sides(make_organisation(OrganisationKind.PROVIDER))
    first, again = commit(by=signatory), commit(by=signatory)
    assert (first, first.text_version, len(first.text_sm3)) == (again, 1, 64)
    assert selectors.has_committed(signatory.organisation)


def test_an_agent_does_not_commit_his_house() -> None:
    agent = make_user(Role.ENTERPRISE_AGENT)
    with pytest.raises(Forbidden), transaction.atomic():
        commit(by=agent)
    assert not selectors.has_committed(agent.organisation)


@pytest.mark.parametrize(
    ("state", "changes", "constraint"),
    [
        ("proposed", {"reviewed_at": "now"}, "credit_review_both"),
        ("reviewed", {"since": date(2026, 1, 1)}, "credit_decide_whole"),
        ("in_force", {"ended_at": "now"}, "credit_end_both"),
        ("in_force", {"decision_no": ""}, "credit_decided_state"),
        ("in_force", {"until": date(2020, 1, 1)}, "credit_period_order"),
        ("reviewed", {"proposed_by": "reviewer"}, "credit_four_people"),
        ("in_force", {"ended_by": "decider", "ended_at": "now"}, "credit_four_people"),
        ("in_force", {"ended_by": "reviewer", "ended_at": "now"}, "credit_four_people"),
        ("proposed", {"party_kind": "centre"}, "credit_of_a_party"),
    ],
)
def test_the_database_holds_it_too(state: str, changes: dict, constraint: str) -> None:
    row = make_record(state)
    special = {"now": clock.now(), "reviewer": row.reviewed_by, "decider": row.decided_by}
    for name, value in changes.items():
        setattr(row, name, special.get(value, value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        save(row, act="break", by=TESTER)


@pytest.mark.parametrize(
    ("state", "constraint"),
    [
        ("reviewed", "credit_reviewed_state"),
        ("repair_applied", "credit_"),
        ("declined", "credit_declined_state"),
        ("repaired", "credit_"),
    ],
)
def test_no_state_without_what_it_needs(state: str, constraint: str) -> None:
    row = make_record("proposed")
    values = {f.name: getattr(row, f.name) for f in CreditRecord._meta.concrete_fields}
    for name in ("id", "version", "head"):
        values.pop(name)
    broken = CreditRecord(**{**values, "state": state, "number": "XY-x"})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        save(broken, act="break", by=TESTER)
