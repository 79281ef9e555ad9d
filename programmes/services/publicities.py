"""公示 as the upper rooms and the office use it: the notice's period and clocks, the office's contact, the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from accounts.models import User
from engines.publicity import services as engine
from engines.publicity.models import Publicity
from engines.publicity.services import Clock, Contact, Entry, Terms
from foundation.errors import Refused, not_allowed
from programmes import policies, publicity
from programmes.models import Notice
from programmes.rules import Rules

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
    publicity.check_decided(first, decided)
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


def _clock(rules: Rules, code: str) -> Clock:
    limit = rules.limit(code)
    return Clock(limit.length, limit.unit)
