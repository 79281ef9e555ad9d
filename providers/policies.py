"""Who may do what to providers, applications, products, accounts and bars (DOMAIN section 4).

Nothing is written here, and only the chain is read.
"""

from __future__ import annotations

from accounts.models import User
from accounts.states import OrganisationKind, Role
from engines.evidence import selectors as evidence
from providers.models import Application, Bar, Product, Provider, SettlementAccount
from providers.states import ApplicationState, ProductState

CHECK, REVIEW, DECIDE = "check", "review", "decide"  # the stages of a case; they stand in its chain


def is_own(user: User, provider: Provider) -> bool:
    """The caller acts for this very provider."""
    return user.organisation_id == provider.organisation_id


def may_register(user: User) -> bool:
    """A person of an organisation of the kind 服务商."""
    return user.organisation.kind == OrganisationKind.PROVIDER and user.has(
        Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY
    )


def may_edit(user: User, provider: Provider) -> bool:
    """The provider's own agent or signatory."""
    return is_own(user, provider) and user.has(Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)


def may_sign(user: User, provider: Provider) -> bool:
    """Only the provider's signatory: to submit, to ask for another account."""
    return is_own(user, provider) and user.has(Role.PROVIDER_SIGNATORY)


def took_no_other(user: User, case: Application | Product, stage: str) -> bool:
    """No natural person does two of check, review and decision on one case (rule 1), in however many rounds.

    One case is one application, of one provider for one year, or one product, from its draft on: neither can
    be taken up again once it is refused or over, so the whole chain counts.
    """
    return evidence.stages_done([case], user) <= {stage}


def may_check(user: User, case: Application | Product) -> bool:
    """促进中心经办: the formal check."""
    return user.has(Role.CENTRE_CHECKER) and took_no_other(user, case, CHECK)


def stage_of_return(user: User) -> str:
    """Returning and refusing are the formal check's when 促进中心经办 does it, else the review's."""
    return CHECK if user.has(Role.CENTRE_CHECKER) else REVIEW


def may_return(user: User, case: Application | Product) -> bool:
    """促进中心经办, or 处室 after the formal check (another person)."""
    if user.has(Role.CENTRE_CHECKER):
        return took_no_other(user, case, CHECK)
    return may_review(user, case)


def may_review(user: User, case: Application | Product) -> bool:
    """厅职能处室, and nobody who made the formal check or decided: accepts (第十五条第（二）项), recommends with the
    experts' opinion (第十五条第（三）项, 第九条), returns."""
    return user.has(Role.DEPARTMENT) and user.pk != case.checked_by_id and took_no_other(user, case, REVIEW)


def may_approve(user: User, case: Application | Product) -> bool:
    """厅审定, and nobody who had a part in the case before (第十五条第（四）项, 第九条)."""
    earlier = {case.checked_by_id, case.recommended_by_id, getattr(case, "accepted_by_id", None)}
    return user.has(Role.APPROVER) and user.pk not in earlier and took_no_other(user, case, DECIDE)


def may_publish(user: User) -> bool:
    """厅职能处室: 公示, list, suspend, resume."""
    return user.has(Role.DEPARTMENT)


def may_terminate(user: User) -> bool:
    """厅审定 (第二十七条)."""
    return user.has(Role.APPROVER)


def may_take_off(user: User, product: Product) -> bool:
    """厅职能处室, or the provider's signatory for his own product."""
    return user.has(Role.DEPARTMENT) or may_sign(user, product.provider)


def may_propose_bar(user: User) -> bool:
    """厅职能处室 (第十六条)."""
    return user.has(Role.DEPARTMENT)


def may_decide_bar(user: User, bar: Bar) -> bool:
    """厅审定, another person than the one who proposed."""
    return user.has(Role.APPROVER) and user.pk != bar.proposed_by_id


def may_review_account(user: User, account: SettlementAccount) -> bool:
    """促进中心复核, another person than the one who asked (8-48)."""
    return user.has(Role.CENTRE_REVIEWER) and user.pk != account.requested_by_id


def may_start_contract(listing: Application | None, product: Product) -> bool:
    """The provider is listed today and the product is on the shelf (DOMAIN 6.5)."""
    return (
        listing is not None
        and listing.state == ApplicationState.LISTED
        and product.state == ProductState.ON_SHELF
        and listing.provider_id == product.provider_id
    )
