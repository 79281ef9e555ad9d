"""What the engine of notices is told about people: ids and verified addresses, nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from accounts import selectors
from accounts.models import User
from accounts.services import contact
from accounts.states import OrganisationKind
from engines.notifications.directory import Directory, Verification


def people(organisation_ids: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
    """(organisation, person) of everybody who acts for one of these now and can be mailed, in a steady order."""
    reachable = User.objects.filter(
        organisation_id__in=organisation_ids,
        is_active=True,
        email_verified_at__isnull=False,
        memberships__ended_at=None,
        memberships__isnull=False,
    )
    return reachable.order_by("pk").values_list("organisation_id", "pk").distinct()


def address(person_id: UUID) -> str | None:
    """Where the person is mailed, if he still is."""
    user = User.objects.filter(pk=person_id, is_active=True, email_verified_at__isnull=False).first()
    return user.email if user and user.roles else None


def verification(person_id: UUID) -> Verification | None:
    """The address he has yet to verify, and its token; None once it is verified or taken back."""
    user = User.objects.filter(pk=person_id, is_active=True, email_verified_at=None).exclude(email="").first()
    return Verification(user.email, contact.token_of(user)) if user else None


def operators() -> list[UUID]:
    """The platform's own organisations."""
    return selectors.organisation_ids([OrganisationKind.PLATFORM])


DIRECTORY = Directory(people=people, address=address, verification=verification, operators=operators)
