"""Outbox and inbox. What must be told is written with the act; a relay delivers it, exactly once to each."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from foundation.ids import new_id
from foundation.parts import moment, person, together


class OutboxEvent(models.Model):
    """Something to tell, committed together with what it tells of. What was said is never changed.

    `reached` counts the organisations, in their order, whose inboxes have it: an announcement to ten thousand
    is delivered in several transactions. `data` are figures that templates may name. `once` is the key of what
    is said one time only, whoever asks again.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField("主题", max_length=64)
    organisation_ids = ArrayField(models.UUIDField(), verbose_name="收件组织")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    subject_type = models.CharField("对象类型", max_length=64, blank=True)
    subject_id = models.UUIDField("对象", null=True, blank=True)
    must_read = models.BooleanField("须确认收悉", default=False)
    data = models.JSONField("数据", default=dict, blank=True)
    once = models.CharField("只告知一次", max_length=120, blank=True)
    reached = models.PositiveIntegerField("已送达组织数", default=0)
    created_at = models.DateTimeField("产生时间")
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待发通知"
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at=None), name="outbox_unsent"),
            models.Index(fields=["id"], condition=Q(must_read=True), name="outbox_must_read"),
        ]
        constraints = [models.UniqueConstraint(fields=["once"], condition=~Q(once=""), name="outbox_told_once")]
        triggers = [
            pgtrigger.Protect(
                name="as_it_was_said",
                operation=pgtrigger.UpdateOf(
                    "topic",
                    "organisation_ids",
                    "title",
                    "body",
                    "subject_type",
                    "subject_id",
                    "must_read",
                    "data",
                    "once",
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """One notice in one organisation's inbox. It is read and acknowledged by a person, for the organisation."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(OutboxEvent, models.PROTECT, related_name="messages", verbose_name="通知")
    organisation_id = models.UUIDField("收件组织")
    must_read = models.BooleanField("须确认收悉", default=False)  # as the event says; here for the inbox's index
    created_at = models.DateTimeField("时间")
    read_at = moment("已读时间")
    read_by = person("阅读人")
    acknowledged_at = moment("确认收悉时间")
    acknowledged_by = person("确认人")

    class Meta:
        verbose_name = verbose_name_plural = "站内消息"
        constraints = [
            models.UniqueConstraint(fields=["event", "organisation_id"], name="message_once"),
            together("message_read_together", "阅读人和阅读时间", "read_at", "read_by"),
            together("message_acknowledged_together", "确认人和确认时间", "acknowledged_at", "acknowledged_by"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(must_read=True, read_at__isnull=False),
                name="message_acknowledged_is_must_read",
                violation_error_message="只有须确认收悉的通知可以确认，且确认即已读。",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "-id"], name="message_inbox"),
            models.Index(fields=["organisation_id"], condition=Q(read_at=None), name="message_unread"),
            models.Index(
                fields=["organisation_id"],
                condition=Q(must_read=True, acknowledged_at=None),
                name="message_to_acknowledge",
            ),
            models.Index(fields=["event"], condition=Q(must_read=True, read_at__isnull=False), name="message_was_read"),
            models.Index(
                fields=["event"],
                condition=Q(must_read=True, acknowledged_at__isnull=False),
                name="message_was_acknowledged",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="acknowledged_for_good",
                operation=pgtrigger.UpdateOf("acknowledged_at", "acknowledged_by_id"),
                condition=pgtrigger.Q(old__acknowledged_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.event_id}"
