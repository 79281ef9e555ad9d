"""Related parties by an enterprise's own declaration do not draw up a contract as strangers (8-35)."""

from __future__ import annotations

import pytest

from contracts.services import drafting
from tests.contracts.support import refused
from tests.factories.contracts import make_contract, make_parties, make_terms
from tests.factories.enterprises import EnterpriseFactory, declare, tie

pytestmark = pytest.mark.django_db


def test_declared_related_and_not_said_in_the_contract_is_refused():
    parties = make_parties()
    declare(parties.enterprise, tie(parties.provider.uscc))
    with refused("RELATED_PARTY_UNDECLARED"):
        make_contract("draft", parties=parties)


def test_related_through_the_declared_group_too():
    parties, sister = make_parties(), EnterpriseFactory()
    declare(parties.enterprise, tie(sister.uscc))
    declare(sister, tie(parties.provider.uscc, "subsidiary"))
    with refused("RELATED_PARTY_UNDECLARED"):
        make_contract("draft", parties=parties)


def test_said_in_the_contract_it_is_the_departments_to_allow():
    parties = make_parties()
    declare(parties.enterprise, tie(parties.provider.uscc))
    with refused("TERMS_INVALID") as caught:
        make_contract("draft", parties=parties, related_party=True)
    assert "related_party" in caught.value.details


def test_a_draft_is_not_revised_once_its_parties_are_declared_related():
    deal = make_contract("draft")
    declare(deal.parties.enterprise, tie(deal.parties.provider.uscc))
    with refused("RELATED_PARTY_UNDECLARED"):
        deal.do(drafting.revise, deal.parties.eo, terms=make_terms(deal.parties, amount="2500.00"))


def test_a_declaration_of_others_does_not_stand_in_the_way():
    parties, stranger = make_parties(), EnterpriseFactory()
    declare(parties.enterprise, tie(stranger.uscc))
    assert make_contract("draft", parties=parties).at.state == "draft"
