"""What other rules would have meant for contracts that are signed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts import replay
from foundation import clock
from programmes import selectors as programmes
from tests.factories.contracts import make_contract, make_parties

pytestmark = pytest.mark.django_db
YEAR = clock.today().year
CODE = "diagnosis"


@pytest.fixture
def parties():
    return make_parties()


def rules(**changed):
    """The year's rules with the category of the contracts otherwise."""
    found = programmes.notice_of_year(YEAR).parsed
    return replace(found, categories={**found.categories, CODE: replace(found.categories[CODE], **changed)})


def test_who_took_the_most_takes_the_new_most_and_who_took_less_keeps_it(parties):
    make_contract("effective", parties=parties, amount="12500.00", voucher="10000.00")
    make_contract("effective", parties=parties, amount="12500.00", voucher="4000.00")
    [found] = replay.replay(rules(rate=Decimal("0.6")), YEAR)
    assert (found.code, found.contracts, found.more, found.less) == (CODE, 2, 0, 1)
    assert (found.before, found.after, found.change) == (Decimal(14000), Decimal("11500.00"), Decimal("-2500.00"))


def test_a_higher_cap_gives_more_to_who_was_held_by_it(parties):
    make_contract("effective", parties=parties, amount="20000.00", voucher="10000.00")
    [found] = replay.replay(rules(cap=Decimal("15000.00")), YEAR)
    assert (found.more, found.less, found.after) == (1, 0, Decimal("15000.00"))


def test_a_category_that_the_rules_do_not_have_is_told_and_gets_nothing(parties):
    make_contract("effective", parties=parties, amount="12500.00", voucher="10000.00")
    given = programmes.notice_of_year(YEAR).parsed
    without = replace(given, categories={code: one for code, one in given.categories.items() if code != CODE})
    [found] = replay.replay(without, YEAR)
    assert (found.known, found.less, found.after) == (False, 1, Decimal(0))


def test_what_was_never_signed_is_not_reckoned_and_the_same_rules_change_nothing(parties):
    make_contract("draft", parties=parties)
    assert replay.replay(rules(), YEAR) == []
    make_contract("effective", parties=parties, amount="12500.00", voucher="10000.00")
    found = replay.replay(rules(), YEAR)
    assert replay.whole(found).change == 0
    assert replay.whole(found).contracts == 1
    assert replay.replay(rules(), YEAR - 1) == []


def test_one_query_whatever_the_number_of_contracts(parties):
    given = rules()
    for amount in ("10000.00", "11000.00", "12000.00"):
        make_contract("effective", parties=parties, amount=amount, voucher="4000.00")
    with CaptureQueriesContext(connection) as asked:
        [found] = replay.replay(given, YEAR)
    assert (len(asked), found.contracts) == (1, 3)
