"""States of notices and of budget entries, and which may follow which."""

from __future__ import annotations

from django.db.models import TextChoices


class NoticeKind(TextChoices):
    GENERAL = "general", "通用券"


class NoticeState(TextChoices):
    DRAFT = "draft", "起草"
    APPROVED = "approved", "已审定"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已被新版取代"


class AppropriationKind(TextChoices):
    APPROPRIATION = "appropriation", "预算下达"
    REDUCTION = "reduction", "预算核减"


class AppropriationState(TextChoices):
    RECORDED = "recorded", "待财政确认"
    CONFIRMED = "confirmed", "已入账"
    REJECTED = "rejected", "已退回"


class SuspensionKind(TextChoices):
    SHORTAGE = "shortage", "预算不足"
    MANUAL = "manual", "人工暂停"


class TargetState(TextChoices):
    DRAFT = "draft", "待审定"
    CONFIRMED = "confirmed", "现行"
    SUPERSEDED = "superseded", "已被替代"
    REJECTED = "rejected", "已退回"


NOTICE_ARCS: dict[str, frozenset[str]] = {
    NoticeState.DRAFT: frozenset({NoticeState.APPROVED}),
    NoticeState.APPROVED: frozenset({NoticeState.PUBLISHED}),
    NoticeState.PUBLISHED: frozenset({NoticeState.SUPERSEDED}),
    NoticeState.SUPERSEDED: frozenset(),
}
APPROPRIATION_ARCS: dict[str, frozenset[str]] = {
    AppropriationState.RECORDED: frozenset({AppropriationState.CONFIRMED, AppropriationState.REJECTED}),
    AppropriationState.CONFIRMED: frozenset(),
    AppropriationState.REJECTED: frozenset(),
}
TARGET_ARCS: dict[str, frozenset[str]] = {
    TargetState.DRAFT: frozenset({TargetState.CONFIRMED, TargetState.REJECTED}),
    TargetState.CONFIRMED: frozenset({TargetState.SUPERSEDED}),
    TargetState.SUPERSEDED: frozenset(),
    TargetState.REJECTED: frozenset(),
}
