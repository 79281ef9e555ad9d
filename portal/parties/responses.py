"""洽谈: a provider's answer to a demand, what both write to each other about it, and what each may do (第十八条第（四）项)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as notes
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from demands import policies, selectors
from demands import serializers as s
from demands.models import Response
from demands.services import responding, talking
from demands.states import RESPONSE_LIVE, DemandState, ResponseState, Side
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from portal.kit.access import ENTERPRISE, PARTIES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.kit.once import FIELD, key_of, once

TONES = {
    ResponseState.OFFERED: "run",
    ResponseState.SHORTLISTED: "warn",
    ResponseState.TAKEN_UP: "ok",
}
OPEN = frozenset({ResponseState.OFFERED, ResponseState.SHORTLISTED})


def page(row: Response) -> str:
    return reverse("response", kwargs={"pk": row.pk})


def tone(row: Response) -> str:
    return TONES.get(ResponseState(row.state), "off")


def is_buyer(by: User, row: Response) -> bool:
    """The caller acts for the enterprise that looks for the service."""
    return policies.side_of(by, row) == Side.ENTERPRISE


def _listing(other: Column) -> Listing:
    """The answers as one side reads them: `other` is whom it talks with."""
    return Listing(
        name="responses",
        caption="洽谈",
        columns=(
            Column(name="demand", label="需求", show="demand.title", second="demand.number", link=page, place="title"),
            other,
            Column(name="price", label="报价（元）", show="price", kind="money", sort="price"),
            Column(name="days", label="服务天数", show="days", kind="number", sort="days"),
            Column(name="product", label="所用产品", show="product_name"),
            Column(name="at", label="应答时间", show="created_at", kind="date"),
            Column(name="unread", label="未读", show=lambda row: row.unread or "", kind="number"),
            Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
        ),
        filters=(Filter(name="state", label="状态", narrow="state", choices=ResponseState.choices),),
        flag=lambda row: bool(row.unread),
        empty="还没有洽谈。企业发布需求、服务商应答后，双方在这里沟通。",
    )


OF_BUYER = _listing(Column(name="provider", label="服务商", show="provider.name"))
OF_SELLER = _listing(Column(name="enterprise", label="企业", show="demand.enterprise.name"))


class ReasonForm(BodyForm):
    body = s.DemandReasonIn
    labels = {"reason": "理由"}


class TalkForm(BodyForm):
    body = s.DemandTalkIn
    labels = {"text": "留言", "files": "附件"}
    helps = {"text": "双方和管理部门可见，不能撤回。", "files": "图纸、报价单、需求说明等，对方可以下载。"}
    uploads = {"files": "other"}
    kinds = {"text": forms.Textarea(attrs={"rows": 3, "maxlength": 2000})}


def _may_withdraw(by: User, row: Response) -> bool:
    drafted = row.state == ResponseState.TAKEN_UP and row.demand.contract is not None
    return policies.acts_for_provider(by, row.provider) and row.state in RESPONSE_LIVE and not drafted


DECK = Deck(
    name="response",
    roles=PARTIES,
    rows=selectors.visible_responses,
    title=lambda row: row.provider.name,
    acts=(
        Act(
            name="take-up",
            label="选定此服务商",
            tone="main",
            icon="handshake",
            intro="选定后需求转入对接，服务商会得到联系人和电话，双方即可起草合同。",
            article="18",
            may=lambda by, row: is_buyer(by, row) and row.state in OPEN and row.demand.state == DemandState.PUBLISHED,
            run=lambda by, row, data: responding.take_up(by=by, response_id=row.pk, **data),
            done="已选定，服务商已得到通知。",
        ),
        Act(
            name="shortlist",
            label="列为入围",
            icon="star",
            may=lambda by, row: is_buyer(by, row) and row.state == ResponseState.OFFERED,
            run=lambda by, row, data: responding.shortlist(by=by, response_id=row.pk, **data),
            done="已列为入围。",
        ),
        Act(
            name="decline",
            label="不选用",
            tone="danger",
            form=ReasonForm,
            intro="理由会告知服务商。",
            may=lambda by, row: is_buyer(by, row) and row.state in RESPONSE_LIVE,
            run=lambda by, row, data: responding.decline(by=by, response_id=row.pk, **data),
            done="已告知服务商未选用。",
        ),
        Act(
            name="withdraw",
            label="撤回应答",
            tone="danger",
            form=ReasonForm,
            intro="撤回后可以重新应答；已选定贵机构的，需求重新开放。双方已起草合同的，须先撤回合同草稿。",
            may=_may_withdraw,
            run=lambda by, row, data: responding.withdraw(by=by, response_id=row.pk, **data),
            done="应答已撤回。",
        ),
    ),
)


@pages_for(*PARTIES)
def responses(request: Asked) -> HttpResponseBase:
    """Every answer to one's demands, or that one gave."""
    rows = selectors.visible_responses(request.user)
    listing = OF_BUYER if request.user.has(*ENTERPRISE) else OF_SELLER
    return listing.answer(request, rows, "portal/parties/responses.html", {})


