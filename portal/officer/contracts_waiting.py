"""What waits for officers among contracts. The work itself is done on the contract's page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.states import Role
from contracts import queues, waiting
from contracts.policies import MEDIATORS
from portal.officer import tasks
from portal.parties.contracts.looks import page


def _of_contract(code: str, label: str, roles: tuple[Role, ...], rows: tasks.Rows) -> tasks.Kind:
    return tasks.Kind(
        code=f"contract-{code}",
        label=label,
        group="合同",
        roles=roles,
        rows=rows,
        subject=lambda row: str(row.number),
        below=_parties,
        due=waiting.last_day_after("updated_at"),
        url=page,
    )


def _of_termination(code: str, label: str, role: Role, rows: tasks.Rows, since: str) -> tasks.Kind:
    return tasks.Kind(
        code=f"termination-{code}",
        label=label,
        group="合同",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.contract.number),
        below=lambda row: str(row.contract.enterprise.organisation.name),
        since=since,
        due=waiting.last_day_after(since, contract="contract__"),
        url=lambda row: page(row.contract),
    )


def _parties(row: Any) -> str:
    return f"{row.enterprise.organisation.name}　{row.provider.organisation.name}"


KINDS = (
    _of_termination("check", "合同终止核对", Role.CENTRE_CHECKER, queues.terminations_to_check, "created_at"),
    _of_termination("decide", "合同终止复核", Role.CENTRE_REVIEWER, queues.terminations_to_decide, "updated_at"),
    _of_contract("dispute", "合同争议调处", MEDIATORS, queues.disputes_to_resolve),
    _of_contract("overdue", "逾期合同处理", (Role.DEPARTMENT,), queues.contracts_overdue),
    _of_contract("frozen", "冻结合同处理", (Role.DEPARTMENT,), queues.contracts_frozen),
    tasks.Kind(
        code="permit-decide",
        label="关联交易核准审定",
        group="合同",
        roles=(Role.APPROVER,),
        rows=queues.permits_to_decide,
        subject=lambda row: str(row.enterprise.organisation.name),
        below=lambda row: f"{row.provider.organisation.name}　{row.year}年度",
        since="created_at",
        url=lambda row: reverse("permit", kwargs={"pk": row.pk}),
    ),
)
