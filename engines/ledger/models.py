"""Accounts, their balances in stripes, the lines of holds, and the entries that explain every 分.

The rows are written by the functions in `sql/` and by nothing else. What those functions must never get
wrong is held by the tables themselves: a balance row in which the buckets are not the whole of what was
issued, a line that skips a state or is resolved twice, an entry altered or removed are all refused here.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q

from engines.ledger.fields import EnumField
from engines.ledger.states import ARCS, LIVE, Bucket, Kind
from foundation.money import ZERO, MoneyField


def refuse(name: str, operation: pgtrigger.Operation, sentence: str, *, rows: bool = True) -> pgtrigger.Trigger:
    """A trigger that refuses `operation` with `sentence`; for each row, or for the statement as a whole."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Row if rows else pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=operation,
        func=f"RAISE EXCEPTION 'ledger: {sentence}' USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME;",
    )


NO_TRUNCATE = refuse("no_truncate", pgtrigger.Truncate, "its tables are never emptied", rows=False)
KEPT = refuse("kept_for_ever", pgtrigger.Delete, "nothing is deleted")


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
            refuse("immutable", pgtrigger.Update | pgtrigger.Delete, "an account never changes"),
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
            # One function for all that must hold of a row, see sql/checks.sql; it names the rule that was broken.
            models.CheckConstraint(
                condition=Func(template="ledger_balance_is_sound(ledger_balance)", output_field=models.BooleanField()),
                name="ledger_balance_sound",
                violation_error_message="已下达金额须等于各状态金额之和，各状态金额均不能为负。",
            ),
        ]
        triggers = [
            KEPT,
            NO_TRUNCATE,
            refuse(
                "same_stripe", pgtrigger.UpdateOf("account_id", "stripe"), "a balance stays with its stripe", rows=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.stripe}"


def _moves() -> str:
    """The body of the trigger that knows ARCS."""
    arcs = ", ".join(f"('{source}', '{to}')" for source, targets in ARCS.items() for to in sorted(targets))
    live = ", ".join(f"'{bucket}'" for bucket in sorted(LIVE))
    return f"""
        IF (OLD.hold, OLD.book) <> (NEW.hold, NEW.book)
           OR NEW.amount > OLD.amount
           OR OLD.bucket NOT IN ({live})
           OR NEW.step <= OLD.step
           OR (OLD.bucket <> NEW.bucket AND (OLD.bucket, NEW.bucket) NOT IN ({arcs}))
        THEN
            RAISE EXCEPTION 'ledger: line % % may not go from % % to % %', OLD.hold, OLD.book,
                OLD.bucket, OLD.amount, NEW.bucket, NEW.amount USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """


class Line(models.Model):
    """What one hold has of one book's account, and in which bucket. A hold is the lines that share its id."""

    pk = models.CompositePrimaryKey("hold", "book")
    hold = models.UUIDField("占用")
    book = models.CharField("账簿", max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines", db_index=False)
    stripe = models.SmallIntegerField("分片")
    amount = MoneyField("金额")
    bucket = EnumField("状态", enum="ledger_bucket", max_length=9, choices=Bucket)
    step = models.SmallIntegerField("步骤", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "占用明细"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="ledger_line_amount_positive", violation_error_message="金额须大于零。"
            ),
        ]
        triggers = [
            KEPT,
            NO_TRUNCATE,
            pgtrigger.Trigger(
                name="only_known_moves", when=pgtrigger.Before, operation=pgtrigger.Update, func=_moves()
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold} {self.book}"


class Entry(models.Model):
    """One amount that went from one bucket of a stripe to another, with both before and after.

    Written once and kept: balances could be lost and made again from here. `step` numbers what happened
    to a hold on an account; that no two entries share one keeps a hold from being resolved twice. The
    account has no foreign key here: entries are only written beside the balance row that has one, and
    checking it again on each would lock the same hot account row for every signing.
    """

    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="entries", db_index=False, db_constraint=False)
    stripe = models.SmallIntegerField("分片")
    hold = models.UUIDField("占用", null=True)
    step = models.SmallIntegerField("步骤", default=0)
    kind = EnumField("类别", enum="ledger_kind", max_length=8, choices=Kind)
    source = EnumField("自", enum="ledger_bucket", max_length=9)
    target = EnumField("至", enum="ledger_bucket", max_length=9)
    amount = MoneyField("金额")
    source_before = MoneyField("自（前）", signed=True)
    source_after = MoneyField("自（后）", signed=True)
    target_before = MoneyField("至（前）", signed=True)
    target_after = MoneyField("至（后）", signed=True)
    reference = models.CharField("凭据", max_length=128, blank=True)
    reason = models.TextField("理由", blank=True)
    actor = models.CharField("行为人", max_length=64)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        constraints = [
            models.UniqueConstraint(fields=["hold", "account", "step"], name="ledger_entry_step_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_entry_amount_positive"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="ledger_entry_moves"),
            models.CheckConstraint(
                condition=Q(source_after=F("source_before") - F("amount")), name="ledger_entry_source_tied"
            ),
            models.CheckConstraint(
                condition=Q(target_after=F("target_before") + F("amount")), name="ledger_entry_target_tied"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], condition=Q(hold=None), name="ledger_entry_of_no_hold"),
            # All entries of an account of one stripe, and next to none of the hot ones, whose every hold would pay for it.
            models.Index(fields=["account", "id"], condition=Q(stripe=0), name="ledger_entry_of_stripe_0"),
        ]
        triggers = [
            refuse("append_only", pgtrigger.Update | pgtrigger.Delete, "entries are never altered or removed"),
            NO_TRUNCATE,
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}→{self.target} {self.amount}"
