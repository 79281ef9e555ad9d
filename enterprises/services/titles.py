"""Titles and rosters put in force or revoked, with their holder re-graded in the same transaction (8-06, 8-07).

Recording and refusing a title change nobody's quota and stay with the registry.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.models import User
from enterprises.models import Enterprise
from enterprises.services import quota
from enterprises.states import State
from foundation.locking import unit_of_work
from registry import selectors as registry_rows
from registry import services as registry
from registry.models import RosterImport, TitleHolding


def verify_title(*, by: User, title_id: UUID, version: int, reason: str = "") -> TitleHolding:
    """The title counts, and what it adds to its holder's quota of the year is issued."""
    with unit_of_work():
        holding = registry.verify_title(by=by, title_id=title_id, version=version, reason=reason)
        _regrade_holder(holding, by=by)
    return holding


def revoke_title(*, by: User, title_id: UUID, version: int, revoked_on: date, reason: str) -> TitleHolding:
    """The title counts no more, and what is free and no longer covered is taken back; what is used stays."""
    with unit_of_work():
        holding = registry.revoke_title(by=by, title_id=title_id, version=version, revoked_on=revoked_on, reason=reason)
        _regrade_holder(holding, by=by)
    return holding


def confirm_roster(*, by: User, roster_id: UUID, version: int, reason: str = "") -> RosterImport:
    """The roster is in force, and every registered enterprise it speaks of is re-graded at once (8-06).

    What a roster ends (失信, 退规) freezes nobody here: that is the nightly watch's, which looks at the whole state.
    """
    with unit_of_work():
        roster = registry.confirm_roster(by=by, roster_id=roster_id, version=version, reason=reason)
        holders = Enterprise.objects.filter(uscc__in=registry_rows.usccs_in(roster), state=State.ACTIVE)
        for pk in holders.order_by("pk").values_list("pk", flat=True):
            quota.regrade(by=by, enterprise_id=pk)
    return roster


def _regrade_holder(holding: TitleHolding, *, by: User) -> None:
    """Titles are known by code, also of those who never registered."""
    enterprise = Enterprise.objects.filter(uscc=holding.uscc).only("pk").first()
    if enterprise is not None:
        quota.regrade(by=by, enterprise_id=enterprise.pk)
