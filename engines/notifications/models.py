"""Outbox and inbox. What must be told is written with the act; a relay delivers it, exactly once to each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from foundation.ids import new_id


class OutboxEvent(models.Model):
    """Something to tell, committed together with what it tells of."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField("主题", max_length=64)
    organisation_ids = ArrayField(models.UUIDField(), verbose_name="收件组织")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    subject_type = models.CharField("对象类型", max_length=64, blank=True)
    subject_id = models.UUIDField("对象", null=True, blank=True)
    created_at = models.DateTimeField("产生时间")
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待发通知"
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="outbox_unsent")]

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """One notice in one organisation's inbox."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(OutboxEvent, models.PROTECT, related_name="messages", verbose_name="通知")
    organisation_id = models.UUIDField("收件组织")
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "站内消息"
        constraints = [models.UniqueConstraint(fields=["event", "organisation_id"], name="message_once")]
        indexes = [models.Index(fields=["organisation_id", "-id"], name="message_inbox")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.event_id}"
