"""What the office was reminded of."""

from __future__ import annotations

from django.db import models


class Reminder(models.Model):
    """One warning of one day by which something is due; a day that is moved is warned of anew."""

    subject_id = models.UUIDField("对象")
    what = models.CharField("事项", max_length=32)
    due = models.DateField("期限")
    told_at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = verbose_name_plural = "公示提醒"
        constraints = [models.UniqueConstraint(fields=["subject_id", "what", "due"], name="publicity_reminder_once")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.what} {self.due}"
