"""The recorded 公示: order, after the decision, long enough, over."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.errors import DomainError
from providers import publicity

DECIDED = date(2026, 1, 12)


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (date(2026, 1, 12), date(2026, 1, 16), True),  # Monday to Friday: five days with the first
        (date(2026, 1, 12), date(2026, 1, 17), False),
        (date(2026, 1, 20), date(2026, 3, 1), True),
    ],
)
def test_long_enough(first: date, last: date, counts: bool) -> None:
    publicity.check_period(first, last, DECIDED, 5, counts_first_day=counts)


@pytest.mark.parametrize(
    ("first", "last", "counts", "code"),
    [
        (date(2026, 1, 16), date(2026, 1, 15), True, "PUBLICITY_ORDER"),
        (date(2026, 1, 11), date(2026, 1, 20), True, "PUBLICITY_BEFORE_DECISION"),
        (date(2026, 1, 12), date(2026, 1, 15), True, "PUBLICITY_TOO_SHORT"),
        (date(2026, 1, 12), date(2026, 1, 16), False, "PUBLICITY_TOO_SHORT"),
    ],
)
def test_refused(first: date, last: date, counts: bool, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        publicity.check_period(first, last, DECIDED, 5, counts_first_day=counts)
    assert caught.value.code == code


def test_over_only_after_the_last_day() -> None:
    publicity.check_over(date(2026, 1, 16), date(2026, 1, 17))
    with pytest.raises(DomainError) as caught:
        publicity.check_over(date(2026, 1, 16), date(2026, 1, 16))
    assert caught.value.code == "PUBLICITY_NOT_OVER"
