"""Who may do what in accreditation (DOMAIN section 4, rows 6 to 11). Pure.

`stages` is what the person has already done to the same case, in whatever submission: nobody does two of check,
review and decision on one case (separation rule 1).
"""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from accreditation.models import Application, Expert, Panel, Round, ScoreSheet
from accreditation.states import ApplicationState
from providers.models import Provider

CHECK, REVIEW, DECIDE = "check", "review", "decide"


def may_plan_round(user: User) -> bool:
    """促进中心经办 (row 6: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_review_round(user: User, row: Round) -> bool:
    """促进中心复核, another person than the one who drew it up (row 6: R)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != row.created_by_id


def may_approve_round(user: User, row: Round) -> bool:
    """厅审定, a third person (row 6: D)."""
    return user.has(Role.APPROVER) and user.pk not in (row.created_by_id, row.reviewed_by_id)


def may_publish_round(user: User) -> bool:
    """厅职能处室 (row 6: P): publishes, cancels, ends."""
    return user.has(Role.DEPARTMENT)


def may_close_round(user: User) -> bool:
    """促进中心经办 or 厅职能处室, once the last day has passed."""
    return user.has(Role.CENTRE_CHECKER, Role.DEPARTMENT)


def may_apply(user: User) -> bool:
    """A provider's agent or signatory, for their own provider (rows 7, 8: C)."""
    return user.has(Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)


def acts_for(user: User, provider: Provider) -> bool:
    """The provider's own agent or signatory (rows 7, 8: C, W)."""
    return user.organisation_id == provider.organisation_id and user.has(Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)


def may_sign(user: User, provider: Provider) -> bool:
    """Only the provider's signatory (rows 7, 8: S)."""
    return user.organisation_id == provider.organisation_id and user.has(Role.PROVIDER_SIGNATORY)


def may_check(user: User, stages: frozenset[str]) -> bool:
    """促进中心经办: the formal check (rows 7, 8: K)."""
    return user.has(Role.CENTRE_CHECKER) and stages <= {CHECK}


def may_review(user: User, application: Application, stages: frozenset[str]) -> bool:
    """厅职能处室, another person than whoever checked: accepts, turns away (第十五条第（二）项)."""
    return user.has(Role.DEPARTMENT) and user.pk != application.checked_by_id and stages <= {REVIEW}


def stage_of_return(user: User, application: Application, stages: frozenset[str]) -> str | None:
    """The stage in which the caller may return it: the check's own, or the review's once it was checked."""
    if may_check(user, stages):
        return CHECK
    checked = application.state == ApplicationState.FORMAL_CHECK
    return REVIEW if checked and may_review(user, application, stages) else None


def who_returns(application: Application) -> tuple[Role, ...]:
    """The roles that may return it in its present state (`stage_of_return`)."""
    checked = application.state == ApplicationState.FORMAL_CHECK
    return (Role.CENTRE_CHECKER, Role.DEPARTMENT) if checked else (Role.CENTRE_CHECKER,)


def may_recommend(user: User, stages: frozenset[str]) -> bool:
    """厅职能处室: the list of those to be recommended (第十五条第（三）项); nobody who checked one of them."""
    return user.has(Role.DEPARTMENT) and stages <= {REVIEW}


def may_approve(user: User, stages: frozenset[str]) -> bool:
    """厅审定: nobody who had a part in any of the list's cases before (第十五条第（四）项)."""
    return user.has(Role.APPROVER) and stages <= {DECIDE}


def may_publicise(user: User) -> bool:
    """厅职能处室 (row 11: P)."""
    return user.has(Role.DEPARTMENT)


def may_propose_expert(user: User) -> bool:
    """促进中心经办 (row 9: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_confirm_expert(user: User, expert: Expert) -> bool:
    """厅职能处室, another person than who proposed (row 9: D)."""
    return user.has(Role.DEPARTMENT) and user.pk != expert.proposed_by_id


def may_retire_expert(user: User) -> bool:
    """厅职能处室."""
    return user.has(Role.DEPARTMENT)


def may_declare_tie(user: User, expert: Expert) -> bool:
    """The expert himself, or 促进中心经办 who keeps the register."""
    return user.pk == expert.user_id or user.has(Role.CENTRE_CHECKER)


def may_draw(user: User) -> bool:
    """促进中心经办 (row 9: C)."""
    return user.has(Role.CENTRE_CHECKER)


def may_decide_draw(user: User, panel: Panel) -> bool:
    """厅职能处室, another person than who drew (row 9: D)."""
    return user.has(Role.DEPARTMENT) and user.pk != panel.drawn_by_id


def may_score(user: User, sheet: ScoreSheet) -> bool:
    """The very expert whose sheet it is (row 10: C, S)."""
    return user.pk == sheet.expert.user_id and user.has(Role.EXPERT)


def may_release(user: User) -> bool:
    """厅职能处室: an expert who does not come is replaced."""
    return user.has(Role.DEPARTMENT)
