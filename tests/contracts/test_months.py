"""What took effect, month by month."""

from decimal import Decimal

import pytest

from contracts import selectors
from foundation import clock
from tests.factories.contracts import make_contract, make_parties

pytestmark = pytest.mark.django_db
YEAR = clock.today().year


def test_a_contract_counts_in_the_month_in_which_it_took_effect():
    parties = make_parties()
    for _ in range(2):
        make_contract("effective", parties=parties, amount="12500.00", voucher="10000.00")
    make_contract("draft", parties=parties)
    assert selectors.effective_by_month(YEAR) == {clock.today().month: Decimal("20000.00")}
    assert selectors.effective_by_month(YEAR - 1) == {}
