"""What was paid, month by month."""

from decimal import Decimal

import pytest

from settlement import selectors
from settlement.models import Claim
from tests.factories.settlement import make_payout

pytestmark = pytest.mark.django_db


def test_a_payment_counts_in_its_month_of_the_budget_year():
    make_payout("paid")
    claim = Claim.objects.get(paid_on__isnull=False)
    assert selectors.paid_by_month(claim.budget_year) == {claim.paid_on.month: claim.paid}
    assert claim.paid > Decimal(0)
    assert selectors.paid_by_month(claim.budget_year - 1) == {}
