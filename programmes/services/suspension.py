"""Signing pauses when what is left cannot carry a voucher, and goes on when it can (第二十一条, 8-21, 8-22).

Every decision is made with the budget account frozen: no hold is in flight, the figure is exact, and of
many that find the money gone exactly one writes the pause. Signed contracts are not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OFFICES, PARTIES
from engines.evidence import services as evidence
from engines.ledger import services as ledger
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.names import sentence
from programmes import books, policies, selectors
from programmes.models import BudgetWarning, Suspension
from programmes.selectors import BudgetFigures
from programmes.states import SuspensionKind


def require_open(*, year: int) -> None:
    """Signing is not paused in the year. Raises SIGNING_SUSPENDED with the reason.

    Call it after the hold: whoever pauses first waits for the holds in flight, so none slips by.
    """
    suspension = selectors.open_suspension(year)
    if suspension is not None:
        raise Refused(
            "SIGNING_SUSPENDED",
            f"{year}年度已暂停签约（办法第二十一条）：{sentence(suspension.reason)}恢复后将通知您。",
            year=year,
            kind=str(suspension.kind),
            reason=suspension.reason,
        )


def suspend_if_short(
    *, year: int, by: Actor, stripe_after: Decimal | None = None, smallest: Decimal | None = None
) -> Suspension | None:
    """Signing is paused if what is left in the year's budget is less than the smallest useful voucher.

    `stripe_after` is what a hold, taken with that voucher as its `low`, reported to be left: when that carries
    a voucher nothing is read, and when it does not the hold has the whole account locked already (a hold with
    a smaller `low` may not be followed by this). `smallest` spares a look at the notice. Returns the pause
    this call made; a second call makes none.
    """
    if smallest is None:
        notice = selectors.notice_of_year(year)
        if notice is None:
            return None
        smallest = notice.parsed.smallest_voucher
    if stripe_after is not None and stripe_after >= smallest:
        return None
    with unit_of_work():
        left = _frozen_left(year)
        if left >= smallest or selectors.is_suspended(year):
            return None
        reason = f"预算剩余{yuan(left)}，不足以支付一张{yuan(smallest)}的服务券"
        return _suspend(year, SuspensionKind.SHORTAGE, reason, by, left)


def resume_if_funded(*, year: int, by: Actor) -> Suspension | None:
    """A pause for shortage is over if what is left carries a voucher again. Returns the pause this call ended."""
    suspension = selectors.open_suspension(year)
    if suspension is None or suspension.kind != SuspensionKind.SHORTAGE:
        return None
    with unit_of_work():
        left = _frozen_left(year)
        if left < _smallest(year):
            return None
        locked = lock(Suspension.objects.all(), suspension.pk)
        return None if locked.ended_at else _resume(locked, by, left, reason="预算资金已落实")


def suspend_manually(*, by: User, year: int, reason: str) -> Suspension:
    """Signing is paused by decision of the 处室. Raises ALREADY_SUSPENDED, or YEAR_UNKNOWN for a year without rules and money."""
    if not policies.may_suspend(by):
        raise not_allowed("暂停签约")
    with unit_of_work():
        _require_year(year)
        left = _frozen_left(year)
        if selectors.is_suspended(year):
            raise Refused("ALREADY_SUSPENDED", f"{year}年度已处于暂停签约状态。", year=year)
        return _suspend(year, SuspensionKind.MANUAL, reason, by, left)


def resume_manually(*, by: User, suspension_id: UUID, version: int, reason: str) -> Suspension:
    """The pause is over. Raises ALREADY_RESUMED, or STILL_SHORT while what is left carries no voucher."""
    with unit_of_work():
        year = Suspension.objects.filter(pk=suspension_id).values_list("year", flat=True).first()
        left = _frozen_left(year) if year else Decimal(0)  # the account before the row, as everywhere here
        suspension = lock(Suspension.objects.all(), suspension_id, version=version)
        if not policies.may_suspend(by):
            raise not_allowed("恢复签约")
        if suspension.ended_at is not None:
            raise Refused("ALREADY_RESUMED", f"该次暂停已于{clock.local_date(suspension.ended_at)}恢复。")
        smallest = _smallest(suspension.year)
        if left < smallest:
            raise Refused(
                "STILL_SHORT",
                f"预算剩余{yuan(left)}，仍不足{yuan(smallest)}，须先落实预算资金（办法第二十一条）。",
                left=left,
                smallest=smallest,
            )
        return _resume(suspension, by, left, reason=reason)


def warn_of_budget(*, year: int, figures: BudgetFigures, thresholds: Iterable[Decimal]) -> int:
    """The offices know that what is left has fallen to a threshold of the total; told once for each total.

    Returns how many thresholds were newly passed.
    """
    passed = [t for t in thresholds if figures.total > 0 and figures.left <= figures.total * t]
    with unit_of_work():
        new = [t for t in passed if _note_warning(year, figures, t)]
        if new:
            notifications.tell(
                organisation_ids=accounts.organisation_ids(OFFICES),
                topic="budget_warning",
                title=f"{year}年度服务券预算剩余不足{min(new):.0%}",
                body=f"预算总额{yuan(figures.total)}，剩余{yuan(figures.left)}，请及时安排资金。",
            )
    return len(new)


def _note_warning(year: int, figures: BudgetFigures, threshold: Decimal) -> bool:
    _, created = BudgetWarning.objects.get_or_create(
        year=year,
        threshold=threshold,
        total=figures.total,
        defaults={"left": figures.left, "warned_at": clock.now()},
    )
    return created


def _require_year(year: int) -> None:
    """There is something to pause: a published notice, or money."""
    known = selectors.years()
    if year not in known:
        named = f"现有年度：{'、'.join(map(str, known))}。" if known else "目前没有任何年度。"
        raise Refused(
            "YEAR_UNKNOWN",
            f"{year}年度既没有已发布的年度通知，也没有已入账的预算，无可暂停的签约；{named}请核对年度。",
            year=year,
            known=known,
        )


def _frozen_left(year: int) -> Decimal:
    """What is left in the year's budget, exact until the transaction ends."""
    return ledger.freeze(account=books.budget(year)).available


