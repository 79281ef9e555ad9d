"""Reads: which notice is in force, what the budget has, whether signing goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from accounts.states import OFFICERS
from engines.ledger import selectors as ledger
from engines.ledger.states import OUTSIDE, Kind
from engines.publicity import selectors as publicity
from engines.publicity.models import Objection, ObjectionFile, Publicity, PublicityItem
from engines.publicity.states import FileRole
from foundation import clock
from foundation.errors import Refused
from foundation.money import ZERO
from foundation.statements import Given, Prepared
from programmes import books, policies
from programmes.models import Appropriation, Notice, Suspension, TargetSet
from programmes.states import AppropriationState, NoticeKind, NoticeState, TargetState

PUBLIC_STATES = (NoticeState.PUBLISHED, NoticeState.SUPERSEDED)


@dataclass(frozen=True)
class BudgetFigures:
    """A budget year in 元. total = committed + approved + paid + left + carried + expired."""

    year: int
    total: Decimal = ZERO
    reserved: Decimal = ZERO  # held at signing, not yet in effect; part of committed
    committed: Decimal = ZERO
    approved: Decimal = ZERO
    paid: Decimal = ZERO
    left: Decimal = ZERO
    carried: Decimal = ZERO
    expired: Decimal = ZERO

    @property
    def bound(self) -> Decimal:
        """What contracts and approved claims have set aside."""
        return self.committed + self.approved

    @property
    def gone(self) -> Decimal:
        """What went into the next year or is void."""
        return self.carried + self.expired


def is_current(notice: Notice, day: date) -> bool:
    """Whether the notice, as it was read, is the one of its kind in force on `day`: there is one at most."""
    return notice.state == NoticeState.PUBLISHED and notice.valid_from <= day <= notice.valid_to


def current_notice(day: date) -> Notice:
    """The published notice of the general voucher in force on `day`. Raises NOTICE_NOT_PUBLISHED (8-53)."""
    notice = _published().filter(valid_from__lte=day, valid_to__gte=day).first()
    if notice is None:
        raise Refused(
            "NOTICE_NOT_PUBLISHED", f"{day}没有已发布的年度通知，额度和签约尚未开放（办法第十七条）。", day=str(day)
        )
    return notice


def latest_notice(day: date) -> Notice:
    """The published notice of the general voucher in force on `day`, or the last one that was.

    What is drawn up and signed needs one in force; what was signed is settled and paid after its year too
    (8-16, 8-52, 8-53). Raises NOTICE_NOT_PUBLISHED before the first.
    """
    notice = last_notice(day)
    if notice is None:
        raise Refused("NOTICE_NOT_PUBLISHED", f"到{day}为止没有发布过年度通知（办法第十七条）。", day=str(day))
    return notice


def last_notice(day: date) -> Notice | None:
    """The published notice of the general voucher that came into force last until `day`."""
    return _published().filter(valid_from__lte=day).order_by("-valid_from").first()


def coming_notice(day: date) -> Notice | None:
    """The published notice of the general voucher that comes into force next after `day`."""
    return _published().filter(valid_from__gt=day).order_by("valid_from").first()


def notice_of_year(year: int) -> Notice | None:
    """The published notice of the general voucher for `year`."""
    return _published().filter(year=year).first()


def _published() -> models.QuerySet[Notice]:
    return Notice.objects.filter(kind=NoticeKind.GENERAL, state=NoticeState.PUBLISHED)


def visible_notices(user: User | AnonymousUser) -> models.QuerySet[Notice]:
    """What was ever published is public; drafts are seen by officers."""
    rows = Notice.objects.all()
    if isinstance(user, User) and user.has(*OFFICERS):
        return rows
    return rows.filter(state__in=PUBLIC_STATES)


def revisions(notice: Notice) -> models.QuerySet[Notice]:
    """Every revision of the notice's kind and year that was ever public, the latest first, without their rules."""
    rows = Notice.objects.filter(kind=notice.kind, year=notice.year, state__in=PUBLIC_STATES)
    return rows.defer("rules").order_by("-revision")


def notice_to_compare(notice: Notice) -> Notice | None:
    """What the notice would take the place of, or follows: its year's published revision, else the last year's."""
    rows = Notice.objects.filter(kind=notice.kind, state=NoticeState.PUBLISHED, year__lte=notice.year)
    return rows.exclude(pk=notice.pk).order_by("-year").first()


def years() -> list[int]:
    """The years that a published notice governs, or that money was entered for."""
    governed = _published().values_list("year", flat=True)
    funded = Appropriation.objects.filter(state=AppropriationState.CONFIRMED).values_list("year", flat=True)
    return sorted({*governed, *funded})


def category_codes() -> set[str]:
    """The codes of every service category that a notice ever named (第七条)."""
    listed = Notice.objects.filter(state__in=PUBLIC_STATES).values_list("rules__categories", flat=True)
    return {category["code"] for categories in listed for category in categories or []}


def category_names() -> dict[str, str]:
    """What every service category that a notice ever named is called, as the latest notice has it."""
    return _names("rules__categories")


def tier_names() -> dict[str, str]:
    """What every tier that a notice ever named is called, as the latest notice has it."""
    return _names("rules__tiers")


