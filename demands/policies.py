"""Who may do what to demands, responses and synonyms (DOMAIN section 4, rows 13 and 14).

Nothing is written here, and only the chain is read.
"""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from demands.models import Demand, Response, Synonym
from demands.states import ResponseState, Side
from engines.evidence import selectors as evidence
from enterprises.models import Enterprise
from providers.models import Provider

CHECK, DECIDE = "check", "decide"  # the stages of a case; they stand in its chain

_AGENTS = {
    Side.ENTERPRISE: (Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY),
    Side.PROVIDER: (Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY),
}


def acts_for_enterprise(user: User, enterprise: Enterprise) -> bool:
    """The enterprise's own agent or signatory."""
    return user.organisation_id == enterprise.organisation_id and user.has(*_AGENTS[Side.ENTERPRISE])


def acts_for_provider(user: User, provider: Provider) -> bool:
    """The provider's own agent or signatory."""
    return user.organisation_id == provider.organisation_id and user.has(*_AGENTS[Side.PROVIDER])


def may_post(user: User) -> bool:
    """An enterprise's people, of their own enterprise."""
    return user.has(*_AGENTS[Side.ENTERPRISE])


def may_answer(user: User) -> bool:
    """A provider's people, of their own provider."""
    return user.has(*_AGENTS[Side.PROVIDER])


def side_of(user: User, response: Response) -> Side | None:
    """The side of the talk that the caller acts for, or None."""
    if acts_for_enterprise(user, response.demand.enterprise):
        return Side.ENTERPRISE
    return Side.PROVIDER if acts_for_provider(user, response.provider) else None


def sees_contact(user: User, response: Response) -> bool:
    """Whether the enterprise's contact is told to the caller in full: the two sides, once the quote was taken up."""
    return response.state == ResponseState.TAKEN_UP and side_of(user, response) is not None


def took_no_other(user: User, demand: Demand, stage: str) -> bool:
    """No natural person both checks and decides one case (rule 1), in however many rounds it was returned.

    One case is one demand, from its draft to its end.
    """
    return evidence.stages_done([demand], user) <= {stage}


def stage_now(demand: Demand) -> str:
    """Whose turn it is while it waits: the check's, or the decision's after it."""
    return CHECK if demand.checked_at is None else DECIDE


def may_check(user: User, demand: Demand) -> bool:
    """促进中心经办 (row 13: K)."""
    return user.has(Role.CENTRE_CHECKER) and took_no_other(user, demand, CHECK)


def may_publish(user: User, demand: Demand) -> bool:
    """促进中心经办 (row 13: D), never one who checked it, in this round or an earlier one."""
    return user.has(Role.CENTRE_CHECKER) and user.pk != demand.checked_by_id and took_no_other(user, demand, DECIDE)


def may_return(user: User, demand: Demand) -> bool:
    """Whoever's turn it is."""
    return may_check(user, demand) if stage_now(demand) == CHECK else may_publish(user, demand)


def may_take_down(user: User, demand: Demand) -> bool:
    """As publishing: it is the decision on the same case, taken back."""
    return may_publish(user, demand)


def may_propose_synonym(user: User) -> bool:
    """促进中心经办."""
    return user.has(Role.CENTRE_CHECKER)


def may_decide_synonym(user: User, synonym: Synonym) -> bool:
    """促进中心复核, another person than the one who proposed."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != synonym.proposed_by_id