def _smallest(year: int) -> Decimal:
    notice = selectors.notice_of_year(year)
    return notice.parsed.smallest_voucher if notice else Decimal(0)


def _suspend(year: int, kind: SuspensionKind, reason: str, by: Actor, left: Decimal) -> Suspension:
    suspension = Suspension(year=year, kind=kind, reason=reason, started_at=clock.now(), started_by=by.actor_id)
    facts = {"year": year, "kind": str(kind), "left": f"{left:.2f}"}
    evidence.record(suspension, act="suspend_signing", by=by, reason=reason, facts=facts)
    notifications.tell(
        organisation_ids=accounts.organisation_ids((*PARTIES, *OFFICES)),
        topic="signing_suspended",
        title=f"{year}年度服务券暂停签约",
        body=f"{sentence(reason)}按办法第二十一条暂停签订电子合同，已签合同不受影响，恢复后另行通知。",
        subject=suspension,
        must_read=True,
        data={"year": year, "left": f"{left:.2f}"},
    )
    return suspension


def _resume(suspension: Suspension, by: Actor, left: Decimal, *, reason: str) -> Suspension:
    suspension.end(by, clock.now())
    facts = {"year": suspension.year, "left": f"{left:.2f}"}
    evidence.record(suspension, act="resume_signing", by=by, reason=reason, facts=facts)
    notifications.tell(
        organisation_ids=accounts.organisation_ids((*PARTIES, *OFFICES)),
        topic="signing_resumed",
        title=f"{suspension.year}年度服务券恢复签约",
        body=f"{sentence(reason)}预算剩余{yuan(left)}，即日起恢复签订电子合同。",
        subject=suspension,
        must_read=True,
        data={"year": suspension.year, "left": f"{left:.2f}"},
    )
    return suspension
