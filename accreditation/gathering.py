"""From the rows to the values that `conditions` works on, and to what is kept of a submission."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accreditation import conditions, selectors
from accreditation.conditions import Condition, Offer, Parent, Profile
from accreditation.models import Application
from accreditation.states import FAILED, ApplicationState, CaseKind, MaterialKind
from engines.evidence import chain
from foundation import clock
from foundation.money import ZERO
from providers.models import Listing, ProductVersion, Provider
from providers.states import ListingState
from registry import selectors as registry

STATED = (  # no person's name, telephone or address of a person
    *("name", "uscc", "region_code", "address", "founded_on", "introduction", "core_staff", "clients_last_year"),
    *("revenue_last_year", "parent_name", "parent_uscc", "parent_founded_on"),
)


def conditions_of(application: Application, *, commitment: bool) -> list[Condition]:
    """Every condition of the case, as of today."""
    today = clock.today()
    if application.kind == CaseKind.PRODUCT:
        return conditions.of_product(offer(application))
    rules = application.notice.parsed
    return conditions.of_provider(profile(application, commitment=commitment), rules.admission, today)


def required(application: Application) -> tuple[MaterialKind, ...]:
    """Which materials have to be attached."""
    if application.kind == CaseKind.PRODUCT:
        return conditions.MATERIALS_OF_PRODUCT
    who = profile(application, commitment=False)
    return conditions.materials_of_provider(
        with_parent=conditions.uses_parent(who, application.notice.parsed.admission, clock.today()),
        public_platform=bool(application.public_platform),
    )


def missing(application: Application) -> list[str]:
    """Everything that still has to be given before the case can be submitted, by name."""
    attached = set(selectors.materials(application).values_list("kind", flat=True))
    lacking = [MaterialKind(one).label for one in required(application) if one not in attached]
    if application.kind == CaseKind.PROVIDER:
        if not selectors.clients(application).exists():
            lacking.append("上年度服务企业的合同证明材料（服务企业清单）")
        if not application.categories:
            lacking.append("服务类别")
        lacking += _parent_figures(application)
    return lacking


def profile(application: Application, *, commitment: bool) -> Profile:
    """The applicant as its record, its application and the rosters have it today."""
    provider, today = application.provider, clock.today()
    region = registry.region(provider.region_code)
    known = application.notice.parsed.categories
    return Profile(
        uscc=provider.uscc,
        region=region.name if region else "",
        address=provider.address,
        founded_on=provider.founded_on,
        core_staff=provider.core_staff,
        clients=provider.clients_last_year,
        revenue=provider.revenue_last_year,
        categories={code: known[code].name for code in application.categories if code in known},
        materials=frozenset(selectors.materials(application).values_list("kind", flat=True)),
        commitment=commitment,
        proven=_proven(application, today, of_parent=False),
        proven_by_parent=_proven(application, today, of_parent=True),
        parent=_parent(application, today),
        dishonest=_dishonest(provider.uscc, today),
        public_platform=application.public_platform,
    )


def offer(application: Application) -> Offer:
    """The product's version as it stands."""
    version = version_of(application)
    prices = [f"{one['source']}{one['price']}元" for one in version.market_prices]
    files = [str(one["name"]) for one in version.proof_files]
    return Offer(
        category=version.category,
        aim=version.aim,
        deliverables=version.deliverables,
        indicators=version.indicators,
        price=version.price,
        price_proof="；".join([*([version.price_proof] if version.price_proof else []), *prices, *files]),
        min_days=version.min_days,
        max_days=version.max_days,
        standing=standing(application),
        known={code: one.name for code, one in application.notice.parsed.categories.items()},
    )


def standing(application: Application) -> str:
    """How the product's provider stands for the year: listed, applying, or neither (empty)."""
    listed = Listing.objects.filter(
        provider_id=application.provider_id,
        year=application.year,
        state__in=[ListingState.LISTED, ListingState.SUSPENDED],
    )
    if listed.exists():
        return f"{application.year}年度服务商"
    own = Application.objects.filter(
        provider_id=application.provider_id, year=application.year, kind=CaseKind.PROVIDER
    ).exclude(state__in=sorted(FAILED | {ApplicationState.DRAFT}))
    first = own.first()
    return f"服务商资格申请{first.number}（{first.get_state_display()}）" if first else ""


def version_of(application: Application) -> ProductVersion:
    """The version of a product's case."""
    version = application.product_version
    if version is None:
        raise ValueError("not a product's case")
    return version


def stated(application: Application) -> dict[str, Any]:
    """What the case says at this moment, JSON-ready and without personal data."""
    if application.kind == CaseKind.PRODUCT:
        return dict(version_of(application).terms)
    provider: Provider = application.provider
    said = {name: _text(getattr(provider, name)) for name in STATED}
    figures = {name: _text(value) for name, value in application.parent_figures.items()}
    return {**said, **figures, "categories": application.categories, "public_platform": application.public_platform}


def digest(application: Application, said: dict[str, Any]) -> str:
    """SM3 over what was submitted: statements, materials, clients, round and notice."""
    return chain.sm3(
        chain.canonical(
            {
                "application": application.number,
                "round": application.round.number,
                "notice": application.notice.label,
                "stated": said,
                "materials": [
                    {"kind": one.kind, "sm3": one.file.sm3 if one.file else "", "reference": one.reference}
                    for one in selectors.materials(application)
                ],
                "clients": [
                    {"uscc": one.uscc, "name": one.name, "served_on": str(one.served_on), "sm3": one.file.sm3}
                    for one in selectors.clients(application)
                ],
            }
        )
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _proven(application: Application, today: date, *, of_parent: bool) -> int:
    return selectors.clients(application).filter(of_parent=of_parent, served_on__year=today.year - 1).count()


def _parent(application: Application, today: date) -> Parent | None:
    provider = application.provider
    if provider.parent_founded_on is None:
        return None
    return Parent(
        name=provider.parent_name,
        uscc=provider.parent_uscc,
        founded_on=provider.parent_founded_on,
        core_staff=application.parent_core_staff or 0,
        clients=application.parent_clients or 0,
        revenue=application.parent_revenue or ZERO,
        dishonest=_dishonest(provider.parent_uscc, today),
    )


def _parent_figures(application: Application) -> list[str]:
    """A new body that names a parent says what the parent did last year."""
    provider, asked = application.provider, application.notice.parsed.admission
    new = conditions.is_new_body(provider.founded_on, asked, clock.today())
    if provider.parent_founded_on is None or not new:
        return []
    names: dict[str, tuple[str, Decimal | int | None]] = {
        "parent_core_staff": ("母公司核心业务专职人员数", application.parent_core_staff),
        "parent_clients": ("母公司上年服务企业数", application.parent_clients),
        "parent_revenue": ("母公司上年营业收入", application.parent_revenue),
    }
    return [label for label, value in names.values() if value is None]


def _dishonest(uscc: str, today: date) -> str:
    found = registry.dishonest(uscc, today)
    return found.source if found else ""
