"""What waits for whom: the policies of this room and its states, asked of all rows at once (DOMAIN section 4, rows 6-11)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from accounts.states import Role
from accreditation.models import Application, Expert, Panel, Round, ScoreSheet
from accreditation.policies import CHECK, DECIDE, REVIEW
from accreditation.states import (
    BEFORE_SCORE,
    SHEET_LIVE,
    ApplicationState,
    CaseKind,
    ExpertState,
    PanelState,
    RoundState,
    SheetState,
)
from engines.evidence.selectors import took_no_other
from foundation import clock

_CLOSED = (RoundState.CLOSED, RoundState.REVIEWING)
_DRAWABLE = (ApplicationState.DEPT_ACCEPTED, ApplicationState.EXPERT_REVIEW)


def rounds_to_review(user: User) -> models.QuerySet[Round]:
    """Drawn up by another person: 促进中心复核 (`may_review_round`)."""
    if not user.has(Role.CENTRE_REVIEWER):
        return Round.objects.none()
    return _planned(reviewed_at=None).exclude(created_by=user.pk)


def rounds_to_approve(user: User) -> models.QuerySet[Round]:
    """Reviewed, with no part of his in it: 厅审定 (`may_approve_round`)."""
    if not user.has(Role.APPROVER):
        return Round.objects.none()
    took_part = Q(created_by=user.pk) | Q(reviewed_by=user.pk)
    return _planned(reviewed_at__isnull=False, approved_at=None).exclude(took_part)


def rounds_to_publish(user: User) -> models.QuerySet[Round]:
    """Approved: 厅职能处室 (`may_publish_round`)."""
    if not user.has(Role.DEPARTMENT):
        return Round.objects.none()
    return _planned(approved_at__isnull=False)


def rounds_to_close(user: User, day: date | None = None) -> models.QuerySet[Round]:
    """Past their last day and not closed: 促进中心经办 or 厅职能处室 (`may_close_round`)."""
    if not user.has(Role.CENTRE_CHECKER, Role.DEPARTMENT):
        return Round.objects.none()
    return _rounds().filter(state=RoundState.OPEN, closes_on__lt=day or clock.today())


def applications_to_check(user: User) -> models.QuerySet[Application]:
    """Submitted: 促进中心经办 checks them formally (`may_check`)."""
    if not user.has(Role.CENTRE_CHECKER):
        return Application.objects.none()
    return _applications().filter(took_no_other(Application, user, CHECK), state=ApplicationState.SUBMITTED)


def applications_to_accept(user: User) -> models.QuerySet[Application]:
    """Formally checked by another person: 厅职能处室 accepts or turns away (`may_review`)."""
    if not user.has(Role.DEPARTMENT):
        return Application.objects.none()
    mine = took_no_other(Application, user, REVIEW) & ~Q(checked_by=user.pk)
    return _applications().filter(mine, state=ApplicationState.FORMAL_CHECK)


def rounds_to_draw(user: User, kind: CaseKind) -> models.QuerySet[Round]:
    """Closed, with accepted applications of the kind and no draw waiting: 促进中心经办 draws experts (`may_draw`)."""
    if not user.has(Role.CENTRE_CHECKER):
        return Round.objects.none()
    waiting = Panel.objects.filter(round=OuterRef("pk"), kind=kind, state=PanelState.DRAWN)
    accepted = _in_round(kind, ApplicationState.DEPT_ACCEPTED)
    return _rounds().filter(Exists(accepted), ~Exists(waiting), state__in=_CLOSED)


def short_of_experts(row: Round, kind: CaseKind) -> bool:
    """A draw could be made: accepted, or left with fewer experts than the notice asks, and no draw waits."""
    if Panel.objects.filter(round=row, kind=kind, state=PanelState.DRAWN).exists():
        return False
    live = Count("sheets", filter=Q(sheets__state__in=sorted(SHEET_LIVE)))
    cases = Application.objects.filter(round=row, kind=kind, state__in=_DRAWABLE)
    return cases.annotate(live=live).filter(live__lt=row.notice.parsed.review.experts).exists()


def panels_to_decide(user: User) -> models.QuerySet[Panel]:
    """Drawn by another person: 厅职能处室 confirms or voids (`may_decide_draw`)."""
    rows = Panel.objects.select_related("round")
    if not user.has(Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state=PanelState.DRAWN).exclude(drawn_by=user.pk)


def sheets_to_sign(user: User) -> models.QuerySet[ScoreSheet]:
    """The expert's own that are not signed (`may_score`)."""
    rows = ScoreSheet.objects.select_related("application__provider", "application__product_version")
    if not user.has(Role.EXPERT):
        return rows.none()
    return rows.filter(expert__user=user.pk, state__in=(SheetState.ASSIGNED, SheetState.OPEN))


def rounds_to_recommend(user: User, kind: CaseKind) -> models.QuerySet[Round]:
    """Every application of the kind is scored: 厅职能处室 who checked none draws up the list (`may_recommend`)."""
    if not user.has(Role.DEPARTMENT):
        return Round.objects.none()
    scored = _in_round(kind, ApplicationState.SCORED)
    pending = _in_round(kind, *BEFORE_SCORE)
    return _rounds().filter(Exists(scored), ~Exists(pending), ~Exists(_touched(scored, user, REVIEW)))


def rounds_to_approve_list(user: User, kind: CaseKind) -> models.QuerySet[Round]:
    """The list is drawn up: 厅审定, with no part in any of its cases, decides (`may_approve`)."""
    if not user.has(Role.APPROVER):
        return Round.objects.none()
    listed = _in_round(kind, ApplicationState.RECOMMENDED)
    return _rounds().filter(Exists(listed), ~Exists(_touched(listed, user, DECIDE)))


def rounds_to_publicise(user: User, kind: CaseKind) -> models.QuerySet[Round]:
    """Decided: 厅职能处室 puts the list on show (`may_publicise`)."""
    if not user.has(Role.DEPARTMENT):
        return Round.objects.none()
    return _rounds().filter(Exists(_in_round(kind, ApplicationState.APPROVED)))


def experts_to_confirm(user: User) -> models.QuerySet[Expert]:
    """Proposed by another person: 厅职能处室 (`may_confirm_expert`)."""
    rows = Expert.objects.select_related("user")
    if not user.has(Role.DEPARTMENT):
        return rows.none()
    return rows.filter(state=ExpertState.PROPOSED).exclude(proposed_by=user.pk)


def _rounds() -> models.QuerySet[Round]:
    return Round.objects.all()


def _planned(**which: object) -> models.QuerySet[Round]:
    return Round.objects.filter(state=RoundState.PLANNED, **which)


def _applications() -> models.QuerySet[Application]:
    return Application.objects.select_related("provider", "product_version")


def _in_round(kind: CaseKind, *states: str) -> models.QuerySet[Application]:
    return Application.objects.filter(round=OuterRef("pk"), kind=kind, state__in=sorted(states))


def _touched(cases: models.QuerySet[Application], user: User, stage: str) -> models.QuerySet[Application]:
    """Those of the cases in which the person took another stage."""
    return cases.exclude(took_no_other(Application, user, stage))
