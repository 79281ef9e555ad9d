"""What a list on show tells of each thing on it, as the public and the offices both read it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engines.publicity.models import Publicity, PublicityItem
from portal.kit.lists import Column

# The database keeps what is shown of a thing without its order; what it does not name here comes last.
ORDER = (
    *("机构名称", "企业名称", "服务商名称", "产品", "服务产品", "服务类别", "标价", "合同金额（元）"),
    *("服务券补贴金额（元）", "所在地", "审定文号", "服务年度"),
)


def ordered(body: dict[str, str]) -> list[str]:
    """The labels of what is shown of a thing, in the order in which people read them."""
    return sorted(body, key=lambda label: (ORDER.index(label) if label in ORDER else len(ORDER), label))


def body_columns(row: Publicity, *, codes: bool) -> tuple[Column, ...]:
    """A column for each label that this kind of list shows of a thing, but for what its name says already.

    With `codes` also the unified social credit codes.
    """
    first = PublicityItem.objects.filter(publicity=row).order_by("position").first()
    labels = [label for label in ordered(first.body) if first.body[label] != first.label] if first is not None else []

    def shown(label: str) -> Callable[[Any], Any]:
        return lambda item: _amount(item.body.get(label)) if _is_money(label) else str(item.body.get(label, ""))

    return tuple(
        Column(
            name=f"body{place}",
            label=label,
            show=shown(label),
            kind="money" if _is_money(label) else "text",
        )
        for place, label in enumerate(labels)
        if codes or "信用代码" not in label
    )


def _is_money(label: str) -> bool:
    return label.endswith("（元）")


def _amount(text: Any) -> Decimal | None:
    """The list is frozen as text."""
    return Decimal(text) if text else None
