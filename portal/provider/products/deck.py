"""What may be done to products and their versions: from the draft to the shelf and off it (第八、九条)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import User
from accreditation import selectors as accreditation
from accreditation.serializers import bodies as cases
from accreditation.services import filing
from accreditation.states import CaseKind
from foundation import clock
from portal.kit.access import PROVIDER
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.provider.products.offer import AgainForm, OfferForm, terms_of
from portal.provider.products.rows import own_products, own_versions, product_page, version_page
from providers import policies, selectors
from providers import serializers as bodies
from providers.models import Product, ProductVersion
from providers.services import offers, shelf
from providers.services.offers import Offer
from providers.states import VERSION_EDITABLE, ProductState


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
        (str(one.pk), f"{one.title}（{one.number}，截止{clock.written(one.closes_on)}）")
        for one in found
        if one.calls_for(CaseKind.PRODUCT)
    ]


def _may_apply(by: User, row: ProductVersion) -> bool:
    return _may_change(by, row) and accreditation.live_case_of(row) is None and bool(_rounds(by))


NEW = Deck(
    name="provider:product-new",
    roles=PROVIDER,
    home=version_page,
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
            goes=version_page,
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
            goes=lambda made: product_page(made.product),
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
