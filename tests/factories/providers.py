"""Providers, listings and products for tests, made in the state itself with the evidence that backs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from factory.base import Factory

from accounts.models import User
from accounts.states import OrganisationKind, Role
from engines.evidence import services as evidence
from foundation import clock
from foundation.locking import unit_of_work
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Listing, Product, ProductVersion, Provider, SettlementAccount
from providers.services import offers, open_cap
from providers.states import AccountState, ListingState, ProductState, VersionState
from tests.factories.accounts import TESTER, make_organisation, make_user
from tests.factories.enterprises import shared_officer
from tests.factories.programmes import open_year

OFFICER_ROLES = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER)
INDICATORS = [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场记录与报告核对"}]


class _ProviderFactory(Factory[Any]):
    """A registered provider; `listed=True` one listed for this year, with its cap open and an account to be paid to."""

    class Meta:
        model = Provider

    listed = False
    region_code = "450103"
    address = "南宁市青秀区测试路8号"
    founded_on = date(2015, 3, 12)
    legal_representative = "王五"
    contact_name = "赵六"
    contact_phone = "10087654321"
    contact_email = "zhaoliu@example.com"
    core_staff = 26
    clients_last_year = 48
    revenue_last_year = Decimal("9600000.00")

    @classmethod
    def _create(cls, model_class: type[Provider], *args: Any, listed: bool, **fields: Any) -> Provider:
        named = {key: fields.pop(key) for key in ("uscc", "name") if key in fields}
        organisation = fields.pop("organisation", None) or make_organisation(OrganisationKind.PROVIDER, **named)
        fields |= {"organisation": organisation, "name": organisation.name, "uscc": organisation.uscc}
        row = model_class(**fields)
        evidence.record(row, act="register", by=TESTER)
        if listed:
            list_year(row, clock.today().year)
            SettlementAccountFactory(provider=row, approved=True)
            row.refresh_from_db()
        return row


class _ListingFactory(Factory[Any]):
    """A listing of the whole of this year, by a published notice; `state` any, with the reason that goes with it."""

    class Meta:
        model = Listing

    state = ListingState.LISTED
    approval_no = "测试审定文号"
    reference = "测试公示"

    @classmethod
    def _create(cls, model_class: type[Listing], *args: Any, **fields: Any) -> Listing:
        year = fields.setdefault("year", clock.today().year)
        fields.setdefault("notice", notice_of(year))
        provider = fields.pop("provider", None) or ProviderFactory()
        days = {"valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31)}
        row = model_class(provider=provider, **{**days, **fields})
        evidence.record(row, act="enlist", by=TESTER)
        return row


class _SettlementAccountFactory(Factory[Any]):
    """A requested account in the provider's own name; `approved=True` one in effect since 2020."""

    class Meta:
        model = SettlementAccount

    approved = False
    account_number = "0000009876543210"
    bank_name = "测试银行南宁分行"
    line_no = "000000000001"

    @classmethod
    def _create(
        cls, model_class: type[SettlementAccount], *args: Any, approved: bool, **fields: Any
    ) -> SettlementAccount:
        fields.setdefault("account_name", fields["provider"].name)
        if approved:
            fields |= {
                "state": AccountState.APPROVED,
                "effective_on": date(2020, 1, 1),
                "reviewed_at": clock.now(),
                "reviewed_by": shared_officer(Role.CENTRE_REVIEWER),
            }
        row = model_class(**fields)
        evidence.record(row, act="approve" if approved else "request", by=TESTER)
        return row


TERMS: dict[str, Any] = {
    "name": "数字化转型诊断（离散制造）",
    "aim": "查明数字化短板，给出分步改造方案。",
    "functions": "现场调研、数据采集、短板分析。",
    "deliverables": ["诊断报告", "改造路线图"],
    "indicators": INDICATORS,
    "min_days": 10,
    "max_days": 180,
    "price": Decimal("12500.00"),
    "price_proof": "近两年同类合同均价。",
    "market_prices": [{"source": "同类合同", "price": "12600.00"}],
    "team": "咨询顾问6名",
    "cases": "离散制造企业诊断12家",
}


