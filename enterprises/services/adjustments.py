"""A quota moved by hand: 促进中心经办 proposes, 复核 reviews, 处室 decides (DOMAIN 4, action 5)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from engines.evidence import services as evidence
from enterprises import policies, selectors
from enterprises.models import Enterprise, QuotaAdjustment
from enterprises.services import quota
from enterprises.states import AdjustmentState, GrantKind
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import selectors as programmes


def propose(*, by: User, enterprise_id: UUID, amount: Decimal, reason: str) -> QuotaAdjustment:
    """A change of this year's quota by `amount` 元 (negative: less) waits for review.

    Raises ADJUSTMENT_ZERO, ADJUSTMENT_OPEN, or NO_QUOTA_YET before the year's first grant.
    """
    if amount == 0:
        raise Invalid("ADJUSTMENT_ZERO", "增减额不能为零。")
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        if not policies.may_propose_adjustment(by, enterprise):
            raise not_allowed("提出额度调整", Role.CENTRE_CHECKER)
        year = programmes.current_notice(clock.today()).year
        if selectors.latest_grant(enterprise.pk, year) is None:
            raise Refused("NO_QUOTA_YET", f"该企业{year}年度额度尚未匹配，不能调整。", year=year)
        _refuse_second(enterprise, year)
        adjustment = QuotaAdjustment(enterprise=enterprise, year=year, amount=amount, reason=reason, proposed_by=by)
        evidence.record(
            adjustment, act="propose", by=by, reason=reason, facts={"year": year, "amount": f"{amount:.2f}"}
        )
    return adjustment


def review(*, by: User, adjustment_id: UUID, version: int, reason: str = "") -> QuotaAdjustment:
    """Reviewed by another person; 处室 decides."""
    with unit_of_work():
        adjustment = lock(QuotaAdjustment.objects.all(), adjustment_id, version=version)
        if not policies.may_review_adjustment(by, adjustment):
            raise not_allowed("复核额度调整（提出人不得复核）", Role.CENTRE_REVIEWER)
        move(adjustment, "review", "复核")(by)
        evidence.record(adjustment, act="review", by=by, reason=reason)
    return adjustment


def decide(*, by: User, adjustment_id: UUID, version: int, decision_no: str, reason: str = "") -> QuotaAdjustment:
    """Decided by a third person; the quota moves by the amount, within nothing and the highest tier."""
    with unit_of_work():
        adjustment = lock(QuotaAdjustment.objects.all(), adjustment_id, version=version)
        if not policies.may_decide_adjustment(by, adjustment):
            raise not_allowed("核准额度调整（提出人、复核人不得核准）", Role.DEPARTMENT)
        move(adjustment, "decide", "核准")(by, decision_no)
        evidence.record(adjustment, act="decide", by=by, reason=reason, facts={"decision_no": decision_no})
        enterprise = lock(Enterprise.objects.all(), adjustment.enterprise_id)
        quota.bring_up_to_date(enterprise, by=by, day=clock.today(), kind=GrantKind.MANUAL)
    return adjustment


def decline(*, by: User, adjustment_id: UUID, version: int, reason: str) -> QuotaAdjustment:
    """Not adjusted; nothing moves."""
    with unit_of_work():
        adjustment = lock(QuotaAdjustment.objects.all(), adjustment_id, version=version)
        if not policies.may_decline_adjustment(by, adjustment):
            raise not_allowed("不予额度调整", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
        move(adjustment, "decline", "不予调整")()
        evidence.record(adjustment, act="decline", by=by, reason=reason)
    return adjustment


def _refuse_second(enterprise: Enterprise, year: int) -> None:
    """The enterprise's row is locked, so no second proposal can slip in between."""
    open_states = (AdjustmentState.PROPOSED, AdjustmentState.REVIEWED)
    if QuotaAdjustment.objects.filter(enterprise=enterprise, year=year, state__in=open_states).exists():
        raise Refused("ADJUSTMENT_OPEN", f"该企业{year}年度已有办理中的额度调整，请先办结。", year=year)
