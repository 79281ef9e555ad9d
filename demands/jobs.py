"""The days of the board."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from demands.models import Demand
from demands.services import expiring, keeping
from demands.states import DEMAND_SHOWN
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job

EXPIRE = SystemActor("expire_demands")


@job("expire_demands", "需求展示到期检查")
def expire_demands(day: date) -> dict[str, Any]:
    """Every demand whose last day on the board is before `day` is expired, and who is near it is reminded once.

    One transaction each; a second run finds nothing. A day that has not come counts as today: nothing expires early.
    """
    day = min(day, clock.today())
    shown = Demand.objects.filter(state__in=DEMAND_SHOWN).order_by("pk")
    over = list(shown.filter(shown_until__lt=day, contract=None).values_list("pk", flat=True))
    near = shown.filter(
        shown_until__range=(day, day + timedelta(days=expiring.REMIND_DAYS)), reminded_at=None
    ).values_list("pk", flat=True)
    return {
        "expired": sum(expiring.expire(by=EXPIRE, demand_id=pk, day=day) for pk in over),
        "reminded": sum(expiring.remind(by=EXPIRE, demand_id=pk, day=day) for pk in list(near)),
    }


@job("keep_words", "产品和需求的分词留存")
def keep_words(day: date) -> dict[str, Any]:
    """What is on the shelf and on the board now is kept cut into words, whatever `day` says; see ADR 0013."""
    return dict(keeping.keep_words())
