"""Which act on a contract is open to whom now: the policies and states of the room, put together for the buttons.

The services decide; these only spare people buttons that would be refused for role or state.
"""

from __future__ import annotations

from accounts.models import User
from contracts import policies
from contracts.models import Contract, EvidenceQuery, Invoice, PaymentOrder, Supplement, Termination
from contracts.selectors import Lack, gates_of, invoiced, lack, may_be_invoiced, most_invoiced
from contracts.services.materials import ASKABLE
from contracts.states import (
    CHANGEABLE,
    NOT_YET_EFFECTIVE,
    STOPPABLE,
    WORKING,
    Document,
    InvoiceState,
    PaymentState,
    QueryState,
    Side,
    State,
    SupplementState,
    TerminationState,
)
from foundation import clock

S = State
DRAFTED = frozenset({S.DRAFT, S.READY})
TO_DELIVER = frozenset({S.PERFORMING, S.RECTIFY})
DISPUTABLE = STOPPABLE | {S.OVERDUE, S.CHANGE_PENDING}


def drafted(by: User, row: Contract) -> bool:
    return row.state in DRAFTED and policies.is_party(by, row)


def agreeable(by: User, row: Contract) -> bool:
    """Its side has not agreed yet."""
    side = policies.side_of(by, row)
    agreed = row.enterprise_agreed_by_id if side == Side.ENTERPRISE else row.provider_agreed_by_id
    return row.state == S.DRAFT and agreed is None and policies.is_party(by, row)


def startable(by: User, row: Contract) -> bool:
    return row.state == S.READY and policies.is_party(by, row)


def signable(by: User, row: Contract) -> bool:
    """Its side's signatory, who has not signed what is frozen now."""
    side = policies.signatory_side(by, row)
    return row.state == S.SIGNING and side is not None and side not in signed(row)


def signed(row: Contract) -> set[str]:
    """The sides that have signed the contract's present text."""
    found = row.signatures.all()
    return {one.side for one in found if one.document == Document.CONTRACT and one.document_id == row.hold}


def refusable(by: User, row: Contract) -> bool:
    """Not yet in effect, and no deposit reported."""
    if row.state not in NOT_YET_EFFECTIVE or policies.signatory_side(by, row) is None:
        return False
    return all(order.state != PaymentState.REPORTED for order in row.payments.all())


def evidencing(by: User, row: Contract) -> bool:
    """While at work; afterwards where a material was found not to count."""
    if not policies.is_party(by, row):
        return False
    return row.state in WORKING or (row.state in ASKABLE and bool(lacking(row)))


def lacking(row: Contract) -> list[int]:
    """The numbers of the milestones that lack a kind of material."""
    today = clock.today()
    return [step.seq for step in row.milestones.all() if gates_of(step, today).missing]


def lacks(row: Contract) -> Lack:
    """What stands in the way of delivery, and of acceptance."""
    return lack(row.milestones.all(), clock.today())


def deliverable(by: User, row: Contract) -> bool:
    return row.state in TO_DELIVER and policies.acts_for(by, row, Side.PROVIDER) and not lacks(row)


def acceptable(by: User, row: Contract) -> bool:
    return row.state == S.DELIVERED and policies.may_sign(by, row, Side.ENTERPRISE) and not lacks(row)


def rejectable(by: User, row: Contract) -> bool:
    used_up = row.rectifications >= row.notice.parsed.max_rectifications
    return row.state == S.DELIVERED and not used_up and policies.acts_for(by, row, Side.ENTERPRISE)


def confirmable(by: User, row: Contract) -> bool:
    return row.state == S.PAID_UP and not confirmed(row) and policies.may_sign(by, row, Side.PROVIDER)


def countersignable(by: User, row: Contract) -> bool:
    return row.state == S.PAID_UP and confirmed(row) and policies.may_sign(by, row, Side.ENTERPRISE)


