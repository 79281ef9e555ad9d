"""Registration, standing, tier and quota of enterprises, and the acts of the registry that move quotas."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from accounts.api import caller
from accounts.services import Person
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from enterprises import reasons, selectors, services
from enterprises import serializers as bodies
from enterprises.filters import AdjustmentFilter, EnterpriseFilter
from enterprises.models import Enterprise, QuotaAdjustment, QuotaGrant
from enterprises.selectors import QuotaFigures
from enterprises.services import Profile
from foundation.api.fields import ExplanationBody, asked_year
from foundation.api.throttling import Newcomer
from foundation.api.views import Listed, Rows, act, look
from registry import selectors as registry
from registry.api import RosterOut, TitleOut
from registry.models import RosterImport, TitleHolding

ID = "[0-9a-f-]{36}"
YEAR = OpenApiParameter("year", OpenApiTypes.INT, description="年度，默认本年")
PROFILE = {
    "industry_code": "3670",
    "region_code": "450203",
    "address": "柳州市鱼峰区示例路1号",
    "registered_on": "2012-05-08",
    "listed_since": "2019-01-01",
    "legal_representative": "张三",
    "contact_name": "李四",
    "contact_phone": "10012345678",
    "contact_email": "lisi@example.com",
    "bank_name": "示例银行柳州分行",
    "bank_account": "0000001234567890",
}
PEOPLE = [
    {
        "username": "lisi",
        "password": "Choose-your-own-1",
        "name": "李四",
        "identity_number": "459900198501010010",
        "roles": ["EO"],
    },
    {
        "username": "zhangsan",
        "password": "Choose-your-own-2",
        "name": "张三",
        "identity_number": "459900198602020023",
        "roles": ["EL"],
    },
]
REGISTRATION: dict[str, Any] = {
    "name": "广西柳州示例汽车部件有限公司",
    "uscc": "91450299MA6K00022C",
    **PROFILE,
    "people": PEOPLE,
}


class RegistrationViewSet(Rows):
    """Open registration of an enterprise with the accounts of its people (第十八条第（一）项)."""

    permission_classes = [AllowAny]
    throttle_classes = [Newcomer]
    serializer_class = bodies.EnterpriseOut

    @act(
        body=bodies.EnterpriseRegistrationIn,
        out=bodies.EnterpriseOut,
        summary="企业注册（无需登录）：建立账号和注册草稿",
        example=REGISTRATION,
        detail=False,
        path="",
        status=201,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Enterprise:
        people = [Person(roles=tuple(person.pop("roles")), **person) for person in data.pop("people")]
        name, uscc = data.pop("name"), data.pop("uscc")
        return services.register(name=name, uscc=uscc, profile=Profile(**data), people=people)


class EnterpriseViewSet(Listed):
    """Enterprises: one's own; a city's own; all for officers."""

    lookup_value_regex = ID
    filterset_class = EnterpriseFilter

    def rows(self) -> models.QuerySet[Enterprise]:
        return selectors.visible_to(caller(self.request))

    def get_serializer_class(self) -> type[Any]:
        return bodies.EnterpriseRow if self.action == "list" else bodies.EnterpriseOut

    @act(
        body=bodies.EnterpriseProfileIn,
        out=bodies.EnterpriseOut,
        summary="登记本单位（已有账号、尚未登记企业）",
        example=PROFILE,
        detail=False,
        path="",
        status=201,
    )
    def create(self, request: Request, data: dict[str, Any]) -> Enterprise:
        return services.register_own(by=caller(request), profile=Profile(**data))

    @act(
        body=bodies.EnterpriseEditIn,
        out=bodies.EnterpriseOut,
        summary="修改注册资料（填报中、退回补正）",
        example={"version": 1, "contact_phone": "10087654321"},
    )
    def edit(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        version = data.pop("version")
        return services.edit(by=caller(request), enterprise_id=row.pk, version=version, changes=data)

    @act(
        body=bodies.EnterpriseCorrectIn,
        out=bodies.EnterpriseOut,
        summary="更正联系信息和付款账户（提交以后）",
        example={"version": 5, "contact_phone": "10087654321"},
    )
    def correct(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        version = data.pop("version")
        return services.correct(by=caller(request), enterprise_id=row.pk, version=version, changes=data)

    @act(
        body=bodies.EnterpriseSubmitIn,
        out=bodies.EnterpriseOut,
        summary="签署信用承诺并提交（授权签署人）",
        example={"version": 1, "commitment": True},
    )
    def submit(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.submit(by=caller(request), enterprise_id=row.pk, version=data["version"])

    @act(
        body=bodies.EnterpriseCheckIn,
        out=bodies.EnterpriseOut,
        summary="初核（促进中心经办）；自动核验存疑的，逐项写明核实情况",
        example={
            "version": 3,
            "findings": [{"code": "listed", "note": "统计局复函确认该企业本月入库，名录尚未更新。"}],
        },
    )
    def check(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.check(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="退回补正（经办，或初核后由复核）",
        path="return",
        example={"version": 3, "reason": "注册地址与营业执照不一致，请更正。"},
    )
    def send_back(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.send_back(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="不予通过（促进中心经办）",
        example={"version": 3, "reason": "经核实不是独立法人。"},
    )
    def reject(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.reject(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseRemarkIn,
        out=bodies.EnterpriseOut,
        summary="复核通过并匹配额度（促进中心复核，不得为初核人）",
        example={"version": 4},
    )
    def confirm(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.confirm(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="关闭（企业撤回，或复核因注销、合并关闭）",
        example={"version": 3, "reason": "企业注销。"},
    )
    def close(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.close(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="重新办理（不予通过、已关闭，或取消资格期满后，由本企业提出，回到填报中）",
        example={"version": 5, "reason": "补齐材料，重新申请。"},
    )
    def reopen(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.reopen(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="冻结（厅职能处室）",
        example={"version": 6, "reason": "投诉核查期间暂停签订新合同。"},
    )
    def freeze(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.freeze(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.EnterpriseOut,
        summary="解除冻结（厅职能处室）",
        example={"version": 7, "reason": "投诉不成立。"},
    )
    def lift(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.lift(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.DisqualifyIn,
        out=bodies.EnterpriseOut,
        summary="取消领券资格（厅审定，办法第二十七条）",
        example={"version": 7, "until": "2029-12-31", "decision_no": "桂工信罚〔2026〕1号", "reason": "虚假交易。"},
    )
    def disqualify(self, request: Request, row: Enterprise, data: dict[str, Any]) -> Enterprise:
        return services.disqualify(by=caller(request), enterprise_id=row.pk, **data)

    @act(
        body=bodies.AdjustmentIn,
        out=bodies.AdjustmentOut,
        summary="提出额度人工调整（促进中心经办）",
        status=201,
        path="adjustments",
        example={"increase": "50000.00", "reason": "名录数据有误，补足差额。"},
    )
    def propose_adjustment(self, request: Request, row: Enterprise, data: dict[str, Any]) -> QuotaAdjustment:
        return services.propose_adjustment(
            by=caller(request), enterprise_id=row.pk, amount=data["amount"], reason=data["reason"]
        )

    @look(out=ExplanationBody, summary="为什么是这一档；额度尚未下达的，还差什么", path="tier/explain")
    def tier_explain(self, request: Request, row: Enterprise) -> dict[str, Any]:
        return reasons.tier_today(row).as_dict()

    @look(out=bodies.QuotaOut, summary="年度额度", asks=[YEAR])
    def quota(self, request: Request, row: Enterprise) -> QuotaFigures:
        return selectors.figures(row.pk, asked_year(request))

    @look(out=ExplanationBody, summary="为什么剩余这么多", path="quota/explain", asks=[YEAR])
    def quota_explain(self, request: Request, row: Enterprise) -> dict[str, Any]:
        return reasons.quota_of_year(row.pk, asked_year(request)).as_dict()

    @look(out=bodies.GrantOut, summary="额度匹配与增减记录", many=True)
    def grants(self, request: Request, row: Enterprise) -> models.QuerySet[QuotaGrant]:
        return selectors.grants(row.pk)

    @look(out=bodies.EnterpriseTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Enterprise) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class TitleViewSet(Rows):
    """The acts on a title that move its holder's quota; the rest of /registry/titles/ is the registry's."""

    lookup_value_regex = ID
    serializer_class = TitleOut

    def rows(self) -> models.QuerySet[TitleHolding]:
        return registry.visible_titles(caller(self.request))

    @act(
        body=bodies.EnterpriseRemarkIn,
        out=TitleOut,
        summary="核验称号，持有企业即时重新划型（复核或处室，不得为登记人）",
        example={"version": 1},
    )
    def verify(self, request: Request, row: TitleHolding, data: dict[str, Any]) -> TitleHolding:
        return services.verify_title(by=caller(request), title_id=row.pk, **data)

    @act(
        body=bodies.TitleRevokeIn,
        out=TitleOut,
        summary="撤销称号，持有企业即时重新划型：已用不收回（复核或处室）",
        example={"version": 2, "revoked_on": "2026-06-30", "reason": "认定机关公告撤销。"},
    )
    def revoke(self, request: Request, row: TitleHolding, data: dict[str, Any]) -> TitleHolding:
        return services.revoke_title(by=caller(request), title_id=row.pk, **data)


class RosterViewSet(Rows):
    """The act on a roster that moves quotas; the rest of /registry/imports/ is the registry's."""

    lookup_value_regex = ID
    serializer_class = RosterOut

    def rows(self) -> models.QuerySet[RosterImport]:
        return registry.visible_rosters(caller(self.request))

    @act(
        body=bodies.EnterpriseRemarkIn,
        out=RosterOut,
        summary="复核名册，使之生效，所涉企业即时重新划型（促进中心复核）",
        example={"version": 1},
    )
    def confirm(self, request: Request, row: RosterImport, data: dict[str, Any]) -> RosterImport:
        return services.confirm_roster(by=caller(request), roster_id=row.pk, **data)


