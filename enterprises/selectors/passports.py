"""The tier passport of an enterprise, read from the registry; disputes of its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import models

from accounts.models import User
from accounts.states import OFFICERS
from credit import selectors as credit
from credit.models import CreditRecord
from engines.files.models import StoredFile
from enterprises import passport, tiering
from enterprises.models import Enterprise, PassportDispute, RelationDeclaration
from enterprises.outlook import Obstacle
from enterprises.passport import Known, Paper, Passport
from enterprises.selectors import enterprises as rows
from enterprises.selectors.enterprises import QuotaFigures
from enterprises.selectors.relations import declaration_in_force
from enterprises.states import UNDECIDED, State
from enterprises.tiering import Grade
from foundation.names import sentence
from programmes import selectors as programmes
from programmes.models import Notice
from registry import selectors as registry
from registry.models import DishonestParty, ListedEnterprise, RosterImport, TitleHolding


@dataclass(frozen=True)
class Hint:
    """Something the enterprise should see to, in a sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class Shown:
    """Everything that the passport's page says."""

    enterprise: Enterprise
    notice: Notice
    day: date
    grade: Grade
    passport: Passport
    figures: QuotaFigures
    adjusted: Decimal
    disputes: dict[str, list[PassportDispute]]
    declaration: RelationDeclaration | None
    restriction: CreditRecord | None
    obstacles: tuple[Obstacle, ...] = ()  # why the tier's quota is not granted; empty when it is

    @property
    def warnings(self) -> list[Hint]:
        """Why it is frozen or kept out, titles that end soon, and the year's declaration of related parties, if missing."""
        found = []
        if self.enterprise.state == State.FROZEN:
            reason = sentence(self.enterprise.frozen_reason)
            found.append(Hint("FROZEN", f"企业已冻结，暂不能签订新合同：{reason}"))
        if self.restriction is not None:
            found.append(Hint("RESTRICTED", f"{self.restriction.says}，暂不能办理新的服务券业务。"))
        found += [
            Hint(
                "TITLE_ENDS",
                f"“{one.line.name}”将于{one.until}到期（还有{one.days_left}天）；未续期的，此后按“{one.tier_after.name}”匹配。",
            )
            for one in self.passport.endings
        ]
        if self.declaration is None or self.declaration.year < self.day.year:
            found.append(
                Hint(
                    "RELATIONS_UNDECLARED",
                    f"尚未签署{self.day.year}年度关联方申报；没有关联方的也须申报“无”。",
                )
            )
        return found


def show_passport(enterprise: Enterprise, day: date) -> Shown:
    """The passport on `day`, by the notice in force then. Raises NOTICE_NOT_PUBLISHED while there is none (8-53)."""
    notice = programmes.current_notice(day)
    grade = rows.grade(enterprise, notice, day)
    adjusted = rows.adjusted(enterprise.pk, notice.year)
    figures = rows.figures(enterprise.pk, notice.year)
    entitled = tiering.entitlement(notice.parsed, grade.tier, adjusted)
    disputes: dict[str, list[PassportDispute]] = defaultdict(list)
    for dispute in enterprise.disputes.filter(state__in=sorted(UNDECIDED)).order_by("pk"):
        disputes[dispute.line].append(dispute)
    return Shown(
        enterprise=enterprise,
        notice=notice,
        day=day,
        grade=grade,
        passport=passport.read(
            notice.parsed,
            grade,
            known(enterprise.uscc, day),
            day=day,
            year=notice.year,
            adjusted=adjusted,
        ),
        figures=figures,
        adjusted=adjusted,
        disputes=dict(disputes),
        declaration=declaration_in_force(enterprise.pk),
        restriction=credit.restriction(enterprise.uscc, day),
        obstacles=rows.obstacles(enterprise, day, granted=figures, entitled=entitled),
    )


def known(uscc: str, day: date) -> Known:
    """All that the registry has of the code, as the passport reads it on `day`."""
    titles: dict[str, list[Paper]] = defaultdict(list)
    for holding in registry.title_records(uscc):
        titles[holding.title_code].append(_title(holding, day))
    return Known(
        titles=dict(titles),
        listings=[_listing(row, day) for row in registry.listings(uscc)],
        dishonesty=[_dishonesty(row, day) for row in registry.dishonesty(uscc)],
    )


def visible_disputes(user: User) -> models.QuerySet[PassportDispute]:
    """Officers see all, a city its own, an enterprise those it filed."""
    found = PassportDispute.objects.select_related("enterprise", "notice").prefetch_related("files__file")
    return found if user.has(*OFFICERS) else found.filter(enterprise__in=rows.visible_to(user))


def own_files(user: User, ids: Sequence[UUID]) -> list[StoredFile]:
    """Those of the files that the caller's organisation has uploaded."""
    return list(StoredFile.objects.filter(pk__in=ids, organisation_id=user.organisation_id).order_by("pk"))


def _title(row: TitleHolding, day: date) -> Paper:
    return Paper(
        source=row.roster.source_document if row.roster else "单独登记",
        standing=passport.standing(row.state, row.valid_from, row.valid_to, row.revoked_on, day),
        since=row.valid_from,
        until=row.valid_to,
        revoked_on=row.revoked_on,
        id=str(row.pk),
        issued_by=row.issued_by,
        doc_no=row.doc_no,
        certificate_no=row.certificate_no,
        verified_by=row.verified_by.actor_label if row.verified_by else "",
        verified_at=row.verified_at,
    )


def _listing(row: ListedEnterprise, day: date) -> Paper:
    return _of_roster(row.roster, "", row.listed_since, row.removed_on and row.removed_on - timedelta(days=1), day)


def _dishonesty(row: DishonestParty, day: date) -> Paper:
    return _of_roster(row.roster, row.source, row.since, row.until, day)


def _of_roster(roster: RosterImport, basis: str, since: date, until: date | None, day: date) -> Paper:
    """A line of a roster; it was verified when the roster was confirmed."""
    by = roster.confirmed_by
    return Paper(
        source=roster.source_document,
        standing=passport.span(since, until, day),
        since=since,
        until=until,
        doc_no=basis,
        verified_by=by.actor_label if by else "",
        verified_at=roster.confirmed_at,
    )
