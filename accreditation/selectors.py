"""Reads: who sees which round, application, expert, panel and sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.states import OFFICERS, OrganisationKind, Role
from accreditation import states
from accreditation.models import Application, Ask, Client, ConditionCheck, Expert, Material, Panel, Round, ScoreSheet
from accreditation.states import ROUND_PUBLIC, SHEET_OPENED
from credit import selectors as credit
from engines.files.models import StoredFile
from foundation import clock
from providers.models import Bar, ProductVersion
from providers.states import BarState

# What lists name of an application. With 公示, panel and listing as well PostgreSQL would plan for longer than it reads.
APPLICATIONS = Application.objects.select_related("provider", "product_version", "round", "notice").defer(
    "notice__rules"
)


def visible_rounds(user: User | AnonymousUser) -> models.QuerySet[Round]:
    """Everybody sees what was published; officers also what is being prepared."""
    rows = Round.objects.select_related("notice").defer("notice__rules")
    if isinstance(user, User) and user.has(*OFFICERS):
        return rows
    return rows.filter(state__in=sorted(ROUND_PUBLIC))


def call_file(round_id: UUID) -> StoredFile | None:
    """The 征集通知文件 of a round that was published: it is for everybody, as the round is."""
    row = visible_rounds(AnonymousUser()).select_related("notice_file").filter(pk=round_id).first()
    return row.notice_file if row is not None else None


def open_rounds(user: User | AnonymousUser, day: date) -> models.QuerySet[Round]:
    """Those that take applications on `day`, the one that closes first at the top."""
    rows = visible_rounds(user).filter(state=states.RoundState.OPEN, opens_on__lte=day, closes_on__gte=day)
    return rows.order_by("closes_on", "pk")


def visible_applications(user: User) -> models.QuerySet[Application]:
    """A provider its own, a city its own, officers all, an expert those of which his sheet is open or signed."""
    if user.has(*OFFICERS):
        return APPLICATIONS.exclude(state=states.ApplicationState.DRAFT, submissions=0)
    if user.has(Role.EXPERT):
        sheets = ScoreSheet.objects.filter(
            application=OuterRef("pk"), expert__user_id=user.pk, state__in=sorted(SHEET_OPENED)
        )
        return APPLICATIONS.filter(Exists(sheets))
    if user.has(Role.CITY):
        submitted = Q(submissions__gte=1, provider__region_code__startswith=user.organisation.city[:4])
        return APPLICATIONS.filter(submitted)
    if user.organisation.kind != OrganisationKind.PROVIDER:
        return APPLICATIONS.none()
    return APPLICATIONS.filter(provider__organisation_id=user.organisation_id)


def visible_experts(user: User) -> models.QuerySet[Expert]:
    """Officers all, an expert himself; nobody else ever learns who judges."""
    rows = Expert.objects.select_related("user")
    return rows if user.has(*OFFICERS) else rows.filter(user_id=user.pk)


def visible_panels(user: User) -> models.QuerySet[Panel]:
    """Officers only."""
    rows = Panel.objects.select_related("round")
    return rows if user.has(*OFFICERS) else rows.none()


def visible_sheets(user: User) -> models.QuerySet[ScoreSheet]:
    """An expert his own; officers all, without what they say before all are signed (see `is_readable`)."""
    rows = ScoreSheet.objects.select_related(
        "application__provider", "application__product_version", "expert__user", "panel"
    )
    return rows if user.has(*OFFICERS) else rows.filter(expert__user_id=user.pk)


def is_readable(sheet: ScoreSheet, user: User) -> bool:
    """What the sheet says: by its own expert always, by others once every sheet of the application is signed."""
    return sheet.expert.user_id == user.pk or sheet.application.state in states.SCORED


def materials(application: Application) -> models.QuerySet[Material]:
    """What is attached now."""
    return Material.objects.filter(application=application, removed_at=None).select_related("file").order_by("pk")


def clients(application: Application) -> models.QuerySet[Client]:
    """The enterprises served last year, as listed now."""
    return Client.objects.filter(application=application, removed_at=None).select_related("file").order_by("pk")


def checks(application: Application) -> models.QuerySet[ConditionCheck]:
    """The conditions as they were checked at the latest submission."""
    rows = ConditionCheck.objects.filter(application=application, submission=application.submissions)
    return rows.select_related("verified_by__organisation")


def asks(application: Application) -> models.QuerySet[Ask]:
    """The list of the latest return."""
    return Ask.objects.filter(application=application, round_no=application.returns)


def live_sheets(application: Application) -> models.QuerySet[ScoreSheet]:
    """Those that count: assigned, open or signed."""
    return ScoreSheet.objects.filter(application=application, state__in=sorted(states.SHEET_LIVE))


def last_listed(provider_id: UUID, year: int) -> Application | None:
    """The latest application by which the provider came onto a year's list before `year`."""
    return (
        Application.objects.filter(
            provider_id=provider_id, kind=states.CaseKind.PROVIDER, state=states.ApplicationState.LISTED, year__lt=year
        )
        .order_by("-year")
        .first()
    )


def live_case(provider_id: UUID, year: int) -> Application | None:
    """The provider's one application for the year's qualification that has not failed (第十六条: 每年认定一次)."""
    rows = Application.objects.filter(provider_id=provider_id, year=year, kind=states.CaseKind.PROVIDER)
    return rows.exclude(state__in=sorted(states.FAILED)).first()


def live_case_of(version: ProductVersion) -> Application | None:
    """The one application of the product's version that has not failed."""
    return Application.objects.filter(product_version=version).exclude(state__in=sorted(states.FAILED)).first()


def bar_on(uscc: str) -> Bar | None:
    """The decision by which the code may never apply again."""
    return Bar.objects.filter(uscc=uscc, state=BarState.DECIDED).first()


def overdue_corrections(day: date) -> list[UUID]:
    """Returned applications that nobody put right in time, by `day`."""
    rows = Application.objects.filter(state=states.ApplicationState.RETURNED, correction_due__lt=day)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def of_barred() -> list[UUID]:
    """Applications under way whose provider's code is barred, or kept out by its credit file."""
    barred = Bar.objects.filter(uscc=OuterRef("provider__uscc"), state=BarState.DECIDED)
    restricted = credit.blocking(clock.today()).filter(uscc=OuterRef("provider__uscc"))
    rows = Application.objects.filter(Exists(barred) | Exists(restricted), state__in=sorted(states.LIVE))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def earlier_rounds(row: Round) -> int:
    """How many rounds of the year came before it (第九条: 每年征集1-2次)."""
    before = Round.objects.filter(year=row.year, seq__lt=row.seq).exclude(state=states.RoundState.CANCELLED)
    return before.count()


def in_round(row: Round, kind: str, wanted: Sequence[str]) -> models.QuerySet[Application]:
    """The round's applications of the kind in these states."""
    return Application.objects.filter(round=row, kind=kind, state__in=sorted(wanted))
