"""A provider's contracts in figures, for everybody (第十六条: 在平台实时公布合同执行情况). Counted anew at each asking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Avg, Count, FloatField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate

from contracts.models import Contract
from contracts.states import RUNNING, State
from credit import selectors as credit
from foundation import clock
from foundation.errors import Refused
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Provider

S = State
FULFILLED = frozenset({S.CONFIRMED, S.SETTLED, S.ARCHIVED})
PAID = frozenset({S.SETTLED, S.ARCHIVED})
FAILED = frozenset({S.TERMINATED, S.VOIDED})
INTERRUPTED = frozenset({S.CHANGE_PENDING, S.DISPUTED, S.FROZEN, S.OVERDUE})
# No figure of the regulation: with fewer, the mean would tell what one enterprise had said.
FEWEST_RATINGS = 3
TOO_FEW = "评价不足"
CENT = Decimal("0.01")
PART = Decimal("0.0001")

FORMULAS = {
    "effective": "合同生效数：定金到账而生效的合同数；按额度年度（生效年度）归年",
    "running": "履行中：已生效、尚未确认、未终止或作废的合同数（含变更、争议、冻结、逾期）",
    "confirmed": "已确认：双方签署服务确认书的合同数（含其后已兑付的）",
    "settled": "已兑付：补贴资金已支付的合同数",
    "failed": "未履约：生效后终止或作废的合同数（办法第三十条）",
    "cancelled": "未生效：锁定资金后在生效前取消或终止的合同数；年末已释放占用的不属于任何额度年度，只计入各年合计",
    "completion_rate": "完成率：已确认的份数除以已确认与未履约的份数之和，四舍五入到万分之一",
    "on_time_rate": "按期交付率：已确认合同中最后一次交付不晚于服务结束日期的份数，除以已确认合同数；结束日期含补充协议和经批准的延期",
    "median_days": "办理天数中位数：已确认合同自生效日到确认日的天数的中位数",
    "agreed_days": "约定天数中位数：同一批合同自服务开始日期到结束日期的天数的中位数",
    "rectifications": "整改次数：企业退回整改的次数合计",
    "ratings": f"评价：服务确认书所列各项评分的平均数，保留两位小数；总评为各项平均数的平均；不足{FEWEST_RATINGS}份的显示“{TOO_FEW}”",
    "complaints": "投诉：针对该服务商并经查实的投诉件数；按决定年度归年（第二十七条第四项）",
}


@dataclass(frozen=True)
class Performance:
    """One provider in one year, or in all years. Shares are 0 to 1, None where there is nothing to share.

    `ratings` holds the mean of each aspect, None while there are too few. `complaints` are those found true; of a
    year, those decided in it.
    """

    effective: int = 0
    running: int = 0
    confirmed: int = 0
    settled: int = 0
    failed: int = 0
    cancelled: int = 0
    completion_rate: Decimal | None = None
    on_time_rate: Decimal | None = None
    median_days: Decimal | None = None
    agreed_days: Decimal | None = None
    rectifications: int = 0
    rated: int = 0
    rating: Decimal | None = None
    rating_label: str = TOO_FEW
    ratings: Mapping[str, Decimal | None] = field(default_factory=dict)
    complaints: int = 0


class Days(models.Func):
    """Whole days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = models.IntegerField()


class Median(models.Aggregate):
    """The middle value; of two in the middle, their mean."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def performance(providers: Collection[Provider], year: int | None = None) -> dict[UUID, Performance]:
    """The figures of each provider, in two queries however many; zeros for one without contracts."""
    aspects = _aspects(year)
    rows = Contract.objects.filter(provider__in=[provider.pk for provider in providers])
    if year is not None:
        rows = rows.filter(quota_year=year)
    lines: Any = rows.order_by().values("provider").annotate(**_figures(aspects))
    found = {row["provider"]: row for row in lines}
    upheld = credit.upheld_complaints([provider.uscc for provider in providers], year)
    return {one.pk: _told(found.get(one.pk), aspects, upheld.get(one.uscc, 0)) for one in providers}


def overall(rows: models.QuerySet[Contract], year: int) -> Performance:
    """The figures of all these contracts together, of one quota year, in one query; complaints are not among them."""
    aspects = _aspects(year)
    return _told(rows.filter(quota_year=year).order_by().aggregate(**_figures(aspects)), aspects, 0)


def explained(year: int | None) -> dict[str, Any]:
    """By what rule the figures are made: article, notice, formula of each."""
    notice = _notice(year)
    return {
        "rule": "provider_performance",
        "article": notice.parsed.article("provider_standing") if notice else "",
        "notice": notice.label if notice else "",
        "formulas": FORMULAS,
    }


def _notice(year: int | None) -> Notice | None:
    """The year's notice, or the latest there is; none before the first."""
    own = programmes.notice_of_year(year) if year is not None else None
    if own is not None:
        return own
    try:
        return programmes.latest_notice(clock.today())
    except Refused:  # nothing was ever published: no contract either
        return None


