"""Related parties by an enterprise's own declaration do not draw up a contract as strangers (8-35)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.services import drafting, signing
from foundation import clock
from tests.contracts.support import money, nowhere, refused
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


def test_declared_after_the_draft_it_is_not_signed():
    deal = make_contract("ready")
    declare(deal.parties.enterprise, tie(deal.parties.provider.uscc))
    with refused("RELATED_PARTY_UNDECLARED") as caught:
        deal.do(signing.start_signing, deal.parties.eo)
    assert "合同所填“不存在关联关系”与申报不符，不能签署" in caught.value.message
    assert money(deal, clock.today().year)["budget"] == {}


def test_declared_through_a_group_or_by_the_other_house_after_the_draft_too():
    deal, sister = make_contract("ready"), EnterpriseFactory()
    declare(sister, tie(deal.parties.enterprise.uscc, "subsidiary"), tie(deal.parties.provider.uscc, "subsidiary"))
    with refused("RELATED_PARTY_UNDECLARED"):
        deal.do(signing.start_signing, deal.parties.eo)


def test_declared_between_the_two_signatures_the_second_is_refused():
    deal = make_contract("signing")
    deal.do(signing.sign, deal.parties.el)
    declare(deal.parties.enterprise, tie(deal.parties.provider.uscc))
    with refused("RELATED_PARTY_UNDECLARED"):
        deal.do(signing.sign, deal.parties.pl)
    deal.do(signing.refuse, deal.parties.pl, reason="双方已申报为关联方")
    assert money(deal, clock.today().year) == nowhere()


def test_a_tie_to_a_third_house_or_one_that_has_ended_does_not_hinder_signing():
    deal, stranger = make_contract("ready"), EnterpriseFactory()
    yesterday = clock.today() - timedelta(days=1)
    declare(
        deal.parties.enterprise,
        tie(stranger.uscc, "key_staff"),
        tie(deal.parties.provider.uscc, since=yesterday - timedelta(days=9), until=yesterday),
    )
    declare(stranger, tie(deal.parties.provider.uscc, "key_staff"))  # shares key staff with each: relates no third
    deal.signing()
    deal.signed()
    assert deal.at.state == "signed_wait_deposit"
