"""The application form of 第十四条第（一）项, made by the platform from what the applicant has stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accreditation import gathering, selectors
from accreditation.conditions import Condition
from accreditation.models import Application
from accreditation.states import EDITABLE, CaseKind
from credit import commitments
from engines.evidence.selectors import of_subject
from foundation.money import yuan
from registry import selectors as registry

TITLES = {CaseKind.PROVIDER: "广西服务券服务商申请表", CaseKind.PRODUCT: "广西服务券产品申请表"}
HIDDEN = frozenset({"product", "sub_type", "price_unit"})  # told by another line, or meaningless to people
LABELS = {"region_code": "所在县（市、区）"}  # its name is told, not its code
AMOUNTS = frozenset({"revenue_last_year", "parent_revenue"})
NOT_FILLED = "未填写"


def of(application: Application) -> dict[str, Any]:
    """The form as it was last submitted; while it is drawn up or put right, as it would be submitted now.

    Without personal data, as what is kept of a submission (`gathering.stated`).
    """
    kept = application.state not in EDITABLE
    stated = application.stated if kept else gathering.stated(application)
    labels = gathering.labels(application)
    return {
        "title": TITLES[CaseKind(application.kind)],
        "number": application.number,
        "round": application.round.number,
        "year": application.year,
        "notice": application.notice.label,
        "submitted_at": application.submitted_at if kept else None,
        "digest": application.digest if kept else "",
        "lines": [
            {"code": code, "label": LABELS.get(code, labels[code]), "value": _text(application, code, value, stated)}
            for code, value in _in_order(stated, labels)
            if code not in HIDDEN
        ],
        "materials": [
            f"{one.get_kind_display()}：{one.file.name if one.file is not None else one.reference}"
            for one in selectors.materials(application)
        ],
        "clients": [
            f"{one.name}（{one.uscc}），{one.served_on}{'，母公司的合同' if one.of_parent else ''}"
            for one in selectors.clients(application)
        ],
        "commitment": _commitment(application) if kept else None,
    }


def split(lines: Sequence[Mapping[str, str]]) -> tuple[list[Mapping[str, str]], list[str]]:
    """The lines of a form that say something, and the labels of those left empty."""
    return [one for one in lines if one["value"] != NOT_FILLED], [
        one["label"] for one in lines if one["value"] == NOT_FILLED
    ]


def advice(failing: Sequence[Condition]) -> str:
    """What becomes of a case that is submitted though it does not meet these; empty when there are none."""
    if not failing:
        return ""
    listed = "；".join(f"{one.label}（{one.article}）要求{one.asked}，实际{one.value}" for one in failing)
    return (
        f"有{len(failing)}项必备条件不符合：{listed}。照此提交仍会进入形式审查，但不能受理；"
        "填报有误或材料未齐的请先更正、补齐，确不符合的请待条件具备后在以后的征集批次申请。"
    )


def _commitment(application: Application) -> dict[str, Any] | None:
    """The words that were signed with the latest submission (第十三条第（一）项); None before the first."""
    signed = of_subject(application).filter(act="submit").order_by("-seq").first()
    if signed is None:
        return None
    kind = application.provider.organisation.kind
    version = signed.facts["commitment_version"]
    [words] = [one for one in commitments.versions(kind) if one.version == version]
    return {"version": version, "title": words.title, "clauses": list(words.clauses), "signed_by": signed.actor_label}


def _in_order(stated: dict[str, Any], labels: dict[str, str]) -> list[tuple[str, Any]]:
    """As the applicant is asked: what is kept of a submission lies in the database without its order."""
    return [(code, stated[code]) for code in labels if code in stated]


def _text(application: Application, code: str, value: Any, stated: dict[str, Any]) -> str:
    """A statement as people read it."""
    if code in ("category", "categories"):
        known = application.notice.parsed.categories
        codes = [value] if isinstance(value, str) else value
        return "、".join(known[one].name if one in known else one for one in codes) or NOT_FILLED
    if code == "region_code":
        region = registry.region(value)
        return region.name if region else value
    if code == "price":
        return f"{yuan(Decimal(str(value)))}/{stated['price_unit']}"
    if code in AMOUNTS and value:
        return yuan(Decimal(str(value)))
    if code in _LISTED:
        return "；".join(_LISTED[code](one) for one in value) or NOT_FILLED
    return _plain(value) or NOT_FILLED


def _indicator(one: dict[str, str]) -> str:
    return f"{one['name']}：{one['target']}{one['unit']}（{one['method']}）"


def _market_price(one: dict[str, str]) -> str:
    return f"{one['source']}，{yuan(Decimal(one['price']))}"


_LISTED: dict[str, Callable[[dict[str, str]], str]] = {"indicators": _indicator, "market_prices": _market_price}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return "，".join(str(one) for name, one in value.items() if one and name not in ("file", "sm3"))
    return str(value)
