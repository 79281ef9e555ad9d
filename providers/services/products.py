"""A version before the accreditation and out of it: frozen, returned, refused, or on the shelf (第九条).

These are called by the accreditation room, which decides who may and keeps the case; no address leads here.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import selectors as programmes
from programmes.models import Notice
from providers.models import Product, ProductVersion
from providers.services import offers, prechecking
from providers.services.registration import refuse_barred
from providers.states import VERSION_EDITABLE, ProductState


def take_up(*, by: Actor, version_id: UUID) -> ProductVersion:
    """In review: nothing of it changes while it is looked at. Category and sub-type are read again from the notice
    in force; the pre-check's advice is kept with it. Raises WRONG_STATE, USCC_BARRED and as `offers.fit`."""
    with unit_of_work():
        version = offers.locked_version(version_id)
        _refuse_off_shelf(version.product, "送审产品")
        refuse_barred(version.product.provider.uscc)
        _refuse_kept(version, "送审产品")
        offers.fit(version, programmes.current_notice(clock.today()))
        answer = prechecking.ask(version)
        move(version, "take_up", "送审产品")(clock.now(), int(answer.result), answer.as_dict())
        facts = {**offers.facts(version), "precheck": int(answer.result), "checker": answer.checker}
        evidence.record(version, act="take_up", by=by, facts={**facts, "checker_version": answer.checker_version})
    return version


def give_back(*, by: Actor, version_id: UUID, reason: str) -> ProductVersion:
    """Editable again, with the reason; it may be taken up once more."""
    with unit_of_work():
        version = offers.locked_version(version_id)
        move(version, "give_back", "退回产品")(reason)
        evidence.record(version, act="give_back", by=by, reason=reason)
        tell(version.product, "产品退回补正", f"第{version.number}版被退回：{reason}")
    return version


def dismiss(*, by: Actor, version_id: UUID, reason: str) -> ProductVersion:
    """Refused; what is on the shelf stays there."""
    with unit_of_work():
        version = offers.locked_version(version_id)
        move(version, "dismiss", "不予通过产品")(reason)
        evidence.record(version, act="dismiss", by=by, reason=reason)
        tell(version.product, "产品未予通过", f"第{version.number}版未予通过：{reason}")
    return version


def shelve(*, by: Actor, version_id: UUID, approval_no: str, reference: str, year: int | None = None) -> Product:
    """The version is the current one and the product on the shelf to the end of `year`, this one by default.

    The version before is superseded. A product that is suspended takes the version and stays suspended. Raises
    WRONG_STATE (also once it was taken off), YEAR_OVER, NOTICE_NOT_PUBLISHED, UNKNOWN_CATEGORY.
    """
    with unit_of_work():
        version = offers.locked_version(version_id)
        product = version.product
        _refuse_off_shelf(product, "上架产品")
        today = clock.today()
        notice = _notice_for(year or today.year, today)
        notice.parsed.category(version.category)
        move(version, "shelve", "上架产品")(clock.now(), approval_no, reference)
        replace(product, version, by=by)
        product.stay(notice, max(today, date(notice.year, 1, 1)), date(notice.year, 12, 31))
        if product.state in (ProductState.DRAFT, ProductState.EXPIRED):
            move(product, "shelve", "上架产品")()
        documents = {"approval_no": approval_no, "reference": reference}
        evidence.record(version, act="shelve", by=by, facts={**offers.facts(version), **documents})
        until = {"from": str(product.shelf_from), "until": str(product.shelf_to), "notice": notice.label}
        evidence.record(product, act="shelve", by=by, facts={"revision": version.number, **documents, **until})
        tell(
            product, "产品已上架", f"第{version.number}版，标价{offers.price_text(version)}，在架至{product.shelf_to}。"
        )
    return product


def replace(product: Product, version: ProductVersion, *, by: Actor) -> None:
    """The product carries the version; the one before it is superseded. The caller records product and version."""
    before = product.current
    if before is not None:
        move(before, "supersede", "替代产品版本")(clock.now())
        evidence.record(before, act="supersede", by=by, facts={"by_number": version.number})
    product.carry(version)


def tell(product: Product, title: str, body: str) -> None:
    """The provider hears of it."""
    notifications.tell(
        organisation_ids=[product.provider.organisation_id],
        topic="product",
        title=f"{title}：{product.name}",
        body=body,
        subject=product,
    )


def _notice_for(year: int, today: date) -> Notice:
    if year < today.year:
        raise Refused("YEAR_OVER", f"{year}年度已结束，不能再上架。", year=year)
    notice = programmes.notice_of_year(year)
    if notice is None:
        raise Refused("NOTICE_NOT_PUBLISHED", f"{year}年度通知尚未发布，不能上架产品。", year=year)
    return notice


def _refuse_off_shelf(product: Product, what: str) -> None:
    if product.state == ProductState.OFF_SHELF:
        raise wrong_state(what, product.state, product.get_state_display())


def _refuse_kept(version: ProductVersion, what: str) -> None:
    """A version that cannot go into review is told so before anything is read for it."""
    if version.state not in VERSION_EDITABLE:
        raise wrong_state(what, version.state, version.get_state_display())


def locked(product_id: UUID, version: int) -> Product:
    """The product with its provider and current version, locked."""
    rows: Any = Product.objects.select_related("provider", "current", "current__notice")
    row: Product = lock(rows, product_id, version=version)
    return row
