"""What the year looks like today, in a strip over the day's work: money, risks, what ends this week.

Each figure leads to the list that it counts, and stands there only for who may open that list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from contracts import forecast
from contracts import selectors as contracts
from contracts.forecast import Forecast, Outlook
from contracts.states import State
from engines.publicity import selectors as publicity
from engines.publicity.states import PublicityState
from foundation import clock
from portal.kit.access import may_open
from portal.kit.days import day
from programmes import selectors as programmes
from providers import selectors as providers

KEPT_SECONDS = 300  # of what is read from a whole year's rows


@dataclass(frozen=True)
class Figure:
    """One of the strip. `warn` when somebody ought to look; the note says it too."""

    label: str
    address: str
    count: int = 0
    unit: str = "件"
    amount: Decimal | None = None  # in place of a count
    note: str = ""
    warn: bool = False


def of(by: User) -> list[Figure]:
    """What the person may read of it, in a fixed number of queries."""
    makers: tuple[tuple[str, Callable[[User, str], Figure]], ...] = (
        ("officer:budget", _budget),
        ("officer:contracts-still", _still),
        ("officer:contracts-overdue", _overdue),
        ("officer:caps", _caps),
        ("officer:objections", _objections),
        ("officer:publicities", _publicities),
    )
    return [make(by, address) for name, make in makers for address in _open(by, name)]


def ends_this_week() -> tuple[date, date]:
    """Today and the Sunday to come."""
    today = clock.today()
    return today, today + timedelta(days=6 - today.weekday())


def by_month(year: int) -> dict[int, Decimal]:
    """What took effect by month, as it was some minutes ago: reading it anew is reading the year's contracts."""
    kept = cache.get_or_set(f"effective-by-month-{year}", lambda: contracts.effective_by_month(year), KEPT_SECONDS)
    return kept or {}


def _open(by: User, name: str) -> Iterator[str]:
    address = reverse(name)
    if may_open(by, address):
        yield address


def _budget(by: User, address: str) -> Figure:
    year = clock.today().year
    told = forecast.of_year(year, by_month)
    left = told.left if told is not None else programmes.figures(year).left
    warn = told is not None and told.outlook in (Outlook.RUNS_OUT, Outlook.USED_UP)
    return Figure("预算剩余", address, amount=left, note=_outlook(told), warn=warn)


def _outlook(told: Forecast | None) -> str:
    if told is None:
        return ""
    if told.outlook == Outlook.RUNS_OUT:
        return f"预计{day(told.day)}前后用完"
    return {
        Outlook.LASTS: "本年度内预计用不完",
        Outlook.USED_UP: "已不够签订一份合同",
        Outlook.NO_BUDGET: "还没有入账的预算",
    }.get(told.outlook, "还不能推算用完时间")


def _still(by: User, address: str) -> Figure:
    count = contracts.standing(by, clock.today()).count()
    return Figure("停滞合同", address, count, "份", note="等待超过时限", warn=count > 0)


def _overdue(by: User, address: str) -> Figure:
    count = contracts.visible_to(by).filter(state=State.OVERDUE).count()
    return Figure("逾期合同", address, count, "份", note="服务或申报过期", warn=count > 0)


def _caps(by: User, address: str) -> Figure:
    notice = programmes.notice_of_year(clock.today().year)
    count = len(providers.near_cap(notice)) if notice is not None else 0
    return Figure("上限将满的服务商", f"{address}?near=1", count, "家", note="达到通知的预警线", warn=count > 0)


def _objections(by: User, address: str) -> Figure:
    rows = programmes.visible_objections(by).filter(publicity.pending())
    found = rows.aggregate(all=Count("pk"), week=Count("pk", filter=publicity.due_between(*ends_this_week())))
    note = f"本周到期{found['week']}件"
    return Figure("未办结异议", f"{address}?due=open", found["all"], note=note, warn=found["all"] > 0)


def _publicities(by: User, address: str) -> Figure:
    rows = programmes.visible_publicities(by).filter(state=PublicityState.OPEN)
    count = rows.filter(last__range=ends_this_week()).count()
    return Figure("本周期满的公示", f"{address}?ends=week", count, "份", note="期满后登记结果")
