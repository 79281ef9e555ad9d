"""验收指标: what the contract agreed to measure, and what the provider says of each when it delivers (第八条, 第十八条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from foundation.errors import Invalid

LONGEST = 500  # characters of what is said of one indicator
FIELD = "indicators"


@dataclass(frozen=True)
class Indicator:
    """One indicator of the contract, numbered from 1; nothing is `reached` before the delivery."""

    seq: int
    name: str
    agreed: str
    method: str
    reached: str = ""


def agreed(terms: Mapping[str, Any]) -> list[Indicator]:
    """The indicators in the contract's own order."""
    found = terms.get("product", {}).get("indicators", ())
    return [
        Indicator(seq, one["name"], f"{one['target']}{one.get('unit', '')}", one.get("method", ""))
        for seq, one in enumerate(found, start=1)
    ]


def lines(terms: Mapping[str, Any], reached: Iterable[Mapping[str, Any]]) -> list[Indicator]:
    """Each indicator with what the contract's latest delivery says of it."""
    said = {one["seq"]: one["reached"] for one in reached}
    return [Indicator(**{**asdict(one), "reached": said.get(one.seq, "")}) for one in agreed(terms)]


def answered(terms: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a delivery that says this keeps: each indicator once, with what was agreed beside what was reached.

    Raises INDICATOR_UNKNOWN, INDICATOR_TWICE, INDICATOR_MISSING and INDICATOR_TOO_LONG; nothing agreed, nothing said.
    """
    asked = {one.seq: one for one in agreed(terms)}
    texts: dict[int, str] = {}
    for one in said:
        seq = one["seq"]
        if seq not in asked:
            raise Invalid("INDICATOR_UNKNOWN", _unknown(seq, asked), field=FIELD, indicator=seq, most=len(asked))
        if seq in texts:
            message = f"验收指标“{asked[seq].name}”填写了两次，请只保留一次。"
            raise Invalid("INDICATOR_TWICE", message, field=FIELD, indicator=seq)
        texts[seq] = one["reached"].strip()
    missing = [seq for seq in asked if not texts.get(seq)]
    if missing:
        names = "、".join(f"“{asked[seq].name}”" for seq in missing)
        message = f"请写明验收指标{names}的完成情况。"
        raise Invalid("INDICATOR_MISSING", message, field=FIELD, indicator=missing[0], missing=missing)
    for seq, text in texts.items():
        if len(text) > LONGEST:
            message = f"验收指标“{asked[seq].name}”的完成情况最多{LONGEST}个字，现为{len(text)}个字，请删减。"
            raise Invalid("INDICATOR_TOO_LONG", message, field=FIELD, indicator=seq, limit=LONGEST)
    return [
        {"seq": one.seq, "name": one.name, "agreed": one.agreed, "reached": texts[one.seq]} for one in asked.values()
    ]


def _unknown(seq: int, asked: Mapping[int, Indicator]) -> str:
    if not asked:
        return f"本合同没有约定验收指标，不能填写第{seq}项，请去掉后重新提交。"
    names = "、".join(f"{one.seq}“{one.name}”" for one in asked.values())
    return f"本合同没有第{seq}项验收指标，约定的是：{names}。请按合同所列的序号填写。"
