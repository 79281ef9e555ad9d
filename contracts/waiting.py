"""What each contract waits for, of whom and since when: one reading for the parties, the officers and the reminders.

It stands beside each contract (docs/adr/0017), so that lists are filtered and sorted by it; what depends on the day is
worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from contracts.models import (
    Contract,
    Reminder,
)
from contracts.states import (
    ABOUT_CLAIM,
    NEVER_STANDING,
    OF,
    PLANNED,
    STANDING,
    Awaited,
    Of,
    State,
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
    """Each with `awaited`, `since_on` and `awaited_what`; null where nothing is awaited any more."""
    found: models.QuerySet[Any] = rows.annotate(
        awaited=F("wait__awaited"), since_on=F("wait__since_on"), awaited_what=F("wait__what")
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
    late = Q(wait__awaited__in=sorted(PLANNED), wait__since_on__lt=today) | Q(
        wait__awaited__in=sorted(DUE_ON_ROW), wait__due_at__lt=clock.start_of(today)
    )
    others = Q(wait__awaited__in=sorted(STANDING - PLANNED - DUE_ON_ROW))
    used = Notice.objects.filter(pk__in=Contract.objects.order_by().values("notice"))
    starts = {notice.pk: last_start(notice.parsed.limit(REMINDERS[0]), today) for notice in used}
    if not starts:
        return annotated(rows).none()
    # What the waits alone tell comes first: their index finds the few, whose notices are then looked at.
    few = late | others & Q(wait__since_on__lte=max(starts.values()))
    for notice, start in starts.items():
        late |= others & Q(notice=notice, wait__since_on__lte=start)
    return annotated(rows.filter(few, late))


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
    began = TruncDate(since, tzinfo=clock.SHANGHAI)
    length = models.Func(
        F(f"{contract}notice__rules"),
        template=f"(jsonb_path_query_first(%(expressions)s, '{_LENGTH}') #>> '{{}}')::int",
        output_field=models.IntegerField(),
    )
    return models.ExpressionWrapper(began + length, output_field=models.DateField())


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
