"""A product from draft to shelf (第八条, 第九条), and off it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import publicity
from programmes import selectors as programmes
from programmes.models import Notice
from providers import policies
from providers.models import Product, Provider
from providers.services import publication
from providers.states import PRODUCT_EDITABLE, ProductState


@dataclass(frozen=True)
class Offer:
    """What a product says of itself. Price in 元, days in calendar days."""

    name: str
    category: str
    aim: str
    deliverables: list[str]
    indicators: list[dict[str, str]]
    min_days: int
    max_days: int
    price: Decimal
    price_proof: str
    sub_type: str = ""


EDITABLE_FIELDS = frozenset(Offer.__dataclass_fields__)


def create(*, by: User, provider_id: UUID, offer: Offer) -> Product:
    """A draft product. Raises UNKNOWN_CATEGORY, DAYS_ORDER, NOTICE_NOT_PUBLISHED."""
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        if not policies.may_edit(by, provider):
            raise not_allowed("申报产品")
        product = Product(provider=provider, **{name: getattr(offer, name) for name in EDITABLE_FIELDS})
        _fit(product, programmes.current_notice(clock.today()))
        evidence.record(product, act="create", by=by, facts=_facts(product))
    return product


def edit(*, by: User, product_id: UUID, version: int, changes: Mapping[str, Any]) -> Product:
    """The named fields of a draft or returned product are as given. Raises NOTHING_TO_CHANGE and as `create`."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_edit(by, product.provider):
            raise not_allowed("修改产品")
        if product.state not in PRODUCT_EDITABLE:
            raise wrong_state("修改产品", product.state, product.get_state_display())
        changed = {
            name: value
            for name, value in changes.items()
            if name in EDITABLE_FIELDS and getattr(product, name) != value
        }
        if not changed:
            raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
        for name, value in changed.items():
            setattr(product, name, value)
        _fit(product, programmes.current_notice(clock.today()))
        evidence.record(product, act="edit", by=by, facts={"fields": sorted(changed), **_facts(product)})
    return product


def submit(*, by: User, product_id: UUID, version: int) -> Product:
    """Submitted by the signatory; the category is read again from the notice in force."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_sign(by, product.provider):
            raise not_allowed("提交产品")
        move(product, "submit", "提交")(by, clock.now())
        _fit(product, programmes.current_notice(clock.today()))
        evidence.record(product, act="submit", by=by, facts=_facts(product))
    return product


def check(*, by: User, product_id: UUID, version: int, reason: str = "") -> Product:
    """促进中心经办 has made the formal check."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_check(by, product):
            raise not_allowed("形式审查产品")
        move(product, "check_form", "形式审查")(by, clock.now())
        evidence.record(product, act="check", by=by, reason=reason, facts={"stage": policies.CHECK})
    return product


