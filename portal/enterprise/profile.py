"""What the enterprise has stated of itself, how its registration stands, and the acts that are its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from credit import commitments
from engines.evidence.selectors import of_subject
from enterprises import eligibility, policies, selectors, services
from enterprises import serializers as s
from enterprises.models import Enterprise
from enterprises.services import Profile
from enterprises.states import CORRECTABLE, EDITABLE, REOPENABLE, State
from foundation import clock
from portal.enterprise import own
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, One
from registry import selectors as registry
from registry.reference import regions

LABELS = {
    "name": "企业名称",
    "uscc": "统一社会信用代码",
    "industry_code": "行业代码",
    "region_code": "所在县（市、区）",
    "address": "注册地址",
    "registered_on": "成立日期",
    "listed_since": "自报入规日期",
    "legal_representative": "法定代表人",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "contact_email": "电子邮箱",
    "bank_name": "付款开户行",
    "bank_account": "付款账号",
}


def live(words: str, name: str) -> SafeString:
    """A help text with a place where the check of what was typed appears."""
    return format_html('{}<span class="live-check" id="check-{}" role="status"></span>', words, name)


HELPS: dict[str, Any] = {
    "name": "与营业执照一致。",
    "uscc": live("18位，营业执照上的代码。填完即校验末位。", "uscc"),
    "industry_code": live("国民经济行业分类（GB/T 4754）的四位小类代码，制造业为第13至43大类，例如 3670。", "industry"),
    "region_code": live("企业登记所在的县（市、区）。", "region"),
    "listed_since": "划型以统计名录为准，此项只供核对。",
    "bank_name": "支付定金和余款的本企业账户。",
    "bank_account": "6至32位半角数字，不含空格。",
    "contact_phone": "审核和履约中联系贵企业，不对外公开。",
}


CHECKED = {"uscc": "uscc", "industry": "industry_code", "region": "region_code"}  # the one field that is sent


def checked_live(name: str) -> dict[str, Any]:
    """Attributes of an input whose value is looked at while it is typed."""
    return {
        "hx-post": reverse_lazy("enterprise:check", kwargs={"what": name}),
        "hx-trigger": "change, input changed delay:600ms",
        "hx-target": f"#check-{name}",
        "hx-swap": "innerHTML",
        "hx-params": CHECKED[name],
    }


KINDS: dict[str, forms.Widget] = {
    "uscc": forms.TextInput(
        attrs={"maxlength": 32, "autocomplete": "off", "autocapitalize": "characters", **checked_live("uscc")}
    ),
    "industry_code": forms.TextInput(
        attrs={"maxlength": 4, "inputmode": "numeric", "autocomplete": "off", **checked_live("industry")}
    ),
    "address": forms.TextInput(attrs={"maxlength": 200, "autocomplete": "street-address"}),
    "bank_account": forms.TextInput(attrs={"maxlength": 32, "inputmode": "numeric", "autocomplete": "off"}),
}


def places() -> list[tuple[str, list[tuple[str, str]]]]:
    """Counties under their cities, each city itself first."""
    known = regions()
    return [
        (
            city.name,
            [(city.code, f"{city.name}（市本级）")]
            + [(one.code, one.name) for one in known.values() if one.parent == city.code],
        )
        for city in known.values()
        if city.level == "city"
    ]


def region_field() -> forms.Field:
    """All of 广西 to choose from; what is not there cannot be chosen."""
    return One(choices=[("", "请选择"), *places()], widget=forms.Select(attrs=checked_live("region")), required=False)


class EditForm(BodyForm):
    """Only what differs is changed; an optional day can be taken off."""

    body = s.EnterpriseEditIn
    labels = LABELS
    helps = HELPS
    kinds = KINDS
    region_code = region_field()

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"listed_since": None, **super().payload(cleaned)}


class CorrectForm(BodyForm):
    body = s.EnterpriseCorrectIn
    labels = LABELS
    helps = HELPS
    kinds = KINDS


class ProfileForm(BodyForm):
    body = s.EnterpriseProfileIn
    labels = LABELS
    helps = HELPS
    kinds = KINDS
    region_code = region_field()


class SubmitForm(BodyForm):
    body = s.EnterpriseSubmitIn
    labels = {"commitment": "本单位已阅读并作出以上承诺，所填内容真实，接受抽查监督"}


class ReasonForm(BodyForm):
    body = s.EnterpriseReasonIn
    labels = {"reason": "理由"}


def _as_stated(by: User, row: Enterprise) -> dict[str, Any]:
    return {name: getattr(row, name) for name in LABELS if name != "uscc"}


def preview(row: Enterprise) -> list[eligibility.Check]:
    """What the automatic check says today, before it is submitted."""
    return selectors.examine(row, clock.today())


DECK = Deck(
    name="enterprise:profile",
    roles=ENTERPRISE,
    rows=own.rows,
    title=lambda row: row.name,
    home=lambda row: reverse("enterprise:profile"),
    acts=(
        Act(
            name="submit",
            label="签署承诺并提交",
            tone="main",
            icon="pen",
            form=SubmitForm,
            intro="由授权签署人代表本单位签署信用承诺。提交后平台自动核验，促进中心初核、复核。",
            article="18,24",
            template="portal/enterprise/submit.html",
            may=lambda by, row: row.state in EDITABLE and policies.may_submit(by, row),
            shown=lambda by, row: {"words": commitments.current(by.organisation.kind), "checks": preview(row)},
            run=lambda by, row, data: services.submit(by=by, enterprise_id=row.pk, version=data["version"]),
            done="已提交。自动核验已完成，审核进度见下方。",
        ),
        Act(
            name="edit",
            label="修改资料",
            icon="pen",
            form=EditForm,
            may=lambda by, row: row.state in EDITABLE and policies.may_edit(by, row),
            initial=_as_stated,
            run=lambda by, row, data: services.edit(
                by=by, enterprise_id=row.pk, version=data.pop("version"), changes=data
            ),
            done="资料已修改。",
        ),
        Act(
            name="correct",
            label="更正联系信息",
            icon="pen",
            form=CorrectForm,
            intro="联系人和付款账户可以随时更正，更正记入存证。名称、行业、所在地等经审查确认的内容有变更的，请联系促进中心。",
            article="18",
            may=lambda by, row: row.state in CORRECTABLE and policies.may_edit(by, row),
            initial=_as_stated,
            run=lambda by, row, data: services.correct(
                by=by, enterprise_id=row.pk, version=data.pop("version"), changes=data
            ),
            done="联系信息已更正。",
        ),
        Act(
            name="close",
            label="撤回注册",
            tone="danger",
            form=ReasonForm,
            intro="撤回后登记关闭，以后可以重新办理。",
            may=lambda by, row: row.state == State.RETURNED and policies.may_close(by, row),
            run=lambda by, row, data: services.close(by=by, enterprise_id=row.pk, **data),
            done="注册已撤回。",
        ),
        Act(
            name="reopen",
            label="重新办理",
            tone="main",
            icon="refresh",
            form=ReasonForm,
            intro="登记回到填报中，资料保留，可以修改后重新提交。",
            may=lambda by, row: row.state in REOPENABLE and policies.may_reopen(by, row),
            run=lambda by, row, data: services.reopen(by=by, enterprise_id=row.pk, **data),
            done="已重新办理，请核对资料后提交。",
        ),
    ),
)


def _register_own(by: User, row: Any, data: dict[str, Any]) -> Enterprise:
    return services.register_own(by=by, profile=Profile(**data))


BEGIN = Deck(
    name="enterprise:begin",
    roles=ENTERPRISE,
    home=lambda row: reverse("enterprise:profile"),
    crumbs=lambda row: [("工作台", reverse("enterprise:home"))],
    acts=(
        Act(
            name="register",
            label="登记本单位",
            tone="main",
            icon="building",
            form=ProfileForm,
            intro="已有账号、尚未登记企业资料的单位在此登记。",
            article="18",
            may=lambda by, row: policies.may_register(by) and own.found(by) is None,
            run=_register_own,
            done="已建立登记草稿，请核对后由授权签署人提交。",
        ),
    ),
)


@pages_for(*ENTERPRISE)
def profile(request: Asked) -> HttpResponseBase:
    """The registration: how far it is, what was found, what was stated, what happened."""
    row = own.found(request.user)
    if row is None:
        context: dict[str, Any] = {"acts": BEGIN.offered(request.user, None)}
        return render(request, "portal/enterprise/unregistered.html", context)
    industry, region = registry.industry(row.industry_code), registry.region(row.region_code)
    context = {
        "enterprise": row,
        "tone": own.tone(row),
        "steps": own.steps(row),
        "editable": row.state in EDITABLE,
        "industry": industry.name if industry else "",
        "region": region.name if region else "",
        "checks": preview(row) if row.state in EDITABLE else row.checks,
        "acts": DECK.offered(request.user, row),
        "trail": _trail(row),
    }
    return render(request, "portal/enterprise/profile.html", context)


def _trail(row: Enterprise) -> models.QuerySet[Any]:
    return of_subject(row)
