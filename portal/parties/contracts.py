"""A contract as its two sides see it: one page, each with the acts that are theirs."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from contracts import policies, selectors
from contracts import serializers as bodies
from contracts.models import Contract
from contracts.services import drafting
from contracts.states import State
from foundation.errors import not_found
from portal.kit.access import PARTIES, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing

TONES = {
    State.DRAFT: "off",
    State.READY: "warn",
    State.SIGNING: "warn",
    State.SIGNED_WAIT_DEPOSIT: "warn",
    State.SETTLED: "ok",
    State.ARCHIVED: "ok",
    State.OVERDUE: "bad",
    State.DISPUTED: "bad",
    State.FROZEN: "bad",
    State.TERMINATED: "off",
    State.CANCELLED: "off",
    State.VOIDED: "off",
}


def tone(contract: Contract) -> str:
    return TONES.get(State(contract.state), "run")


def page(contract: Contract) -> str:
    """The contract's page; the same for both sides."""
    return reverse("contract", kwargs={"pk": contract.pk})


LIST = Listing(
    name="contracts",
    caption="服务合同",
    columns=(
        Column(name="number", label="合同编号", show="number", sort="number", link=page),
        Column(
            name="product", label="服务产品", show="product.name", second="provider.organisation.name", place="title"
        ),
        Column(name="amount", label="合同金额（元）", show="amount", kind="money", sort="amount"),
        Column(name="voucher", label="服务券（元）", show="voucher", kind="money"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=State.choices),
        Filter(name="number", label="合同编号", narrow="number", kind="text"),
    ),
    empty="还没有合同。选好产品后即可起草第一份合同。",
)


class ReasonForm(BodyForm):
    body = bodies.ReasonIn


DECK = Deck(
    name="contract",
    roles=PARTIES,
    rows=selectors.visible_to,
    title=lambda row: row.number,
    acts=(
        Act(
            name="agree",
            label="同意草稿",
            tone="main",
            intro="双方都同意后，由授权签署人发起签署。",
            article="18",
            may=lambda by, row: row.state == State.DRAFT and policies.is_party(by, row),
            run=lambda by, row, data: drafting.agree(by=by, contract_id=row.pk, **data),
            done="已同意草稿。",
        ),
        Act(
            name="withdraw",
            label="撤回草稿",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state in (State.DRAFT, State.READY) and policies.is_party(by, row),
            run=lambda by, row, data: drafting.withdraw(by=by, contract_id=row.pk, **data),
            done="草稿已撤回。",
        ),
    ),
)


@pages_for(*PARTIES)
def contracts(request: Asked) -> HttpResponseBase:
    """Every contract of the caller's organisation."""
    rows = selectors.visible_to(request.user)
    return LIST.answer(request, rows, "portal/parties/contracts.html", {})


@pages_for(*PARTIES)
def contract(request: Asked, pk: str) -> HttpResponseBase:
    """One contract: where it stands, what it costs whom, what may be done now."""
    by = request.user
    row = selectors.visible_to(by).filter(pk=pk).first()
    if row is None:
        raise not_found("合同")
    context = {"contract": row, "tone": tone(row), "acts": DECK.offered(by, row)}
    return render(request, "portal/parties/contract.html", context)
