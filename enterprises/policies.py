"""Who may do what to an enterprise (DOMAIN section 4, actions 2 to 5, and the hard separation rules).

Nothing is written here, and only the chain is read.
"""

from __future__ import annotations

from accounts.models import User
from accounts.states import OrganisationKind, Role
from engines.evidence import selectors as evidence
from enterprises.models import Enterprise, PassportDispute, QuotaAdjustment
from enterprises.states import State

CHECK, DECIDE = "check", "decide"  # the stages of a registration; they stand in its chain
CASE = ("register", "reopen")  # the acts with which a case begins


def is_own(user: User, enterprise: Enterprise) -> bool:
    """The caller acts for this very enterprise."""
    return user.organisation_id == enterprise.organisation_id


def may_register(user: User) -> bool:
    """A person of an organisation of the kind 企业."""
    return user.organisation.kind == OrganisationKind.ENTERPRISE and user.has(
        Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY
    )


def may_edit(user: User, enterprise: Enterprise) -> bool:
    """The enterprise's own agent or signatory."""
    return is_own(user, enterprise) and user.has(Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)


def may_submit(user: User, enterprise: Enterprise) -> bool:
    """Only the signatory: to submit is to sign the credit commitment (第二十四条)."""
    return is_own(user, enterprise) and user.has(Role.ENTERPRISE_SIGNATORY)


def took_no_other(user: User, enterprise: Enterprise, stage: str) -> bool:
    """No natural person checks and decides one case (rule 1), in however many rounds it was returned.

    One case is one registration: from the draft, or its reopening, to the day it is active, rejected or closed.
    """
    return evidence.stages_done([enterprise], user, since=CASE) <= {stage}


def may_reopen(user: User, enterprise: Enterprise) -> bool:
    """The enterprise's own agent or signatory."""
    return may_edit(user, enterprise)


def may_check(user: User, enterprise: Enterprise) -> bool:
    """促进中心经办, first of two, who has not decided in the case."""
    return user.has(Role.CENTRE_CHECKER) and took_no_other(user, enterprise, CHECK)


def may_confirm(user: User, enterprise: Enterprise) -> bool:
    """促进中心复核, and never one who checked, in this round or an earlier one."""
    return (
        user.has(Role.CENTRE_REVIEWER)
        and user.pk != enterprise.checked_by_id
        and took_no_other(user, enterprise, DECIDE)
    )


def stage_now(enterprise: Enterprise) -> str:
    """Whose turn it is: the first check's, or the decision's after it."""
    return DECIDE if enterprise.state == State.CHECKED else CHECK


ROLE_OF = {CHECK: Role.CENTRE_CHECKER, DECIDE: Role.CENTRE_REVIEWER}


def who_closes(enterprise: Enterprise) -> tuple[Role, ...]:
    """The roles that may close it in its present state (`may_close`)."""
    if enterprise.state == State.ACTIVE:
        return (Role.CENTRE_REVIEWER,)
    return (Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)


def may_return(user: User, enterprise: Enterprise) -> bool:
    """Whoever's turn it is: 经办 before the first check, 复核 (another person) after it."""
    return may_confirm(user, enterprise) if stage_now(enterprise) == DECIDE else may_check(user, enterprise)


def may_reject(user: User, enterprise: Enterprise) -> bool:
    """促进中心经办, in place of the first check."""
    return may_check(user, enterprise)


def may_close(user: User, enterprise: Enterprise) -> bool:
    """The enterprise itself withdraws while returned; once active, 促进中心复核 closes it (deregistered, merged)."""
    if enterprise.state == State.ACTIVE:
        return user.has(Role.CENTRE_REVIEWER)
    return may_edit(user, enterprise)


def may_freeze(user: User, enterprise: Enterprise) -> bool:
    """厅职能处室 freezes and lifts."""
    return user.has(Role.DEPARTMENT)


def may_disqualify(user: User, enterprise: Enterprise) -> bool:
    """厅审定 (第二十七条)."""
    return user.has(Role.APPROVER)


def may_start_contract(enterprise: Enterprise) -> bool:
    """Only an active enterprise starts a new contract; what runs goes on (8-09)."""
    return bool(enterprise.state == State.ACTIVE)


def may_propose_adjustment(user: User, enterprise: Enterprise) -> bool:
    """促进中心经办 (action 5: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_review_adjustment(user: User, adjustment: QuotaAdjustment) -> bool:
    """促进中心复核, another person (action 5: R)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != adjustment.proposed_by_id


def may_decide_adjustment(user: User, adjustment: QuotaAdjustment) -> bool:
    """厅职能处室, a third person (action 5: D)."""
    return user.has(Role.DEPARTMENT) and user.pk not in (adjustment.proposed_by_id, adjustment.reviewed_by_id)


def may_decline_adjustment(user: User, adjustment: QuotaAdjustment) -> bool:
    """Whoever could pass it on could also say no."""
    return may_review_adjustment(user, adjustment) or may_decide_adjustment(user, adjustment)


def may_dispute(user: User, enterprise: Enterprise) -> bool:
    """The enterprise's own agent or signatory, who may take it back too."""
    return may_edit(user, enterprise)


def may_handle_dispute(user: User, dispute: PassportDispute) -> bool:
    """促进中心经办, who has not decided in this dispute (action 4: K)."""
    return user.has(Role.CENTRE_CHECKER) and evidence.stages_done([dispute], user) <= {CHECK}


def may_decide_dispute(user: User, dispute: PassportDispute) -> bool:
    """促进中心复核 or 厅职能处室, who has not handled this dispute in any round (action 4: D)."""
    return user.has(Role.CENTRE_REVIEWER, Role.DEPARTMENT) and evidence.stages_done([dispute], user) <= {DECIDE}


def may_declare_relations(user: User, enterprise: Enterprise) -> bool:
    """Only the signatory: a declaration is a signed word (第二十四条)."""
    return may_submit(user, enterprise)
