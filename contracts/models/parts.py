"""What hangs on a contract and only grows: milestones, their evidence, signatures, reminders."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import AuthorisationLetter, User
from contracts.models.contract import Contract
from contracts.states import REMINDED, SETS_ASIDE, Awaited, Document, EvidenceKind, Side
from engines.files.models import StoredFile
from foundation.ids import new_id

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Milestone(models.Model):
    """A key step at which the provider must show evidence (第二十二条), of every kind the contract names."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="milestones", verbose_name="合同")
    seq = models.PositiveSmallIntegerField("序号")
    title = models.CharField("关键环节", max_length=80)
    due_date = models.DateField("计划日期")
    evidence_kinds = ArrayField(models.CharField(max_length=16, choices=EvidenceKind), verbose_name="须有的佐证材料")

    class Meta:
        verbose_name = verbose_name_plural = "关键环节"
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "seq"], name="milestone_seq_once"),
            models.CheckConstraint(
                condition=Q(evidence_kinds__len__gte=1, evidence_kinds__contained_by=EvidenceKind.values),
                name="milestone_kinds_known",
                violation_error_message="每个关键环节至少约定一种佐证材料。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.title}"


class MilestoneEvidence(models.Model):
    """A file that shows a milestone was reached. Kept as it is; a better one is added, none replaced.

    `answers` names the query it was handed in for, if it was. It counts unless a query on it is open or found
    against it.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="evidence", verbose_name="关键环节")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    kind = models.CharField("种类", max_length=16, choices=EvidenceKind)
    taken_at = models.DateTimeField("形成时间", null=True)
    note = models.CharField("说明", max_length=200, blank=True)
    answers = models.ForeignKey(
        "contracts.EvidenceQuery", models.PROTECT, null=True, related_name="answers", verbose_name="所答复的质询"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "file"], name="milestone_file_once"),
            models.CheckConstraint(
                condition=Q(kind__in=EvidenceKind.values),
                name="evidence_kind_known",
                violation_error_message="佐证材料须注明种类。",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None) | Q(taken_at__lte=F("at")),
                name="evidence_taken_before_upload",
                violation_error_message="材料形成时间不得晚于上传时间。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.file_id)

    @property
    def counts(self) -> bool:
        """No query on it is open, none found against it."""
        return not any(query.state in SETS_ASIDE for query in self.queries.all())


class Signature(models.Model):
    """The recorded assent of an authorised signatory to one text, told by its SM3.

    A certificate and the signed PDF come later, in further columns of the same row.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="signatures", verbose_name="合同")
    document = models.CharField("文件", max_length=16, choices=Document)
    document_id = models.UUIDField("文件编号")
    side = models.CharField("签署方", max_length=16, choices=Side)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签署人")
    at = models.DateTimeField("签署时间")
    digest = models.CharField("签署内容SM3", max_length=64)
    letter = models.ForeignKey(
        AuthorisationLetter, models.PROTECT, null=True, related_name="+", verbose_name="签署时的授权书"
    )

    class Meta:
        verbose_name = verbose_name_plural = "签署记录"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "document_id", "side"],
                name="signature_once_per_side",
                violation_error_message="本方已签署。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.side}"


class Reminder(models.Model):
    """Somebody was told that a contract waits for him: each time once.

    `since_on` is the day the waiting began (of a milestone or delivery: its planned day), so that what is awaited
    a second time is another row. `nth` counts the notice's reminders; 0 is the word before a planned day.
    """

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="reminders", verbose_name="合同")
    awaited = models.CharField("等待事项", max_length=24, choices=Awaited)
    since_on = models.DateField("起算日期")
    nth = models.PositiveSmallIntegerField("第几次")
    on = models.DateField("提醒日期")
    at = models.DateTimeField("提醒时间")
    actor = models.CharField("发出者", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "awaited", "since_on", "nth"],
                name="reminder_once",
                violation_error_message="该次提醒已发出。",
            ),
            models.CheckConstraint(
                condition=Q(awaited__in=sorted(REMINDED)),
                name="reminder_of_a_party",
                violation_error_message="只提醒合同双方。",
            ),
            models.CheckConstraint(
                condition=Q(nth=0, on__lte=F("since_on")) | Q(nth__gt=0, on__gt=F("since_on")),
                name="reminder_day_fits",
                violation_error_message="提前提醒不得晚于计划日期，其余提醒须在起算日期之后。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.awaited} #{self.nth}"
