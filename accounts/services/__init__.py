"""Every write to organisations and people. Beside these: `password`, `contact` (e-mail), `inbox`, `channels`."""

from accounts.services.people import (
    REGISTRATION,
    Person,
    activate,
    add_person,
    deactivate,
    end_role,
    grant_role,
    issue_token,
    register_party,
    relocate,
    rename,
    revoke_token,
)

__all__ = [
    "REGISTRATION",
    "Person",
    "activate",
    "add_person",
    "deactivate",
    "end_role",
    "grant_role",
    "issue_token",
    "register_party",
    "relocate",
    "rename",
    "revoke_token",
]
