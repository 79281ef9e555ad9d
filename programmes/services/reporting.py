"""The quarterly report of the special fund is called to mind (统筹支持工业振兴专项资金管理办法 第二十四条)."""

from __future__ import annotations

from datetime import date

from accounts import selectors as accounts
from accounts.states import OrganisationKind
from engines.notifications import services as notifications

# Z24 itself, another regulation than the one whose figures the annual notice holds: by the 15th of each quarter's
# first month.
LAST_DAY = 15


def remind_of_report(day: date) -> bool:
    """厅职能处室 knows, once a quarter, until when the report on the quarter before is due. Whether it was told now."""
    if day.month % 3 != 1 or day.day > LAST_DAY:
        return False
    year, quarter = (day.year, day.month // 3) if day.month > 1 else (day.year - 1, 4)
    due = day.replace(day=LAST_DAY)
    return notifications.tell_once(
        once=f"quarterly-report:{year}:{quarter}",
        organisation_ids=accounts.organisation_ids([OrganisationKind.DEPARTMENT]),
        topic="quarterly_report",
        title=f"{year}年第{quarter}季度专项资金情况报告",
        body=f"请于{due}前报送{year}年第{quarter}季度专项资金使用情况（专项资金管理办法第二十四条）。",
    )
