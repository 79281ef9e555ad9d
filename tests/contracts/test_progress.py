"""How far a contract has come on the way of 第十八条."""

import pytest

from accounts.states import Role
from contracts.progress import Phase, stages
from contracts.services import drafting, endings, signing
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract

pytestmark = pytest.mark.django_db
ORDER = ["sign", "deposit", "perform", "accept", "balance", "confirm", "payout"]


def marks(deal):
    """One letter a step: d done, n now, t to do, s skipped, x stopped."""
    letters = {"done": "d", "now": "n", "todo": "t", "skipped": "s", "stopped": "x"}
    return "".join(letters[one.mark.value] for one in stages(deal.at))


def with_balance(until):
    return make_contract(until, amount="10000.00", voucher="5000.00")


def test_the_balance_is_paid_before_the_confirmation_is_signed():
    assert [one.value for one in Phase] == ORDER


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("draft", "ntttttt"),
        ("signing", "ntttttt"),
        ("signed", "dnttttt"),
        ("effective", "ddntttt"),
        ("performing", "ddntttt"),
        ("delivered", "dddnttt"),
        ("accepted", "ddddntt"),
        ("paid_up", "dddddnt"),
        ("confirmed", "ddddddn"),
    ],
)
def test_each_state_has_its_step(until, expected):
    assert marks(with_balance(until)) == expected


def test_a_balance_of_zero_is_no_step_from_the_draft_on():
    assert marks(make_contract("draft", amount="10000.00", voucher="8000.00")) == "ntttstt"
    done = make_contract("paid_up", amount="10000.00", voucher="8000.00")
    assert marks(done) == "ddddsnt"
    assert stages(done.at)[4].note == "余款为零，无需支付"


def test_what_interrupts_a_contract_leaves_it_where_it_was():
    deal = with_balance("delivered")
    deal.do(endings.open_dispute, deal.parties.eo, reason="分歧")
    assert marks(deal) == "dddnttt"


def test_a_contract_that_ended_says_where():
    refused = with_balance("signing")
    refused.do(signing.refuse, refused.parties.el, reason="不签")
    assert marks(refused) == "xtttttt"
    withdrawn = with_balance("draft")
    withdrawn.do(drafting.withdraw, withdrawn.parties.eo, reason="不要")
    assert marks(withdrawn) == "xtttttt"
    voided, department = with_balance("performing"), make_user(Role.DEPARTMENT)
    voided.do(endings.freeze, department, reason="核查")
    voided.do(endings.void, department, reason="虚假")
    assert marks(voided) == "ddxtttt"
