"""Reads: who is blocked, how many complaints stand against whom, who may see which record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Count, Exists, Q

from accounts.models import Organisation, User
from accounts.states import OFFICERS, OrganisationKind, Role
from credit import commitments
from credit.models import Commitment, Complaint, CreditRecord
from credit.states import COMPLAINT_OPEN, RECORD_STANDING, ComplaintState
from foundation.statements import Given


def blocking(day: date | Given) -> models.QuerySet[CreditRecord]:
    """Every record that on `day` keeps its party from beginning anything new."""
    return CreditRecord.objects.filter(blocks=True, state__in=sorted(RECORD_STANDING), since__lte=day).filter(
        Q(until=None) | Q(until__gte=day)
    )


def is_blocked(code: str, day: date | Given) -> Exists:
    """Asked inside another query: whether a record keeps out, on `day`, the party whose code stands in column `code`."""
    return Exists(blocking(day).filter(uscc=models.OuterRef(code)))


def restriction(uscc: str, day: date) -> CreditRecord | None:
    """The record that blocks the party on `day`: the one that lasts longest."""
    rows = blocking(day).filter(uscc=uscc)
    return rows.order_by(models.F("until").desc(nulls_first=True), "pk").first()


def standing(uscc: str, day: date) -> models.QuerySet[CreditRecord]:
    """Every record of the party that is in force on `day`, whether it blocks or only stands in the file."""
    rows = CreditRecord.objects.filter(uscc=uscc, state__in=sorted(RECORD_STANDING), since__lte=day)
    return rows.filter(Q(until=None) | Q(until__gte=day)).order_by("number")


def visible_records(user: User) -> models.QuerySet[CreditRecord]:
    """Officers see all; a party what was decided about itself."""
    rows = CreditRecord.objects.select_related("complaint").prefetch_related("files")
    if user.has(*OFFICERS):
        return rows
    return rows.filter(uscc=user.organisation.uscc or "", decided_at__isnull=False)


def visible_complaints(user: User) -> models.QuerySet[Complaint]:
    """Officers see all; a city those against its own parties; a party what it filed, and what was accepted against it.

    City and party complained of are not told who filed.
    """
    rows = Complaint.objects.select_related("filer").prefetch_related("files")
    if user.has(*OFFICERS):
        return rows
    if user.has(Role.CITY):
        return rows.filter(organisation__city__startswith=user.organisation.city[:4])
    against = Q(organisation_id=user.organisation_id, accepted_at__isnull=False)
    return rows.filter(Q(filer_id=user.organisation_id) | against)


def knows_filer(user: User, complaint: Complaint) -> bool:
    """Officers and the filer itself know who complained; the other side and its city do not."""
    return user.has(*OFFICERS) or user.organisation_id == complaint.filer_id


def visible_commitments(user: User) -> models.QuerySet[Commitment]:
    """Officers see all, a party its own."""
    rows = Commitment.objects.select_related("organisation")
    return rows if user.has(*OFFICERS) else rows.filter(organisation_id=user.organisation_id)


def has_committed(organisation: Organisation) -> bool:
    """The party's signatory has signed the words now in use."""
    words = commitments.current(organisation.kind)
    return Commitment.objects.filter(organisation=organisation, text_version=words.version).exists()


def open_complaints(contract_number: str, usccs: Iterable[str]) -> list[str]:
    """The numbers of undecided complaints about that contract against one of its parties, `usccs` (F22).

    The contract is named in the complaint by whoever files it: against somebody else it means nothing for it.
    """
    rows = Complaint.objects.filter(contract_number=contract_number, state__in=sorted(COMPLAINT_OPEN), uscc__in=usccs)
    return list(rows.exclude(contract_number="").order_by("number").values_list("number", flat=True))


def upheld_complaints(usccs: Iterable[str], year: int | None = None) -> dict[str, int]:
    """How many complaints against each code were found true (第十六条: 实时公布), in `year` of the decision."""
    rows = Complaint.objects.filter(uscc__in=list(usccs), state=ComplaintState.UPHELD)
    if year is not None:
        rows = rows.filter(decided_at__year=year)
    return dict(rows.values_list("uscc").annotate(count=Count("pk")))


def registered(uscc: str) -> Organisation | None:
    """The enterprise or provider registered under the code."""
    kinds = (OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER)
    return Organisation.objects.filter(uscc=uscc, kind__in=kinds).first()


def is_officer(user: User) -> bool:
    """Somebody of an office, 第三方监督 included."""
    return user.has(*OFFICERS)
