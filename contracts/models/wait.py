"""What a contract waits for, kept beside it."""

from __future__ import annotations

from django.db import models

from contracts.models.contract import Contract
from contracts.states import Awaited


class Wait(models.Model):
    """The one thing that contract waits for; there is no row where nothing is awaited any more.

    Follows from other rows (`contracts.awaited`) and is kept in the transaction that changes them
    (`services.keeping`, docs/adr/0017); nobody writes it otherwise. `since_on`: the civil date on which the wait began,
    or of what is planned its day. `due_at`: when it ends by itself, of what has such a moment on the contract.
    """

    contract = models.OneToOneField(
        Contract, models.CASCADE, primary_key=True, related_name="wait", verbose_name="合同"
    )
    awaited = models.CharField("等待事项", max_length=24, choices=Awaited)
    since_on = models.DateField("起算日期")
    due_at = models.DateTimeField("最迟时间", null=True)
    what = models.CharField("所等待的关键环节", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "合同等待事项"
        indexes = [models.Index(fields=["awaited", "since_on"], name="wait_by_what_and_since")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(awaited__in=Awaited.values),
                name="wait_known",
                violation_error_message="等待事项须为已知事项。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_awaited_display()}（{self.since_on}）"
