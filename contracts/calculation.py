"""What a contract would cost whom, before there is one: 定金, 服务券 and 余款, and which bound decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts import selectors, subsidy
from contracts.models import Contract
from foundation.explain import Bound, Explanation
from foundation.money import yuan
from programmes import selectors as programmes


@dataclass(frozen=True)
class Calculation:
    """`shares` is None where the voucher asked for leaves no balance or passes a bound; `problem` then says why."""

    shares: subsidy.Shares | None
    ceiling: Explanation
    problem: str = ""


def calculate(
    *,
    category: str,
    amount: Decimal,
    voucher: Decimal | None,
    day: date,
    enterprise_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> Calculation:
    """The three parts of `amount` (元) under the notice in force on `day`; without a `voucher` the most there may be.

    The rules' own bounds always count; with both parties known also what is left on their accounts and in the
    budget, which signing will draw from. Raises NOTICE_NOT_PUBLISHED.
    """
    notice = programmes.current_notice(day)
    rules = notice.parsed
    kind = rules.category(category)
    bounds = subsidy.rule_bounds(amount, rate=kind.rate, cap=kind.cap, deposit_rate=rules.deposit_rate)
    if enterprise_id is not None and provider_id is not None:
        parties = Contract(enterprise_id=enterprise_id, provider_id=provider_id)
        bounds += [Bound(name, selectors.LABELS[name], left) for name, left in selectors.left(parties, day).items()]
    most = subsidy.ceiling(bounds)
    wanted = most if voucher is None else voucher
    explanation = Explanation(
        figure="voucher",
        rule="voucher_ceiling",
        article=f"{rules.article('subsidy')}{rules.article('year_limit')}{rules.article('suspension')}",
        notice=notice.label,
        inputs={"category": kind.name, "amount": amount, "rate": kind.rate, "cap": kind.cap, "chosen": wanted},
        formula=(
            "服务券上限取下列各项上限中最小的一项，向下取整到分；"
            "定金为合同金额×定金比例，向下取整到分；余款为合同金额减去定金和服务券。"
        ),
        result=most,
        bounds=bounds,
    )
    if wanted > most and explanation.smallest is not None:
        problem = f"服务券{yuan(wanted)}超过{explanation.smallest.label}（{yuan(most)}），请调减。"
        return Calculation(None, explanation, problem)
    return Calculation(subsidy.split(amount, wanted, rules.deposit_rate), explanation)
