"""Rounds: planned, published, closed; experts drawn, lists ranked, recommended, approved and put on show; panels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Application, Expert, Round
from accreditation.serializers import bodies as b
from accreditation.services import deciding, panels, rounds
from accreditation.states import SCORED, ApplicationState, CaseKind, PanelState, RoundState
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.items import ItemsForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, files, person, trail
from portal.templatetags.portal import day

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
PANEL_TONES = {PanelState.DRAWN: "warn", PanelState.APPROVED: "ok"}
ENDABLE = (RoundState.CLOSED, RoundState.REVIEWING, RoundState.DECIDED, RoundState.LISTED)
round_page = tasks.page_of("officer:round")
panel_page = tasks.page_of("officer:panel")


# --- forms


class RoundForm(BodyForm):
    body = b.RoundIn
    labels = {"kind": "征集内容", "title": "征集通知的标题", "opens_on": "开始申报", "closes_on": "截止申报"}
    helps = {"provider_seats": "不限的留空。", "product_seats": "不限的留空。", "closes_on": "含当日。"}
    uploads = {"notice_file": "other"}


class NoteForm(BodyForm):
    body = b.AccreditationNoteIn
    labels = {"note": "意见"}


class ReasonForm(BodyForm):
    body = b.AccreditationReasonIn
    labels = {"reason": "理由"}


class ApproveForm(BodyForm):
    body = b.RoundApproveIn


class PlainForm(BodyForm):
    body = Versioned


class DrawForm(BodyForm):
    body = b.DrawIn
    omit = ("applications",)


class ExceptionForm(BodyForm):
    body = b.ExceptionIn
    labels = {"reason": "不列入的理由"}
    helps = {"reason": "照评审结论办理的留空。"}
    kinds = {"reason": forms.TextInput(attrs={"maxlength": 500})}


class RecommendForm(ItemsForm):
    body = b.RecommendListIn
    items = "left_out"
    entry = ExceptionForm
    key = "application"
    sparse = True


class DeclineForm(ExceptionForm):
    labels = {"reason": "不予审定的理由"}
    helps = {"reason": "予以审定的留空。"}


class ApproveListForm(ItemsForm):
    body = b.ApproveListIn
    items = "declined"
    entry = DeclineForm
    key = "application"
    sparse = True
    labels = {"approval_no": "审定文号"}
    helps = {"approval_no": "会议纪要或签报的文号。"}


class PubliciseForm(BodyForm):
    body = b.PubliciseListIn
    labels = {"reference": "公示文号或网址", "first": "公示第一天", "last": "公示最后一天"}
    helps = {"last": "不填则为满足公示期限的最早日期。"}


# --- acts of a round


def _ranked(kind: CaseKind) -> Callable[[User, Round], dict[str, list[tuple[str, str, str]]]]:
    def choices(by: User, row: Round) -> dict[str, list[tuple[str, str, str]]]:
        lines = [
            (str(one.pk), f"{_place(placed.rank)}　{one.subject_name}", _verdict(one, placed.why_not))
            for one, placed in deciding.preview(row, kind)
            if one.state in (ApplicationState.SCORED, ApplicationState.RECOMMENDED)
        ]
        return {"left_out": lines, "declined": lines}

    return choices


def _place(rank: int | None) -> str:
    return f"第{rank}名" if rank is not None else "未通过表决"


def _verdict(one: Application, why_not: str) -> str:
    said = f"{one.number}，平均{one.mean}分，{one.votes_for}/{one.votes}票赞成"
    return f"{said}。不列入：{why_not}" if why_not else f"{said}，列入名单。"


def _waits(queue: Callable[[User, CaseKind], Any], kind: CaseKind) -> Callable[[User, Round], bool]:
    return lambda by, row: queue(by, kind).filter(pk=row.pk).exists()


def _of_kind(kind: CaseKind) -> tuple[Act, ...]:
    """The acts on the round's list of one kind."""
    given = {"kind": kind.value}
    word = "服务商" if kind == CaseKind.PROVIDER else "产品"
    return (
        Act(
            name=f"draw-{kind}",
            label=f"抽取{word}评审专家",
            tone="main",
            icon="draw",
            form=DrawForm,
            intro="按随机种子从在库专家中抽取，自动排除须回避的；抽取记录任何人可以重算核对。由处室确认后生效。",
            article="9,15",
            given=lambda by, row: given,
            may=lambda by, row: (
                policies.may_draw(by)
                and row.state in panels.REVIEWABLE
                and row.calls_for(kind)
                and queues.short_of_experts(row, kind)
            ),
            run=lambda by, row, data: panels.draw(by=by, round_id=row.pk, version=data["version"], kind=kind),
            goes=panel_page,
            done="已抽取，等待处室确认。",
        ),
        Act(
            name=f"recommend-{kind}",
            label=f"拟定{word}推荐名单",
            tone="main",
            form=RecommendForm,
            intro="通过专家表决的按排名列入，至名额为止；不照评审结论的，逐项写明理由。",
            article="9,15",
            given=lambda by, row: given,
            choices=_ranked(kind),
            may=_waits(queues.rounds_to_recommend, kind),
            run=lambda by, row, data: deciding.recommend(
                by=by,
                round_id=row.pk,
                version=data["version"],
                kind=kind,
                left_out=b.as_reasons(data["left_out"]),
            ),
            done="推荐名单已拟定，报厅审定。",
        ),
        Act(
            name=f"approve-{kind}",
            label=f"审定{word}名单",
            tone="main",
            form=ApproveListForm,
            intro="一个文号审定整份名单；个别不予审定的，逐项写明理由。",
            article="9,15",
            given=lambda by, row: given,
            choices=_ranked(kind),
            may=_waits(queues.rounds_to_approve_list, kind),
            run=lambda by, row, data: deciding.approve(
                by=by,
                round_id=row.pk,
                version=data["version"],
                kind=kind,
                approval_no=data["approval_no"],
                declined=b.as_reasons(data["declined"]),
            ),
            done="名单已审定，由处室公示。",
        ),
        Act(
            name=f"publicise-{kind}",
            label=f"公示{word}名单",
            tone="main",
            icon="megaphone",
            form=PubliciseForm,
            article="9,15",
            given=lambda by, row: given,
            initial=lambda by, row: {"first": clock.today()},
            may=_waits(queues.rounds_to_publicise, kind),
            run=lambda by, row, data: deciding.publicise(by=by, round_id=row.pk, **data),
            goes=lambda made: reverse("officer:publicity", args=[made.pk]),
            done="名单已公示。",
        ),
    )


