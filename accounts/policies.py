"""Who may decide how an organisation is told."""

from __future__ import annotations

from accounts.models import User
from accounts.states import SIGNATORIES, Role

# of a party its signatories; of an office those who answer for it; of the platform its 系统管理员
_ANSWER_FOR = frozenset(
    {
        *SIGNATORIES,
        Role.CENTRE_REVIEWER,
        Role.DEPARTMENT,
        Role.APPROVER,
        Role.FINANCE,
        Role.SUPERVISOR,
        Role.CITY,
        Role.SYSTEM_ADMIN,
    }
)


def may_manage_channels(user: User) -> bool:
    """Endpoints, and what the organisation's people get by mail unless they choose themselves."""
    return user.has(*_ANSWER_FOR)


def may_acknowledge(user: User) -> bool:
    """Somebody who acts for the organisation now: who holds any role in it."""
    return bool(user.roles)


def may_resend(user: User, *, person_id: object, organisation_id: object) -> bool:
    """The operator anything; a person his own mails; who answers for an organisation its posts."""
    if user.has(Role.SYSTEM_ADMIN):
        return True
    if person_id is not None:
        return person_id == user.pk
    return organisation_id == user.organisation_id and may_manage_channels(user)
