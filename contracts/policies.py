"""Who may do what to a contract. Pure questions about a caller and a row; states are the machine's business."""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract, PaymentOrder, Termination
from contracts.states import Asker, Side
from providers.models import Product

PROPOSE, DECIDE = "propose", "decide"  # the stages of a 关联交易核准
AGENTS = {
    Side.ENTERPRISE: (Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY),
    Side.PROVIDER: (Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY),
}
SIGNATORY = {Side.ENTERPRISE: Role.ENTERPRISE_SIGNATORY, Side.PROVIDER: Role.PROVIDER_SIGNATORY}


OTHER = {Side.ENTERPRISE: Side.PROVIDER, Side.PROVIDER: Side.ENTERPRISE}
PARTIES = (*AGENTS[Side.ENTERPRISE], *AGENTS[Side.PROVIDER])
SIGNATORIES = (SIGNATORY[Side.ENTERPRISE], SIGNATORY[Side.PROVIDER])
MEDIATORS = (Role.CENTRE_CHECKER, Role.DEPARTMENT)
ASKERS = {Asker.ENTERPRISE: AGENTS[Side.ENTERPRISE], Asker.DEPARTMENT: (Role.DEPARTMENT,)}


def side_of(user: User, contract: Contract) -> Side | None:
    """The side the caller acts for, or None."""
    if user.organisation_id == contract.enterprise.organisation_id:
        return Side.ENTERPRISE
    if user.organisation_id == contract.provider.organisation_id:
        return Side.PROVIDER
    return None


def acts_for(user: User, contract: Contract, side: Side) -> bool:
    """An agent or signatory of that side."""
    return side_of(user, contract) == side and user.has(*AGENTS[side])


def is_party(user: User, contract: Contract) -> bool:
    """An agent or signatory of either side."""
    side = side_of(user, contract)
    return side is not None and user.has(*AGENTS[side])


def may_draft_on(user: User, product: Product) -> bool:
    """An enterprise's people on every product that is on the shelf, a provider's on its own."""
    own = user.organisation_id == product.provider.organisation_id
    return user.has(*AGENTS[Side.ENTERPRISE]) or (own and user.has(*AGENTS[Side.PROVIDER]))


def may_sign(user: User, contract: Contract, side: Side) -> bool:
    """Only that side's authorised signatory (action 16)."""
    return side_of(user, contract) == side and user.has(SIGNATORY[side])


def signatory_side(user: User, contract: Contract) -> Side | None:
    """The side the caller may sign for, or None."""
    side = side_of(user, contract)
    return side if side is not None and may_sign(user, contract, side) else None


def may_report_payment(user: User, order: PaymentOrder) -> bool:
    """The payer's people (action 19)."""
    return user.organisation_id == order.payer_id and user.has(Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)


def may_match_payment(user: User, order: PaymentOrder) -> bool:
    """The payee's people, who see their own bank account."""
    return (
        user.organisation_id == order.payee_id
        and user.has(Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        and user.pk != order.reported_by_id
    )


def may_invoice(user: User, contract: Contract) -> bool:
    """The provider's people: they gave the invoice."""
    return acts_for(user, contract, Side.PROVIDER)


def may_check_termination(user: User) -> bool:
    """First officer (action 21: K)."""
    return user.has(Role.CENTRE_CHECKER)


def may_decide_termination(user: User, termination: Termination) -> bool:
    """Second officer, another person (action 21: R)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != termination.checked_by_id


def may_refuse_termination(user: User, termination: Termination) -> bool:
    """Before it was checked the first officer alone; afterwards the second, another person."""
    if termination.checked_by_id is None:
        return may_check_termination(user)
    return may_decide_termination(user, termination)


def who_refuses_termination(termination: Termination) -> Role:
    """Whose turn it is (`may_refuse_termination`)."""
    return Role.CENTRE_CHECKER if termination.checked_by_id is None else Role.CENTRE_REVIEWER


def may_resolve_dispute(user: User) -> bool:
    """The centre mediates (8-34)."""
    return user.has(*MEDIATORS)


def may_supervise(user: User) -> bool:
    """The department freezes, resumes, extends, voids (6.5)."""
    return user.has(Role.DEPARTMENT)


def may_propose_permit(user: User, stages: frozenset[str]) -> bool:
    """厅职能处室, by somebody who has not decided on the same pair this year, in whatever round (8-35)."""
    return user.has(Role.DEPARTMENT) and stages <= {PROPOSE}


def may_decide_permit(user: User, stages: frozenset[str]) -> bool:
    """厅审定, by somebody who has not proposed it, in whatever round: to grant, decline, revoke (8-35)."""
    return user.has(Role.APPROVER) and stages <= {DECIDE}


def asking_side(user: User, contract: Contract) -> Asker | None:
    """For whom the caller may query a material: the enterprise of the contract, or the department (DOMAIN 6.7)."""
    if acts_for(user, contract, Side.ENTERPRISE):
        return Asker.ENTERPRISE
    return Asker.DEPARTMENT if may_supervise(user) else None
