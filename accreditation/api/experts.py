"""Experts, panels and score sheets over HTTP. A provider never learns who judges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from accreditation import selectors
from accreditation.api.rounds import ID
from accreditation.filters import ExpertFilter, PanelFilter, SheetFilter
from accreditation.models import Expert, Panel, ScoreSheet, Tie
from accreditation.serializers import answers as s
from accreditation.serializers import bodies as b
from accreditation.services import experts, panels, scoring
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.fields import Versioned
from foundation.api.views import Listed, act, look
from foundation.errors import Invalid
from programmes.rules import Criterion

EXPERT = {
    "username": "zhuanjia1",
    "password": "Choose-your-own-4",
    "name": "陈专家",
    "identity_number": "459900197505050037",
    "title": "正高级工程师",
    "fields_known": ["diagnosis", "digitalisation"],
    "unit_name": "广西示例大学",
    "unit_uscc": "91450199MA6K00014C",
}


class ExpertViewSet(Listed):
    """专家库：登记、确认、回避登记、出库。"""

    lookup_value_regex = ID
    serializer_class = s.ExpertOut
    filterset_class = ExpertFilter

    def rows(self) -> models.QuerySet[Expert]:
        return selectors.visible_experts(caller(self.request))

    @act(
        body=b.ExpertIn,
        out=s.ExpertOut,
        summary="登记专家并建立账号（促进中心经办）",
        detail=False,
        path="",
        status=201,
        example=EXPERT,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Expert:
        return experts.propose(by=caller(request), fields=data.pop("fields_known"), **data)

    @act(body=Versioned, out=s.ExpertOut, summary="确认专家入库（厅职能处室）", example={"version": 1})
    def confirm(self, request: Request, row: Expert, data: dict[str, Any]) -> Expert:
        return experts.confirm(by=caller(request), expert_id=row.pk, **data)

    @act(
        body=b.AccreditationReasonIn,
        out=s.ExpertOut,
        summary="专家出库（厅职能处室）",
        example={"version": 2, "reason": "本人申请退出。"},
    )
    def retire(self, request: Request, row: Expert, data: dict[str, Any]) -> Expert:
        return experts.retire(by=caller(request), expert_id=row.pk, **data)

    @act(
        body=b.TieIn,
        out=s.ExpertOut,
        summary="登记应回避机构（专家本人、促进中心经办）",
        path="add-tie",
        example={"version": 2, "name": "广西示例数智服务有限公司", "uscc": "91450199MA6K00014C", "nature": "served"},
    )
    def add_tie(self, request: Request, row: Expert, data: dict[str, Any]) -> Expert:
        return experts.add_tie(by=caller(request), expert_id=row.pk, **data)

    @act(
        body=b.TieRemoveIn,
        out=s.ExpertOut,
        summary="撤下登记有误的回避机构（促进中心经办）",
        path="remove-tie",
        example={"version": 3, "tie": 1, "reason": "代码登记有误。"},
    )
    def remove_tie(self, request: Request, row: Expert, data: dict[str, Any]) -> Expert:
        return experts.remove_tie(by=caller(request), expert_id=row.pk, tie_id=data.pop("tie"), **data)

    @look(out=s.TieOut, summary="应回避机构", many=True)
    def ties(self, request: Request, row: Expert) -> models.QuerySet[Tie]:
        return Tie.objects.filter(expert=row, removed_at=None).order_by("pk")

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Expert) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


class PanelViewSet(Listed):
    """专家组：抽取记录、确认、作废、重新计算核对。"""

    lookup_value_regex = ID
    serializer_class = s.PanelOut
    filterset_class = PanelFilter

    def rows(self) -> models.QuerySet[Panel]:
        return selectors.visible_panels(caller(self.request))

    @act(body=Versioned, out=s.PanelOut, summary="确认专家组（厅职能处室）", example={"version": 1})
    def approve(self, request: Request, row: Panel, data: dict[str, Any]) -> Panel:
        return panels.approve(by=caller(request), panel_id=row.pk, **data)

    @act(
        body=b.AccreditationReasonIn,
        out=s.PanelOut,
        summary="作废专家组（厅职能处室）",
        example={"version": 1, "reason": "一名专家出差，不能参加。"},
    )
    def cancel(self, request: Request, row: Panel, data: dict[str, Any]) -> Panel:
        return panels.cancel(by=caller(request), panel_id=row.pk, **data)

    @look(out=s.RedrawOut, summary="按种子重新计算抽取次序并核对")
    def redraw(self, request: Request, row: Panel) -> dict[str, Any]:
        order = panels.redraw(row)
        return {"seed": row.seed, "order": order, "same": [str(one) for one in order] == row.order}

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Panel) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


class SheetViewSet(Listed):
    """评分表：声明回避、评分签署、替换专家。"""

    lookup_value_regex = ID
    serializer_class = s.SheetOut
    filterset_class = SheetFilter

    def rows(self) -> models.QuerySet[ScoreSheet]:
        return selectors.visible_sheets(caller(self.request))

    def whole(self, sheet: ScoreSheet) -> ScoreSheet:
        """The sheet as its page shows it, read anew after an act."""
        return self.rows().get(pk=sheet.pk)

    @act(
        body=b.DeclareIn,
        out=s.SheetOut,
        summary="声明是否回避（专家本人）",
        example={"version": 1, "conflict": False},
    )
    def declare(self, request: Request, row: ScoreSheet, data: dict[str, Any]) -> ScoreSheet:
        return self.whole(scoring.declare(by=caller(request), sheet_id=row.pk, **data))

    @act(
        body=b.SignSheetIn,
        out=s.SheetOut,
        summary="评分、表决并签署（专家本人）",
        example={
            "version": 2,
            "points": [{"code": "qualification", "points": "18"}, {"code": "capability", "points": "36.5"}],
            "vote": True,
            "comment": "团队稳定，业绩真实。",
        },
    )
    def sign(self, request: Request, row: ScoreSheet, data: dict[str, Any]) -> ScoreSheet:
        given = _points(data["points"])
        return self.whole(
            scoring.sign(
                by=caller(request),
                sheet_id=row.pk,
                version=data["version"],
                points=given,
                vote=data["vote"],
                comment=data["comment"],
            )
        )

    @act(
        body=b.AccreditationReasonIn,
        out=s.SheetOut,
        summary="替换未能评审的专家（厅职能处室）",
        example={"version": 1, "reason": "未在规定时间内评审。"},
    )
    def release(self, request: Request, row: ScoreSheet, data: dict[str, Any]) -> ScoreSheet:
        return self.whole(scoring.release(by=caller(request), sheet_id=row.pk, **data))

    @look(out=s.CriterionOut, summary="评分标准", many=True)
    def criteria(self, request: Request, row: ScoreSheet) -> tuple[Criterion, ...]:
        return scoring.criteria(row.application)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: ScoreSheet) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)


def _points(given: list[dict[str, Any]]) -> dict[str, Decimal]:
    """By criterion. Raises SCORE_TWICE."""
    codes = [str(one["code"]) for one in given]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise Invalid("SCORE_TWICE", f"同一评分项只打一次分：{'、'.join(twice)}。", codes=twice)
    return {str(one["code"]): Decimal(str(one["points"])) for one in given}
