"""The archive over HTTP: one download, who took one, and the end of a file."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.api import caller
from contracts import selectors as contracts
from contracts.models import Contract
from contracts.serializers import ContractOut
from foundation.api.fields import ErrorBody, Shaped, Versioned
from foundation.api.filters import refuse_unknown
from foundation.api.views import Rows, act
from records import selectors, services
from records.models import Download


class DownloadOut(serializers.ModelSerializer[Download]):
    """Who took which archive when."""

    contract_number = serializers.CharField(source="contract.number")
    by = serializers.CharField(source="by.name")
    organisation = serializers.CharField(source="by.organisation.name")
    view_label = serializers.CharField(source="get_view_display")

    class Meta:
        model = Download
        fields = [
            "id", "contract_id", "contract_number", "contract_version", "view", "view_label", "by", "organisation", "at",
            "sm3", "size", "parts", "faults",
        ]  # fmt: skip


class CloseFileIn(Versioned):
    sm3 = Shaped(
        r"^[0-9a-f]{64}$", says="档案SM3须为64位小写十六进制数，见下载记录。", help_text="所核对档案的SM3，见下载记录"
    )


class ArchiveViewSet(Rows):
    """合同档案。"""

    lookup_value_regex = "[0-9a-f-]{36}"
    serializer_class = DownloadOut

    def rows(self) -> models.QuerySet[Contract]:
        """The auditor reads the archive and acts on nothing."""
        user = caller(self.request)
        return selectors.archived(user) if self.action == "archive" else contracts.visible_to(user)

    @extend_schema(
        summary="下载合同档案（ZIP，附SM3目录、存证链和离线核验程序；应答头 X-Archive-SM3 为整个档案的SM3）",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody},
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def archive(self, request: Request, **kwargs: Any) -> FileResponse:
        contract: Contract = self.get_object()
        refuse_unknown(request, [])
        made = services.download(by=caller(request), contract_id=contract.pk)
        response = FileResponse(made.file, as_attachment=True, filename=made.name, content_type="application/zip")
        response.headers["X-Archive-SM3"] = made.sm3
        response.headers["Content-Length"] = str(made.size)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @act(
        body=CloseFileIn,
        out=ContractOut,
        summary="合同归档（促进中心复核）：确认另一名经办人下载核对过的档案",
        path="close-file",
        example={"version": 17, "sm3": "e6fed19ac216240ec4a39c81f8d6ed856158bb2c5aab9d714ad64d52d4350de4"},
    )
    def close_file(self, request: Request, row: Contract, data: dict[str, Any]) -> Contract:
        services.close_file(by=caller(request), contract_id=row.pk, **data)
        return contracts.whole_rows().get(pk=row.pk)


class DownloadViewSet(mixins.ListModelMixin, Rows):
    """档案下载记录。"""

    serializer_class = DownloadOut
    filterset_fields = ["contract", "sm3", "view"]

    def rows(self) -> models.QuerySet[Download]:
        return selectors.visible_downloads(caller(self.request))
