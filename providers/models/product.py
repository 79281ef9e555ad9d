"""A service voucher product: which one it is, and whether it is on the shelf (第八条, 第九条)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, FSMModelMixin, transition

from engines.evidence.models import Subject, arcs_trigger
from foundation.parts import in_states
from programmes.models import Notice
from providers.models.provider import Provider
from providers.states import PRODUCT_ARCS, PRODUCT_SHELVED
from providers.states import ProductState as S

if TYPE_CHECKING:
    from providers.models.version import ProductVersion


class Product(FSMModelMixin, Subject):
    """What can be contracted, whatever its terms of the day: those are its `current` version.

    `name` and `category` are the current version's, or the latest draft's while none was ever on the shelf;
    `revision` is the current version's number, 0 before the first; `notice` is that of the shelf year.
    """

    ARCS: ClassVar = PRODUCT_ARCS

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="products", verbose_name="服务商")
    state = FSMField("状态", choices=S, default=S.DRAFT, protected=True, max_length=16)
    name = models.CharField("产品名称", max_length=120)
    category = models.CharField("服务类别", max_length=32)
    revision = models.PositiveIntegerField("现行产品版本", default=0)
    current = models.ForeignKey(
        "providers.ProductVersion", models.PROTECT, null=True, related_name="+", verbose_name="现行版本"
    )
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="+", verbose_name="上架年度通知")
    shelf_from = models.DateField("上架日期", null=True)
    shelf_to = models.DateField("在架至", null=True)
    reason = models.TextField("暂停或下架理由", blank=True)

    class Meta(Subject.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务券产品"
        triggers = [*Subject.Meta.triggers, arcs_trigger(PRODUCT_ARCS)]
        indexes = [
            models.Index(fields=["state", "category"], name="product_by_category"),
            models.Index(fields=["state", "shelf_to"], name="product_by_shelf_end"),
        ]
        constraints = [
            in_states(
                "product_shelf_state",
                PRODUCT_SHELVED,
                Q(
                    revision__gte=1,
                    current__isnull=False,
                    notice__isnull=False,
                    shelf_from__isnull=False,
                    shelf_to__isnull=False,
                    shelf_to__gte=F("shelf_from"),
                ),
                "上架的产品须有现行版本、年度通知和在架期限。",
            ),
            in_states(
                "product_not_yet_shelved",
                frozenset({S.DRAFT}),
                Q(revision=0, current__isnull=True, shelf_from__isnull=True, shelf_to__isnull=True),
                "未上架的产品没有现行版本和在架期限。",
            ),
            in_states(
                "product_reason_given",
                frozenset({S.SUSPENDED, S.OFF_SHELF}),
                ~Q(reason=""),
                "暂停或下架须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=[S.DRAFT, S.EXPIRED], target=S.ON_SHELF)
    def shelve(self) -> None:
        """On the shelf for a year, for the first time or again."""

    @transition(field=state, source=S.ON_SHELF, target=S.SUSPENDED)
    def suspend(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=S.SUSPENDED, target=S.ON_SHELF)
    def resume(self) -> None:
        self.reason = ""

    @transition(field=state, source=[S.ON_SHELF, S.SUSPENDED], target=S.OFF_SHELF)
    def take_off(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=[S.ON_SHELF, S.SUSPENDED], target=S.EXPIRED)
    def expire(self) -> None:
        """The year's list is over; contracts that run keep their copy."""

    def carry(self, version: ProductVersion) -> None:
        """The version is the one on the shelf."""
        self.current, self.revision, self.name, self.category = version, version.number, version.name, version.category

    def stay(self, notice: Notice, first: date, last: date) -> None:
        """On the shelf from `first` to `last`; one that is there already stays without a gap."""
        if self.state in (S.DRAFT, S.EXPIRED) or self.shelf_from is None:
            self.shelf_from = first
        if self.shelf_to is None or last >= self.shelf_to:
            self.shelf_to, self.notice = last, notice
