"""Who may decide how an organisation is told."""

from __future__ import annotations

from accounts.models import Organisation, User
from accounts.states import PARTIES, SIGNATORIES, Role

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


def may_grant_role(by: User, user: User) -> bool:
    """The 安全管理员, to somebody of an office, never to himself (三员分立); a party's signatory, to its own people."""
    if user.organisation.kind in PARTIES:
        return by.organisation_id == user.organisation_id and by.has(*SIGNATORIES)
    return by.has(Role.SECURITY_ADMIN) and by.pk != user.pk and user.organisation.uscc is None


def may_add_person(user: User, organisation: Organisation) -> bool:
    """A party's own signatory; for offices the 系统管理员."""
    if organisation.pk == user.organisation_id and user.has(*SIGNATORIES):
        return True
    return user.has(Role.SYSTEM_ADMIN) and organisation.uscc is None


def may_end_role(user: User, person: User, organisation: Organisation) -> bool:
    """For its own people a party's signatory; for offices the 安全管理员, never for himself."""
    if organisation.kind in PARTIES:
        return user.organisation_id == organisation.pk and user.has(*SIGNATORIES)
    return user.has(Role.SECURITY_ADMIN) and user.pk != person.pk


def may_keep_letters(user: User, person: User) -> bool:
    """A party's own signatory, for the people of its house, himself among them."""
    own = user.organisation_id == person.organisation_id
    return own and person.organisation.kind in PARTIES and user.has(*SIGNATORIES)


def may_switch(user: User, person: User, organisation: Organisation) -> bool:
    """A party's signatory for its agents; for offices the 系统管理员, never for himself."""
    if organisation.kind in PARTIES:
        own = user.organisation_id == organisation.pk and user.has(*SIGNATORIES)
        return own and not person.has(*SIGNATORIES)
    return user.has(Role.SYSTEM_ADMIN) and user.pk != person.pk
