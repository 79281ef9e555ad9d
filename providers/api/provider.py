"""Registration, the public list of providers, their cap and their accounts."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller
from accounts.services import Person
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from foundation import clock
from foundation.api.fields import ExplanationBody, asked_year
from foundation.api.throttling import Newcomer
from foundation.api.views import Listed, Rows, act, look
from programmes import selectors as programmes
from providers import explains, selectors
from providers import serializers as bodies
from providers.filters import AccountFilter, ProviderFilter
from providers.models import Provider, SettlementAccount
from providers.selectors import CapFigures
from providers.services import accounts, registration
from providers.services.registration import Profile

ID = "[0-9a-f-]{36}"
YEAR = OpenApiParameter("year", OpenApiTypes.INT, description="年度，默认本年")
PROFILE = {
    "region_code": "450103",
    "address": "南宁市青秀区示例路8号",
    "founded_on": "2015-03-12",
    "legal_representative": "王五",
    "contact_name": "赵六",
    "contact_phone": "10087654321",
    "contact_email": "zhaoliu@example.com",
    "introduction": "提供数字化转型诊断与实施服务。",
    "core_staff": 26,
    "clients_last_year": 48,
    "revenue_last_year": "9600000.00",
}
PEOPLE = [
    {
        "username": "zhaoliu",
        "password": "Choose-your-own-1",
        "name": "赵六",
        "identity_number": "45990019870303001X",
        "roles": ["PO"],
    },
    {
        "username": "wangwu",
        "password": "Choose-your-own-2",
        "name": "王五",
        "identity_number": "459900198804040022",
        "roles": ["PL"],
    },
]
REGISTRATION = {"name": "广西示例数智服务有限公司", "uscc": "91450199MA6K00014C", **PROFILE, "people": PEOPLE}


class RegistrationViewSet(Rows):
    """Open registration of a provider with the accounts of its people (第十三条第（一）项)."""

    permission_classes = [AllowAny]
    throttle_classes = [Newcomer]
    serializer_class = bodies.ProviderOut

    @act(
        body=bodies.ProviderRegistrationIn,
        out=bodies.ProviderOut,
        summary="服务机构注册（无需登录）：建立账号和机构资料",
        example=REGISTRATION,
        detail=False,
        path="",
        status=201,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Provider:
        people = [Person(roles=tuple(person.pop("roles")), **person) for person in data.pop("people")]
        name, uscc = data.pop("name"), data.pop("uscc")
        return registration.register(name=name, uscc=uscc, profile=Profile(**data), people=people)


class ProviderViewSet(Listed):
    """The public list of this year's providers; the whole record for the provider itself and officers."""

    lookup_value_regex = ID
    filterset_class = ProviderFilter

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def get_serializer_class(self) -> type[Any]:
        return bodies.ProviderPublic if self.action in ("list", "retrieve") else bodies.ProviderOut

    def rows(self) -> models.QuerySet[Provider]:
        if self.action in ("list", "retrieve"):
            return selectors.with_listing(selectors.visible_providers(self.request.user))
        return selectors.visible_profiles(caller(self.request))

    @act(
        body=bodies.ProviderProfileIn,
        out=bodies.ProviderOut,
        summary="登记本机构（已有账号、尚未登记）",
        example=PROFILE,
        detail=False,
        path="",
        status=201,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Provider:
        return registration.register_own(by=caller(request), profile=Profile(**data))

    @look(out=bodies.ProviderOut, summary="全部资料（本机构、管理部门）")
    def profile(self, request: Request, row: Provider) -> Provider:
        return row

    @act(
        body=bodies.ProviderEditIn,
        out=bodies.ProviderOut,
        summary="修改资料（已提交的申请保留提交时的内容）",
        example={"version": 1, "core_staff": 30},
    )
    def edit(self, request: Request, row: Provider, data: dict[str, Any]) -> Provider:
        version = data.pop("version")
        return registration.edit(by=caller(request), provider_id=row.pk, version=version, changes=data)

    @look(out=bodies.CapOut, summary="年度限额", asks=[YEAR])
    def cap(self, request: Request, row: Provider) -> CapFigures:
        return selectors.cap_figures(row.pk, asked_year(request))

    @look(out=ExplanationBody, summary="为什么剩余这么多限额", path="cap/explain", asks=[YEAR])
    def cap_explain(self, request: Request, row: Provider) -> dict[str, Any]:
        year = asked_year(request)
        notice = programmes.notice_of_year(year) or programmes.current_notice(clock.today())
        return explains.cap(selectors.cap_figures(row.pk, year), notice).as_dict()

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Provider) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class AccountViewSet(Listed):
    """Settlement accounts: a change is a new row (8-48)."""

    lookup_value_regex = ID
    serializer_class = bodies.AccountOut
    filterset_class = AccountFilter

    def rows(self) -> models.QuerySet[SettlementAccount]:
        return selectors.visible_accounts(caller(self.request))

    @act(
        body=bodies.AccountIn,
        out=bodies.AccountOut,
        summary="申请收款账户或其变更（服务商签署人）",
        detail=False,
        path="",
        status=201,
        example={
            "account_name": "广西示例数智服务有限公司",
            "account_number": "0000009876543210",
            "bank_name": "示例银行南宁分行",
            "line_no": "000000000001",
        },
    )
    def create(self, request: Request, data: dict[str, Any]) -> SettlementAccount:
        user = caller(request)
        return accounts.request_account(by=user, provider_id=selectors.own(user).pk, **data)

    @act(
        body=bodies.ProviderRemarkIn,
        out=bodies.AccountOut,
        summary="复核收款账户（促进中心复核）",
        example={"version": 1},
    )
    def approve(self, request: Request, row: SettlementAccount, data: dict[str, Any]) -> SettlementAccount:
        return accounts.approve_account(by=caller(request), account_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.AccountOut,
        summary="收款账户不予通过",
        example={"version": 1, "reason": "开户证明与户名不符。"},
    )
    def refuse(self, request: Request, row: SettlementAccount, data: dict[str, Any]) -> SettlementAccount:
        return accounts.refuse_account(by=caller(request), account_id=row.pk, **data)
