"""Words that mean the same, kept by operators; and searches that found nothing, from which they learn."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from demands.states import SYNONYM_ARCS
from demands.states import SynonymState as S
from engines.evidence.models import Subject, arcs_trigger
from foundation.ids import new_id
from foundation.parts import different_people, in_states, moment, person, together


class Synonym(FSMModelMixin, Subject):
    """A group of words that mean the same in a search. Proposed by 促进中心经办, in use once 促进中心复核 confirmed it.

    `code` is the group's name for ever: a later row of the same code takes the earlier one's place, and one that
    bears the code of a group that came with the platform takes that one's. A single word: a group without effect.
    """

    ARCS: ClassVar = SYNONYM_ARCS

    code = models.CharField("词组代码", max_length=40)
    words = ArrayField(models.CharField(max_length=30), verbose_name="同义词")
    note = models.CharField("说明", max_length=200, blank=True)
    state = FSMField("状态", choices=S, default=S.PROPOSED, protected=True, max_length=16)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    decided_by, decided_at = person("复核人"), moment("复核时间")
    reason = models.TextField("不采用或停用理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "同义词组"
        triggers = [*Subject.Meta.triggers, arcs_trigger(SYNONYM_ARCS)]
        indexes = [models.Index(fields=["state", "id"], name="synonym_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state=S.CONFIRMED),
                name="synonym_code_once",
                violation_error_message="该词组代码已有一组在使用。",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state=S.PROPOSED),
                name="synonym_one_proposal",
                violation_error_message="该词组代码已有一组待复核。",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]{1,39}$"),
                name="synonym_code_shape",
                violation_error_message="词组代码须为2至40位小写字母、数字或下划线，以字母开头。",
            ),
            models.CheckConstraint(
                condition=Q(words__len__gte=1), name="synonym_has_words", violation_error_message="词组至少有一个词。"
            ),
            together("synonym_decision_both", "复核的人和时间", "decided_by", "decided_at"),
            different_people("synonym_two_people", "提出与复核", "proposed_by", "decided_by"),
            in_states(
                "synonym_decided_state",
                set(S) - {S.PROPOSED},
                Q(decided_at__isnull=False),
                "复核过的词组须有复核人和时间。",
            ),
            in_states("synonym_reason_given", {S.REFUSED, S.RETIRED}, ~Q(reason=""), "不采用或停用须写明理由。"),
        ]

    def __str__(self) -> str:
        return f"{self.code}：{'、'.join(self.words)}"

    @transition(field=state, source=S.PROPOSED, target=S.CONFIRMED)
    def confirm(self, by: User, at: datetime) -> None:
        self.decided_by, self.decided_at = by, at

    @transition(field=state, source=S.PROPOSED, target=S.REFUSED)
    def refuse(self, by: User, at: datetime, reason: str) -> None:
        self.decided_by, self.decided_at, self.reason = by, at, reason

    @transition(field=state, source=S.CONFIRMED, target=S.RETIRED)
    def retire(self, reason: str) -> None:
        self.reason = reason


class MissedSearch(models.Model):
    """What was asked and nothing on the shelf answered, once per wording, with how often. No person stands in it."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    text = models.CharField("查询内容", max_length=80)
    times = models.PositiveIntegerField("次数", default=1)
    first_at = models.DateTimeField("首次")
    last_at = models.DateTimeField("最近")

    class Meta:
        verbose_name = verbose_name_plural = "无结果查询"
        constraints = [
            models.UniqueConstraint(
                fields=["text"], name="missed_search_once", violation_error_message="该查询内容已有记录。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.text} ×{self.times}"


class CutText(models.Model):
    """The words of a product or demand as they were cut, so that a process that starts need not cut them again.

    Of a text that has changed since (`head`) or was cut with another vocabulary (`version`) it says nothing. May be
    thrown away at any time.
    """

    subject = models.UUIDField("产品或需求", primary_key=True)
    head = models.CharField("存证链头", max_length=64)
    version = models.CharField("词表版本", max_length=24)
    words = ArrayField(models.TextField(), verbose_name="词")

    class Meta:
        verbose_name = verbose_name_plural = "分词结果"

    def __str__(self) -> str:
        return f"{self.subject} {self.version}"
