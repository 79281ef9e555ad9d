"""Tables that belong to no subject: number counters, answers kept for Idempotency-Key, runs of jobs, unsent forms."""

from __future__ import annotations

from django.db import connection, models


class Counter(models.Model):
    """The last number given out per series. Locked by the insert that needs the number: no gap, no double."""

    series = models.CharField("序列", max_length=64, primary_key=True)
    value = models.PositiveBigIntegerField("当前值", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号计数器"

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


def next_number(series: str) -> int:
    """The next number of `series`, from 1. The counter row stays locked until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_counter AS c (series, value) VALUES (%s, 1)"
            " ON CONFLICT (series) DO UPDATE SET value = c.value + 1 RETURNING value",
            [series],
        )
        row: tuple[int] = cursor.fetchone()
    return row[0]


class KeptAnswer(models.Model):
    """The answer given to one Idempotency-Key, committed together with the effect it tells of."""

    caller = models.CharField("调用方", max_length=64)
    key = models.CharField("幂等键", max_length=128)
    digest = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码")
    body = models.JSONField("应答")
    created_at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "幂等应答"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return self.key


class JobRun(models.Model):
    """A job done for a civil date. One row each: a second run finds it and adds only what is new."""

    name = models.CharField("任务", max_length=64)
    civil_date = models.DateField("业务日期")
    runs = models.PositiveIntegerField("次数", default=1)
    last_run_at = models.DateTimeField("最近运行")
    result = models.JSONField("结果", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "任务运行"
        constraints = [models.UniqueConstraint(fields=["name", "civil_date"], name="job_run_once_a_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.civil_date}"


class Draft(models.Model):
    """A form of several pages that nobody has sent yet: found again by whoever has its code, gone after some weeks."""

    kind = models.CharField("事项", max_length=32)
    code_sm3 = models.CharField("取回码摘要", max_length=64, unique=True)
    answers = models.JSONField("已填内容", default=dict)
    saved_at = models.DateTimeField("保存时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "填报草稿"

    def __str__(self) -> str:
        return f"{self.kind} {self.saved_at:%Y-%m-%d}"
