"""A batch: plan, approval, 公示, marking, closing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts import jobs
from contracts.services import endings
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.errors import Refused
from programmes import selectors as programmes
from providers import jobs as provider_jobs
from settlement import selectors
from settlement.models import Claim
from settlement.services import approving, batches, funding, reviewing, showing
from settlement.states import BatchState, ClaimState
from tests.factories.accounts import make_user
from tests.factories.calendar import know
from tests.factories.contracts import make_contract, make_parties
from tests.factories.programmes import make_notice, open_year
from tests.factories.providers import list_year
from tests.factories.settlement import BATCH_STEPS, Desk, Round, make_batch, make_claim, make_payout
from tests.settlement.support import lines, refused, standing

pytestmark = pytest.mark.django_db


def intake_today():
    """An intake of this day alone."""
    return {"intake_from": clock.today(), "intake_to": clock.today()}


def states(batch):
    return [case.at.state for case in batch.cases]


def test_rounds_are_numbered_within_their_year():
    first, second = make_batch(cases=[]), make_batch(cases=[])
    assert [(b.at.year, b.at.seq, b.at.number) for b in (first, second)] == [
        (2026, 1, "PC-2026-01"),
        (2026, 2, "PC-2026-02"),
    ]
    assert first.at.notice.year == 2026


def test_last_years_claims_are_settled_before_this_years_notice_is_out(travel):
    """8-16, 8-53: in January no notice is in force yet; the batch goes by the latest one."""
    case = make_claim("passed")
    travel.move_to(clock.start_of(date(2027, 1, 20)) + timedelta(hours=10))
    with pytest.raises(Refused):
        programmes.current_notice(clock.today())
    jobs.close_year(clock.today())
    opened = batches.open_batch(by=case.desk.co, title="2027年度第一批服务券兑付通知", **intake_today())
    assert (opened.number, opened.notice.year) == ("PC-2027-01", 2026)
    batch = Round(case.desk, opened.pk, [case])
    for step in BATCH_STEPS:
        getattr(batch, step)()
    make_payout("paid", case=case)
    assert (case.at.state, case.at.budget_year, case.deal.at.state) == (ClaimState.PAID, 2027, "settled")


def test_the_next_years_notice_does_not_count_before_its_year(travel):
    travel.move_to(clock.start_of(date(2026, 12, 20)))
    open_year(2026)
    make_notice(2027)
    batch = batches.open_batch(by=make_user(Role.CENTRE_CHECKER), title="兑付通知", **intake_today())
    assert batch.notice.year == 2026


def test_no_round_before_the_first_notice():
    with refused("NOTICE_NOT_PUBLISHED"):
        batches.open_batch(by=make_user(Role.CENTRE_CHECKER), title="兑付通知", **intake_today())


def void(case):
    """The department freezes the case's contract and voids it."""
    for act in (endings.freeze, endings.void):
        case.deal.do(act, case.desk.dp, reason="查实转包")


def test_without_names_the_plan_leaves_out_what_cannot_be_approved():
    desk = Desk()
    dead, frozen, good = (make_claim("passed", desk=desk) for _ in range(3))
    void(dead)
    frozen.deal.do(endings.freeze, desk.dp, reason="核查")
    batch = make_batch("taken_in", cases=[dead, frozen, good])
    batch.do(batches.plan, desk.dp)
    assert states(batch) == [ClaimState.PASSED, ClaimState.PASSED, ClaimState.IN_BATCH]
    batch.reviewed()
    batch.approved()
    assert (batch.at.claim_count, good.at.state) == (1, ClaimState.APPROVED)


def test_a_plan_drawn_again_without_names_lets_ended_contracts_go():
    desk = Desk()
    dead, good = (make_claim("passed", desk=desk) for _ in range(2))
    batch = make_batch("reviewed", cases=[dead, good])
    void(dead)
    with refused("CONTRACT_NOT_CONFIRMED") as caught:
        batch.approved()
    assert caught.value.details == {"contracts": [dead.deal.at.number], "states": ["voided"]}
    batch.do(batches.plan, desk.dp)
    assert (states(batch), batch.at.claim_count) == ([ClaimState.PASSED, ClaimState.IN_BATCH], 1)
    batch.reviewed()
    batch.approved()


def test_a_claim_of_an_ended_contract_is_not_planned_by_name():
    dead = make_claim("passed")
    void(dead)
    batch = make_batch("taken_in", cases=[dead])
    with refused("CLAIM_NOT_READY") as caught:
        batch.planned()
    assert caught.value.details["claims"] == [dead.at.number]


