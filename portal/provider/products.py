"""Products: what is offered at what price, its versions, the pre-check, and what becomes of it on the shelf (第八、九条)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accreditation import selectors as accreditation
from accreditation.serializers import bodies as cases
from accreditation.services import filing
from accreditation.states import CaseKind
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, One, Text
from portal.kit.lists import Column, Filter, Listing
from portal.provider.common import categories, category_choices, tone
from programmes.rules import Category
from providers import policies, selectors
from providers import serializers as bodies
from providers.models import Product, ProductVersion
from providers.services import offers, prechecking, shelf
from providers.services.offers import FIELDS, Offer
from providers.states import VERSION_EDITABLE, PrecheckResult, ProductState

LEVELS = {"fail": ("bad", "不符合"), "warn": ("warn", "须说明"), "note": ("off", "提示")}
VERDICTS = {PrecheckResult.PASSED: "ok", PrecheckResult.FAILED: "bad", PrecheckResult.PARTLY: "warn"}
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


def _page(product: Product) -> str:
    return reverse("provider:product", kwargs={"pk": product.pk})


def _version_page(version: ProductVersion) -> str:
    return reverse("provider:version", kwargs={"pk": version.pk})


def own_products(by: User) -> QuerySet[Product]:
    """The products of the caller's own provider."""
    return selectors.visible_products(by).filter(provider__organisation=by.organisation_id)


def own_versions(by: User) -> QuerySet[ProductVersion]:
    """Every version of them."""
    return selectors.visible_versions(by).filter(product__provider__organisation=by.organisation_id)


def _with_category(rows: list[Any]) -> list[Any]:
    known = categories()
    for row in rows:
        row.category_name = known[row.category].name if row.category in known else row.category
    return rows


LIST = Listing(
    name="products",
    caption="服务产品",
    columns=(
        Column(name="name", label="产品", show="name", second="category_name", sort="name", place="title", link=_page),
        Column(name="price", label="现标价（元）", show=lambda row: row.current and row.current.price, kind="money"),
        Column(name="revision", label="现行版本", show=lambda row: row.revision and f"第{row.revision}版"),
        Column(name="pending", label="新版本", show=lambda row: "审核中" if row.change_pending else ""),
        Column(name="until", label="在架至", show="shelf_to", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ProductState.choices),
        Filter(name="category", label="服务类别", narrow="category", choices=category_choices),
        Filter(name="name", label="名称", narrow="name__icontains", kind="text"),
    ),
    prepare=_with_category,
    empty="还没有产品。先申报产品，再在征集期内送审；审定公示后上架。",
)


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


class LowerForm(BodyForm):
    body = bodies.LowerPriceIn
    only = ("version", "price", "reason")
    labels = {"price": "新标价", "reason": "说明"}


class ReasonForm(BodyForm):
    body = bodies.ProviderReasonIn


class RemarkForm(BodyForm):
    body = bodies.ProviderRemarkIn


class RoundForm(BodyForm):
    body = cases.ApplyIn
    labels = {"round": "征集批次"}


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


def _latest(product: Product) -> ProductVersion:
    return product.current or product.versions.order_by("-number")[0]


