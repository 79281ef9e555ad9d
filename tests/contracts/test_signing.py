"""Signing takes the money on three bounds, or names the one that failed."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.states import Role
from contracts import jobs
from contracts.states import PaymentKind, State
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_writes
from enterprises.services import standing
from foundation import clock
from foundation.actors import SystemActor
from programmes import books
from programmes import selectors as programmes
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import officer
from tests.factories.contracts import make_contract, make_parties, make_terms
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import publish_revision
from tests.factories.providers import ProductFactory, ProviderFactory

pytestmark = pytest.mark.django_db
YEAR = clock.today().year
TESTER = SystemActor("tests")


def test_the_three_accounts_hold_the_voucher():
    deal = make_contract("signing", amount="12500.00")
    assert money(deal, YEAR) == everywhere("reserved", "10000.00")
    assert deal.at.signing_due - clock.now() > timedelta(days=6, hours=23)


def drain(account: int, leave: str) -> None:
    """Leave exactly so much on the account."""
    free = ledger.balance(account).available
    ledger_writes.issue(account=account, amount=Decimal(leave) - free, by=TESTER, reference="test", reason="test")


@pytest.mark.parametrize(
    ("bound", "code"), [("quota", "QUOTA_SHORT"), ("cap", "PROVIDER_CAP_SHORT"), ("budget", "BUDGET_SHORT")]
)
def test_the_bound_that_failed_is_named_with_what_is_left(bound, code):
    deal = make_contract("ready", amount="12500.00")
    accounts = {
        "quota": books.quota(deal.parties.enterprise.pk, YEAR),
        "cap": books.cap(deal.parties.provider.pk, YEAR),
        "budget": books.budget(YEAR),
    }
    drain(accounts[bound], "9999.99")
    with refused(code) as caught:
        deal.signing()
    assert (caught.value.details["wanted"], caught.value.details["left"]) == ("10000.00", "9999.99")
    assert money(deal, YEAR) == nowhere()


@pytest.mark.parametrize("bound", ["quota", "cap", "budget"])
def test_the_last_fen_can_be_used(bound):
    deal = make_contract("ready", amount="12500.00")
    accounts = {
        "quota": books.quota(deal.parties.enterprise.pk, YEAR),
        "cap": books.cap(deal.parties.provider.pk, YEAR),
        "budget": books.budget(YEAR),
    }
    drain(accounts[bound], "10000.00")
    deal.signing()
    assert ledger.balance(accounts[bound]).available == 0


def test_using_up_the_budget_suspends_signing_at_once_and_drafts_stay():
    parties = make_parties(budget="10999.99")
    deal = make_contract("ready", parties=parties)
    waiting = make_contract("ready", parties=parties, amount="1000.00", voucher="500.00")
    deal.signing()
    assert programmes.is_suspended(YEAR)
    with refused("SIGNING_SUSPENDED"):
        waiting.signing()
    assert waiting.at.state == State.READY


def test_running_contracts_are_untouched_by_a_suspension():
    parties = make_parties(budget="10999.99")
    deal = make_contract("signing", parties=parties)
    deal.signed()
    deal.effective()
    assert deal.at.state == State.EFFECTIVE


def test_exactly_the_smallest_voucher_left_does_not_suspend():
    make_contract("signing", parties=make_parties(budget="11000.00"))
    assert not programmes.is_suspended(YEAR)


def test_a_frozen_enterprise_signs_nothing():
    deal = make_contract("ready")
    freeze(deal)
    with refused("ENTERPRISE_NOT_ACTIVE"):
        deal.signing()


def freeze(deal) -> None:
    enterprise = type(deal.parties.enterprise).objects.get(pk=deal.parties.enterprise.pk)
    standing.freeze(by=officer(Role.DEPARTMENT), enterprise_id=enterprise.pk, version=enterprise.version, reason="核查")


def test_a_provider_not_listed_signs_nothing():
    parties = make_parties()
    other = ProviderFactory()
    with refused("PROVIDER_NOT_LISTED"):
        make_contract(parties=make_parties(provider=other, product=ProductFactory(provider=other)))
    assert parties.provider.pk != other.pk


def test_a_product_not_on_the_shelf_is_not_contracted():
    provider = ProviderFactory(listed=True)
    with refused("PRODUCT_NOT_ON_SHELF"):
        make_contract(parties=make_parties(provider=provider, product=ProductFactory(provider=provider)))


def test_nobody_buys_from_itself():
    provider = ProviderFactory(listed=True)
    enterprise = EnterpriseFactory(active=True, uscc=provider.organisation.uscc)
    with refused("SAME_PARTY"):
        make_contract(parties=make_parties(provider=provider, enterprise=enterprise))


@pytest.mark.parametrize(
    ("diagnosis", "amount", "voucher", "bound"),
    [
        (True, "10000.00", "8000.01", "rate"),
        (True, "20000.00", "10000.01", "cap"),
        (False, "10000.00", "5000.01", "rate"),
        (False, "90000.00", "30000.01", "cap"),
    ],
)
def test_one_fen_over_a_rule_names_the_rule(diagnosis, amount, voucher, bound):
    parties = make_parties(diagnosis=diagnosis)
    with refused("VOUCHER_OVER_BOUND") as caught:
        make_contract(parties=parties, amount=amount, voucher=voucher)
    assert caught.value.details["bound"] == bound


def test_the_enterprise_may_use_less_than_the_rules_allow():
    deal = make_contract("signing", amount="12500.00", voucher="0.01")
    assert (deal.at.voucher, deal.at.balance) == (Decimal("0.01"), Decimal("9999.99"))


@pytest.mark.parametrize(
    "fields",
    [{"milestones": []}, {"related_party": True}, {"end_date": clock.today() - timedelta(days=1)}, {"voucher": "0.00"}],
)
def test_terms_that_are_no_terms(fields):
    parties = make_parties()
    with refused("TERMS_INVALID"):
        make_contract(parties=parties, **fields)


def test_a_hold_times_out_after_the_notices_days():
    deal = make_contract("signing")
    with time_machine.travel(deal.at.signing_due - timedelta(seconds=1), tick=False):
        assert jobs.time_out_holds(clock.today()) == {"cancelled": 0}
    with time_machine.travel(deal.at.signing_due, tick=False):
        assert jobs.time_out_holds(clock.today()) == {"cancelled": 1}
        assert jobs.time_out_holds(clock.today()) == {"cancelled": 0}
    assert deal.at.state == State.CANCELLED
    assert money(deal, YEAR) == nowhere()


def test_a_missing_deposit_times_out():
    deal = make_contract("signed")
    with time_machine.travel(deal.at.deposit_due, tick=False):
        assert jobs.time_out_deposits(clock.today()) == {"cancelled": 1}
    assert deal.at.state == State.CANCELLED
    assert money(deal, YEAR) == nowhere()


def test_a_reported_deposit_does_not_time_out():
    deal = make_contract("signed")
    deal.report(PaymentKind.DEPOSIT)
    with time_machine.travel(deal.at.deposit_due, tick=False):
        assert jobs.time_out_deposits(clock.today()) == {"cancelled": 0}
    deal.confirm(PaymentKind.DEPOSIT)
    assert deal.at.state == State.EFFECTIVE


def test_a_draft_pinned_to_an_older_notice_must_be_agreed_again():
    deal = make_contract("ready")
    republish()
    with refused("NOTICE_SUPERSEDED"):
        deal.signing()


def republish() -> None:
    publish_revision(YEAR)


def test_the_terms_of_a_draft_are_those_of_the_notice():
    deal = make_contract(amount="12500.00")
    terms = make_terms(deal.parties)
    contract = deal.at
    assert (contract.rate, contract.cap, contract.deposit_rate) == (Decimal("0.8"), Decimal(10000), Decimal("0.2"))
    assert terms.voucher == contract.voucher
