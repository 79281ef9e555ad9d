"""Parties and deals for tests, driven through the services to the state a test needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from contracts.services import drafting
from foundation import clock
from sample.deals import PDF, RATINGS, STEPS, Deal, Parties, make_terms, upload
from tests.factories.accounts import both_sides
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory

__all__ = ["PDF", "RATINGS", "STEPS", "Deal", "Parties", "make_contract", "make_parties", "make_terms", "upload"]


def make_parties(*, diagnosis: bool = True, tier: str = "30", budget: str = "10000000.00", **fields: Any) -> Parties:
    """The year is open with a budget; `fields` may give an enterprise, provider or product of one's own."""
    open_year(clock.today().year, budget=Decimal(budget))
    enterprise = fields.get("enterprise") or EnterpriseFactory(active=True, tier=tier)
    provider = fields.get("provider") or ProviderFactory(listed=True)
    category = "diagnosis" if diagnosis else "digitalisation"
    product = fields.get("product") or ProductFactory(on_shelf=True, provider=provider, category=category)
    eo, el = both_sides(enterprise.organisation)
    po, pl = both_sides(provider.organisation)
    return Parties(enterprise, provider, product, eo=eo, el=el, po=po, pl=pl)


def make_contract(until: str = "draft", *, parties: Parties | None = None, **fields: Any) -> Deal:
    """A deal driven to `until` (draft or one of STEPS). Fields: amount, voucher, diagnosis, end_date, tier, budget."""
    own = {name: fields.pop(name) for name in ("diagnosis", "tier", "budget") if name in fields}
    parties = parties or make_parties(**own)
    contract = drafting.draft(
        by=parties.eo,
        enterprise_id=parties.enterprise.pk,
        product_id=parties.product.pk,
        terms=make_terms(parties, **fields),
    )
    deal = Deal(parties, contract.pk)
    if until != "draft":
        for step in STEPS[: STEPS.index(until) + 1]:
            getattr(deal, step)()
    return deal