def confirmed(row: Contract) -> bool:
    """The provider has signed the 服务确认书."""
    return hasattr(row, "confirmation")


def askable(by: User, row: Contract) -> bool:
    if row.state not in ASKABLE or policies.asking_side(by, row) is None:
        return False
    return any(step.evidence.all() for step in row.milestones.all())


def invoiceable(by: User, row: Contract) -> bool:
    """There is something left to invoice."""
    return may_be_invoiced(row) and policies.may_invoice(by, row) and invoiced(row) < most_invoiced(row)


def changeable(by: User, row: Contract) -> bool:
    return row.state in CHANGEABLE and policies.signatory_side(by, row) is not None


def terminable(by: User, row: Contract) -> bool:
    """The state it would come back to may end, and nobody has asked for it yet."""
    state = row.resume_state if row.state == S.CHANGE_PENDING else row.state
    if S.TERMINATED not in Contract.ARCS[S(state)] or policies.signatory_side(by, row) is None:
        return False
    pending = (TerminationState.REQUESTED, TerminationState.CHECKED)
    return all(one.state not in pending for one in row.terminations.all())


def disputable(by: User, row: Contract) -> bool:
    return row.state in DISPUTABLE and policies.is_party(by, row)


def freezable(by: User, row: Contract) -> bool:
    return row.state in DISPUTABLE | {S.DISPUTED} and policies.may_supervise(by)


def resumable(by: User, row: Contract) -> bool:
    if row.state == S.DISPUTED:
        return policies.may_resolve_dispute(by)
    return row.state == S.FROZEN and policies.may_supervise(by)


def extendable(by: User, row: Contract) -> bool:
    return row.state == S.OVERDUE and policies.may_supervise(by)


def voidable(by: User, row: Contract) -> bool:
    return row.state in (S.FROZEN, S.OVERDUE) and policies.may_supervise(by)


# --- papers


def reportable(by: User, order: PaymentOrder) -> bool:
    payable = order.state in (PaymentState.CREATED, PaymentState.MISMATCH)
    waits = order.contract.state in (S.SIGNED_WAIT_DEPOSIT, S.ACCEPTED)
    return payable and waits and policies.may_report_payment(by, order)


def matchable(by: User, order: PaymentOrder) -> bool:
    return order.state == PaymentState.REPORTED and policies.may_match_payment(by, order)


def voidable_invoice(by: User, invoice: Invoice) -> bool:
    """It stands, and the contract's file is not closed."""
    stands = invoice.state == InvoiceState.STANDING and invoice.contract.state != S.ARCHIVED
    return stands and policies.may_invoice(by, invoice.contract)


def answerable(by: User, supplement: Supplement) -> bool:
    """The other side's signatory."""
    side = policies.signatory_side(by, supplement.contract)
    return supplement.state == SupplementState.PROPOSED and side not in (None, supplement.side)


def withdrawable(by: User, supplement: Supplement) -> bool:
    side = policies.signatory_side(by, supplement.contract)
    return supplement.state == SupplementState.PROPOSED and side == supplement.side


def examinable(by: User, request: Termination) -> bool:
    return request.state == TerminationState.REQUESTED and policies.may_check_termination(by)


def decidable(by: User, request: Termination) -> bool:
    return request.state == TerminationState.CHECKED and policies.may_decide_termination(by, request)


def dismissible(by: User, request: Termination) -> bool:
    pending = request.state in (TerminationState.REQUESTED, TerminationState.CHECKED)
    return pending and policies.may_refuse_termination(by, request)


def suppliable(by: User, query: EvidenceQuery) -> bool:
    may = policies.acts_for(by, query.contract, Side.PROVIDER)
    return query.state == QueryState.OPEN and query.contract.state in ASKABLE and may


def closable(by: User, query: EvidenceQuery) -> bool:
    """Whoever asked finds against the material, or takes the query back."""
    return query.state == QueryState.OPEN and policies.asking_side(by, query.contract) == query.side