class _ProductFactory(Factory[Any]):
    """A product with its first version in draft (`drafted=False`: with none); `on_shelf=True` one to be contracted.

    Fields of the version (price, sub_type, …) may be given with those of the product.
    """

    class Meta:
        model = Product

    on_shelf = False
    drafted = True
    category = "diagnosis"

    @classmethod
    def _create(cls, model_class: type[Product], *args: Any, on_shelf: bool, drafted: bool, **fields: Any) -> Product:
        provider = fields.pop("provider", None) or ProviderFactory(listed=on_shelf)
        notice = notice_of(clock.today().year)
        own = {name: fields.pop(name) for name in ("state", "reason", "shelf_from", "shelf_to") if name in fields}
        row = model_class(provider=provider, category=fields["category"], name=fields.get("name", TERMS["name"]), **own)
        if not on_shelf:
            evidence.record(row, act="create", by=TESTER)
            if drafted:
                make_version(row, **fields)
            return row
        made = make_version(row, state=VersionState.CURRENT, save=False, **fields)
        days = {"shelf_from": date(notice.year, 1, 1), "shelf_to": date(notice.year, 12, 31)}
        for name, value in {"state": ProductState.ON_SHELF, "notice": notice, **days, **own}.items():
            row.__dict__[name] = value
        row.notice = notice
        row.carry(made)
        with unit_of_work():  # the two point at each other
            evidence.record(row, act="shelve", by=TESTER)
            evidence.record(made, act="shelve", by=TESTER)
        return row


def make_version(
    product: Product, *, state: str = VersionState.DRAFT, save: bool = True, **fields: Any
) -> ProductVersion:
    """A version of the product in `state`, with the dates and documents that go with it."""
    notice = notice_of(clock.today().year)
    category = fields.setdefault("category", product.category)
    kinds = notice.parsed.category(category).sub_types
    fields.setdefault("sub_type", next(iter(kinds), "其他"))
    fields.setdefault("number", product.versions.count() + 1 if not product._state.adding else 1)
    trail: dict[str, Any] = {}
    if state not in (VersionState.DRAFT, VersionState.WITHDRAWN):
        trail |= {"submitted_at": clock.now(), "precheck_result": 1}
    if state in (VersionState.RETURNED, VersionState.REJECTED):
        trail |= {"reason": "验收指标不可量化。"}
    if state in (VersionState.CURRENT, VersionState.SUPERSEDED):
        trail |= {"approval_no": "测试审定文号", "reference": "测试公示", "shelved_at": clock.now()}
    if state == VersionState.SUPERSEDED:
        trail |= {"superseded_at": clock.now()}
    row = ProductVersion(product=product, state=state, **{**TERMS, **trail, **fields})
    row.price = Decimal(row.price)
    offers.fit(row, notice)
    if save:
        evidence.record(row, act="draft", by=TESTER)
    return row


# factory-boy tells mypy nothing of what a factory answers
ProviderFactory = cast("Callable[..., Provider]", _ProviderFactory)
ListingFactory = cast("Callable[..., Listing]", _ListingFactory)
SettlementAccountFactory = cast("Callable[..., SettlementAccount]", _SettlementAccountFactory)
ProductFactory = cast("Callable[..., Product]", _ProductFactory)


def list_year(provider: Provider, year: int) -> Listing:
    """The provider is listed for the whole of `year`, and its cap of that year is open."""
    listing = ListingFactory(provider=provider, year=year)
    open_cap(provider_id=provider.pk, year=year, by=TESTER)
    return listing


def notice_of(year: int) -> Notice:
    """The year's notice, published when it is not yet."""
    if programmes.notice_of_year(year) is None:
        open_year(year)
    notice = programmes.notice_of_year(year)
    assert notice is not None
    return notice


def signatory_of(provider: Provider) -> User:
    """The provider's signatory, made when there is none."""
    known = User.objects.filter(organisation=provider.organisation, memberships__role=Role.PROVIDER_SIGNATORY).first()
    return known or make_user(Role.PROVIDER_SIGNATORY, organisation=provider.organisation)
