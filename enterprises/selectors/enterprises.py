"""Reads about enterprises, their tier and their quota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import models

from accounts.models import User
from accounts.states import OFFICERS, Role
from credit import selectors as credit
from engines.ledger import selectors as ledger
from engines.ledger.selectors import Balance
from enterprises import eligibility, outlook, tiering
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.outlook import Obstacle
from enterprises.states import REOPENABLE, AdjustmentState, State
from foundation.money import ZERO
from foundation.statements import Given
from programmes import books
from programmes import selectors as programmes
from programmes.models import Notice
from registry import selectors as registry
from registry.models import TitleHolding
from registry.reference import title_kinds


@dataclass(frozen=True)
class QuotaFigures:
    """One enterprise's quota of one year, in 元. `left` is what a new contract may use."""

    year: int
    tier_code: str
    quota: Decimal
    issued: Decimal
    reserved: Decimal
    committed: Decimal
    due: Decimal
    consumed: Decimal
    expired: Decimal
    available: Decimal

    @property
    def gone(self) -> Decimal:
        """What was issued and is no longer free: used, or expired."""
        return self.issued - self.available

    @property
    def used(self) -> Decimal:
        """What contracts hold or have used up."""
        return self.gone - self.expired

    @property
    def held(self) -> Decimal:
        """What contracts hold and was not yet paid out."""
        return self.reserved + self.committed + self.due

    @property
    def left(self) -> Decimal:
        """max(0, quota - gone), and never more than the ledger has free (8-07)."""
        return max(ZERO, min(self.available, self.quota - self.gone))

    @property
    def excess(self) -> Decimal:
        """What is free but no longer covered by a title: to be taken back."""
        return self.available - self.left


def visible_to(user: User) -> models.QuerySet[Enterprise]:
    """Officers see all, a city its own by code prefix, an enterprise itself; nobody else any (DOMAIN 4, rule 7)."""
    rows = Enterprise.objects.select_related("organisation")
    if user.has(*OFFICERS):
        return rows
    if user.has(Role.CITY):
        return rows.filter(region_code__startswith=user.organisation.city[:4])
    return rows.filter(organisation_id=user.organisation_id)


def active_among(usccs: Sequence[str]) -> models.QuerySet[Enterprise]:
    """The active enterprises of these codes: whom a roster or a title that names them grades anew."""
    return Enterprise.objects.filter(uscc__in=usccs, state=State.ACTIVE).order_by("name")


def visible_adjustments(user: User) -> models.QuerySet[QuotaAdjustment]:
    """Adjustments of the enterprises the caller sees."""
    return QuotaAdjustment.objects.filter(enterprise__in=visible_to(user)).select_related("enterprise")


def examine(enterprise: Enterprise, on: date) -> list[eligibility.Check]:
    """The automatic check of what the enterprise states against the registry as of `on`."""
    claim = eligibility.Claim(
        name=enterprise.name,
        uscc=enterprise.uscc,
        industry_code=enterprise.industry_code,
        region_code=enterprise.region_code,
    )
    return eligibility.examine(claim, _known(enterprise.uscc, on))


def notice_on(day: date) -> Notice | None:
    """The notice in force on the day, or None while there is none (8-53)."""
    notice = programmes.notice_of_year(day.year)
    return notice if notice and notice.valid_from <= day <= notice.valid_to else None


def titles_held(uscc: str, on: date) -> list[tiering.Held]:
    """Verified titles valid on the day, as the tiering reads them."""
    return [held_title(row) for row in registry.titles(uscc, on)]


def grade(enterprise: Enterprise, notice: Notice, on: date) -> tiering.Grade:
    """The tier under this notice, by the titles held on the day and the roster's own 入规 date."""
    listed = registry.listed(enterprise.uscc, on)
    since = listed.listed_since if listed else None
    return tiering.grade(notice.parsed, titles_held(enterprise.uscc, on), since, notice.year)


def latest_grant(enterprise_id: UUID, year: int) -> QuotaGrant | None:
    """The last change of that year's quota: its `quota` is what the enterprise is entitled to now."""
    return (
        QuotaGrant.objects.filter(enterprise_id=enterprise_id, year=year)
        .select_related("notice")
        .order_by("-pk")
        .first()
    )


