"""Experts and their score sheets: the register, ties, declaring a conflict, scoring by the notice's criteria, signing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Expert, ScoreSheet, Tie
from accreditation.serializers import bodies as b
from accreditation.services import experts, scoring
from accreditation.states import SHEET_OPENED, ApplicationState, ExpertState, SheetState
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import not_found
from portal.kit import widgets
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, One
from portal.kit.items import ItemsForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, person, trail
from programmes import selectors as programmes

READERS = (*DECIDERS, Role.EXPERT)
EXPERT_TONES = {ExpertState.PROPOSED: "warn", ExpertState.ACTIVE: "ok"}
SHEET_TONES = {SheetState.ASSIGNED: "warn", SheetState.OPEN: "run", SheetState.SIGNED: "ok"}
expert_page = tasks.page_of("officer:expert")
sheet_page = tasks.page_of("officer:sheet")


# --- the register


class ExpertForm(BodyForm):
    body = b.ExpertIn
    labels = {"fields_known": "专业领域", "password": "初始密码", "unit_uscc": "单位统一社会信用代码"}


class ReasonForm(BodyForm):
    body = b.AccreditationReasonIn
    labels = {"reason": "理由"}


class TieForm(BodyForm):
    body = b.TieIn
    labels = {"name": "机构名称", "uscc": "统一社会信用代码", "nature": "关系", "ended_on": "关系结束日期"}


class TieRemoveForm(BodyForm):
    body = b.TieRemoveIn
    labels = {"tie": "登记有误的机构", "reason": "理由"}


class PlainForm(BodyForm):
    body = Versioned


def _fields(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    known = programmes.current_notice(clock.today()).parsed.categories
    return {"fields_known": [(code, one.name) for code, one in known.items()]}


def _ties(row: Expert) -> Any:
    return Tie.objects.filter(expert=row, removed_at=None).order_by("pk")


REGISTER = Deck(
    name="officer:expert",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="propose",
            label="登记专家",
            tone="main",
            form=ExpertForm,
            intro="登记即建立专家账号；由处室确认后入库，方可抽取。",
            article="9,15",
            choices=_fields,
            run=lambda by, row, data: experts.propose(by=by, fields=data.pop("fields_known"), **data),
            goes=expert_page,
            done="已登记，等待处室确认。",
        ),
    ),
)
EXPERTS = Deck(
    name="officer:expert",
    roles=READERS,
    rows=selectors.visible_experts,
    title=lambda row: row.user.name,
    acts=(
        Act(
            name="confirm",
            label="确认入库",
            tone="main",
            form=PlainForm,
            may=lambda by, row: (
                row.state in (ExpertState.PROPOSED, ExpertState.RETIRED) and policies.may_confirm_expert(by, row)
            ),
            run=lambda by, row, data: experts.confirm(by=by, expert_id=row.pk, **data),
            done="已入库。",
        ),
        Act(
            name="add-tie",
            label="登记应回避机构",
            form=TieForm,
            intro="任职、持股、提供过服务的机构，抽取和评审时自动回避。",
            article="15",
            may=lambda by, row: row.state != ExpertState.RETIRED and policies.may_declare_tie(by, row),
            run=lambda by, row, data: experts.add_tie(by=by, expert_id=row.pk, **data),
            done="已登记。",
        ),
        Act(
            name="remove-tie",
            label="撤下登记有误的机构",
            form=TieRemoveForm,
            choices=lambda by, row: {"tie": [(str(one.pk), f"{one.name}（{one.uscc}）") for one in _ties(row)]},
            may=lambda by, row: (
                row.state != ExpertState.RETIRED and policies.may_propose_expert(by) and _ties(row).exists()
            ),
            run=lambda by, row, data: experts.remove_tie(by=by, expert_id=row.pk, tie_id=data.pop("tie"), **data),
            done="已撤下。",
        ),
        Act(
            name="retire",
            label="出库",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: (
                row.state in (ExpertState.PROPOSED, ExpertState.ACTIVE) and policies.may_retire_expert(by)
            ),
            run=lambda by, row, data: experts.retire(by=by, expert_id=row.pk, **data),
            done="已出库。",
        ),
    ),
)
EXPERT_LIST = Listing(
    name="experts",
    caption="评审专家",
    columns=(
        Column(name="name", label="专家", show="user.name", second="title", link=expert_page, place="title"),
        Column(name="unit", label="所在单位", show="unit_name", sort="unit_name"),
        Column(name="made", label="登记时间", show="created_at", kind="moment", sort="created_at"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: EXPERT_TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ExpertState.choices),
        Filter(name="name", label="姓名", narrow="user__name__icontains", kind="text"),
        Filter(name="unit", label="所在单位", narrow="unit_name__icontains", kind="text"),
    ),
    empty="还没有专家。由促进中心经办登记，处室确认。",
)


@pages_for(*DECIDERS)
def expert_list(request: Asked) -> HttpResponseBase:
    """The register."""
    by = request.user
    context = {
        "title": "专家库",
        "under": "登记、确认由两人办理；只有在库专家参加抽取，不向服务商公开",
        "acts": REGISTER.offered(by, None) if policies.may_propose_expert(by) else [],
    }
    return EXPERT_LIST.answer(request, selectors.visible_experts(by), "portal/officer/list.html", context)


@pages_for(*READERS)
def expert(request: Asked, pk: str) -> HttpResponseBase:
    """One expert: fields, unit, the bodies he keeps away from, his sheets."""
    by = request.user
    row = selectors.visible_experts(by).select_related("proposed_by", "confirmed_by").filter(pk=pk).first()
    if row is None:
        raise not_found("评审专家")
    ties = [(one.name, one.uscc, one.get_nature_display(), one.ended_on or "存续", one.reason) for one in _ties(row)]
    sheets = selectors.visible_sheets(by).filter(expert=row).order_by("-pk")[:20]
    lines = [
        (Link(one.application.number, sheet_page(one)), one.application.subject_name, one.get_state_display())
        for one in sheets
    ]
    facts = (
        ("姓名", row.user.name),
        ("职称", row.title),
        ("所在单位", f"{row.unit_name}　{row.unit_uscc}"),
        ("专业领域", _field_names(row)),
        ("登记", person(row.proposed_by)),
        ("确认", person(row.confirmed_by)),
        ("出库理由", row.reason),
    )
    heads = ("机构", "统一社会信用代码", "关系", "结束日期", "说明")
    return case_page(
        request,
        Case(
            title=row.user.name,
            under=row.unit_name,
            state=Chip(row.get_state_display(), EXPERT_TONES.get(ExpertState(row.state), "off")),
            crumbs=(Link("专家库", reverse("officer:experts")),) if by.has(*DECIDERS) else (),
            left=(Section(title="专家", facts=facts, article="9,15"),),
            right=(
                Section(title="应回避机构", table=Table(heads, ties), empty="没有登记应回避机构。"),
                Section(title="评分表", table=Table(("申请", "名称", "状态"), lines), empty="还没有评分表。"),
            ),
            acts=acts(EXPERTS, request, row),
            trail=trail(row) if by.has(*DECIDERS) else (),
        ),
    )


def _field_names(row: Expert) -> list[str]:
    notice = programmes.notice_of_year(clock.today().year)
    known = notice.parsed.categories if notice is not None else {}
    return [known[code].name if code in known else code for code in row.fields]


# --- score sheets


class PointForm(BodyForm):
    body = b.PointIn
    labels = {"points": "得分"}


class SignForm(ItemsForm):
    """Points for each criterion of the notice, a vote that must be cast, an opinion."""

    body = b.SignSheetIn
    items = "points"
    entry = PointForm
    labels = {"vote": "表决", "comment": "评审意见"}
    vote = One(choices=[("true", "赞成推荐"), ("false", "不赞成推荐")], widget=widgets.Dots(), required=False)


class FreeForm(BodyForm):
    body = b.DeclareIn
    only = ("version", "conflict")
    omit = ()


class RecuseForm(BodyForm):
    body = b.DeclareIn
    labels = {"reason": "回避的理由"}
    kinds = {"reason": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}


def _reviewed(row: ScoreSheet) -> bool:
    return bool(row.application.state == ApplicationState.EXPERT_REVIEW)


def _points(data: list[dict[str, Any]]) -> dict[str, Decimal]:
    return {str(one["code"]): Decimal(str(one["points"])) for one in data}


SHEETS = Deck(
    name="officer:sheet",
    roles=READERS,
    rows=selectors.visible_sheets,
    title=lambda row: f"{row.application.number} {row.application.subject_name}",
    acts=(
        Act(
            name="begin",
            label="声明无利害关系，开始评审",
            tone="main",
            form=FreeForm,
            intro="声明与申请机构没有任职、持股、服务等利害关系后，申报材料向您开放。",
            article="15",
            given=lambda by, row: {"conflict": False},
            may=lambda by, row: row.state == SheetState.ASSIGNED and _reviewed(row) and policies.may_score(by, row),
            run=lambda by, row, data: scoring.declare(by=by, sheet_id=row.pk, **data),
            done="已声明，可以查看申报材料并评分。",
        ),
        Act(
            name="sign",
            label="评分并签署",
            tone="main",
            icon="pen",
            form=SignForm,
            intro="逐项打分，最多一位小数。签署后不能修改；全部专家签署前，他人看不到您的评分。",
            article="9,15",
            choices=lambda by, row: {
                "points": [
                    (one.code, f"{one.name}（满分{one.points}分）", one.basis)
                    for one in scoring.criteria(row.application)
                ]
            },
            may=lambda by, row: row.state == SheetState.OPEN and _reviewed(row) and policies.may_score(by, row),
            run=lambda by, row, data: scoring.sign(
                by=by,
                sheet_id=row.pk,
                version=data["version"],
                points=_points(data["points"]),
                vote=data["vote"],
                comment=data["comment"],
            ),
            done="已签署。",
        ),
        Act(
            name="recuse",
            label="声明回避",
            tone="danger",
            form=RecuseForm,
            intro="有任职、持股、服务等利害关系的须回避，由其他专家递补。",
            article="15",
            given=lambda by, row: {"conflict": True},
            may=lambda by, row: (
                row.state in (SheetState.ASSIGNED, SheetState.OPEN) and _reviewed(row) and policies.may_score(by, row)
            ),
            run=lambda by, row, data: scoring.declare(by=by, sheet_id=row.pk, **data),
            done="已回避，由其他专家递补。",
        ),
        Act(
            name="release",
            label="替换专家",
            tone="danger",
            form=ReasonForm,
            intro="专家不能按时评审的，由其他专家递补。",
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: (
                row.state in (SheetState.ASSIGNED, SheetState.OPEN) and _reviewed(row) and policies.may_release(by)
            ),
            run=lambda by, row, data: scoring.release(by=by, sheet_id=row.pk, **data),
            done="已替换。",
        ),
    ),
)
SHEET_LIST = Listing(
    name="sheets",
    caption="评分表",
    columns=(
        Column(
            name="case",
            label="申请",
            show="application.subject_name",
            second="application.number",
            link=sheet_page,
            place="title",
        ),
        Column(name="kind", label="类别", show="application.get_kind_display"),
        Column(name="panel", label="专家组", show="panel.number"),
        Column(name="expert", label="专家", show="expert.user.name"),
        Column(name="signed", label="签署时间", show="signed_at", kind="moment"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: SHEET_TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=SheetState.choices),
        Filter(name="number", label="申请编号", narrow="application__number__startswith", kind="text"),
    ),
    empty="还没有评分表。专家组确认后分发。",
)


@pages_for(*READERS)
def sheet_list(request: Asked) -> HttpResponseBase:
    """An expert's own sheets; for officers all, without what they say before all are signed."""
    rows = selectors.visible_sheets(request.user)
    return SHEET_LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "评分表", "under": "先声明是否回避，再评分签署"}
    )


