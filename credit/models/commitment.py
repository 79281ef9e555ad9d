"""信用承诺 (第二十四条): which words a party's signatory put his name to, and when."""

from __future__ import annotations

import pgtrigger
from django.db import models

from accounts.models import Organisation, User
from foundation.ids import new_id


class Commitment(models.Model):
    """One party has committed itself to one version of the words. Never changed, never deleted."""

    id = models.UUIDField("编号", primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="commitments", verbose_name="承诺单位")
    text_version = models.PositiveSmallIntegerField("承诺书版本")
    text_sm3 = models.CharField("承诺书SM3", max_length=64)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签署人")
    signed_at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = verbose_name_plural = "信用承诺"
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "text_version"],
                name="commitment_once_a_version",
                violation_error_message="该单位已签署这一版承诺书。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} v{self.text_version}"
