"""Rounds over HTTP: planned by the centre, decided by 厅, published; drawing, recommending, deciding, 公示."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.api import caller
from accounts.models import User
from accounts.states import OFFICERS
from accreditation import requirements, selectors
from accreditation.filters import RoundFilter
from accreditation.models import Panel, Round
from accreditation.serializers import answers as s
from accreditation.serializers import bodies as b
from accreditation.services import deciding, panels, rounds
from accreditation.states import CaseKind
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.api.fields import Versioned
from foundation.api.filters import invalid
from foundation.api.views import Listed, act, look
from foundation.errors import not_found

ID = "[0-9a-f-]{36}"
OPEN_TO_ALL = ("list", "retrieve", "requirements")
KIND = OpenApiParameter("kind", OpenApiTypes.STR, description="申请类别：provider 服务商，product 产品；默认 provider")
AN_ID = "0198c0de-0000-7000-8000-000000000000"


class RoundViewSet(Listed):
    """征集批次：公开可查；拟定、复核、审定、发布、截止、评审、审定名单、公示。"""

    lookup_value_regex = ID
    serializer_class = s.RoundDetail
    filterset_class = RoundFilter

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in OPEN_TO_ALL else [IsAuthenticated()]

    def get_serializer_class(self) -> type[s.RoundOut]:
        return s.RoundOut if self.action == "list" else s.RoundDetail

    def rows(self) -> models.QuerySet[Round]:
        rows = selectors.visible_rounds(self.request.user)
        return rows if self.action == "list" else rows.defer(None)

    @act(
        body=b.RoundIn,
        out=s.RoundDetail,
        summary="拟定征集批次（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example={
            "year": 2026,
            "kind": "both",
            "title": "关于征集2026年度第一批服务商和服务券产品的通知",
            "opens_on": "2026-01-12",
            "closes_on": "2026-02-12",
        },
    )
    def create(self, request: Request, data: dict[str, Any]) -> Round:
        return rounds.create(by=caller(request), **data)

    @act(body=b.AccreditationNoteIn, out=s.RoundDetail, summary="复核征集批次（促进中心复核）", example={"version": 1})
    def review(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return rounds.review(by=caller(request), round_id=row.pk, **data)

    @act(
        body=b.RoundApproveIn,
        out=s.RoundDetail,
        summary="审定征集批次（厅审定）",
        example={"version": 2, "approval_no": "桂工信签〔2026〕1号"},
    )
    def approve(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return rounds.approve(by=caller(request), round_id=row.pk, **data)

    @act(body=Versioned, out=s.RoundDetail, summary="发布征集批次（厅职能处室）", example={"version": 3})
    def publish(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return rounds.publish(by=caller(request), round_id=row.pk, **data)

    @act(
        body=b.AccreditationReasonIn,
        out=s.RoundDetail,
        summary="取消尚未发布的征集批次（厅职能处室）",
        example={"version": 2, "reason": "征集方案调整。"},
    )
    def cancel(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return rounds.cancel(by=caller(request), round_id=row.pk, **data)

    @act(body=Versioned, out=s.RoundDetail, summary="到期截止征集（促进中心经办、厅职能处室）", example={"version": 4})
    def close(self, request: Request, row: Round, data: dict[str, Any]) -> Round | None:
        return rounds.close(by=caller(request), round_id=row.pk, day=clock.today(), version=data["version"])

    @act(body=Versioned, out=s.RoundDetail, summary="办结征集批次（厅职能处室）", example={"version": 9})
    def end(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return rounds.end(by=caller(request), round_id=row.pk, **data)

    @act(
        body=b.DrawIn,
        out=s.PanelOut,
        summary="随机抽取专家（促进中心经办）",
        status=201,
        example={"version": 5, "kind": "provider"},
    )
    def draw(self, request: Request, row: Round, data: dict[str, Any]) -> Panel:
        return panels.draw(
            by=caller(request),
            round_id=row.pk,
            version=data["version"],
            kind=data["kind"],
            application_ids=data.get("applications"),
        )

    @act(
        body=b.RecommendListIn,
        out=s.RoundDetail,
        summary="拟定推荐名单（厅职能处室）",
        example={"version": 6, "kind": "provider"},
    )
    def recommend(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return deciding.recommend(
            by=caller(request),
            round_id=row.pk,
            version=data["version"],
            kind=data["kind"],
            left_out=b.as_reasons(data["left_out"]),
        )

    @act(
        body=b.ApproveListIn,
        out=s.RoundDetail,
        summary="审定推荐名单（厅审定）",
        path="approve-list",
        example={"version": 7, "kind": "provider", "approval_no": "桂工信纪要〔2026〕3号"},
    )
    def approve_list(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        return deciding.approve(
            by=caller(request),
            round_id=row.pk,
            version=data["version"],
            kind=data["kind"],
            approval_no=data["approval_no"],
            declined=b.as_reasons(data["declined"]),
        )

    @act(
        body=b.PubliciseListIn,
        out=s.RoundDetail,
        summary="公示拟认定名单（厅职能处室）",
        example={"version": 8, "kind": "provider", "reference": "厅网站公示2026-001", "first": "2026-03-02"},
    )
    def publicise(self, request: Request, row: Round, data: dict[str, Any]) -> Round:
        deciding.publicise(by=caller(request), round_id=row.pk, **data)
        return self.rows().get(pk=row.pk)

    @look(out=s.RequirementsOut, summary="申报条件、材料和评分标准（公开）", many=True)
    def requirements(self, request: Request, row: Round) -> list[dict[str, Any]]:
        return requirements.of_round(row)

    @look(out=s.RankingOut, summary="评审排名（管理部门）", many=True, asks=[KIND])
    def ranking(self, request: Request, row: Round) -> list[dict[str, Any]]:
        user = caller(request)
        _officers_only(user)
        return [
            {
                "application": one.pk,
                "number": one.number,
                "name": one.subject_name,
                "state": one.state,
                "state_label": one.get_state_display(),
                "mean": one.mean,
                "votes_for": one.votes_for,
                "votes": one.votes,
                "rank": placed.rank,
                "why_not": placed.why_not,
            }
            for one, placed in deciding.preview(row, _kind(request))
        ]

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Round) -> models.QuerySet[EvidenceRecord]:
        _officers_only(caller(request))
        return of_subject(row)


def _officers_only(user: User) -> None:
    """What only the offices read is not there for others."""
    if not user.has(*OFFICERS):
        raise not_found("征集批次")


def _kind(request: Request) -> str:
    """`?kind=`. Raises FILTER_INVALID."""
    asked = request.query_params.get("kind", CaseKind.PROVIDER.value)
    if asked not in CaseKind.values:
        raise invalid("kind", asked, f"须为其中之一：{'、'.join(CaseKind.values)}")
    return asked
