"""The nightly looks: at every active enterprise, and at those that were returned."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from enterprises import services
from enterprises.models import Enterprise
from enterprises.services import lateness
from enterprises.states import State
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job

REGRADE = SystemActor("regrade_enterprises")
CLOSE = SystemActor("close_returned_registrations")


@job("regrade_enterprises", "核对企业资格与划型额度")
def regrade_enterprises(day: date) -> dict[str, Any]:
    """Each active enterprise is frozen, renewed for a new year, or re-graded, one transaction each.

    A second run finds nothing to do: what was done shows in the state, the year's grant and the ledger.
    Only the run of today does anything: titles and rosters are known as they stand now, so a day gone by
    cannot be made good, and one that has not come would freeze or renew too early.
    """
    done: Counter[str] = Counter()
    ids = Enterprise.objects.filter(state=State.ACTIVE).order_by("pk").values_list("pk", flat=True)
    for enterprise_id in list(ids) if day == clock.today() else ():
        done[services.watch(by=REGRADE, enterprise_id=enterprise_id, day=day) or "unchanged"] += 1
    return {name: done[name] for name in ("frozen", "renewed", "granted", "regraded", "unchanged")}


@job("close_returned_registrations", "退回补正逾期检查")
def close_returned_registrations(day: date) -> dict[str, Any]:
    """Returned registrations past their last day are closed, those close to it are reminded, once (DOMAIN 6.1).

    A day that has not come counts as today: nothing closes early, whoever calls.
    """
    day = min(day, clock.today())
    done: Counter[str] = Counter()
    for enterprise_id in services.returned():
        done[services.watch_returned(by=CLOSE, enterprise_id=enterprise_id, day=day)] += 1
    return {name: done[name] for name in ("closed", "reminded", "started")}


@job("warn_overdue_checks", "企业资格审核时限检查")
def warn_overdue_checks(day: date) -> dict[str, Any]:
    """促进中心 hears once of each registration and each dispute whose last day was before `day` (DOMAIN section 9)."""
    day = min(day, clock.today())
    return {
        "registrations": sum(lateness.warn_of_registration(one) for one in lateness.late_registrations(day)),
        "disputes": sum(lateness.warn_of_dispute(one) for one in lateness.late_disputes(day)),
    }
