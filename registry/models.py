"""Rosters: who is 规上, who holds which title, who is dishonest, and from which document each line came."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import User
from engines.evidence.models import Subject, arcs_trigger
from registry.states import ROSTER_ARCS, TITLE_ARCS, RosterKind, RosterState, TitleState

USCC = r"^[0-9A-HJ-NPQRTUWXY]{18}$"


def _together(name: str, *fields: str) -> models.CheckConstraint:
    """Who and when are set together or not at all."""
    none = Q(**{f"{field}__isnull": True for field in fields})
    every = Q(**{f"{field}__isnull": False for field in fields})
    return models.CheckConstraint(condition=none | every, name=name, violation_error_message="经办人和时间须同时填写。")


class RosterImport(FSMModelMixin, Subject):
    """One file of a roster: uploaded by one person, in force when another confirms it.

    `rows` are the cleaned lines that were shown to the one who confirms; exactly they take effect.
    """

    ARCS = ROSTER_ARCS

    kind = models.CharField("名册", max_length=16, choices=RosterKind)
    source_document = models.CharField("来源文件", max_length=200)
    file_name = models.CharField("文件名", max_length=200)
    file_sm3 = models.CharField("文件SM3", max_length=64)
    as_of = models.DateField("名册截止日期")
    row_count = models.PositiveIntegerField("行数")
    rows = models.JSONField("内容")
    warnings = models.JSONField("提示", default=list)
    state = FSMField("状态", choices=RosterState, default=RosterState.UPLOADED, protected=True)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导入人")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "名册导入"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_sm3"],
                condition=~Q(state=RosterState.REJECTED),
                name="roster_file_once",
                violation_error_message="该文件已经导入过。",
            ),
            models.CheckConstraint(
                condition=~Q(imported_by=F("confirmed_by")),
                name="roster_two_people",
                violation_error_message="导入人与复核人不能是同一人。",
            ),
            models.CheckConstraint(
                condition=Q(state=RosterState.CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~Q(state=RosterState.CONFIRMED) & Q(confirmed_by__isnull=True, confirmed_at__isnull=True)),
                name="roster_confirmed_by_and_at",
                violation_error_message="已生效的名册须有复核人和复核时间，未生效的不能有。",
            ),
        ]
        triggers = [*Subject.Meta.triggers, arcs_trigger(ROSTER_ARCS)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.as_of} {self.source_document}"

    @transition(field=state, source=RosterState.UPLOADED, target=RosterState.CONFIRMED)
    def confirm(self, by: User, at: datetime) -> None:
        """Its lines are in force."""
        self.confirmed_by, self.confirmed_at = by, at

    @transition(field=state, source=RosterState.UPLOADED, target=RosterState.REJECTED)
    def reject(self) -> None:
        """Its lines will never be in force; the same file may come again."""


class ListedEnterprise(models.Model):
    """A period during which an enterprise stands in the 规上 roster: from `listed_since` until before `removed_on`."""

    uscc = models.CharField("统一社会信用代码", max_length=18)
    name = models.CharField("企业名称", max_length=120)
    listed_since = models.DateField("入规日期")
    removed_on = models.DateField("退规日期", null=True, blank=True)
    roster = models.ForeignKey(RosterImport, models.PROTECT, related_name="+", verbose_name="来源")

    class Meta:
        verbose_name = verbose_name_plural = "规上企业"
        constraints = [
            models.UniqueConstraint(fields=["uscc", "listed_since"], name="listed_period_once"),
            models.UniqueConstraint(fields=["uscc"], condition=Q(removed_on=None), name="listed_one_open"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gt=F("listed_since")),
                name="listed_removed_after_listing",
                violation_error_message="退规日期须晚于入规日期。",
            ),
            models.CheckConstraint(condition=Q(uscc__regex=USCC), name="listed_uscc_shape"),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {self.name}"


class DishonestParty(models.Model):
    """A period on the 严重失信主体名单, both days included; open without `until`."""

    uscc = models.CharField("统一社会信用代码", max_length=18)
    since = models.DateField("列入日期")
    until = models.DateField("移出前最后一日", null=True, blank=True)
    source = models.CharField("列入机关及文号", max_length=200)
    roster = models.ForeignKey(RosterImport, models.PROTECT, related_name="+", verbose_name="来源")

    class Meta:
        verbose_name = verbose_name_plural = "严重失信主体"
        constraints = [
            models.UniqueConstraint(fields=["uscc", "since"], name="dishonest_period_once"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="dishonest_until_after_since",
                violation_error_message="移出日期不能早于列入日期。",
            ),
            models.CheckConstraint(condition=Q(uscc__regex=USCC), name="dishonest_uscc_shape"),
        ]

    def __str__(self) -> str:
        return self.uscc


class TitleHolding(FSMModelMixin, Subject):
    """A title of 第十条 held by an enterprise; it counts once a second person has verified the certificate."""

    ARCS = TITLE_ARCS

    uscc = models.CharField("统一社会信用代码", max_length=18)
    title_code = models.CharField("称号", max_length=48)
    certificate_no = models.CharField("证书编号", max_length=100, blank=True)
    issued_by = models.CharField("认定机关", max_length=120)
    doc_no = models.CharField("认定文号", max_length=100, blank=True)
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止", null=True, blank=True)
    revoked_on = models.DateField("撤销日期", null=True, blank=True)
    state = FSMField("状态", choices=TitleState, default=TitleState.RECORDED, protected=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    verified_at = models.DateTimeField("核验时间", null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人")
    revoked_at = models.DateTimeField("撤销操作时间", null=True, blank=True)
    roster = models.ForeignKey(
        RosterImport, models.PROTECT, null=True, blank=True, related_name="titles", verbose_name="来源名册"
    )

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "企业称号"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc", "title_code", "valid_from"],
                condition=Q(state__in=[TitleState.RECORDED, TitleState.VERIFIED]),
                name="title_once",
                violation_error_message="该企业同一有效期起始日的同一称号已登记。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="title_period",
                violation_error_message="有效期止不能早于有效期起。",
            ),
            models.CheckConstraint(
                condition=~(Q(certificate_no="") & Q(doc_no="")),
                name="title_has_proof",
                violation_error_message="证书编号和认定文号至少填写一项。",
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("verified_by")),
                name="title_two_people",
                violation_error_message="登记人与核验人不能是同一人。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[TitleState.VERIFIED, TitleState.REVOKED], verified_by__isnull=False)
                | (Q(state__in=[TitleState.RECORDED, TitleState.REJECTED]) & Q(verified_by__isnull=True)),
                name="title_verified_in_state",
                violation_error_message="已核验的称号须有核验人，未核验的不能有。",
            ),
            models.CheckConstraint(
                condition=Q(state=TitleState.REVOKED, revoked_on__isnull=False, revoked_by__isnull=False)
                | (~Q(state=TitleState.REVOKED) & Q(revoked_on__isnull=True, revoked_by__isnull=True)),
                name="title_revoked_in_state",
                violation_error_message="已撤销的称号须有撤销日期和撤销人，未撤销的不能有。",
            ),
            _together("title_verified_by_and_at", "verified_by", "verified_at"),
            _together("title_revoked_by_and_at", "revoked_by", "revoked_at"),
            models.CheckConstraint(
                condition=Q(revoked_on=None) | Q(revoked_on__gte=F("valid_from")),
                name="title_revoked_after_start",
                violation_error_message="撤销日期不能早于有效期起。",
            ),
            models.CheckConstraint(condition=Q(uscc__regex=USCC), name="title_uscc_shape"),
        ]
        indexes = [
            models.Index(fields=["uscc", "state"], name="title_by_uscc"),
            models.Index(fields=["valid_from", "id"], name="title_by_start"),
        ]
        triggers = [*Subject.Meta.triggers, arcs_trigger(TITLE_ARCS)]

    def __str__(self) -> str:
        return f"{self.uscc} {self.title_code}"

    @transition(field=state, source=TitleState.RECORDED, target=TitleState.VERIFIED)
    def verify(self, by: User, at: datetime) -> None:
        """It counts from its first valid day on."""
        self.verified_by, self.verified_at = by, at

    @transition(field=state, source=TitleState.RECORDED, target=TitleState.REJECTED)
    def reject(self) -> None:
        """It never counts."""

    @transition(field=state, source=TitleState.VERIFIED, target=TitleState.REVOKED)
    def revoke(self, by: User, at: datetime, on: date) -> None:
        """It no longer counts from the day `on` on; for the days before it did."""
        self.revoked_by, self.revoked_at, self.revoked_on = by, at, on

    def as_facts(self) -> dict[str, Any]:
        """What evidence keeps of it."""
        return {
            "uscc": self.uscc,
            "title_code": self.title_code,
            "certificate_no": self.certificate_no,
            "doc_no": self.doc_no,
            "valid_from": str(self.valid_from),
            "valid_to": str(self.valid_to or ""),
        }
