"""Objections against what is on show, stage by stage: each by other hands, who filed is sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case as When
from django.db.models import F, Value
from django.db.models import When as Is
from django.http import HttpResponse, HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from engines.evidence.selectors import of_subject
from engines.publicity import selectors as engine
from engines.publicity.models import Objection
from engines.publicity.services import handling
from engines.publicity.states import INVESTIGATE, ObjectionState, Outcome
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, acts, beside, case_page, said
from portal.officer.overview import ends_this_week
from portal.officer.reveal import revealing
from portal.officer.shown import call, state_column
from programmes import policies, queues, selectors
from programmes.api import objections as api
from programmes.services import objections as services

READERS = (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR)
S = ObjectionState
TONES = {
    S.FILED: "warn",
    S.ACCEPTED: "warn",
    S.INVESTIGATING: "run",
    S.REVIEW: "warn",
    S.UPHELD: "bad",
    S.NOT_UPHELD: "run",
    S.NOTIFIED: "ok",
    S.CLOSED: "ok",
}
page = tasks.page_of("officer:objection")
# the last day of the present step, as the engine tells it of one row
DUE = When(
    *(Is(state=state, then=F(column)) for state, column in engine.OWED.items()),
    default=Value(None),
    output_field=models.DateField(),
)


class TurnDownForm(BodyForm):
    body = api.TurnDownIn
    labels = {"why": "不予受理的情形", "answer": "告知异议人的话"}


class FindingsForm(BodyForm):
    body = api.FindingsIn


class ReasonForm(BodyForm):
    body = api.ObjectionReasonIn
    labels = {"reason": "理由"}


class OutcomeForm(BodyForm):
    body = api.OutcomeIn
    labels = {"outcome": "结论", "answer": "告知异议人和被异议单位的话"}


class NotifyForm(BodyForm):
    body = api.NotifyIn
    labels = {"how": "告知方式"}


class RegisterForm(BodyForm):
    body = api.ReviewRegisterIn
    labels = {"asked_by": "由谁申请", "grounds": "申请复核的理由"}


def _in(queue: Any) -> Any:
    """Whether the row waits for the person in this queue."""
    return lambda by, row: queue(by).filter(pk=row.pk).exists()


DECK = Deck(
    name="officer:objection",
    roles=READERS,
    rows=selectors.visible_objections,
    title=lambda row: row.number,
    acts=beside(
        lambda by, row: [*_said(by, row), *_answers(row)],
        Act(
            name="accept",
            label="受理",
            tone="main",
            intro="受理后该事项暂缓，由处室核查。",
            article="15",
            may=_in(queues.objections_to_accept),
            run=call(services.accept, "objection_id"),
            done="已受理，该事项暂缓。",
        ),
        Act(
            name="turn-down",
            label="不予受理",
            tone="danger",
            form=TurnDownForm,
            may=_in(queues.objections_to_accept),
            run=call(services.turn_down, "objection_id"),
            done="已决定不予受理。",
        ),
        Act(
            name="investigate",
            label="开始核查",
            tone="main",
            may=lambda by, row: row.state == S.ACCEPTED and _in(queues.objections_to_investigate)(by, row),
            run=call(services.investigate, "objection_id"),
            done="已开始核查。",
        ),
        Act(
            name="report",
            label="提交核查情况",
            tone="main",
            form=FindingsForm,
            may=lambda by, row: row.state == S.INVESTIGATING and may_report(by, row),
            run=call(services.report, "objection_id"),
            done="核查情况已提交，由另一人决定。",
        ),
        Act(
            name="decide",
            label="作出决定",
            tone="main",
            form=OutcomeForm,
            intro="异议成立的，该事项移出名单；不成立的，恢复公示或生效。",
            article="15",
            may=_in(queues.objections_to_decide),
            run=call(services.decide, "objection_id"),
            done="已作出决定，请告知双方。",
        ),
        Act(
            name="extend",
            label="延长答复期限",
            form=ReasonForm,
            intro="限一次。",
            may=lambda by, row: (
                row.state in handling.CAN_WAIT and row.extended_at is None and policies.may_extend_objection(by)
            ),
            run=call(services.extend, "objection_id"),
            done="答复期限已延长。",
        ),
        Act(
            name="notify",
            label="登记已告知",
            tone="main",
            form=NotifyForm,
            may=_in(queues.objections_to_notify),
            run=call(services.notify, "objection_id"),
            done="已登记告知。",
        ),
        Act(
            name="register-review",
            label="登记复核申请",
            form=RegisterForm,
            may=lambda by, row: (
                row.state == S.NOTIFIED
                and policies.may_accept_objection(by)
                and row.review_until is not None
                and row.review_until >= clock.today()
            ),
            run=call(services.register_review, "objection_id"),
            done="已登记复核申请。",
        ),
        Act(
            name="conclude",
            label="作出复核决定",
            tone="main",
            form=OutcomeForm,
            may=_in(queues.objections_to_conclude),
            run=call(services.conclude, "objection_id"),
            done="已作出复核决定。",
        ),
    ),
)


def may_report(by: User, row: Objection) -> bool:
    """Who investigates may also write his report anew until it is decided."""
    return policies.may_investigate_objection(by) and queues.takes_stage(by, row, INVESTIGATE)


SPANS: dict[str, Callable[[], models.Q]] = {
    "open": engine.pending,
    "week": lambda: engine.due_between(*ends_this_week()),
    "late": lambda: engine.late(clock.today()),
}
LIST = Listing(
    name="objections",
    caption="公示异议",
    columns=(
        Column(name="number", label="异议", show="number", second="item.label", link=page, place="title"),
        Column(name="list", label="名单", show="item.publicity.title"),
        Column(name="filed", label="提出时间", show="filed_at", kind="moment", sort="filed_at"),
        Column(name="due", label="本环节期限", show=engine.due_on, kind="date"),
        state_column(TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ObjectionState.choices),
        Filter(name="outcome", label="结论", narrow="outcome", choices=Outcome.choices),
        Filter(name="number", label="回执号", narrow="number__startswith", kind="text"),
        Filter(
            name="due",
            label="期限",
            narrow=lambda rows, value: rows.filter(SPANS[value]()),
            choices=(("open", "未办结"), ("week", "本周到期"), ("late", "已超期")),
        ),
    ),
    empty="没有收到异议。任何人可以在公示页面实名提出。",
)


@pages_for(*READERS)
def objection_list(request: Asked) -> HttpResponseBase:
    """Every objection, without who filed it."""
    rows = selectors.visible_objections(request.user)
    return LIST.answer(
        request,
        rows,
        "portal/officer/list.html",
        {"title": "公示异议", "under": "受理、核查、决定、复核由不同的人办理"},
    )


@pages_for(*READERS)
def objection(request: Asked, pk: str) -> HttpResponseBase:
    """One objection: grounds and evidence, each stage with who took it."""
    by = request.user
    row = selectors.visible_objections(by).filter(pk=pk).first()
    if row is None:
        raise not_found("公示异议")
    case = Case(
        title=f"公示异议 {row.number}",
        under=row.item.label,
        state=Chip(row.get_state_display(), TONES.get(ObjectionState(row.state), "off")),
        due=engine.due_on(row),
        crumbs=(Link("公示异议", reverse("officer:objections")),),
        left=_said(by, row),
        right=(_stages(row), *_answers(row)),
        record=row,
        acts=[*acts(DECK, request, row), *_sealed(by, row)],
        trail=list(of_subject(row).reverse()),
    )
    return case_page(request, case)


def _said(by: User, row: Objection) -> list[Section]:
    """What is objected to, and why."""
    papers = [
        Link(
            f"{one.name}（{one.get_role_display()}）", reverse("objection-file-content", kwargs={"pk": one.pk}), "file"
        )
        for one in row.files.all()
    ]
    return [
        Section(title="事实和理由", text=row.grounds, article="15"),
        Section(title="证据材料", links=papers, empty="没有附证据材料。"),
        Section(
            title="所涉公示",
            facts=(
                ("名单", Link(row.item.publicity.title, _list_page(by, row))),
                ("事项", row.item.label),
                ("事项状态", row.item.get_state_display()),
                ("异议人类别", row.get_filer_kind_display()),
            ),
        ),
    ]


def _list_page(by: User, row: Objection) -> str:
    return reverse("officer:publicity", args=[row.item.publicity_id])


def _stages(row: Objection) -> Section:
    facts = (
        ("提出", row.filed_at),
        ("受理期限", row.accept_due),
        ("受理决定", row.accepted_at),
        ("不予受理原因", row.get_unaccepted_display()),
        ("答复期限", row.result_due),
        ("延期", row.extended_at),
        ("开始核查", row.investigated_at),
        ("决定", row.decided_at),
        ("告知", row.notified_at),
        ("可申请复核至", row.review_until),
        ("复核期限", row.review_due),
        ("复核决定", row.reviewed_at),
    )
    return Section(title="各环节", facts=said(facts), article="15")


def _answers(row: Objection) -> list[Section]:
    said = (
        ("核查情况", row.findings),
        (f"答复：{row.get_outcome_display()}", row.answer),
        ("复核申请", row.review_grounds),
        (f"复核答复：{row.get_review_outcome_display()}", row.review_answer),
    )
    return [Section(title=title, text=text) for title, text in said if text]


def _sealed(by: User, row: Objection) -> list[tuple[Any, str]]:
    """What may be opened, each time on record."""
    if not policies.may_open_filer(by):
        return []
    found = [(IDENTITY, reverse("officer:objection-identity", args=[row.pk]))]
    if row.filer_kind == "unit":
        found.append((LETTER, reverse("officer:objection-letter", args=[row.pk])))
    return found


IDENTITY = Act(name="identity", label="查看异议人身份", icon="eye", run=lambda by, row, data: None)
LETTER = Act(name="letter", label="下载盖章异议函", icon="lock", run=lambda by, row, data: None)


def _identity(by: User, row: Objection, data: dict[str, Any]) -> dict[str, Any]:
    _, filer = services.open_identity(by=by, objection_id=row.pk, **data)
    return {
        "姓名或单位": filer.name,
        "公民身份号码或统一社会信用代码": filer.identity,
        "联系电话": filer.phone,
        "电子邮箱": filer.email,
        "通讯地址": filer.address,
    }


def _letter(by: User, row: Objection, data: dict[str, Any]) -> HttpResponse:
    return api.download(*services.open_letter(by=by, objection_id=row.pk, **data))


_OPENING: dict[str, Any] = {
    "roles": (Role.DEPARTMENT, Role.APPROVER),
    "form": ReasonForm,
    "rows": selectors.visible_objections,
    "may": lambda by, row: policies.may_open_filer(by),
    "title": lambda row: row.number,
    "back": page,
}
open_identity = revealing(
    label="查看异议人身份", intro="身份加密保存。每次查看记入存证，注明查看人和理由。", opened=_identity, **_OPENING
)
open_letter = revealing(
    label="下载盖章异议函", intro="异议函加密保存。每次下载记入存证，注明下载人和理由。", opened=_letter, **_OPENING
)


def _kind(code: str, label: str, roles: tuple[Role, ...], rows: tasks.Rows) -> tasks.Kind:
    return tasks.Kind(
        code=f"objection-{code}",
        label=label,
        group="公示",
        roles=roles,
        rows=rows,
        subject=lambda row: str(row.item.label),
        below=lambda row: f"{row.number}　{row.item.publicity.title}",
        due=DUE,
        url=page,
    )


tasks.register(
    _kind("accept", "异议受理", (Role.CENTRE_CHECKER,), queues.objections_to_accept),
    _kind("investigate", "异议核查", (Role.DEPARTMENT,), queues.objections_to_investigate),
    _kind("decide", "异议决定", (Role.DEPARTMENT, Role.APPROVER), queues.objections_to_decide),
    _kind("notify", "异议结果告知", (Role.DEPARTMENT, Role.CENTRE_CHECKER), queues.objections_to_notify),
    _kind("conclude", "异议复核", (Role.DEPARTMENT, Role.APPROVER), queues.objections_to_conclude),
)

URLS = [
    path("objections/", objection_list, name="objections"),
    path("objections/<uuid:pk>/", objection, name="objection"),
    path("objections/<uuid:pk>/identity/", open_identity, name="objection-identity"),
    path("objections/<uuid:pk>/letter/", open_letter, name="objection-letter"),
    *DECK.urls("objections/"),
]
