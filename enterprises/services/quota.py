"""What an enterprise is granted: the first quota, mid-year changes, the new year's (第十条, 8-04 to 8-09).

Every change is one evidence record on the enterprise, one QuotaGrant that pins the notice's version, and
one entry in the ledger, in one transaction. The enterprise's row is locked first, then the ledger's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from credit import selectors as credit
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger_reads
from engines.ledger import services as ledger
from engines.ledger.selectors import Balance
from engines.notifications import services as notifications
from enterprises import explains, policies, selectors, tiering
from enterprises.models import Enterprise, QuotaGrant
from enterprises.states import GrantKind
from foundation import clock
from foundation.actors import Actor
from foundation.locking import lock, unit_of_work
from foundation.money import ZERO, yuan
from programmes import books
from programmes.models import Notice


def regrade(*, by: Actor, enterprise_id: UUID, day: date | None = None) -> QuotaGrant | None:
    """The quota of the year that runs agrees with the titles held on `day` (today).

    An upgrade is issued at once; a lost title takes back what is free and not covered, never what is
    used. Nothing is written when nothing changes, while no notice is in force, or before the year's
    first grant. Returns the change.
    """
    day = day or clock.today()
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        notice = selectors.notice_on(day)
        if notice is None or selectors.latest_grant(enterprise.pk, notice.year) is None:
            return None
        return bring_up_to_date(enterprise, by=by, day=day)


def take_back_excess(*, by: Actor, enterprise_id: UUID, year: int) -> Decimal:
    """What came free after a title was lost, and is no longer covered, is taken back (8-07). Returns it, in 元.

    Contracts call it before they hold quota, unless they know that all is covered; no lock when nothing is to
    be taken.
    """
    if not selectors.figures(enterprise_id, year).excess:
        return ZERO
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        grant = bring_up_to_date(enterprise, by=by, day=clock.today())
    return -grant.amount if grant else ZERO


def bring_up_to_date(
    enterprise: Enterprise, *, by: Actor, day: date, kind: GrantKind | None = None
) -> QuotaGrant | None:
    """The locked enterprise's quota is what its titles and decided adjustments earn under the notice of `day`.

    While a credit record keeps it out nothing more is granted (第二十七条): the night after the record's end does
    that. What is lost is taken back all the same.
    """
    notice = selectors.notice_on(day)
    if notice is None or not policies.may_start_contract(enterprise):
        return None
    grade = selectors.grade(enterprise, notice, day)
    entitled = tiering.entitlement(notice.parsed, grade.tier, selectors.adjusted(enterprise.pk, notice.year))
    last = selectors.latest_grant(enterprise.pk, notice.year)
    account = books.quota(enterprise.pk, notice.year)
    change = entitled if last is None else _change(entitled, ledger_reads.balance(account))
    if last is not None and last.quota == entitled and change == 0:
        return None
    if _rises(last, entitled, change) and credit.restriction(enterprise.uscc, day) is not None:
        return None
    # exact from here on: a hold in flight may have taken what was free a moment ago
    amount = _change(entitled, ledger.freeze(account=account))
    kind = kind or _kind(enterprise, last, entitled, amount)
    return _grant(enterprise, notice, grade, kind, entitled, amount, account, by=by)


def _change(entitled: Decimal, balance: Balance) -> Decimal:
    return tiering.difference(entitled, balance.issued, balance.available)


def awaits_renewal(enterprise: Enterprise, day: date) -> bool:
    """A new year's notice is in force, and the enterprise, granted in an earlier year, has nothing of it yet."""
    notice = selectors.notice_on(day)
    if notice is None or selectors.latest_grant(enterprise.pk, notice.year) is not None:
        return False
    return QuotaGrant.objects.filter(enterprise=enterprise, year__lt=notice.year).exists()


def _rises(last: QuotaGrant | None, entitled: Decimal, amount: Decimal) -> bool:
    return last is None or amount > 0 or (amount == 0 and entitled > last.quota)


def _kind(enterprise: Enterprise, last: QuotaGrant | None, entitled: Decimal, amount: Decimal) -> GrantKind:
    if last is None:
        earlier = QuotaGrant.objects.filter(enterprise=enterprise).exists()
        return GrantKind.RENEWAL if earlier else GrantKind.GRANT
    return GrantKind.UPGRADE if _rises(last, entitled, amount) else GrantKind.LOSS


def _grant(
    enterprise: Enterprise,
    notice: Notice,
    grade: tiering.Grade,
    kind: GrantKind,
    entitled: Decimal,
    amount: Decimal,
    account: int,
    *,
    by: Actor,
) -> QuotaGrant:
    facts = {
        "year": notice.year,
        "notice": notice.label,
        "tier": grade.tier.code,
        "winning_title": grade.winning_title,
        "quota": f"{entitled:.2f}",
        "amount": f"{amount:.2f}",
    }
    record = evidence.record(enterprise, act=f"quota_{kind}", by=by, reason=grade.why, facts=facts)
    grant = QuotaGrant(
        enterprise=enterprise,
        year=notice.year,
        notice=notice,
        kind=kind,
        tier_code=grade.tier.code,
        winning_title=grade.winning_title,
        quota=entitled,
        amount=amount,
        explanation=explains.tier(grade, notice).as_dict(),
        record=record,
        created_at=clock.now(),
    )
    grant.save(force_insert=True)
    if amount:
        ledger.issue(account=account, amount=amount, by=by, reference=f"grant:{grant.pk}", reason=grade.why)
    _tell(enterprise, grant)
    return grant


def _tell(enterprise: Enterprise, grant: QuotaGrant) -> None:
    notifications.tell(
        organisation_ids=[enterprise.organisation_id],
        topic="quota",
        title=f"{grant.year}年度额度：{yuan(grant.quota)}",
        body=f"{grant.get_kind_display()}，本次增减{grant.amount:+,.2f}元。{grant.explanation['inputs']['why']}",
        subject=enterprise,
    )
