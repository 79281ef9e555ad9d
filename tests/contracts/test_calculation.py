"""What a contract would cost whom, before there is one; and whose desk it lies on afterwards."""

from decimal import Decimal

import pytest

from accounts.states import Role
from contracts import desk, selectors
from contracts.calculation import calculate
from contracts.desk import Desk
from contracts.models import Contract
from contracts.services import drafting, endings
from contracts.states import Of
from foundation import clock
from foundation.errors import DomainError
from programmes import selectors as programmes
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract, make_parties

pytestmark = pytest.mark.django_db


def sums(amount, voucher=None, category="diagnosis", **fields):
    voucher = Decimal(voucher) if voucher is not None else None
    return calculate(category=category, amount=Decimal(amount), voucher=voucher, day=clock.today(), **fields)


def parts(found):
    return [str(one) for one in (found.shares.deposit, found.shares.voucher, found.shares.balance)]


def test_without_a_voucher_the_most_there_may_be():
    make_parties()
    assert parts(sums("10000.00")) == ["2000.00", "8000.00", "0.00"]
    assert parts(sums("60000.00", category="digitalisation")) == ["12000.00", "30000.00", "18000.00"]


def test_a_smaller_voucher_leaves_a_greater_balance():
    make_parties()
    assert parts(sums("10000.00", "3000.00")) == ["2000.00", "3000.00", "5000.00"]


def test_one_fen_over_is_refused_with_the_bound():
    make_parties()
    found = sums("10000.00", "8000.01")
    assert (found.shares, found.ceiling.result) == (None, Decimal("8000.00"))
    assert found.problem == "服务券8,000.01元超过合同金额的80%（8,000.00元），请调减。"
    assert sums("10000.00", "8000.00").problem == ""


def test_the_cap_decides_over_a_large_amount():
    make_parties()
    found = sums("100000.00", category="digitalisation")
    cap = programmes.current_notice(clock.today()).parsed.category("digitalisation").cap
    assert (found.ceiling.smallest.code, found.ceiling.result) == ("cap", cap)


def test_what_is_left_of_both_parties_counts_once_both_are_known():
    parties = make_parties(budget="5000.00")
    alone = sums("10000.00", provider_id=parties.provider.pk)
    both = sums("10000.00", provider_id=parties.provider.pk, enterprise_id=parties.enterprise.pk)
    assert [bound.code for bound in alone.ceiling.bounds] == ["rate", "cap", "after_deposit"]
    assert (both.ceiling.smallest.code, both.ceiling.result) == ("budget", Decimal("5000.00"))
    assert [bound.code for bound in both.ceiling.bounds][3:] == ["quota", "provider_cap", "budget"]


def test_without_a_notice_there_is_nothing_to_reckon_by():
    with pytest.raises(DomainError, match="NOTICE_NOT_PUBLISHED"):
        sums("10000.00")


def test_it_is_what_a_draft_then_says():
    deal = make_contract(amount="10000.00", voucher="3000.00")
    found = sums("10000.00", "3000.00")
    assert (found.shares.deposit, found.shares.balance) == (deal.at.deposit, deal.at.balance)


def test_whose_turn_is_whose():
    deal = make_contract()
    assert set(desk.asked_of(deal.parties.eo)) == {Of.ENTERPRISE, Of.BOTH}
    assert set(desk.asked_of(deal.parties.pl)) == {Of.PROVIDER, Of.BOTH}
    assert set(desk.asked_of(make_user(Role.CENTRE_REVIEWER))) == {Of.CENTRE}
    assert set(desk.asked_of(make_user(Role.DEPARTMENT))) == {Of.DEPARTMENT}
    assert set(desk.asked_of(make_user(Role.FINANCE))) == set()


def on(which, user):
    return set(desk.on(which, selectors.visible_to(user), user).values_list("pk", flat=True))


def test_the_desks_count_what_they_hold(django_assert_num_queries):
    parties = make_parties()
    draft, over = (make_contract(parties=parties, amount="3000.00") for _ in range(2))
    over.do(drafting.withdraw, parties.eo, reason="不要")
    disputed = make_contract("performing", parties=parties, amount="3000.00")
    disputed.do(endings.open_dispute, parties.eo, reason="分歧")
    with django_assert_num_queries(1):
        counted = desk.counts(Contract.objects.all(), parties.eo)
    assert counted == {Desk.ALL: 3, Desk.MINE: 1, Desk.RUNNING: 2, Desk.OVER: 1}
    assert (on(Desk.MINE, parties.eo), on(Desk.OVER, parties.eo)) == ({draft.pk}, {over.pk})
    assert on(Desk.MINE, make_user(Role.CENTRE_CHECKER)) == {disputed.pk}
    assert on(Desk.MINE, make_user(Role.FINANCE)) == set()
