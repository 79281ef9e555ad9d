"""The offices hear once of each registration and each dispute whose last day is over (DOMAIN section 9)."""

from __future__ import annotations

from datetime import date

from accounts import selectors as accounts
from accounts.states import OrganisationKind
from engines.notifications import services as notifications
from enterprises.models import Enterprise, PassportDispute
from enterprises.states import CLOCKED, UNDECIDED, State


def late_registrations(day: date) -> list[Enterprise]:
    """Those that 促进中心 should have checked or confirmed before `day`."""
    with_office = sorted(CLOCKED - {State.RETURNED})
    return list(Enterprise.objects.filter(state__in=with_office, due_on__lt=day).order_by("pk"))


def late_disputes(day: date) -> list[PassportDispute]:
    """Those that should have been answered before `day`."""
    rows = PassportDispute.objects.filter(state__in=sorted(UNDECIDED), due_on__lt=day)
    return list(rows.select_related("enterprise").order_by("pk"))


def warn_of_registration(enterprise: Enterprise) -> bool:
    """促进中心 is told; whether it was this time."""
    return _warn(
        f"enterprise:{enterprise.pk}:{enterprise.due_on}",
        "enterprise.overdue",
        f"企业资格审核逾期：{enterprise.name}",
        f"{enterprise.name}（{enterprise.get_state_display()}）的注册应于{enterprise.due_on}前审核完毕，请尽快办理。",
        enterprise,
    )


def warn_of_dispute(dispute: PassportDispute) -> bool:
    """促进中心 is told; whether it was this time."""
    return _warn(
        f"passport-dispute:{dispute.pk}:{dispute.due_on}",
        "enterprise.dispute_overdue",
        f"划型异议办理逾期：{dispute.enterprise.name}",
        f"{dispute.enterprise.name}的划型异议（{dispute.get_state_display()}）应于{dispute.due_on}前答复，请尽快办理。",
        dispute,
    )


def _warn(once: str, topic: str, title: str, body: str, subject: Enterprise | PassportDispute) -> bool:
    return notifications.tell_once(
        once=once,
        organisation_ids=accounts.organisation_ids([OrganisationKind.CENTRE]),
        topic=topic,
        title=title,
        body=body,
        subject=subject,
    )
