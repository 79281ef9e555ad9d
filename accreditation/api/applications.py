"""Applications over HTTP: the applicant's side and the offices'."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework.request import Request

from accounts.api import caller
from accreditation import form, gathering, progress, selectors
from accreditation.api.rounds import AN_ID, ID
from accreditation.filters import ApplicationFilter
from accreditation.models import Application, Ask, Client, ConditionCheck, Material
from accreditation.serializers import answers as s
from accreditation.serializers import bodies as b
from accreditation.services import checking, filing
from accreditation.states import EDITABLE
from engines.evidence.api import TrailOut
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation.api.views import Listed, act, look
from providers import selectors as providers
from providers.selectors import CapFigures

CLIENT = {"name": "广西示例制造有限公司", "uscc": "91450199MA6K00014C", "served_on": "2025-06-30", "file": AN_ID}

# What 第十三条 asks of every provider, for the example: conditions/ of the application names its own.
CONDITIONS_OF_PROVIDER = (
    *("commitment", "legal_form", "registered_here", "tax", "place", "scope"),
    *("years", "core_staff", "clients", "revenue", "credit"),
)


class ApplicationViewSet(Listed):
    """服务商资格和服务券产品的认定申请：填报、提交、形式审查、退回补正、受理。"""

    lookup_value_regex = ID
    serializer_class = s.ApplicationOut
    filterset_class = ApplicationFilter

    def get_serializer_class(self) -> type[s.ApplicationRow]:
        return s.ApplicationRow if self.action == "list" else s.ApplicationOut

    def rows(self) -> models.QuerySet[Application]:
        rows = selectors.visible_applications(caller(self.request))
        return rows if self.action == "list" else rows.select_related("renews").defer(None)

    def whole(self, application: Application) -> Application:
        """The case as its page shows it, read anew after an act."""
        return self.rows().get(pk=application.pk)

    @act(
        body=b.ApplyIn,
        out=s.ApplicationOut,
        summary="申请认定（草稿）：年度服务商资格，或一个产品版本",
        detail=False,
        path="",
        status=201,
        example={"round": AN_ID, "kind": "provider"},
    )
    def create(self, request: Request, data: dict[str, Any]) -> Application:
        return filing.apply(
            by=caller(request),
            round_id=data["round"],
            kind=data["kind"],
            version_id=data.get("product_version"),
            renew=data["renew"],
        )

    @act(
        body=b.ApplicationEditIn,
        out=s.ApplicationOut,
        summary="填报申请表",
        example={"version": 1, "categories": ["diagnosis", "digitalisation"]},
    )
    def edit(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        version = data.pop("version")
        return filing.edit(by=caller(request), application_id=row.pk, version=version, changes=data)

    @act(
        body=b.AttachIn,
        out=s.ApplicationOut,
        summary="添加材料：上传的文件，或共享数据的来源和编号",
        example={"version": 2, "kind": "licence", "file": AN_ID},
    )
    def attach(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return filing.attach(
            by=caller(request),
            application_id=row.pk,
            version=data["version"],
            kind=data["kind"],
            file_id=data.get("file"),
            reference=data["reference"],
            fields=data["fields_proven"],
        )

    @act(body=b.DetachIn, out=s.ApplicationOut, summary="撤下材料", example={"version": 3, "material": 1})
    def detach(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return filing.detach(
            by=caller(request), application_id=row.pk, version=data["version"], material_id=data["material"]
        )

    @act(
        body=b.ClientsIn,
        out=s.ApplicationOut,
        summary="填报上年服务企业清单（整份替换）",
        path="list-clients",
        example={"version": 3, "clients": [CLIENT]},
    )
    def list_clients(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return filing.list_clients(by=caller(request), application_id=row.pk, **data)

    @act(
        body=b.ApplicationSubmitIn,
        out=s.ApplicationOut,
        summary="签署承诺并提交；补正的，逐项说明（服务商签署人）",
        example={"version": 6, "commitment": True},
    )
    def submit(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        answers = {one["position"]: one["answer"] for one in data["answers"]}
        return self.whole(
            filing.submit(by=caller(request), application_id=row.pk, version=data["version"], answers=answers)
        )

    @act(
        body=b.AccreditationReasonIn,
        out=s.ApplicationOut,
        summary="撤回尚未受理的申请",
        example={"version": 7, "reason": "改报下一批次。"},
    )
    def withdraw(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return filing.withdraw(by=caller(request), application_id=row.pk, **data)

    @act(
        body=b.FormalCheckIn,
        out=s.ApplicationOut,
        summary="形式审查：逐项核实条件（促进中心经办）",
        example={
            "version": 7,
            "findings": [
                {"code": code, "result": "ok", "note": "已核对填报、材料和共享数据。"}
                for code in CONDITIONS_OF_PROVIDER
            ],
            "note": "材料齐全。",
        },
    )
    def check(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        findings = [dict(one) for one in data.pop("findings")]
        return checking.check(by=caller(request), application_id=row.pk, findings=findings, **data)

    @act(
        body=b.AskBackIn,
        out=s.ApplicationOut,
        summary="退回补正：一次列明全部事项（促进中心经办；形式审查后由厅职能处室）",
        path="return",
        example={
            "version": 7,
            "items": [
                {"kind": "material", "code": "social_insurance", "what": "补充12月社保明细", "why": "不能证明满一年"}
            ],
        },
    )
    def send_back(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        items = [dict(one) for one in data["items"]]
        return checking.send_back(by=caller(request), application_id=row.pk, version=data["version"], items=items)

    @act(
        body=b.AcceptApplicationIn,
        out=s.ApplicationOut,
        summary="受理并提出初步审查意见（厅职能处室）",
        example={"version": 8, "opinion": "符合第十三条条件，提交专家评审。"},
    )
    def accept(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return checking.accept(by=caller(request), application_id=row.pk, **data)

    @act(
        body=b.AccreditationReasonIn,
        out=s.ApplicationOut,
        summary="不予受理（厅职能处室）",
        example={"version": 8, "reason": "不在区内登记。"},
    )
    def reject(self, request: Request, row: Application, data: dict[str, Any]) -> Application:
        return checking.reject(by=caller(request), application_id=row.pk, **data)

    @look(out=s.ProgressOut, summary="办到哪一步、下一步、期限、还缺什么")
    def progress(self, request: Request, row: Application) -> dict[str, Any]:
        lacking = gathering.missing(row) if row.state in EDITABLE else []
        return progress.of(
            row.state,
            closes_on=row.round.closes_on,
            check_due=row.check_due,
            correction_due=row.correction_due,
            shown_until=row.publicity.last if row.publicity else None,
            missing=lacking,
            reason=row.reason,
        ).as_dict()

    @look(out=s.AccreditationPreflightOut, summary="提交前核对：材料和条件，与审查人员同一份清单")
    def preflight(self, request: Request, row: Application) -> dict[str, Any]:
        lacking = gathering.missing(row)
        found = gathering.conditions_of(row, commitment=row.submissions > 0)
        failing = gathering.will_fail(row)
        return {
            "ready": not lacking,
            "missing": lacking,
            "will_fail": failing,
            "advice": form.advice(failing),
            "conditions": [one.as_dict() for one in found],
        }

    @look(out=s.ApplicationFormOut, summary="申请表：按填报内容生成（办法第十四条第（一）项）")
    def form(self, request: Request, row: Application) -> dict[str, Any]:
        return form.of(row)

    @look(out=s.MaterialOut, summary="申报材料", many=True)
    def materials(self, request: Request, row: Application) -> models.QuerySet[Material]:
        return selectors.materials(row)

    @look(out=s.ClientOut, summary="上年服务企业清单", many=True)
    def clients(self, request: Request, row: Application) -> models.QuerySet[Client]:
        return selectors.clients(row)

    @look(out=s.ConditionOut, summary="最近一次提交的条件核对和核实结论", many=True)
    def conditions(self, request: Request, row: Application) -> models.QuerySet[ConditionCheck]:
        return selectors.checks(row)

    @look(out=s.AskOut, summary="历次补正清单和说明", many=True)
    def asks(self, request: Request, row: Application) -> models.QuerySet[Ask]:
        return Ask.objects.filter(application=row)

    @look(out=s.ExecutionOut, summary="上一年度服务券结算上限的使用情况（续期参考）")
    def execution(self, request: Request, row: Application) -> CapFigures:
        return providers.cap_figures(row.provider_id, row.year - 1)

    @look(out=TrailOut, summary="存证记录", many=True)
    def trail(self, request: Request, row: Application) -> models.QuerySet[EvidenceRecord]:
        return of_subject(row)
