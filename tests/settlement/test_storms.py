"""Two at once, again: appeals, finality, objections, caps, the order of payment. One wins and the ledger adds up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
import time_machine
from django.db import IntegrityError, connections

from contracts import jobs as contract_jobs
from contracts.services import closing
from engines.evidence.selectors import of_subject
from engines.ledger import selectors as ledger
from engines.publicity.services import handling
from engines.publicity.states import Outcome
from foundation import clock
from foundation.errors import Refused
from programmes import books
from settlement import jobs
from settlement.models import Appeal, Claim, PayoutOrder
from settlement.services import appeals, batches, carrying, payouts, refusing, showing
from settlement.states import ClaimState
from tests.factories.accounts import TESTER
from tests.factories.calendar import know
from tests.factories.contracts import make_contract, make_parties
from tests.factories.programmes import open_year
from tests.factories.providers import list_year
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.conftest import MORNING
from tests.settlement.test_cap_held import leave
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def test_one_of_many_appeals_is_filed():
    case = make_claim("reviewed")
    case.refused()
    version = case.at.version

    def file():
        appeals.file(by=case.deal.parties.pl, claim_id=case.pk, version=version, grounds="没有转包")

    assert at_once([file] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert Appeal.objects.count() == 1


def test_appealed_or_final_but_not_both():
    """The job runs for the day after the last one while the signatory still appeals on it."""
    case = make_claim("reviewed")
    case.refused()
    after = case.at.appeal_until + timedelta(days=1)
    outcome = at_once([case.appealed, lambda: refusing.finish(case.pk, after, by=TESTER)])
    assert outcome in (["ok", "ok"], ["VERSION_CONFLICT", "ok"], ["REFUSAL_FINAL", "ok"])
    claim = case.at
    bucket = ledger.lines(case.deal.at.hold).get(book=books.BUDGET).bucket
    assert (claim.state, bucket) in ((ClaimState.APPEAL, "committed"), (ClaimState.REFUSED, "available"))
    assert ledger.recompute() == []


def test_upheld_or_dismissed_but_not_both():
    case = make_claim("reviewed")
    case.refused()
    case.appealed()
    outcome = at_once([case.upheld, lambda: case.dismissed(case.desk.dp2)])
    assert outcome in (["VERSION_CONFLICT", "ok"], ["WRONG_STATE", "ok"])
    assert case.at.state in (ClaimState.FORMAL_REVIEW, ClaimState.REFUSED)
    assert ledger.recompute() == []


def test_an_objection_decided_while_the_period_is_closed_and_marked(travel):
    batch = make_batch("publicised", cases=[make_claim("passed"), make_claim("passed")])
    disputed = batch.cases[0]
    objection = object_to(batch.at.publicity.items.get(subject_id=disputed.pk)).bring("reported")
    travel.move_to(batch.publicity_over + timedelta(hours=3))

    def close_and_mark():
        batch.do(showing.clear, batch.desk.dp)
        batch.marked()

    def uphold():
        handling.decide(
            by=objection.decider, objection_id=objection.row.pk, version=objection.at.version,
            outcome=Outcome.UPHELD, answer="属实",
        )  # fmt: skip

    outcome = at_once([close_and_mark, uphold])
    assert outcome[-1] == "ok"
    assert set(outcome) <= {"ok", "VERSION_CONFLICT", "BATCH_CONTENT_CHANGED"}
    if outcome == ["ok", "ok"]:
        assert disputed.at.state == ClaimState.FORMAL_REVIEW
    assert disputed.at.state not in (ClaimState.CLEARED, ClaimState.MARKED)
    assert ledger.recompute() == []


def full_cap(travel):
    """Two batches with a claim each of one provider, whose new year's cap has room for one of them."""
    travel.move_to(clock.start_of(date(2026, 12, 20)))
    desk, parties = Desk(), make_parties()
    rounds = []
    for _ in range(2):
        case = make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties))
        filler = make_claim("passed", desk=desk)
        rounds.append(make_batch("reviewed", cases=[case, filler], desk=desk))
    travel.move_to(clock.start_of(date(2027, 1, 1)))
    open_year(2027, budget=Decimal("1000000.00"))
    list_year(parties.provider, 2027)
    come_free = leave(parties.provider, 2027, "9999.99")
    for one in rounds:
        list_year(one.cases[1].deal.parties.provider, 2027)
    contract_jobs.close_year(clock.today())
    come_free("0.01")
    return rounds, books.cap(parties.provider.pk, 2027)


