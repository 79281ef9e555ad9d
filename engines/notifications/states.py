"""Channels beside the inbox, and what becomes of one thing sent through them."""

from __future__ import annotations

from django.db.models import TextChoices


class Channel(TextChoices):
    """The inbox is not one of them: what is in it is there, nothing is sent."""

    EMAIL = "email", "电子邮件"
    WEBHOOK = "webhook", "回调"


class Content(TextChoices):
    NOTICE = "notice", "通知"
    DIGEST = "digest", "每日汇总"
    VERIFICATION = "verification", "邮箱验证"
    PING = "ping", "连通测试"


class EmailMode(TextChoices):
    AT_ONCE = "at_once", "即时"
    DAILY = "daily", "每日汇总"
    OFF = "off", "不接收"


class DeliveryState(TextChoices):
    WAITING = "waiting", "待汇总"
    GATHERED = "gathered", "已汇入汇总"
    QUEUED = "queued", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已送出"
    FAILED = "failed", "待重试"
    GIVEN_UP = "given_up", "已放弃"
    NOT_CONFIGURED = "not_configured", "未配置邮件服务"
    NO_ADDRESS = "no_address", "无有效地址"


S = DeliveryState
DUE = (S.QUEUED, S.FAILED, S.SENDING)  # a sender may take it once its time has come; SENDING: its lease has run out
ENDED = (S.SENT, S.GIVEN_UP, S.NOT_CONFIGURED, S.NO_ADDRESS)

DELIVERY_ARCS: dict[DeliveryState, set[DeliveryState]] = {
    S.WAITING: {S.GATHERED},
    S.QUEUED: {S.SENDING},
    S.SENDING: {S.SENT, S.FAILED, S.GIVEN_UP, S.NOT_CONFIGURED, S.NO_ADDRESS},
    S.FAILED: {S.SENDING, S.QUEUED},
    S.SENT: {S.QUEUED},
    S.GIVEN_UP: {S.QUEUED},
    S.NOT_CONFIGURED: {S.QUEUED},
    S.NO_ADDRESS: {S.QUEUED},
    S.GATHERED: set(),
}


class EndpointState(TextChoices):
    ACTIVE = "active", "启用"
    DISABLED = "disabled", "停用"


ENDPOINT_ARCS: dict[EndpointState, set[EndpointState]] = {
    EndpointState.ACTIVE: {EndpointState.DISABLED},
    EndpointState.DISABLED: {EndpointState.ACTIVE},
}
