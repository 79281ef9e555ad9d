"""The archive of a contract is made anew at each asking; what is kept is who took it and what it was."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from contracts.models import Contract
from foundation.ids import new_id
from records.states import View


class Download(models.Model):
    """Somebody took the archive of a contract. `sm3` is of the whole file, so that it can be quoted and found again."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", verbose_name="合同")
    contract_version = models.PositiveIntegerField("合同版本")
    view = models.CharField("查阅身份", max_length=16, choices=View)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="下载人")
    at = models.DateTimeField("下载时间")
    sm3 = models.CharField("档案SM3", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    parts = models.PositiveIntegerField("件数")
    faults = models.PositiveIntegerField("缺损件数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "档案下载记录"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [
            models.Index(fields=["contract", "-id"], name="download_of_contract"),
            models.Index(fields=["sm3"], name="download_by_sm3"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sm3__regex=r"^[0-9a-f]{64}$", size__gt=0, parts__gt=0),
                name="download_says_what",
                violation_error_message="下载记录须有档案的SM3、大小和件数。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.sm3[:12]}"
