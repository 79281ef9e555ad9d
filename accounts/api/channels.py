"""Webhook endpoints of one's organisation, and the log of what went out by mail and webhook."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.caller import caller
from accounts.services import channels
from engines.evidence import selectors as trail
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.notifications.models import Attempt, Delivery, WebhookEndpoint
from foundation.api.fields import Shaped, Versioned
from foundation.api.views import REFUSALS, Listed, act, look


class WebhookOut(serializers.ModelSerializer[WebhookEndpoint]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    failures = serializers.IntegerField(source="health.failures", help_text="连续失败次数")
    last_success_at = serializers.DateTimeField(source="health.last_success_at", allow_null=True)
    last_failure_at = serializers.DateTimeField(source="health.last_failure_at", allow_null=True)

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id", "version", "label", "url", "groups", "state", "state_label", "disabled_reason", "secret_shown_at",
            "previous_until", "failures", "last_success_at", "last_failure_at", "created_at",
        ]  # fmt: skip


class WebhookIn(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=64, help_text="名称")  # type: ignore[assignment]  # DRF's own is the field's
    url = Shaped(
        r"^https?://[!-~]{1,480}$",
        says="回调地址须为 https:// 开头、不超过488个半角字符的网址，不含空格。",
        help_text="https:// 开头；不能指向内部网络，不跟随重定向，5秒内须以 2xx 应答",
    )
    groups = serializers.ListField(
        child=serializers.CharField(max_length=32),
        max_length=20,
        default=list,
        help_text="接收的主题类别，不给出时全部接收；须确认收悉的通知一律发送",
    )


EXAMPLE = {"label": "办公系统", "url": "https://oa.example.com/hooks/voucher", "groups": ["contract", "claim"]}


class WebhookDisableIn(Versioned):
    reason = serializers.CharField(max_length=500, help_text="停用的理由")


class WebhookSecretOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    secret = serializers.CharField(help_text="whsec_ 开头；只出示这一次")


class DeliveryOut(serializers.ModelSerializer[Delivery]):
    state_label = serializers.CharField(source="get_state_display", read_only=True)
    topic = serializers.CharField(source="event.topic", default="", help_text="通知的主题；汇总、验证和测试没有")
    endpoint_label = serializers.CharField(source="endpoint.label", default="")

    class Meta:
        model = Delivery
        fields = [
            "id", "channel", "content", "topic", "organisation_id", "person_id", "endpoint", "endpoint_label", "state",
            "state_label", "attempts", "next_at", "last_error", "created_at", "sent_at",
        ]  # fmt: skip


class AttemptOut(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ["at", "ok", "status", "error", "milliseconds"]


class WebhookViewSet(Listed):
    """Where the caller's organisation is posted its notices."""

    serializer_class = WebhookOut
    filterset_fields = ["state"]

    def rows(self) -> models.QuerySet[WebhookEndpoint]:
        return selectors.endpoints(caller(self.request))

    @act(
        body=WebhookIn,
        out=WebhookOut,
        summary="登记回调地址（签署人或负责人）",
        detail=False,
        path="",
        status=201,
        example=EXAMPLE,
    )
    def create(self, request: Request, data: dict[str, Any]) -> WebhookEndpoint:
        return channels.register(by=caller(request), **data)

    # without an Idempotency-Key: the answer that is kept for one would keep the secret, readable
    @extend_schema(summary="出示密钥（仅一次）", request=Versioned, responses={200: WebhookSecretOut, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="show-secret")
    def show_secret(self, request: Request, **kwargs: Any) -> Response:
        row: WebhookEndpoint = self.get_object()
        form = Versioned(data=request.data)
        form.is_valid(raise_exception=True)
        endpoint, secret = channels.show_secret(
            by=caller(request), endpoint_id=row.pk, version=form.validated_data["version"]
        )
        answer = WebhookSecretOut({"id": endpoint.pk, "version": endpoint.version, "secret": secret})
        return Response(answer.data, headers={"Cache-Control": "no-store"})

    @act(body=Versioned, out=WebhookOut, summary="更换密钥（原密钥24小时内仍有效）")
    def rotate_secret(self, request: Request, row: WebhookEndpoint, data: dict[str, Any]) -> WebhookEndpoint:
        return channels.rotate_secret(by=caller(request), endpoint_id=row.pk, **data)

    @act(
        body=WebhookDisableIn,
        out=WebhookOut,
        summary="停用回调地址",
        example={"version": 1, "reason": "系统停机维护。"},
    )
    def disable(self, request: Request, row: WebhookEndpoint, data: dict[str, Any]) -> WebhookEndpoint:
        return channels.disable(by=caller(request), endpoint_id=row.pk, **data)

    @act(body=Versioned, out=WebhookOut, summary="启用回调地址（先补发停用期间积存的）")
    def enable(self, request: Request, row: WebhookEndpoint, data: dict[str, Any]) -> WebhookEndpoint:
        return channels.enable(by=caller(request), endpoint_id=row.pk, **data)

    @act(out=DeliveryOut, summary="测试回调", status=201)
    def ping(self, request: Request, row: WebhookEndpoint, data: dict[str, Any]) -> Delivery:
        return channels.ping(by=caller(request), endpoint_id=row.pk)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: WebhookEndpoint) -> models.QuerySet[EvidenceRecord]:
        return trail.of_subject(row)


class DeliveryViewSet(Listed):
    """What went out: to whom, how often tried, how it ended."""

    serializer_class = DeliveryOut
    filterset_fields = {
        "channel": ["exact"],
        "content": ["exact"],
        "state": ["exact"],
        "endpoint": ["exact"],
        "created_at": ["gte", "lt"],
    }

    def rows(self) -> models.QuerySet[Delivery]:
        return selectors.deliveries(caller(self.request))

    @look(out=AttemptOut, summary="发送记录", many=True)
    def tries(self, request: Request, row: Delivery) -> models.QuerySet[Attempt]:
        return row.tries.all()

    @act(out=DeliveryOut, summary="重新发送（同一编号）")
    def resend(self, request: Request, row: Delivery, data: dict[str, Any]) -> Delivery:
        return channels.resend(by=caller(request), delivery_id=row.pk)
