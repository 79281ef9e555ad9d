"""What the database itself holds of a claim: its constraints, and that no refusal comes before its time."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from foundation.parts import different_people, in_states, only_in_states, together
from settlement.states import (
    CLAIM_BATCHED,
    CLAIM_BUDGETED,
    CLAIM_CHECKED,
    CLAIM_CLEARED,
    CLAIM_DECIDED,
    CLAIM_REFUSED,
    CLAIM_REVIEWED,
    CLAIM_SUBMITTED,
    ENDED,
    Fault,
)
from settlement.states import ClaimState as S

_ENDED = ", ".join(f"'{state.value}'" for state in sorted(ENDED))
REFUSED_EARLY = pgtrigger.Trigger(
    name="refused_early_when_ended",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("state"),
    condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
    func=f"""
        IF NEW.state <> 'refused' OR OLD.state IN ('formal_review', 'appeal') AND NEW.reviewed_at IS NOT NULL THEN
            RETURN NULL;
        END IF;
        IF NEW.refile_until IS NOT NULL AND OLD.state = 'returned'
           AND OLD.correction_due < (NEW.updated_at AT TIME ZONE 'Asia/Shanghai')::date THEN
            RETURN NULL;
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM contracts_contract c WHERE c.id = NEW.contract_id AND c.state IN ({_ENDED})
        ) THEN
            RAISE EXCEPTION 'stage: claim % is refused before its review, its contract has not ended and no correction is overdue', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,  # noqa: S608 - our own states
)

CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        condition=Q(accepted_amount=F("deposit") + F("voucher") + F("balance"))
        & Q(deposit__gte=0, voucher__gt=0, balance__gte=0),
        name="claim_parts_sum",
        violation_error_message="定金、服务券金额与余款之和须等于验收金额。",
    ),
    models.CheckConstraint(
        condition=Q(requested__gt=0, requested__lte=F("voucher")),
        name="claim_requested_within_voucher",
        violation_error_message="申请金额不得超过最终服务券金额。",
    ),
    models.CheckConstraint(
        condition=Q(approved=None) | Q(approved__gte=0, approved__lte=F("requested")),
        name="claim_approved_within_requested",
        violation_error_message="核定金额不得超过申请金额。",
    ),
    models.CheckConstraint(
        condition=Q(paid=None) | Q(approved__isnull=False, paid__gt=0, paid__lte=F("approved")),
        name="claim_paid_within_approved",
        violation_error_message="已付金额不得超过核定金额。",
    ),
    together("claim_submit_both", "提交人和时间", "submitted_by", "submitted_at"),
    together("claim_check_both", "形式审核人和时间", "checked_by", "checked_at"),
    together("claim_review_both", "复核人和时间", "reviewed_by", "reviewed_at"),
    together("claim_decide_whole", "实质审核人、时间和核定金额", "decided_by", "decided_at", "approved"),
    together("claim_paid_whole", "已付金额和支付日期", "paid", "paid_on"),
    together("claim_years_both", "上限年度和预算年度", "cap_year", "budget_year"),
    different_people("claim_three_people", "形式审核、复核与实质审核", "checked_by", "reviewed_by", "decided_by"),
    in_states(
        "claim_submitted_state",
        CLAIM_SUBMITTED,
        Q(submitted_at__isnull=False, first_submitted_at__isnull=False, account__isnull=False) & ~Q(digest=""),
        "已提交的申请须有签署人、收款账户和签署摘要。",
    ),
    in_states(
        "claim_returned_state",
        {S.RETURNED},
        Q(correction_due__isnull=False, returns__gt=0),
        "退回的申请须有补正期限。",
    ),
    in_states("claim_checked_state", CLAIM_CHECKED, Q(checked_at__isnull=False), "须先完成形式审核。"),
    in_states("claim_reviewed_state", CLAIM_REVIEWED, Q(reviewed_at__isnull=False), "须先完成复核。"),
    models.CheckConstraint(
        condition=Q(state__in=sorted(CLAIM_DECIDED), decided_at__isnull=False)
        | Q(state=S.REFUSED, decided_at=None, refile_until__isnull=False)
        | ~Q(state__in=sorted(CLAIM_DECIDED)) & Q(decided_at=None),
        name="claim_decided_state",
        violation_error_message="实质审核后方有核定金额。",
    ),
    in_states("claim_passed_whole", {S.PASSED}, Q(approved=F("requested")), "未核减的申请按申请金额通过。"),
    in_states(
        "claim_reduced_lower",
        {S.REDUCED},
        Q(approved__gt=0, approved__lt=F("requested")),
        "核减后的金额须更低。",
    ),
    models.CheckConstraint(
        condition=Q(approved=None)
        | Q(approved=F("requested"))
        | Q(reduction_code__in=Fault.values) & ~Q(reduction_reason="")
        | ~Q(refusal_code=""),
        name="claim_gap_has_reason",
        violation_error_message="核定金额低于申请金额的，须有核减或不予通过的原因代码和理由。",
    ),
    models.CheckConstraint(
        condition=Q(state__in=sorted(CLAIM_REFUSED), refusal_code__in=Fault.values)
        & (Q(approved=0) | Q(approved=None, refile_until__isnull=False))
        & ~Q(refusal_text="")
        | ~Q(state__in=sorted(CLAIM_REFUSED)) & Q(refusal_code="", refusal_text=""),
        name="claim_refused_with_code",
        violation_error_message="不予通过须有原因代码和说明。",
    ),
    models.CheckConstraint(
        condition=Q(refile_until=None)
        | Q(state=S.REFUSED, decided_at=None, correction_due__isnull=False, appeal_until=None),
        name="claim_refile_after_correction",
        violation_error_message="只有逾期未补正的申请可以重新申报。",
    ),
    models.CheckConstraint(
        condition=Q(appeal_until=None) | Q(state__in=sorted(CLAIM_REFUSED)),
        name="claim_appeal_when_refused",
        violation_error_message="只有不予通过的申请有申诉期限。",
    ),
    models.CheckConstraint(
        condition=Q(state=S.REFUSED, final_at__isnull=False)
        | Q(state=S.REFUSED, appeal_until__isnull=False)
        | Q(state=S.REFUSED, refile_until__isnull=False)
        | ~Q(state=S.REFUSED) & Q(final_at=None),
        name="claim_refusal_final_or_dated",
        violation_error_message="不予通过须已生效，或载明申诉、重新申报的截止日。",
    ),
    in_states("claim_cap_held_state", {S.CAP_HELD}, Q(cap_held_year__isnull=False), "上限已满的申请须载明年度。"),
    only_in_states("claim_cleared_state", CLAIM_CLEARED, Q(cleared_at__isnull=False), "须先公示无异议。"),
    models.CheckConstraint(
        condition=Q(state=S.CARRIED_OVER, carried_into__isnull=False)
        | Q(state__in=[S.PAYING, S.BOUNCED, S.PAID])
        | ~Q(state__in=[S.CARRIED_OVER, S.PAYING, S.BOUNCED, S.PAID]) & Q(carried_into=None),
        name="claim_carried_state",
        violation_error_message="结转的申请须载明结转至的年度。",
    ),
    only_in_states("claim_batched_state", CLAIM_BATCHED, Q(batch__isnull=False), "列入方案的申请须有批次。"),
    only_in_states("claim_budgeted_state", CLAIM_BUDGETED, Q(cap_year__isnull=False), "审定后方有上限和预算年度。"),
    only_in_states("claim_paid_state", {S.PAID}, Q(paid__isnull=False), "已支付的申请须有金额和日期。"),
]
