"""The office whose turn it is hears once of each application whose formal check is late (DOMAIN section 9)."""

from __future__ import annotations

from datetime import date

from accounts import selectors as accounts
from accounts.states import OrganisationKind
from accreditation.models import Application
from accreditation.states import ApplicationState
from engines.notifications import services as notifications

OFFICE_OF = {
    ApplicationState.SUBMITTED: OrganisationKind.CENTRE,
    ApplicationState.FORMAL_CHECK: OrganisationKind.DEPARTMENT,
}


def late(day: date) -> list[Application]:
    """Those that should have been checked and accepted, returned or turned away before `day`."""
    return list(Application.objects.filter(state__in=sorted(OFFICE_OF), check_due__lt=day).order_by("pk"))


def warn(application: Application) -> bool:
    """The office is told; whether it was this time."""
    return notifications.tell_once(
        once=f"application:{application.pk}:{application.state}:{application.check_due}",
        organisation_ids=accounts.organisation_ids([OFFICE_OF[ApplicationState(application.state)]]),
        topic="accreditation.overdue",
        title=f"认定申请审查逾期：{application.number}",
        body=f"申请{application.number}（{application.get_state_display()}）应于{application.check_due}前审查完毕，请尽快办理。",
        subject=application,
    )
