"""The inbox, what one wants by mail, and how far must-read notices have got."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request

from accounts import selectors
from accounts.api.caller import caller
from accounts.services import inbox
from accounts.states import OrganisationKind
from engines.notifications import selectors as notices
from engines.notifications import topics
from engines.notifications.models import Message, OutboxEvent
from engines.notifications.states import EmailMode
from foundation.api.fields import Choice
from foundation.api.filters import Coded, Filters
from foundation.api.views import Listed, Rows, act, look


class MessageOut(serializers.ModelSerializer[Message]):
    topic = serializers.CharField(source="event.topic")
    topic_label = serializers.SerializerMethodField(help_text="主题名称")
    title = serializers.CharField(source="event.title")
    body = serializers.CharField(source="event.body")
    subject_type = serializers.CharField(source="event.subject_type")
    subject_id = serializers.UUIDField(source="event.subject_id", allow_null=True)
    link = serializers.SerializerMethodField(help_text="所涉对象的 API 地址，没有时为空")
    read_by = serializers.CharField(source="read_by.name", default=None, help_text="阅读人姓名")
    acknowledged_by = serializers.CharField(source="acknowledged_by.name", default=None, help_text="确认人姓名")

    class Meta:
        model = Message
        fields = [
            "id", "topic", "topic_label", "title", "body", "subject_type", "subject_id", "link", "created_at", "read_at",
            "read_by", "must_read", "acknowledged_at", "acknowledged_by",
        ]  # fmt: skip

    def get_topic_label(self, message: Message) -> str:
        return topics.find(message.event.topic).label

    def get_link(self, message: Message) -> str:
        return topics.link(message.event)


class MessageFilter(Filters):
    unread = filters.BooleanFilter(field_name="read_at", lookup_expr="isnull", label="未读")
    acknowledged = filters.BooleanFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True, label="已确认收悉"
    )
    topic = filters.CharFilter(field_name="event__topic", max_length=64, label="主题")
    group = Coded(known=topics.groups, method="of_group", label="主题类别")
    subject_type = filters.CharFilter(field_name="event__subject_type", max_length=64, label="对象类型")
    subject_id = filters.UUIDFilter(field_name="event__subject_id", label="对象")

    class Meta:
        model = Message
        fields = ["must_read"]

    def of_group(self, rows: models.QuerySet[Message], name: str, value: str) -> models.QuerySet[Message]:
        """notices.of_group."""
        return notices.of_group(rows, value)


class GroupOut(serializers.Serializer[Any]):
    group = serializers.CharField(help_text="主题类别")
    label = serializers.CharField(help_text="名称")  # type: ignore[assignment]  # DRF's own `label` is the field's
    unread = serializers.IntegerField(help_text="未读条数")


class SummaryOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="未读条数")
    must_read = serializers.IntegerField(help_text="须确认收悉而未确认的条数")
    pressing = MessageOut(many=True, help_text="须确认收悉而未确认的消息，最早的在前，最多20条")
    groups = GroupOut(many=True, help_text="各类别未读条数")


class ReadAllIn(serializers.Serializer[Any]):
    up_to = serializers.UUIDField(help_text="您已看到的最新一条消息；此后到达的保持未读")


class ReadAllOut(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="新标为已读的条数；须确认收悉的不在其内")


class ChoiceOut(serializers.Serializer[Any]):
    group = serializers.CharField(help_text="主题类别")
    label = serializers.CharField(help_text="名称")  # type: ignore[assignment]  # as above
    own = serializers.ChoiceField(choices=EmailMode.choices, allow_null=True, help_text="本人所选")
    organisation = serializers.ChoiceField(choices=EmailMode.choices, allow_null=True, help_text="本单位所选")
    in_force = serializers.CharField(help_text="实际适用；by_topic 表示按各主题的默认方式")


class PreferencesOut(serializers.Serializer[Any]):
    choices = ChoiceOut(many=True)


class PreferencesIn(serializers.Serializer[Any]):
    for_organisation = serializers.BooleanField(default=False, help_text="为本单位设定默认方式；否则只为本人")
    email = serializers.DictField(
        child=Choice(choices=EmailMode.choices, allow_null=True),
        allow_empty=False,
        help_text="主题类别对应的邮件接收方式；null 表示撤销所选。须确认收悉的通知不受影响，站内消息不能关闭",
    )


class MessageViewSet(Listed):
    """The inbox of the caller's organisation."""

    serializer_class = MessageOut
    filterset_class = MessageFilter

    def rows(self) -> models.QuerySet[Message]:
        return selectors.inbox(caller(self.request))

    @act(out=MessageOut, summary="标记已读")
    def read(self, request: Request, row: Message, data: dict[str, Any]) -> Message:
        return inbox.read(by=caller(request), message_id=row.pk)

    @act(out=MessageOut, summary="确认收悉（代表本单位；须确认收悉的通知）")
    def acknowledge(self, request: Request, row: Message, data: dict[str, Any]) -> Message:
        return inbox.acknowledge(by=caller(request), message_id=row.pk)

    @act(body=ReadAllIn, out=ReadAllOut, summary="全部标记已读（到所给的一条为止）", detail=False)
    def read_all(self, request: Request, data: dict[str, Any]) -> dict[str, int]:
        return {"read": inbox.read_all(by=caller(request), up_to=data["up_to"])}

    @look(out=SummaryOut, summary="收件箱概况：未读和须确认收悉", detail=False)
    def summary(self, request: Request) -> dict[str, Any]:
        waiting = notices.summary(caller(request).organisation_id)
        names = topics.groups()
        groups = [{"group": code, "label": names[code], "unread": n} for code, n in sorted(waiting.groups.items())]
        return {
            "unread": waiting.unread,
            "must_read": waiting.must_read,
            "pressing": waiting.pressing,
            "groups": groups,
        }

    @look(out=PreferencesOut, summary="接收偏好", detail=False)
    def preferences(self, request: Request) -> dict[str, Any]:
        return _choices(request)

    @act(
        body=PreferencesIn,
        out=PreferencesOut,
        summary="设置接收偏好（本人；本单位的由签署人或负责人）",
        detail=False,
        example={"for_organisation": False, "email": {"contract": "at_once", "claim": "daily"}},
    )
    def set_preferences(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        inbox.choose(by=caller(request), **data)
        return _choices(request)


def _choices(request: Request) -> dict[str, Any]:
    user = caller(request)
    return {"choices": notices.choices(person_id=user.pk, organisation_id=user.organisation_id)}


class AnnouncementOut(serializers.ModelSerializer[OutboxEvent]):
    link = serializers.SerializerMethodField(help_text="所涉对象的 API 地址，没有时为空")
    told = serializers.IntegerField(help_text="收件组织数")
    reached = serializers.IntegerField(help_text="已送达收件箱的组织数")
    read = serializers.IntegerField(help_text="已读的组织数")
    acknowledged = serializers.IntegerField(help_text="已确认收悉的组织数")

    class Meta:
        model = OutboxEvent
        fields = [
            "id", "topic", "title", "body", "link", "created_at", "sent_at", "told", "reached", "read", "acknowledged",
        ]  # fmt: skip

    def get_link(self, event: OutboxEvent) -> str:
        return topics.link(event)


class AnnouncementViewSet(Listed):
    """Must-read notices: told, reached, read, acknowledged (第二十一条)."""

    serializer_class = AnnouncementOut
    filterset_fields = {"topic": ["exact"]}

    def rows(self) -> models.QuerySet[OutboxEvent]:
        return selectors.announcements(caller(self.request))


class ReceiverOut(serializers.ModelSerializer[Message]):
    event = serializers.IntegerField(source="event_id", help_text="通知，见 announcements/")
    organisation = serializers.CharField(source="organisation_name", help_text="收件组织")
    organisation_kind = serializers.ChoiceField(choices=OrganisationKind.choices)

    class Meta:
        model = Message
        fields = [
            "id", "event", "organisation_id", "organisation", "organisation_kind", "created_at", "read_at",
            "acknowledged_at",
        ]  # fmt: skip


class ReceiverFilter(Filters):
    event = filters.NumberFilter(field_name="event_id", label="通知")
    read = filters.BooleanFilter(field_name="read_at", lookup_expr="isnull", exclude=True, label="已读")
    acknowledged = filters.BooleanFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True, label="已确认收悉"
    )
    organisation_kind = filters.ChoiceFilter(choices=OrganisationKind.choices, label="组织类别")

    class Meta:
        model = Message
        fields = ["organisation_id"]


@extend_schema_view(list=extend_schema(summary="须确认收悉的通知：各组织送达、已读和确认情况"))
class ReceiverViewSet(mixins.ListModelMixin, Rows):
    """Which organisations have, or have not, acknowledged a must-read notice."""

    serializer_class = ReceiverOut
    filterset_class = ReceiverFilter

    def rows(self) -> models.QuerySet[Message]:
        return selectors.receivers(caller(self.request))
