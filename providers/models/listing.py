"""A provider's qualification for one service year (第十五条, 第十六条)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger
from foundation.parts import in_states
from programmes.models import Notice
from providers.models.provider import Provider
from providers.states import BANNABLE, LISTING_ARCS
from providers.states import ListingState as S


class Listing(FSMModelMixin, Subject):
    """One provider, one service year. LISTED is what lets it contract; the cap account opens with it.

    How it came about (application, experts, decision, 公示) is the accreditation's record; here stand the
    document of the decision and the 公示 it was published under.
    """

    ARCS: ClassVar = LISTING_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="listings", verbose_name="服务商")
    year = models.PositiveSmallIntegerField("服务年度")
    state = FSMField("状态", choices=S, default=S.LISTED, protected=True, max_length=16)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="依据通知")
    approval_no = models.CharField("审定文号", max_length=64)
    reference = models.CharField("公示文号或网址", max_length=200)
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止")
    reason = models.TextField("暂停或终止理由", blank=True)
    decision_no = models.CharField("终止决定文号", max_length=64, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "年度服务商资格"
        triggers = [*Subject.Meta.triggers, arcs_trigger(LISTING_ARCS)]
        indexes = [models.Index(fields=["state", "valid_to"], name="listing_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "year"],
                name="listing_once_a_year",
                violation_error_message="该服务商本年度已列入名单。",
            ),
            models.CheckConstraint(
                condition=~Q(approval_no="") & ~Q(reference=""),
                name="listing_by_document",
                violation_error_message="列入年度服务商须有审定文号和公示文号或网址。",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__year=F("year"), valid_to__year=F("year"), valid_to__gte=F("valid_from")),
                name="listing_within_its_year",
                violation_error_message="资格有效期须在服务年度之内，且止期不早于起期。",
            ),
            in_states(
                "listing_reason_given",
                frozenset({S.SUSPENDED, S.TERMINATED, S.TERMINATED_BAN}),
                ~Q(reason=""),
                "暂停或终止须写明理由。",
            ),
            in_states(
                "listing_ended_by_decision",
                frozenset({S.TERMINATED, S.TERMINATED_BAN}),
                ~Q(decision_no=""),
                "终止服务资格须有决定文号。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.year}"

    def covers(self, day: date) -> bool:
        """Whether `day` is one of its days, whatever its state."""
        return self.valid_from <= day <= self.valid_to

    @transition(field=state, source=S.LISTED, target=S.SUSPENDED)
    def suspend(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.SUSPENDED, target=S.LISTED)
    def resume(self) -> None:
        self.reason = ""

    @transition(field=state, source=[S.LISTED, S.SUSPENDED], target=S.EXPIRED)
    def expire(self) -> None:
        """The year is over: no new contract; those that run go on and may settle (8-37)."""

    @transition(field=state, source=[S.LISTED, S.SUSPENDED], target=S.TERMINATED)
    def terminate(self, reason: str, decision_no: str) -> None:
        self.reason, self.decision_no = reason, decision_no

    @transition(field=state, source=sorted(BANNABLE), target=S.TERMINATED_BAN)
    def ban(self, reason: str, decision_no: str) -> None:
        self.reason, self.decision_no = reason, decision_no
