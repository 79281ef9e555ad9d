"""What contract, payments, evidence and confirmation say: the claim's pre-filled papers and its checklist."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from contracts import selectors as contract_rows
from contracts.models import (
    Contract,
    Invoice,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    ServiceConfirmation,
    Signature,
)
from contracts.states import Document, InvoiceState, PaymentState
from contracts.states import State as ContractState
from credit import selectors as credit
from engines.files.models import StoredFile
from engines.ledger import selectors as ledger
from engines.ledger.states import LIVE
from enterprises import selectors as enterprises
from foundation import clock
from foundation.errors import Refused
from foundation.money import ZERO
from programmes import books
from providers import selectors as providers
from providers.models import SettlementAccount
from settlement import checklist, deadlines
from settlement.checklist import Case, Confirmation, Payment
from settlement.models import Claim, PayoutOrder
from settlement.states import ACCOUNT_FAULTS, CLAIM_EDITABLE, CLAIM_MARKED, ClaimState

PAPERS = ("signatures", "payments__receipt", "invoices__file", "milestones__evidence__file")


def fill(claim: Claim, contract: Contract) -> None:
    """The unsaved claim says what the contract says now. Nothing is typed, so nothing can be typed wrong."""
    voucher, accepted, balance = final_amounts(contract)
    claim.accepted_amount, claim.deposit = accepted, contract.deposit
    claim.voucher, claim.balance = voucher, balance
    claim.requested = voucher
    claim.materials = materials(contract)
    claim.account = account_text(providers.settlement_account(contract.provider_id, clock.today()))


def final_amounts(contract: Contract) -> tuple[Decimal, Decimal, Decimal]:
    """Final voucher, accepted amount and final balance of an accepted contract, in 元."""
    if contract.final_voucher is None or contract.accepted_amount is None or contract.final_balance is None:
        raise Refused(
            "CONTRACT_NOT_ACCEPTED", f"合同{contract.number}尚未验收，没有最终服务券金额。", contract=contract.number
        )
    return contract.final_voucher, contract.accepted_amount, contract.final_balance


def account_text(account: SettlementAccount | None) -> dict[str, str] | None:
    """The account as it is copied: exact name, number, bank and line."""
    if account is None:
        return None
    return {
        "id": str(account.pk),
        "name": account.account_name,
        "number": account.account_number,
        "bank": account.bank_name,
        "line_no": account.line_no,
    }


def materials(contract: Contract) -> dict[str, Any]:
    """结算材料 made by the platform (第二十一条): every paper with its SM3."""
    prefetch_related_objects([contract], *PAPERS)
    return {
        "contract": {
            "id": str(contract.pk),
            "number": contract.number,
            "digest": contract_rows.digest_of(contract),
            "product": contract.terms.get("product", {}),
            "category": contract.category,
            "amount": f"{contract.amount:.2f}",
            "signatures": [_signature(one) for one in _signatures(contract)],
        },
        "payments": [_payment(order) for order in _payments(contract)],
        "invoices": [_invoice(one) for one in _standing(contract)],
        "milestones": [_milestone(step) for step in contract.milestones.all()],
        "confirmation": _confirmation(contract),
    }


def last_day(contract: Contract, claim: Claim | None = None) -> date:
    """Until when the contract's claim may be submitted, or put right once it was returned (8-16, 8-40)."""
    if claim is not None:
        return deadlines.submit_by(due=claim.due, correction_due=claim.correction_due, extended_to=contract.claim_until)
    if contract.confirmed_at is None or contract.quota_year is None:
        raise Refused("CONTRACT_NOT_CONFIRMED", f"合同{contract.number}没有确认时间或额度年度，不能兑付。")
    return deadlines.claim_due(
        contract.notice.parsed,
        confirmed_on=clock.local_date(contract.confirmed_at),
        quota_year=contract.quota_year,
        extended_to=contract.claim_until,
    )


def checklist_of(contract: Contract, claim: Claim) -> list[checklist.Item]:
    """The checklist as it stands today."""
    return checklist.check(case_of(contract, claim, today=clock.today()))