def test_two_batches_do_not_share_the_last_room_of_a_cap(travel):
    rounds, account = full_cap(travel)
    assert at_once([one.approved for one in rounds]) == ["ok", "ok"]
    states = sorted(one.cases[0].at.state for one in rounds)
    assert states == [ClaimState.APPROVED, ClaimState.CAP_HELD]
    assert ledger.balance(account).available == 0
    assert ledger.recompute() == []


def test_without_the_lock_both_think_that_there_is_room(travel, monkeypatch):
    """Negative control: both read the cap before either takes from it. The ledger refuses one whole batch then."""
    rounds, _ = full_cap(travel)
    both_have_read = Barrier(2)

    def peek(*, account):
        seen = ledger.balance(account)
        both_have_read.wait(60)
        return seen

    monkeypatch.setattr(closing.ledger, "freeze", peek)
    assert at_once([one.approved for one in rounds]) == ["LEDGER_SHORT", "ok"]
    assert ledger.recompute() == []


def test_a_newer_order_does_not_pass_a_carried_claim_while_the_job_runs(travel):
    know(2026, 2027)
    travel.move_to(clock.start_of(date(2026, 12, 1)) + timedelta(hours=10))
    old = make_batch("paying")
    travel.move_to(clock.start_of(date(2027, 1, 4)) + timedelta(hours=10))
    open_year(2027, budget=Decimal("1000000.00"))
    contract_jobs.close_year(clock.today())
    new = make_batch("publicised")
    travel.move_to(new.publicity_over + timedelta(hours=10))
    new.cleared()
    new.marked()
    new.paying()
    carry = [lambda: carrying.carry_over(old.cases[0].pk, 2027, by=TESTER)] * 2
    outcome = at_once([new.cases[0].ordered, *carry])
    assert outcome == ["CARRY_FIRST", "ok", "ok"]
    assert (old.cases[0].at.state, new.cases[0].at.state) == (ClaimState.CARRIED_OVER, ClaimState.PAYABLE)


def test_a_third_round_is_not_slipped_in_by_two_at_once():
    open_year(2026)
    desk = Desk()
    today = clock.today()

    def draft():
        batches.open_batch(by=desk.co, title="通知", intake_from=today, intake_to=today)

    assert at_once([draft] * 4) == ["THIRD_BATCH"] * 2 + ["ok"] * 2


def test_the_nightly_jobs_in_parallel_do_everything_once(travel):
    case = make_claim("reviewed")
    case.refused()
    returned = make_claim("submitted", desk=case.desk)
    returned.returned()
    late = make_claim("submitted", desk=case.desk)
    travel.move_to(clock.start_of(date(2026, 3, 17)) + timedelta(hours=2))
    today = clock.today()
    results = []

    def run():
        try:
            results.append(
                (jobs.finish_refusals(today), jobs.time_out_corrections(today), jobs.warn_overdue_claims(today))
            )
        finally:
            connections.close_all()

    assert at_once([run] * 3) == ["ok"] * 3
    counts = ("final", "refused", "warned")
    assert [sum(one[place][name] for one in results) for place, name in enumerate(counts)] == [1, 1, 1]
    assert Claim.objects.get(pk=late.pk).warned_at is not None


# Never paid twice.


def test_a_payment_is_recorded_once_however_many_record_it():
    """Each with a voucher number of its own: the second would be a second payment."""
    pay = make_payout("sent")
    case, version = pay.case, pay.at.version

    def record(number):
        return lambda: payouts.paid(
            by=case.desk.fn, order_id=pay.pk, version=version, voucher_no=f"GK{number:08d}", paid_on=clock.today()
        )

    assert at_once([record(number) for number in range(1, 7)]) == ["VERSION_CONFLICT"] * 5 + ["ok"]
    assert (case.at.state, case.at.paid, case.batch.state) == (ClaimState.PAID, Decimal("10000.00"), "paid_all")
    assert ledger.lines(case.deal.at.hold).get(book=books.BUDGET).bucket == "consumed"
    assert ledger.recompute() == []


