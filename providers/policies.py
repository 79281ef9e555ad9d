"""Who may do what to providers, listings, products, accounts and bars (DOMAIN section 4). Nothing is read or written."""

from __future__ import annotations

from accounts.models import User
from accounts.states import OrganisationKind, Role
from providers.models import Bar, Product, Provider, SettlementAccount


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
    """Only the provider's signatory: to lower a price, to ask for another account."""
    return is_own(user, provider) and user.has(Role.PROVIDER_SIGNATORY)


def may_publish(user: User) -> bool:
    """厅职能处室: suspends and resumes listings and products."""
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
