"""A complaint about an enterprise or a provider (第二十七条第四项; DOMAIN section 4, row 31)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Organisation, User
from accounts.states import OrganisationKind
from credit.states import (
    COMPLAINT_ACCEPTED,
    COMPLAINT_ARCS,
    COMPLAINT_DECIDED,
    COMPLAINT_INVESTIGATED,
    ComplainantKind,
    Refusal,
)
from credit.states import ComplaintState as S
from engines.evidence.models import Subject, arcs_trigger
from engines.files.models import StoredFile
from foundation.parts import different_people, in_states, moment, person, together
from programmes.models import Notice


class Complaint(FSMModelMixin, Subject):
    """Filed against a registered party by another one, or by anybody under his real name, which is sealed apart.

    促进中心经办 accepts it in time, 促进中心复核 investigates, 厅职能处室 decides: three people. The clocks are the
    notice's (8-39 by way of 保障中小企业款项支付条例第二十五条) and are pinned as dates. Who complained is told
    to the officers only; `told` is what the party complained of reads instead of facts and wish that would tell it.
    """

    ARCS: ClassVar = COMPLAINT_ARCS

    number = models.CharField("投诉编号", max_length=32, unique=True)
    state = FSMField("状态", choices=S, default=S.FILED, protected=True, max_length=16)
    filer_kind = models.CharField(
        "投诉人类别", max_length=16, choices=ComplainantKind, default=ComplainantKind.REGISTERED
    )
    filer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="complaints", verbose_name="投诉单位"
    )
    filed_by = person("投诉人")
    uscc = models.CharField("被投诉单位代码", max_length=18)
    party_name = models.CharField("被投诉单位名称", max_length=120)
    party_kind = models.CharField("被投诉单位类别", max_length=16, choices=OrganisationKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="complaints_against", verbose_name="被投诉单位"
    )
    contract_number = models.CharField("所涉合同编号", max_length=32, blank=True)
    facts = models.TextField("事实")
    wish = models.TextField("诉求", blank=True)
    told = models.TextField("告知被投诉单位的事实", blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+", verbose_name="佐证材料")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="依据通知")
    accept_due = models.DateField("受理期限")
    result_due = models.DateField("答复期限", null=True)
    longest_due = models.DateField("最长答复期限", null=True)
    accepted_by, accepted_at = person("受理人"), moment("受理时间")
    refusal_code = models.CharField("不予受理原因", max_length=16, blank=True, choices=Refusal)
    refusal_text = models.TextField("不予受理说明", blank=True)
    investigated_by, investigated_at = person("核查人"), moment("核查时间")
    findings = models.TextField("核查情况", blank=True)
    decided_by, decided_at = person("决定人"), moment("决定时间")
    result = models.TextField("处理结果", blank=True)
    has_large_effect = models.BooleanField("产生较大不良影响", default=False)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "投诉"
        triggers = [*Subject.Meta.triggers, arcs_trigger(COMPLAINT_ARCS)]
        indexes = [
            models.Index(fields=["uscc", "state"], name="complaint_against"),
            models.Index(fields=["state", "-id"], name="complaint_by_state"),
            models.Index(fields=["contract_number"], name="complaint_of_contract"),
        ]
        constraints = [
            together("complaint_filer_both", "投诉单位和投诉人", "filer", "filed_by"),
            models.CheckConstraint(
                condition=Q(filer_kind=ComplainantKind.REGISTERED, filer__isnull=False)
                | (~Q(filer_kind=ComplainantKind.REGISTERED) & Q(filer__isnull=True)),
                name="complaint_filer_kind",
                violation_error_message="已注册单位的投诉须记明投诉单位；公众投诉的身份另行密封保管。",
            ),
            together("complaint_accept_whole", "受理人、时间和答复期限", "accepted_by", "accepted_at", "result_due"),
            models.CheckConstraint(
                condition=Q(told="") | Q(accepted_at__isnull=False),
                name="complaint_told_when_accepted",
                violation_error_message="受理时才告知被投诉单位。",
            ),
            together("complaint_investigate_both", "核查人和时间", "investigated_by", "investigated_at"),
            together("complaint_decide_both", "决定人和时间", "decided_by", "decided_at"),
            different_people(
                "complaint_three_people", "受理、核查与决定", "accepted_by", "investigated_by", "decided_by"
            ),
            in_states("complaint_accepted_state", COMPLAINT_ACCEPTED, Q(accepted_at__isnull=False), "须先受理。"),
            in_states(
                "complaint_investigated_state",
                COMPLAINT_INVESTIGATED,
                Q(investigated_at__isnull=False) & ~Q(findings=""),
                "须先核查并写明情况。",
            ),
            in_states(
                "complaint_decided_state",
                COMPLAINT_DECIDED,
                Q(decided_at__isnull=False) & ~Q(result=""),
                "须有决定人和处理结果。",
            ),
            in_states(
                "complaint_refused_state",
                {S.NOT_ACCEPTED},
                ~Q(refusal_code="") & ~Q(refusal_text=""),
                "不予受理须有原因和说明。",
            ),
            models.CheckConstraint(
                condition=Q(result_due=None) | Q(longest_due__isnull=False, result_due__lte=F("longest_due")),
                name="complaint_within_longest",
                violation_error_message="答复期限不能超过最长期限。",
            ),
            models.CheckConstraint(
                condition=~Q(filer=F("organisation")),
                name="complaint_not_against_oneself",
                violation_error_message="不能投诉本单位。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def wording(self) -> str:
        """The facts as the party complained of reads them."""
        return self.told or self.facts

    @transition(field=state, source=S.FILED, target=S.ACCEPTED)
    def accept(self, by: User, at: datetime, result_due: date, longest_due: date, told: str) -> None:
        """Taken up; the result is due. The other side reads `told`, or the facts as they are when it is empty."""
        self.told = told
        self.accepted_by, self.accepted_at = by, at
        self.result_due, self.longest_due = result_due, longest_due

    @transition(field=state, source=S.FILED, target=S.NOT_ACCEPTED)
    def refuse(self, code: str, text: str) -> None:
        """Not taken up, with the reason."""
        self.refusal_code, self.refusal_text = code, text

    @transition(field=state, source=[S.FILED, S.ACCEPTED], target=S.WITHDRAWN)
    def withdraw(self) -> None:
        """The filer takes it back."""

    @transition(field=state, source=S.ACCEPTED, target=S.INVESTIGATED)
    def investigate(self, by: User, at: datetime, findings: str) -> None:
        """Both sides were heard and the evidence looked at."""
        self.investigated_by, self.investigated_at, self.findings = by, at, findings

    @transition(field=state, source=S.INVESTIGATED, target=S.UPHELD)
    def uphold(self, by: User, at: datetime, result: str, has_large_effect: bool) -> None:
        """It is true (经查确认属实)."""
        self.decided_by, self.decided_at, self.result = by, at, result
        self.has_large_effect = has_large_effect

    @transition(field=state, source=S.INVESTIGATED, target=S.NOT_UPHELD)
    def dismiss(self, by: User, at: datetime, result: str) -> None:
        """It is not."""
        self.decided_by, self.decided_at, self.result = by, at, result
