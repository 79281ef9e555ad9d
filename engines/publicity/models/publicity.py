"""A list on public show, and each thing on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger, frozen_trigger
from engines.publicity.states import ITEM_ARCS, ITEM_LIVE, PUBLICITY_ARCS, PUBLICITY_CLOSED
from engines.publicity.states import ItemState as T
from engines.publicity.states import PublicityState as S
from foundation.parts import moment, only_in_states, together

FROZEN = (
    "kind", "title", "reference", "basis", "first", "last", "days", "counts_first_day", "calendars", "clocks",
    "contact", "digest", "item_count", "restarts", "opened_by",
)  # fmt: skip
FROZEN_ITEM = ("publicity", "position", "subject_type", "subject_id", "label", "body", "hash")


def actor(verbose_name: str) -> Any:
    """`actor_id` of whoever did the act, once it is done: the engine stands below people."""
    return models.CharField(verbose_name, max_length=64, null=True)


class Publicity(FSMModelMixin, Subject):
    """One list, frozen on the day it is shown, with its period and the clocks of objections against it.

    `digest` is SM3 over the list in order, its title and its period. `clocks` pins each limit of the notice
    named by `basis` as {"length", "unit"}; `calendars` the arrangements its working days were counted by.
    """

    ARCS: ClassVar = PUBLICITY_ARCS

    kind = models.CharField("类别", max_length=32)
    title = models.CharField("标题", max_length=120)
    reference = models.CharField("公示文号或网址", max_length=200)
    basis = models.CharField("年度通知版本", max_length=120)
    state = FSMField("状态", choices=S, default=S.OPEN, protected=True, max_length=16)
    first = models.DateField("公示开始")
    last = models.DateField("公示结束")
    days = models.PositiveSmallIntegerField("最少工作日")
    counts_first_day = models.BooleanField("首日计入")
    calendars = models.JSONField("工作日历版本")
    clocks = models.JSONField("异议办理时限")
    contact = models.JSONField("联系方式")
    digest = models.CharField("名单SM3", max_length=64)
    item_count = models.PositiveIntegerField("项数")
    restarts = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="restarted_as", verbose_name="重新公示前的名单"
    )
    opened_by = models.CharField("公示人", max_length=64)
    closed_by, closed_at = actor("期满登记人"), moment("期满登记时间")
    withdrawn_by, withdrawn_at = actor("撤回人"), moment("撤回时间")
    withdrawn_reason = models.CharField("撤回理由", max_length=500, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "公示"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PUBLICITY_ARCS), frozen_trigger(*FROZEN)]
        indexes = [models.Index(fields=["last"], condition=Q(state=S.OPEN), name="publicity_running")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first"), days__gte=1),
                name="publicity_order",
                violation_error_message="公示结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(item_count__gte=1), name="publicity_not_empty", violation_error_message="公示名单不能为空。"
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(title="") & Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="publicity_named",
                violation_error_message="公示须有标题、文号和名单摘要。",
            ),
            together("publicity_close_both", "期满登记人和时间", "closed_by", "closed_at"),
            together("publicity_withdraw_both", "撤回人和时间", "withdrawn_by", "withdrawn_at"),
            only_in_states(
                "publicity_closed_state", PUBLICITY_CLOSED, Q(closed_at__isnull=False), "期满须有登记人和时间。"
            ),
            only_in_states(
                "publicity_withdrawn_state",
                [S.WITHDRAWN],
                Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                "撤回须有撤回人、时间和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.reference}）"

    @property
    def is_closed(self) -> bool:
        """Its period is over and an officer has said so; what an objection holds may still be open."""
        return self.state in PUBLICITY_CLOSED

    @transition(field=state, source=S.OPEN, target=S.CLOSED_CLEAR)
    def close_clear(self, by: str, at: datetime) -> None:
        """The period is over and nothing is held."""
        self.closed_by, self.closed_at = by, at

    @transition(field=state, source=S.OPEN, target=S.CLOSED_WITH_HOLD)
    def close_with_hold(self, by: str, at: datetime) -> None:
        """The period is over; only what is disputed waits."""
        self.closed_by, self.closed_at = by, at

    @transition(field=state, source=S.CLOSED_WITH_HOLD, target=S.DONE)
    def finish(self) -> None:
        """Nothing is held any more."""

    @transition(field=state, source=S.OPEN, target=S.WITHDRAWN)
    def withdraw(self, by: str, at: datetime, reason: str) -> None:
        """The list is void."""
        self.withdrawn_by, self.withdrawn_at, self.withdrawn_reason = by, at, reason


class PublicityItem(FSMModelMixin, Subject):
    """One thing on the list as the public sees it. Only its state changes."""

    ARCS: ClassVar = ITEM_ARCS

    publicity = models.ForeignKey(Publicity, models.PROTECT, related_name="items", verbose_name="公示", db_index=False)
    position = models.PositiveIntegerField("序号")
    subject_type = models.CharField("对象类型", max_length=64)
    subject_id = models.UUIDField("对象")
    label = models.CharField("名称", max_length=200)
    body = models.JSONField("公示内容")
    hash = models.CharField("SM3", max_length=64)
    state = FSMField("状态", choices=T, default=T.ON_SHOW, protected=True, max_length=16)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "公示事项"
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(ITEM_ARCS),
            frozen_trigger(*FROZEN_ITEM),
            pgtrigger.Trigger(
                name="with_its_list",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM publicity_publicity p
                         WHERE p.id = NEW.publicity_id AND p.version = 1 AND NEW.position <= p.item_count
                    ) THEN
                        RAISE EXCEPTION 'publicity: a list on show takes no more items'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["publicity", "position"], name="publicity_item_position_once"),
            models.UniqueConstraint(
                fields=["publicity", "subject_type", "subject_id"],
                name="publicity_item_once",
                violation_error_message="同一事项在名单中只能出现一次。",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(state__in=sorted(ITEM_LIVE)),
                name="publicity_item_on_one_list",
                violation_error_message="该事项正在另一名单中公示。",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1) & ~Q(label="") & Q(hash__regex=r"^[0-9a-f]{64}$"),
                name="publicity_item_named",
                violation_error_message="公示事项须有序号、名称和摘要。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.label}"

    @transition(field=state, source=T.ON_SHOW, target=T.HELD)
    def hold(self) -> None:
        """An objection against it is looked into."""

    @transition(field=state, source=T.HELD, target=T.ON_SHOW)
    def put_back(self) -> None:
        """Nothing holds it, and the period runs on."""

    @transition(field=state, source=[T.ON_SHOW, T.HELD], target=T.CLEARED)
    def clear(self) -> None:
        """The period is over and nothing holds it."""

    @transition(field=state, source=T.HELD, target=T.REMOVED)
    def remove(self) -> None:
        """An objection was upheld. A corrected one needs a new period."""

    @transition(field=state, source=[T.ON_SHOW, T.HELD], target=T.WITHDRAWN)
    def go_with_the_list(self) -> None:
        """The list was withdrawn."""