@pages_for(*READERS)
def sheet(request: Asked, pk: str) -> HttpResponseBase:
    """One sheet: the criteria and, for who may read it, what was given."""
    by = request.user
    row = selectors.visible_sheets(by).select_related("application__notice", "panel").filter(pk=pk).first()
    if row is None:
        raise not_found("评分表")
    readable = selectors.is_readable(row, by)
    opened = by.has(*DECIDERS) or row.state in SHEET_OPENED
    lines = [
        (
            one.name,
            f"{one.points}分",
            one.basis,
            f"{row.points[one.code]}分" if readable and one.code in row.points else "",
        )
        for one in scoring.criteria(row.application)
    ]
    said = (
        ("总分", f"{row.total}分" if row.total is not None else ""),
        ("表决", "" if row.vote is None else "赞成推荐" if row.vote else "不赞成推荐"),
        ("评审意见", row.comment),
        ("签署时间", row.signed_at),
        ("签署内容SM3", row.digest),
    )
    secret = Section(title="评分", text="全部专家签署后方可查看。")
    facts = (
        ("申请", _case_link(row) if opened else row.application.subject_name),
        ("机构", row.application.provider.name),
        ("专家", row.expert.user.name),
        ("专家组", row.panel.number),
        ("声明时间", row.declared_at),
        ("回避或替换理由", row.reason),
    )
    return case_page(
        request,
        Case(
            title=f"评分表：{row.application.subject_name}",
            under=row.application.number,
            state=Chip(row.get_state_display(), SHEET_TONES.get(SheetState(row.state), "off")),
            crumbs=(Link("评分表", reverse("officer:sheets")),),
            left=(Section(title="评审对象", facts=facts, article="15"),),
            right=(Section(title="评分", facts=said) if readable else secret,),
            below=(Section(title="评分标准", table=Table(("评分项", "满分", "依据", "得分"), lines), article="9,15"),),
            acts=acts(SHEETS, request, row),
            trail=list(of_subject(row).reverse()) if readable else (),
        ),
    )


def _case_link(row: ScoreSheet) -> Link:
    return Link("查看申报材料", reverse("officer:application", args=[row.application_id]))


tasks.register(
    tasks.Kind(
        code="sheet-sign",
        label="评审打分",
        group="认定",
        roles=(Role.EXPERT,),
        rows=queues.sheets_to_sign,
        subject=lambda row: str(row.application.subject_name),
        below=lambda row: f"{row.application.number}　{row.get_state_display()}",
        since="created_at",
        url=sheet_page,
    ),
    tasks.Kind(
        code="expert-confirm",
        label="专家入库确认",
        group="认定",
        roles=(Role.DEPARTMENT,),
        rows=queues.experts_to_confirm,
        subject=lambda row: str(row.user.name),
        below=lambda row: str(row.unit_name),
        since="created_at",
        url=expert_page,
    ),
)

URLS = [
    path("experts/", expert_list, name="experts"),
    path("experts/<uuid:pk>/", expert, name="expert"),
    *REGISTER.urls("experts/"),
    *EXPERTS.urls("experts/"),
    path("sheets/", sheet_list, name="sheets"),
    path("sheets/<uuid:pk>/", sheet, name="sheet"),
    *SHEETS.urls("sheets/"),
]
