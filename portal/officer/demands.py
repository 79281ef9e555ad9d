"""Demands: checked by one, published by another, taken down."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from demands import policies, queues, selectors
from demands import serializers as bodies
from demands.models import Demand
from demands.services import checking
from demands.states import DEMAND_SHOWN, DemandState
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from foundation.names import masked
from portal.kit.access import Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, acts, beside, case_page, person, said
from portal.officer.registration_acts import READERS
from portal.officer.shown import call

TONES = {
    DemandState.SUBMITTED: "warn",
    DemandState.PUBLISHED: "ok",
    DemandState.MATCHING: "run",
    DemandState.MATCHED: "ok",
    DemandState.TAKEN_DOWN: "bad",
}


page = tasks.page_of("officer:demand")


class RemarkForm(BodyForm):
    body = bodies.DemandRemarkIn
    labels = {"reason": "意见"}


class ReasonForm(BodyForm):
    body = bodies.DemandReasonIn
    labels = {"reason": "理由"}


def _waits(row: Demand, checked: bool) -> bool:
    return row.state == DemandState.SUBMITTED and (row.checked_at is not None) == checked


DECK = Deck(
    name="officer:demand",
    roles=READERS,
    rows=selectors.visible_demands,
    title=lambda row: row.title,
    acts=beside(
        lambda by, row: [*_wanted(row), _noticed(row)],
        Act(
            name="check",
            label="审核通过",
            tone="main",
            form=RemarkForm,
            intro="核对内容具体、不含个人信息、不涉及套现和转让。通过后由另一人发布。",
            article="18,27",
            may=lambda by, row: _waits(row, checked=False) and policies.may_check(by, row),
            run=call(checking.check, "demand_id"),
            done="已审核，等待另一人发布。",
        ),
        Act(
            name="publish",
            label="发布",
            tone="main",
            form=RemarkForm,
            intro="发布后在需求大厅公开展示，服务商可以应答。",
            article="18",
            may=lambda by, row: _waits(row, checked=True) and policies.may_publish(by, row),
            run=call(checking.publish, "demand_id"),
            done="已发布。",
        ),
        Act(
            name="return",
            label="退回修改",
            form=ReasonForm,
            may=lambda by, row: row.state == DemandState.SUBMITTED and policies.may_return(by, row),
            run=call(checking.send_back, "demand_id"),
            done="已退回企业修改。",
        ),
        Act(
            name="take-down",
            label="下架",
            tone="danger",
            form=ReasonForm,
            intro="下架后不再公开展示，应答随之结束。",
            may=lambda by, row: row.state in DEMAND_SHOWN and policies.may_take_down(by, row),
            run=call(checking.take_down, "demand_id"),
            done="已下架。",
        ),
    ),
)


LIST = Listing(
    name="demands",
    caption="企业需求",
    columns=(
        Column(name="title", label="需求", show="title", second="number", link=page, place="title"),
        Column(name="enterprise", label="企业", show="enterprise.name"),
        Column(name="answers", label="应答", show="answers", kind="number"),
        Column(name="until", label="展示至", show="shown_until", kind="date"),
        Column(name="made", label="更新", show="updated_at", kind="moment", sort="updated_at"),
        Column(
            name="state",
            label="状态",
            show="stage_label",
            kind="chip",
            tone=lambda row: TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=DemandState.choices),
        Filter(name="title", label="标题", narrow="title__icontains", kind="text"),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__name__icontains", kind="text"),
    ),
    empty="还没有企业发布需求。",
)


@pages_for(*READERS)
def demands(request: Asked) -> HttpResponseBase:
    """Every demand that the reader may see."""
    rows = selectors.visible_demands(request.user)
    return LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "企业需求", "under": "审核、发布由两人办理"}
    )


@pages_for(*READERS)
def demand(request: Asked, pk: str) -> HttpResponseBase:
    """One demand: its words, what the machine noticed in them, the decision."""
    rows = selectors.visible_demands(request.user)
    row = rows.select_related("submitted_by", "checked_by", "published_by").filter(pk=pk).first()
    if row is None:
        raise not_found("需求")
    done = (
        ("提交", _by(row.submitted_by, row.submitted_at)),
        ("审核", _by(row.checked_by, row.checked_at)),
        ("发布", _by(row.published_by, row.published_at)),
        ("展示至", row.shown_until),
        ("应答", f"{getattr(row, 'answers', 0)}家"),
        ("合同", row.contract_number),
        ("退回、撤回或下架理由", row.reason),
    )
    return case_page(
        request,
        Case(
            title=row.title,
            under=f"需求编号 {row.number}",
            state=Chip(row.stage_label, TONES.get(DemandState(row.state), "off")),
            crumbs=(Link("企业需求", reverse("officer:demands")),),
            left=_wanted(row),
            right=(
                _noticed(row),
                Section(title="办理情况", facts=said(done)),
            ),
            record=row,
            acts=acts(DECK, request, row),
            trail=list(of_subject(row).reverse()),
        ),
    )


def _wanted(row: Demand) -> list[Section]:
    """What the enterprise looks for."""
    facts = (
        ("企业", Link(row.enterprise.name, reverse("officer:enterprise", args=[row.enterprise_id]))),
        ("需求产品类型", _categories(row)),
        ("可接受费用", _fee(row)),
        ("期望时间", "至".join(day(one) for one in (row.starts_on, row.ends_on) if one)),
        ("联系人", f"{masked(row.contact_name)}　{masked(row.contact_phone)}"),
    )
    return [
        Section(title="需求服务内容", text=row.content, article="18"),
        Section(title="要求", facts=facts),
    ]


def _noticed(row: Demand) -> Section:
    found = [Check("warn", one["message"], "、".join(one.get("words", []))) for one in row.findings]
    return Section(title="内容提示", checks=found, empty="没有需要留意的表述。", article="27")


def _categories(row: Demand) -> list[str]:
    known = row.notice.parsed.categories
    return [known[code].name if code in known else code for code in row.categories]


def _fee(row: Demand) -> str:
    low, high = row.fee_low, row.fee_high
    if low is None and high is None:
        return ""
    if low is not None and high is not None:
        return f"{low:,.2f}元至{high:,.2f}元"
    return f"不低于{low:,.2f}元" if low is not None else f"不超过{high:,.2f}元"


def _by(user: Any, at: Any) -> str:
    return f"{person(user)}　{day(at)}" if at is not None else ""


tasks.register(
    tasks.Kind(
        code="demand-check",
        label="需求审核",
        group="需求",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.to_check,
        subject=lambda row: str(row.title),
        below=lambda row: f"{row.enterprise.name}　{row.number}",
        since="submitted_at",
        url=page,
        bulk=tasks.Bulk(
            label="审核通过",
            intro="内容没有提示的可以批量审核；有提示的须单独审核。",
            ready=lambda row: "、".join(one["message"] for one in row.findings),
            run=lambda by, row, seen: checking.check(by=by, demand_id=row.pk, version=seen),
        ),
    ),
    tasks.Kind(
        code="demand-publish",
        label="需求发布",
        group="需求",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.to_publish,
        subject=lambda row: str(row.title),
        below=lambda row: f"{row.enterprise.name}　{row.number}",
        since="checked_at",
        url=page,
        bulk=tasks.Bulk(
            label="发布",
            intro="已审核的可以批量发布。",
            run=lambda by, row, seen: checking.publish(by=by, demand_id=row.pk, version=seen),
        ),
    ),
)


URLS = [
    path("demands/", demands, name="demands"),
    path("demands/<uuid:pk>/", demand, name="demand"),
    *DECK.urls("demands/"),
]
