"""A product on the shelf: a lower price at once, suspended, resumed, off it, expired (DOMAIN 6.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from credit import services as credit
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, not_allowed, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.states import move
from providers import policies
from providers.models import Product, ProductVersion
from providers.services import offers
from providers.services.offers import facts, price_text, refuse_open
from providers.services.products import locked, replace, tell
from providers.services.registration import refuse_barred
from providers.states import PRODUCT_LIVE, ProductState, VersionOrigin, VersionState


def lower_price(*, by: User, product_id: UUID, version: int, price: Decimal, reason: str = "") -> ProductVersion:
    """The next version, the same but for a lower price in 元, is on the shelf at once: down needs no review.

    It rests on the decision of the version before. A price that rises takes a version through review. Raises
    PRICE_NOT_LOWER, VERSION_OPEN, WRONG_STATE, PARTY_RESTRICTED.
    """
    with unit_of_work():
        product = locked(product_id, version)
        if not policies.may_sign(by, product.provider):
            raise not_allowed("降低产品价格（须服务商签署人办理）")
        credit.refuse_restricted(product.provider.uscc, "降低产品价格")
        before = product.current
        if before is None or product.state != ProductState.ON_SHELF:
            raise wrong_state("降低产品价格", product.state, product.get_state_display())
        refuse_open(product)
        if not 0 < price < before.price:
            raise Invalid(
                "PRICE_NOT_LOWER",
                f"新标价{yuan(price)}须大于零且低于现标价{yuan(before.price)}；提高价格请申报新版本，经审核后生效。",
                price=f"{price:.2f}",
                current=f"{before.price:.2f}",
            )
        made = _lowered(product, before, price)
        replace(product, made, by=by)
        told = {"from": f"{before.price:.2f}", "to": f"{price:.2f}"}
        evidence.record(made, act="lower_price", by=by, reason=reason, facts={**facts(made), **told})
        evidence.record(product, act="lower_price", by=by, reason=reason, facts={"revision": made.number, **told})
        tell(product, "产品已降价", f"第{made.number}版，标价{price_text(made)}，未签署的合同草稿须按新版本重新确认。")
    return made


def suspend(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """No new contract on it until resumed."""
    with unit_of_work():
        product = locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("暂停产品")
        move(product, "suspend", "暂停")(reason)
        evidence.record(product, act="suspend", by=by, reason=reason)
        tell(product, "产品已暂停", reason)
    return product


def resume(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """On the shelf again. Raises USCC_BARRED, PARTY_RESTRICTED while its provider is kept out."""
    with unit_of_work():
        product = locked(product_id, version)
        if not policies.may_publish(by):
            raise not_allowed("恢复产品")
        refuse_barred(product.provider.uscc)
        move(product, "resume", "恢复上架")()
        evidence.record(product, act="resume", by=by, reason=reason)
        tell(product, "产品已恢复", reason)
    return product


def take_off(*, by: User, product_id: UUID, version: int, reason: str) -> Product:
    """Off the shelf for good, by 处室 or by the provider's signatory; contracts that run are untouched."""
    with unit_of_work():
        product = locked(product_id, version)
        if not policies.may_take_off(by, product):
            raise not_allowed("下架产品")
        move(product, "take_off", "下架")(reason)
        evidence.record(product, act="take_off", by=by, reason=reason)
        tell(product, "产品已下架", reason)
    return product


def expire(*, by: Actor, product_id: UUID, day: date) -> bool:
    """The product whose last day is before `day` is expired. Returns whether it was this call that did it."""
    with unit_of_work():
        product = lock(Product.objects.select_related("provider"), product_id)
        if product.state not in PRODUCT_LIVE or product.shelf_to is None or product.shelf_to >= day:
            return False
        move(product, "expire", "到期")()
        evidence.record(product, act="expire", by=by, facts={"shelf_to": str(product.shelf_to)})
        tell(product, "产品已到期", f"在架至{product.shelf_to}。已签合同继续履行；继续提供请申报新版本。")
    return True


def _lowered(product: Product, before: ProductVersion, price: Decimal) -> ProductVersion:
    latest = product.versions.order_by("-number").values_list("number", flat=True)[0]
    kept = {name: getattr(before, name) for name in offers.TERMS | {"proof_files"}}
    derived = ("notice", "sub_type_name", "is_diagnosis", "is_training", "approval_no", "reference")
    kept |= {name: getattr(before, name) for name in derived}
    return ProductVersion(
        product=product,
        number=latest + 1,
        state=VersionState.CURRENT,
        origin=VersionOrigin.LOWERED,
        shelved_at=clock.now(),
        **{**kept, "price": price},
    )