def _planned(row: Round) -> bool:
    return bool(row.state == RoundState.PLANNED)


ROUNDS = Deck(
    name="officer:round",
    roles=DECIDERS,
    rows=lambda by: selectors.visible_rounds(by).defer(None),
    title=lambda row: row.title,
    acts=(
        Act(
            name="review",
            label="复核通过",
            tone="main",
            form=NoteForm,
            may=lambda by, row: _planned(row) and row.reviewed_at is None and policies.may_review_round(by, row),
            run=lambda by, row, data: rounds.review(by=by, round_id=row.pk, **data),
            done="已复核，报厅审定。",
        ),
        Act(
            name="approve",
            label="审定批次",
            tone="main",
            form=ApproveForm,
            article="9",
            may=lambda by, row: (
                _planned(row)
                and row.reviewed_at is not None
                and row.approved_at is None
                and policies.may_approve_round(by, row)
            ),
            run=lambda by, row, data: rounds.approve(by=by, round_id=row.pk, **data),
            done="已审定，由处室发布。",
        ),
        Act(
            name="publish",
            label="发布",
            tone="main",
            icon="megaphone",
            form=PlainForm,
            intro="发布后公开，开始申报日起接收申请。",
            article="9",
            may=lambda by, row: _planned(row) and row.approved_at is not None and policies.may_publish_round(by),
            run=lambda by, row, data: rounds.publish(by=by, round_id=row.pk, **data),
            done="已发布。",
        ),
        Act(
            name="close",
            label="截止征集",
            tone="main",
            form=PlainForm,
            intro="截止日已过，不再接收申请；未提交的草稿随之结束。",
            may=lambda by, row: queues.rounds_to_close(by).filter(pk=row.pk).exists(),
            run=lambda by, row, data: (
                rounds.close(by=by, round_id=row.pk, day=clock.today(), version=data["version"]) or row
            ),
            done="征集已截止。",
        ),
        *_of_kind(CaseKind.PROVIDER),
        *_of_kind(CaseKind.PRODUCT),
        Act(
            name="cancel",
            label="取消批次",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: _planned(row) and policies.may_publish_round(by),
            run=lambda by, row, data: rounds.cancel(by=by, round_id=row.pk, **data),
            done="已取消。",
        ),
        Act(
            name="end",
            label="办结批次",
            form=PlainForm,
            intro="没有在办的申请时办结。",
            may=lambda by, row: row.state in ENDABLE and policies.may_publish_round(by),
            run=lambda by, row, data: rounds.end(by=by, round_id=row.pk, **data),
            done="已办结。",
        ),
    ),
)
PLAN = Deck(
    name="officer:round",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="plan",
            label="拟定征集批次",
            tone="main",
            form=RoundForm,
            intro="拟定、复核、审定、发布由四人办理。",
            article="9,16",
            initial=lambda by, row: {"year": clock.today().year},
            run=lambda by, row, data: rounds.create(by=by, **data),
            goes=round_page,
            done="已拟定，等待复核。",
        ),
    ),
)

