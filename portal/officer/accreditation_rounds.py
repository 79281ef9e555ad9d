"""Rounds: the list, one of them with its applications, draws and ranking, and what waits in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Application, Round
from accreditation.services import deciding
from accreditation.states import SCORED, ApplicationState, CaseKind, PanelState, RoundState
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.days import day
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, files, person, said, trail
from portal.officer.panels import PANEL_TONES
from portal.officer.round_acts import PLAN, ROUNDS, panel_page, place_of, round_page
from portal.officer.shown import state_column

LINE = (
    RoundState.PLANNED,
    RoundState.OPEN,
    RoundState.CLOSED,
    RoundState.REVIEWING,
    RoundState.DECIDED,
    RoundState.PUBLICITY,
    RoundState.LISTED,
    RoundState.ENDED,
)


TONES = {
    RoundState.PLANNED: "warn",
    RoundState.OPEN: "ok",
    RoundState.LISTED: "ok",
    RoundState.ENDED: "off",
    RoundState.CANCELLED: "off",
}


ROUND_LIST = Listing(
    name="rounds",
    caption="征集批次",
    columns=(
        Column(name="title", label="征集批次", show="title", second="number", link=round_page, place="title"),
        Column(name="kind", label="征集内容", show="get_kind_display"),
        Column(name="opens", label="开始申报", show="opens_on", kind="date", sort="opens_on"),
        Column(name="closes", label="截止申报", show="closes_on", kind="date", sort="closes_on"),
        state_column(TONES, "run"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=RoundState.choices),
        Filter(name="year", label="服务年度", narrow="year", kind="year"),
    ),
    empty="还没有征集批次。由促进中心经办拟定。",
)


@pages_for(*DECIDERS)
def round_list(request: Asked) -> HttpResponseBase:
    """Every round, also those being prepared."""
    by = request.user
    context = {
        "title": "征集与认定",
        "under": "每年征集服务商和服务券产品的批次",
        "acts": PLAN.offered(by, None) if policies.may_plan_round(by) else [],
    }
    return ROUND_LIST.answer(request, selectors.visible_rounds(by), "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def round_detail(request: Asked, pk: str) -> HttpResponseBase:
    """One round: where it stands, its applications, its draws, its ranking, what comes next."""
    by = request.user
    rows = selectors.visible_rounds(by).defer(None)
    row = (
        rows.select_related("created_by", "reviewed_by", "approved_by", "published_by", "notice_file")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise not_found("征集批次")
    case = Case(
        title=row.title,
        under=f"{row.year}年度　{row.number}",
        state=Chip(row.get_state_display(), TONES.get(RoundState(row.state), "run")),
        crumbs=(Link("征集与认定", reverse("officer:rounds")),),
        left=(_facts(row),),
        right=(_counts(row), _panels(by, row)),
        below=[one for kind in CaseKind if row.calls_for(kind) for one in _ranking(row, kind)],
        record=row,
        acts=acts(ROUNDS, request, row),
        trail=trail(row),
    )
    at = LINE.index(RoundState(row.state)) if row.state in LINE else -1
    steps = [{"label": one.label, "done": place < at, "now": place == at} for place, one in enumerate(LINE)]
    return case_page(request, case, "portal/officer/round.html", steps=steps)


def _facts(row: Round) -> Section:
    facts = (
        ("征集内容", row.get_kind_display()),
        ("依据通知", row.notice.label),
        ("申报时间", f"{day(row.opens_on)}至{day(row.closes_on)}"),
        ("拟推荐服务商", f"{row.provider_seats}家" if row.provider_seats else "不限"),
        ("拟推荐产品", f"{row.product_seats}个" if row.product_seats else "不限"),
        ("拟定", person(row.created_by)),
        ("复核", person(row.reviewed_by)),
        ("审定", f"{person(row.approved_by)}　{row.approval_no}" if row.approved_by is not None else ""),
        ("发布", person(row.published_by)),
        ("取消理由", row.reason),
    )
    links = files([row.notice_file]) if row.notice_file is not None else ()
    return Section(title="批次", facts=said(facts), links=links, article="9,16")


def _counts(row: Round) -> Section:
    found = Counter(Application.objects.filter(round=row).values_list("kind", "state"))
    lines = [
        (CaseKind(kind).label, ApplicationState(state).label, f"{count}件")
        for (kind, state), count in sorted(found.items(), key=lambda one: (one[0][0], _order(one[0][1])))
    ]
    return Section(
        title="申请",
        table=Table(("类别", "状态", "数量"), lines),
        links=(Link("查看本批次的申请", f"{reverse('officer:applications')}?round={row.number}"),),
        empty="还没有申请。",
    )


def _order(state: str) -> int:
    return list(ApplicationState.values).index(state)


def _panels(by: User, row: Round) -> Section:
    lines = [
        (
            Link(one.number, panel_page(one)),
            one.get_kind_display(),
            Chip(one.get_state_display(), PANEL_TONES.get(PanelState(one.state), "off")),
        )
        for one in selectors.visible_panels(by).filter(round=row).order_by("-pk")
    ]
    return Section(
        title="专家抽取", table=Table(("专家组", "类别", "状态"), lines), empty="还没有抽取专家。", article="9"
    )


def _ranking(row: Round, kind: CaseKind) -> list[Section]:
    if not Application.objects.filter(round=row, kind=kind, state__in=sorted(SCORED)).exists():
        return []
    lines = [
        (
            place_of(placed.rank),
            Link(one.subject_name, reverse("officer:application", args=[one.pk])),
            f"{one.mean}分",
            f"{one.votes_for}/{one.votes}",
            one.get_state_display(),
            placed.why_not or "列入",
        )
        for one, placed in deciding.preview(row, kind)
    ]
    heads = ("排名", "申请", "平均分", "赞成票", "状态", "推荐结论")
    review = row.notice.parsed.review
    rule = f"每项{review.experts}名专家，赞成票达到{review.pass_votes}/{review.pass_of}方可推荐。"
    return [Section(title=f"{kind.label}评审排名", text=rule, table=Table(heads, lines), article="9,15")]


def _round_kind(code: str, label: str, role: Role, rows: tasks.Rows, **more: Any) -> tasks.Kind:
    return tasks.Kind(
        code=code,
        label=label,
        group="认定",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.title),
        below=lambda row: str(row.number),
        url=round_page,
        **more,
    )


def _of(queue: Callable[[User, CaseKind], Any], kind: CaseKind) -> tasks.Rows:
    return lambda user: queue(user, kind)


tasks.register(
    _round_kind("round-review", "征集批次复核", Role.CENTRE_REVIEWER, queues.rounds_to_review),
    _round_kind("round-approve", "征集批次审定", Role.APPROVER, queues.rounds_to_approve),
    _round_kind("round-publish", "征集批次发布", Role.DEPARTMENT, queues.rounds_to_publish),
    _round_kind("round-close", "征集截止", Role.CENTRE_CHECKER, queues.rounds_to_close, due="closes_on"),
    *(
        _round_kind(f"draw-{kind}", f"抽取{word}评审专家", Role.CENTRE_CHECKER, _of(queues.rounds_to_draw, kind))
        for kind, word in ((CaseKind.PROVIDER, "服务商"), (CaseKind.PRODUCT, "产品"))
    ),
    *(
        _round_kind(f"recommend-{kind}", f"拟定{word}推荐名单", Role.DEPARTMENT, _of(queues.rounds_to_recommend, kind))
        for kind, word in ((CaseKind.PROVIDER, "服务商"), (CaseKind.PRODUCT, "产品"))
    ),
    *(
        _round_kind(f"approve-{kind}", f"审定{word}名单", Role.APPROVER, _of(queues.rounds_to_approve_list, kind))
        for kind, word in ((CaseKind.PROVIDER, "服务商"), (CaseKind.PRODUCT, "产品"))
    ),
    *(
        _round_kind(f"publicise-{kind}", f"公示{word}名单", Role.DEPARTMENT, _of(queues.rounds_to_publicise, kind))
        for kind, word in ((CaseKind.PROVIDER, "服务商"), (CaseKind.PRODUCT, "产品"))
    ),
)


URLS = [
    path("rounds/", round_list, name="rounds"),
    path("rounds/<uuid:pk>/", round_detail, name="round"),
    *PLAN.urls("rounds/"),
    *ROUNDS.urls("rounds/"),
]
