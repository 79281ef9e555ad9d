"""Why this tier, and why this much is left: figures that explain themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enterprises import outlook
from enterprises.outlook import Obstacle
from enterprises.selectors import QuotaFigures
from enterprises.tiering import Grade
from foundation.explain import Bound, Explanation
from foundation.money import ZERO, yuan
from programmes.models import Notice


def tier(grade: Grade, notice: Notice, obstacles: Sequence[Obstacle] = ()) -> Explanation:
    """The tier, with every title looked at and what each would earn (第十条, 8-04, 8-08).

    With `obstacles` it is what the tier would be: nothing of it is granted yet.
    """
    return Explanation(
        figure="划型",
        rule="8-04 就高不重复；8-06 年中取得即时上调；8-08 上两个自然年度新增",
        article=notice.parsed.article("quota"),
        notice=notice.label,
        inputs={
            "year": notice.year,
            "titles": [match.as_dict() for match in grade.matches],
            "tiers": [
                {"code": one.code, "name": one.name, "quota": f"{one.quota:.2f}", "titles": sorted(one.titles)}
                for one in sorted(notice.parsed.tiers, key=lambda one: -one.quota)
            ],
            "winning_title": grade.winning_title or None,
            "why": outlook.told(grade.why, obstacles),
            **outlook.inputs(obstacles),
        },
        formula="档次取各有效称号所对应档次中额度最高的一档；没有有效称号的，为一般档次。",
        result=f"{'预计：' if obstacles else ''}{grade.tier.name}（{yuan(grade.tier.quota)}）",
    )


def quota(figures: QuotaFigures, notice: Notice, changes: list[dict[str, Any]]) -> Explanation:
    """What is left of the year's quota, from what was granted and what is used (第十九条, 8-07)."""
    return Explanation(
        figure="年度剩余额度",
        rule="8-07 剩余为现额度减去不再可用的部分，不足0元的按0元计；余额不跨年",
        article=notice.parsed.article("year_limit"),
        notice=notice.label,
        inputs={
            "year": figures.year,
            "tier": figures.tier_code,
            "tier_name": next((one.name for one in notice.parsed.tiers if one.code == figures.tier_code), None),
            "quota": figures.quota,
            "issued": figures.issued,
            "reserved": figures.reserved,
            "committed": figures.committed,
            "due": figures.due,
            "consumed": figures.consumed,
            "expired": figures.expired,
            "used": figures.used,
            "gone": figures.gone,
            "grants": changes,
        },
        formula=(
            "剩余额度取“账户可用”与“现额度减不再可用”两项中较小的一项，不足0元的按0元计。"
            "不再可用等于已下达减去账户可用，即已用与已作废之和。"
        ),
        result=figures.left,
        bounds=[
            Bound("available", "账户可用", figures.available),
            Bound("entitled", "现额度减不再可用", max(ZERO, figures.quota - figures.gone)),
        ],
    )
