"""我的需求: written, checked, shown on the board, answered, contracted (第十八条第（三）项)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from rest_framework.serializers import Serializer

from accounts.models import User
from demands import policies, selectors
from demands import serializers as s
from demands.matching import suggest
from demands.models import Demand
from demands.services import posting
from demands.states import DEMAND_EDITABLE, DEMAND_SHOWN, DemandState
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import DomainError, not_found
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.parties.responses import tone as response_tone
from programmes import selectors as programmes

TONES = {
    DemandState.PUBLISHED: "run",
    DemandState.MATCHING: "run",
    DemandState.MATCHED: "ok",
    DemandState.SUBMITTED: "warn",
    DemandState.RETURNED: "bad",
    DemandState.TAKEN_DOWN: "bad",
}
WITHDRAWABLE = DEMAND_EDITABLE | DEMAND_SHOWN | {DemandState.SUBMITTED}


def page(row: Demand) -> str:
    return reverse("enterprise:demand", kwargs={"pk": row.pk})


def tone(row: Demand) -> str:
    return TONES.get(DemandState(row.state), "off")


def fees(row: Demand) -> str:
    """What the enterprise would pay, in words."""
    low, high = row.fee_low, row.fee_high
    if low is None and high is None:
        return "面议"
    if low is None:
        return f"{high:,.2f}元以内"
    return f"{low:,.2f}元以上" if high is None else f"{low:,.2f}至{high:,.2f}元"


LIST = Listing(
    name="demands",
    caption="服务需求",
    columns=(
        Column(name="title", label="标题", show="title", second="number", link=page, place="title"),
        Column(name="fees", label="可接受费用", show=fees),
        Column(name="answers", label="应答", show="answers", kind="number"),
        Column(name="until", label="展示至", show="shown_until", kind="date"),
        Column(name="state", label="状态", show="stage_label", kind="chip", tone=tone, place="corner"),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=DemandState.choices),),
    empty="还没有需求。写下要解决的问题，审核后公开展示，入库服务商会来应答报价。",
)


class DemandForm(BodyForm):
    body: ClassVar[type[Serializer[Any]]] = s.DemandIn
    labels = {
        "title": "标题",
        "content": "需求服务内容",
        "categories": "服务类别",
        "fee_low": "可接受费用下限",
        "fee_high": "可接受费用上限",
        "starts_on": "期望开始日期",
        "ends_on": "期望完成日期",
        "contact_name": "联系人",
        "contact_phone": "联系电话",
    }
    helps = {
        "title": "一句话说清要什么服务，例如：求环境影响评价服务。",
        "content": "将公开展示，请写清现状、规模、目标和交付要求，不要写姓名、电话等个人信息。",
        "categories": "不确定的可以不选。",
        "contact_phone": "不公开，选定服务商后才提供给对方。",
    }
    kinds = {"content": forms.Textarea(attrs={"rows": 8, "maxlength": 4000})}


class EditForm(DemandForm):
    """Only what differs is changed; an optional figure or day can be taken off."""

    body = s.DemandEditIn
    CLEARABLE = ("fee_low", "fee_high", "starts_on", "ends_on")

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {**dict.fromkeys(self.CLEARABLE), **super().payload(cleaned)}


class ReasonForm(BodyForm):
    body = s.DemandReasonIn
    labels = {"reason": "理由"}


def _categories(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    try:
        notice = programmes.current_notice(clock.today())
    except DomainError:  # the service says so when it is sent
        return {"categories": []}
    return {"categories": [(one.code, one.name) for one in notice.parsed.categories.values()]}


def _contact(by: User, row: Any) -> dict[str, Any]:
    enterprise = selectors.own_enterprise(by)
    return {"contact_name": enterprise.contact_name, "contact_phone": enterprise.contact_phone}


def _as_written(by: User, row: Demand) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DemandForm.labels}


def _create(by: User, row: Any, data: dict[str, Any]) -> Demand:
    enterprise = selectors.own_enterprise(by)
    return posting.create(by=by, enterprise_id=enterprise.pk, wish=s.DemandIn.wish(data))


def _edit(by: User, row: Demand, data: dict[str, Any]) -> Demand:
    version = data.pop("version")
    return posting.edit(by=by, demand_id=row.pk, version=version, changes=data)


def _own(by: User, row: Demand) -> bool:
    return policies.acts_for_enterprise(by, row.enterprise)


NEW = Deck(
    name="enterprise:demands",
    roles=ENTERPRISE,
    home=page,
    crumbs=lambda row: [("我的需求", reverse("enterprise:demands"))],
    acts=(
        Act(
            name="new",
            label="新建需求",
            tone="main",
            icon="megaphone",
            form=DemandForm,
            intro="先存为草稿，核对后提交；促进中心两人审核、发布，在需求大厅滚动展示。",
            article="18",
            choices=_categories,
            initial=_contact,
            run=_create,
            done="草稿已保存，核对后请提交。",
        ),
    ),
)

DECK = Deck(
    name="enterprise:demand",
    roles=ENTERPRISE,
    rows=selectors.visible_demands,
    title=lambda row: row.title,
    acts=(
        Act(
            name="submit",
            label="提交审核",
            tone="main",
            icon="send",
            intro="提交后不能修改；退回的可以改后再交。",
            article="18",
            may=lambda by, row: row.state in DEMAND_EDITABLE and _own(by, row),
            run=lambda by, row, data: posting.submit(by=by, demand_id=row.pk, **data),
            done="需求已提交，等待审核。",
        ),
        Act(
            name="edit",
            label="修改",
            icon="pen",
            form=EditForm,
            may=lambda by, row: row.state in DEMAND_EDITABLE and _own(by, row),
            choices=_categories,
            initial=_as_written,
            run=_edit,
            done="需求已修改。",
        ),
        Act(
            name="withdraw",
            label="撤回需求",
            tone="danger",
            form=ReasonForm,
            intro="撤回后不再展示，已应答的服务商会得到通知。",
            may=lambda by, row: row.state in WITHDRAWABLE and _own(by, row),
            run=lambda by, row, data: posting.withdraw(by=by, demand_id=row.pk, **data),
            done="需求已撤回。",
        ),
    ),
)


@pages_for(*ENTERPRISE)
def demands(request: Asked) -> HttpResponseBase:
    """Every demand of the enterprise."""
    context = {"acts": NEW.offered(request.user, None)}
    return LIST.answer(request, selectors.visible_demands(request.user), "portal/enterprise/demands.html", context)


@pages_for(*ENTERPRISE)
def demand(request: Asked, pk: str) -> HttpResponseBase:
    """One demand: its words, who answered, which products on the shelf would fit."""
    row = selectors.visible_demands(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("需求")
    names = row.notice.parsed.categories
    answers = selectors.visible_responses(request.user).filter(demand=row).order_by("price", "pk")
    context = {
        "demand": row,
        "tone": tone(row),
        "fees": fees(row),
        "categories": [names[code].name if code in names else code for code in row.categories],
        "answers": [{"row": one, "tone": response_tone(one)} for one in answers],
        "suggestions": s.ProposedProductOut(suggest.products_for(row), many=True).data,
        "acts": DECK.offered(request.user, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/enterprise/demand.html", context)
