"""A provider's cap of the approval's year is full: its claims wait for the next, the others go on (8-18, 8-19)."""

from datetime import date
from decimal import Decimal

import pytest

from contracts import jobs as contract_jobs
from engines.ledger import selectors as balances
from engines.ledger import services as ledger
from engines.notifications.models import OutboxEvent
from foundation import clock
from foundation.ids import new_id
from programmes import books
from settlement.services import batches
from settlement.states import BatchState, ClaimState
from tests.factories.accounts import TESTER
from tests.factories.contracts import make_contract, make_parties
from tests.factories.programmes import open_year
from tests.factories.providers import list_year
from tests.factories.settlement import Desk, make_batch, make_claim
from tests.settlement.support import last, lines, refused

pytestmark = pytest.mark.django_db


def leave(provider, year, amount):
    """The provider's cap of the year has just `amount` 元 left. Returns what makes `more` 元 come free again."""
    account = books.cap(provider.pk, year)
    taken, hold = balances.balance(account).available - Decimal(amount), new_id()
    ledger.hold(hold=hold, accounts=[account], amount=taken, by=TESTER, reason="test")
    return lambda more: ledger.reduce(hold=hold, amount=taken - Decimal(more), by=TESTER, reason="test")


def into_next_year(travel, providers, left):
    travel.move_to(clock.start_of(date(2027, 1, 1)))
    open_year(2027, budget=Decimal("1000000.00"))
    for provider in providers:
        list_year(provider, 2027)
    come_free = leave(providers[0], 2027, left)
    contract_jobs.close_year(clock.today())
    return come_free


@pytest.fixture
def december(travel):
    travel.move_to(clock.start_of(date(2026, 12, 20)))
    return travel


def states(batch):
    return [case.at.state for case in batch.cases]


def test_without_room_a_claim_is_held_and_the_rest_is_approved(december):
    desk = Desk()
    cases = [make_claim("passed", desk=desk) for _ in range(2)]
    batch = make_batch("reviewed", cases=cases, desk=desk)
    into_next_year(december, [case.deal.parties.provider for case in cases], "9999.99")
    batch.approved()
    assert states(batch) == [ClaimState.CAP_HELD, ClaimState.APPROVED]
    assert (batch.at.state, batch.at.claim_count, batch.at.total) == (BatchState.APPROVED, 1, Decimal("10000.00"))
    held = cases[0].at
    assert (held.batch_id, held.cap_held_year, held.cap_year) == (None, 2027, None)
    assert last(held).facts == {
        "batch": batch.at.number, "cap": "5000000.00", "used": "4990000.01", "amount": "10000.00", "state": "cap_held",
    }  # fmt: skip
    assert lines(cases[0])[books.BUDGET] == ("committed", Decimal("10000.00"))
    assert "不作废" in OutboxEvent.objects.get(topic="claim.cap_held").body


def test_of_one_provider_no_smaller_later_claim_passes_the_one_that_is_held(december):
    desk, parties = Desk(), make_parties()
    large = make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties))
    small = make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties, amount="1250.00"))
    other = make_claim("passed", desk=desk)
    batch = make_batch("reviewed", cases=[large, small, other], desk=desk)
    come_free = into_next_year(december, [parties.provider, other.deal.parties.provider], "999.99")
    come_free("4000.01")
    batch.approved()
    assert states(batch) == [ClaimState.CAP_HELD, ClaimState.CAP_HELD, ClaimState.APPROVED]


def test_when_all_are_held_there_is_nothing_to_approve(december):
    batch = make_batch("reviewed")
    into_next_year(december, [batch.cases[0].deal.parties.provider], "0.01")
    with refused("CAP_HELD") as caught:
        batch.approved()
    assert caught.value.details["claims"] == [batch.cases[0].at.number]


def test_a_decision_of_the_office_lets_a_claim_pass_the_cap(december):
    batch = make_batch("reviewed")
    [case] = batch.cases
    provider = case.deal.parties.provider
    into_next_year(december, [provider], "4000.00")
    batch.approved(cap_override_no="桂工信函〔2027〕3号")
    assert (case.at.state, case.at.cap_year, case.at.cap_override_no) == (
        ClaimState.APPROVED, 2027, "桂工信函〔2027〕3号",
    )  # fmt: skip
    cap = balances.balance(books.cap(provider.pk, 2027))
    assert (cap.issued, cap.available) == (Decimal("5006000.00"), Decimal("0.00"))
    assert balances.recompute() == []


def test_held_in_one_year_it_goes_first_in_the_next(december):
    desk, parties = Desk(), make_parties()
    held = make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties))
    other = make_claim("passed", desk=desk)
    batch = make_batch("reviewed", cases=[held, other], desk=desk)
    into_next_year(december, [parties.provider, other.deal.parties.provider], "1.00")
    batch.approved()
    december.move_to(clock.start_of(date(2028, 1, 1)))
    contract_jobs.close_year(clock.today())
    again = make_batch("taken_in", cases=[], desk=desk)
    again.do(batches.plan, desk.dp)
    assert (held.at.state, list(again.at.claims.values_list("pk", flat=True))) == (ClaimState.IN_BATCH, [held.pk])
    again.reviewed()
    again.approved()
    assert (held.at.state, held.at.cap_year, held.at.budget_year) == (ClaimState.APPROVED, 2028, 2028)


def test_what_was_held_is_not_left_out_for_newer_claims_of_the_provider(december):
    desk, parties = Desk(), make_parties()
    held, newer = (make_claim("passed", desk=desk, deal=make_contract("confirmed", parties=parties)) for _ in range(2))
    other = make_claim("passed", desk=desk)
    batch = make_batch("reviewed", cases=[held, other], desk=desk)
    into_next_year(december, [parties.provider, other.deal.parties.provider], "1.00")
    batch.approved()
    december.move_to(clock.start_of(date(2028, 1, 1)))
    contract_jobs.close_year(clock.today())
    again = make_batch("taken_in", cases=[newer], desk=desk)
    with refused("CAP_HELD_FIRST") as caught:
        again.planned()
    assert caught.value.details["claims"] == [held.at.number]
    again.do(batches.plan, desk.dp, claim_ids=[held.pk, newer.pk])
    assert again.at.claim_count == 2
