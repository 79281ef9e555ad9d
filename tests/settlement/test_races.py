"""Two at once: one wins, the other is told, and nothing is paid twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from engines.ledger import selectors as ledger
from settlement.models import Claim, PayoutOrder
from settlement.services import approving, filing, lapsing, payouts
from settlement.states import ClaimState
from tests.factories.accounts import TESTER
from tests.factories.contracts import make_contract
from tests.factories.settlement import make_batch, make_claim, make_payout
from tests.settlement.conftest import MORNING
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
THREADS = 8


@pytest.fixture(autouse=True)
def travel():
    """Started before the threads, so that they live in March too."""
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def test_a_contract_is_claimed_once_by_many():
    deal = make_contract("confirmed")
    outcome = at_once([lambda: filing.create(by=deal.parties.po, contract_id=deal.pk)] * THREADS)
    assert outcome == ["ALREADY_CLAIMED"] * (THREADS - 1) + ["ok"]
    assert Claim.objects.count() == 1


def test_one_order_is_made_by_many():
    case = make_batch("paying").cases[0]
    outcome = at_once([lambda: payouts.create(by=case.desk.co, claim_id=case.pk)] * THREADS)
    assert outcome == ["WRONG_STATE"] * (THREADS - 1) + ["ok"]
    assert PayoutOrder.objects.count() == 1


def test_a_claim_enters_one_of_two_batches():
    case = make_claim("passed")
    rounds = [make_batch("taken_in", cases=[case]) for _ in range(2)]
    assert at_once([one.planned for one in rounds]) == ["CLAIM_NOT_READY", "ok"]
    assert [one.at.claim_count for one in rounds].count(1) == 1


def test_a_batch_is_approved_once():
    batch = make_batch("reviewed")
    version = batch.at.version

    def approve() -> None:
        approving.approve(by=batch.desk.ap, batch_id=batch.pk, version=version, approval_no="文号")

    assert at_once([approve] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert ledger.recompute() == []


def test_submitted_or_lapsed_but_not_both(travel):
    """The job runs for the day after the last one while the signatory still submits on it."""
    case = make_claim()
    after = case.at.due + timedelta(days=1)

    def lapse() -> None:
        lapsing.lapse(case.deal.pk, after, by=TESTER)

    outcome = at_once([case.submitted, lapse])
    assert outcome in (["ok", "ok"], ["CLAIM_LAPSED", "ok"])
    assert (case.at.state, case.deal.at.state) in ((ClaimState.SUBMITTED, "confirmed"), (ClaimState.DRAFT, "overdue"))


def test_paid_or_returned_but_not_both():
    pay = make_payout("sent")
    outcome = at_once([lambda: pay.paid("GK2026000001"), pay.returned])
    assert outcome[-1] == "ok"
    assert set(outcome[:-1]) <= {"VERSION_CONFLICT", "WRONG_STATE", "CONTRACT_NOT_CONFIRMED"}
    assert pay.case.at.state in (ClaimState.PAID, ClaimState.BOUNCED)
    assert ledger.recompute() == []


def test_the_two_last_payments_of_a_batch_see_each_other():
    first = make_claim("passed")
    batch = make_batch("paying", cases=[first, make_claim("passed", desk=first.desk)])
    pays = [make_payout("sent", case=case) for case in batch.cases]
    assert at_once([pays[0].paid, pays[1].paid]) == ["ok", "ok"]
    assert batch.at.state == "paid_all"
