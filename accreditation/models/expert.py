"""Experts, the panels they are drawn for, and their signed score sheets (第九条, 第十五条第（三）项; 8-51)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from accreditation.models.application import Application
from accreditation.models.round import Round
from accreditation.states import (
    EXPERT_ARCS,
    PANEL_ARCS,
    SHEET_ARCS,
    SHEET_OPENED,
    CaseKind,
    ExpertState,
    PanelState,
    SheetState,
    TieNature,
)
from engines.evidence.models import Subject, arcs_trigger, frozen_trigger
from foundation.parts import different_people, in_states, moment, only_in_states, person, together


class Expert(FSMModelMixin, Subject):
    """A person who judges. Proposed by 促进中心经办, confirmed by 厅职能处室; only who is active is drawn.

    `fields` are codes of the notice's service categories. Never shown to a provider.
    """

    ARCS: ClassVar = EXPERT_ARCS

    user = models.OneToOneField(User, models.PROTECT, related_name="expert", verbose_name="账号")
    state = FSMField("状态", choices=ExpertState, default=ExpertState.PROPOSED, protected=True, max_length=16)
    title = models.CharField("职称", max_length=64)
    fields = models.JSONField("专业领域")
    unit_name = models.CharField("所在单位", max_length=120)
    unit_uscc = models.CharField("单位统一社会信用代码", max_length=18)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    confirmed_by, confirmed_at = person("确认人"), moment("确认时间")
    reason = models.TextField("出库理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "评审专家"
        triggers = [*Subject.Meta.triggers, arcs_trigger(EXPERT_ARCS)]
        constraints = [
            together("expert_confirm_both", "确认的人和时间", "confirmed_by", "confirmed_at"),
            different_people("expert_two_people", "登记与确认", "proposed_by", "confirmed_by"),
            in_states(
                "expert_active_confirmed",
                frozenset({ExpertState.ACTIVE}),
                Q(confirmed_at__isnull=False),
                "在库专家须经确认。",
            ),
            in_states("expert_retired_reason", frozenset({ExpertState.RETIRED}), ~Q(reason=""), "出库须写明理由。"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.unit_name}"

    @transition(field=state, source=[ExpertState.PROPOSED, ExpertState.RETIRED], target=ExpertState.ACTIVE)
    def confirm(self, by: User, at: datetime) -> None:
        self.confirmed_by, self.confirmed_at, self.reason = by, at, ""

    @transition(field=state, source=[ExpertState.PROPOSED, ExpertState.ACTIVE], target=ExpertState.RETIRED)
    def retire(self, reason: str) -> None:
        self.reason = reason


class Tie(models.Model):
    """A body the expert works for, owns a part of or has served: he does not judge it (DOMAIN section 4, rule 2).

    Over on `ended_on`; it keeps him away for the notice's years of avoidance after that, without an end while open.
    """

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="ties", verbose_name="专家")
    name = models.CharField("机构名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    nature = models.CharField("关系", max_length=16, choices=TieNature)
    ended_on = models.DateField("关系结束日期", null=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    removed_at = moment("撤下时间")

    class Meta:
        verbose_name = verbose_name_plural = "应回避机构"
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "uscc", "nature"],
                condition=Q(removed_at=None),
                name="tie_once",
                violation_error_message="同一机构的同一关系只登记一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.uscc}"


class Panel(FSMModelMixin, Subject):
    """One draw for some applications of a round: seed, pool, who was kept away and why, whom it gave to which case.

    `order` is the seeded order of the pool, `excluded` lists [expert, application, reason], `seats` maps each
    application to its experts. Anyone can draw again from seed and pool (accreditation.draw).
    """

    ARCS: ClassVar = PANEL_ARCS

    round = models.ForeignKey(Round, models.PROTECT, related_name="panels", verbose_name="征集批次")
    kind = models.CharField("申请类别", max_length=16, choices=CaseKind)
    number = models.CharField("专家组编号", max_length=40, unique=True)
    state = FSMField("状态", choices=PanelState, default=PanelState.DRAWN, protected=True, max_length=16)
    size = models.PositiveSmallIntegerField("每项申请的专家人数")
    seed = models.CharField("随机种子", max_length=64)
    order = models.JSONField("抽取次序")
    excluded = models.JSONField("回避和排除")
    seats = models.JSONField("抽取结果")
    digest = models.CharField("抽取记录SM3", max_length=64)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    approved_by, approved_at = person("确认人"), moment("确认时间")
    reason = models.TextField("作废理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "专家组"
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(PANEL_ARCS),
            frozen_trigger(
                "round", "kind", "number", "size", "seed", "order", "excluded", "seats", "digest", "drawn_by"
            ),
        ]
        constraints = [
            together("panel_approve_both", "确认的人和时间", "approved_by", "approved_at"),
            different_people("panel_two_people", "抽取与确认", "drawn_by", "approved_by"),
            in_states(
                "panel_approved_state",
                frozenset({PanelState.APPROVED}),
                Q(approved_at__isnull=False),
                "确认专家组须有确认人。",
            ),
            in_states("panel_cancelled_reason", frozenset({PanelState.CANCELLED}), ~Q(reason=""), "作废须写明理由。"),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(field=state, source=PanelState.DRAWN, target=PanelState.APPROVED)
    def approve(self, by: User, at: datetime) -> None:
        self.approved_by, self.approved_at = by, at

    @transition(field=state, source=PanelState.DRAWN, target=PanelState.CANCELLED)
    def cancel(self, reason: str) -> None:
        self.reason = reason


class ScoreSheet(FSMModelMixin, Subject):
    """One expert's judgement of one application. Declared free of conflict before it opens; signed, it is frozen.

    `points` maps each criterion of the notice to its points. Until every sheet of the application is signed nobody
    but its expert sees what it says.
    """

    ARCS: ClassVar = SHEET_ARCS

    application = models.ForeignKey(Application, models.PROTECT, related_name="sheets", verbose_name="申请")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="sheets", verbose_name="专家")
    panel = models.ForeignKey(Panel, models.PROTECT, related_name="sheets", verbose_name="专家组")
    state = FSMField("状态", choices=SheetState, default=SheetState.ASSIGNED, protected=True, max_length=16)
    declared_at = moment("声明时间")
    points = models.JSONField("各项得分", default=dict)
    total = models.DecimalField("总分", max_digits=5, decimal_places=1, null=True)
    vote = models.BooleanField("赞成", null=True)
    comment = models.TextField("评审意见", blank=True)
    signed_at = moment("签署时间")
    digest = models.CharField("签署内容SM3", max_length=64, blank=True)
    reason = models.TextField("回避或替换理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "评分表"
        triggers = [
            *Subject.Meta.triggers,
            arcs_trigger(SHEET_ARCS),
            pgtrigger.Protect(
                name="frozen_once_signed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=SheetState.SIGNED),
            ),
        ]
        indexes = [models.Index(fields=["expert", "state"], name="sheet_of_expert")]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "expert"],
                name="sheet_once",
                violation_error_message="该专家已被抽取评审此申请。",
            ),
            in_states("sheet_declared", SHEET_OPENED, Q(declared_at__isnull=False), "评审前须声明是否回避。"),
            only_in_states(
                "sheet_signed_whole",
                frozenset({SheetState.SIGNED}),
                Q(total__isnull=False, vote__isnull=False, signed_at__isnull=False) & ~Q(digest="") & ~Q(comment=""),
                "签署的评分表须有总分、表决、意见、时间和摘要。",
            ),
            in_states(
                "sheet_left_reason",
                frozenset({SheetState.RECUSED, SheetState.RELEASED}),
                ~Q(reason=""),
                "回避或替换须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.expert_id}"

    @transition(field=state, source=SheetState.ASSIGNED, target=SheetState.OPEN)
    def declare_free(self, at: datetime) -> None:
        self.declared_at = at

    @transition(field=state, source=[SheetState.ASSIGNED, SheetState.OPEN], target=SheetState.RECUSED)
    def recuse(self, at: datetime, reason: str) -> None:
        self.declared_at, self.reason = at, reason

    @transition(field=state, source=[SheetState.ASSIGNED, SheetState.OPEN], target=SheetState.RELEASED)
    def release(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=SheetState.OPEN, target=SheetState.SIGNED)
    def sign(self, at: datetime, points: dict[str, Any], total: Decimal, vote: bool, comment: str, digest: str) -> None:
        self.points, self.total, self.vote, self.comment = points, total, vote, comment
        self.signed_at, self.digest = at, digest
