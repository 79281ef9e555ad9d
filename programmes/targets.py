"""绩效目标: what a year is measured by, each indicator in one sentence (第五条预算绩效管理、第二十八条).

A closed list: only what the platform can tell by itself. What a year is to reach is decided by two people, see
`programmes/services/targets.py`; what it has reached `settlement/attainment.py` counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices


class Indicator(TextChoices):
    """What may be set a target."""

    ENTERPRISES = "enterprises", "服务企业数"
    CONTRACTS = "contracts", "生效合同数"
    VOUCHERS = "vouchers", "服务券金额"
    PAID = "paid", "已兑付金额"
    EXECUTION = "execution", "预算执行率"
    COMPLETION = "completion", "合同完成率"
    ON_TIME = "on_time", "按期交付率"
    RATING = "rating", "服务满意度"


@dataclass(frozen=True)
class Measure:
    """How an indicator is told: its unit, how many decimals, the most it can be, and by what it is counted."""

    unit: str
    places: int
    most: Decimal | None
    counted: str


_WHOLE = Decimal(100)
MEASURES: Mapping[Indicator, Measure] = {
    Indicator.ENTERPRISES: Measure("家", 0, None, "本额度年度有生效且未终止合同的企业数，一家只计一次"),
    Indicator.CONTRACTS: Measure("份", 0, None, "本额度年度生效且未终止的合同数"),
    Indicator.VOUCHERS: Measure("元", 2, None, "上述合同的服务券金额合计，已验收的按核定金额"),
    Indicator.PAID: Measure("元", 2, None, "上述合同已支付给服务商的金额合计"),
    Indicator.EXECUTION: Measure("%", 2, _WHOLE, "本预算年度已支付金额除以预算总额（不含已结转下年和已作废的）"),
    Indicator.COMPLETION: Measure("%", 2, _WHOLE, "已确认的合同数除以已确认与未履约的合同数之和"),
    Indicator.ON_TIME: Measure("%", 2, _WHOLE, "已确认合同中最后一次交付不晚于服务结束日期的份数，除以已确认合同数"),
    Indicator.RATING: Measure("分", 2, None, "服务确认书各项评分的平均数，评价不足的不显示"),
}


def written(indicator: Indicator, value: Decimal) -> str:
    """The value as it is kept: with the indicator's own decimals."""
    return f"{value:.{MEASURES[indicator].places}f}"
