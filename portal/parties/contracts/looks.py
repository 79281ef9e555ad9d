"""How a contract and its papers look in lists and on their pages: colours of states, addresses, names."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from contracts.models import Contract
from contracts.states import (
    InvoiceState,
    MilestoneState,
    PaymentState,
    PermitState,
    QueryState,
    State,
    SupplementState,
    TerminationState,
)

TONES: dict[str, str] = {
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
OF_PAYMENT: dict[str, str] = {
    PaymentState.CREATED: "warn",
    PaymentState.REPORTED: "run",
    PaymentState.MATCHED: "ok",
    PaymentState.MISMATCH: "bad",
}
OF_INVOICE: dict[str, str] = {InvoiceState.STANDING: "ok"}
OF_MILESTONE: dict[str, str] = {MilestoneState.EVIDENCED: "ok", MilestoneState.LATE: "bad", MilestoneState.OPEN: "run"}
OF_QUERY: dict[str, str] = {QueryState.OPEN: "warn", QueryState.SUPPLEMENTED: "ok", QueryState.REJECTED: "bad"}
OF_SUPPLEMENT: dict[str, str] = {
    SupplementState.PROPOSED: "warn",
    SupplementState.IN_FORCE: "ok",
    SupplementState.REFUSED: "bad",
}
OF_TERMINATION: dict[str, str] = {
    TerminationState.REQUESTED: "warn",
    TerminationState.CHECKED: "warn",
    TerminationState.DECIDED: "bad",
}
OF_PERMIT: dict[str, str] = {
    PermitState.PROPOSED: "warn",
    PermitState.GRANTED: "ok",
    PermitState.DECLINED: "bad",
    PermitState.REVOKED: "bad",
}


def tone(contract: Contract) -> str:
    """The colour of its state; work under way where nothing else is said."""
    return TONES.get(contract.state, "run")


def page(contract: Contract) -> str:
    """The contract's page; the same for both sides and for officers."""
    return reverse("contract", kwargs={"pk": contract.pk})


def page_of(paper: Any) -> str:
    """The page of the contract on which a payment, a supplement or the like hangs."""
    return reverse("contract", kwargs={"pk": paper.contract_id})


def name(contract: Contract) -> str:
    """The product's name as the contract has it: a legal document does not change when a product does."""
    return str(contract.terms["product"]["name"])