def _aspects(year: int | None) -> list[str]:
    notice = _notice(year)
    return list(notice.parsed.ratings.aspects) if notice else []


def _figures(aspects: list[str]) -> dict[str, Any]:
    took_effect, done = Q(effective_at__isnull=False), Q(state__in=sorted(FULFILLED))
    began, ended = _day("effective_at"), _day("confirmed_at")
    rated = done & Q(confirmation__ratings__isnull=False)
    figures = {
        "n_effective": Count("pk", filter=took_effect),
        "n_running": Count("pk", filter=took_effect & Q(state__in=sorted(RUNNING | INTERRUPTED))),
        "n_confirmed": Count("pk", filter=done),
        "n_settled": Count("pk", filter=Q(state__in=sorted(PAID))),
        "n_failed": Count("pk", filter=took_effect & Q(state__in=sorted(FAILED))),
        "n_cancelled": Count(
            # `signing_due` stays from the first time money was set aside; the hold itself may go with its year (8-15)
            "pk",
            filter=~took_effect & Q(signing_due__isnull=False, state__in=sorted(FAILED | {S.CANCELLED})),
        ),
        "n_on_time": Count("pk", filter=done & Q(end_date__gte=_day("delivered_at"))),
        "days": Median(Days(ended, began), filter=done),
        "agreed": Median(Days("end_date", "start_date"), filter=done),
        "n_rectifications": Sum("rectifications"),
        "n_rated": Count("pk", filter=rated),
    }
    for number, code in enumerate(aspects):
        value = Cast(KeyTextTransform(code, "confirmation__ratings"), FloatField())
        figures[f"aspect_{number}"] = Avg(value, filter=rated)
    return figures


def _told(row: dict[str, Any] | None, aspects: list[str], complaints: int) -> Performance:
    if row is None:
        return Performance(ratings=dict.fromkeys(aspects), complaints=complaints)
    enough = row["n_rated"] >= FEWEST_RATINGS
    means = {code: _rounded(row[f"aspect_{number}"]) if enough else None for number, code in enumerate(aspects)}
    known = [Decimal(str(row[f"aspect_{n}"])) for n in range(len(aspects)) if row[f"aspect_{n}"] is not None]
    whole = (sum(known, Decimal()) / len(known)).quantize(CENT) if enough and known else None
    return Performance(
        effective=row["n_effective"],
        running=row["n_running"],
        confirmed=row["n_confirmed"],
        settled=row["n_settled"],
        failed=row["n_failed"],
        cancelled=row["n_cancelled"],
        completion_rate=_share(row["n_confirmed"], row["n_confirmed"] + row["n_failed"]),
        on_time_rate=_share(row["n_on_time"], row["n_confirmed"]),
        median_days=_half_days(row["days"]),
        agreed_days=_half_days(row["agreed"]),
        rectifications=row["n_rectifications"] or 0,
        rated=row["n_rated"],
        rating=whole,
        rating_label=TOO_FEW if whole is None else f"{whole}",
        ratings=means,
        complaints=complaints,
    )


def _day(column: str) -> TruncDate:
    return TruncDate(column, tzinfo=clock.SHANGHAI)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(PART) if whole else None


def _rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(CENT)


def _half_days(value: float | None) -> Decimal | None:
    """A median of whole days is whole, or half way between two."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.1"))
