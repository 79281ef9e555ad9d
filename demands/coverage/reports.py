"""The two reports, read from what is on the shelf and on the board now."""

from __future__ import annotations

from datetime import date, timedelta

from demands import offers, selectors
from demands.coverage.silence import Silence, Silent, silence
from demands.coverage.supply import Priced, Supply, supply
from foundation import clock
from programmes import selectors as programmes
from registry import reference

# After how many days without an answer a demand is told of when nobody says another number: a week, no figure of
# the regulation.
SILENT_DAYS = 7


def supply_today() -> Supply:
    """Tier by category under the notice in force. Raises NOTICE_NOT_PUBLISHED."""
    notice = programmes.current_notice(clock.today())
    rows = offers.priced()
    return supply(notice.parsed, notice.label, [Priced(*row) for row in rows])


def silence_today(days: int, city: str = "") -> list[Silence]:
    """Demands on the board for `days` or longer that nobody ever answered; of one city by its prefix."""
    today = clock.today()
    rows = selectors.unanswered(today).filter(
        published_at__lt=clock.end_of(today - timedelta(days=days)), enterprise__region_code__startswith=city
    )
    found = rows.order_by().values_list("enterprise__region_code", "categories", "published_at")
    return silence([Silent(city_of(code), tuple(names), _day(at)) for code, names, at in found], today)


def city_of(region_code: str) -> str:
    """The six-digit code of the city that a county lies in."""
    region = reference.regions().get(region_code)
    return region.city_code if region is not None and region.city_code else region_code


def _day(at: object) -> date:
    return clock.local_date(at)  # type: ignore[arg-type]  # values_list forgets that a published demand has its moment
