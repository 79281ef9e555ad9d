"""What a round asks of an applicant, for everybody to read before he applies (第八条, 第十三条, 第十四条)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accreditation import conditions
from accreditation.conditions import Condition, Offer, Profile
from accreditation.models import Round
from accreditation.states import CaseKind, MaterialKind

FORM = ("form", "广西服务券服务商申请表", "由平台按填报内容生成")
CLIENTS = ("clients", "上年度服务企业的合同证明材料", "逐家列出企业、服务日期并附合同")
WHEN = {
    MaterialKind.PARENT: "以母公司经营时间或指标计入的，须提供",
    MaterialKind.PLATFORM: "填报公共服务平台认定的，须提供",
}


def of_round(row: Round) -> list[dict[str, Any]]:
    """For each kind the round calls for: conditions, materials, the score sheet, and how many are taken."""
    return [_of_kind(row, kind) for kind in CaseKind if row.calls_for(kind)]


def _of_kind(row: Round, kind: CaseKind) -> dict[str, Any]:
    rules = row.notice.parsed
    is_provider = kind == CaseKind.PROVIDER
    criteria = rules.review.provider_criteria if is_provider else rules.review.product_criteria
    return {
        "kind": kind.value,
        "label": kind.label,
        "seats": row.seats(kind),
        "conditions": [
            {"code": one.code, "label": one.label, "article": one.article, "asked": one.asked}
            for one in (_of_provider(row) if is_provider else _of_product())
        ],
        "materials": _materials() if is_provider else [_material(one) for one in conditions.MATERIALS_OF_PRODUCT],
        "criteria": [
            {"code": one.code, "name": one.name, "points": one.points, "basis": one.basis} for one in criteria
        ],
        "vote": f"赞成票达到{rules.review.pass_votes}/{rules.review.pass_of}方可推荐",
    }


def _of_provider(row: Round) -> list[Condition]:
    nobody = Profile(
        uscc="91450199MA6K00014C",
        region="",
        address="",
        founded_on=date(row.year, 1, 1),
        core_staff=0,
        clients=0,
        revenue=Decimal(0),
        categories={},
        materials=frozenset(),
        public_platform="-",
    )
    return conditions.of_provider(nobody, row.notice.parsed.admission, date(row.year, 1, 1))


def _of_product() -> list[Condition]:
    return conditions.of_product(Offer("", "", (), (), Decimal(0), "", 0, 0))


def _materials() -> list[dict[str, Any]]:
    kinds = conditions.materials_of_provider(with_parent=True, public_platform=True)
    given = [{"kind": kind, "label": label, "note": note} for kind, label, note in (FORM, CLIENTS)]
    return [
        *given,
        *(_material(one) for one in kinds),
        _material(MaterialKind.REVENUE, "可以提供"),
        _material(MaterialKind.OTHER, "可以提供"),
    ]


def _material(kind: MaterialKind, note: str = "") -> dict[str, Any]:
    return {"kind": kind.value, "label": kind.label, "note": note or WHEN.get(kind, "须提供")}