def is_kept(claim: Claim) -> bool:
    """Whether the checklist is no longer made anew: marking takes the money off the books that held it, and paying
    settles the contract, neither of which speaks against the claim."""
    return claim.state in CLAIM_MARKED and bool(claim.checklist)


def shown_checklist(claim: Claim) -> list[checklist.Item]:
    """What the offices see: as it stands today, and from the marking on (第二十一条) as it was when submitted."""
    if is_kept(claim):
        return [checklist.Item(**one) for one in claim.checklist]
    return checklist_of(claim.contract, claim)


def case_of(contract: Contract, claim: Claim, *, today: date) -> Case:
    """The contract as the checklist sees it."""
    prefetch_related_objects([contract], *PAPERS)
    account = providers.settlement_account(contract.provider_id, today)
    return Case(
        today=today,
        due=last_day(contract, claim),
        filed_on=_filed_on(claim),
        returned=claim.correction_due is not None,
        contract_confirmed=contract.state == ContractState.CONFIRMED,
        contract_state=contract.get_state_display(),
        notice_from=contract.notice.valid_from,
        notice_to=contract.notice.valid_to,
        signed_by=frozenset(one.side for one in _signatures(contract)),
        signed_on=clock.local_date(contract.signed_at) if contract.signed_at else None,
        dates=[contract.signed_at, contract.effective_at, contract.delivered_at, contract.accepted_at],
        signed_voucher=contract.voucher,
        accepted=contract.accepted_amount or ZERO,
        deposit=contract.deposit,
        voucher=contract.final_voucher or ZERO,
        balance=contract.final_balance or ZERO,
        payments={order.kind: _paid(contract, order) for order in _payments(contract)},
        invoices=[one.amount for one in _standing(contract)],
        withdrawn_invoices=len(contract.invoices.all()) - len(_standing(contract)),
        milestones={str(step): len(step.evidence.all()) for step in contract.milestones.all()},
        confirmation=_confirmed(contract),
        approved=claim.approved,
        held=held(contract),
        payee=contract.provider.name,
        account_name=account.account_name if account else None,
        barred=providers.is_barred(contract.provider.uscc),
        restricted=tuple(
            label
            for label, one in (("企业", contract.enterprise), ("服务商", contract.provider))
            if credit.restriction(one.uscc, today)
        ),
        complaints=credit.open_complaints(contract.number, contract.usccs),
        related_party=contract.related_party,
        permit=permitted_by(contract),
        declared_related=_declared_related(contract, today),
        repeated_files=_repeated(contract),
    )


def _filed_on(claim: Claim) -> date | None:
    """The day of the submission that lies with the offices or was answered; None while the provider has its turn.

    A correction that never came was not submitted: what came before it is no answer to it (8-40).
    """
    timed_out = claim.state == ClaimState.REFUSED and claim.refile_until is not None
    if claim.submitted_at is None or timed_out or claim.state in CLAIM_EDITABLE:
        return None
    return clock.local_date(claim.submitted_at)


def permitted_by(contract: Contract) -> str:
    """The document that let related parties contract, and the one that took it back since; empty for others (8-35)."""
    permit = contract.permit
    if permit is None:
        return ""
    revoked = f"，后由{permit.revocation_no}撤销" if permit.revocation_no else ""
    return f"经核准（文号：{permit.decision_no}{revoked}）"


def _declared_related(contract: Contract, today: date) -> bool:
    """The declarations in force say so for today, or for the day on which both had signed."""
    signed_on = clock.local_date(contract.signed_at) if contract.signed_at else today
    return any(enterprises.related(*contract.usccs, day) for day in {today, signed_on})


def held(contract: Contract) -> Decimal:
    """What all three books still set aside for the contract, in 元: the smallest of them."""
    if contract.hold is None:
        return ZERO
    live = {line.book: line.amount for line in ledger.lines(contract.hold) if line.bucket in LIVE}
    return min((live.get(book, ZERO) for book in (books.QUOTA, books.CAP, books.BUDGET)), default=ZERO)