def test_the_contracts_of_a_batch_are_locked_in_one_statement():
    desk = Desk()
    batch = make_batch("reviewed", cases=[make_claim("passed", desk=desk) for _ in range(3)])
    with CaptureQueriesContext(connection) as captured:
        batch.approved()
    locking = [one["sql"] for one in captured if "FOR NO KEY UPDATE" in one["sql"]]
    assert len([sql for sql in locking if 'FROM "contracts_contract"' in sql]) == 1


def test_only_the_centre_opens_a_round():
    open_year(2026)
    for role in (Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.PROVIDER_SIGNATORY):
        with refused("NOT_ALLOWED"):
            batches.open_batch(by=make_user(role), title="兑付通知", **intake_today())


def test_the_plan_takes_claims_in_with_their_total():
    desk = Desk()
    reduced = make_claim("reviewed", desk=desk)
    reduced.reduced("0.01")
    batch = make_batch("reviewed", cases=[make_claim("passed", desk=desk), reduced])
    assert (batch.at.state, batch.at.claim_count, batch.at.total) == (BatchState.PLAN_REVIEW, 2, Decimal("19999.99"))
    assert states(batch) == [ClaimState.IN_BATCH, ClaimState.IN_BATCH]


def test_without_names_the_plan_takes_all_that_is_ready():
    desk = Desk()
    ready, waiting = make_claim("passed", desk=desk), make_claim("reviewed", desk=desk)
    batch = make_batch("taken_in", cases=[ready, waiting])
    batch.do(batches.plan, desk.dp)
    assert states(batch) == [ClaimState.IN_BATCH, ClaimState.FORMAL_REVIEW]


def test_a_plan_drawn_again_lets_claims_go():
    desk = Desk()
    kept, reduced = make_claim("passed", desk=desk), make_claim("reviewed", desk=desk)
    reduced.reduced()
    batch = make_batch("reviewed", cases=[kept, reduced])
    batch.do(batches.plan, desk.dp, claim_ids=[kept.pk])
    assert states(batch) == [ClaimState.IN_BATCH, ClaimState.REDUCED]
    assert (batch.at.claim_count, batch.at.total, reduced.at.batch) == (1, Decimal("10000.00"), None)


def test_an_unexamined_claim_is_not_planned():
    case = make_claim("reviewed")
    batch = make_batch("taken_in", cases=[case])
    with refused("CLAIM_NOT_READY") as caught:
        batch.planned()
    assert caught.value.details["claims"] == [case.at.number]


def test_a_claim_is_in_one_batch():
    batch = make_batch("reviewed")
    other = make_batch("taken_in", cases=batch.cases)
    with refused("CLAIM_NOT_READY"):
        other.planned()


def test_a_plan_needs_claims_that_exist():
    batch = make_batch("taken_in")
    with refused("NOT_FOUND"):
        batch.do(batches.plan, batch.desk.dp, claim_ids=[uuid4()])
    with refused("NOTHING_TO_SETTLE"):
        batch.do(batches.plan, batch.desk.dp, claim_ids=[])


def test_only_the_department_plans():
    batch = make_batch("taken_in")
    for role in (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER, Role.FINANCE):
        with refused("NOT_ALLOWED"):
            batch.do(batches.plan, make_user(role))


def test_approval_owes_the_budget_and_marking_uses_up_quota_and_cap():
    batch = make_batch("approved")
    [case] = batch.cases
    assert (batch.at.state, batch.at.approved_by_id, batch.at.approval_no) == (
        BatchState.APPROVED,
        batch.desk.ap.pk,
        "桂工信签〔2026〕18号",
    )
    assert (case.at.state, case.at.cap_year, case.at.budget_year) == (ClaimState.APPROVED, 2026, 2026)
    assert lines(case) == standing("committed", "committed", "due", "10000.00")
    assert batch.at.digest == selectors.digest_of_batch(batch.at)
    for step in ("publicised", "cleared", "marked"):
        getattr(batch, step)()
    assert lines(case) == standing("consumed", "consumed", "due", "10000.00")


def test_each_provider_hears_once_of_all_its_claims():
    parties, desk = make_parties(), Desk()
    own = [make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties)) for _ in range(2)]
    make_batch("approved", cases=[*own, make_claim("passed", desk=desk)])
    told = OutboxEvent.objects.filter(topic="claim.approved")
    assert told.count() == 2
    mine = told.get(organisation_ids=[parties.provider.organisation_id])
    assert "共2笔20,000.00元" in mine.body


