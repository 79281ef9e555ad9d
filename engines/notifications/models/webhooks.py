"""Where an organisation wants its notices posted to."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger
from engines.notifications.states import ENDPOINT_ARCS, EndpointState
from foundation.parts import only_in_states, together


class WebhookEndpoint(FSMModelMixin, Subject):
    """An address of an organisation and the secret that its deliveries are signed with.

    `groups` are the groups of topics it takes; none means all. A secret that was replaced stays valid until
    `previous_until`: deliveries carry both signatures meanwhile.
    """

    ARCS = ENDPOINT_ARCS

    organisation_id = models.UUIDField("所属组织")
    label = models.CharField("名称", max_length=64)
    url = models.CharField("地址", max_length=500)
    groups = ArrayField(models.CharField(max_length=32), verbose_name="接收的主题类别", default=list, blank=True)
    state = FSMField("状态", max_length=16, choices=EndpointState, default=EndpointState.ACTIVE, protected=True)
    disabled_reason = models.CharField("停用原因", max_length=500, blank=True)
    secret = models.BinaryField("密钥（密文）")
    secret_shown_at = models.DateTimeField("密钥出示时间", null=True, blank=True)
    previous_secret = models.BinaryField("前一密钥（密文）", null=True, blank=True)
    previous_until = models.DateTimeField("前一密钥有效至", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "回调地址"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "url"],
                name="webhook_once",
                violation_error_message="本单位已登记过该回调地址。",
            ),
            together("webhook_previous_together", "前一密钥和它的有效期", "previous_secret", "previous_until"),
            only_in_states(
                "webhook_disabled_has_reason",
                [EndpointState.DISABLED],
                ~Q(disabled_reason=""),
                "停用的回调地址须有原因，启用的没有。",
            ),
        ]
        triggers = [*Subject.Meta.triggers, arcs_trigger(ENDPOINT_ARCS)]

    def __str__(self) -> str:
        return self.label

    def takes(self, group: str) -> bool:
        """It is to be told of topics of this group."""
        return not self.groups or group in self.groups

    @transition(state, source=EndpointState.ACTIVE, target=EndpointState.DISABLED)
    def disable(self, reason: str) -> None:
        self.disabled_reason = reason[:500]

    @transition(state, source=EndpointState.DISABLED, target=EndpointState.ACTIVE)
    def enable(self) -> None:
        self.disabled_reason = ""


class EndpointHealth(models.Model):
    """How an endpoint has been answering. Apart from it: senders write this, people write that."""

    endpoint = models.OneToOneField(
        WebhookEndpoint, models.PROTECT, primary_key=True, related_name="health", verbose_name="回调地址"
    )
    failures = models.PositiveIntegerField("连续失败次数", default=0)
    last_success_at = models.DateTimeField("最近成功", null=True, blank=True)
    last_failure_at = models.DateTimeField("最近失败", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "回调地址健康状况"

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.failures}"

    def note(self, *, ok: bool, at: datetime) -> None:
        """One more answer."""
        if ok:
            self.failures, self.last_success_at = 0, at
        else:
            self.failures, self.last_failure_at = self.failures + 1, at
