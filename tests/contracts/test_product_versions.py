"""A contract and the version of the product it was made over: pinned when drafted, the one on the shelf when signed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from contracts.services import drafting, signing
from foundation import clock
from providers.jobs import expire_listings
from providers.models import Product
from providers.services import products, shelf
from settlement.services import filing
from settlement.states import ClaimState
from tests.contracts.support import refused
from tests.factories.accounts import TESTER, Caller
from tests.factories.contracts import Deal, make_contract, make_parties, make_terms
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory
from tests.providers.support import DECISION, next_version

pytestmark = pytest.mark.django_db
Y = 2026


def lower(deal: Deal, price: str) -> None:
    row = Product.objects.get(pk=deal.parties.product.pk)
    shelf.lower_price(by=deal.parties.pl, product_id=row.pk, version=row.version, price=Decimal(price))


def test_the_draft_says_what_the_version_on_the_shelf_says() -> None:
    deal = make_contract()
    assert deal.at.product_revision == 1
    assert deal.at.terms["product"] == {
        "name": "数字化转型诊断（离散制造）",
        "revision": 1,
        "category": "diagnosis",
        "sub_type": "数字化转型诊断",
        "price": "12500.00",
        "price_unit": "项",
        "deliverables": ["诊断报告", "改造路线图"],
        "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场记录与报告核对"}],
    }


def test_a_draft_shows_that_the_product_has_a_newer_version() -> None:
    deal = make_contract("ready")
    lower(deal, "11000.00")
    shown = Caller(deal.parties.eo).get(f"/api/v1/contracts/{deal.pk}/").json()
    assert (shown["product_revision"], shown["product_current_revision"]) == (1, 2)
    assert shown["terms"]["product"]["price"] == "12500.00"


def test_a_contract_keeps_the_name_it_was_made_under() -> None:
    deal = make_contract("signing")
    version = next_version(deal.parties.product, name="改名后的产品")
    products.take_up(by=TESTER, version_id=version.pk)
    products.shelve(by=TESTER, version_id=version.pk, **DECISION)
    listed = Caller(deal.parties.eo).get("/api/v1/contracts/").json()["results"]
    assert [row["product_name"] for row in listed] == ["数字化转型诊断（离散制造）"]


def test_a_superseded_version_is_not_signed_until_the_draft_is_redrawn() -> None:
    deal = make_contract("ready")
    lower(deal, "11000.00")
    with refused("PRODUCT_REVISED") as caught:
        deal.signing()
    assert caught.value.details == {"drafted": 1, "current": 2}
    deal.do(drafting.revise, deal.parties.eo, terms=make_terms(deal.parties, amount="11000.00"))
    assert (deal.at.product_revision, deal.at.terms["product"]["price"]) == (2, "11000.00")
    deal.ready()
    deal.signing()
    assert deal.at.state == "signing"


def test_what_is_being_signed_goes_on_with_its_own_version() -> None:
    deal = make_contract("signing")
    lower(deal, "11000.00")
    deal.signed()
    assert (deal.at.state, deal.at.terms["product"]["revision"]) == ("signed_wait_deposit", 1)


def test_a_version_in_review_stops_nobody() -> None:
    deal = make_contract("ready")
    products.take_up(by=TESTER, version_id=next_version(deal.parties.product, price=Decimal("15000.00")).pk)
    deal.do(signing.start_signing, deal.parties.eo)
    assert deal.at.product_revision == 1


def test_a_product_whose_shelf_year_is_yet_to_come_is_not_contracted() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 10)), tick=True):
        open_year(Y + 1)
        parties = make_parties(provider=ProviderFactory(listed=True))
        version = ProductFactory(provider=parties.provider, name="明年的产品").versions.get()
        products.take_up(by=TESTER, version_id=version.pk)
        product = products.shelve(by=TESTER, version_id=version.pk, year=Y + 1, **DECISION)
        with refused("PRODUCT_NOT_ON_SHELF") as caught:
            make_contract(parties=make_parties(provider=parties.provider, product=product))
        assert f"上架日期为{Y + 1}-01-01" in caught.value.message


def test_an_expired_provider_starts_nothing_new_but_finishes_and_claims_what_it_has() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 10)), tick=True) as moved:
        deal, waiting = make_contract("effective"), make_contract("ready")
        moved.move_to(clock.start_of(date(Y + 1, 1, 4)))
        assert expire_listings(clock.today()) == {"listings": 2, "products": 2}
        open_year(Y + 1)
        with refused("PROVIDER_NOT_LISTED"):
            waiting.signing()
        for step in ("performing", "delivered", "accepted", "paid_up", "confirmed"):
            getattr(deal, step)()
        assert deal.at.state == "confirmed"
        claim = filing.create(by=deal.parties.po, contract_id=deal.pk)
        claim = filing.submit(by=deal.parties.pl, claim_id=claim.pk, version=claim.version)
        assert claim.state == ClaimState.SUBMITTED
