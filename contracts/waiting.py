"""What each contract waits for, of whom and since when: one reading for the parties, the officers and the reminders.

The database finds it, so that a list can be filtered by it and costs the same for three rows and three hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from contracts.models import (
    Contract,
    EvidenceQuery,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    Reminder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from contracts.states import (
    NEVER_STANDING,
    OF,
    PLANNED,
    SETS_ASIDE,
    STANDING,
    Awaited,
    Document,
    PaymentKind,
    PaymentState,
    QueryState,
    Side,
    State,
    SupplementState,
    TerminationState,
)
from foundation import clock
from foundation.money import ZERO, MoneyField
from programmes import deadlines
from programmes.models import Notice
from programmes.rules import Limit, Rules

S, A = State, Awaited
REMINDERS = ("acceptance_reminder_1", "acceptance_reminder_2", "acceptance_reminder_3")
SIGNATURES = frozenset({A.SIGN_BOTH, A.SIGN_ENTERPRISE, A.SIGN_PROVIDER})
DUE_ON_ROW = SIGNATURES | {A.DEPOSIT}  # their limits stand on the contract; what is planned has its own day
SEARCHED = 366  # days back within which the notice's limit in working days must be found


@dataclass(frozen=True)
class Step:
    """What one contract waits for on `today`. `since_on`: the day it began, or of what is planned its day.

    `days` since then; of what is planned negative until its day. `limit_on` is the last day before it is late, None
    where there is none.
    """

    awaited: Awaited
    since_on: date
    days: int
    limit_on: date | None
    limit: str
    late: bool
    what: str = ""

    @property
    def sentence(self) -> str:
        """What a person reads."""
        name = f"“{self.what}”" if self.what else ""
        waits = f"等待{self.awaited.label}{name}"
        if self.awaited in PLANNED:
            plan = f"，计划日期{self.since_on}"
            return f"{waits}{plan}，已超过{self.days}天。" if self.days > 0 else f"{waits}{plan}，还有{-self.days}天。"
        waited = f"，已等{self.days}天" if self.days else "，今天开始"
        if self.limit_on is None:
            return f"{waits}{waited}。"
        return f"{waits}{waited}，{'已超过' if self.late else '期限为'}{self.limit}（{self.limit_on}）。"


def annotated(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Each with `awaited`, `since_on` and `awaited_what`; null where nothing is awaited any more.

    What stands above the state comes first: an open request to end the contract, then a query on its evidence, for
    neither delivery nor acceptance goes on before it.
    """
    rows = rows.annotate(_first_bare=Subquery(_bare().values("due_date")[:1]))
    rows = rows.annotate(awaited=Case(*_whens(), default=None, output_field=models.CharField()))
    return rows.annotate(
        since_on=_since_on(),
        awaited_what=Case(
            When(awaited=A.MILESTONE, then=Subquery(_bare().values("title")[:1])),
            default=Value(""),
            output_field=models.CharField(),
        ),
    )


def of(contract_id: UUID) -> Step | None:
    """What that contract waits for today."""
    row = annotated(Contract.objects.select_related("notice").defer("notice__rules")).filter(pk=contract_id).first()
    return step_of(row, clock.today()) if row is not None else None


def step_of(row: Any, today: date) -> Step | None:
    """What an annotated contract waits for on `today`."""
    if row.awaited is None:
        return None
    awaited = Awaited(row.awaited)
    rules: Rules = row.notice.parsed
    limit_on, limit = _limit(awaited, row, rules)
    return Step(
        awaited=awaited,
        since_on=row.since_on,
        days=(today - row.since_on).days,
        limit_on=limit_on,
        limit=limit,
        late=limit_on is not None and today > limit_on,
        what=row.awaited_what or "",
    )


def standing(rows: models.QuerySet[Any], today: date) -> models.QuerySet[Any]:
    """Those of the rows whose next step has been awaited longer than its limit, each by its own notice's limits."""
    late = (
        Q(awaited__in=sorted(PLANNED), since_on__lt=today)
        | Q(awaited__in=sorted(SIGNATURES), signing_due__lt=clock.start_of(today))
        | Q(awaited=A.DEPOSIT, deposit_due__lt=clock.start_of(today))
    )
    others = sorted(STANDING - PLANNED - DUE_ON_ROW)
    for notice in Notice.objects.filter(pk__in=Contract.objects.order_by().values("notice")):
        start = last_start(notice.parsed.limit(REMINDERS[0]), today)
        late |= Q(notice=notice.pk, awaited__in=others, since_on__lte=start)
    return annotated(rows).filter(late)


