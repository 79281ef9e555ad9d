"""A notice is drafted, approved by a second person, published, and never edited after: a change is a new revision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OFFICES, PARTIES
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, lock_all, unit_of_work
from foundation.models import next_number
from foundation.states import move
from programmes import policies
from programmes.models import Notice
from programmes.notice_file import Content
from programmes.states import NoticeState


def draft_notice(*, by: User, content: Content) -> Notice:
    """The first revision of the year's notice exists as a draft. Raises NOTICE_EXISTS when there is one already."""
    if not policies.may_draft_notice(by):
        raise not_allowed("起草年度通知")
    with unit_of_work():
        notice = _new_revision(by, content)
        if notice.revision > 1:
            raise Refused(
                "NOTICE_EXISTS",
                f"{content.year}年度的通知已起草，修改请在原通知上修订成新版。",
                year=content.year,
                kind=content.kind,
            )
        _record(notice, act="draft_notice", by=by)
    return notice


def revise_notice(*, by: User, notice_id: UUID, version: int, content: Content) -> Notice:
    """The next revision of the same year's notice exists as a draft; the one in force stays so until it is published.

    Raises NOTICE_OTHER_YEAR when the content is of another year or kind.
    """
    with unit_of_work():
        earlier = lock(Notice.objects.all(), notice_id, version=version)
        if not policies.may_draft_notice(by):
            raise not_allowed("修订年度通知")
        _check_same_year(earlier, content)
        notice = _new_revision(by, content)
        _record(notice, act="revise_notice", by=by, after=str(earlier.pk))
    return notice


def redraft_notice(*, by: User, notice_id: UUID, version: int, content: Content) -> Notice:
    """The draft says something else; whoever changed it is now its drafter and cannot approve it.

    Raises WRONG_STATE once it is no draft, NOTICE_OTHER_YEAR.
    """
    with unit_of_work():
        notice = lock(Notice.objects.all(), notice_id, version=version)
        if not policies.may_draft_notice(by):
            raise not_allowed("修改通知草稿")
        if notice.state != NoticeState.DRAFT:
            raise Refused(
                "WRONG_STATE",
                f"当前状态为“{notice.get_state_display()}”，不能修改，请修订成新版。",
                state=str(notice.state),
            )
        _check_same_year(notice, content)
        _fill(notice, by, content)
        _record(notice, act="redraft_notice", by=by)
    return notice


def approve_notice(*, by: User, notice_id: UUID, version: int, reason: str) -> Notice:
    """A second person stands for the notice (`reason`: the minutes or file number); it can no longer be edited."""
    with unit_of_work():
        notice = lock(Notice.objects.all(), notice_id, version=version)
        if not policies.may_approve_notice(by, notice):
            raise not_allowed("审定年度通知")
        move(notice, "approve", "审定通知")(by, clock.now())
        _record(notice, act="approve_notice", by=by, reason=reason)
    return notice


def publish_notice(*, by: User, notice_id: UUID, version: int, reason: str = "") -> Notice:
    """The notice is in force within its dates, and the earlier revision of the year no longer is.

    Parties and offices are told. Raises NOTICE_OUTDATED when a later revision has been published.
    """
    with unit_of_work():
        kind, year = _kind_and_year(notice_id)
        others = lock_all(Notice.objects.filter(kind=kind, year=year))  # all of the year, in one order
        notice = lock(Notice.objects.all(), notice_id, version=version)
        if not policies.may_publish_notice(by):
            raise not_allowed("发布年度通知")
        for earlier in (other for other in others if other.state == NoticeState.PUBLISHED):
            if earlier.revision >= notice.revision:
                raise Refused(
                    "NOTICE_OUTDATED",
                    f"第{earlier.revision}版已发布，不能再发布第{notice.revision}版。",
                    published=earlier.revision,
                )
            if notice.state == NoticeState.APPROVED:
                earlier.supersede()
                _record(earlier, act="supersede_notice", by=by, after=str(notice.pk))
        move(notice, "publish", "发布通知")(by, clock.now())
        _record(notice, act="publish_notice", by=by, reason=reason)
        notifications.tell(
            organisation_ids=accounts.organisation_ids((*PARTIES, *OFFICES)),
            topic="notice_published",
            title=f"{notice.year}年度服务券通知已发布",
            body=f"《{notice.title}》（{notice.label}）自{notice.valid_from}起施行，至{notice.valid_to}止。",
            subject=notice,
        )
    return notice


def _kind_and_year(notice_id: UUID) -> tuple[str, int]:
    row = Notice.objects.filter(pk=notice_id).values_list("kind", "year").first()
    return row or ("", 0)


def _new_revision(by: User, content: Content) -> Notice:
    notice = Notice(kind=content.kind, year=content.year, revision=next_number(f"notice-{content.kind}-{content.year}"))
    _fill(notice, by, content)
    return notice


def _fill(notice: Notice, by: User, content: Content) -> None:
    notice.doc_no = content.doc_no
    notice.title = content.title
    notice.issued_on = content.issued_on
    notice.valid_from = content.valid_from
    notice.valid_to = content.valid_to
    notice.rules = content.data
    notice.drafted_by = by


def _check_same_year(notice: Notice, content: Content) -> None:
    if (notice.kind, notice.year) != (content.kind, content.year):
        raise Invalid(
            "NOTICE_OTHER_YEAR",
            f"内容是{content.year}年度的，与所修订的{notice.year}年度通知不符。",
            year=content.year,
            expected=notice.year,
        )


def _record(notice: Notice, *, act: str, by: User, reason: str = "", after: str = "") -> None:
    facts: dict[str, Any] = {
        "notice": notice.label,
        "rules_sm3": chain.sm3(chain.canonical(notice.rules)),
        "valid_from": str(notice.valid_from),
        "valid_to": str(notice.valid_to),
    }
    if after:
        facts["other_revision"] = after
    evidence.record(notice, act=act, by=by, reason=reason, facts=facts)
