"""Who complained without an account: sealed with a key of its own (DOMAIN 10.12)."""

from __future__ import annotations

import pgtrigger
from django.db import models

from credit.models.complaint import Complaint


class ComplaintFiler(models.Model):
    """Bound to its complaint, opened only by `services.public.open_identity`.

    `secret` is SM3 of the word by which the filer asks for the state of his complaint.
    """

    complaint = models.OneToOneField(
        Complaint, models.PROTECT, primary_key=True, related_name="stranger", verbose_name="投诉"
    )
    sealed = models.BinaryField("密文")
    secret = models.CharField("查询码摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "公众投诉人"
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.complaint_id}"
