"""The tier passport, disputes of its lines, declarations of related parties, the history of a quota."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from accounts.states import OFFICERS
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from enterprises import selectors, services
from enterprises import serializers as bodies
from enterprises.api.enterprises import ID, YEAR
from enterprises.filters import DeclarationFilter, DisputeFilter
from enterprises.models import Enterprise, PassportDispute, RelationDeclaration
from enterprises.selectors import Group, History, QuotaFigures, Shown
from enterprises.services import Tie
from foundation import clock
from foundation.api.fields import asked_year
from foundation.api.views import Listed, Rows, act, look
from foundation.errors import not_allowed


class PassportViewSet(Rows):
    """What an enterprise looks up, disputes and declares; the rest of /enterprises/ is the EnterpriseViewSet's."""

    lookup_value_regex = ID
    serializer_class = bodies.EnterpriseOut

    def rows(self) -> models.QuerySet[Enterprise]:
        return selectors.visible_to(caller(self.request))

    @look(out=bodies.PassportOut, summary="划型依据：逐项名单、所获档次、上一档还缺什么、到期提醒")
    def passport(self, request: Request, row: Enterprise) -> Shown:
        return selectors.show_passport(row, clock.today())

    @look(out=bodies.QuotaHistoryOut, summary="年度额度流水，逐笔余额", path="quota/history", asks=[YEAR])
    def quota_history(self, request: Request, row: Enterprise) -> History:
        return selectors.quota_history(row.pk, asked_year(request))

    @look(out=bodies.QuotaOut, summary="历年额度", path="quota/years", many=True)
    def quota_years(self, request: Request, row: Enterprise) -> list[QuotaFigures]:
        return selectors.quota_years(row.pk)

    @look(out=bodies.RelatedGroupOut, summary="关联集团：由有效申报连成的集团和逐项关系（管理部门）")
    def group(self, request: Request, row: Enterprise) -> Group:
        if not caller(request).has(*OFFICERS):
            raise not_allowed("查看关联集团")
        return selectors.declared_group(row, clock.today())

    @act(
        body=bodies.DisputeIn,
        out=bodies.DisputeOut,
        summary="对划型依据中的一项提出异议（企业经办、授权签署人）",
        status=201,
        example={
            "line": "little_giant",
            "kind": "missing",
            "claim": "我公司已于2026年7月获评专精特新“小巨人”企业，平台未匹配。",
            "files": ["01928e2a-6f3b-7c41-9a52-0c8f4b1d2e3f"],
        },
    )
    def dispute(self, request: Request, row: Enterprise, data: dict[str, Any]) -> PassportDispute:
        files = data.pop("files")
        return services.file_dispute(by=caller(request), enterprise_id=row.pk, file_ids=files, **data)

    @act(
        body=bodies.DeclarationIn,
        out=bodies.DeclarationOut,
        summary="签署本年度关联方申报（授权签署人）：列全所有关联方，没有的列空",
        status=201,
        example={
            "commitment": True,
            "replaces": None,
            "relations": [
                {
                    "name": "广西示例控股有限公司",
                    "uscc": "91450199MA6K00014C",
                    "kind": "parent",
                    "since": "2018-06-01",
                    "note": "持股80%",
                }
            ],
        },
    )
    def declare_relations(self, request: Request, row: Enterprise, data: dict[str, Any]) -> RelationDeclaration:
        return services.declare_relations(
            by=caller(request),
            enterprise_id=row.pk,
            ties=[Tie(**tie) for tie in data["relations"]],
            replaces=data["replaces"],
        )


class DisputeViewSet(Listed):
    """Disputes of passport lines: filed by enterprises, handled and decided by two officers."""

    lookup_value_regex = ID
    serializer_class = bodies.DisputeOut
    filterset_class = DisputeFilter

    def rows(self) -> models.QuerySet[PassportDispute]:
        return selectors.visible_disputes(caller(self.request))

    @act(
        body=bodies.EnterpriseRemarkIn,
        out=bodies.DisputeOut,
        summary="撤回异议（提出异议的企业，尚未经办时）",
        example={"version": 1},
    )
    def withdraw(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.withdraw_dispute(by=caller(request), dispute_id=row.pk, **data)

    @act(
        body=bodies.DisputeAcceptIn,
        out=bodies.DisputeOut,
        summary="登记更正，提请审定（促进中心经办）",
        example={
            "version": 1,
            "opinion": "经核对认定文件，已登记该称号。",
            "title": "01928e2a-6f3b-7c41-9a52-0c8f4b1d2e40",
        },
    )
    def accept(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.accept_dispute(
            by=caller(request),
            dispute_id=row.pk,
            version=data["version"],
            opinion=data["opinion"],
            title_id=data["title"],
            roster_id=data["roster"],
        )

    @act(
        body=bodies.DisputeOpinionIn,
        out=bodies.DisputeOut,
        summary="提出不予支持的意见，提请审定（促进中心经办）",
        path="find-unfounded",
        example={"version": 1, "opinion": "认定机关答复该企业未获评。"},
    )
    def find_unfounded(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.find_unfounded(by=caller(request), dispute_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.DisputeOut,
        summary="退回重办（促进中心复核或厅职能处室，不得为经办人）",
        path="return",
        example={"version": 2, "reason": "请核对证书原件。"},
    )
    def send_back(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.return_dispute(by=caller(request), dispute_id=row.pk, **data)

    @act(
        body=bodies.DisputeDecisionIn,
        out=bodies.DisputeOut,
        summary="异议成立：更正生效并即时重新划型（复核或处室，不得为经办人）",
        example={"version": 2, "decision": "情况属实。"},
    )
    def uphold(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.uphold_dispute(by=caller(request), dispute_id=row.pk, **data)

    @act(
        body=bodies.DisputeDecisionIn,
        out=bodies.DisputeOut,
        summary="异议不成立（复核或处室，不得为经办人）",
        example={"version": 2, "decision": "证书已于2025年12月31日到期。"},
    )
    def reject(self, request: Request, row: PassportDispute, data: dict[str, Any]) -> PassportDispute:
        return services.reject_dispute(by=caller(request), dispute_id=row.pk, **data)

    @look(out=bodies.EnterpriseTrailOut, summary="异议的存证记录", many=True)
    def trail(self, request: Request, row: PassportDispute) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class DeclarationViewSet(Listed):
    """Declarations of related parties, as they were signed."""

    lookup_value_regex = ID
    serializer_class = bodies.DeclarationOut
    filterset_class = DeclarationFilter

    def rows(self) -> models.QuerySet[RelationDeclaration]:
        return selectors.visible_declarations(caller(self.request))
