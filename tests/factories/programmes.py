"""A programme year for tests: its notice published, its budget entered."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from accounts.states import Role
from programmes import notice_file, services
from programmes.models import Appropriation, Notice
from programmes.notice_file import Content
from programmes.selectors import notice_of_year
from programmes.states import AppropriationKind, AppropriationState, NoticeState
from tests.factories.accounts import officer

_numbers = itertools.count(1)


def make_content(year: int, **fields: Any) -> Content:
    """The 办法's own figures for the whole of `year`."""
    period = {"year": year, "valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31)}
    read = _read_once()
    return replace(read, **{"data": deepcopy(read.data), **period, **fields})


@cache
def _read_once() -> Content:
    """Reading the file was a tenth of the whole suite's time."""
    return notice_file.shipped("general-2026")


def make_notice(year: int = 2026, *, state: str = NoticeState.PUBLISHED, content: Content | None = None) -> Notice:
    """The first revision of the year's notice, brought to `state` (draft, approved or published)."""
    return _bring(services.draft_notice(by=officer(Role.DEPARTMENT), content=content or make_content(year)), state)


def publish_revision(year: int, *, state: str = NoticeState.PUBLISHED, content: Content | None = None) -> Notice:
    """A later revision of the published notice, brought to `state`; when published it takes the earlier's place."""
    earlier = notice_of_year(year)
    assert earlier is not None
    revision = services.revise_notice(
        by=officer(Role.DEPARTMENT),
        notice_id=earlier.pk,
        version=earlier.version,
        content=content or make_content(year),
    )
    return _bring(revision, state)


def _bring(notice: Notice, state: str) -> Notice:
    if state in (NoticeState.APPROVED, NoticeState.PUBLISHED):
        notice = services.approve_notice(
            by=officer(Role.APPROVER), notice_id=notice.pk, version=notice.version, reason="测试厅务会纪要"
        )
    if state == NoticeState.PUBLISHED:
        notice = services.publish_notice(by=officer(Role.DEPARTMENT), notice_id=notice.pk, version=notice.version)
    return notice


def appropriate(
    year: int,
    amount: str | Decimal,
    *,
    state: str = AppropriationState.CONFIRMED,
    kind: str = AppropriationKind.APPROPRIATION,
) -> Appropriation:
    """A budget document, entered in the ledger unless `state` says that it waits."""
    row = services.record_appropriation(
        by=officer(Role.DEPARTMENT),
        year=year,
        source_doc_no=f"桂财测〔{year}〕{next(_numbers)}号",
        amount=Decimal(amount),
        kind=kind,
    )
    if state != AppropriationState.CONFIRMED:
        return row
    return services.confirm_appropriation(by=officer(Role.FINANCE), appropriation_id=row.pk, version=row.version)


def open_year(year: int, *, budget: Decimal | str | None = None) -> Notice:
    """The year's published notice; with `budget`, the year has that appropriation unless it has one already."""
    notice = notice_of_year(year) or make_notice(year)
    if budget is not None and not Appropriation.objects.filter(year=year).exists():
        appropriate(year, budget)
    return notice
