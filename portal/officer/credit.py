"""Credit records and bars: proposed, reviewed and decided by different people; repaired or taken back by yet another."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from credit import policies, queues, selectors
from credit import serializers as s
from credit.models import CreditRecord
from credit.services import records
from credit.states import RECORD_STANDING, ComplaintState, Ground, RecordState
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, beside, case_page, files, person, said, trail
from portal.officer.shown import call, state_column

R = RecordState
TONES = {
    R.PROPOSED: "warn",
    R.REVIEWED: "warn",
    R.IN_FORCE: "bad",
    R.REPAIR_APPLIED: "bad",
    R.REPAIRED: "ok",
}
MOST_CHOICES = 1_000  # upheld complaints to rest a record on, the latest first
page = tasks.page_of("officer:credit-record")


class ProposeForm(BodyForm):
    body = s.CreditRecordIn
    labels = {
        "uscc": "统一社会信用代码",
        "ground": "事由",
        "blocks": "生效期间不得办理新的服务券业务",
        "party_name": "单位名称",
        "party_kind": "单位类别",
        "complaint": "所依据的投诉",
    }
    helps = {"party_name": "尚未注册的单位填写；已注册的以注册为准。", "complaint": "以投诉查实为事由的必选。"}
    uploads = {"files": "evidence"}


class NoteForm(BodyForm):
    body = s.CreditNoteIn
    labels = {"note": "意见"}


class ReasonForm(BodyForm):
    body = s.CreditReasonIn
    labels = {"reason": "理由"}


class DecisionForm(BodyForm):
    body = s.CreditDecisionIn
    labels = {"decision_no": "决定文号", "since": "生效日期", "until": "截止日期"}
    helps = {"until": "不填为至修复或撤销为止。"}


def _complaints(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    found = selectors.visible_complaints(by).filter(state=ComplaintState.UPHELD).order_by("-pk")[:MOST_CHOICES]
    return {"complaint": [(str(one.pk), f"{one.number} {one.party_name}") for one in found]}


PROPOSE = Deck(
    name="officer:credit-record",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="propose",
            label="提出信用记录",
            tone="main",
            form=ProposeForm,
            intro="提出、复核、决定由三人办理，决定后生效。",
            article="24,27",
            choices=_complaints,
            run=lambda by, row, data: records.propose(
                by=by, file_ids=data.pop("files"), complaint_id=data.pop("complaint"), **data
            ),
            goes=page,
            done="已提出，等待复核。",
        ),
    ),
)
DECK = Deck(
    name="officer:credit-record",
    roles=DECIDERS,
    rows=selectors.visible_records,
    title=lambda row: row.number,
    acts=beside(
        lambda by, row: [*_about(row), _others(by, row)],
        Act(
            name="review",
            label="复核通过",
            tone="main",
            form=NoteForm,
            may=lambda by, row: row.state == R.PROPOSED and policies.may_review_record(by, row),
            run=call(records.review, "record_id"),
            done="已复核，由处室决定。",
        ),
        Act(
            name="decide",
            label="决定并生效",
            tone="main",
            form=DecisionForm,
            intro="生效期间，被记录单位不能办理新的服务券业务（选择限制的）。",
            article="27",
            may=lambda by, row: row.state == R.REVIEWED and policies.may_decide_record(by, row),
            run=call(records.decide, "record_id"),
            done="已决定，信用记录生效。",
        ),
        Act(
            name="decline",
            label="不予记录",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: (
                (row.state == R.PROPOSED and policies.may_review_record(by, row))
                or (row.state == R.REVIEWED and policies.may_decide_record(by, row))
            ),
            run=call(records.decline, "record_id"),
            done="已决定不予记录。",
        ),
        Act(
            name="repair",
            label="准予修复",
            tone="main",
            form=ReasonForm,
            may=lambda by, row: row.state == R.REPAIR_APPLIED and policies.may_end_record(by, row),
            run=call(records.repair, "record_id"),
            done="已准予修复。",
        ),
        Act(
            name="refuse-repair",
            label="不予修复",
            form=ReasonForm,
            may=lambda by, row: row.state == R.REPAIR_APPLIED and policies.may_end_record(by, row),
            run=call(records.refuse_repair, "record_id"),
            done="已决定不予修复。",
        ),
        Act(
            name="correct",
            label="撤销记录",
            tone="danger",
            form=ReasonForm,
            intro="原记录有误的撤销，即日起不再限制。",
            may=lambda by, row: row.state in RECORD_STANDING and policies.may_end_record(by, row),
            run=call(records.correct, "record_id"),
            done="已撤销。",
        ),
    ),
)

LIST = Listing(
    name="credit",
    caption="信用记录",
    columns=(
        Column(name="party", label="单位", show="party_name", second="number", link=page, place="title"),
        Column(name="ground", label="事由", show="get_ground_display"),
        Column(name="since", label="生效", show="since", kind="date"),
        Column(name="until", label="截止", show="until", kind="date"),
        Column(name="made", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        state_column(TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=RecordState.choices),
        Filter(name="ground", label="事由", narrow="ground", choices=Ground.choices),
        Filter(name="party", label="单位名称", narrow="party_name__icontains", kind="text"),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc__startswith", kind="text"),
    ),
    empty="没有信用记录。",
)


@pages_for(*DECIDERS)
def record_list(request: Asked) -> HttpResponseBase:
    """Every record."""
    by = request.user
    context = {
        "title": "信用记录",
        "under": "违规处置和信用修复",
        "acts": PROPOSE.offered(by, None) if policies.may_propose(by) else [],
    }
    return LIST.answer(request, selectors.visible_records(by), "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def record(request: Asked, pk: str) -> HttpResponseBase:
    """One record with what it rests on, and the party's other ones."""
    by = request.user
    rows = selectors.visible_records(by)
    row = rows.select_related("proposed_by", "reviewed_by", "decided_by", "ended_by").filter(pk=pk).first()
    if row is None:
        raise not_found("信用记录")
    done = (
        ("提出", person(row.proposed_by)),
        ("复核", person(row.reviewed_by)),
        ("决定", person(row.decided_by)),
        ("决定文号", row.decision_no),
        ("生效", row.since),
        ("截止", row.until or ("至修复或撤销为止" if row.since else "")),
        ("修复申请", row.repair_text),
        ("终止", person(row.ended_by)),
        ("修复、撤销或不予记录的理由", row.end_reason),
    )
    return case_page(
        request,
        Case(
            title=f"信用记录：{row.party_name}",
            under=row.number,
            state=Chip(row.get_state_display(), TONES.get(RecordState(row.state), "off")),
            crumbs=(Link("信用记录", reverse("officer:credit-records")),),
            left=_about(row),
            right=(
                Section(title="办理情况", facts=said(done)),
                _others(by, row),
            ),
            record=row,
            acts=acts(DECK, request, row),
            trail=trail(row),
        ),
    )


