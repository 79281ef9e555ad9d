"""A round from its plan to its end (第九条, 第十六条; DOMAIN section 4, row 6)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts import selectors as people
from accounts.models import User
from accounts.states import OrganisationKind, Role
from accreditation import policies, states
from accreditation.models import Application, Round
from accreditation.services.common import ROWS, lock_round
from accreditation.states import ApplicationState, RoundState
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock_all, unit_of_work
from foundation.models import next_number
from foundation.states import move
from programmes import selectors as programmes
from programmes.deadlines import last_day
from programmes.models import Notice

_STEPS = {
    RoundState.CLOSED: ("begin_review", "开始评审"),
    RoundState.REVIEWING: ("be_decided", "转为已审定"),
    RoundState.DECIDED: ("be_shown", "转为公示中"),
    RoundState.PUBLICITY: ("be_listed", "转为已纳入名单"),
}
_LINE = (RoundState.CLOSED, RoundState.REVIEWING, RoundState.DECIDED, RoundState.PUBLICITY, RoundState.LISTED)
_PENDING = states.BEFORE_SCORE | {ApplicationState.SCORED, ApplicationState.RECOMMENDED}
_STARTED = frozenset({ApplicationState.EXPERT_REVIEW, ApplicationState.SCORED, ApplicationState.RECOMMENDED})
_SHOWN = frozenset({ApplicationState.PUBLICITY, ApplicationState.OBJECTION_HOLD})


def create(
    *,
    by: User,
    year: int,
    kind: str,
    title: str,
    opens_on: date,
    closes_on: date,
    provider_seats: int | None = None,
    product_seats: int | None = None,
    notice_file: UUID | None = None,
) -> Round:
    """A round is planned for the service year, pinned to its notice, or to the latest when its own is not out yet.

    Raises YEAR_OUT_OF_RANGE, ROUND_DAYS, NOTICE_NOT_PUBLISHED, NOT_FOUND for a file the caller cannot read.
    """
    if not policies.may_plan_round(by):
        raise not_allowed("拟定征集批次", Role.CENTRE_CHECKER)
    _check_days(year, opens_on, closes_on)
    with unit_of_work():
        notice = _notice(year)
        seq = next_number(f"accreditation-{year}")
        row = Round(
            year=year,
            seq=seq,
            number=f"ZJ-{year}-{seq:02d}",
            kind=kind,
            title=title,
            opens_on=opens_on,
            closes_on=closes_on,
            provider_seats=provider_seats,
            product_seats=product_seats,
            notice=notice,
            notice_file=_file(by, notice_file),
            created_by=by,
        )
        facts = {
            "title": title,
            "kind": str(kind),
            "notice": notice.label,
            "opens_on": str(opens_on),
            "closes_on": str(closes_on),
            "provider_seats": provider_seats,
            "product_seats": product_seats,
            "file_sm3": row.notice_file.sm3 if row.notice_file else "",
        }
        evidence.record(row, act="create", by=by, facts=facts)
    return row


def review(*, by: User, round_id: UUID, version: int, note: str = "") -> Round:
    """促进中心复核 agrees with the plan."""
    with unit_of_work():
        row = _planned(round_id, version, "复核征集批次")
        if not policies.may_review_round(by, row):
            raise not_allowed("复核征集批次（拟定人不得复核）", Role.CENTRE_REVIEWER)
        if row.reviewed_at is not None:
            raise Refused("ROUND_REVIEWED", f"征集批次{row.number}已复核，请由厅审定。")
        row.reviewed_by, row.reviewed_at = by, clock.now()
        evidence.record(row, act="review", by=by, reason=note, facts={"stage": policies.REVIEW})
    return row


def approve(*, by: User, round_id: UUID, version: int, approval_no: str) -> Round:
    """厅审定 decides, under its document number, that the round be held. Raises ROUND_NOT_REVIEWED."""
    with unit_of_work():
        row = _planned(round_id, version, "审定征集批次")
        if not policies.may_approve_round(by, row):
            raise not_allowed("审定征集批次（拟定、复核人不得审定）", Role.APPROVER)
        if row.reviewed_at is None:
            raise Refused("ROUND_NOT_REVIEWED", f"征集批次{row.number}尚未复核，请先由促进中心复核。")
        if row.approved_at is not None:
            raise Refused("ROUND_APPROVED", f"征集批次{row.number}已审定（{row.approval_no}），请由处室发布。")
        row.approved_by, row.approved_at, row.approval_no = by, clock.now(), approval_no
        evidence.record(row, act="approve", by=by, reason=approval_no, facts={"stage": policies.DECIDE})
    return row


def publish(*, by: User, round_id: UUID, version: int) -> Round:
    """Called for in public: applications are taken from `opens_on` to `closes_on`.

    Raises ROUND_NOT_APPROVED, ROUND_OVER, CALENDAR_MISSING for a year in which a check would be due.
    """
    with unit_of_work():
        row = lock_round(round_id, version)
        if not policies.may_publish_round(by):
            raise not_allowed("发布征集批次", Role.DEPARTMENT)
        move(row, "publish", "发布征集批次")(by, clock.now())
        if row.approved_at is None:
            raise Refused("ROUND_NOT_APPROVED", f"征集批次{row.number}尚未审定，请先由促进中心复核、厅审定。")
        if clock.today() > row.closes_on:
            raise Refused("ROUND_OVER", f"截止日期{row.closes_on}已过，不能再发布，请取消后重新拟定。")
        # Who submits on the last day is told until when it is checked: a missing calendar is found now, not by him.
        last_day(row.notice.parsed.limit("application_check"), row.closes_on)
        evidence.record(row, act="publish", by=by)
        notifications.tell(
            organisation_ids=people.organisation_ids([OrganisationKind.PROVIDER]),
            topic="accreditation",
            title=f"征集{row.get_kind_display()}",
            body=f"{row.title}（{row.number}）：{row.opens_on}至{row.closes_on}受理申报。",
            subject=row,
        )
    return row


def cancel(*, by: User, round_id: UUID, version: int, reason: str) -> Round:
    """Not held; nothing was published."""
    with unit_of_work():
        row = lock_round(round_id, version)
        if not policies.may_publish_round(by):
            raise not_allowed("取消征集批次", Role.DEPARTMENT)
        move(row, "cancel", "取消征集批次")(reason)
        evidence.record(row, act="cancel", by=by, reason=reason)
    return row


def close(*, by: Actor, round_id: UUID, day: date, version: int | None = None) -> Round | None:
    """The last day is before `day`: no more applications; drafts nobody submitted are over.

    None when there was nothing to close. An officer's `version` makes it his act: raises ROUND_STILL_OPEN.
    """
    with unit_of_work():
        row = lock_round(round_id, version)
        if isinstance(by, User) and not policies.may_close_round(by):
            raise not_allowed("截止征集", Role.CENTRE_CHECKER, Role.DEPARTMENT)
        if row.state != RoundState.OPEN or row.closes_on >= day:
            if version is None:
                return None
            if row.state == RoundState.OPEN:
                raise Refused(
                    "ROUND_STILL_OPEN", f"征集至{row.closes_on}截止，次日起方可办理。", until=str(row.closes_on)
                )
        move(row, "close", "截止征集")()
        evidence.record(row, act="close", by=by, facts={"closes_on": str(row.closes_on)})
        drafts = ROWS.filter(round=row, state=ApplicationState.DRAFT)
        for application in lock_all(drafts):
            reason = f"征集于{row.closes_on}截止，未提交。"
            move(application, "withdraw", "撤回")(reason)
            evidence.record(application, act="lapse", by=by, reason=reason)
        follow(row, by)
    return row


def end(*, by: Actor, round_id: UUID, version: int | None = None) -> Round:
    """Nothing more is done in it. Raises APPLICATIONS_PENDING while a case is under way."""
    with unit_of_work():
        row = lock_round(round_id, version)
        if isinstance(by, User) and not policies.may_publish_round(by):
            raise not_allowed("办结征集批次", Role.DEPARTMENT)
        move(row, "end", "办结征集批次")()
        require_none_pending(row, None, states.LIVE, "办结征集批次")
        evidence.record(row, act="end", by=by)
    return row


def follow(row: Round, by: Actor) -> None:
    """The locked round stands where the slowest of its applications stands."""
    if row.state not in _LINE:
        return
    goal = _goal(row)
    if goal == RoundState.DECIDED and row.state == RoundState.PUBLICITY:
        move(row, "be_taken_back", "退回已审定")()
        evidence.record(row, act="be_taken_back", by=by)
    while goal in _LINE and _LINE.index(RoundState(row.state)) < _LINE.index(goal):
        act, what = _STEPS[RoundState(row.state)]
        move(row, act, what)()
        evidence.record(row, act=act, by=by)
    if goal == RoundState.ENDED:
        if row.state == RoundState.PUBLICITY:
            move(row, "be_listed", "转为已纳入名单")()
            evidence.record(row, act="be_listed", by=by)
        move(row, "end", "办结征集批次")()
        evidence.record(row, act="end", by=by)


def require_none_pending(row: Round, kind: str | None, wanted: frozenset[ApplicationState], what: str) -> None:
    """No application of the round is still in one of these states. Raises APPLICATIONS_PENDING naming them."""
    rows = Application.objects.filter(round=row, state__in=sorted(wanted))
    if kind is not None:
        rows = rows.filter(kind=kind)
    waiting = list(rows.order_by("number")[:50])
    if waiting:
        listed = "、".join(f"{one.number}（{one.get_state_display()}）" for one in waiting)
        raise Refused(
            "APPLICATIONS_PENDING",
            f"还有{len(waiting)}项申请未办结，不能{what}：{listed}。",
            applications=[one.number for one in waiting],
        )


def _goal(row: Round) -> RoundState:
    found = set(Application.objects.filter(round=row).values_list("state", flat=True).distinct())
    if found & _PENDING:
        return RoundState.REVIEWING if found & _STARTED else RoundState(row.state)
    if ApplicationState.APPROVED in found:
        return RoundState.DECIDED
    if found & _SHOWN:
        return RoundState.PUBLICITY
    return RoundState.LISTED if ApplicationState.LISTED in found else RoundState.ENDED


def _planned(round_id: UUID, version: int, what: str) -> Round:
    row = lock_round(round_id, version)
    if row.state != RoundState.PLANNED:
        raise wrong_state(what, row.state, row.get_state_display())
    return row


def _check_days(year: int, opens_on: date, closes_on: date) -> None:
    today = clock.today()
    if year not in (today.year, today.year + 1):
        raise Invalid("YEAR_OUT_OF_RANGE", f"只能征集{today.year}或{today.year + 1}服务年度，现为{year}。", year=year)
    if closes_on < opens_on or closes_on < today:
        raise Invalid(
            "ROUND_DAYS",
            f"截止申报日期须不早于开始日期和今天（{today}），现为{opens_on}至{closes_on}。",
            opens_on=str(opens_on),
            closes_on=str(closes_on),
        )
    if closes_on > date(year, 12, 31):
        raise Invalid(
            "ROUND_DAYS", f"截止申报日期须在{year}服务年度结束之前，现为{closes_on}。", closes_on=str(closes_on)
        )


def _notice(year: int) -> Notice:
    return programmes.notice_of_year(year) or programmes.latest_notice(clock.today())


def _file(by: User, file_id: UUID | None) -> StoredFile | None:
    if file_id is None:
        return None
    found = people.visible_files(by).filter(pk=file_id).first()
    if found is None:
        raise not_found("文件")
    return found
