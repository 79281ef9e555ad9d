"""A provider's answer to a demand with its quote, and what the two write to each other about it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from demands.models.demand import Demand
from demands.states import RESPONSE_ARCS, RESPONSE_LIVE, Side
from demands.states import ResponseState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.ids import new_id
from foundation.money import MoneyField
from foundation.parts import in_states
from providers.models import Product, Provider


class Response(FSMModelMixin, Subject):
    """One quote of one provider. Seen by the enterprise, that provider and officers; by no other provider.

    `product_name` and `list_price` (元) are the product's when the quote was made.
    """

    ARCS: ClassVar = RESPONSE_ARCS

    demand = models.ForeignKey(Demand, models.PROTECT, related_name="responses", verbose_name="需求")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="responses", verbose_name="服务商")
    state = FSMField("状态", choices=S, default=S.OFFERED, protected=True, max_length=16)
    price = MoneyField("报价")
    days = models.PositiveIntegerField("服务天数")
    proposal = models.TextField("服务方案")
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="服务产品"
    )
    product_name = models.CharField("产品名称", max_length=120, blank=True)
    list_price = MoneyField("产品标价", null=True, blank=True)
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报价人")
    reason = models.TextField("未选用或撤回理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "需求应答"
        triggers = [*Subject.Meta.triggers, arcs_trigger(RESPONSE_ARCS)]
        indexes = [
            models.Index(fields=["provider", "-id"], name="response_of_provider"),
            models.Index(fields=["demand", "-id"], name="response_to_demand"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "provider"],
                condition=Q(state__in=sorted(RESPONSE_LIVE)),
                name="response_one_live",
                violation_error_message="贵机构对该需求已有一份有效应答。",
            ),
            models.UniqueConstraint(
                fields=["demand"],
                condition=Q(state=S.TAKEN_UP),
                name="response_one_taken_up",
                violation_error_message="该需求已选定一家服务商。",
            ),
            models.CheckConstraint(
                condition=Q(price__gt=0), name="response_price_positive", violation_error_message="报价须大于零。"
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1), name="response_days_positive", violation_error_message="服务天数须不少于1天。"
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True, list_price__isnull=True, product_name="")
                | (Q(product__isnull=False, list_price__isnull=False) & ~Q(product_name="")),
                name="response_product_whole",
                violation_error_message="服务产品、其名称和标价须同时有或同时无。",
            ),
            in_states("response_reason_given", {S.DECLINED, S.WITHDRAWN}, ~Q(reason=""), "未选用或撤回须写明理由。"),
        ]

    def __str__(self) -> str:
        return f"{self.demand_id} {self.provider_id}"

    @transition(field=state, source=[S.OFFERED, S.TAKEN_UP], target=S.SHORTLISTED)
    def shortlist(self) -> None:
        """Among those the enterprise considers; or again so, when what was agreed came to nothing."""

    @transition(field=state, source=[S.OFFERED, S.SHORTLISTED], target=S.TAKEN_UP)
    def take_up(self) -> None:
        """The enterprise goes on with this provider."""

    @transition(field=state, source=[S.OFFERED, S.SHORTLISTED, S.TAKEN_UP], target=S.DECLINED)
    def decline(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=[S.OFFERED, S.SHORTLISTED, S.TAKEN_UP], target=S.WITHDRAWN)
    def withdraw(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=[S.OFFERED, S.SHORTLISTED, S.TAKEN_UP], target=S.CLOSED)
    def close(self) -> None:
        """The demand is over."""


class DemandMessage(models.Model):
    """One line of the talk between enterprise and provider over a response: words, files, or both.

    Never changed, never deleted. `attached` says how many files came with it.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="messages", verbose_name="应答")
    side = models.CharField("发送方", max_length=16, choices=Side)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发送人")
    text = models.TextField("内容", blank=True)
    attached = models.PositiveSmallIntegerField("附件数", default=0)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "对接消息"
        indexes = [models.Index(fields=["response", "id"], name="demand_message_thread")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(attached__gt=0),
                name="demand_message_not_empty",
                violation_error_message="消息须有文字或附件。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.response_id} {self.side}"


class DemandMessageFile(models.Model):
    """A file that came with a message: a drawing, a price sheet. Never changed, never deleted."""

    message = models.ForeignKey(DemandMessage, models.PROTECT, related_name="files", verbose_name="消息")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")

    class Meta:
        verbose_name = verbose_name_plural = "对接消息附件"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "file"],
                name="demand_message_file_once",
                violation_error_message="同一文件在一条消息中只能附一次。",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.message_id} {self.file_id}"


class ThreadMark(models.Model):
    """Up to which message a side has read a thread. Message keys grow with time."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="marks", verbose_name="应答")
    side = models.CharField("阅读方", max_length=16, choices=Side)
    read_to = models.UUIDField("已读至")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "已读标记"
        constraints = [
            models.UniqueConstraint(
                fields=["response", "side"],
                name="thread_mark_once",
                violation_error_message="每方在一个对话中只有一个已读标记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.side}"