def test_a_payment_that_came_back_gets_one_new_order():
    pay = make_payout("sent")
    case = pay.case
    pay.returned("channel")
    claim_version = case.at.version

    def fix_and_order():
        payouts.fix_account(by=case.deal.parties.pl, claim_id=case.pk, version=claim_version)
        case.ordered()

    assert at_once([fix_and_order] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert list(PayoutOrder.objects.order_by("pk").values_list("state", flat=True)) == ["returned", "created"]


def test_without_the_claims_lock_the_table_still_holds_one_order(monkeypatch):
    """Negative control: both see the claim payable and both make an order. The unique constraint refuses the second."""
    case = make_batch("paying").cases[0]
    both_have_read = Barrier(2)

    def peek(claim_id, **_):
        claim = case.at
        both_have_read.wait(60)
        return case.batch, claim.contract, claim

    monkeypatch.setattr(payouts, "_lock", peek)

    def order():
        try:
            case.ordered()
        except IntegrityError as error:
            raise Refused("TABLE", str(error)) from error

    assert at_once([order, order]) == ["TABLE", "ok"]
    assert PayoutOrder.objects.filter(claim=case.pk).count() == 1


def december_order(travel):
    """An order sent in December; it is January, and the money of the year has moved."""
    know(2026, 2027)
    travel.move_to(clock.start_of(date(2026, 12, 1)) + timedelta(hours=10))
    pay = make_payout("sent")
    travel.move_to(clock.start_of(date(2027, 1, 4)) + timedelta(hours=10))
    open_year(2027, budget=Decimal("1000000.00"))
    contract_jobs.close_year(clock.today())
    return pay


def test_paid_while_it_is_carried_over_it_is_paid_once_and_in_one_year(travel):
    pay = december_order(travel)
    case = pay.case
    carry = [lambda: carrying.carry_over(case.pk, 2027, by=TESTER)] * 3
    assert at_once([pay.paid, *carry]) == ["ok"] * 4
    assert (case.at.state, case.at.paid, case.at.cap_year, case.at.budget_year) == (
        ClaimState.PAID, Decimal("10000.00"), 2026, 2027,
    )  # fmt: skip
    assert carrying.carry_over(case.pk, 2027, by=TESTER) is False
    assert ledger.recompute() == []


def test_given_back_while_it_is_carried_over_it_is_payable_once(travel):
    """The treasury returns it and the job carries it at once: whichever is first, one order follows."""
    pay = december_order(travel)
    case = pay.case
    carry = [lambda: carrying.carry_over(case.pk, 2027, by=TESTER)] * 2
    outcome = at_once([lambda: pay.returned("channel"), *carry])
    assert outcome == ["ok"] * 3
    case.do(payouts.fix_account, case.deal.parties.pl)
    assert (case.at.state, case.at.carried_into, case.at.cap_year) == (ClaimState.CARRIED_OVER, 2027, 2026)
    assert at_once([case.ordered] * 4) == ["WRONG_STATE"] * 3 + ["ok"]
    assert PayoutOrder.objects.filter(claim=case.pk).count() == 2


def test_an_appeal_upheld_while_the_refusals_are_finished_keeps_its_money(travel):
    """The job runs long after the last day to appeal: what is under appeal is not its business."""
    case = make_claim("reviewed")
    case.refused()
    case.appealed()
    after = case.at.appeal_until + timedelta(days=30)
    finish = [lambda: refusing.finish(case.pk, after, by=TESTER)] * 3
    assert at_once([case.upheld, *finish]) == ["ok"] * 4
    bucket = ledger.lines(case.deal.at.hold).get(book=books.BUDGET).bucket
    assert (case.at.state, case.at.final_at, bucket) == (ClaimState.FORMAL_REVIEW, None, "committed")


def test_an_appeal_dismissed_while_the_refusals_are_finished_frees_the_money_once(travel):
    case = make_claim("reviewed")
    case.refused()
    case.appealed()
    after = case.at.appeal_until + timedelta(days=30)
    finish = [lambda: refusing.finish(case.pk, after, by=TESTER)] * 3
    assert at_once([case.dismissed, *finish]) == ["ok"] * 4
    assert [one.act for one in of_subject(case.deal.at)].count("refuse_voucher") == 1
    assert ledger.recompute() == []
