"""The clocks of a complaint: the office whose turn it is hears that a last day comes near, and that it is over (8-39)."""

from __future__ import annotations

from datetime import date, timedelta

from accounts import selectors as accounts
from accounts.states import OrganisationKind
from credit.models import Complaint
from credit.states import COMPLAINT_OPEN, ComplaintState
from engines.notifications import services as notifications

AHEAD = 3  # days: how long before its last day a step is called to mind; a courtesy, no limit of the regulation
OFFICE_OF = {
    ComplaintState.FILED: OrganisationKind.CENTRE,
    ComplaintState.ACCEPTED: OrganisationKind.CENTRE,
    ComplaintState.INVESTIGATED: OrganisationKind.DEPARTMENT,
}


def due_by(day: date) -> list[Complaint]:
    """Complaints under way whose step has its last day before `day`, or at most AHEAD days after it."""
    near = day + timedelta(days=AHEAD)
    rows = Complaint.objects.filter(state__in=sorted(COMPLAINT_OPEN))
    filed = rows.filter(state=ComplaintState.FILED, accept_due__lte=near)
    return list((filed | rows.exclude(state=ComplaintState.FILED).filter(result_due__lte=near)).order_by("pk"))


def remind(complaint: Complaint, day: date) -> bool:
    """Told once near the last day and once when it is over, anew when the answer was put off. Whether it was now."""
    due = complaint.accept_due if complaint.state == ComplaintState.FILED else complaint.result_due
    late = due is not None and due < day
    what = "作出是否受理的决定" if complaint.state == ComplaintState.FILED else "答复投诉单位"
    return notifications.tell_once(
        once=f"complaint:{complaint.pk}:{complaint.state}:{due}:{'late' if late else 'soon'}",
        organisation_ids=accounts.organisation_ids([OFFICE_OF[ComplaintState(complaint.state)]]),
        topic="complaint.due",
        title=f"投诉{'已超过办理期限' if late else '办理期限将至'}：{complaint.number}",
        body=f"投诉{complaint.number}（{complaint.get_state_display()}）应于{due}前{what}，请尽快办理。",
        subject=complaint,
    )
