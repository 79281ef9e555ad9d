"""Until when the year's budget lasts."""

from datetime import date
from decimal import Decimal

import pytest

from contracts import forecast, selectors
from contracts.forecast import Outlook
from foundation import clock
from programmes import selectors as programmes
from programmes.selectors import BudgetFigures

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 11)  # of the months, January to June are over: 181 days


@pytest.fixture
def year(monkeypatch):
    """A year with this left and these vouchers by month."""

    def made(left: str, by_month: dict[int, str], total: str = "3000000.00"):
        figures = BudgetFigures(2026, total=Decimal(total), left=Decimal(left))
        monkeypatch.setattr(programmes, "figures", lambda year: figures)
        found = {month: Decimal(amount) for month, amount in by_month.items()}
        monkeypatch.setattr(selectors, "effective_by_month", lambda year: found)
        monkeypatch.setattr(clock, "today", lambda: TODAY)
        return forecast.of_year(2026)

    return made


def test_what_is_left_is_shared_out_at_the_pace_of_the_whole_months(year):
    found = year("100000.00", {1: "81000.00", 3: "50000.00", 6: "50000.00", 7: "999999.00"})
    assert (found.outlook, found.months) == (Outlook.RUNS_OUT, (1, 2, 3, 4, 5, 6))
    assert found.used == Decimal("181000.00")  # 1,000 a day; July is not over and does not count
    assert found.pace == Decimal("30000.00")
    assert found.day == date(2026, 10, 19)  # 100 days on
    assert found.explanation.inputs["预算剩余"] == Decimal("100000.00")


def test_a_budget_that_is_not_being_used_up_has_no_date_but_what_remains(year):
    found = year("300000.00", {1: "181000.00"})
    assert (found.outlook, found.day) == (Outlook.LASTS, None)
    assert found.remains == Decimal("300000.00") - Decimal(173) * 1000


@pytest.mark.parametrize("by_month", [{}, {7: "50000.00"}, {5: "50000.00", 6: "50000.00"}])
def test_too_few_months_tell_nothing(year, by_month):
    found = year("300000.00", by_month)
    assert (found.outlook, found.day, found.explanation) == (Outlook.TOO_FEW, None, None)


def test_months_without_a_contract_after_the_first_slow_the_pace_to_nothing(year):
    found = year("300000.00", {1: "0.00"})
    assert (found.outlook, found.remains) == (Outlook.LASTS, Decimal("300000.00"))


def test_no_budget_and_none_left_are_said_for_what_they_are(year):
    assert year("0.00", {}, total="0.00").outlook == Outlook.NO_BUDGET
    assert year("0.00", {1: "10.00"}).outlook == Outlook.USED_UP


def test_a_year_that_is_not_running_is_not_reckoned(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    assert forecast.of_year(2025) is None
    assert forecast.of_year(2027) is None
