"""Reads about people and organisations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import AuthorisationLetter, Membership, Organisation, User
from accounts.states import ADMINISTRATORS, OFFICERS, PARTIES, SIGNATORIES, Role
from engines.evidence.models import EvidenceRecord
from engines.files import selectors as files
from engines.files.models import StoredFile
from engines.notifications import selectors as notices
from engines.notifications.models import Delivery, Message, OutboxEvent, WebhookEndpoint
from engines.notifications.states import Channel

LETTER_LEAD = timedelta(days=30)  # a house is told so long before a letter ends, to have another signed


def visible_organisations(user: User) -> models.QuerySet[Organisation]:
    """Administrators and officers see all, others their own."""
    rows = Organisation.objects.all()
    if user.has(*OFFICERS, *ADMINISTRATORS):
        return rows
    return rows.filter(pk=user.organisation_id)


def with_people(rows: models.QuerySet[Organisation]) -> models.QuerySet[Organisation]:
    """Each with `people_count`, how many accounts it has; asked of the rows shown, not of all that are sorted."""
    accounts = User.objects.filter(organisation=models.OuterRef("pk")).select_related(None).order_by()
    counted = accounts.values("organisation").annotate(n=models.Count("pk")).values("n")
    return rows.annotate(people_count=Coalesce(models.Subquery(counted), 0))


def organisation_ids(kinds: Iterable[str]) -> list[UUID]:
    """Every organisation of these kinds: whom a general announcement reaches."""
    return list(Organisation.objects.filter(kind__in=kinds).values_list("pk", flat=True))


def visible_users(user: User) -> models.QuerySet[User]:
    """Administrators see every account; signatories and agents those of their own organisation."""
    rows = User.objects.prefetch_related("memberships")
    if user.has(*ADMINISTRATORS):
        return rows
    return rows.filter(organisation_id=user.organisation_id)


def colleagues(user: User, *roles: Role) -> list[User]:
    """The active people of the user's own organisation who hold one of the roles, by name."""
    rows = visible_users(user).filter(organisation_id=user.organisation_id, is_active=True)
    held = Membership.objects.filter(user=models.OuterRef("pk"), role__in=roles, ended_at=None)
    return list(rows.filter(models.Exists(held)).order_by("name"))


def visible_letters(user: User) -> models.QuerySet[AuthorisationLetter]:
    """Of one's own house; officers who decide see every one. The newest first."""
    rows = AuthorisationLetter.objects.select_related("person", "file", "recorded_by", "withdrawn_by").order_by("-pk")
    if user.has(*OFFICERS):
        return rows
    if user.organisation.kind not in PARTIES:
        return rows.none()
    return rows.filter(person__organisation_id=user.organisation_id)


def letter_in_force(person: User, day: date) -> AuthorisationLetter | None:
    """Under which letter the person signs for his house on that day, if one is on record."""
    rows = AuthorisationLetter.objects.select_related("file").filter(
        Q(valid_until=None) | Q(valid_until__gte=day),
        person=person,
        role__in=SIGNATORIES,
        withdrawn_at=None,
        valid_from__lte=day,
    )
    return rows.first()


def letters_running_out(user: User, day: date) -> models.QuerySet[AuthorisationLetter]:
    """Standing letters of the caller's house that end within LETTER_LEAD of that day or have ended; the first first."""
    rows = visible_letters(user).filter(person__organisation_id=user.organisation_id, person__is_active=True)
    return rows.filter(withdrawn_at=None, valid_until__lte=day + LETTER_LEAD).order_by("valid_until", "pk")


def visible_files(user: User) -> models.QuerySet[StoredFile]:
    """Officers who decide see every file; administrators none; others their own and what was shared."""
    if user.has(*OFFICERS):
        return StoredFile.objects.all()
    if user.has(*ADMINISTRATORS, Role.CITY):
        return StoredFile.objects.none()
    return files.readable_by(user.organisation_id)


def audit(user: User) -> models.QuerySet[EvidenceRecord]:
    """The whole trail, for the 审计管理员 alone (DOMAIN section 4, row 41); officers read a record's own trail there."""
    rows = EvidenceRecord.objects.all()
    return rows if user.has(Role.AUDITOR) else rows.none()


def inbox(user: User) -> models.QuerySet[Message]:
    """The messages of the caller's organisation, newest first."""
    return notices.inbox(user.organisation_id)


def announcements(user: User) -> models.QuerySet[OutboxEvent]:
    """How far each must-read notice has got: for officers."""
    rows = notices.announcements()
    return rows if user.has(*OFFICERS) else rows.none()


def receivers(user: User) -> models.QuerySet[Message]:
    """Whom each must-read notice was sent to, with the organisation's name and kind: for the same people."""
    own = Organisation.objects.filter(pk=models.OuterRef("organisation_id"))
    rows = notices.receivers().annotate(
        organisation_name=models.Subquery(own.values("name")[:1]),
        organisation_kind=models.Subquery(own.values("kind")[:1]),
    )
    return rows if user.has(*OFFICERS) else rows.none()


def endpoints(user: User) -> models.QuerySet[WebhookEndpoint]:
    """The webhook endpoints of the caller's organisation."""
    return WebhookEndpoint.objects.filter(organisation_id=user.organisation_id).select_related("health")


def deliveries(user: User) -> models.QuerySet[Delivery]:
    """What went out: mails to oneself and posts to one's organisation; all for the 系统管理员, who sees no content."""
    rows = Delivery.objects.select_related("event", "endpoint")
    if user.has(Role.SYSTEM_ADMIN):
        return rows
    own = models.Q(channel=Channel.WEBHOOK, organisation_id=user.organisation_id)
    return rows.filter(own | models.Q(person_id=user.pk))
