"""The figures that explain themselves, read for one enterprise as it stands now; for the API and the pages."""

from __future__ import annotations

from uuid import UUID

from enterprises import explains, selectors
from enterprises.models import Enterprise
from enterprises.tiering import entitlement
from foundation import clock
from foundation.explain import Explanation
from programmes import selectors as programmes


def tier_today(enterprise: Enterprise) -> Explanation:
    """Why this tier today, and what is in the way of its quota. Raises NOTICE_NOT_PUBLISHED."""
    today = clock.today()
    notice = programmes.current_notice(today)
    grade = selectors.grade(enterprise, notice, today)
    entitled = entitlement(notice.parsed, grade.tier, selectors.adjusted(enterprise.pk, notice.year))
    granted = selectors.figures(enterprise.pk, notice.year)
    return explains.tier(grade, notice, selectors.obstacles(enterprise, today, granted=granted, entitled=entitled))


def tier_shown(shown: selectors.Shown) -> Explanation:
    """The same of a passport that was read already."""
    return explains.tier(shown.grade, shown.notice, shown.obstacles)


def quota_of_year(enterprise_id: UUID, year: int) -> Explanation:
    """Why so much is left of the year's quota. Raises NOTICE_NOT_PUBLISHED where no notice stands behind the year."""
    rows = list(selectors.grants(enterprise_id).filter(year=year))
    notice = rows[0].notice if rows else programmes.current_notice(clock.today())
    changes = [
        {"kind": row.kind, "amount": f"{row.amount:.2f}", "quota": f"{row.quota:.2f}", "at": row.created_at.isoformat()}
        for row in reversed(rows)
    ]
    return explains.quota(selectors.figures(enterprise_id, year), notice, changes)
