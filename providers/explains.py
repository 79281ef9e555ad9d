"""Why this much of a provider's cap is left. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from foundation.explain import Explanation
from foundation.money import yuan
from programmes.models import Notice
from providers.selectors import CapFigures


def cap(figures: CapFigures, notice: Notice) -> Explanation:
    """What is left of the year's cap, with a warning from the notice's share on (第十一条, 8-18 to 8-20).

    `cap` is what the ledger holds: above the notice's when a revision lowered it below what was used already,
    below it when contracts were carried over before the year's notice came.
    """
    threshold = notice.parsed.cap_warning
    return Explanation(
        figure="服务商年度剩余限额",
        rule="8-18 已结算、待结算、已签约均计入；8-19 按结算审定年度；8-20 按统一社会信用代码",
        article=notice.parsed.article("provider_cap"),
        notice=notice.label,
        inputs={
            "year": figures.year,
            "cap": figures.cap,
            "cap_of_notice": notice.parsed.provider_cap if notice.year == figures.year else "本年度通知未发布",
            "reserved": figures.reserved,
            "committed": figures.committed,
            "due": figures.due,
            "consumed": figures.consumed,
            "used": figures.used,
            "share": figures.share,
            "warning_from": threshold,
            "warning": warning(figures, notice),
        },
        formula="剩余限额为年度限额减去签约占用、已承诺、应付和已结算的金额。",
        result=figures.left,
    )


class CapLevel(StrEnum):
    """How near the year's cap is: what is used has reached the notice's share, or nothing is left."""

    FREE = "free"
    NEAR = "near"
    FULL = "full"


def level(figures: CapFigures, notice: Notice) -> CapLevel:
    """FREE while no cap is open, and until the year's own notice sets it: what was carried over is no cap."""
    if not figures.cap or notice.year != figures.year:
        return CapLevel.FREE
    if figures.left <= 0:
        return CapLevel.FULL
    return CapLevel.NEAR if figures.share >= notice.parsed.cap_warning else CapLevel.FREE


def warning(figures: CapFigures, notice: Notice) -> str:
    """A sentence once the used share has reached the notice's threshold, else nothing."""
    match level(figures, notice):
        case CapLevel.FULL:
            return f"本年度限额{yuan(figures.cap)}已用满，不能签订新合同；已签的合同照常履行。"
        case CapLevel.NEAR:
            threshold: Any = notice.parsed.cap_warning
            return f"已用{figures.share:.2%}，达到预警线{threshold:.0%}；用满后不能签订新合同。"
    return ""
