"""Complaints: accepted, investigated, decided by three people; credit records may follow from them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from credit import policies, queues, selectors
from credit import serializers as s
from credit.models import Complaint
from credit.services import complaints as services
from credit.services import public as strangers
from credit.states import COMPLAINT_OPEN, ComplainantKind, ComplaintState
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from portal.kit.access import Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, acts, beside, case_page, files, person, said
from portal.officer.registration_acts import READERS
from portal.officer.reveal import revealing
from portal.officer.shown import call, state_column

S = ComplaintState
TONES = {S.FILED: "warn", S.ACCEPTED: "run", S.INVESTIGATED: "warn", S.UPHELD: "bad", S.NOT_UPHELD: "ok"}
page = tasks.page_of("officer:complaint")


class AcceptForm(BodyForm):
    body = s.ComplaintAcceptIn
    labels = {"note": "受理意见", "told": "告知被投诉单位的事实"}
    helps = {"told": "原文可能暴露投诉人的，在此改写；不填即告知原文，诉求一并告知。"}


class RefuseForm(BodyForm):
    body = s.ComplaintRefuseIn
    labels = {"code": "不予受理的情形", "text": "告知投诉人的说明"}


class FindingsForm(BodyForm):
    body = s.ComplaintFindingsIn


class ExtendForm(BodyForm):
    body = s.ComplaintExtendIn
    labels = {"until": "延长至", "reason": "延长的理由"}


class UpholdForm(BodyForm):
    body = s.ComplaintUpholdIn
    labels = {"has_large_effect": "产生较大不良影响（第二十七条第四项）"}


class DismissForm(BodyForm):
    body = s.ComplaintDismissIn


class OpenForm(BodyForm):
    body = s.ComplaintOpenIn
    labels = {"reason": "查看理由"}


DECK = Deck(
    name="officer:complaint",
    roles=READERS,
    rows=selectors.visible_complaints,
    title=lambda row: row.number,
    acts=beside(
        lambda by, row: [*_said(row, selectors.knows_filer(by, row)), *_course(row, selectors.is_officer(by))],
        Act(
            name="accept",
            label="受理",
            tone="main",
            form=AcceptForm,
            intro="受理后由促进中心复核人员核查，被投诉单位看到告知的事实。",
            article="22,27",
            may=lambda by, row: row.state == S.FILED and policies.may_accept(by),
            run=call(services.accept, "complaint_id"),
            done="已受理。",
        ),
        Act(
            name="refuse",
            label="不予受理",
            tone="danger",
            form=RefuseForm,
            may=lambda by, row: row.state == S.FILED and policies.may_accept(by),
            run=call(services.refuse, "complaint_id"),
            done="已决定不予受理。",
        ),
        Act(
            name="investigate",
            label="提交核查情况",
            tone="main",
            form=FindingsForm,
            may=lambda by, row: row.state == S.ACCEPTED and policies.may_investigate(by, row),
            run=call(services.investigate, "complaint_id"),
            done="核查情况已提交，由处室决定。",
        ),
        Act(
            name="uphold",
            label="认定属实",
            tone="main",
            form=UpholdForm,
            article="27",
            may=lambda by, row: row.state == S.INVESTIGATED and policies.may_decide(by, row),
            run=call(services.uphold, "complaint_id"),
            done="已认定属实，双方已告知。",
        ),
        Act(
            name="dismiss",
            label="认定不属实",
            form=DismissForm,
            may=lambda by, row: row.state == S.INVESTIGATED and policies.may_decide(by, row),
            run=call(services.dismiss, "complaint_id"),
            done="已认定不属实，双方已告知。",
        ),
        Act(
            name="extend",
            label="延长答复期限",
            form=ExtendForm,
            may=lambda by, row: row.state in (S.ACCEPTED, S.INVESTIGATED) and policies.may_extend(by),
            run=call(services.extend, "complaint_id"),
            done="答复期限已延长。",
        ),
    ),
)

LIST = Listing(
    name="complaints",
    caption="投诉",
    columns=(
        Column(name="number", label="投诉", show="party_name", second="number", link=page, place="title"),
        Column(name="contract", label="所涉合同", show="contract_number"),
        Column(name="accept", label="受理期限", show="accept_due", kind="date", sort="accept_due"),
        Column(name="result", label="答复期限", show="result_due", kind="date"),
        Column(name="made", label="收到时间", show="created_at", kind="moment", sort="created_at"),
        state_column(TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ComplaintState.choices),
        Filter(name="party", label="被投诉单位", narrow="party_name__icontains", kind="text"),
        Filter(name="number", label="投诉编号", narrow="number__startswith", kind="text"),
    ),
    empty="没有收到投诉。",
)


@pages_for(*READERS)
def complaint_list(request: Asked) -> HttpResponseBase:
    """Every complaint that the reader may see."""
    rows = selectors.visible_complaints(request.user)
    return LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "投诉", "under": "受理、核查、决定由三人办理"}
    )


@pages_for(*READERS)
def complaint(request: Asked, pk: str) -> HttpResponseBase:
    """One complaint; who filed is told to the offices alone, and a stranger's name to nobody here."""
    by = request.user
    rows = selectors.visible_complaints(by)
    row = rows.select_related("accepted_by", "investigated_by", "decided_by").filter(pk=pk).first()
    if row is None:
        raise not_found("投诉")
    knows = selectors.knows_filer(by, row)
    return case_page(
        request,
        Case(
            title=f"投诉 {row.number}",
            under=f"被投诉单位 {row.party_name}",
            state=Chip(row.get_state_display(), TONES.get(ComplaintState(row.state), "off")),
            due=_due(row),
            crumbs=(Link("投诉", reverse("officer:complaints")),),
            left=_said(row, knows),
            right=_course(row, officer=selectors.is_officer(by)),
            record=row,
            acts=[*acts(DECK, request, row), *_sealed(by, row)],
            trail=list(of_subject(row).reverse()) if knows else (),
        ),
    )


