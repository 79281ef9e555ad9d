"""What hangs on a contract and only grows: milestones, their evidence, signatures."""

from __future__ import annotations

import pgtrigger
from django.db import models

from accounts.models import User
from contracts.models.contract import Contract
from contracts.states import Document, Side
from engines.files.models import StoredFile
from foundation.ids import new_id

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Milestone(models.Model):
    """A key step at which the provider must show evidence (第二十二条)."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="milestones", verbose_name="合同")
    seq = models.PositiveSmallIntegerField("序号")
    title = models.CharField("关键环节", max_length=80)
    due_date = models.DateField("计划日期")

    class Meta:
        verbose_name = verbose_name_plural = "关键环节"
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["contract", "seq"], name="milestone_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq}. {self.title}"


class MilestoneEvidence(models.Model):
    """A file that shows a milestone was reached. Kept as it is; a better one is added, none replaced."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="evidence", verbose_name="关键环节")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["milestone", "file"], name="milestone_file_once")]

    def __str__(self) -> str:
        return str(self.file_id)


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
