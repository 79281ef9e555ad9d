"""The provider's own record: what it states of itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from rest_framework import serializers

from engines.evidence.selectors import of_subject
from foundation.api.fields import Versioned
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, One
from providers import policies, selectors
from providers import serializers as bodies
from providers.models import Provider
from providers.services import registration
from providers.services.registration import Profile
from registry import reference
from registry import selectors as registry

LABELS = {
    "name": "机构名称",
    "region_code": "所在县（市、区）",
    "address": "区内固定经营场地",
    "founded_on": "成立日期",
    "legal_representative": "法定代表人（执行事务合伙人）",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "contact_email": "电子邮箱",
    "introduction": "机构简介",
    "core_staff": str(Provider._meta.get_field("core_staff").verbose_name),
    "clients_last_year": "上年服务企业数",
    "revenue_last_year": "上年营业收入",
    "parent_name": "母公司名称",
    "parent_uscc": "母公司统一社会信用代码",
    "parent_founded_on": "母公司成立日期",
}
HELPS = {
    "address": "写到门牌号。",
    "introduction": "公开显示，请勿写姓名、电话等个人信息。",
    "contact_phone": "不公开，只供管理部门联系。",
    "parent_name": "区外机构在广西新设的主体，以母公司经营年限或指标计入的才填写；三项同时填写或同时留空。",
}


class RegionField(One):
    """A county of 广西, by city."""

    def __init__(self) -> None:
        super().__init__(choices=regions, widget=forms.Select(), required=False)


def regions() -> list[Any]:
    """The counties under their cities, as a select shows them."""
    known = reference.regions().values()
    cities = [one for one in known if one.level == "city"]
    return [
        ("", "请选择"),
        *(
            (
                city.name,
                [
                    (city.code, f"{city.name}（市本级）"),
                    *((one.code, one.name) for one in known if one.parent == city.code),
                ],
            )
            for city in cities
        ),
    ]


class ProfileForm(BodyForm):
    """Everything but name and code."""

    body = bodies.ProviderProfileIn
    labels = LABELS
    helps = HELPS
    region_code = RegionField()


class _Whole(Versioned, bodies.ProviderProfileIn):
    """The record as a whole, for a form that shows all of it: what is left empty is empty."""

    name = serializers.CharField(max_length=120, help_text="机构名称，与营业执照一致")


class EditForm(ProfileForm):
    body = _Whole
    only = ("version", *LABELS)

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        given = super().payload(cleaned)
        return {**given, "parent_founded_on": given.get("parent_founded_on")}


def _initial(provider: Provider) -> dict[str, Any]:
    return {name: getattr(provider, name) for name in LABELS}


def _edit(by: Any, row: Provider, data: dict[str, Any]) -> Provider:
    version = data.pop("version")
    return registration.edit(by=by, provider_id=row.pk, version=version, changes=data)


DECK = Deck(
    name="provider:profile-of",
    roles=PROVIDER,
    rows=selectors.visible_profiles,
    title=lambda row: "机构资料",
    home=lambda row: reverse("provider:profile"),
    acts=(
        Act(
            name="edit",
            label="修改资料",
            tone="main",
            icon="pen",
            intro="已提交的申请保留提交时的内容，不随修改变动。",
            article="13",
            form=EditForm,
            may=policies.may_edit,
            initial=lambda by, row: _initial(row),
            run=_edit,
            done="资料已修改。",
        ),
    ),
)
REGISTER_OWN = Deck(
    name="provider:enrol",
    roles=PROVIDER,
    home=lambda row: reverse("provider:profile"),
    acts=(
        Act(
            name="enrol",
            label="登记本机构",
            tone="main",
            intro="单位已有账号但还没有服务机构资料的，在此登记。",
            article="13",
            form=ProfileForm,
            may=lambda by, row: policies.may_register(by),
            run=lambda by, row, data: registration.register_own(by=by, profile=Profile(**data)),
            done="已登记。",
        ),
    ),
)


@pages_for(*PROVIDER)
def profile(request: Asked) -> HttpResponseBase:
    """The record, and the way to change it; who has none is led to make one."""
    row = selectors.visible_profiles(request.user).first()
    if row is None:
        return HttpResponseRedirect(reverse("provider:enrol-enrol"))
    region = registry.region(row.region_code)
    context = {
        "provider": row,
        "region": region.name if region else row.region_code,
        "acts": DECK.offered(request.user, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/profile.html", context)
