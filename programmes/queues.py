"""What waits for whom among 公示, objections, notices and budget entries: this room's policies, asked of all rows."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as trail
from engines.evidence.selectors import took_no_other
from engines.publicity import selectors as publicity
from engines.publicity.models import Objection, Publicity
from engines.publicity.states import ACCEPT, DECIDE, INVESTIGATE, REVIEW
from engines.publicity.states import ObjectionState as S
from foundation import clock
from programmes.models import Appropriation, Notice, TargetSet
from programmes.states import AppropriationState, NoticeState, TargetState


def notices_to_approve(user: User) -> models.QuerySet[Notice]:
    """Drafted by another person: 厅审定 (`may_approve_notice`)."""
    rows = Notice.objects.filter(state=NoticeState.DRAFT).exclude(drafted_by=user.pk)
    return rows if user.has(Role.APPROVER) else rows.none()


def notices_to_publish(user: User) -> models.QuerySet[Notice]:
    """Approved: 厅职能处室 (`may_publish_notice`)."""
    rows = Notice.objects.filter(state=NoticeState.APPROVED)
    return rows if user.has(Role.DEPARTMENT) else rows.none()


def appropriations_to_confirm(user: User) -> models.QuerySet[Appropriation]:
    """Recorded by another person: 财政厅 (`may_confirm_appropriation`)."""
    rows = Appropriation.objects.filter(state=AppropriationState.RECORDED).exclude(recorded_by=user.pk)
    return rows if user.has(Role.FINANCE) else rows.none()


def targets_to_confirm(user: User) -> models.QuerySet[TargetSet]:
    """Drafted by another person: 厅审定 (`may_confirm_targets`)."""
    rows = TargetSet.objects.filter(state=TargetState.DRAFT).exclude(drafted_by=user.pk)
    return rows if user.has(Role.APPROVER) else rows.none()


def publicities_to_close(user: User, day: date | None = None) -> models.QuerySet[Publicity]:
    """Past their last day and not closed: 厅职能处室 (`may_publish_list`)."""
    rows = publicity.ended(day or clock.today())
    return rows if user.has(Role.DEPARTMENT) else rows.none()


def objections_to_accept(user: User) -> models.QuerySet[Objection]:
    """Filed: 促进中心经办 accepts or turns down (`may_accept_objection`)."""
    return _stage(user, ACCEPT, Role.CENTRE_CHECKER).filter(state=S.FILED)


def objections_to_investigate(user: User) -> models.QuerySet[Objection]:
    """Accepted, or looked into without a report: 厅职能处室 (`may_investigate_objection`)."""
    waiting = Q(state=S.ACCEPTED) | Q(state=S.INVESTIGATING, findings="")
    return _stage(user, INVESTIGATE, Role.DEPARTMENT).filter(waiting)


def objections_to_decide(user: User) -> models.QuerySet[Objection]:
    """Reported: 厅职能处室 or 厅审定 (`may_decide_objection`)."""
    return _stage(user, DECIDE, Role.DEPARTMENT, Role.APPROVER).filter(state=S.INVESTIGATING).exclude(findings="")


def objections_to_notify(user: User) -> models.QuerySet[Objection]:
    """Decided: 厅职能处室 or 促进中心经办 tells the result (`may_notify_objection`)."""
    rows = _objections().filter(state__in=(S.UPHELD, S.NOT_UPHELD))
    return rows if user.has(Role.DEPARTMENT, Role.CENTRE_CHECKER) else rows.none()


def objections_to_conclude(user: User) -> models.QuerySet[Objection]:
    """Somebody asked for another look: 厅职能处室 or 厅审定 who took no other stage."""
    return _stage(user, REVIEW, Role.DEPARTMENT, Role.APPROVER).filter(state=S.REVIEW)


def takes_stage(user: User, objection: Objection, stage: str) -> bool:
    """Whether the person took no stage of the objection but this one."""
    return trail.stages_done([objection], user) <= {stage}


def _stage(user: User, stage: str, *roles: Role) -> models.QuerySet[Objection]:
    rows = _objections()
    return rows.filter(took_no_other(Objection, user, stage)) if user.has(*roles) else rows.none()


def _objections() -> models.QuerySet[Objection]:
    return Objection.objects.select_related("item__publicity")
