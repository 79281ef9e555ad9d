"""公示异议: filed by anybody by real name, followed by receipt and word, reviewed once (8-39)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from engines.publicity import selectors as engine
from engines.publicity import services as filing_engine
from engines.publicity.models import Objection, PublicityItem
from engines.publicity.states import FilerKind, FileRole, ObjectionState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import public
from portal.kit.forms import BodyForm
from portal.parties.publicity import ordered
from portal.public import common, filing, publicities
from programmes import selectors
from programmes.api.objections import PaperIn, ReceiptIn, ReviewAskIn
from programmes.api.publicities import ObjectionIn
from programmes.services import objections

PROSE = {
    "grounds": "写明时间、事项和依据。经办人员可见，请勿写自己的姓名、电话、证件号码：身份在下方填写，另行密封保存。"
}
TONES = {
    ObjectionState.UPHELD: "ok",
    ObjectionState.NOT_UPHELD: "off",
    ObjectionState.NOTIFIED: "ok",
    ObjectionState.CLOSED: "ok",
    ObjectionState.NOT_ACCEPTED: "bad",
    ObjectionState.LAPSED: "off",
}
PAPER, REVIEW = "paper", "review"


class ObjectionForm(filing.FilingForm):
    body = ObjectionIn
    only = ("grounds", "filer_kind", "name", "identity_number", "phone", "email", "address")
    labels = filing.WHO
    kinds = filing.KINDS
    helps = PROSE
    papers = ("file",)
    file = filing.PaperField(
        "附件",
        "以单位名义提出的，附盖章的异议函；以个人名义提出的，可附一份证据。其余证据凭回执号补交。表单有误退回时须重新选择文件。",
    )


class ReceiptForm(BodyForm):
    body = ReceiptIn
    labels = {"receipt": "回执号", "secret": "查询码"}
    placeholders = {"receipt": "例如 YY-2026-00001"}


class PaperForm(filing.FilingForm):
    body = PaperIn
    only = ("receipt", "secret")
    papers = ("file",)
    file = filing.PaperField("证据材料", "每次一个文件。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hide(self)

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {**super().payload(cleaned), "file": cleaned.get("file")}

    def clean(self) -> dict[str, Any]:
        if not self.files.get("file"):
            self.add_error("file", "请选择“证据材料”。")
        return super().clean()


class ReviewForm(BodyForm):
    body = ReviewAskIn
    labels = {"grounds": "申请复核的理由"}
    helps = {"grounds": "写明对答复不服之处。请勿写自己的姓名、电话、证件号码。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hide(self)


def hide(form: BodyForm) -> None:
    """Receipt and word go with the form from the page that has shown them."""
    for name in ("receipt", "secret"):
        form.fields[name].widget = form.fields[name].hidden_widget()


@public
def objection(request: HttpRequest, pk: UUID, item: UUID) -> HttpResponseBase:
    """An objection against one thing on a list. After a success the receipt stands on the answer itself."""
    publicity = publicities.found(pk)
    row = selectors.visible_items(common.READER).filter(publicity=publicity, pk=item).first()
    if row is None:
        raise not_found("公示事项")
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ObjectionForm(*sent, given={"item": str(row.pk)}, initial={"filer_kind": FilerKind.PERSON})
    context = {
        "publicity": publicity,
        "item": row,
        "shown": [(label, row.body[label]) for label in ordered(row.body)],
        "form": form,
        "back": publicities.page(publicity),
    }
    status = 200
    if request.method == "POST":
        told, status = filing.filed(request, form, lambda: _file(request, publicity.pk, form))
        if told is not None:
            told = filing.told(told, filing_engine.secret_of(told["receipt"]))
            return filing.private(request, "portal/public/receipt.html", {**context, "told": told, "what": "objection"})
    context["is_open"] = engine.takes_objections(publicity, clock.today())
    return filing.private(request, "portal/public/objection.html", context, status)


def _file(request: HttpRequest, pk: UUID, form: ObjectionForm) -> dict[str, Any]:
    data = {**form.validated}
    kind, item = data.pop("filer_kind"), data.pop("item")
    upload = request.FILES.get("file")
    role = FileRole.LETTER if kind == FilerKind.UNIT else FileRole.EVIDENCE
    receipt = objections.file_objection(
        publicity_id=pk, item_id=item, kind=kind, uploads={role: upload} if upload else {}, **data
    )
    return {"receipt": receipt.objection.number, "accept_due": receipt.objection.accept_due.isoformat()}


@public
def follow(request: HttpRequest) -> HttpResponseBase:
    """How an objection stands, told to who holds its receipt; there he brings evidence or asks for another look."""
    if request.method != "POST":
        return render(request, "portal/public/follow.html", {"form": ReceiptForm(), "what": "objection"})
    form = ReceiptForm(request.POST)
    row, status = filing.followed(request, form, filing_engine.by_receipt)
    if row is None:
        return filing.private(request, "portal/public/follow.html", {"form": form, "what": "objection"}, status)
    opened: dict[str, Any] = {"receipt": form.validated["receipt"], "secret": form.validated["secret"]}
    context: dict[str, Any] = {"done": "", "paper": PaperForm(initial=opened), "review": ReviewForm(initial=opened)}
    act = request.POST.get("act", "")
    if act in (PAPER, REVIEW):
        row, status = _acted(request, act, row, context)
    today = clock.today()
    context |= {
        "objection": row,
        "item": PublicityItem.objects.select_related("publicity").get(pk=row.item_id),
        "tone": TONES.get(row.state, "run"),
        "takes_papers": engine.takes_papers(row),
        "may_ask": engine.may_be_reviewed(row, today),
    }
    return filing.private(request, "portal/public/objection_status.html", context, status)


def _acted(request: HttpRequest, act: str, row: Objection, context: dict[str, Any]) -> tuple[Objection, int]:
    """Evidence brought, or another look asked for; what was refused stands in the form."""
    if act == PAPER:
        form: BodyForm = PaperForm(request.POST, request.FILES)
        done = "证据材料已收到。"
    else:
        form, done = ReviewForm(request.POST), "复核申请已提交。"

    def run() -> dict[str, Any]:
        data = {**form.validated}
        upload = data.pop("file", None)
        objections.attach(upload=upload, **data) if act == PAPER else objections.ask_review(**data)
        return {"done": done}

    told, status = filing.filed(request, form, run)
    context[act] = form if told is None else context[act]
    context["done"] = told["done"] if told is not None else ""
    return Objection.objects.get(pk=row.pk), status