def send_back(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """Returned to be put right, with the reason."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_return(by, product):
            raise not_allowed("退回产品")
        move(product, "send_back", "退回")(reason)
        evidence.record(product, act="return", by=by, reason=reason, facts={"stage": policies.stage_of_return(by)})
        _tell(product, "产品退回补正", reason)
    return product


def reject(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """Refused, with the reason."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_return(by, product):
            raise not_allowed("不予通过产品")
        move(product, "reject", "不予通过")(reason)
        evidence.record(product, act="reject", by=by, reason=reason, facts={"stage": policies.stage_of_return(by)})
        _tell(product, "产品未予通过", reason)
    return product


def recommend(*, by: User, product_id: UUID, version: int, expert_opinion: str) -> Product:
    """处室 recommends it on the experts' opinion; 厅审定 decides. Raises PRODUCT_RECOMMENDED a second time."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_review(by, product):
            raise not_allowed("推荐产品（形式审查人不得推荐）")
        if product.state != ProductState.FORMAL_CHECK:
            raise wrong_state("推荐产品", product.state, product.get_state_display())
        if product.recommended_at is not None:
            raise Refused("PRODUCT_RECOMMENDED", "该产品已推荐，等待厅审定。")
        product.recommended_by, product.recommended_at = by, clock.now()
        product.expert_opinion = expert_opinion
        evidence.record(
            product, act="recommend", by=by, facts={"stage": policies.REVIEW, "expert_opinion": expert_opinion}
        )
    return product


def approve(*, by: User, product_id: UUID, version: int, approval_no: str, reason: str = "") -> Product:
    """Decided by 厅审定 under the document number. Raises NOT_RECOMMENDED before 处室 recommended it."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_approve(by, product):
            raise not_allowed("审定产品（经办过本产品的人不得审定）")
        move(product, "approve", "审定")(by, clock.now(), approval_no)
        if product.recommended_at is None:
            raise Refused("NOT_RECOMMENDED", "处室尚未根据专家评审意见推荐该产品，不能审定。")
        evidence.record(
            product, act="approve", by=by, reason=reason, facts={"stage": policies.DECIDE, "approval_no": approval_no}
        )
    return product


def publicise(*, by: User, product_id: UUID, version: int, first: date, last: date, reference: str) -> Product:
    """公示 from `first` to `last`, both days included. Raises as `applications.publicise`."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("公示产品")
        move(product, "publicise", "公示")(first, last, reference)
        publication.check(product.approved_at, product.notice.year, first, last)
        facts = {"first": str(first), "last": str(last), "reference": reference}
        evidence.record(product, act="publicise", by=by, facts=facts)
    return product


def shelve(*, by: User, product_id: UUID, version: int) -> Product:
    """On the shelf until the end of its notice's year. Raises PUBLICITY_NOT_OVER, YEAR_OVER."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("上架产品")
        today, last = clock.today(), date(product.notice.year, 12, 31)
        if today > last:
            raise Refused("YEAR_OVER", f"{product.notice.year}年度已结束，不能再上架。", year=product.notice.year)
        move(product, "shelve", "上架")(today, last)
        publicity.check_over(product.publicity_to or last, today)
        evidence.record(product, act="shelve", by=by, facts={**_facts(product), "until": str(last)})
        _tell(product, "产品已上架", f"在架至{last}。")
    return product


def suspend(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """No new contract on it until resumed."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("暂停产品")
        move(product, "suspend", "暂停")(reason)
        evidence.record(product, act="suspend", by=by, reason=reason)
        _tell(product, "产品已暂停", reason)
    return product


def resume(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """On the shelf again."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("恢复产品")
        move(product, "resume", "恢复上架")()
        evidence.record(product, act="resume", by=by, reason=reason)
        _tell(product, "产品已恢复", reason)
    return product


def take_off(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """Off the shelf for good, by 处室 or by the provider's signatory; contracts that run are untouched."""
    with unit_of_work():
        product = _locked(product_id, version)
        if not policies.may_take_off(by, product):
            raise not_allowed("下架产品")
        move(product, "take_off", "下架")(reason)
        evidence.record(product, act="take_off", by=by, reason=reason)
        _tell(product, "产品已下架", reason)
    return product


def expire(*, by: Actor, product_id: UUID, day: date) -> bool:
    """The product whose last day is before `day` is expired. Returns whether it was this call that did it."""
    with unit_of_work():
        product = lock(Product.objects.select_related("provider"), product_id)
        live = product.state in (ProductState.ON_SHELF, ProductState.SUSPENDED)
        if not live or product.shelf_to is None or product.shelf_to >= day:
            return False
        move(product, "expire", "到期")()
        evidence.record(product, act="expire", by=by, facts={"shelf_to": str(product.shelf_to)})
    return True


def _locked(product_id: UUID, version: int) -> Product:
    return lock(Product.objects.select_related("provider", "notice"), product_id, version=version)


def _fit(product: Product, notice: Notice) -> None:
    """Category, 诊断 or not, and days agree with the notice, which is pinned."""
    category = notice.parsed.category(product.category)
    product.notice, product.is_diagnosis = notice, category.is_diagnosis
    if product.max_days < product.min_days:
        raise Invalid("DAYS_ORDER", f"最长服务天数{product.max_days}少于最短{product.min_days}。")


def _facts(product: Product) -> dict[str, Any]:
    terms = product.terms
    return {
        "category": product.category,
        "price": terms["price"],
        "revision": product.revision,
        "notice": product.notice.label,
        "content_sm3": chain.sm3(chain.canonical(terms)),
    }


def _tell(product: Product, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[product.provider.organisation_id],
        topic="product",
        title=f"{title}：{product.name}",
        body=body,
        subject=product,
    )
