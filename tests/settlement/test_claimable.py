"""What a provider may still claim, and the one appeal of a claim."""

import pytest

from settlement import selectors
from tests.factories.contracts import make_contract
from tests.factories.settlement import make_claim

pytestmark = pytest.mark.django_db


def test_a_confirmed_contract_is_claimable_until_it_is_claimed():
    deal = make_contract("confirmed")
    assert [row.pk for row in selectors.claimable(deal.parties.po)] == [deal.pk]
    make_claim(deal=deal)
    assert not selectors.claimable(deal.parties.po).exists()


def test_only_the_provider_has_something_to_claim():
    deal, other = make_contract("confirmed"), make_contract("paid_up")
    assert not selectors.claimable(deal.parties.eo).exists()
    assert not selectors.claimable(other.parties.po).exists()


def test_the_appeal_of_a_claim():
    case = make_claim("reviewed")
    case.refused()
    assert selectors.appeal_of(case.at) is None
    appeal = case.appealed()
    assert selectors.appeal_of(case.at) == appeal
