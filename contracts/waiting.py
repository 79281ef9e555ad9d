"""What each contract waits for, of whom and since when: one reading for the parties, the officers and the reminders.

The database finds it, so that a list can be filtered by it and costs the same for three rows and three hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
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
    ABOUT_CLAIM,
    CLAIM_AWAITS,
    NEVER_STANDING,
    OF,
    PLANNED,
    SETS_ASIDE,
    STANDING,
    Awaited,
    Document,
    Of,
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
from foundation.statements import Given, Prepared
from programmes import deadlines
from programmes.models import Notice
from programmes.rules import Limit, Rules

S, A = State, Awaited
AT_WORK = [S.EFFECTIVE, S.PERFORMING]
REMINDERS = ("acceptance_reminder_1", "acceptance_reminder_2", "acceptance_reminder_3")
SIGNATURES = frozenset({A.SIGN_BOTH, A.SIGN_ENTERPRISE, A.SIGN_PROVIDER})
DUE_ON_ROW = SIGNATURES | {A.DEPOSIT}  # their limits stand on the contract; what is planned has its own day
_LENGTH = f'$.limits[*] ? (@.code == "{REMINDERS[0]}" && @.unit == "d").length'
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
    waits = list(_waits())
    at_work = Q(state__in=AT_WORK)
    found: models.QuerySet[Any] = rows.annotate(
        awaited=Case(*(When(one.when, then=Value(one.awaited)) for one in waits), output_field=models.CharField()),
        since_on=Case(*(When(one.when, then=one.since_on) for one in waits), output_field=models.DateField()),
        awaited_what=Case(
            When(at_work, then=Coalesce(Subquery(_bare().values("title")[:1]), Value(""))),
            default=Value(""),
            output_field=models.CharField(),
        ),
    )
    return found


# Asked for with every contract that is shown: its text is made once (docs/adr/0008).
_ONE = Prepared(
    lambda: annotated(Contract.objects.select_related("notice").defer("notice__rules")).filter(
        pk=Given("pk", models.UUIDField())
    ),
    Contract,
)


def of(contract_id: UUID) -> Step | None:
    """What that contract waits for today."""
    row = _ONE.first(pk=contract_id)
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


def on_turn(rows: models.QuerySet[Any], *whose: Of) -> models.QuerySet[Any]:
    """Those of the rows, annotated, whose next step is awaited of one of `whose`; the longest wait first."""
    steps = sorted(step for step, of in OF.items() if of in whose)
    found: models.QuerySet[Any] = annotated(rows).filter(awaited__in=steps).order_by("since_on", "pk")
    return found


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
    found: models.QuerySet[Any] = annotated(rows).filter(late)
    return found


def with_money(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Each annotated row with `held`, the voucher money set aside in 元, and `reminded`, reminders about this wait."""
    sent = Reminder.objects.filter(
        contract=OuterRef("pk"), awaited=OuterRef("awaited"), since_on=OuterRef("since_on"), nth__gt=0
    )
    counted = sent.order_by().values("contract").annotate(number=models.Count("pk")).values("number")
    found: models.QuerySet[Any] = rows.annotate(
        held=Case(
            When(hold=None, then=Value(ZERO)),
            default=Coalesce("final_voucher", "voucher"),
            output_field=MoneyField(),
        ),
        reminded=Coalesce(Subquery(counted), 0),
    )
    return found


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


def last_day_after(since: str, *, contract: str = "") -> models.expressions.Combinable:
    """Inside a query: the last day for what an office is asked for since the instant `since`; what `of` tells of one.

    `contract` is the way to the contract, "" on its own rows. Null under a notice that counts this limit otherwise
    than in days, for those the database cannot count.
    """
    length = models.Func(
        F(f"{contract}notice__rules"),
        template=f"(jsonb_path_query_first(%(expressions)s, '{_LENGTH}') #>> '{{}}')::int",
        output_field=models.IntegerField(),
    )
    return models.ExpressionWrapper(_day(since) + length, output_field=models.DateField())


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
    if awaited in ABOUT_CLAIM and row.claim_due is not None:
        last = max(row.claim_due, row.claim_until or row.claim_due)
        return last, "兑付申请所载期限"
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


class Wait(NamedTuple):
    """One line of the table: when it holds, what is awaited then, and the civil date on which that began."""

    when: Q
    awaited: Awaited
    since_on: Any


