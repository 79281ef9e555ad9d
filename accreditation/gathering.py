"""From the rows to the values that `conditions` works on, and to what is kept of a submission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accreditation import conditions, selectors
from accreditation.conditions import Condition, Offer, Parent, Profile
from accreditation.models import Application
from accreditation.states import FAILED, ApplicationState, CaseKind, MaterialKind, Outcome
from credit import selectors as credit
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
OTHER_LABELS = {"revision": "产品版本"}  # what `stated` names otherwise than its column


@dataclass(frozen=True)
class KeptOut:
    """The decision by which a provider may not apply: a bar for good, or an entry in its credit file."""

    kind: str  # bar | credit_record
    key: str
    decision_no: str
    why: str


def kept_out(application: Application) -> KeptOut | None:
    """What keeps the case's provider out today (第十六条, 第二十七条); None when nothing does."""
    uscc = application.provider.uscc
    if bar := selectors.bar_on(uscc):
        why = f"依据{bar.decision_no}，该机构因申报材料不实不得申报认定（办法第十六条）。"
        return KeptOut("bar", str(bar.pk), bar.decision_no, why)
    if record := credit.restriction(uscc, clock.today()):
        why = f"依据{record.decision_no}，该机构被限制参与（办法第二十七条）。"
        return KeptOut("credit_record", str(record.pk), record.decision_no, why)
    return None


def dishonest(application: Application) -> str:
    """The case's provider stands on the 严重失信主体名单 today (第十三条第（五）项): the reason, or empty."""
    source = _dishonest(application.provider.uscc, clock.today())
    return f"机构已列入严重失信主体名单（{source}），不符合办法第十三条第（五）项。" if source else ""


def conditions_of(application: Application, *, commitment: bool) -> list[Condition]:
    """Every condition of the case, as of the day of the application; the rosters as of today."""
    if application.kind == CaseKind.PRODUCT:
        return conditions.of_product(offer(application))
    rules = application.notice.parsed
    return conditions.of_provider(profile(application, commitment=commitment), rules.admission, applied_on(application))


def will_fail(application: Application) -> list[Condition]:
    """The conditions for which the case, submitted as it stands, cannot be accepted: what a machine finds not met and
    no officer may overrule (`services.checking`). The commitment counts as given: it is signed with the submission.
    """
    found = conditions_of(application, commitment=True)
    return [one for one in found if one.hard and one.result == Outcome.FAIL]


def applied_on(application: Application) -> date:
    """The day of the first submission, today before it: 上年 and 未满一年 do not move while a case is put right."""
    first = application.first_submitted_at
    return clock.local_date(first) if first is not None else clock.today()


def required(application: Application) -> tuple[MaterialKind, ...]:
    """Which materials have to be attached."""
    if application.kind == CaseKind.PRODUCT:
        return conditions.MATERIALS_OF_PRODUCT
    who = profile(application, commitment=False)
    return conditions.materials_of_provider(
        with_parent=conditions.uses_parent(who, application.notice.parsed.admission, applied_on(application)),
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
        proven=_proven(application, of_parent=False),
        proven_by_parent=_proven(application, of_parent=True),
        parent=_parent(application, today),
        dishonest=_dishonest(provider.uscc, today),
        public_platform=application.public_platform,
        bad_record=_bad_record(provider.uscc),
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


def labels(application: Application) -> dict[str, str]:
    """What people call each thing that the case says."""
    model: Any = ProductVersion if application.kind == CaseKind.PRODUCT else Provider
    names = {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
    own = {field.name: str(field.verbose_name) for field in Application._meta.concrete_fields}
    return {name: names.get(name) or own.get(name) or OTHER_LABELS[name] for name in stated(application)}


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


def _proven(application: Application, *, of_parent: bool) -> int:
    last_year = applied_on(application).year - 1
    return selectors.clients(application).filter(of_parent=of_parent, served_on__year=last_year).count()


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
    new = conditions.is_new_body(provider.founded_on, asked, applied_on(application))
    if provider.parent_founded_on is None or not new:
        return []
    names: dict[str, tuple[str, Decimal | int | None]] = {
        "parent_core_staff": ("母公司核心业务专职人员数", application.parent_core_staff),
        "parent_clients": ("母公司上年服务企业数", application.parent_clients),
        "parent_revenue": ("母公司上年营业收入", application.parent_revenue),
    }
    return [label for label, value in names.values() if value is None]


def _bad_record(uscc: str) -> str:
    """The 不良信用记录 of the platform itself that stand today; one that blocks lets nobody come this far."""
    return "、".join(f"{one.number}（{one.get_ground_display()}）" for one in credit.standing(uscc, clock.today()))


def _dishonest(uscc: str, today: date) -> str:
    found = registry.dishonest(uscc, today)
    return found.source if found else ""
