"""Applications for accreditation: what was handed in at the left, the conditions at the right, and what waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import queues, selectors
from accreditation.models import Application
from accreditation.states import ApplicationState, CaseKind, SheetState
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.application_acts import BY_HAND, DECK, page
from portal.officer.application_sections import asks, checks, clients, materials, stated_form
from portal.officer.cases import (
    Case,
    Chip,
    Link,
    Section,
    Table,
    acts,
    case_page,
    person,
    said,
    trail,
)

READERS = (*DECIDERS, Role.CITY, Role.EXPERT)


TONES = {
    ApplicationState.SUBMITTED: "warn",
    ApplicationState.FORMAL_CHECK: "warn",
    ApplicationState.RETURNED: "warn",
    ApplicationState.LISTED: "ok",
    ApplicationState.APPROVED: "ok",
    ApplicationState.OBJECTION_HOLD: "bad",
    ApplicationState.REJECTED: "off",
    ApplicationState.WITHDRAWN: "off",
    ApplicationState.NOT_RECOMMENDED: "off",
    ApplicationState.DECLINED: "off",
    ApplicationState.REMOVED: "off",
    ApplicationState.DRAFT: "off",
}


def tone(row: Application) -> str:
    """The colour of its state."""
    return TONES.get(ApplicationState(row.state), "run")


LIST = Listing(
    name="applications",
    caption="认定申请",
    columns=(
        Column(name="number", label="申请", show="subject_name", second="number", link=page, place="title"),
        Column(name="provider", label="机构", show="provider.name"),
        Column(name="kind", label="类别", show="get_kind_display"),
        Column(name="round", label="批次", show="round.number"),
        Column(
            name="due", label="审查期限", show=lambda row: row.check_due if row.state in BY_HAND else None, kind="date"
        ),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ApplicationState.choices),
        Filter(name="kind", label="类别", narrow="kind", choices=CaseKind.choices),
        Filter(name="round", label="批次编号", narrow="round__number__startswith", kind="text"),
        Filter(name="number", label="申请编号", narrow="number__startswith", kind="text"),
        Filter(name="provider", label="机构名称", narrow="provider__organisation__name__icontains", kind="text"),
    ),
    empty="还没有认定申请。征集批次发布后，服务商在线申报。",
)


@pages_for(*READERS)
def applications(request: Asked) -> HttpResponseBase:
    """Every application that the reader may see."""
    rows = selectors.visible_applications(request.user).select_related("provider__organisation")
    return LIST.answer(
        request,
        rows,
        "portal/officer/list.html",
        {"title": "认定申请", "under": "服务商资格和服务券产品，从形式审查到列入年度名单"},
    )


@pages_for(*READERS)
def application(request: Asked, pk: str) -> HttpResponseBase:
    """One application: form, materials and clients; conditions, corrections, experts; the decision."""
    by = request.user
    rows = selectors.visible_applications(by).select_related(
        "renews", "checked_by", "accepted_by", "recommended_by", "approved_by"
    )
    row = rows.defer(None).filter(pk=pk).first()
    if row is None:
        raise not_found("认定申请")
    decides = by.has(*DECIDERS)
    return case_page(
        request,
        Case(
            title=row.subject_name,
            under=f"{row.get_kind_display()}申请 {row.number}　{row.provider.name}",
            state=Chip(row.get_state_display(), tone(row)),
            due=_due(row),
            crumbs=(Link("认定申请", reverse("officer:applications")),),
            left=(stated_form(row), materials(row), *clients(row)),
            right=(checks(row), *asks(row), *((_course(row), _sheets(by, row)) if decides else ())),
            record=row if decides else None,
            acts=acts(DECK, request, row) if decides else (),
            idle="本件现在没有等管理部门办理的环节。"
            if decides
            else "评分在您的评分表中办理；管理部门办理审查和认定。",
            trail=trail(row) if decides else (),
        ),
    )


def _due(row: Application) -> Any:
    if row.state in BY_HAND:
        return row.check_due
    return row.correction_due if row.state == ApplicationState.RETURNED else None


def _course(row: Application) -> Section:
    facts = [
        ("机构档案", Link("名录、合同、兑付和信用", reverse("officer:provider-file", args=[row.provider_id]))),
        ("形式审查", person(row.checked_by)),
        ("受理", person(row.accepted_by)),
        ("处室初审意见", row.opinion),
        ("拟定推荐", person(row.recommended_by)),
        ("审定", f"{person(row.approved_by)}　{row.approval_no}" if row.approval_no else ""),
        (
            "公示",
            Link(row.publicity.title, reverse("officer:publicity", args=[row.publicity_id])) if row.publicity else "",
        ),
        ("理由", row.reason),
    ]
    return Section(title="办理情况", facts=said(facts), empty="尚未办理。", article="15")


def _sheets(by: User, row: Application) -> Section:
    """Who judges; what each says only once all have signed."""
    sheets = selectors.visible_sheets(by).filter(application=row).order_by("pk")
    lines = []
    for one in sheets:
        readable = selectors.is_readable(one, by) and one.state == SheetState.SIGNED
        lines.append(
            (
                Link(one.expert.user.name, reverse("officer:sheet", args=[one.pk])),
                one.get_state_display(),
                f"{one.total}分" if readable else "",
                ("赞成" if one.vote else "不赞成") if readable else "",
            )
        )
    score = (
        f"平均{row.mean}分，{row.votes_for}/{row.votes}票赞成" + (f"，第{row.rank}名" if row.rank else "")
        if row.mean is not None
        else ""
    )
    return Section(
        title="专家评审",
        text=score,
        table=Table(("专家", "评分表", "总分", "表决"), lines),
        empty="尚未组织专家评审。",
        article="9,15",
    )


tasks.register(
    tasks.Kind(
        code="application-check",
        label="认定申请形式审查",
        group="认定",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.applications_to_check,
        subject=lambda row: str(row.subject_name),
        below=lambda row: f"{row.get_kind_display()}　{row.number}",
        since="submitted_at",
        due="check_due",
        url=page,
    ),
    tasks.Kind(
        code="application-accept",
        label="认定申请受理",
        group="认定",
        roles=(Role.DEPARTMENT,),
        rows=queues.applications_to_accept,
        subject=lambda row: str(row.subject_name),
        below=lambda row: f"{row.get_kind_display()}　{row.number}",
        since="checked_at",
        due="check_due",
        url=page,
    ),
)


URLS = [
    path("applications/", applications, name="applications"),
    path("applications/<uuid:pk>/", application, name="application"),
    *DECK.urls("applications/"),
]
