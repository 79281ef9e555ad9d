"""The form of a product whole: what is offered, at what price, how it is proven (第八条)."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.api.fields import Versioned
from portal.kit.forms import BodyForm, One, Text
from portal.provider.common import categories
from programmes.rules import Category
from providers import serializers as bodies
from providers.models import ProductVersion
from providers.services.offers import FIELDS

LABELS = {
    "name": "产品名称",
    "aim": "服务目的",
    "functions": "功能内容",
    "deliverables": "交付成果",
    "indicators": "效果指标",
    "min_days": "最短服务周期（天）",
    "max_days": "最长服务周期（天）",
    "price": "标价",
    "price_unit": "计价单位",
    "price_proof": "价格依据",
    "proof_files": "价格证明文件",
    "market_prices": "市场同类价格",
    "discount": "优惠说明",
    "team": "服务团队",
    "cases": "服务案例",
    "qualification": "所需资质",
}
HELPS = {
    "aim": "解决什么问题、达到什么效果。",
    "deliverables": "一行一项，写成果名称，例如：诊断报告。合同据此交付。",
    "indicators": "合同据此验收：目标值写数字或可比较的要求，例如：≥2、不低于95%。",
    "price_unit": "不填为“项”。",
    "price_proof": "收费标准从何而来：同类合同、报价、成本测算。",
    "proof_files": "同类合同、报价单等，供评审核对，不公开。",
    "market_prices": "别处同类服务的价格，一行一条。",
    "team": "不公开，供评审判断。",
    "cases": "不公开，供评审判断。",
}


class IndicatorForm(BodyForm):
    body = bodies.IndicatorIn
    labels = {"name": "指标", "unit": "单位", "target": "目标值", "method": "验证方法"}


class MarketPriceForm(BodyForm):
    body = bodies.MarketPriceIn
    labels = {"source": "来源", "price": "价格"}


class KindField(One):
    """Category and sub-type in one choice, `category:sub_type`; without a sub-type where the notice names none."""

    def __init__(self) -> None:
        super().__init__(choices=kinds, widget=forms.Select(), required=False, label="服务类别和细分类型")
        self.widget.is_required = True


def kinds() -> list[Any]:
    """The categories of the notice with their sub-types, as a select shows them."""
    return [("", "请选择"), *((one.name, _of_category(one)) for one in categories().values())]


def _of_category(one: Category) -> list[tuple[str, str]]:
    if not one.sub_types:
        return [(f"{one.code}:", f"{one.name}（在下一栏写明）")]
    return [(f"{one.code}:{code}", name) for code, name in one.sub_types.items()]


class OfferForm(BodyForm):
    """A product whole."""

    body = bodies.OfferIn
    only = ("name", "kind", "kind_words", *(name for name in LABELS if name != "name"))
    labels = LABELS
    helps = HELPS
    rows = {"indicators": IndicatorForm, "market_prices": MarketPriceForm}
    uploads = {"proof_files": "material"}
    kind = KindField()
    kind_words = Text(label="细分类型（通知未列的，用文字写明）", widget=forms.TextInput(attrs={"maxlength": 64}))

    def clean_kind(self) -> str:
        chosen: str = self.cleaned_data["kind"] or ""
        if not chosen:
            raise forms.ValidationError("请选择“服务类别和细分类型”。")
        return chosen

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        given = super().payload(cleaned)
        category, _, sub_type = given.pop("kind", "").partition(":")
        words = given.pop("kind_words", "")
        return {
            "proof_files": [],
            "market_prices": [],
            "price_unit": "项",
            **given,
            "category": category,
            "sub_type": sub_type or words,
        }


class _Again(Versioned, bodies.OfferIn):
    """All of a version's terms, for a form that shows all of them: what is left empty is empty."""


class AgainForm(OfferForm):
    body = _Again
    only = ("version", *OfferForm.only)


def terms_of(version: ProductVersion) -> dict[str, Any]:
    """A version's terms as the form begins with them."""
    known = categories()
    listed = version.category in known and version.sub_type in known[version.category].sub_types
    return {
        **{name: getattr(version, name) for name in FIELDS - {"category", "sub_type"}},
        "price": f"{version.price:.2f}",
        "kind": f"{version.category}:{version.sub_type if listed else ''}",
        "kind_words": "" if listed else version.sub_type,
        "deliverables": "\n".join(version.deliverables),
        "proof_files": [one["file"] for one in version.proof_files],
    }