def test_only_the_approver_approves():
    batch = make_batch("reviewed")
    for role in (Role.DEPARTMENT, Role.CENTRE_REVIEWER, Role.FINANCE, Role.SYSTEM_ADMIN):
        with refused("NOT_ALLOWED"):
            batch.do(approving.approve, make_user(role), approval_no="文号")


def test_who_drew_the_plan_does_not_approve_it():
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    batch = make_batch("taken_in", cases=[make_claim("passed")])
    batch.do(batches.plan, both)
    batch.reviewed()
    with refused("NOT_ALLOWED"):
        batch.do(approving.approve, both, approval_no="文号")


@pytest.mark.parametrize(("seat", "role"), [("co", Role.CENTRE_CHECKER), ("cr", Role.CENTRE_REVIEWER)])
def test_who_checked_or_reviewed_a_claim_does_not_approve_the_batch(seat, role):
    both = make_user(role, Role.APPROVER)
    batch = make_batch("reviewed", cases=[make_claim("passed", desk=Desk(**{seat: both}))], desk=Desk())
    with refused("NOT_ALLOWED"):
        batch.do(approving.approve, both, approval_no="文号")


def test_who_decided_a_claim_does_not_approve_the_batch():
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    batch = make_batch("taken_in", cases=[make_claim("passed", desk=Desk(dp=both)), make_claim("passed")], desk=Desk())
    batch.planned()
    batch.reviewed()
    with refused("NOT_ALLOWED"):
        batch.do(approving.approve, both, approval_no="文号")


def test_who_once_returned_a_claim_does_not_approve_the_batch():
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    case = make_claim("reviewed")
    case.do(reviewing.send_back, both, items=[{"code": "F25", "text": "请说明"}])
    for step in ("submitted", "checked", "reviewed", "passed"):
        getattr(case, step)()
    batch = make_batch("reviewed", cases=[case])
    with refused("NOT_ALLOWED"):
        batch.do(approving.approve, both, approval_no="文号")


def test_a_disputed_contract_stops_the_approval_of_all():
    desk = Desk()
    cases = [make_claim("passed", desk=desk) for _ in range(2)]
    batch = make_batch("reviewed", cases=cases)
    deal = cases[1].deal
    endings.open_dispute(by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, reason="对成果有异议")
    with refused("CONTRACT_NOT_CONFIRMED"):
        batch.approved()


def test_a_plan_that_no_longer_adds_up_is_not_approved():
    batch = make_batch("reviewed")
    with refused("PLAN_CHANGED"):
        Claim.objects.filter(batch=batch.pk).update(approved="9999.99", reduction_code="F25", reduction_reason="篡改")
        batch.approved()


def test_next_years_approval_waits_for_the_year_to_be_closed_and_counts_in_the_next_year(travel):
    travel.move_to(clock.start_of(date(2026, 12, 20)))
    batch = make_batch("reviewed")
    [case] = batch.cases
    travel.move_to(clock.start_of(date(2027, 1, 1)))
    open_year(2027, budget=Decimal("1000000.00"))
    list_year(case.deal.parties.provider, 2027)
    with refused("YEAR_NOT_CLOSED"):
        batch.approved()
    jobs.close_year(clock.today())
    batch.approved()
    assert (case.at.cap_year, case.at.budget_year, case.deal.at.quota_year) == (2027, 2027, 2026)


def test_publicity_moves_every_claim():
    batch = make_batch("publicised")
    shown = batch.at.publicity
    assert (batch.at.state, shown.kind, shown.first, shown.last) == (
        BatchState.PUBLICITY,
        "settlement",
        date(2026, 3, 2),
        date(2026, 3, 6),
    )
    assert states(batch) == [ClaimState.PUBLICITY]


def test_the_public_reads_names_codes_product_and_amounts_and_nothing_about_people():
    batch = make_batch("publicised")
    [case] = batch.cases
    [item] = batch.at.publicity.items.all()
    contract = case.deal.at
    assert item.body == {
        "企业名称": contract.enterprise.organisation.name,
        "企业统一社会信用代码": contract.enterprise.uscc,
        "服务商名称": contract.provider.organisation.name,
        "服务商统一社会信用代码": contract.provider.uscc,
        "服务产品": contract.terms["product"]["name"],
        "合同金额（元）": f"{contract.amount:.2f}",
        "服务券补贴金额（元）": "10000.00",
    }


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 1), date(2026, 3, 9), "PUBLICITY_BEFORE_DECISION"),
        (date(2026, 3, 2), date(2026, 3, 5), "PUBLICITY_TOO_SHORT"),
        (date(2026, 3, 9), date(2026, 3, 2), "PUBLICITY_ORDER"),
    ],
)
def test_publicity_follows_the_approval_and_is_long_enough(first, last, code):
    batch = make_batch("approved")
    with refused(code):
        batch.do(showing.publicise, batch.desk.dp, first=first, last=last, reference="公示")


