"""What an applicant wants to know of a case: where it is, what comes next, by whom, until when, what is missing.

The stages are five words for the public; the states behind them are the office's own. No ORM, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from accreditation.states import ApplicationState as S


@dataclass(frozen=True)
class Progress:
    """`stage` of five, `next` as a sentence, `due` the day by which it is to happen (None: no day is set)."""

    stage: str
    next: str
    by: str
    due: date | None
    missing: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Nobody is waited for any more."""
        return self.stage == _RESULT

    def as_dict(self) -> dict[str, Any]:
        """For the API."""
        return asdict(self)


_FILING, _CHECK, _REVIEW, _SHOW, _RESULT = "填报", "审查", "评审", "公示", "结果"
_NEXT: dict[str, tuple[str, str, str]] = {
    S.SUBMITTED: (_CHECK, "促进中心逐项核实条件和材料，作出形式审查结论。", "促进中心"),
    S.FORMAL_CHECK: (_CHECK, "厅职能处室决定受理、退回补正或不予受理。", "厅职能处室"),
    S.DEPT_ACCEPTED: (_REVIEW, "征集截止后抽取专家组织评审。", "促进中心"),
    S.EXPERT_REVIEW: (_REVIEW, "专家声明回避并评分，全部签署后汇总。", "评审专家"),
    S.SCORED: (_REVIEW, "全部申请打分后，厅职能处室拟定推荐名单。", "厅职能处室"),
    S.RECOMMENDED: (_REVIEW, "推荐名单报厅审定。", "厅审定"),
    S.APPROVED: (_SHOW, "公示拟认定名单。", "厅职能处室"),
    S.PUBLICITY: (_SHOW, "公示期满无异议的，列入年度名单。", "厅职能处室"),
    S.OBJECTION_HOLD: (_SHOW, "异议核查有结论后，列入名单或移出。", "厅职能处室"),
    S.LISTED: (_RESULT, "已列入年度名单，可以签订服务合同；资格每年认定一次。", "服务商"),
    S.WITHDRAWN: (_RESULT, "已撤回；征集期内或以后的批次可以重新申请。", "服务商"),
}
_FAILED = (_RESULT, "本次申请已办结，可在以后的征集批次重新申请。", "服务商")


def of(
    state: str,
    *,
    closes_on: date,
    check_due: date | None,
    correction_due: date | None,
    shown_until: date | None,
    missing: Sequence[str] = (),
    reason: str = "",
) -> Progress:
    """The progress of a case in this state; `missing` is what it still lacks before it can be submitted."""
    lacking = tuple(missing)
    if state == S.DRAFT:
        said = "补齐所缺内容后由签署人提交。" if lacking else "内容已齐，请签署人提交。"
        return Progress(_FILING, said, "服务商", closes_on, lacking)
    if state == S.RETURNED:
        return Progress(_FILING, f"按补正清单一次补齐并逐项说明：{reason}", "服务商", correction_due, lacking)
    stage, said, by = _NEXT.get(state, _FAILED)
    due = {S.SUBMITTED: check_due, S.FORMAL_CHECK: check_due, S.PUBLICITY: shown_until}.get(S(state))
    if state not in _NEXT and reason:
        said = f"{said}理由：{reason}"
    return Progress(stage, said, by, due)
