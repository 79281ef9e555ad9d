"""What goes out of the house: one row for each thing sent to one person or endpoint, and a line for each try."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from engines.evidence.models import arcs_trigger
from engines.notifications.models.outbox import OutboxEvent
from engines.notifications.models.webhooks import WebhookEndpoint
from engines.notifications.states import DELIVERY_ARCS, DUE, Channel, Content, DeliveryState, EmailMode
from foundation.ids import new_id


class Delivery(models.Model):
    """One e-mail to one person or one post to one endpoint. Its id goes with it: the receiver knows a repetition by it.

    A sender holds it by a `lease` until `next_at`; after that another one may take it. The address is not kept:
    it is looked up when it is sent. A notice that goes into a digest points to it by `digest`.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    content = models.CharField("内容", max_length=16, choices=Content, default=Content.NOTICE)
    event = models.ForeignKey(OutboxEvent, models.PROTECT, null=True, related_name="deliveries", verbose_name="通知")
    organisation_id = models.UUIDField("收件组织")
    person_id = models.UUIDField("收件人", null=True, blank=True)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.PROTECT, null=True, related_name="deliveries", verbose_name="回调地址"
    )
    digest = models.ForeignKey("self", models.PROTECT, null=True, related_name="items", verbose_name="所属汇总")
    civil_date = models.DateField("汇总日期", null=True, blank=True)
    state = models.CharField("状态", max_length=16, choices=DeliveryState, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次发送时间")
    lease = models.UUIDField("发送占用", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=300, blank=True)
    body_hash = models.CharField("内容 SM3", max_length=64, blank=True)
    created_at = models.DateTimeField("产生时间")
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "外发通知"
        constraints = [
            models.CheckConstraint(
                condition=Q(channel=Channel.EMAIL, person_id__isnull=False, endpoint__isnull=True)
                | Q(channel=Channel.WEBHOOK, person_id__isnull=True, endpoint__isnull=False),
                name="delivery_has_its_receiver",
                violation_error_message="邮件须有收件人，回调须有回调地址。",
            ),
            models.CheckConstraint(
                condition=Q(content=Content.NOTICE, event__isnull=False)
                | ~Q(content=Content.NOTICE) & Q(event__isnull=True),
                name="delivery_notice_has_event",
                violation_error_message="通知类外发须指明所发通知，其他类没有。",
            ),
            models.CheckConstraint(
                condition=Q(content=Content.DIGEST, civil_date__isnull=False)
                | ~Q(content=Content.DIGEST) & Q(civil_date__isnull=True),
                name="delivery_digest_has_day",
                violation_error_message="每日汇总须有日期，其他类没有。",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.GATHERED, digest__isnull=False)
                | ~Q(state=DeliveryState.GATHERED) & Q(digest__isnull=True),
                name="delivery_gathered_in_digest",
                violation_error_message="已汇入汇总的须指明汇总。",
            ),
            models.UniqueConstraint(
                fields=["event", "person_id"], condition=Q(channel=Channel.EMAIL), name="delivery_email_once"
            ),
            models.UniqueConstraint(
                fields=["event", "endpoint"], condition=Q(channel=Channel.WEBHOOK), name="delivery_webhook_once"
            ),
            models.UniqueConstraint(
                fields=["person_id", "civil_date"],
                condition=Q(content=Content.DIGEST),
                name="delivery_digest_once_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "next_at", "id"], condition=Q(state__in=DUE), name="delivery_due"),
            models.Index(fields=["person_id"], condition=Q(state=DeliveryState.WAITING), name="delivery_for_digest"),
            models.Index(fields=["organisation_id", "-id"], name="delivery_of_organisation"),
            models.Index(fields=["person_id", "-id"], name="delivery_of_person"),
        ]
        triggers = [arcs_trigger(DELIVERY_ARCS)]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Attempt(models.Model):
    """One try, as it ended."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="tries", verbose_name="外发通知")
    at = models.DateTimeField("时间")
    ok = models.BooleanField("成功")
    status = models.PositiveSmallIntegerField("应答代码", null=True, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField("用时（毫秒）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at:%F %T}"


class Preference(models.Model):
    """How a person, or an organisation for its people, wants the e-mails of one group of topics.

    `owner_id` is the person's or the organisation's. The inbox has no switch.
    """

    owner_id = models.UUIDField("所有者")
    group = models.CharField("主题类别", max_length=32)
    email = models.CharField("电子邮件", max_length=8, choices=EmailMode)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "接收偏好"
        constraints = [models.UniqueConstraint(fields=["owner_id", "group"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.group}: {self.email}"
