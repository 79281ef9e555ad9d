"""What a contract would cost whom, before there is one: the rules alone, by the notice (第十一条, 第十八条).

Quota, provider cap and budget may allow less on the day of signing; they are not asked here. No ORM, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from contracts import subsidy
from contracts.subsidy import Shares
from foundation.explain import Explanation
from foundation.money import percent
from programmes.models import Notice
from programmes.rules import Category


@dataclass(frozen=True)
class Estimate:
    """The greatest voucher that the rules allow for an amount, with the shares that follow, each explained."""

    category: Category
    shares: Shares
    voucher: Explanation
    deposit: Explanation
    balance: Explanation


def estimate(notice: Notice, category_code: str, amount: Decimal) -> Estimate:
    """`amount` is the contract's, in 元, tax included. Raises UNKNOWN_CATEGORY."""
    rules = notice.parsed
    category = rules.category(category_code)
    bounds = subsidy.rule_bounds(amount, rate=category.rate, cap=category.cap, deposit_rate=rules.deposit_rate)
    shares = subsidy.split(amount, subsidy.ceiling(bounds), rules.deposit_rate)
    voucher = Explanation(
        figure="voucher",
        rule="voucher_by_rules",
        article=rules.article("subsidy"),
        notice=notice.label,
        inputs={
            "服务类别": category.name,
            "合同金额": shares.amount,
            "补贴比例": percent(category.rate),
            "单个项目上限": category.cap,
        },
        formula="服务券取下列各项中最小的一项，向下取整到分：合同金额×补贴比例、单个项目上限、合同金额减定金。",
        result=shares.voucher,
        bounds=bounds,
    )
    deposit = Explanation(
        figure="deposit",
        rule="deposit_rate",
        article=rules.article("deposit"),
        notice=notice.label,
        inputs={"合同金额": shares.amount, "定金比例": percent(rules.deposit_rate)},
        formula="定金为合同金额×定金比例，向下取整到分。",
        result=shares.deposit,
    )
    balance = Explanation(
        figure="balance",
        rule="balance",
        article=rules.article("deposit"),
        notice=notice.label,
        inputs={"合同金额": shares.amount, "定金": shares.deposit, "服务券": shares.voucher},
        formula="余款为合同金额减去定金和服务券；为0元的不必支付。",
        result=shares.balance,
    )
    return Estimate(category, shares, voucher, deposit, balance)
