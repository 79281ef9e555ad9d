"""Explanations in words: the rooms name their inputs in code, people read them in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from foundation.explain import Explanation
from foundation.money import yuan

QUOTA = {
    "year": "额度年度",
    "quota": "现额度",
    "issued": "已下达",
    "reserved": "预占",
    "committed": "已承诺",
    "consumed": "已核销",
    "expired": "已作废",
    "used": "已用",
    "gone": "不再可用",
}
TIER = {"year": "年度", "why": "理由"}


def told(explanation: Explanation, labels: Mapping[str, str]) -> Explanation:
    """The same explanation with the named inputs only, in this order, amounts as people write them."""
    inputs = {label: _told(explanation.inputs[name]) for name, label in labels.items() if name in explanation.inputs}
    return replace(explanation, inputs=inputs, result=_told(explanation.result))


def _told(value: object) -> object:
    return yuan(value) if isinstance(value, Decimal) else value
