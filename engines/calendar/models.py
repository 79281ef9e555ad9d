"""Arrangements that were imported. The ones that come with the platform are data files and need no row."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from engines.evidence.models import Subject


class CalendarYear(Subject):
    """One import of one year's arrangement. A correction is a later revision; the highest counts."""

    year = models.PositiveSmallIntegerField("年度")
    revision = models.PositiveSmallIntegerField("版次")
    doc_no = models.CharField("文号", max_length=64)
    title = models.CharField("文件名称", max_length=120)
    issued_on = models.DateField("发文日期")

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "工作日历"
        constraints = [
            models.UniqueConstraint(
                fields=["year", "revision"], name="calendar_revision_once", violation_error_message="该版次已导入。"
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="calendar_revision_from_one"),
        ]
        triggers = [*Subject.Meta.triggers, pgtrigger.Protect(name="immutable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.year}年第{self.revision}版（{self.doc_no}）"


class CalendarDay(models.Model):
    """A day that differs from the week."""

    calendar = models.ForeignKey(CalendarYear, models.PROTECT, related_name="days", db_index=False)
    date = models.DateField("日期")
    is_working = models.BooleanField("上班")
    name = models.CharField("节日", max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "调整日"
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="calendar_day_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.date} {self.name}{'上班' if self.is_working else '放假'}"
