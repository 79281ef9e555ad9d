"""投诉举报: filed by anybody by real name, followed by receipt and word (第二十七条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from credit.serializers import ComplaintReceiptIn, PublicComplaintIn
from credit.services import public as strangers
from credit.states import ComplaintState
from engines.publicity.states import FilerKind
from engines.strangers import Filer
from portal.kit.access import public
from portal.kit.forms import BodyForm
from portal.public import filing

TONES = {
    ComplaintState.NOT_ACCEPTED: "bad",
    ComplaintState.UPHELD: "ok",
    ComplaintState.NOT_UPHELD: "off",
    ComplaintState.WITHDRAWN: "off",
}
READ_BY = "受理后被投诉单位可见，请勿写自己的姓名、电话、证件号码：身份在下方填写，另行密封保存。"


class ComplaintForm(filing.FilingForm):
    body = PublicComplaintIn
    only = (
        *("uscc", "contract_number", "facts", "wish"),
        *("filer_kind", "name", "identity_number", "phone", "email", "address"),
    )
    labels = {
        **filing.WHO,
        "uscc": "被投诉单位的统一社会信用代码",
        "contract_number": "所涉合同编号",
        "facts": "事实",
        "wish": "诉求",
    }
    kinds = filing.KINDS
    helps = {
        "uscc": "18位，见该单位的营业执照；服务商的也可在服务商名录中查到。",
        "facts": f"写明时间、事项和经过。{READ_BY}",
        "wish": READ_BY,
    }


class ReceiptForm(BodyForm):
    body = ComplaintReceiptIn
    labels = {"receipt": "回执号", "secret": "查询码"}


@public
def complaint(request: HttpRequest) -> HttpResponseBase:
    """A complaint against an enterprise or a provider; `?against=` names it by its code."""
    if request.method != "POST":
        named = {"uscc": request.GET.get("against", "")[:18], "filer_kind": FilerKind.PERSON}
        return filing.private(request, "portal/public/complaint.html", {"form": ComplaintForm(initial=named)})
    form = ComplaintForm(request.POST)
    told, status = filing.filed(request, form, lambda: _file(form))
    if told is None:
        return filing.private(request, "portal/public/complaint.html", {"form": form}, status)
    told = filing.told(told, strangers.secret_of(told["receipt"]))
    return filing.private(request, "portal/public/receipt.html", {"told": told, "what": "complaint"})


def _file(form: ComplaintForm) -> dict[str, Any]:
    data = {**form.validated}
    who = {name: data.pop(name) for name in ("name", "phone", "email", "address")}
    filer = Filer(kind=data.pop("filer_kind"), identity=data.pop("identity_number"), **who)
    made = strangers.file(filer=filer, **data)
    return {"receipt": made.number, "accept_due": made.accept_due.isoformat()}


@public
def follow(request: HttpRequest) -> HttpResponseBase:
    """How a complaint stands, told to who holds its receipt."""
    if request.method != "POST":
        return render(request, "portal/public/follow.html", {"form": ReceiptForm(), "what": "complaint"})
    form = ReceiptForm(request.POST)
    row, status = filing.followed(request, form, strangers.by_receipt)
    if row is None:
        return filing.private(request, "portal/public/follow.html", {"form": form, "what": "complaint"}, status)
    context = {"complaint": row, "tone": TONES.get(row.state, "run")}
    return filing.private(request, "portal/public/complaint_status.html", context)
