"""Importing a year, correcting it, and what is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from engines.calendar import selectors, services
from engines.calendar.arrangement import Arrangement, shipped
from engines.calendar.models import CalendarDay, CalendarYear
from engines.evidence.selectors import of_subject
from foundation.errors import DomainError, Refused
from tests.factories.accounts import TESTER

pytestmark = pytest.mark.django_db
NEW = Arrangement(
    2027,
    "国办发明电〔2026〕9号",
    "国务院办公厅关于2027年部分节假日安排的通知",
    date(2026, 11, 3),
    {date(2027, 1, 1): "元旦"},
    {date(2027, 1, 3): "元旦"},
)


def test_a_missing_year_says_what_to_import() -> None:
    with pytest.raises(Refused) as caught:
        selectors.last_day(date(2026, 12, 28), 5, counts_first=True)
    assert caught.value.code == "CALENDAR_MISSING"
    assert "2027年的工作日历尚未导入" in caught.value.message
    assert caught.value.details == {"year": 2027}


def test_an_imported_year_is_counted_over() -> None:
    row = services.import_year(by=TESTER, arrangement=NEW)
    assert selectors.last_day(date(2026, 12, 28), 5, counts_first=True) == date(2027, 1, 3)
    assert selectors.years() == [2025, 2026, 2027]
    assert selectors.of_year(2027) == NEW
    record = of_subject(row).last()
    assert record is not None
    assert (record.act, record.facts["days"]) == ("import_calendar", {"rest": ["2027-01-01"], "work": ["2027-01-03"]})


def test_a_correction_is_a_later_revision_and_what_is_shipped_may_be_corrected() -> None:
    corrected = replace(shipped(2026), rest={**shipped(2026).rest, date(2026, 12, 31): "临时放假"})
    services.import_year(by=TESTER, arrangement=corrected, reason="国务院临时通知")
    assert not selectors.is_working_day(date(2026, 12, 31))
    again = services.import_year(by=TESTER, arrangement=shipped(2026), reason="撤销")
    assert again.revision == 2
    assert selectors.is_working_day(date(2026, 12, 31))


def test_the_same_again_changes_nothing() -> None:
    first = services.import_year(by=TESTER, arrangement=NEW)
    assert services.import_year(by=TESTER, arrangement=NEW) == first
    assert CalendarYear.objects.count() == 1


def test_a_computation_keeps_what_it_counted_by() -> None:
    services.import_year(by=TESTER, arrangement=NEW)
    years = selectors.InForce()
    years.of(date(2026, 3, 2))
    years.of(date(2027, 3, 2))
    assert years.versions == {2026: "2026/0 国办发明电〔2025〕7号", 2027: "2027/1 国办发明电〔2026〕9号"}


def test_imported_days_are_never_altered() -> None:
    services.import_year(by=TESTER, arrangement=NEW)
    with pytest.raises(DatabaseError, match="Cannot update"):
        CalendarDay.objects.update(is_working=True)


def test_an_import_is_never_altered() -> None:
    services.import_year(by=TESTER, arrangement=NEW)
    with pytest.raises(DatabaseError, match="Cannot update"):
        CalendarYear.objects.update(doc_no="别的文号")


@pytest.mark.django_db(transaction=True)
def test_two_who_import_at_once_make_one_revision() -> None:
    gate, ends = Barrier(2), []

    def act() -> None:
        gate.wait()
        try:
            services.import_year(by=TESTER, arrangement=NEW)
            ends.append("done")
        except DomainError as error:
            ends.append(error.code)
        finally:
            connections.close_all()

    threads = [Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(ends) <= {"done", "CALENDAR_BUSY"}
    assert CalendarYear.objects.count() == 1


def test_the_command_imports_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(
        "year: 2027\ndoc_no: 国办发明电〔2026〕9号\ntitle: 安排\nissued_on: 2026-11-03\n"
        "holidays:\n  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}\n"
    )
    call_command("load_calendar", str(file))
    assert capsys.readouterr().out == "2027年第1版（国办发明电〔2026〕9号）：放假3天，调休上班0天。\n"
    file.write_text("year: 2027")
    with pytest.raises(CommandError, match="缺少 doc_no"):
        call_command("load_calendar", str(file))
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("load_calendar", str(tmp_path / "nowhere"))
    assert CalendarYear.objects.count() == 1