class AdjustmentViewSet(Listed):
    """Quota adjustments by hand: proposed, reviewed, decided by three people."""

    lookup_value_regex = ID
    serializer_class = bodies.AdjustmentOut
    filterset_class = AdjustmentFilter

    def rows(self) -> models.QuerySet[QuotaAdjustment]:
        return selectors.visible_adjustments(caller(self.request))

    @act(
        body=bodies.EnterpriseRemarkIn,
        out=bodies.AdjustmentOut,
        summary="复核额度调整（促进中心复核）",
        example={"version": 1},
    )
    def review(self, request: Request, row: QuotaAdjustment, data: dict[str, Any]) -> QuotaAdjustment:
        return services.review_adjustment(by=caller(request), adjustment_id=row.pk, **data)

    @act(
        body=bodies.AdjustmentDecideIn,
        out=bodies.AdjustmentOut,
        summary="核准额度调整（厅职能处室）",
        example={"version": 2, "decision_no": "桂工信函〔2026〕12号"},
    )
    def decide(self, request: Request, row: QuotaAdjustment, data: dict[str, Any]) -> QuotaAdjustment:
        return services.decide_adjustment(by=caller(request), adjustment_id=row.pk, **data)

    @act(
        body=bodies.EnterpriseReasonIn,
        out=bodies.AdjustmentOut,
        summary="不予额度调整",
        example={"version": 1, "reason": "依据不足。"},
    )
    def decline(self, request: Request, row: QuotaAdjustment, data: dict[str, Any]) -> QuotaAdjustment:
        return services.decline_adjustment(by=caller(request), adjustment_id=row.pk, **data)
