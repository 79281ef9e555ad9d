"""Which list of a batch left the platform, when and with whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import User
from engines.evidence.models import Subject
from settlement.models.batch import Batch
from settlement.states import ExportKind


class BatchExport(Subject):
    """One list that was taken out, known again by the SM3 of its bytes. It is never changed."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="exports", verbose_name="批次")
    kind = models.CharField("格式", max_length=8, choices=ExportKind)
    batch_version = models.PositiveIntegerField("批次版本")
    exported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导出人")
    lines = models.PositiveIntegerField("笔数")
    size = models.PositiveIntegerField("字节数")
    sm3 = models.CharField("SM3", max_length=64)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "兑付清单导出记录"
        indexes = [models.Index(fields=["batch", "-id"], name="export_of_batch")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sm3__regex=r"^[0-9a-f]{64}$", size__gt=0),
                name="export_has_digest",
                violation_error_message="导出记录须有内容摘要和字节数。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.kind}"