def _signatures(contract: Contract) -> list[Signature]:
    return [one for one in contract.signatures.all() if one.document == Document.CONTRACT]


def _signature(one: Signature) -> dict[str, str]:
    return {"side": one.side, "signer": str(one.signer_id), "at": one.at.isoformat(), "digest": one.digest}


def _payments(contract: Contract) -> list[PaymentOrder]:
    return [order for order in contract.payments.all() if order.state != PaymentState.CANCELLED]


def _payment(order: PaymentOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "kind": order.kind,
        "state": order.state,
        "amount": f"{order.amount:.2f}",
        "bank_serial": order.bank_serial,
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "receipt": _file(order.receipt) if order.receipt else None,
    }


def _paid(contract: Contract, order: PaymentOrder) -> Payment:
    parties = (contract.enterprise.organisation_id, contract.provider.organisation_id)
    return Payment(
        amount=order.amount,
        matched=order.state == PaymentState.MATCHED,
        has_receipt=order.receipt_id is not None,
        between_parties=(order.payer_id, order.payee_id) == parties,
    )


def _standing(contract: Contract) -> list[Invoice]:
    """Its invoices that were not withdrawn, in the order in which they were registered."""
    return sorted(
        (one for one in contract.invoices.all() if one.state == InvoiceState.STANDING), key=lambda one: one.pk
    )


def _invoice(one: Invoice) -> dict[str, Any]:
    return {
        "number": one.number,
        "issued_on": one.issued_on.isoformat(),
        "amount": f"{one.amount:.2f}",
        "file": _file(one.file),
    }


def _milestone(step: Milestone) -> dict[str, Any]:
    return {"seq": step.seq, "title": step.title, "files": [_file(one.file) for one in step.evidence.all()]}


def _file(file: StoredFile) -> dict[str, str]:
    return {"id": str(file.pk), "name": file.name, "sm3": file.sm3}


def _paper(contract: Contract) -> ServiceConfirmation | None:
    return ServiceConfirmation.objects.filter(contract=contract).first()


def _confirmation_sides(contract: Contract, paper: ServiceConfirmation) -> frozenset[str]:
    return frozenset(
        one.side
        for one in contract.signatures.all()
        if one.document == Document.CONFIRMATION and one.document_id == paper.pk
    )


def _confirmed(contract: Contract) -> Confirmation | None:
    paper = _paper(contract)
    if paper is None:
        return None
    return Confirmation(paper.amount, paper.voucher, _confirmation_sides(contract, paper))


def _confirmation(contract: Contract) -> dict[str, Any] | None:
    paper = _paper(contract)
    if paper is None:
        return None
    return {
        "id": str(paper.pk),
        "content": paper.content,
        "indicators": contract.reached,
        "amount": f"{paper.amount:.2f}",
        "paid_by_enterprise": f"{paper.paid_by_enterprise:.2f}",
        "voucher": f"{paper.voucher:.2f}",
        "ratings": paper.ratings,
        "digest": contract_rows.digest_of_confirmation(contract, paper),
        "signed_by": sorted(_confirmation_sides(contract, paper)),
    }


def _repeated(contract: Contract) -> list[str]:
    own = {one.file.sm3: one.file.name for step in contract.milestones.all() for one in step.evidence.all()}
    others = MilestoneEvidence.objects.filter(file__sm3__in=own).exclude(milestone__contract=contract)
    return sorted({own[sm3] for sm3 in others.values_list("file__sm3", flat=True)})


def refused_account(claim: Claim, today: date) -> PayoutOrder | None:
    """The bounced claim's last order when the bank found fault with its account and that is still the one in use."""
    last = claim.payouts.order_by("-pk").first() if claim.state == ClaimState.BOUNCED else None
    account = account_text(providers.settlement_account(claim.provider_id, today))
    if last is None or account is None or last.return_code not in ACCOUNT_FAULTS:
        return None
    tried = (last.payee_name, last.account_number, last.bank_name, last.line_no)
    return last if (account["name"], account["number"], account["bank"], account["line_no"]) == tried else None