def _about(row: CreditRecord) -> list[Section]:
    """What is recorded, and what it rests on."""
    about = (
        ("单位", f"{row.party_name}　{row.uscc}"),
        ("单位类别", row.get_party_kind_display()),
        ("事由", row.get_ground_display()),
        ("限制参与", row.blocks),
        ("所依据的投诉", _complaint(row)),
    )
    return [
        Section(title="记录内容", facts=about, article="24,27"),
        Section(title="事实和依据", text=row.facts),
        Section(title="佐证材料", links=files(row.files.all()), empty="没有附佐证材料。"),
    ]


def _complaint(row: CreditRecord) -> Any:
    if row.complaint is None:
        return ""
    return Link(row.complaint.number, reverse("officer:complaint", args=[row.complaint_id]))


def _others(by: User, row: CreditRecord) -> Section:
    lines = [
        (Link(one.number, page(one)), one.get_ground_display(), one.get_state_display())
        for one in selectors.visible_records(by).filter(uscc=row.uscc).exclude(pk=row.pk).order_by("-pk")
    ]
    return Section(title="该单位的其他记录", table=Table(("编号", "事由", "状态"), lines), empty="没有其他信用记录。")


def _kind(code: str, label: str, role: Role, rows: tasks.Rows) -> tasks.Kind:
    return tasks.Kind(
        code=f"credit-{code}",
        label=label,
        group="信用",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.party_name),
        below=lambda row: f"{row.number}　{row.get_ground_display()}",
        url=page,
    )


tasks.register(
    _kind("review", "信用记录复核", Role.CENTRE_REVIEWER, queues.records_to_review),
    _kind("decide", "信用记录决定", Role.DEPARTMENT, queues.records_to_decide),
    _kind("repair", "信用修复决定", Role.DEPARTMENT, queues.repairs_to_decide),
)

URLS = [
    path("credit/", record_list, name="credit-records"),
    path("credit/<uuid:pk>/", record, name="credit-record"),
    *PROPOSE.urls("credit/"),
    *DECK.urls("credit/"),
]
