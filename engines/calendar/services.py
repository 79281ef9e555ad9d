"""Importing a year's arrangement."""

from __future__ import annotations

from django.db import IntegrityError

from engines.calendar.arrangement import Arrangement
from engines.calendar.models import CalendarDay, CalendarYear
from engines.evidence import services as evidence
from foundation.actors import Actor
from foundation.errors import Refused
from foundation.locking import unit_of_work


def import_year(*, by: Actor, arrangement: Arrangement, reason: str = "") -> CalendarYear:
    """From now on the year is counted by this arrangement; periods already counted keep their days.

    Importing what is in force already changes nothing and returns the row. Raises CALENDAR_BUSY when two import
    the same year at once.
    """
    with unit_of_work():
        last = CalendarYear.objects.filter(year=arrangement.year).order_by("-revision").first()
        if last is not None and _same(last, arrangement):
            return last
        row = CalendarYear(
            year=arrangement.year,
            revision=last.revision + 1 if last else 1,
            doc_no=arrangement.doc_no,
            title=arrangement.title,
            issued_on=arrangement.issued_on,
        )
        facts = {"year": row.year, "revision": row.revision, "doc_no": row.doc_no, "days": _days(arrangement)}
        try:
            evidence.record(row, act="import_calendar", by=by, reason=reason, facts=facts)
        except IntegrityError as error:
            if "calendar_revision_once" not in str(error):
                raise
            raise Refused(
                "CALENDAR_BUSY", f"{row.year}年的工作日历正由他人导入，请核对后再导入。", year=row.year
            ) from error
        CalendarDay.objects.bulk_create(
            CalendarDay(calendar=row, date=day, is_working=is_working, name=name)
            for days, is_working in ((arrangement.rest, False), (arrangement.work, True))
            for day, name in days.items()
        )
    return row


def _days(arrangement: Arrangement) -> dict[str, list[str]]:
    return {
        "rest": [day.isoformat() for day in sorted(arrangement.rest)],
        "work": [day.isoformat() for day in sorted(arrangement.work)],
    }


def _same(row: CalendarYear, arrangement: Arrangement) -> bool:
    known = {(day.date, day.is_working, day.name) for day in row.days.all()}
    wanted = {(day, False, name) for day, name in arrangement.rest.items()}
    wanted |= {(day, True, name) for day, name in arrangement.work.items()}
    return (row.doc_no, row.title, row.issued_on) == (
        arrangement.doc_no,
        arrangement.title,
        arrangement.issued_on,
    ) and known == wanted