def _waits() -> Iterable[Wait]:
    """The first line that holds tells. What no column tells began with the last act on the contract."""
    requested, examined = {"state": TerminationState.REQUESTED}, {"state": TerminationState.CHECKED}
    yield Wait(_there(Termination, **requested), A.TERMINATION_CHECK, _on(Termination, "created_at", **requested))
    yield Wait(_there(Termination, **examined), A.TERMINATION_DECIDE, _on(Termination, "updated_at", **examined))
    asked = {"state": QueryState.OPEN}
    yield Wait(
        Q(state__in=[*AT_WORK, S.RECTIFY, S.DELIVERED, S.ACCEPTED, S.PAID_UP, S.CONFIRMED])
        & _there(EvidenceQuery, **asked),
        A.EVIDENCE,
        _on(EvidenceQuery, "created_at", **asked),
    )
    yield from _before_effect()
    yield from _at_work()
    yield from _after_acceptance()
    ours, theirs = ({"state": SupplementState.PROPOSED, "side": side} for side in (Side.PROVIDER, Side.ENTERPRISE))
    changing = Q(state=S.CHANGE_PENDING)
    yield Wait(changing & _there(Supplement, **ours), A.SUPPLEMENT_ENTERPRISE, _on(Supplement, "created_at", **ours))
    yield Wait(changing, A.SUPPLEMENT_PROVIDER, _on(Supplement, "created_at", **theirs))
    for state, awaited in ((S.DISPUTED, A.MEDIATION), (S.FROZEN, A.FROZEN), (S.OVERDUE, A.OVERDUE)):
        yield Wait(Q(state=state), awaited, _day("updated_at"))


def _before_effect() -> Iterable[Wait]:
    last = _day("updated_at")
    yield Wait(Q(state=S.DRAFT, enterprise_agreed_by__isnull=False), A.AGREE_PROVIDER, last)
    yield Wait(Q(state=S.DRAFT, provider_agreed_by__isnull=False), A.AGREE_ENTERPRISE, last)
    yield Wait(Q(state=S.DRAFT), A.AGREE_BOTH, last)
    yield Wait(Q(state=S.READY), A.START_SIGNING, last)
    yield Wait(Q(state=S.SIGNING) & _signed(Side.ENTERPRISE), A.SIGN_PROVIDER, last)
    yield Wait(Q(state=S.SIGNING) & _signed(Side.PROVIDER), A.SIGN_ENTERPRISE, last)
    yield Wait(Q(state=S.SIGNING), A.SIGN_BOTH, last)
    reported = {"kind": PaymentKind.DEPOSIT, "state": PaymentState.REPORTED}
    waiting = Q(state=S.SIGNED_WAIT_DEPOSIT)
    yield Wait(waiting & _there(PaymentOrder, **reported), A.DEPOSIT_MATCH, _on(PaymentOrder, "updated_at", **reported))
    yield Wait(waiting, A.DEPOSIT, _day("signed_at"))


def _at_work() -> Iterable[Wait]:
    at_work = Q(state__in=AT_WORK)
    yield Wait(at_work & Q(Exists(_bare())), A.MILESTONE, Subquery(_bare().values("due_date")[:1]))
    yield Wait(at_work, A.DELIVERY, F("end_date"))
    yield Wait(Q(state=S.DELIVERED), A.ACCEPTANCE, _day("delivered_at"))
    yield Wait(Q(state=S.RECTIFY), A.RECTIFICATION, _day("updated_at"))


def _after_acceptance() -> Iterable[Wait]:
    reported = {"kind": PaymentKind.BALANCE, "state": PaymentState.REPORTED}
    yield Wait(
        Q(state=S.ACCEPTED) & _there(PaymentOrder, **reported),
        A.BALANCE_MATCH,
        _on(PaymentOrder, "updated_at", **reported),
    )
    yield Wait(Q(state=S.ACCEPTED), A.BALANCE, _day("accepted_at"))
    yield Wait(
        Q(state=S.PAID_UP) & _there(ServiceConfirmation), A.CONFIRM_ENTERPRISE, _on(ServiceConfirmation, "created_at")
    )
    yield Wait(Q(state=S.PAID_UP), A.CONFIRM_PROVIDER, _day("paid_up_at"))
    began = _day(Coalesce("claim_stage_at", "confirmed_at"))
    for stage, awaited in CLAIM_AWAITS.items():
        yield Wait(Q(state=S.CONFIRMED, claim_stage=stage), awaited, began)


def _day(at: Any) -> TruncDate:
    """The civil date in Shanghai."""
    return TruncDate(at, tzinfo=clock.SHANGHAI)


def _there(model: type[models.Model], **which: Any) -> Q:
    """The contract has such a row."""
    return Q(Exists(model._default_manager.filter(contract=OuterRef("pk"), **which)))


def _on(model: type[models.Model], field: str, **which: Any) -> TruncDate:
    """The civil date that such a row of the contract's tells."""
    rows = model._default_manager.filter(contract=OuterRef("pk"), **which).order_by("created_at")
    return _day(Subquery(rows.values(field)[:1]))


def _signed(side: Side) -> Q:
    return _there(Signature, document=Document.CONTRACT, side=side)
