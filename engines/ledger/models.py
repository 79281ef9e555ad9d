"""Accounts, their balances in stripes, the lines of holds, and the entries that explain every 分.

The rows are written by the functions in `sql/` and by nothing else. What those functions must never get
wrong is held by the tables themselves: a balance row in which the buckets are not the whole of what was
issued, a hold resolved twice, an entry altered, a line that skips a state are all refused here.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q

from engines.ledger.states import ARCS, LIVE, ONCE, OUTSIDE, Bucket, Kind
from foundation.money import ZERO, MoneyField

NO_TRUNCATE = pgtrigger.Trigger(
    name="no_truncate",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="RAISE EXCEPTION 'ledger: % is never emptied', TG_TABLE_NAME;",
)
KEPT = pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete)


def _sound(function: str, *columns: str) -> Func:
    """The CHECK that asks the function of `sql/checks.sql`; a refusal names the rule that was broken."""
    return Func(*(F(column) for column in columns), function=function, output_field=models.BooleanField())


class Account(models.Model):
    """One owner's money in one book and period. Never changes: what moves is in its balances.

    `heat` is the rank in which rows are locked, the hottest last. `stripes` is over how many balance rows
    the account is spread, so that sessions which take from a hot one do not queue behind each other.
    """

    book = models.CharField("账簿", max_length=32)
    owner = models.CharField("所有者", max_length=64)
    period = models.IntegerField("期间")
    heat = models.SmallIntegerField("加锁次序", default=0)
    stripes = models.SmallIntegerField("分片数", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "账户"
        constraints = [
            models.UniqueConstraint(fields=["book", "owner", "period"], name="ledger_account_once"),
            models.CheckConstraint(condition=Q(stripes__gte=1), name="ledger_account_has_a_stripe"),
        ]
        triggers = [
            pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete),
            NO_TRUNCATE,
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.owner} {self.period}"


class Balance(models.Model):
    """One stripe of an account: everything issued to it stands in exactly one bucket (invariant 1).

    `closed` stands here and not on the account because it must be read under the lock that guards
    `available`: what is released while the year is being closed goes to `expired`, not to `available`.
    No index names a changing column and pages keep room, so updates stay in the page (HOT).
    """

    pk = models.CompositePrimaryKey("account_id", "stripe")
    account = models.ForeignKey(Account, models.PROTECT, related_name="balances", db_index=False)
    stripe = models.SmallIntegerField("分片")
    issued = MoneyField("已下达", default=ZERO)
    available = MoneyField("可用", default=ZERO)
    reserved = MoneyField("预占", default=ZERO)
    committed = MoneyField("已承诺", default=ZERO)
    due = MoneyField("应付", default=ZERO)
    consumed = MoneyField("已核销", default=ZERO)
    expired = MoneyField("已作废", default=ZERO)
    carried = MoneyField("已结转", default=ZERO)
    closed = models.BooleanField("已关闭", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "余额"
        constraints = [
            models.CheckConstraint(
                condition=_sound("ledger_balance_is_sound", "issued", *Bucket.values, "closed"),
                name="ledger_balance_sound",
                violation_error_message="账户各状态金额之和须等于已下达金额，且均不为负。",
            ),
        ]
        triggers = [
            KEPT,
            NO_TRUNCATE,
            pgtrigger.Trigger(
                name="same_stripe",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("account_id", "stripe"),
                func="RAISE EXCEPTION 'ledger: a balance stays with its stripe' USING ERRCODE = 'check_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.stripe}"


def _line_trigger() -> pgtrigger.Trigger:
    pairs = ", ".join(f"('{source}', '{to}')" for source, targets in ARCS.items() for to in sorted(targets))
    live = ", ".join(f"'{bucket}'" for bucket in sorted(LIVE))
    return pgtrigger.Trigger(
        name="only_known_moves",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF (OLD.hold, OLD.book) <> (NEW.hold, NEW.book)
               OR NEW.amount > OLD.amount
               OR OLD.bucket NOT IN ({live})
               OR (OLD.bucket <> NEW.bucket AND (OLD.bucket, NEW.bucket) NOT IN ({pairs}))
            THEN
                RAISE EXCEPTION 'ledger: line % % may not go from % % to % %', OLD.hold, OLD.book,
                    OLD.bucket, OLD.amount, NEW.bucket, NEW.amount USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


class Line(models.Model):
    """What one hold has of one book's account, and in which bucket. A hold is the lines that share its id."""

    pk = models.CompositePrimaryKey("hold", "book")
    hold = models.UUIDField("占用")
    book = models.CharField("账簿", max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines", db_index=False)
    stripe = models.SmallIntegerField("分片")
    amount = MoneyField("金额")
    bucket = models.CharField("状态", max_length=9, choices=Bucket)

    class Meta:
        verbose_name = verbose_name_plural = "占用明细"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_line_amount_positive"),
        ]
        triggers = [
            KEPT,
            NO_TRUNCATE,
            pgtrigger.Protect(
                name="begins_reserved", operation=pgtrigger.Insert, condition=pgtrigger.Q(new__bucket__df=Bucket.RESERVED)
            ),
            _line_trigger(),
        ]

    def __str__(self) -> str:
        return f"{self.hold} {self.book}"


class Entry(models.Model):
    """One amount that went from one bucket of a stripe to another, with both before and after.

    Written once and kept: balances could be lost and made again from here. Issued money comes from
    `issued`, the outside; the two entries of a spread between stripes cancel out there.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    stripe = models.SmallIntegerField("分片")
    hold = models.UUIDField("占用", null=True)
    kind = models.CharField("类别", max_length=8, choices=Kind)
    source = models.CharField("自", max_length=9)
    target = models.CharField("至", max_length=9)
    amount = MoneyField("金额")
    source_before = MoneyField("自（前）")
    source_after = MoneyField("自（后）")
    target_before = MoneyField("至（前）")
    target_after = MoneyField("至（后）")
    reference = models.CharField("凭据", max_length=128, blank=True)
    reason = models.TextField("理由", blank=True)
    actor = models.CharField("行为人", max_length=64)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "account", "kind"], condition=Q(kind__in=ONCE), name="ledger_entry_resolved_once"
            ),
            models.CheckConstraint(
                condition=_sound(
                    "ledger_entry_is_sound",
                    *("kind", "source", "target", "amount"),
                    *("source_before", "source_after", "target_before", "target_after"),
                ),
                name="ledger_entry_sound",
                violation_error_message="分录的前后余额须与金额相符。",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="ledger_entry_statement"),
            models.Index(fields=["hold", "id"], condition=~Q(kind__in=ONCE), name="ledger_entry_of_hold"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            NO_TRUNCATE,
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}→{self.target} {self.amount}"
