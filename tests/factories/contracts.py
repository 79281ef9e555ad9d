"""Parties and deals for tests, driven through the services to the state a test needs."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.states import Role
from contracts.models import EvidenceQuery, MilestoneEvidence, RelatedPermit
from contracts.services import drafting, permits, queries
from engines.files import services as files
from engines.files.models import StoredFile
from foundation import clock
from sample.deals import PDF, RATINGS, STEPS, Deal, Parties, make_terms, reached, upload
from tests.factories.accounts import both_sides, officer
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory

__all__ = [
    "PDF", "RATINGS", "STEPS", "Deal", "Parties", "make_contract", "make_parties", "make_permit", "make_query",
    "make_terms", "picture", "reached", "upload",
]  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_numbers = itertools.count(1)


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


def picture(by: User, name: str = "照片.png") -> StoredFile:
    """A small real PNG of the caller's organisation, different each time."""
    content = PNG + f"{next(_numbers)}".encode()
    return files.store(
        upload=SimpleUploadedFile(name, content), by=by, organisation_id=by.organisation_id, purpose="evidence"
    )


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


def make_query(deal: Deal, *, by: User | None = None, reason: str = "照片看不清铭牌") -> EvidenceQuery:
    """An open query on the deal's latest material, asked by the enterprise."""
    material = MilestoneEvidence.objects.filter(milestone__contract=deal.pk).latest("pk")
    return queries.ask(
        by=by or deal.parties.eo, contract_id=deal.pk, version=deal.at.version, evidence_id=material.pk, reason=reason
    )


def make_permit(until: str = "granted", *, parties: Parties, **fields: Any) -> RelatedPermit:
    """The pair's 关联交易核准, driven to `until`: proposed, granted, declined or revoked. Fields are the proposal's."""
    permit = permits.propose(
        **{
            "by": officer(Role.DEPARTMENT),
            "enterprise_id": parties.enterprise.pk,
            "provider_id": parties.provider.pk,
            "reason": "另有三家报价，该服务商报价低于均价",
            "reference": "桂工信规划函〔2026〕15号",
            **fields,
        }
    )
    approver = officer(Role.APPROVER)
    if until == "declined":
        return permits.decline(
            by=approver, permit_id=permit.pk, version=1, decision_no="桂工信审〔2026〕9号", opinion="另有服务商可选"
        )
    if until in ("granted", "revoked"):
        permit = permits.grant(by=approver, permit_id=permit.pk, version=1, decision_no="桂工信审〔2026〕8号")
    if until == "revoked":
        permit = permits.revoke(
            by=approver, permit_id=permit.pk, version=2, revocation_no="桂工信审〔2026〕21号", reason="比价材料不实"
        )
    return permit