def test_publicity_is_not_cut_short(travel):
    batch = make_batch("publicised")
    travel.move_to(batch.publicity_over - timedelta(seconds=1))
    with refused("PUBLICITY_NOT_OVER"):
        batch.do(showing.clear, batch.desk.dp)
    travel.move_to(batch.publicity_over)
    batch.do(showing.clear, batch.desk.dp)
    assert (batch.at.state, states(batch)) == (BatchState.CLEARED, [ClaimState.CLEARED])


def test_marked_and_funded_every_claim_is_payable():
    batch = make_batch("paying")
    assert (batch.at.state, batch.at.marked_by_id, states(batch)) == (
        BatchState.PAYING,
        batch.desk.dp.pk,
        [ClaimState.PAYABLE],
    )


@pytest.mark.parametrize(
    "change",
    [{"approved": "9999.99", "reduction_code": "F25", "reduction_reason": "篡改"}, {"account": {"number": "1"}}],
)
def test_what_was_changed_after_the_approval_is_not_marked(change):
    batch = make_batch("cleared")
    with refused("BATCH_CONTENT_CHANGED"):
        Claim.objects.filter(batch=batch.pk).update(**change)
        batch.marked()


MARK = {"request_no": "文号"}
PUBLICITY = {"first": date(2026, 3, 2), "last": date(2026, 3, 9), "reference": "公示"}


def test_only_the_department_publishes_and_marks():
    batch = make_batch("reviewed")
    for role in (Role.CENTRE_CHECKER, Role.APPROVER, Role.FINANCE):
        by = make_user(role)
        for service, fields in ((showing.publicise, PUBLICITY), (showing.clear, {}), (funding.mark, MARK)):
            with refused("NOT_ALLOWED"):
                batch.do(service, by, **fields)


def test_no_step_is_skipped():
    batch = make_batch()
    desk = batch.desk
    steps: list[tuple[Any, Any, dict[str, Any]]] = [
        (approving.approve, desk.ap, {"approval_no": "文号"}),
        (showing.publicise, desk.dp, PUBLICITY),
        (showing.clear, desk.dp, {}),
        (funding.mark, desk.dp, MARK),
        (funding.fund, desk.fn, {"funding_no": "文号", "amount": Decimal("1.00")}),
        (batches.close, desk.co, {}),
    ]
    for service, by, fields in steps:
        with refused("WRONG_STATE"):
            batch.do(service, by, **fields)


def test_an_approved_plan_is_not_drawn_again():
    batch = make_batch("approved")
    with refused("WRONG_STATE"):
        batch.planned()


def test_a_paid_batch_is_closed():
    pay = make_payout("paid")
    batch = pay.case.batch
    assert batch.state == BatchState.PAID_ALL
    with refused("NOT_ALLOWED"):
        batches.close(by=make_user(Role.FINANCE), batch_id=batch.pk, version=batch.version)
    closed = batches.close(by=pay.case.desk.co, batch_id=batch.pk, version=batch.version)
    assert (closed.state, closed.closed_by_id) == (BatchState.CLOSED, pay.case.desk.co.pk)


def test_a_batch_still_paying_is_not_closed():
    batch = make_batch("paying")
    with refused("WRONG_STATE"):
        batch.do(batches.close, batch.desk.co)


def test_a_provider_that_was_not_listed_again_settles_what_it_did_while_it_was(travel):
    """8-37: the listing has ended with its year; approval, 公示 and payment of the year after go on."""
    know(2026, 2027)
    travel.move_to(clock.start_of(date(2026, 12, 20)))
    batch = make_batch("reviewed")
    [case] = batch.cases
    travel.move_to(clock.start_of(date(2027, 1, 4)))
    open_year(2027, budget=Decimal("1000000.00"))
    assert provider_jobs.expire_listings(clock.today())["listings"] == 1
    jobs.close_year(clock.today())
    batch.approved()
    batch.publicised()
    travel.move_to(batch.publicity_over)
    batch.cleared()
    batch.marked()
    batch.paying()
    make_payout("paid", case=case)
    assert (case.at.state, case.at.cap_year, case.at.budget_year) == (ClaimState.PAID, 2027, 2027)
