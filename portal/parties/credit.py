"""The credit of one's organisation: what it has committed itself to, what stands on its file, complaints on both sides."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.states import SIGNATORIES, Role
from credit import commitments, policies, selectors
from credit import serializers as s
from credit.models import Complaint, CreditRecord
from credit.services import commitment, complaints, records
from credit.states import COMPLAINT_OPEN, RECORD_STANDING, ComplaintState, RecordState
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import PARTIES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.empty import EmptyForm
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing

SIGNERS = tuple(role for role in Role if role in SIGNATORIES)
WITHDRAWABLE = frozenset({ComplaintState.FILED, ComplaintState.ACCEPTED})


def record_page(row: CreditRecord) -> str:
    return reverse("credit-record", kwargs={"pk": row.pk})


def complaint_page(row: Complaint) -> str:
    return reverse("own-complaint", kwargs={"pk": row.pk})


def record_tone(row: CreditRecord) -> str:
    return "bad" if row.state in RECORD_STANDING else "off"


def complaint_tone(row: Complaint) -> str:
    return "warn" if row.state in COMPLAINT_OPEN else "off"


RECORDS = Listing(
    name="records",
    caption="信用记录",
    columns=(
        Column(name="number", label="记录编号", show="number", link=record_page, place="title"),
        Column(name="ground", label="事由", show="get_ground_display", place="wide"),
        Column(name="since", label="生效", show="since", kind="date"),
        Column(name="until", label="截止", show="until", kind="date"),
        Column(name="blocks", label="限制参与", show=lambda row: "是" if row.blocks else "否"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=record_tone, place="corner"),
    ),
    empty="没有信用记录。",
)


class RepairForm(BodyForm):
    body = s.CreditRepairIn
    labels = {"text": "整改情况"}
    helps = {"text": "写明已采取的措施、退回的款项和证明材料。"}


class ReasonForm(BodyForm):
    body = s.CreditReasonIn
    labels = {"reason": "理由"}


class ComplaintForm(BodyForm):
    body = s.ComplaintIn
    labels = {
        "uscc": "被投诉单位的统一社会信用代码",
        "contract_number": "所涉合同编号",
        "facts": "事实",
        "wish": "诉求",
        "files": "证据",
    }
    helps = {
        "facts": "写明时间、事项、经过。受理后被投诉单位会看到，请不要写明自己的身份、电话、证件号码、邮箱和账号。",
        "wish": "希望怎样处理。",
    }
    uploads = {"files": "evidence"}


COMMIT = Deck(
    name="credit",
    roles=PARTIES,
    crumbs=lambda row: [("信用", reverse("credit"))],
    acts=(
        Act(
            name="commit",
            label="签署信用承诺书",
            tone="main",
            icon="pen",
            form=EmptyForm,
            intro="由授权签署人代表本单位签署。签署人、时间和承诺书的摘要将保存，不能修改。",
            article="24",
            roles=SIGNERS,
            template="portal/parties/commit.html",
            may=lambda by, row: not selectors.has_committed(by.organisation),
            shown=lambda by, row: {"words": commitments.current(by.organisation.kind)},
            run=lambda by, row, data: commitment.commit(by=by),
            goes=lambda result: reverse("credit"),
            done="信用承诺书已签署。",
        ),
    ),
)

RECORD = Deck(
    name="credit-record",
    roles=PARTIES,
    rows=selectors.visible_records,
    title=lambda row: row.number,
    acts=(
        Act(
            name="ask-repair",
            label="申请信用修复",
            tone="main",
            form=RepairForm,
            intro="说明整改情况，由厅职能处室决定是否修复。决定前记录仍然有效。",
            article="27",
            may=lambda by, row: row.state == RecordState.IN_FORCE and policies.may_ask_repair(by, row),
            run=lambda by, row, data: records.ask_repair(by=by, record_id=row.pk, **data),
            done="修复申请已提交。",
        ),
    ),
)


COMPLAINTS = Listing(
    name="complaints",
    caption="投诉",
    columns=(
        Column(
            name="number",
            label="投诉编号",
            show="number",
            second="party_name",
            link=complaint_page,
            place="title",
        ),
        Column(name="contract", label="所涉合同", show="contract_number"),
        Column(name="filed", label="提出时间", show="created_at", kind="moment"),
        Column(name="due", label="答复期限", show="result_due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=complaint_tone, place="corner"),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=ComplaintState.choices),),
    empty="没有投诉。对合同另一方的履约有意见，可以先在合同页沟通，沟通无果再投诉。",
)

FILE = Deck(
    name="own-complaints",
    roles=PARTIES,
    home=complaint_page,
    crumbs=lambda row: [("投诉", reverse("own-complaints"))],
    acts=(
        Act(
            name="file",
            label="提出投诉",
            icon="flag",
            form=ComplaintForm,
            intro="促进中心受理和核查，厅职能处室决定。被投诉单位不会被告知投诉人是谁。",
            article="27",
            may=lambda by, row: policies.may_complain(by),
            linked=("uscc", "contract_number"),
            run=lambda by, row, data: complaints.file(by=by, file_ids=data.pop("files"), **data),
            done="投诉已提出。",
        ),
    ),
)

COMPLAINT = Deck(
    name="own-complaint",
    roles=PARTIES,
    rows=selectors.visible_complaints,
    title=lambda row: row.number,
    acts=(
        Act(
            name="withdraw",
            label="撤回投诉",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state in WITHDRAWABLE and policies.may_withdraw(by, row),
            run=lambda by, row, data: complaints.withdraw(by=by, complaint_id=row.pk, **data),
            done="投诉已撤回。",
        ),
    ),
)


@pages_for(*PARTIES)
def credit(request: Asked) -> HttpResponseBase:
    """The commitment, what restricts the organisation, and every record about it."""
    by = request.user
    context = {
        "words": commitments.current(by.organisation.kind),
        "signed": selectors.visible_commitments(by).select_related("signed_by").order_by("-text_version"),
        "committed": selectors.has_committed(by.organisation),
        "restriction": selectors.restriction(by.organisation.uscc or "", clock.today()),
        "upheld": selectors.upheld_complaints([by.organisation.uscc or ""]).get(by.organisation.uscc or "", 0),
        "acts": COMMIT.offered(by, None),
    }
    return RECORDS.answer(request, selectors.visible_records(by), "portal/parties/credit.html", context)


@pages_for(*PARTIES)
def record(request: Asked, pk: str) -> HttpResponseBase:
    """One record: why, by which decision, until when, and what can be done."""
    row = selectors.visible_records(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("信用记录")
    context = {
        "record": row,
        "tone": record_tone(row),
        "acts": RECORD.offered(request.user, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/parties/credit_record.html", context)


@pages_for(*PARTIES)
def all_complaints(request: Asked) -> HttpResponseBase:
    """What the organisation filed, and what was accepted against it."""
    context = {"acts": FILE.offered(request.user, None)}
    rows = selectors.visible_complaints(request.user)
    return COMPLAINTS.answer(request, rows, "portal/parties/complaints.html", context)


@pages_for(*PARTIES)
def complaint(request: Asked, pk: str) -> HttpResponseBase:
    """One complaint as its reader may know it: the API's own shape decides what is told to which side."""
    row = selectors.visible_complaints(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("投诉")
    knows = selectors.knows_filer(request.user, row)
    context = {
        "complaint": row,
        "told": s.ComplaintOut(row, context={"request": request}).data,
        "ours": row.filer_id == request.user.organisation_id,
        "files": row.files.all() if knows else (),
        "tone": complaint_tone(row),
        "acts": COMPLAINT.offered(request.user, row),
        "trail": of_subject(row) if knows else None,
    }
    return render(request, "portal/parties/complaint.html", context)