def _names(rows: str) -> dict[str, str]:
    listed = Notice.objects.filter(state__in=PUBLIC_STATES).order_by("year", "revision").values_list(rows, flat=True)
    return {row["code"]: row["name"] for named in listed for row in named or []}


def visible_appropriations(user: User) -> models.QuerySet[Appropriation]:
    """Officers see every entry with its document; the public sees the sums."""
    rows = Appropriation.objects.all()
    return rows if user.has(*OFFICERS) else rows.none()


def visible_targets(user: User) -> models.QuerySet[TargetSet]:
    """Officers see every 绩效目标, also what was replaced or sent back."""
    rows = TargetSet.objects.select_related("drafted_by", "confirmed_by")
    return rows if user.has(*OFFICERS) else rows.none()


def targets_in_force(year: int) -> TargetSet | None:
    """What the year is measured by, if anything was confirmed."""
    return TargetSet.objects.filter(year=year, state=TargetState.CONFIRMED).first()


def figures(year: int) -> BudgetFigures:
    """Where the money of the year stands, from the ledger in one reading; zeros before the first entry."""
    account = ledger.account_id(books.BUDGET, books.BUDGET_OWNER, year)
    if account is None:
        return BudgetFigures(year)
    held = ledger.balance(account)
    return BudgetFigures(
        year=year,
        total=held.issued,
        reserved=held.reserved,
        committed=held.reserved + held.committed,
        approved=held.due,
        paid=held.consumed,
        left=held.available,
        carried=held.carried,
        expired=held.expired,
    )


@dataclass(frozen=True)
class BudgetMovement:
    """One change of a year's total, in 元: what it was, by how much it moved, what it is then."""

    label: str
    reference: str
    amount: Decimal
    before: Decimal
    after: Decimal
    at: datetime | None = None


def budget_movements(year: int) -> list[BudgetMovement]:
    """What made the year's total what it is, oldest first: each document, then what contracts carried over.

    A document's money may stand on many stripes of the account; here it is one line.
    """
    account = ledger.account_id(books.BUDGET, books.BUDGET_OWNER, year)
    if account is None:
        return []
    sums: dict[tuple[datetime, str, str], Decimal] = {}
    for entry in ledger.issues(account).filter(kind=Kind.ISSUE):
        key = (entry.at, entry.reference, entry.reason)
        sums[key] = sums.get(key, ZERO) + (-entry.amount if entry.target == OUTSIDE else entry.amount)
    found, total = [], ZERO
    for (at, reference, reason), amount in sums.items():
        found.append(BudgetMovement(reason, reference, amount, total, total + amount, at))
        total += amount
    carried = ledger.balance(account).issued - total
    if carried:
        found.append(BudgetMovement("上年度结转转入", "年度结转", carried, total, total + carried))
    return found


_OPEN_SUSPENSION = Prepared(
    lambda: Suspension.objects.filter(year=Given("year", models.IntegerField()), ended_at=None), Suspension
)


def open_suspension(year: int) -> Suspension | None:
    """The pause of signing that is going on in the year."""
    return _OPEN_SUSPENSION.first(year=year)


def suspensions(year: int) -> models.QuerySet[Suspension]:
    """Every pause of signing in the year, the latest first: public (第二十一条)."""
    return Suspension.objects.filter(year=year).order_by("-started_at")


def every_suspension() -> models.QuerySet[Suspension]:
    """The pauses of all years; they are public."""
    return Suspension.objects.all()


def entries(year: int) -> models.QuerySet[Appropriation]:
    """What documents gave the year and took from it, in the order they were recorded."""
    return Appropriation.objects.filter(year=year).order_by("pk")


def is_suspended(year: int) -> bool:
    """Whether signing is paused. Ask after the hold: a pause waits for the holds in flight, so none slips by."""
    return Suspension.objects.filter(year=year, ended_at=None).exists()


def visible_publicities(user: User | AnonymousUser) -> models.QuerySet[Publicity]:
    """Everybody sees what has begun; officers also what will."""
    if isinstance(user, User) and user.has(*OFFICERS):
        return Publicity.objects.all()
    return publicity.begun(clock.today())


def visible_items(user: User | AnonymousUser) -> models.QuerySet[PublicityItem]:
    """What stands on such lists."""
    if isinstance(user, User) and user.has(*OFFICERS):
        return PublicityItem.objects.all()
    return publicity.items_begun(clock.today())


def visible_objections(user: User) -> models.QuerySet[Objection]:
    """All, for who handles them and the supervisor; a filer asks by his receipt, a party is told the result."""
    rows = Objection.objects.select_related("item__publicity").prefetch_related(
        models.Prefetch("files", queryset=ObjectionFile.objects.filter(role=FileRole.EVIDENCE).order_by("pk"))
    )
    return rows if policies.may_see_objections(user) else rows.none()


def visible_papers(user: User) -> models.QuerySet[ObjectionFile]:
    """Evidence of objections for who sees these; never a letter, which tells who filed."""
    rows = ObjectionFile.objects.filter(role=FileRole.EVIDENCE)
    return rows if policies.may_see_objections(user) else rows.none()
