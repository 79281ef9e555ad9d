"""The nightly look at every active enterprise."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from enterprises import services
from enterprises.models import Enterprise
from enterprises.states import State
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job

REGRADE = SystemActor("regrade_enterprises")


@job("regrade_enterprises", "核对企业资格与划型额度")
def regrade_enterprises(day: date) -> dict[str, Any]:
    """Each active enterprise is frozen, renewed for a new year, or re-graded, one transaction each.

    A second run finds nothing to do: what was done shows in the state, the year's grant and the ledger.
    A run for a day gone by looks at today all the same, so that it cannot undo what came after that day.
    """
    as_of = max(day, clock.today())
    done: Counter[str] = Counter()
    ids = Enterprise.objects.filter(state=State.ACTIVE).order_by("pk").values_list("pk", flat=True)
    for enterprise_id in list(ids):
        done[services.watch(by=REGRADE, enterprise_id=enterprise_id, day=as_of) or "unchanged"] += 1
    return {name: done[name] for name in ("frozen", "renewed", "granted", "regraded", "unchanged")}
