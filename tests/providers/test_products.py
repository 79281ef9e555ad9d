"""A version before the accreditation and out of it: frozen, returned, refused, on the shelf (第九条, DOMAIN 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine

from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.notifications.models import OutboxEvent
from foundation import clock
from providers.jobs import expire_listings
from providers.models import Product
from providers.services import offers, products, shelf
from tests.enterprises.support import fresh, refused, yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, signatory_of
from tests.providers.support import DECISION, barred, drafted, in_review, next_version, shelved

pytestmark = pytest.mark.django_db

Y = 2026


def test_taken_up_it_carries_the_prechecks_advice() -> None:
    version = products.take_up(by=TESTER, version_id=drafted().pk)
    assert (version.state, version.precheck_result, version.precheck["checker"]) == ("in_review", 1, "规则预审")
    assert [one["code"] for one in version.precheck["findings"]] == ["PRICE_NOT_COMPARED"]
    record = evidence.of_subject(version).last()
    assert record is not None
    assert (record.act, record.facts["precheck"], record.facts["checker_version"]) == ("take_up", 1, "1")


def test_returned_it_is_edited_and_taken_up_again() -> None:
    version = in_review()
    version = products.give_back(by=TESTER, version_id=version.pk, reason="指标不可量化")
    assert (version.state, version.reason) == ("returned", "指标不可量化")
    by = signatory_of(version.product.provider)
    version = offers.edit(by=by, version_id=version.pk, version=version.version, changes={"price": yuan(12000)})
    version = products.take_up(by=TESTER, version_id=version.pk)
    assert (version.state, version.reason, version.price) == ("in_review", "", yuan(12000))


def test_refused_is_final_for_the_version_and_told() -> None:
    version = products.dismiss(by=TESTER, version_id=in_review().pk, reason="属常规检验项目")
    assert (version.state, version.reason) == ("rejected", "属常规检验项目")
    event = OutboxEvent.objects.get(subject_id=version.product_id)
    assert (event.title, event.body) == ("产品未予通过：数字化转型诊断", "第1版未予通过：属常规检验项目")


@pytest.mark.parametrize(
    ("make", "service", "fields"),
    [
        (in_review, products.take_up, {}),
        (drafted, products.give_back, {"reason": "x"}),
        (drafted, products.dismiss, {"reason": "x"}),
        (drafted, products.shelve, DECISION),
    ],
)
def test_each_act_has_its_state(make: Callable[[], Any], service: Callable[..., Any], fields: dict[str, Any]) -> None:
    version = make()
    with refused("WRONG_STATE"):
        service(by=TESTER, version_id=version.pk, **fields)


def test_an_unknown_version_is_not_found() -> None:
    product = ProductFactory()
    with refused("NOT_FOUND"):
        products.take_up(by=TESTER, version_id=product.pk)


def test_a_barred_provider_offers_nothing_more() -> None:
    version = drafted(barred())
    with refused("USCC_BARRED"):
        products.take_up(by=TESTER, version_id=version.pk)


def test_on_the_shelf_to_the_end_of_the_year() -> None:
    with time_machine.travel(clock.start_of(date(Y, 3, 9)), tick=True):
        product = fresh(shelved())
    assert (product.state, product.revision, product.shelf_from) == ("on_shelf", 1, date(Y, 3, 9))
    assert (product.shelf_to, product.notice.year) == (date(Y, 12, 31), Y)
    current = product.current
    assert (current.state, current.approval_no, current.reference) == ("current", *DECISION.values())


def test_the_new_version_takes_the_place_of_the_old() -> None:
    product = shelved()
    version = next_version(product, price=yuan(15000), name="数字化转型诊断（升级）")
    products.take_up(by=TESTER, version_id=version.pk)
    assert fresh(product).current.price == yuan(12500)  # nothing changes while it is in review
    products.shelve(by=TESTER, version_id=version.pk, **DECISION)
    product = fresh(product)
    assert (product.revision, product.name, product.current.price) == (2, "数字化转型诊断（升级）", yuan(15000))
    old = product.versions.get(number=1)
    assert (old.state, old.superseded_at is None) == ("superseded", False)


def test_a_suspended_product_takes_the_version_and_stays_suspended() -> None:
    product = shelved()
    version = products.take_up(by=TESTER, version_id=next_version(product).pk)
    product = fresh(product)
    shelf.suspend(by=officer(Role.DEPARTMENT), product_id=product.pk, version=product.version, reason="投诉核查")
    product = products.shelve(by=TESTER, version_id=version.pk, **DECISION)
    assert (product.state, product.revision, product.reason) == ("suspended", 2, "投诉核查")


def test_what_was_taken_off_is_not_shelved_again() -> None:
    product = shelved()
    version = products.take_up(by=TESTER, version_id=next_version(product).pk)
    product = fresh(product)
    by = signatory_of(product.provider)
    shelf.take_off(by=by, product_id=product.pk, version=product.version, reason="不再提供")
    with refused("WRONG_STATE"):
        products.shelve(by=TESTER, version_id=version.pk, **DECISION)
    assert products.dismiss(by=TESTER, version_id=version.pk, reason="产品已下架").state == "rejected"


def test_the_same_again_for_the_next_year_goes_on_without_a_gap() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 10)), tick=True):
        open_year(Y + 1)
        product = shelved()
        version = products.take_up(by=TESTER, version_id=next_version(product).pk)
        product = products.shelve(by=TESTER, version_id=version.pk, year=Y + 1, **DECISION)
        assert (product.shelf_from, product.shelf_to) == (date(Y, 12, 10), date(Y + 1, 12, 31))
        assert product.notice is not None
        assert product.notice.year == Y + 1


def test_shelved_for_the_next_year_it_waits_for_new_years_day() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 10)), tick=True):
        open_year(Y + 1)
        product = products.shelve(by=TESTER, version_id=in_review().pk, year=Y + 1, **DECISION)
    assert (product.shelf_from, product.shelf_to) == (date(Y + 1, 1, 1), date(Y + 1, 12, 31))


def test_an_expired_product_returns_with_a_reviewed_version() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 10)), tick=True) as moved:
        product = shelved()
        moved.move_to(clock.start_of(date(Y + 1, 1, 5)))
        expire_listings(clock.today())
        assert fresh(product).state == "expired"
        open_year(Y + 1)
        version = products.take_up(by=TESTER, version_id=next_version(product).pk)
        product = products.shelve(by=TESTER, version_id=version.pk, **DECISION)
    assert (product.state, product.shelf_from, product.shelf_to) == (
        "on_shelf",
        date(Y + 1, 1, 5),
        date(Y + 1, 12, 31),
    )


@pytest.mark.parametrize(("year", "code"), [(Y - 1, "YEAR_OVER"), (Y + 1, "NOTICE_NOT_PUBLISHED")])
def test_not_shelved_for_a_year_that_is_over_or_has_no_notice(year: int, code: str) -> None:
    with time_machine.travel(clock.start_of(date(Y, 3, 9)), tick=True):
        version = in_review()
        with refused(code):
            products.shelve(by=TESTER, version_id=version.pk, year=year, **DECISION)


def test_the_longest_name_can_be_told() -> None:
    product = shelved(name="名" * 120)
    assert OutboxEvent.objects.filter(subject_id=product.pk).count() == 1


def test_both_chains_tell_of_the_shelf() -> None:
    product = shelved()
    acts = [record.act for record in evidence.of_subject(product)]
    assert acts == ["create", "shelve"]
    version = Product.objects.get(pk=product.pk).versions.get()
    assert [record.act for record in evidence.of_subject(version)] == ["draft", "take_up", "shelve"]
