"""Who may do what to a claim, a batch and a payout order (DOMAIN section 4, actions 25 to 28). Pure.

`stages` is what the person has already done to the same case, in this round or an earlier one: nobody
does two of check, review and decision on one case (separation rule 1).
"""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract
from settlement.models import Batch, Claim, PayoutOrder
from settlement.states import ClaimState, PayoutState

CHECK, REVIEW, DECIDE, APPEAL, OBJECTION = "check", "review", "decide", "appeal", "objection"
ROLE_OF = {CHECK: Role.CENTRE_CHECKER, REVIEW: Role.CENTRE_REVIEWER, DECIDE: Role.DEPARTMENT}
STAGE_IN = {ClaimState.SUBMITTED: CHECK, ClaimState.FORMAL_CHECK: REVIEW, ClaimState.FORMAL_REVIEW: DECIDE}


def may_claim(user: User, contract: Contract) -> bool:
    """The provider's agent or signatory (action 25: C)."""
    return user.organisation_id == contract.provider.organisation_id and user.has(
        Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY
    )


def may_sign(user: User, claim: Claim) -> bool:
    """Only the provider's signatory: to submit, to confirm an account (action 25: S)."""
    return user.organisation_id == claim.provider.organisation_id and user.has(Role.PROVIDER_SIGNATORY)


def may_withdraw(user: User, claim: Claim) -> bool:
    """The provider's agent or signatory (action 25: W)."""
    return user.organisation_id == claim.provider.organisation_id and user.has(
        Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY
    )


def may_take(user: User, stage: str, stages: frozenset[str]) -> bool:
    """The stage's own role, by somebody who has done no other stage of this case."""
    return user.has(ROLE_OF[stage]) and stages <= {stage}


def may_answer_appeal(user: User, stages: frozenset[str]) -> bool:
    """厅职能处室 or 厅审定, by somebody who has done nothing else to this case (action 33: R, D)."""
    return user.has(Role.DEPARTMENT, Role.APPROVER) and not stages


def may_extend(user: User) -> bool:
    """厅职能处室 (8-16)."""
    return user.has(Role.DEPARTMENT)


def may_open_batch(user: User) -> bool:
    """促进中心经办 drafts the 兑付通知 and closes the intake (action 26: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_issue_batch(user: User, batch: Batch) -> bool:
    """促进中心复核, another person than the one who drafted the notice (action 26: R)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != batch.opened_by_id


def may_plan(user: User) -> bool:
    """厅职能处室 draws the plan (action 26: C; 第二十一条)."""
    return user.has(Role.DEPARTMENT)


def may_review_plan(user: User, batch: Batch) -> bool:
    """促进中心复核 or 厅职能处室, another person than the one who drew it (action 26: R; DOMAIN 6.10)."""
    return user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT) and user.pk != batch.planned_by_id


def may_approve(user: User, batch: Batch, worked_on_claims: bool) -> bool:
    """厅审定: who neither drew nor reviewed the plan, nor had a stage of one of its claims."""
    planners = (batch.planned_by_id, batch.plan_reviewed_by_id)
    return user.has(Role.APPROVER) and user.pk not in planners and not worked_on_claims


def may_publish(user: User) -> bool:
    """厅职能处室: 公示, its outcome, marking and the request for funds (第二十一条)."""
    return user.has(Role.DEPARTMENT)


def may_fund(user: User) -> bool:
    """财政厅 confirms the funds (actions 27 and 28)."""
    return user.has(Role.FINANCE)


def may_close_batch(user: User) -> bool:
    """促进中心经办 or 厅职能处室."""
    return user.has(Role.CENTRE_CHECKER, Role.DEPARTMENT)


EXPORTERS = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE)


def may_export(user: User) -> bool:
    """Who works on batch and payment: 促进中心, 厅职能处室, 厅审定, 财政厅."""
    return user.has(*EXPORTERS)


def handles_payouts(user: User) -> bool:
    """Who makes, checks or sends payment orders works with the payee's whole account number."""
    return user.has(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.FINANCE)


def may_make_payout(user: User) -> bool:
    """促进中心经办 (action 28: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_check_payout(user: User, order: PayoutOrder) -> bool:
    """促进中心复核, another person than the maker (action 28: R)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != order.created_by_id


def may_send_payout(user: User, order: PayoutOrder) -> bool:
    """财政厅, a third person (action 28: X)."""
    return user.has(Role.FINANCE) and user.pk not in (order.created_by_id, order.checked_by_id)


def may_report_payout(user: User) -> bool:
    """财政厅 records what the treasury answered (action 28: D, X)."""
    return user.has(Role.FINANCE)


def who_rejects_payout(order: PayoutOrder) -> Role:
    """Whose turn it is (`may_reject_payout`)."""
    return Role.CENTRE_REVIEWER if order.state == PayoutState.CREATED else Role.FINANCE


def may_reject_payout(user: User, order: PayoutOrder) -> bool:
    """Whoever's turn it is may give an unsent order back."""
    return may_check_payout(user, order) if order.state == PayoutState.CREATED else may_send_payout(user, order)