def _changes(data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    version: int = data.pop("version")
    return version, data


def _draft(by: User, row: Product, data: dict[str, Any]) -> ProductVersion:
    version, changes = _changes(data)
    return offers.draft_version(by=by, product_id=row.pk, version=version, changes=changes)


def _edit(by: User, row: ProductVersion, data: dict[str, Any]) -> ProductVersion:
    version, changes = _changes(data)
    return offers.edit(by=by, version_id=row.pk, version=version, changes=changes)


def _may_draft(by: User, row: Product) -> bool:
    free = row.state != ProductState.OFF_SHELF and selectors.open_version(row) is None
    return policies.may_edit(by, row.provider) and free


def _may_lower(by: User, row: Product) -> bool:
    free = row.state == ProductState.ON_SHELF and selectors.open_version(row) is None
    return policies.may_sign(by, row.provider) and free


def _may_take_off(by: User, row: Product) -> bool:
    live = row.state in (ProductState.ON_SHELF, ProductState.SUSPENDED)
    return live and policies.may_take_off(by, row)


def _may_change(by: User, row: ProductVersion) -> bool:
    return row.state in VERSION_EDITABLE and policies.may_edit(by, row.product.provider)


def _rounds(by: User) -> list[tuple[str, str]]:
    """The rounds that take products today."""
    found = accreditation.open_rounds(by, clock.today())
    return [
        (str(one.pk), f"{one.title}（{one.number}，截止{one.closes_on}）")
        for one in found
        if one.calls_for(CaseKind.PRODUCT)
    ]


def _may_apply(by: User, row: ProductVersion) -> bool:
    return _may_change(by, row) and accreditation.live_case_of(row) is None and bool(_rounds(by))


NEW = Deck(
    name="provider:product-new",
    roles=PROVIDER,
    home=_version_page,
    acts=(
        Act(
            name="new",
            label="申报产品",
            tone="main",
            icon="plus",
            intro="先存为草稿，可随时修改；确认后在征集期内送审。",
            article="7,8,9",
            form=OfferForm,
            may=lambda by, row: policies.may_edit(by, selectors.own(by)),
            run=lambda by, row, data: offers.create(by=by, provider_id=selectors.own(by).pk, offer=Offer(**data)),
            done="产品草稿已建立，请查看预审意见。",
        ),
    ),
)
DECK = Deck(
    name="provider:product",
    roles=PROVIDER,
    rows=own_products,
    title=lambda row: row.name,
    acts=(
        Act(
            name="version",
            label="申报新版本",
            tone="main",
            icon="diff",
            intro="提价、改内容或下一年度继续提供，都须申报新版本；审定前现行版本照常在架。",
            article="8,9",
            form=AgainForm,
            may=_may_draft,
            initial=lambda by, row: terms_of(_latest(row)),
            run=_draft,
            goes=_version_page,
            done="新版本草稿已建立。",
        ),
        Act(
            name="lower-price",
            label="降价",
            icon="down",
            intro="降价立即生效，不需审核；未签署的合同草稿须按新版本重新确认。",
            article="8",
            form=LowerForm,
            may=_may_lower,
            run=lambda by, row, data: shelf.lower_price(by=by, product_id=row.pk, **data),
            goes=lambda made: _page(made.product),
            done="已降价。",
        ),
        Act(
            name="take-off",
            label="下架",
            tone="danger",
            intro="下架后不能恢复，也不能再签新合同；已签的合同照常履行和兑付。",
            form=ReasonForm,
            may=_may_take_off,
            run=lambda by, row, data: shelf.take_off(by=by, product_id=row.pk, **data),
            done="产品已下架。",
        ),
    ),
)
VERSION_DECK = Deck(
    name="provider:version",
    roles=PROVIDER,
    rows=own_versions,
    title=lambda row: f"{row.name} 第{row.number}版",
    acts=(
        Act(
            name="apply",
            label="送审",
            tone="main",
            icon="send",
            intro="选择征集批次，建立产品入库申请；接着在申请中上传资质和价格材料，由签署人提交。",
            article="9",
            form=RoundForm,
            may=_may_apply,
            choices=lambda by, row: {"round": _rounds(by)},
            given=lambda by, row: {"kind": CaseKind.PRODUCT.value, "product_version": str(row.pk), "renew": False},
            run=lambda by, row, data: filing.apply(
                by=by, round_id=data["round"], kind=data["kind"], version_id=data["product_version"]
            ),
            goes=lambda made: reverse("provider:application", kwargs={"pk": made.pk}),
            done="申请已建立，请补齐材料后提交。",
        ),
        Act(
            name="edit",
            label="修改",
            icon="pen",
            form=AgainForm,
            may=_may_change,
            initial=lambda by, row: terms_of(row),
            run=_edit,
            done="已保存。",
        ),
        Act(
            name="withdraw",
            label="撤回此版本",
            tone="danger",
            intro="撤回后可以另行申报；在架的版本不受影响。",
            form=RemarkForm,
            may=_may_change,
            run=lambda by, row, data: offers.withdraw(by=by, version_id=row.pk, **data),
            done="此版本已撤回。",
        ),
    ),
)


@pages_for(*PROVIDER)
def products(request: Asked) -> HttpResponseBase:
    """Every product of the provider, whatever its state."""
    selectors.own(request.user)
    context = {"acts": NEW.offered(request.user, None)}
    return LIST.answer(request, own_products(request.user), "portal/provider/products.html", context)


@pages_for(*PROVIDER)
def product(request: Asked, pk: str) -> HttpResponseBase:
    """One product: its terms, versions, prices over time, and what may be done."""
    by = request.user
    row = own_products(by).filter(pk=pk).first()
    if row is None:
        raise not_found("产品")
    _with_category([row])
    versions = own_versions(by).filter(product=row).order_by("-number")
    context = {
        "product": row,
        "tone": tone(row),
        "terms": row.current,
        "versions": [(one, tone(one), _version_page(one)) for one in versions],
        "prices": selectors.prices(row),
        "acts": DECK.offered(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/product.html", context)


@pages_for(*PROVIDER)
def version(request: Asked, pk: str) -> HttpResponseBase:
    """One version whole, with what the pre-check says of it and the application it stands in."""
    by = request.user
    row = own_versions(by).filter(pk=pk).first()
    if row is None:
        raise not_found("产品版本")
    _with_category([row])
    kept = row.precheck if row.state not in VERSION_EDITABLE else None
    told = kept or prechecking.ask(row).as_dict()
    context = {
        "version": row,
        "terms": row,
        "tone": tone(row),
        "precheck": told,
        "precheck_tone": VERDICTS.get(told["result"], "off"),
        "findings": [(*LEVELS[one["level"]], LABELS.get(one["field"], ""), one["message"]) for one in told["findings"]],
        "case": accreditation.live_case_of(row),
        "acts": VERSION_DECK.offered(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/version.html", context)
