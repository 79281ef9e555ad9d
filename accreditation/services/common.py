"""What the acts share: the order of locks, words to the provider, refusal of barred codes.

Rows are locked in one order: publicity, round, applications (by key), sheet; then what `providers` locks.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from accounts import selectors as people
from accounts.models import User
from accounts.states import OrganisationKind
from accreditation.models import Application, Round
from engines.evidence import selectors as trail
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from foundation.actors import Actor
from foundation.errors import not_found, wrong_state
from foundation.locking import lock, lock_all
from providers.models import ProductVersion, Provider
from providers.services import products
from providers.services.registration import refuse_barred
from providers.states import VersionState

ROWS = Application.objects.select_related("provider", "product_version", "notice", "round")


def lock_round(round_id: UUID, version: int | None = None) -> Round:
    """The round, locked; always before its applications."""
    return lock(Round.objects.select_related("notice"), round_id, version=version)


def lock_application(application_id: UUID, version: int | None = None) -> Application:
    """One application alone."""
    return lock(ROWS, application_id, version=version)


def lock_with_round(application_id: UUID, version: int | None = None) -> tuple[Round, Application]:
    """The case after its round: for acts that may end the last case a round waits for (`rounds.follow`)."""
    round_id = Application.objects.filter(pk=application_id).values_list("round_id", flat=True).first()
    if round_id is None:
        raise not_found("认定申请")
    return lock_round(round_id), lock_application(application_id, version)


def lock_applications(ids: Collection[UUID]) -> list[Application]:
    """Several, by key. Raises NOT_FOUND when one is not there."""
    rows = lock_all(ROWS.filter(pk__in=ids))
    if len(rows) != len(set(ids)):
        raise not_found("认定申请")
    return rows


def require_state(row: Any, wanted: Collection[str], what: str) -> None:
    """The act does not move the record by itself; it is only possible in these states. Raises WRONG_STATE."""
    if row.state not in wanted:
        raise wrong_state(what, str(row.state), row.get_state_display())


def stages(application: Application, by: User) -> frozenset[str]:
    """What the person has done to this case before."""
    return trail.stages_done([application], by)


def refuse_barred_provider(provider: Provider) -> None:
    """Raises USCC_BARRED (第十六条): no step is taken for a barred code any more."""
    refuse_barred(provider.uscc)


def own_file(by: User, provider: Provider, file_id: UUID) -> StoredFile:
    """A file the provider uploaded itself. Raises NOT_FOUND for any other."""
    found = people.visible_files(by).filter(pk=file_id, organisation_id=provider.organisation_id).first()
    if found is None:
        raise not_found("文件")
    return found


def tell(application: Application, title: str, body: str) -> None:
    """The provider reads it once this commits."""
    notifications.tell(
        organisation_ids=[application.provider.organisation_id],
        topic="accreditation",
        title=title,
        body=f"{application.get_kind_display()}申请{application.number}：{body}",
        subject=application,
    )


def tell_centre(title: str, body: str, subject: Any) -> None:
    """促进中心 has something to do."""
    notifications.tell(
        organisation_ids=people.organisation_ids([OrganisationKind.CENTRE]),
        topic="accreditation",
        title=title,
        body=body,
        subject=subject,
    )


def free_version(application: Application, by: Actor, reason: str) -> None:
    """A product's version that is not taken on by this case may be edited again."""
    if (version := _in_review(application)) is not None:
        products.give_back(by=by, version_id=version.pk, reason=reason)


def dismiss_version(application: Application, by: Actor, reason: str) -> None:
    """A product's version is refused with its case; one that was returned meanwhile stays the provider's to edit."""
    if (version := _in_review(application)) is not None:
        products.dismiss(by=by, version_id=version.pk, reason=reason)


def _in_review(application: Application) -> ProductVersion | None:
    if application.product_version_id is None:
        return None
    known = ProductVersion.objects.filter(pk=application.product_version_id, state=VersionState.IN_REVIEW)
    return known.first()
