"""Each figure of the budget board with rule, article, inputs and formula."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from foundation.explain import Explanation
from foundation.money import ZERO
from programmes.models import Appropriation, Notice
from programmes.selectors import BudgetFigures
from programmes.states import AppropriationState


def of_budget(figures: BudgetFigures, notice: Notice | None, entries: list[Appropriation]) -> list[Explanation]:
    """Why total, committed, approved, paid and left are what they are. `entries` are those of the year."""
    in_effect = figures.committed - figures.reserved
    return [
        _total(figures, notice, entries),
        _figure(
            "committed",
            figures.committed,
            "签约占用与已生效合同之和。",
            {"签约占用": figures.reserved, "已生效合同": in_effect},
            notice,
        ),
        _figure("approved", figures.approved, "已审定、尚未支付的结算额。", {"已审定未支付": figures.approved}, notice),
        _figure("paid", figures.paid, "已支付的结算额。", {"已支付": figures.paid}, notice),
        _figure(
            "left",
            figures.left,
            "预算总额减去已占用、已审定、已支付、已结转和已作废的金额。",
            _left_inputs(figures, notice),
            notice,
        ),
    ]


def _figure(code: str, result: Decimal, formula: str, inputs: dict[str, Decimal], notice: Notice | None) -> Explanation:
    return Explanation(
        figure=code,
        rule=f"budget-{code}",
        article=_article(notice, "suspension"),
        notice=notice.label if notice else "",
        inputs=dict(inputs),
        formula=formula,
        result=result,
    )


def _total(figures: BudgetFigures, notice: Notice | None, entries: list[Appropriation]) -> Explanation:
    confirmed = [entry for entry in entries if entry.state == AppropriationState.CONFIRMED]
    documented = sum((entry.effect for entry in confirmed), ZERO)
    inputs: dict[str, Any] = {entry.source_doc_no: entry.effect for entry in confirmed}
    if figures.total != documented:
        inputs["上年度结转转入"] = figures.total - documented
    return Explanation(
        figure="total",
        rule="budget-total",
        article=_article(notice, "funding"),
        notice=notice.label if notice else "",
        inputs=inputs,
        formula="各预算文号下达额之和，减去核减额，加上上年度结转转入。",
        result=figures.total,
    )


def _left_inputs(figures: BudgetFigures, notice: Notice | None) -> dict[str, Decimal]:
    inputs = {
        "预算总额": figures.total,
        "已占用": figures.committed,
        "已审定": figures.approved,
        "已支付": figures.paid,
        "已结转": figures.carried,
        "已作废": figures.expired,
    }
    if notice:
        inputs["暂停签约线"] = notice.parsed.smallest_voucher
    return inputs


def _article(notice: Notice | None, code: str) -> str:
    return notice.parsed.article(code) if notice else ""
