"""Working days for tests that go by today's date: years whose arrangement is not out have only their weekends."""

from __future__ import annotations

from datetime import date

from engines.calendar import selectors, services
from engines.calendar.arrangement import Arrangement
from programmes.rules import Rules
from tests.factories.accounts import TESTER


def know(*years: int) -> None:
    """Working days of these years can be counted."""
    for year in set(years) - set(selectors.years()):
        services.import_year(by=TESTER, arrangement=Arrangement(year, "测试〔0〕号", "测试日历", date(year - 1, 11, 1)))


def publicity_end(rules: Rules, first: date) -> date:
    """The last day of the shortest 公示 that begins on `first`."""
    know(first.year, first.year + 1)
    return selectors.last_day(first, rules.publicity_days, counts_first=rules.publicity_counts_first_day)
