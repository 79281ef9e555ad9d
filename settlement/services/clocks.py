"""The clock of the step a claim is in: its last day, and the office told once when it has passed (section 9)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts import selectors as accounts
from accounts.states import OrganisationKind
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.locking import unit_of_work
from settlement import deadlines
from settlement.models import Appeal, Claim
from settlement.services import common
from settlement.states import CLAIM_WITH_OFFICE, ClaimState

# Whose turn it is: who is told when it takes too long.
OFFICE_OF = {
    ClaimState.SUBMITTED: OrganisationKind.CENTRE,
    ClaimState.FORMAL_CHECK: OrganisationKind.CENTRE,
    ClaimState.FORMAL_REVIEW: OrganisationKind.DEPARTMENT,
    ClaimState.APPEAL: OrganisationKind.DEPARTMENT,
}


def start(claim: Claim) -> None:
    """The claim, just moved and not yet saved, has the last day of its new step, and nobody was told yet."""
    claim.step_due, claim.warned_at = due_of(claim, clock.today()), None


def due_of(claim: Claim, since: date) -> date | None:
    """The last day of the step the claim is in when it began on `since`; None for a step without a limit.

    Check and review share one limit, counted from the submission.
    """
    rules = claim.notice.parsed
    match claim.state:
        case ClaimState.SUBMITTED | ClaimState.FORMAL_CHECK:
            began = clock.local_date(claim.submitted_at) if claim.submitted_at else since
            return deadlines.office_due(rules, "formal_check", began)
        case ClaimState.FORMAL_REVIEW:
            return deadlines.office_due(rules, "substantive_check", since)
        case ClaimState.APPEAL:
            return deadlines.office_due(rules, "appeal_result", since)
        case ClaimState.BOUNCED:
            return deadlines.office_due(rules, "payment_fix", since)
        case ClaimState.RETURNED:
            return claim.correction_due
        case ClaimState.REFUSED if claim.final_at is None:
            return claim.appeal_until or claim.refile_until
        case ClaimState.DRAFT:
            return claim.correction_due or claim.due  # one that was returned, put right and taken back
    return None


def overdue_before(day: date) -> list[UUID]:
    """Claims whose office's step should have been done before `day`, and of which nobody was told."""
    rows = Claim.objects.filter(state__in=sorted(CLAIM_WITH_OFFICE), step_due__lt=day, warned_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def undated() -> list[UUID]:
    """Claims with an office whose step has no last day yet, its year's arrangement having been unknown."""
    rows = Claim.objects.filter(state__in=sorted(CLAIM_WITH_OFFICE), step_due=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def fill_in(claim_id: UUID, *, by: Actor) -> bool:
    """The step's last day is known now that the arrangement is. False when it still is not, or is no longer due."""
    with unit_of_work():
        claim = common.lock_claim(claim_id)
        if claim.state not in CLAIM_WITH_OFFICE or claim.step_due is not None:
            return False
        due = due_of(claim, _began(claim))
        if due is None:
            return False
        claim.step_due = due
        evidence.record(claim, act="date_step", by=by, facts={"due": str(due)}, fields=["step_due"])
        appeal = Appeal.objects.filter(claim=claim).first() if claim.state == ClaimState.APPEAL else None
        if appeal is not None:
            appeal.due = due
            evidence.record(appeal, act="date", by=by, facts={"due": str(due)}, fields=["due"])
    return True


def warn(claim_id: UUID, day: date, *, by: Actor) -> bool:
    """The office whose turn it is hears that its time has passed; once per step. False when it is no longer due."""
    with unit_of_work():
        claim = common.lock_claim(claim_id)
        due = claim.step_due
        if claim.state not in CLAIM_WITH_OFFICE or due is None or due >= day or claim.warned_at is not None:
            return False
        claim.warned_at = clock.now()
        evidence.record(claim, act="warn_overdue", by=by, facts={"due": str(due)}, fields=["warned_at"])
        notifications.tell(
            organisation_ids=accounts.organisation_ids([OFFICE_OF[ClaimState(claim.state)]]),
            topic="claim.step_overdue",
            title="兑付申请办理逾期",
            body=f"兑付申请{claim.number}（{claim.get_state_display()}）应于{due}前办结，请尽快办理。",
            subject=claim,
        )
    return True


def unfixed_before(day: date) -> list[Claim]:
    """Claims whose payment came back and whose provider should have put its account right before `day`."""
    rows = Claim.objects.filter(state=ClaimState.BOUNCED, step_due__lt=day).select_related("provider")
    return list(rows.order_by("pk"))


def remind_of_fix(claim: Claim) -> bool:
    """The provider hears once that its payment still waits for its account; whether it was told now."""
    return notifications.tell_once(
        once=f"bounced:{claim.pk}:{claim.step_due}",
        organisation_ids=[claim.provider.organisation_id],
        topic="claim.fix_overdue",
        title=f"收款账户更正逾期：{claim.number}",
        body=f"兑付申请{claim.number}的款项被退回，收款账户应于{claim.step_due}前更正；更正并确认后才能重新支付。",
        subject=claim,
    )


def _began(claim: Claim) -> date:
    """When the step the claim is in began: what moved it there is its latest mark."""
    marks = {ClaimState.FORMAL_REVIEW: claim.reviewed_at, ClaimState.APPEAL: claim.updated_at}
    at = marks.get(ClaimState(claim.state), claim.submitted_at) or claim.updated_at
    return clock.local_date(at)
