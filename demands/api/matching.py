"""Search by words with reasons, the operator's synonyms, and the two reports on what is missing."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from accounts.api import caller
from accounts.models import User
from accounts.states import OFFICERS, Role
from demands import selectors
from demands import serializers as bodies
from demands.api.common import ID
from demands.coverage import reports
from demands.coverage.silence import Silence
from demands.coverage.supply import Supply
from demands.filters import SynonymFilter
from demands.matching import suggest
from demands.matching.suggest import Suggestion
from demands.matching.tokens import Group
from demands.models import MissedSearch, Synonym
from demands.offers import Offer
from demands.services import words
from engines.evidence import selectors as evidence
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from foundation.api.fields import Versioned
from foundation.api.filters import invalid
from foundation.api.views import Listed, Rows, act, look
from foundation.errors import not_allowed

LONGEST, LONGEST_WAIT = 60, 365
QUESTION = OpenApiParameter("q", OpenApiTypes.STR, required=True, description=f"要找的服务，不超过{LONGEST}字")
DAYS = OpenApiParameter(
    "days", OpenApiTypes.INT, description=f"无人应答的天数，0至{LONGEST_WAIT}，默认{reports.SILENT_DAYS}"
)


class ProductSearchViewSet(Rows):
    """在架产品检索：任何人可用。"""

    serializer_class = bodies.ProposedProductOut
    permission_classes = [AllowAny]

    @look(
        out=bodies.ProposedProductOut,
        summary="按需求语句检索在架产品，附命中的词",
        detail=False,
        many=True,
        asks=[QUESTION],
    )
    def products(self, request: Request) -> list[Suggestion[Offer]]:
        text = request.query_params.get("q", "")
        if not 0 < len(text.strip()) <= LONGEST or not text.isprintable() or "\ufffd" in text:
            raise invalid("q", text, f"须为1至{LONGEST}字的文字")
        found = suggest.products_about(text)
        if not found and isinstance(request.user, User):
            words.note_missed(text)  # only from people with an account: anybody else could fill the list with noise
        return found


class SynonymViewSet(Listed):
    """同义词组：促进中心经办提出，复核后使用。"""

    lookup_value_regex = ID
    serializer_class = bodies.SynonymOut
    filterset_class = SynonymFilter

    def rows(self) -> models.QuerySet[Synonym]:
        return selectors.visible_synonyms(caller(self.request))

    @act(
        body=bodies.SynonymIn,
        out=bodies.SynonymOut,
        summary="提出同义词组（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={"code": "eia", "words": ["环评", "环境影响评价", "环境影响登记表"], "note": "检索“环评”无结果"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Synonym:
        return words.propose(by=caller(request), **data)

    @act(body=Versioned, out=bodies.SynonymOut, summary="复核通过并使用（促进中心复核）", example={"version": 1})
    def confirm(self, request: Request, row: Synonym, data: dict[str, Any]) -> Synonym:
        return words.confirm(by=caller(request), synonym_id=row.pk, **data)

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.SynonymOut,
        summary="不采用（促进中心复核）",
        example={"version": 1, "reason": "两词含义不同。"},
    )
    def refuse(self, request: Request, row: Synonym, data: dict[str, Any]) -> Synonym:
        return words.refuse(by=caller(request), synonym_id=row.pk, **data)

    @act(
        body=bodies.DemandReasonIn,
        out=bodies.SynonymOut,
        summary="停用（促进中心复核）",
        example={"version": 2, "reason": "误配较多。"},
    )
    def retire(self, request: Request, row: Synonym, data: dict[str, Any]) -> Synonym:
        return words.retire(by=caller(request), synonym_id=row.pk, **data)

    @look(out=bodies.SynonymGroupOut, summary="现行同义词组：平台自带与促进中心维护合计", detail=False, many=True)
    def in_force(self, request: Request) -> list[Group]:
        if not caller(request).has(*OFFICERS):
            raise not_allowed("查看同义词组")
        return sorted(suggest.words_in_force().groups.values(), key=lambda group: group.code)

    @look(out=TrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def trail(self, request: Request, row: Synonym) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class MissedSearchViewSet(mixins.ListModelMixin, Rows):
    """无结果查询：供促进中心补充同义词。"""

    serializer_class = bodies.MissedSearchOut

    def rows(self) -> models.QuerySet[MissedSearch]:
        return selectors.visible_missed(caller(self.request))


class CoverageViewSet(Rows):
    """供需覆盖：管理部门。"""

    serializer_class = bodies.CoverageSupplyOut

    @look(out=bodies.CoverageSupplyOut, summary="各档次在各类别的在架产品，及没有产品的服务类型", detail=False)
    def supply(self, request: Request) -> Supply:
        if not caller(request).has(*OFFICERS, Role.CITY):
            raise not_allowed("查看覆盖报告")
        return reports.supply_today()

    @look(
        out=bodies.CoverageSilenceOut, summary="发布后无人应答的需求，按市和类别", detail=False, many=True, asks=[DAYS]
    )
    def unanswered(self, request: Request) -> list[Silence]:
        user = caller(request)
        if not user.has(*OFFICERS, Role.CITY):
            raise not_allowed("查看覆盖报告")
        text = request.query_params.get("days", str(reports.SILENT_DAYS))
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= LONGEST_WAIT):
            raise invalid("days", text, f"须为0至{LONGEST_WAIT}之间的整数")
        return reports.silence_today(int(text), "" if user.has(*OFFICERS) else user.organisation.city[:4])
