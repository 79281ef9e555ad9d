"""Look-ups: reference data by code, and what the rosters in force say of an enterprise on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.states import OFFICERS, OrganisationKind
from registry import reference
from registry.models import DishonestParty, ListedEnterprise, RosterImport, TitleHolding
from registry.reference import Industry, Region, TitleKind
from registry.states import TitleState

M = TypeVar("M", bound=models.Model)


def region(code: str) -> Region | None:
    """The division of GB/T 2260 with this six-digit code, if it lies in 广西."""
    return reference.regions().get(code)


def place_name(code: str) -> str:
    """Where a county or city of 广西 is, its city before it: 南宁市青秀区. The code itself where we know none."""
    found = region(code)
    if found is None:
        return code
    city = region(found.city_code)
    return found.name if city is None or city == found else f"{city.name}{found.name}"


def industry(code: str) -> Industry | None:
    """The manufacturing division (13-43) that a GB/T 4754-2017 code of two to four digits belongs to."""
    if not (2 <= len(code) <= 4 and code.isascii() and code.isdigit()):
        return None
    return reference.industries().get(code[:2])


def title_kind(code: str) -> TitleKind | None:
    """The title of 第十条 with this code."""
    return reference.title_kinds().get(code)


def listed(uscc: str, on: date) -> ListedEnterprise | None:
    """The listing in the 规上 roster that covers the day `on`: listed by then and not yet removed."""
    return (
        listings(uscc)
        .filter(listed_since__lte=on)
        .filter(Q(removed_on=None) | Q(removed_on__gt=on))
        .order_by("-listed_since")
        .first()
    )


def listed_since(usccs: Sequence[str], on: date) -> dict[str, date]:
    """Of each code that stands in the 规上 roster on the day: since when; one query for all."""
    rows = ListedEnterprise.objects.filter(
        Q(removed_on=None) | Q(removed_on__gt=on), uscc__in=usccs, listed_since__lte=on
    )
    return dict(rows.order_by("uscc", "listed_since").values_list("uscc", "listed_since"))


def titles(uscc: str, on: date) -> list[TitleHolding]:
    """The titles that count on the day `on`: verified, inside their validity, not revoked by then."""
    return list(holdings_in_force(on).filter(uscc=uscc).order_by("title_code", "valid_from"))


def holdings_in_force(on: date) -> models.QuerySet[TitleHolding]:
    """Every holding that counts on `on`, of all enterprises; one revoked later did count until then."""
    return TitleHolding.objects.filter(
        Q(state=TitleState.VERIFIED) | Q(state=TitleState.REVOKED, revoked_on__gt=on), valid_from__lte=on
    ).filter(Q(valid_to=None) | Q(valid_to__gte=on))


def dishonest(uscc: str, on: date) -> DishonestParty | None:
    """The entry on the 严重失信主体名单 that covers the day `on`."""
    return dishonesty(uscc).filter(since__lte=on).filter(Q(until=None) | Q(until__gte=on)).order_by("-since").first()


def listings(uscc: str) -> models.QuerySet[ListedEnterprise]:
    """Every period in the 规上 roster, the latest first, with the roster it came by (without that one's lines)."""
    return _with_roster(ListedEnterprise.objects.filter(uscc=uscc)).order_by("-listed_since")


def dishonesty(uscc: str) -> models.QuerySet[DishonestParty]:
    """Every period on the 严重失信主体名单, the latest first, with the roster it came by (without that one's lines)."""
    return _with_roster(DishonestParty.objects.filter(uscc=uscc)).order_by("-since")


def title_records(uscc: str) -> models.QuerySet[TitleHolding]:
    """Every title ever recorded of the enterprise, whatever became of it, with its roster and who verified it."""
    rows = _with_roster(TitleHolding.objects.filter(uscc=uscc)).select_related("verified_by__organisation")
    return rows.order_by("title_code", "-valid_from", "-pk")


def _with_roster(rows: models.QuerySet[M]) -> models.QuerySet[M]:
    return rows.select_related("roster__confirmed_by__organisation").defer("roster__rows", "roster__warnings")


def visible_rosters(user: User) -> models.QuerySet[RosterImport]:
    """Officers see every import, without its lines; nobody else sees any."""
    rows = RosterImport.objects.defer("rows")
    return rows if user.has(*OFFICERS) else rows.none()


def visible_titles(user: User) -> models.QuerySet[TitleHolding]:
    """Officers see every holding, an enterprise its own, others none."""
    rows = TitleHolding.objects.all()
    if user.has(*OFFICERS):
        return rows
    if user.organisation.kind == OrganisationKind.ENTERPRISE and user.organisation.uscc:
        return rows.filter(uscc=user.organisation.uscc)
    return rows.none()


def usccs_in(roster: RosterImport) -> list[str]:
    """The enterprises that an import speaks of, once each; for those who must follow its effect."""
    return sorted({row["uscc"] for row in roster.rows})