def with_money(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Each annotated row with `held`, the voucher money set aside in 元, and `reminded`, reminders about this wait."""
    sent = Reminder.objects.filter(
        contract=OuterRef("pk"), awaited=OuterRef("awaited"), since_on=OuterRef("since_on"), nth__gt=0
    )
    counted = sent.order_by().values("contract").annotate(number=models.Count("pk")).values("number")
    return rows.annotate(
        held=Case(
            When(hold=None, then=Value(ZERO)),
            default=Coalesce("final_voucher", "voucher"),
            output_field=MoneyField(),
        ),
        reminded=Coalesce(Subquery(counted), 0),
    )


def sums(rows: models.QuerySet[Any], today: date) -> list[dict[str, Any]]:
    """By what is awaited: how many of the standing rows, the money they hold in 元, the longest wait in days."""
    found = (
        with_money(rows)
        .order_by()
        .values("awaited")
        .annotate(contracts=models.Count("pk"), money=models.Sum("held"), first=models.Min("since_on"))
    )
    lines = [
        {
            "awaited": row["awaited"],
            "label": Awaited(row["awaited"]).label,
            "of": OF[Awaited(row["awaited"])],
            "contracts": row["contracts"],
            "held": row["money"] or Decimal("0.00"),
            "longest_days": (today - row["first"]).days,
        }
        for row in found
    ]
    return sorted(lines, key=lambda line: (-line["contracts"], line["awaited"]))


def last_start(limit: Limit, today: date) -> date:
    """The latest day on which something awaited began whose limit is over on `today`."""
    day = today - timedelta(days=1)
    for _ in range(SEARCHED):
        if deadlines.last_day(limit, day) < today:
            break
        day -= timedelta(days=1)
    return day


def _limit(awaited: Awaited, row: Any, rules: Rules) -> tuple[date | None, str]:
    """The last day, and the limit in words. Where the notice names none, the first reminder's stands for it."""
    if awaited in PLANNED:
        return row.since_on, "计划日期"
    if awaited in NEVER_STANDING:
        return None, ""
    if awaited in DUE_ON_ROW:
        due = row.deposit_due if awaited == A.DEPOSIT else row.signing_due
        return clock.local_date(due), str(rules.limit("deposit" if awaited == A.DEPOSIT else "signing_hold"))
    limit = rules.limit(REMINDERS[0])
    return deadlines.last_day(limit, row.since_on), str(limit)


def _bare() -> models.QuerySet[Milestone]:
    """The contract's milestones that lack a kind of material that counts, the earliest first."""
    aside = EvidenceQuery.objects.filter(evidence=OuterRef("pk"), state__in=sorted(SETS_ASIDE))
    given = MilestoneEvidence.objects.filter(~Exists(aside), milestone=OuterRef("pk")).values("kind")
    return (
        Milestone.objects.filter(contract=OuterRef("pk"))
        .annotate(given=ArraySubquery(given))
        .exclude(evidence_kinds__contained_by=F("given"))
        .order_by("due_date", "seq")
    )


def _whens() -> Iterable[When]:
    yield When(_asked(Termination, state=TerminationState.REQUESTED), then=Value(A.TERMINATION_CHECK))
    yield When(_asked(Termination, state=TerminationState.CHECKED), then=Value(A.TERMINATION_DECIDE))
    query = _asked(EvidenceQuery, state=QueryState.OPEN)
    working = [S.EFFECTIVE, S.PERFORMING, S.RECTIFY, S.DELIVERED, S.ACCEPTED, S.PAID_UP, S.CONFIRMED]
    yield When(Q(state__in=working) & Q(query), then=Value(A.EVIDENCE))
    yield from _before_effect()
    at_work = Q(state__in=[S.EFFECTIVE, S.PERFORMING])
    yield When(at_work & Q(_first_bare__isnull=False), then=Value(A.MILESTONE))
    yield When(at_work, then=Value(A.DELIVERY))
    yield When(state=S.DELIVERED, then=Value(A.ACCEPTANCE))
    yield When(state=S.RECTIFY, then=Value(A.RECTIFICATION))
    yield When(Q(state=S.ACCEPTED) & Q(_reported(PaymentKind.BALANCE)), then=Value(A.BALANCE_MATCH))
    yield When(state=S.ACCEPTED, then=Value(A.BALANCE))
    yield When(Q(state=S.PAID_UP) & Q(_asked(ServiceConfirmation)), then=Value(A.CONFIRM_ENTERPRISE))
    yield When(state=S.PAID_UP, then=Value(A.CONFIRM_PROVIDER))
    yield When(state=S.CONFIRMED, then=Value(A.CLAIM))
    ours = _asked(Supplement, state=SupplementState.PROPOSED, side=Side.PROVIDER)
    yield When(Q(state=S.CHANGE_PENDING) & Q(ours), then=Value(A.SUPPLEMENT_ENTERPRISE))
    yield When(state=S.CHANGE_PENDING, then=Value(A.SUPPLEMENT_PROVIDER))
    yield When(state=S.DISPUTED, then=Value(A.MEDIATION))
    yield When(state=S.FROZEN, then=Value(A.FROZEN))
    yield When(state=S.OVERDUE, then=Value(A.OVERDUE))


def _before_effect() -> Iterable[When]:
    yield When(state=S.DRAFT, enterprise_agreed_by__isnull=False, then=Value(A.AGREE_PROVIDER))
    yield When(state=S.DRAFT, provider_agreed_by__isnull=False, then=Value(A.AGREE_ENTERPRISE))
    yield When(state=S.DRAFT, then=Value(A.AGREE_BOTH))
    yield When(state=S.READY, then=Value(A.START_SIGNING))
    yield When(Q(state=S.SIGNING) & Q(_signed(Side.ENTERPRISE)), then=Value(A.SIGN_PROVIDER))
    yield When(Q(state=S.SIGNING) & Q(_signed(Side.PROVIDER)), then=Value(A.SIGN_ENTERPRISE))
    yield When(state=S.SIGNING, then=Value(A.SIGN_BOTH))
    waiting = Q(state=S.SIGNED_WAIT_DEPOSIT)
    yield When(waiting & Q(_reported(PaymentKind.DEPOSIT)), then=Value(A.DEPOSIT_MATCH))
    yield When(waiting, then=Value(A.DEPOSIT))


def _since_on() -> Case:
    """The civil date on which the wait began. What no column tells began with the last act on the contract."""
    orders = PaymentOrder.objects.filter(contract=OuterRef("pk"), state=PaymentState.REPORTED)
    began: dict[Awaited, Any] = {
        A.TERMINATION_CHECK: _when(Termination, "created_at", state=TerminationState.REQUESTED),
        A.TERMINATION_DECIDE: _when(Termination, "updated_at", state=TerminationState.CHECKED),
        A.EVIDENCE: _when(EvidenceQuery, "created_at", state=QueryState.OPEN),
        A.DEPOSIT: F("signed_at"),
        A.DEPOSIT_MATCH: Subquery(orders.filter(kind=PaymentKind.DEPOSIT).values("updated_at")[:1]),
        A.ACCEPTANCE: F("delivered_at"),
        A.BALANCE: F("accepted_at"),
        A.BALANCE_MATCH: Subquery(orders.filter(kind=PaymentKind.BALANCE).values("updated_at")[:1]),
        A.CONFIRM_PROVIDER: F("paid_up_at"),
        A.CONFIRM_ENTERPRISE: _when(ServiceConfirmation, "created_at"),
        A.CLAIM: F("confirmed_at"),
        A.SUPPLEMENT_ENTERPRISE: _when(Supplement, "created_at", state=SupplementState.PROPOSED),
        A.SUPPLEMENT_PROVIDER: _when(Supplement, "created_at", state=SupplementState.PROPOSED),
    }
    return Case(
        When(awaited=None, then=None),
        When(awaited=A.MILESTONE, then=F("_first_bare")),
        When(awaited=A.DELIVERY, then=F("end_date")),
        *(When(awaited=one, then=_day(Coalesce(at, "updated_at"))) for one, at in began.items()),
        default=_day(F("updated_at")),
        output_field=models.DateField(),
    )


def _day(at: Any) -> TruncDate:
    return TruncDate(at, tzinfo=clock.SHANGHAI)


def _asked(model: type[models.Model], **which: Any) -> Exists:
    return Exists(model._default_manager.filter(contract=OuterRef("pk"), **which))


def _when(model: type[models.Model], field: str, **which: Any) -> Subquery:
    return Subquery(
        model._default_manager.filter(contract=OuterRef("pk"), **which).order_by("created_at").values(field)[:1]
    )


def _signed(side: Side) -> Exists:
    return _asked(Signature, document=Document.CONTRACT, side=side)


def _reported(kind: PaymentKind) -> Exists:
    return _asked(PaymentOrder, kind=kind, state=PaymentState.REPORTED)
