"""Score sheets: a conflict declared or not, points by the notice's criteria, a vote, signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import ScoreSheet
from accreditation.serializers import bodies as b
from accreditation.services import scoring
from accreditation.states import SHEET_OPENED, ApplicationState, SheetState
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from portal.kit import widgets
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, One
from portal.kit.items import ItemsForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.application_sections import checks, clients, materials, stated_form
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, beside, case_page
from portal.officer.experts import READERS, ReasonForm, sheet_page
from portal.officer.shown import call, state_column

SHEET_TONES = {SheetState.ASSIGNED: "warn", SheetState.OPEN: "run", SheetState.SIGNED: "ok"}


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


def _case(by: User, row: ScoreSheet) -> list[Section]:
    """What is judged, once the expert said that nothing ties him to it."""
    if row.state not in SHEET_OPENED:
        return []
    case = row.application
    return [stated_form(case), materials(case), *clients(case), checks(case)]


SHEETS = Deck(
    name="officer:sheet",
    roles=READERS,
    rows=selectors.visible_sheets,
    title=lambda row: f"{row.application.number} {row.application.subject_name}",
    acts=beside(
        _case,
        Act(
            name="begin",
            label="声明无利害关系，开始评审",
            tone="main",
            form=FreeForm,
            intro="声明与申请机构没有任职、持股、服务等利害关系后，申报材料向您开放。",
            article="15",
            given=lambda by, row: {"conflict": False},
            may=lambda by, row: row.state == SheetState.ASSIGNED and _reviewed(row) and policies.may_score(by, row),
            run=call(scoring.declare, "sheet_id"),
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
            run=call(scoring.declare, "sheet_id"),
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
            run=call(scoring.release, "sheet_id"),
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
        state_column(SHEET_TONES),
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
            record=row,
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
)


URLS = [
    path("sheets/", sheet_list, name="sheets"),
    path("sheets/<uuid:pk>/", sheet, name="sheet"),
    *SHEETS.urls("sheets/"),
]
