"""What of the rounds waits for whom."""

from __future__ import annotations

from typing import Any

from accounts.states import Role
from foundation.money import yuan
from portal.officer import tasks
from portal.officer.batches.lists import page
from settlement import queues


def _kind(
    code: str, label: str, rows: tasks.Rows, *roles: Role, since: str = "updated_at", due: Any = ""
) -> tasks.Kind:
    return tasks.Kind(
        code=f"batch-{code}",
        label=label,
        group="资金",
        roles=roles,
        rows=rows,
        subject=lambda row: f"{row.number} {row.title}",
        below=lambda row: f"{row.claim_count}笔，{yuan(row.total)}" if row.claim_count else row.get_state_display(),
        since=since,
        due=due,
        url=page,
    )


CO, CR, DP = Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT
KINDS = (
    _kind("issue", "发布兑付通知", queues.batches_to_issue, CR, since="created_at", due="intake_from"),
    _kind("take-in", "截止受理", queues.batches_to_take_in, CO, DP),
    _kind("plan", "拟定结算方案", queues.batches_to_plan, DP),
    _kind("review", "复核结算方案", queues.batches_to_review, CR, DP, since="planned_at"),
    _kind("approve", "审定结算方案", queues.batches_to_approve, Role.APPROVER, since="plan_reviewed_at"),
    _kind("publicise", "公示结算名单", queues.batches_to_publicise, DP, since="approved_at"),
    _kind("mark", "标记确认并申请拨款", queues.batches_to_mark, DP),
    _kind("fund", "确认拨款", queues.batches_to_fund, Role.FINANCE, since="marked_at"),
    _kind("close", "办结批次", queues.batches_to_close, CO, DP),
)
