"""Applications for a service year, and bars for good."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts import selectors as accounts
from accounts.api import caller
from accounts.models import User
from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from engines.files.models import StoredFile
from foundation.api.fields import Versioned
from foundation.api.views import Listed, act, look
from foundation.errors import not_found
from providers import selectors
from providers import serializers as bodies
from providers.api.provider import ID
from providers.filters import ApplicationFilter
from providers.models import Application, Bar
from providers.services import applications, standing


class ApplicationViewSet(Listed):
    """Applications: one's own; all for officers."""

    lookup_value_regex = ID
    serializer_class = bodies.ApplicationOut
    filterset_class = ApplicationFilter

    def rows(self) -> models.QuerySet[Application]:
        return selectors.visible_applications(caller(self.request))

    @act(
        body=bodies.ApplyIn,
        out=bodies.ApplicationOut,
        summary="申请年度服务商资格（草稿）",
        detail=False,
        path="",
        status=201,
        example={"year": 2026},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Application:
        user = caller(request)
        return applications.apply(by=user, provider_id=selectors.own(user).pk, year=data["year"])

    @act(
        body=bodies.ProviderSubmitIn,
        out=bodies.ApplicationOut,
        summary="签署承诺并提交（服务商签署人）",
        example={"version": 1, "commitment": True},
    )
    def submit(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.submit(by=caller(request), application_id=row.pk, version=data["version"])

    @act(
        body=bodies.ProviderRemarkIn,
        out=bodies.ApplicationOut,
        summary="形式审查（促进中心经办）",
        example={"version": 2},
    )
    def check(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.check(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ApplicationOut,
        summary="退回补正",
        path="return",
        example={"version": 3, "reason": "请补充上年度服务合同。"},
    )
    def send_back(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.send_back(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ApplicationOut,
        summary="不予受理",
        example={"version": 3, "reason": "不在区内登记。"},
    )
    def reject(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.reject(by=caller(request), application_id=row.pk, **data)

    @act(body=bodies.ProviderRemarkIn, out=bodies.ApplicationOut, summary="受理（厅职能处室）", example={"version": 3})
    def accept(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.accept(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.RecommendApplicationIn,
        out=bodies.ApplicationOut,
        summary="根据专家评审意见推荐（厅职能处室）",
        example={"version": 4, "expert_opinion": "2026年第一批服务商专家评审意见"},
    )
    def recommend(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        user = caller(request)
        wanted = data.pop("opinion_file", None)
        opinion_file = _file(user, wanted) if wanted else None
        return applications.recommend(by=user, application_id=row.pk, opinion_file=opinion_file, **data)

    @act(
        body=bodies.ApproveIn,
        out=bodies.ApplicationOut,
        summary="审定（厅审定）",
        example={"version": 5, "approval_no": "桂工信纪要〔2026〕3号"},
    )
    def approve(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.approve(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.PublicityIn,
        out=bodies.ApplicationOut,
        summary="登记公示（厅职能处室）",
        example={"version": 6, "first": "2026-01-12", "last": "2026-01-16", "reference": "厅网站公示2026-001"},
    )
    def publicise(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.publicise(by=caller(request), application_id=row.pk, **data)

    @act(
        body=Versioned,
        out=bodies.ApplicationOut,
        summary="公示期满，列入年度服务商（厅职能处室）",
        path="list",
        example={"version": 7},
    )
    def enlist(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return applications.enlist(by=caller(request), application_id=row.pk, version=data["version"])

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ApplicationOut,
        summary="暂停（厅职能处室）",
        example={"version": 8, "reason": "投诉核查期间暂停。"},
    )
    def suspend(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return standing.suspend(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.ApplicationOut,
        summary="恢复（厅职能处室）",
        example={"version": 9, "reason": "投诉不成立。"},
    )
    def resume(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return standing.resume(by=caller(request), application_id=row.pk, **data)

    @act(
        body=bodies.TerminateIn,
        out=bodies.ApplicationOut,
        summary="终止服务资格（厅审定，办法第二十七条）",
        example={"version": 8, "decision_no": "桂工信罚〔2026〕2号", "reason": "转包服务合同。"},
    )
    def terminate(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return standing.terminate(by=caller(request), application_id=row.pk, **data)

    @look(out=bodies.ProviderTrailOut, summary="存证：谁、何时、做了什么、为什么", many=True)
    def evidence(self, request: Request, row: Application) -> models.QuerySet[EvidenceRecord]:
        return evidence.of_subject(row)


class BarViewSet(Listed):
    """Codes barred for false material (第十六条): proposed by 处室, decided by 厅审定."""

    lookup_value_regex = ID
    serializer_class = bodies.BarOut

    def rows(self) -> models.QuerySet[Bar]:
        return selectors.visible_bars(caller(self.request))

    @act(
        body=bodies.BarIn,
        out=bodies.BarOut,
        summary="提出禁止申报（厅职能处室）",
        detail=False,
        path="",
        status=201,
        example={"provider": "0198c0de-0000-7000-8000-000000000000", "grounds": "虚报上年服务企业数。"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Bar:
        return standing.propose_bar(by=caller(request), provider_id=data["provider"], grounds=data["grounds"])

    @act(
        body=bodies.BarDecideIn,
        out=bodies.BarOut,
        summary="决定禁止申报（厅审定）",
        example={"version": 1, "decision_no": "桂工信罚〔2026〕3号"},
    )
    def decide(self, request: Request, row: Bar, data: dict[str, Any]) -> Bar:
        return standing.decide_bar(by=caller(request), bar_id=row.pk, **data)

    @act(
        body=bodies.ProviderReasonIn,
        out=bodies.BarOut,
        summary="不予禁止申报（厅审定）",
        example={"version": 1, "reason": "事实不清。"},
    )
    def decline(self, request: Request, row: Bar, data: dict[str, Any]) -> Bar:
        return standing.decline_bar(by=caller(request), bar_id=row.pk, **data)


def _file(user: User, file_id: Any) -> StoredFile:
    """A file the caller may read. Raises NOT_FOUND."""
    found = accounts.visible_files(user).filter(pk=file_id).first()
    if found is None:
        raise not_found("文件")
    return found
