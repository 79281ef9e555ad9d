"""What of the claims waits for whom, and what of it may be done for several at once."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.states import Role
from foundation.money import ZERO, yuan
from portal.officer import tasks
from portal.officer.claims.lists import page
from portal.officer.notes import whole_account
from settlement import queues
from settlement.models import Claim
from settlement.services import bulk, payouts


def _ready(row: Claim) -> str:
    """Why it is looked at by itself; the service looks again at what the checklist says today."""
    open_ = [item["label"] for item in row.checklist if not item["ok"]]
    return f"核对未通过：{'；'.join(open_)}" if open_ else ""


def _below(row: Claim) -> str:
    return f"{row.number}　申请{yuan(row.requested)}"


def _payee(by: User, row: Claim) -> str:
    payee = row.payee
    carried = "；上年度结转，优先" if row.carried_into else ""
    return f"{payee['name']}，{payee['bank']}，{whole_account(by, payee['number'])}{carried}"


def _kind(code: str, label: str, role: Role, rows: tasks.Rows, **more: Any) -> tasks.Kind:
    return tasks.Kind(
        code=code,
        label=label,
        group="结算",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.provider.organisation.name),
        below=more.pop("below", _below),
        url=page,
        due=more.pop("due", "step_due"),
        **more,
    )


KINDS = (
    _kind(
        "claim-check",
        "兑付形式审核",
        Role.CENTRE_CHECKER,
        queues.claims_to_check,
        since="submitted_at",
        bulk=tasks.Bulk(
            label="形式审核通过",
            intro="提交时核对清单全部符合的可以批量办理，办理时逐笔再核对一次。",
            ready=_ready,
            run=lambda by, row, seen: bulk.check_clean(by=by, claim_id=row.pk, version=seen),
        ),
    ),
    _kind(
        "claim-review",
        "兑付复核",
        Role.CENTRE_REVIEWER,
        queues.claims_to_review,
        since="checked_at",
        bulk=tasks.Bulk(
            label="复核通过",
            intro="核对清单全部符合的可以批量办理，办理时逐笔再核对一次。",
            ready=_ready,
            run=lambda by, row, seen: bulk.review_clean(by=by, claim_id=row.pk, version=seen),
        ),
    ),
    _kind("claim-decide", "兑付实质审核", Role.DEPARTMENT, queues.claims_to_decide),
    _kind("claim-ended", "合同已终止的兑付申请", Role.DEPARTMENT, queues.claims_of_ended),
    _kind(
        "claim-order",
        "制作支付单",
        Role.CENTRE_CHECKER,
        queues.claims_to_order,
        due="",
        below=lambda row: f"{row.number}　核定{yuan(row.approved or ZERO)}",
        bulk=tasks.Bulk(
            label="制作支付单",
            intro="按公示期满的先后，每笔各制一张支付单，由另一人复核；上年度结转的在先。",
            shows=_payee,
            run=lambda by, row, seen: payouts.create(by=by, claim_id=row.pk, version=seen),
        ),
    ),
)