def _due(row: Complaint) -> Any:
    if row.state not in COMPLAINT_OPEN:
        return None
    return row.accept_due if row.state == S.FILED else row.result_due


def _said(row: Complaint, knows: bool) -> list[Section]:
    about = (
        ("被投诉单位", f"{row.party_name}　{row.uscc}"),
        ("所涉合同", row.contract_number),
        ("投诉人", _filer(row) if knows else "不告知"),
    )
    sections = [
        Section(title="投诉对象", facts=about),
        Section(title="事实", text=row.facts if knows else row.wording, article="22,27"),
    ]
    if row.wish and (knows or not row.told):
        sections.append(Section(title="诉求", text=row.wish))
    if knows and row.told:
        sections.append(Section(title="告知被投诉单位的事实", text=row.told))
    if knows:
        sections.append(Section(title="佐证材料", links=files(row.files.all()), empty="没有附佐证材料。"))
    return sections


def _filer(row: Complaint) -> str:
    return row.filer.name if row.filer is not None else f"{row.get_filer_kind_display()}（实名，身份密封保管）"


def _course(row: Complaint, officer: bool) -> list[Section]:
    facts = (
        ("受理期限", row.accept_due),
        ("答复期限", row.result_due),
        ("最长答复期限", row.longest_due),
        ("受理", person(row.accepted_by) if officer else ""),
        ("核查", person(row.investigated_by) if officer else ""),
        ("决定", person(row.decided_by) if officer else ""),
        ("不予受理", f"{row.get_refusal_code_display()}：{row.refusal_text}" if row.refusal_code else ""),
        ("较大不良影响", row.has_large_effect if row.decided_at is not None else ""),
    )
    sections = [Section(title="办理情况", facts=said(facts), article="22,27")]
    if officer and row.findings:
        sections.append(Section(title="核查情况", text=row.findings))
    if row.result:
        sections.append(Section(title="处理结果", text=row.result))
    return sections


def _may_open(by: User, row: Complaint) -> bool:
    return policies.may_open_filer(by) and row.filer_kind != ComplainantKind.REGISTERED


IDENTITY = Act(name="identity", label="查看投诉人身份", icon="eye", run=lambda by, row, data: None)


def _sealed(by: User, row: Complaint) -> list[tuple[Any, str]]:
    return [(IDENTITY, reverse("officer:complaint-identity", args=[row.pk]))] if _may_open(by, row) else []


def _identity(by: User, row: Complaint, data: dict[str, Any]) -> dict[str, Any]:
    _, filer = strangers.open_identity(by=by, complaint_id=row.pk, **data)
    return {
        "姓名或单位": filer.name,
        "公民身份号码或统一社会信用代码": filer.identity,
        "联系电话": filer.phone,
        "电子邮箱": filer.email,
        "通讯地址": filer.address,
    }


open_identity = revealing(
    roles=(Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER),
    form=OpenForm,
    label="查看投诉人身份",
    intro="身份加密保存。每次查看记入存证，注明查看人和理由。",
    rows=selectors.visible_complaints,
    may=_may_open,
    title=lambda row: row.number,
    back=page,
    opened=_identity,
)


def _kind(code: str, label: str, role: Role, rows: tasks.Rows, due: str, since: str) -> tasks.Kind:
    return tasks.Kind(
        code=f"complaint-{code}",
        label=label,
        group="信用",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.party_name),
        below=lambda row: f"{row.number}　{row.contract_number}",
        due=due,
        since=since,
        url=page,
    )


tasks.register(
    _kind("accept", "投诉受理", Role.CENTRE_CHECKER, queues.complaints_to_accept, "accept_due", "created_at"),
    _kind(
        "investigate", "投诉核查", Role.CENTRE_REVIEWER, queues.complaints_to_investigate, "result_due", "accepted_at"
    ),
    _kind("decide", "投诉决定", Role.DEPARTMENT, queues.complaints_to_decide, "result_due", "investigated_at"),
)

URLS = [
    path("complaints/", complaint_list, name="complaints"),
    path("complaints/<uuid:pk>/", complaint, name="complaint"),
    path("complaints/<uuid:pk>/identity/", open_identity, name="complaint-identity"),
    *DECK.urls("complaints/"),
]
