"""What waits for whom: the policies of this room and its states, asked of all rows at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.states import Role
from credit.models import Complaint, CreditRecord
from credit.states import ComplaintState, RecordState


def complaints_to_accept(user: User) -> models.QuerySet[Complaint]:
    """Filed: 促进中心经办 accepts or refuses (`may_accept`)."""
    if not user.has(Role.CENTRE_CHECKER):
        return Complaint.objects.none()
    return Complaint.objects.filter(state=ComplaintState.FILED)


def complaints_to_investigate(user: User) -> models.QuerySet[Complaint]:
    """Accepted by another person: 促进中心复核 investigates (`may_investigate`)."""
    if not user.has(Role.CENTRE_REVIEWER):
        return Complaint.objects.none()
    return Complaint.objects.filter(state=ComplaintState.ACCEPTED).exclude(accepted_by=user.pk)


def complaints_to_decide(user: User) -> models.QuerySet[Complaint]:
    """Investigated, with no part of his in it: 厅职能处室 decides (`may_decide`)."""
    if not user.has(Role.DEPARTMENT):
        return Complaint.objects.none()
    took_part = Q(accepted_by=user.pk) | Q(investigated_by=user.pk)
    return Complaint.objects.filter(state=ComplaintState.INVESTIGATED).exclude(took_part)


def records_to_review(user: User) -> models.QuerySet[CreditRecord]:
    """Proposed by another person: 促进中心复核 reviews (`may_review_record`)."""
    if not user.has(Role.CENTRE_REVIEWER):
        return CreditRecord.objects.none()
    return CreditRecord.objects.filter(state=RecordState.PROPOSED).exclude(proposed_by=user.pk)


def records_to_decide(user: User) -> models.QuerySet[CreditRecord]:
    """Reviewed, with no part of his in it: 厅职能处室 decides (`may_decide_record`)."""
    if not user.has(Role.DEPARTMENT):
        return CreditRecord.objects.none()
    took_part = Q(proposed_by=user.pk) | Q(reviewed_by=user.pk)
    return CreditRecord.objects.filter(state=RecordState.REVIEWED).exclude(took_part)


def repairs_to_decide(user: User) -> models.QuerySet[CreditRecord]:
    """The party asks to be repaired: 厅职能处室, with no part in the record (`may_end_record`)."""
    if not user.has(Role.DEPARTMENT):
        return CreditRecord.objects.none()
    made_it = Q(proposed_by=user.pk) | Q(reviewed_by=user.pk) | Q(decided_by=user.pk)
    return CreditRecord.objects.filter(state=RecordState.REPAIR_APPLIED).exclude(made_it)
