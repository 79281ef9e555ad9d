"""Payments are recorded by one party and matched by the other."""

from datetime import timedelta
from decimal import Decimal

import pytest

from contracts.models import PaymentOrder
from contracts.services import payments
from contracts.states import PaymentKind, State
from foundation import clock
from tests.contracts.support import refused
from tests.factories.contracts import make_contract, upload

pytestmark = pytest.mark.django_db
D, B = PaymentKind.DEPOSIT, PaymentKind.BALANCE


def report(deal, **fields):
    order = deal.order(D)
    values = {
        "by": deal.parties.eo,
        "order_id": order.pk,
        "version": order.version,
        "bank_serial": "SN-1",
        "paid_at": clock.now(),
        "receipt_id": upload(deal.parties.eo).pk,
    }
    return payments.report(**{**values, **fields})


def test_the_deposit_is_owed_by_the_enterprise_to_the_provider():
    order = make_contract("signed", amount="12500.00").order(D)
    assert (order.amount, order.state) == (Decimal("2500.00"), "created")
    assert (order.payer.kind, order.payee.kind) == ("enterprise", "provider")


def test_report_then_match_makes_the_contract_effective():
    deal = make_contract("signed")
    paid_at = clock.now()
    deal.effective(paid_at)
    assert (deal.order(D).state, deal.at.state, deal.at.effective_at) == ("matched", State.EFFECTIVE, paid_at)


def test_a_mismatch_is_reported_again():
    deal = make_contract("signed")
    order = deal.report(D)
    payments.dispute(by=deal.parties.po, order_id=order.pk, version=order.version, reason="未到账。")
    deal.report(D)
    deal.confirm(D)
    assert deal.at.state == State.EFFECTIVE


def test_the_balance_pays_the_contract_up():
    deal = make_contract("paid_up", amount="60000.00", diagnosis=False)
    assert (deal.order(B).amount, deal.at.state) == (Decimal("18000.00"), State.PAID_UP)


@pytest.mark.parametrize("who", ["po", "pl"])
def test_the_payee_does_not_report(who):
    deal = make_contract("signed")
    with refused("NOT_ALLOWED"):
        report(deal, by=getattr(deal.parties, who), receipt_id=upload(deal.parties.eo).pk)


@pytest.mark.parametrize("who", ["eo", "el"])
def test_the_payer_does_not_match(who):
    deal = make_contract("signed")
    order = deal.report(D)
    with refused("NOT_ALLOWED"):
        payments.confirm(by=getattr(deal.parties, who), order_id=order.pk, version=order.version)


def test_a_serial_number_pays_one_order():
    first, second = make_contract("signed"), make_contract("signed")
    report(first)
    with refused("SERIAL_USED"):
        report(second, receipt_id=upload(second.parties.eo).pk)


def test_someone_elses_receipt_is_not_found():
    deal = make_contract("signed")
    foreign = upload(deal.parties.po)
    with refused("NOT_FOUND"):
        report(deal, receipt_id=foreign.pk)


@pytest.mark.parametrize("shift", [timedelta(days=-1), timedelta(seconds=60)])
def test_paid_before_signing_or_in_the_future_is_refused(shift):
    deal = make_contract("signed")
    receipt = upload(deal.parties.eo)
    with refused("PAID_AT_INVALID"):
        report(deal, paid_at=clock.now() + shift, receipt_id=receipt.pk)


def test_a_matched_order_is_final():
    deal = make_contract("effective")
    order = deal.order(D)
    with refused("WRONG_STATE"):
        payments.confirm(by=deal.parties.po, order_id=order.pk, version=order.version)


def test_the_receipt_can_be_read_by_the_payee():
    deal = make_contract("signed")
    order = deal.report(D)
    assert order.receipt.readers.get().organisation_id == deal.parties.provider.organisation_id
    assert PaymentOrder.objects.count() == 1
