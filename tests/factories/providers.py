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
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Application, Product, Provider, SettlementAccount
from providers.services import open_cap
from providers.states import AccountState, ApplicationState, ProductState
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


class _ApplicationFactory(Factory[Any]):
    """An application of this year; `state` any that the row can stand in without listing (draft by default)."""

    class Meta:
        model = Application

    state = ApplicationState.DRAFT

    @classmethod
    def _create(cls, model_class: type[Application], *args: Any, **fields: Any) -> Application:
        fields.setdefault("year", clock.today().year)
        fields.setdefault("provider", None)
        provider = fields.pop("provider") or ProviderFactory()
        trail = {} if fields["state"] == ApplicationState.DRAFT else passed(provider, fields["year"])
        row = model_class(provider=provider, **{**trail, **fields})
        evidence.record(row, act="apply", by=TESTER)
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


class _ProductFactory(Factory[Any]):
    """A draft product; `on_shelf=True` one that can be contracted today."""

    class Meta:
        model = Product

    on_shelf = False
    name = "数字化转型诊断（离散制造）"
    category = "diagnosis"
    sub_type = "数字化转型诊断"
    aim = "查明数字化短板，给出分步改造方案。"
    deliverables = ["诊断报告", "改造路线图"]
    indicators = INDICATORS
    min_days = 10
    max_days = 180
    price = Decimal("12500.00")
    price_proof = "近两年同类合同均价。"

    @classmethod
    def _create(cls, model_class: type[Product], *args: Any, on_shelf: bool, **fields: Any) -> Product:
        provider = fields.pop("provider", None) or ProviderFactory(listed=on_shelf)
        notice = notice_of(clock.today().year)
        fields.setdefault("is_diagnosis", notice.parsed.category(fields["category"]).is_diagnosis)
        if on_shelf:
            year = notice.year
            reviewed = passed(provider, year)
            for name in ("accepted_by", "accepted_at"):
                reviewed.pop(name)
            days = {"shelf_from": date(year, 1, 1), "shelf_to": date(year, 12, 31)}
            fields = {**reviewed, **days, "state": ProductState.ON_SHELF, **fields}
        row = model_class(provider=provider, notice=notice, **fields)
        evidence.record(row, act="shelve" if on_shelf else "create", by=TESTER)
        return row


# factory-boy tells mypy nothing of what a factory answers
ProviderFactory = cast("Callable[..., Provider]", _ProviderFactory)
ApplicationFactory = cast("Callable[..., Application]", _ApplicationFactory)
SettlementAccountFactory = cast("Callable[..., SettlementAccount]", _SettlementAccountFactory)
ProductFactory = cast("Callable[..., Product]", _ProductFactory)


def list_year(provider: Provider, year: int) -> Application:
    """The provider is listed for the whole of `year`, and its cap of that year is open."""
    notice = notice_of(year)
    application = ApplicationFactory(
        provider=provider,
        year=year,
        state=ApplicationState.LISTED,
        notice=notice,
        listed_by=shared_officer(Role.DEPARTMENT),
        listed_at=clock.now(),
        valid_from=date(year, 1, 1),
        valid_to=date(year, 12, 31),
    )
    open_cap(provider_id=provider.pk, year=year, by=TESTER)
    return application


def passed(provider: Provider, year: int) -> dict[str, Any]:
    """Every act of the review, done by different people, with a 公示 that ended before the year began."""
    at = clock.now()
    approver, department = shared_officer(Role.APPROVER), shared_officer(Role.DEPARTMENT)
    return {
        "submitted_by": signatory_of(provider),
        "submitted_at": at,
        "checked_by": shared_officer(Role.CENTRE_CHECKER),
        "checked_at": at,
        "accepted_by": department,
        "accepted_at": at,
        "recommended_by": department,
        "recommended_at": at,
        "expert_opinion": "测试专家评审意见",
        "approved_by": approver,
        "approved_at": at,
        "approval_no": "测试审定文号",
        "publicity_reference": "测试公示",
        "publicity_from": date(year - 1, 12, 20),
        "publicity_to": date(year - 1, 12, 28),
    }


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
