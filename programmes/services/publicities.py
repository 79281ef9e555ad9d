"""公示 as the upper rooms and the office use it: the notice's period and clocks, the office's contact, the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OrganisationKind
from engines.notifications import services as notifications
from engines.publicity import services as engine
from engines.publicity.models import Objection, Publicity
from engines.publicity.selectors import Owed
from engines.publicity.services import Clock, Contact, Entry, Terms
from engines.publicity.states import OBJECTION_PENDING, ObjectionState
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import unit_of_work
from programmes import policies
from programmes.models import Notice
from programmes.rules import Rules

AHEAD = 3  # days: how long before its last day a step is called to mind; a courtesy, no limit of the regulation
# the engine's clock -> the notice's limit (8-39)
CLOCKS = {
    "accept": "objection_accept",
    "result": "objection_result",
    "longest": "objection_longest",
    "review_ask": "appeal",
    "review": "appeal_result",
}
CONTACT_SETTINGS = {
    "office": "PUBLICITY_OFFICE",
    "address": "PUBLICITY_ADDRESS",
    "phone": "PUBLICITY_PHONE",
    "mailbox": "PUBLICITY_MAILBOX",
}


def open_period(
    *,
    by: User,
    kind: str,
    notice: Notice,
    title: str,
    reference: str,
    first: date,
    last: date | None,
    decided: date,
    entries: Sequence[Entry],
    contact: Contact | None = None,
    restarts: Publicity | None = None,
) -> Publicity:
    """The list decided on `decided` is frozen and shown by the rules of `notice`.

    Without `last` it ends on the earliest lawful day; without `contact` the office of the settings is named.
    Raises CONTACT_MISSING, PUBLICITY_BEFORE_DECISION and what the engine's `open_period` raises.
    """
    if not policies.may_publish_list(by):
        raise not_allowed("公示名单")
    _check_decided(first, decided)
    return engine.open_period(
        by=by,
        kind=kind,
        title=title,
        reference=reference,
        terms=terms(notice),
        first=first,
        last=last,
        entries=entries,
        contact=contact or office_contact(),
        restarts=restarts,
    )


def close_period(*, by: User, publicity_id: UUID, version: int) -> Publicity:
    """The period is over, and an officer has looked at what came in. Raises PUBLICITY_NOT_OVER."""
    if not policies.may_publish_list(by):
        raise not_allowed("登记公示期满")
    return engine.close_period(by=by, publicity_id=publicity_id, version=version)


def withdraw(*, by: User, publicity_id: UUID, version: int, reason: str) -> Publicity:
    """The list is void; its room may show a corrected one for the full time."""
    if not policies.may_publish_list(by):
        raise not_allowed("撤回公示名单")
    return engine.withdraw(by=by, publicity_id=publicity_id, version=version, reason=reason)


def remind_of_end(*, publicity: Publicity) -> bool:
    """The 处室 knows that the period is over and waits to be closed; told once. Whether it was told now."""
    with unit_of_work():
        new = engine.remind_once(subject_id=publicity.pk, what="ended", due=publicity.last)
        if new:
            waiting = Objection.objects.filter(item__publicity=publicity, state__in=sorted(OBJECTION_PENDING)).count()
            notifications.tell(
                organisation_ids=accounts.organisation_ids([OrganisationKind.DEPARTMENT]),
                topic="publicity.ended",
                title=f"公示已期满：{publicity.title}",
                body=f"“{publicity}”已于{publicity.last}期满，未办结的异议{waiting}件，请核对后登记期满。",
                subject=publicity,
            )
    return new


def remind_of_due(*, owed: Owed) -> bool:
    """The office that has the next step knows that it is due soon, and again that it is late; told once each."""
    office = OrganisationKind.CENTRE if owed.state == ObjectionState.FILED else OrganisationKind.DEPARTMENT
    with unit_of_work():
        what = f"{'late' if owed.is_late else 'soon'}:{owed.state}"
        new = engine.remind_once(subject_id=owed.objection_id, what=what, due=owed.due)
        if new:
            said = "已超过办理期限" if owed.is_late else "办理期限将至"
            notifications.tell(
                organisation_ids=accounts.organisation_ids([office]),
                topic="objection.due",
                title=f"公示异议{said}：{owed.number}",
                body=f"异议{owed.number}（{owed.state.label}）的办理期限为{owed.due}，请尽快办理。",
            )
    return new


def terms(notice: Notice) -> Terms:
    """The notice's figures in the engine's words."""
    rules = notice.parsed
    return Terms(
        basis=notice.label,
        days=rules.publicity_days,
        counts_first_day=rules.publicity_counts_first_day,
        **{name: _clock(rules, code) for name, code in CLOCKS.items()},
    )


def office_contact() -> Contact:
    """Whom people may call or write to. Raises CONTACT_MISSING naming the settings that are empty."""
    given = {name: str(getattr(settings, setting)) for name, setting in CONTACT_SETTINGS.items()}
    missing = [CONTACT_SETTINGS[name] for name, value in given.items() if not value]
    if missing:
        raise Refused(
            "CONTACT_MISSING",
            f"公示须列明办公室、地址、电话和信箱，请先由运维设置 {'、'.join(missing)}。",
            missing=missing,
        )
    return Contact(**given)


def _check_decided(first: date, decided: date) -> None:
    if first < decided:
        raise Invalid("PUBLICITY_BEFORE_DECISION", f"公示须在审定（{decided}）之后，现开始日期为{first}。")


def _clock(rules: Rules, code: str) -> Clock:
    limit = rules.limit(code)
    return Clock(limit.length, limit.unit)
