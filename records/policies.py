"""Who may take the archive of a contract, and as whom (DOMAIN section 4, action 42)."""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract
from contracts.policies import is_party, side_of
from contracts.states import Side
from records.states import View

# The auditor sees no business elsewhere; the archive and its proof are what he is there for.
READERS = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.SUPERVISOR, Role.AUDITOR)


def view_of(user: User, contract: Contract) -> View | None:
    """The whole for the centre, the department, the supervisor and the auditor; a party its own side; others none."""
    if user.has(*READERS):
        return View.OFFICER
    if not is_party(user, contract):
        return None
    return View.ENTERPRISE if side_of(user, contract) == Side.ENTERPRISE else View.PROVIDER


def may_close_file(user: User) -> bool:
    """促进中心复核 (row 42: R)."""
    return user.has(Role.CENTRE_REVIEWER)


def compiled(user: User) -> bool:
    """促进中心经办 takes the archive and looks it through (row 42: C)."""
    return user.has(Role.CENTRE_CHECKER)
