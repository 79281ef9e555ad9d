"""What waits for whom among claims, appeals, batches and payouts: this room's policies, asked of all rows at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from accounts.states import Role
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import took_no_other
from foundation import clock
from settlement import policies, selectors
from settlement.models import Appeal, Batch, Claim, PayoutOrder
from settlement.states import (
    BATCH_MARKING,
    CLAIM_ENDING,
    ENDED,
    AppealState,
    BatchState,
    ClaimState,
    PayoutState,
)

FUNDABLE = (BatchState.FUND_REQUEST, BatchState.PAYING, BatchState.PAID_PART)


def claims_to_check(user: User) -> models.QuerySet[Claim]:
    """Submitted: 促进中心经办 (`may_take`)."""
    return _stage(user, policies.CHECK)


def claims_to_review(user: User) -> models.QuerySet[Claim]:
    """Checked by another: 促进中心复核 (`may_take`)."""
    return _stage(user, policies.REVIEW)


def claims_to_decide(user: User) -> models.QuerySet[Claim]:
    """Reviewed, or taken up again after an appeal or an objection: 厅职能处室 who has not decided it before."""
    decided = _of(Claim, OuterRef("pk"), user).filter(act__in=selectors.DECISIONS)
    return _stage(user, policies.DECIDE).exclude(Exists(decided))


def claims_of_ended(user: User) -> models.QuerySet[Claim]:
    """Their contract has ended: 厅职能处室 refuses them, at whatever stage they are."""
    rows = _claims().filter(contract__state__in=sorted(ENDED), state__in=sorted(CLAIM_ENDING))
    return _if(user, rows.filter(took_no_other(Claim, user, policies.DECIDE)), Role.DEPARTMENT)


def claims_to_order(user: User) -> models.QuerySet[Claim]:
    """Funded, no order under way: 促进中心经办 (`may_make_payout`)."""
    return _if(user, selectors.orderable(_claims()), Role.CENTRE_CHECKER)


def appeals_to_answer(user: User) -> models.QuerySet[Appeal]:
    """Filed: 厅职能处室 or 厅审定 who had no hand in the claim (`may_answer_appeal`)."""
    hand = _of(Claim, OuterRef("claim"), user).filter(facts__has_key="stage")
    rows = Appeal.objects.select_related("claim__provider__organisation").filter(state=AppealState.FILED)
    return _if(user, rows.exclude(Exists(hand)), Role.DEPARTMENT, Role.APPROVER)


def batches_to_issue(user: User) -> models.QuerySet[Batch]:
    """The notice was drafted by another: 促进中心复核 (`may_issue_batch`)."""
    return _if(user, Batch.objects.filter(state=BatchState.NOTICE).exclude(opened_by=user), Role.CENTRE_REVIEWER)


def batches_to_take_in(user: User) -> models.QuerySet[Batch]:
    """The last day of the intake has passed (`may_close_batch`)."""
    rows = Batch.objects.filter(state=BatchState.OPEN, intake_to__lt=clock.today())
    return _if(user, rows, Role.CENTRE_CHECKER, Role.DEPARTMENT)


def batches_to_plan(user: User) -> models.QuerySet[Batch]:
    """The intake is closed: 厅职能处室 draws the plan (`may_plan`)."""
    return _if(user, Batch.objects.filter(state=BatchState.INTAKE_CLOSED), Role.DEPARTMENT)


def batches_to_review(user: User) -> models.QuerySet[Batch]:
    """Planned by another (`may_review_plan`)."""
    rows = Batch.objects.filter(state=BatchState.PLAN_DRAFT).exclude(planned_by=user)
    return _if(user, rows, Role.CENTRE_REVIEWER, Role.DEPARTMENT)


def batches_to_approve(user: User) -> models.QuerySet[Batch]:
    """Reviewed: 厅审定 with no hand in plan or claims (`may_approve`)."""
    inside = Claim.objects.filter(batch=OuterRef("pk")).filter(
        Exists(_of(Claim, OuterRef("pk"), user).filter(facts__has_key="stage"))
    )
    rows = Batch.objects.filter(state=BatchState.PLAN_REVIEW).exclude(Q(planned_by=user) | Q(plan_reviewed_by=user))
    return _if(user, rows.exclude(Exists(inside)), Role.APPROVER)


def batches_to_publicise(user: User) -> models.QuerySet[Batch]:
    """Approved, not on show: 厅职能处室 (`may_publish`). The end of the 公示 waits among the lists on show."""
    return _if(user, Batch.objects.filter(state=BatchState.APPROVED), Role.DEPARTMENT)


def batches_to_mark(user: User) -> models.QuerySet[Batch]:
    """Something in it is cleared and not marked: 厅职能处室 (`may_publish`)."""
    cleared = Claim.objects.filter(batch=OuterRef("pk"), state=ClaimState.CLEARED)
    return _if(user, Batch.objects.filter(Exists(cleared), state__in=sorted(BATCH_MARKING)), Role.DEPARTMENT)


def batches_to_fund(user: User) -> models.QuerySet[Batch]:
    """More was asked for than is set aside: 财政厅 (`may_fund`)."""
    return _if(user, Batch.objects.filter(state__in=FUNDABLE, requested__gt=F("funded")), Role.FINANCE)


def batches_to_close(user: User) -> models.QuerySet[Batch]:
    """All paid (`may_close_batch`)."""
    rows = Batch.objects.filter(state=BatchState.PAID_ALL)
    return _if(user, rows, Role.CENTRE_CHECKER, Role.DEPARTMENT)


def payouts_to_check(user: User) -> models.QuerySet[PayoutOrder]:
    """Made by another: 促进中心复核 (`may_check_payout`)."""
    return _if(user, _orders(PayoutState.CREATED).exclude(created_by=user), Role.CENTRE_REVIEWER)


def payouts_to_send(user: User) -> models.QuerySet[PayoutOrder]:
    """Made and checked by two others: 财政厅 (`may_send_payout`)."""
    rows = _orders(PayoutState.CHECKED).exclude(Q(created_by=user) | Q(checked_by=user))
    return _if(user, rows, Role.FINANCE)


def payouts_to_report(user: User) -> models.QuerySet[PayoutOrder]:
    """Sent, no answer yet: 财政厅 (`may_report_payout`)."""
    return _if(user, _orders(PayoutState.SENT), Role.FINANCE)


def _stage(user: User, stage: str) -> models.QuerySet[Claim]:
    states = [state for state, one in policies.STAGE_IN.items() if one == stage]
    rows = selectors.settleable(_claims().filter(state__in=states))
    return _if(user, rows.filter(took_no_other(Claim, user, stage)), policies.ROLE_OF[stage])


def _claims() -> models.QuerySet[Claim]:
    return Claim.objects.select_related(*selectors.PARTIES)


def _orders(state: PayoutState) -> models.QuerySet[PayoutOrder]:
    return PayoutOrder.objects.select_related("claim__provider__organisation").filter(state=state)


def _of(model: type[Claim], pk: OuterRef, user: User) -> models.QuerySet[EvidenceRecord]:
    return EvidenceRecord.objects.filter(subject_type=model._meta.db_table, subject_id=pk, actor=user.actor_id)


def _if(user: User, rows: models.QuerySet, *roles: Role) -> models.QuerySet:  # type: ignore[type-arg]
    return rows if user.has(*roles) else rows.none()