ROUND_LIST = Listing(
    name="rounds",
    caption="征集批次",
    columns=(
        Column(name="title", label="征集批次", show="title", second="number", link=round_page, place="title"),
        Column(name="kind", label="征集内容", show="get_kind_display"),
        Column(name="opens", label="开始申报", show="opens_on", kind="date", sort="opens_on"),
        Column(name="closes", label="截止申报", show="closes_on", kind="date", sort="closes_on"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: TONES.get(row.state, "run"),
            place="corner",
        ),
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
        ("审定", f"{person(row.approved_by)}　{row.approval_no}"),
        ("发布", person(row.published_by)),
        ("取消理由", row.reason),
    )
    links = files([row.notice_file]) if row.notice_file is not None else ()
    return Section(title="批次", facts=facts, links=links, article="9,16")


def _counts(row: Round) -> Section:
    found = Counter(Application.objects.filter(round=row).values_list("kind", "state"))
    lines = [
        (CaseKind(kind).label, ApplicationState(state).label, f"{count}件")
        for (kind, state), count in sorted(found.items(), key=lambda one: (one[0][0], _order(one[0][1])))
    ]
    return Section(
        title="申请",
        table=Table(("类别", "状态", "数量"), lines),
        links=(Link("查看全部认定申请", reverse("officer:applications")),),
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
            _place(placed.rank),
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
    said = f"每项{review.experts}名专家，赞成票达到{review.pass_votes}/{review.pass_of}方可推荐。"
    return [Section(title=f"{kind.label}评审排名", text=said, table=Table(heads, lines), article="9,15")]


# --- panels


PANELS = Deck(
    name="officer:panel",
    roles=DECIDERS,
    rows=selectors.visible_panels,
    title=lambda row: row.number,
    acts=(
        Act(
            name="approve",
            label="确认专家组",
            tone="main",
            form=PlainForm,
            intro="确认后向专家分发评分表。",
            article="9,15",
            may=lambda by, row: row.state == PanelState.DRAWN and policies.may_decide_draw(by, row),
            run=lambda by, row, data: panels.approve(by=by, panel_id=row.pk, **data),
            done="已确认，评分表已分发。",
        ),
        Act(
            name="cancel",
            label="作废重抽",
            tone="danger",
            form=ReasonForm,
            intro="作废后由促进中心重新抽取，两次抽取都留存记录。",
            may=lambda by, row: row.state == PanelState.DRAWN and policies.may_decide_draw(by, row),
            run=lambda by, row, data: panels.cancel(by=by, panel_id=row.pk, **data),
            done="已作废。",
        ),
    ),
)


@pages_for(*DECIDERS)
def panel(request: Asked, pk: str) -> HttpResponseBase:
    """One draw: who was drawn for which case, who was kept away and why; drawn again from its seed as proof."""
    rows = selectors.visible_panels(request.user)
    row = rows.select_related("drawn_by", "approved_by").filter(pk=pk).first()
    if row is None:
        raise not_found("专家组")
    again = [str(one) for one in panels.redraw(row)]
    same = again == row.order
    people = {str(one.pk): one for one in Expert.objects.select_related("user").filter(pk__in=row.order)}
    cases = {
        str(one.pk): one
        for one in Application.objects.filter(pk__in=list(row.seats)).select_related("provider", "product_version")
    }
    facts = (
        ("征集批次", Link(row.round.number, round_page(row.round))),
        ("类别", row.get_kind_display()),
        ("每项人数", f"{row.size}名"),
        ("在库专家", f"{len(row.order)}名"),
        ("随机种子", row.seed),
        ("抽取记录SM3", row.digest),
        ("抽取", person(row.drawn_by)),
        ("确认", person(row.approved_by)),
        ("作废理由", row.reason),
    )
    seats = [
        (
            Link(f"{cases[key].number} {cases[key].subject_name}", reverse("officer:application", args=[key])),
            "、".join(_name(people, one) for one in drawn),
        )
        for key, drawn in row.seats.items()
        if key in cases
    ]
    kept_away = [
        (_name(people, expert), cases[key].number if key in cases else "", why) for expert, key, why in row.excluded
    ]
    proof = Section(
        title="重新计算核对",
        text=(
            "按种子重新计算的次序与抽取记录一致。"
            if same
            else "按种子重新计算的次序与抽取记录不一致，请作废并查明原因。"
        ),
        table=Table(
            ("次序", "专家", "单位"),
            [
                (f"{place}", _name(people, one), people[one].unit_name if one in people else "")
                for place, one in enumerate(row.order, start=1)
            ],
        ),
        article="9",
    )
    return case_page(
        request,
        Case(
            title=f"专家组 {row.number}",
            under=row.get_kind_display(),
            state=Chip(row.get_state_display(), PANEL_TONES.get(PanelState(row.state), "off")),
            crumbs=(Link(row.round.title, round_page(row.round)),),
            left=(
                Section(title="抽取", facts=facts, article="9,15"),
                Section(title="抽取结果", table=Table(("申请", "专家"), seats)),
            ),
            right=(
                Section(
                    title="回避和排除",
                    table=Table(("专家", "申请", "原因"), kept_away),
                    empty="没有须回避的专家。",
                ),
                proof,
            ),
            acts=acts(PANELS, request, row),
            trail=trail(row),
        ),
    )


def _name(people: dict[str, Expert], key: str) -> str:
    return people[key].user.name if key in people else key


# --- what waits


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
    tasks.Kind(
        code="panel-decide",
        label="专家组确认",
        group="认定",
        roles=(Role.DEPARTMENT,),
        rows=queues.panels_to_decide,
        subject=lambda row: str(row.number),
        below=lambda row: f"{row.round.title}　{row.get_kind_display()}",
        url=panel_page,
    ),
)

URLS = [
    path("rounds/", round_list, name="rounds"),
    path("rounds/<uuid:pk>/", round_detail, name="round"),
    *PLAN.urls("rounds/"),
    *ROUNDS.urls("rounds/"),
    path("panels/<uuid:pk>/", panel, name="panel"),
    *PANELS.urls("panels/"),
]
