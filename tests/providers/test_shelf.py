"""On the shelf: a lower price at once, suspended, resumed, off it; prices as they were (DOMAIN 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as evidence
from providers import selectors
from providers.models import Product, ProductVersion
from providers.services import shelf
from tests.enterprises.support import fresh, refused, yuan
from tests.factories.accounts import make_user, officer
from tests.factories.providers import ProductFactory, signatory_of
from tests.providers.support import next_version

pytestmark = pytest.mark.django_db


def act(service: Callable[..., Product], row: Product, by: User, **fields: Any) -> Product:
    return service(by=by, product_id=row.pk, version=fresh(row).version, **fields)


def lower(row: Product, price: str, by: User | None = None) -> ProductVersion:
    return shelf.lower_price(
        by=by or signatory_of(row.provider), product_id=row.pk, version=fresh(row).version, price=yuan(price)
    )


def test_a_lower_price_is_on_the_shelf_at_once() -> None:
    row = ProductFactory(on_shelf=True)
    made = lower(row, "11000.00")
    product = fresh(row)
    assert (product.state, product.revision, product.current) == ("on_shelf", 2, made)
    assert (made.state, made.origin, made.price, made.number) == ("current", "lowered", yuan(11000), 2)
    assert (made.approval_no, made.reference) == ("测试审定文号", "测试公示")
    before = product.versions.get(number=1)
    assert (before.state, before.price) == ("superseded", yuan(12500))
    assert {**before.terms, "price": "", "revision": 0} == {**made.terms, "price": "", "revision": 0}


def test_the_chain_tells_from_what_to_what() -> None:
    made = lower(ProductFactory(on_shelf=True), "11000.00")
    (record,) = evidence.of_subject(made)
    assert (record.act, record.facts["from"], record.facts["to"]) == ("lower_price", "12500.00", "11000.00")


@pytest.mark.parametrize("price", ["12500.00", "12500.01", "0.00"])
def test_up_or_the_same_takes_a_reviewed_version(price: str) -> None:
    row = ProductFactory(on_shelf=True)
    signatory_of(row.provider)
    with refused("PRICE_NOT_LOWER") as caught:
        lower(row, price)
    assert caught.value.details == {"price": price, "current": "12500.00"}
    assert "提高价格请申报新版本" in caught.value.message


def test_only_the_signatory_lowers_it() -> None:
    row = ProductFactory(on_shelf=True)
    agent = make_user(Role.PROVIDER_AGENT, organisation=row.provider.organisation)
    for by in (agent, make_user(Role.PROVIDER_SIGNATORY), officer(Role.DEPARTMENT)):
        with refused("NOT_ALLOWED"):
            lower(row, "11000.00", by)


def test_not_while_a_version_is_under_way() -> None:
    row = ProductFactory(on_shelf=True)
    next_version(row)
    with refused("VERSION_OPEN"):
        lower(row, "11000.00")


def test_not_before_it_is_on_the_shelf_nor_while_suspended() -> None:
    draft, suspended = ProductFactory(), ProductFactory(on_shelf=True)
    act(shelf.suspend, suspended, officer(Role.DEPARTMENT), reason="投诉核查")
    for row in (draft, suspended):
        signatory_of(row.provider)
        with refused("WRONG_STATE"):
            lower(row, "11000.00")


def test_prices_as_they_were() -> None:
    row = ProductFactory(on_shelf=True)
    lower(row, "11000.00")
    lower(row, "9000.50")
    next_version(row, price=yuan(20000))  # a draft is no price
    told = [(one.number, one.price, one.superseded_at is None) for one in selectors.prices(row)]
    assert told == [(1, yuan(12500), False), (2, yuan(11000), False), (3, Decimal("9000.50"), True)]


def test_suspended_resumed_and_off_the_shelf() -> None:
    row = ProductFactory(on_shelf=True)
    row = act(shelf.suspend, row, officer(Role.DEPARTMENT), reason="投诉核查")
    assert (row.state, row.reason) == ("suspended", "投诉核查")
    row = act(shelf.resume, row, officer(Role.DEPARTMENT), reason="不成立")
    assert (row.state, row.reason) == ("on_shelf", "")
    row = act(shelf.take_off, row, signatory_of(row.provider), reason="不再提供")
    assert (row.state, row.reason) == ("off_shelf", "不再提供")


@pytest.mark.parametrize("service", [shelf.suspend, shelf.resume, shelf.take_off])
def test_neither_a_stranger_nor_the_centre_moves_a_shelved_product(service: Callable[..., Product]) -> None:
    row = ProductFactory(on_shelf=True)
    for by in (make_user(Role.PROVIDER_SIGNATORY), officer(Role.CENTRE_CHECKER)):
        with refused("NOT_ALLOWED"):
            act(service, row, by, reason="x")
