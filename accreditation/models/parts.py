"""What hangs on an application: materials, clients, checked conditions, lists of what to put right.

None is a subject: each is written with its application locked, and the application's chain says what was done.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accreditation.models.application import Application
from accreditation.states import AskKind, MaterialKind, Outcome, Source
from engines.files.models import StoredFile
from foundation.parts import moment, person, together

MATERIAL_SOURCES = (Source.UPLOAD, Source.SHARED)


class Material(models.Model):
    """One material of 第十四条: a file, or what the shared data say and where it was looked up (DOMAIN 10.11)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="materials", verbose_name="申请")
    kind = models.CharField("材料", max_length=24, choices=MaterialKind)
    source = models.CharField("来源", max_length=16, choices=[(one.value, one.label) for one in MATERIAL_SOURCES])
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="文件")
    reference = models.CharField("共享数据来源和编号", max_length=200, blank=True)
    fields = models.JSONField("证明的填报项", default=list)
    added_at = models.DateTimeField("提供时间")
    removed_at = moment("撤下时间")

    class Meta:
        verbose_name = verbose_name_plural = "申报材料"
        indexes = [models.Index(fields=["application", "kind"], name="material_of_application")]
        constraints = [
            models.CheckConstraint(
                condition=Q(source=Source.UPLOAD, file__isnull=False)
                | Q(source=Source.SHARED, file=None) & ~Q(reference=""),
                name="material_file_or_reference",
                violation_error_message="上传的材料须有文件；共享数据须写明来源和编号，不附文件。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"


class Client(models.Model):
    """An enterprise served last year, with the contract that proves it (第十四条第（三）项)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="clients", verbose_name="申请")
    name = models.CharField("企业名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    served_on = models.DateField("服务日期（合同签订或验收）")
    of_parent = models.BooleanField("母公司的合同", default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="合同")
    removed_at = moment("撤下时间")

    class Meta:
        verbose_name = verbose_name_plural = "上年服务企业"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "uscc"],
                condition=Q(removed_at=None),
                name="client_once",
                violation_error_message="同一企业只列一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.uscc}"


class ConditionCheck(models.Model):
    """A condition as it was checked at one submission, and what the officer found (第十三条, 第八条)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申请")
    submission = models.PositiveSmallIntegerField("第几次提交")
    position = models.PositiveSmallIntegerField("次序")
    code = models.CharField("条件", max_length=32)
    label = models.CharField("条件名称", max_length=64)
    article = models.CharField("条款", max_length=64)
    asked = models.CharField("要求", max_length=120)
    value = models.TextField("实际")
    source = models.CharField("来源", max_length=16, choices=Source)
    result = models.CharField("自动核对", max_length=8, choices=Outcome)
    why = models.TextField("说明", blank=True)
    hard = models.BooleanField("必须符合", default=True)
    finding = models.CharField("核实结论", max_length=8, choices=Outcome, blank=True)
    note = models.CharField("核实说明", max_length=500, blank=True)
    verified_by, verified_at = person("核实人"), moment("核实时间")

    class Meta:
        verbose_name = verbose_name_plural = "条件核对"
        ordering = ["submission", "position"]
        constraints = [
            models.UniqueConstraint(fields=["application", "submission", "code"], name="condition_once_a_submission"),
            together("condition_verified_both", "核实的人和时间", "verified_by", "verified_at"),
            models.CheckConstraint(
                condition=Q(finding="", verified_at=None)
                | Q(finding__in=[Outcome.OK, Outcome.FAIL], verified_at__isnull=False),
                name="condition_finding_by_person",
                violation_error_message="核实结论须有核实人，且只能是符合或不符合。",
            ),
            models.CheckConstraint(
                condition=~Q(finding=Outcome.OK, result=Outcome.FAIL, hard=True),
                name="condition_fail_not_overruled",
                violation_error_message="自动核对为不符合的必备条件，不能核实为符合。",
            ),
            models.CheckConstraint(
                condition=~Q(finding=Outcome.OK, result=Outcome.DOUBT) | ~Q(note=""),
                name="condition_doubt_needs_note",
                violation_error_message="待核实的条件核实为符合，须写明依据。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.code}"


class Ask(models.Model):
    """One item of the one list of a return: what to put right, why, and what the provider answered."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="asks", verbose_name="申请")
    round_no = models.PositiveSmallIntegerField("第几次退回")
    position = models.PositiveSmallIntegerField("次序")
    kind = models.CharField("对象", max_length=16, choices=AskKind)
    code = models.CharField("代码", max_length=32)
    label = models.CharField("名称", max_length=64)
    what = models.CharField("需要补正什么", max_length=500)
    why = models.CharField("为什么", max_length=500)
    answer = models.CharField("补正说明", max_length=500, blank=True)
    answered_at = moment("答复时间")

    class Meta:
        verbose_name = verbose_name_plural = "补正事项"
        ordering = ["round_no", "position"]
        constraints = [
            models.UniqueConstraint(fields=["application", "round_no", "position"], name="ask_position_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="ask_answer_both",
                violation_error_message="补正说明和时间须同时填写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.round_no}.{self.position}"