def uncovered(enterprise: str, year: Given) -> models.Subquery:
    """Inside a query that has the enterprise's id in that column: what it was issued beyond its last grant's quota.

    Only where this is above zero may there be something to take back.
    """
    grants = QuotaGrant.objects.filter(enterprise=models.OuterRef(enterprise), year=year)
    issued = grants.order_by().values("enterprise").annotate(issued=models.Sum("amount")).values("issued")
    return models.Subquery(grants.order_by("-pk").values(beyond=models.Subquery(issued) - models.F("quota"))[:1])


def grants(enterprise_id: UUID) -> models.QuerySet[QuotaGrant]:
    """Every change of quota, newest first."""
    return QuotaGrant.objects.filter(enterprise_id=enterprise_id).select_related("notice", "record").order_by("-pk")


def adjusted(enterprise_id: UUID, year: int) -> Decimal:
    """The sum of decided manual adjustments of the year, in 元."""
    total = QuotaAdjustment.objects.filter(
        enterprise_id=enterprise_id, year=year, state=AdjustmentState.DECIDED
    ).aggregate(total=models.Sum("amount"))["total"]
    return total or ZERO


def figures(enterprise_id: UUID, year: int) -> QuotaFigures:
    """The year's figures; all zero before anything was granted."""
    account = ledger.account_id(books.QUOTA, str(enterprise_id), year)
    grant = latest_grant(enterprise_id, year)
    if account is None or grant is None:
        return QuotaFigures(year, "", *[ZERO] * 8)
    return _figures(year, grant, ledger.balance(account))


def figures_of(enterprise_ids: Sequence[UUID], year: int) -> dict[UUID, QuotaFigures]:
    """The year's figures of all of them in a fixed number of queries; zeros before anything was granted."""
    grants = QuotaGrant.objects.filter(enterprise__in=enterprise_ids, year=year)
    latest = {one.enterprise_id: one for one in grants.order_by("enterprise", "-pk").distinct("enterprise")}
    held = ledger.balances_of(books.QUOTA, [str(pk) for pk in enterprise_ids], year)
    return {
        pk: _figures(year, latest[pk], held[str(pk)])
        if pk in latest and str(pk) in held
        else QuotaFigures(year, "", *[ZERO] * 8)
        for pk in enterprise_ids
    }


def _figures(year: int, grant: QuotaGrant, balance: Balance) -> QuotaFigures:
    return QuotaFigures(
        year=year,
        tier_code=grant.tier_code,
        quota=grant.quota,
        issued=balance.issued,
        reserved=balance.reserved,
        committed=balance.committed,
        due=balance.due,
        consumed=balance.consumed,
        expired=balance.expired + balance.carried,
        available=balance.available,
    )


def obstacles(enterprise: Enterprise, on: date, *, granted: QuotaFigures, entitled: Decimal) -> tuple[Obstacle, ...]:
    """What stands between what the tier read on the day entitles to and the quota; empty when just that is granted."""
    if granted.tier_code and granted.quota == entitled:
        return ()
    confirmed = enterprise.confirmed_at is not None and enterprise.state not in REOPENABLE
    record = None if confirmed else credit.restriction(enterprise.uscc, on)
    return outlook.obstacles(
        outlook.Case(
            state=enterprise.state,
            label=enterprise.get_state_display(),
            confirmed=confirmed,
            checks=() if confirmed else examine(enterprise, on),
            answered=frozenset(one["code"] for one in enterprise.checks if one.get("note")),
            restricted=record.decision_no if record else "",
        )
    )


def _known(uscc: str, on: date) -> eligibility.Known:
    listed = registry.listed(uscc, on)
    dishonest = registry.dishonest(uscc, on)
    return eligibility.Known(
        roster_name=listed.name if listed else None,
        roster_since=listed.listed_since if listed else None,
        roster_source=listed.roster.source_document if listed else "规上企业名录",
        dishonest_basis=dishonest.source if dishonest else None,
        dishonest_source=dishonest.roster.source_document if dishonest else "严重失信主体名单",
    )


def held_title(row: TitleHolding) -> tiering.Held:
    """A title of the registry as the tiering reads it."""
    kind = title_kinds().get(row.title_code)
    return tiering.Held(
        code=row.title_code,
        name=kind.name if kind else row.title_code,
        source=" ".join(part for part in (row.issued_by, row.doc_no or row.certificate_no) if part),
        since=row.valid_from,
        until=row.valid_to,
    )