@pages_for(*PARTIES)
def response(request: Asked, pk: str) -> HttpResponseBase:
    """One answer: the quote, the talk, the acts."""
    row = _row(request, pk)
    return render(request, "portal/parties/response.html", _context(request, row, TalkForm(by=request.user)))


@require_POST
@pages_for(*PARTIES)
def say(request: Asked, pk: str) -> HttpResponseBase:
    """One more line of the talk; what the other side wrote so far counts as read, for it stood above the line."""
    row = _row(request, pk)
    form = TalkForm(request.POST, request.FILES, by=request.user)
    if not form.is_valid():
        return render(request, "portal/parties/response.html", _context(request, row, form), status=422)

    def effect() -> dict[str, Any]:
        said = form.validated
        made = talking.say(by=request.user, response_id=row.pk, text=said["text"], file_ids=said["files"])
        talking.read(by=request.user, response_id=row.pk)
        return {"said": str(made.pk)}

    try:
        _, again = once(request, effect)
    except Exception as error:
        refused = refusal(error)
        if refused is None:
            raise
        form.refuse(refused)
        context = _context(request, _row(request, pk), form)
        return render(request, "portal/parties/response.html", context, status=refused.status)
    notes.success(request, "此条留言此前已发送，未重复发送。" if again else "留言已发送。")
    return HttpResponseRedirect(page(row) + "#talk")


@require_POST
@pages_for(*PARTIES)
def read(request: Asked, pk: str) -> HttpResponseBase:
    """What the other side wrote counts as read; the page posts this by itself when it is opened with a script."""
    row = _row(request, pk)
    talking.read(by=request.user, response_id=row.pk)
    if request.htmx:
        return render(request, "portal/parties/response.html#unread", {"response": _row(request, pk)})
    return HttpResponseRedirect(page(row) + "#talk")


def _row(request: Asked, pk: str) -> Response:
    row = selectors.visible_responses(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("洽谈")
    return row


def _context(request: Asked, row: Response, form: BodyForm) -> dict[str, Any]:
    side = policies.side_of(request.user, row)
    return {
        "response": row,
        "told": s.DemandResponseOut(row, context={"request": request}).data,
        "tone": tone(row),
        "is_buyer": side == Side.ENTERPRISE,
        "side": side,
        "talk": selectors.messages(row),
        "form": form,
        "once": key_of(request),
        "once_field": FIELD,
        "open": side is not None and row.state in RESPONSE_LIVE,
        "drafts": row.state == ResponseState.TAKEN_UP and row.product_id is not None and row.demand.contract is None,
        "drafted": side is not None and row.state == ResponseState.TAKEN_UP and row.demand.contract is not None,
        "acts": DECK.offered(request.user, row),
        "trail": of_subject(row),
    }
