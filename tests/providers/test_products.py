"""A product from draft to shelf, off it, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from accounts.states import Role
from foundation import clock
from providers.models import Product
from providers.services import products
from providers.services.products import Offer
from tests.enterprises.support import fresh, refused, yuan
from tests.factories.accounts import make_user, officer
from tests.factories.calendar import publicity_end
from tests.factories.programmes import open_year
from tests.factories.providers import INDICATORS, ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db

Y = 2026


def offer(**changes: Any) -> Offer:
    values: dict[str, Any] = {
        "name": "数字化转型诊断",
        "category": "diagnosis",
        "aim": "查明短板",
        "deliverables": ["诊断报告"],
        "indicators": INDICATORS,
        "min_days": 10,
        "max_days": 45,
        "price": yuan(12500),
        "price_proof": "同类合同均价",
        **changes,
    }
    return Offer(**values)


def created(**changes: Any) -> Product:
    open_year(clock.today().year)
    provider = ProviderFactory()
    return products.create(by=signatory_of(provider), provider_id=provider.pk, offer=offer(**changes))


def act(service: Callable[..., Product], row: Product, by: User, **fields: Any) -> Product:
    return service(by=by, product_id=row.pk, version=fresh(row).version, **fields)


def driven(until: str) -> Product:
    """A product taken through the services by different people, up to and with the act `until`."""
    row, today = created(), clock.today()
    last = publicity_end(row.notice.parsed, today)
    period = {"first": today, "last": last, "reference": "公示〔2026〕2号"}
    steps: dict[str, tuple[Callable[..., Product], User, dict[str, Any]]] = {
        "submit": (products.submit, signatory_of(row.provider), {}),
        "check": (products.check, officer(Role.CENTRE_CHECKER), {}),
        "recommend": (products.recommend, officer(Role.DEPARTMENT), {"expert_opinion": "评审意见2号"}),
        "approve": (products.approve, officer(Role.APPROVER), {"approval_no": "纪要2号"}),
        "publicise": (products.publicise, officer(Role.DEPARTMENT), period),
    }
    for name, (service, by, fields) in steps.items():
        row = act(service, row, by, **fields)
        if name == until:
            return row
    raise ValueError(until)


@pytest.mark.parametrize(("category", "diagnosis"), [("diagnosis", True), ("financing", False)])
def test_whether_it_is_a_diagnosis_follows_from_the_notices_category(category: str, diagnosis: bool) -> None:
    row = created(category=category)
    assert (row.state, row.is_diagnosis, row.notice.year) == ("draft", diagnosis, clock.today().year)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"category": "nonsense"}, "UNKNOWN_CATEGORY"), ({"min_days": 46}, "DAYS_ORDER")],
)
def test_create_refused(changes: dict[str, Any], code: str) -> None:
    open_year(clock.today().year)
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused(code):
        products.create(by=user, provider_id=provider.pk, offer=offer(**changes))


def test_no_product_before_a_notice() -> None:
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused("NOTICE_NOT_PUBLISHED"):
        products.create(by=user, provider_id=provider.pk, offer=offer())


def test_nobody_offers_for_another_provider() -> None:
    provider, stranger = ProviderFactory(), make_user(Role.PROVIDER_SIGNATORY)
    open_year(clock.today().year)
    with refused("NOT_ALLOWED"):
        products.create(by=stranger, provider_id=provider.pk, offer=offer())


def test_edit_reads_the_category_again() -> None:
    row = created()
    row = products.edit(
        by=signatory_of(row.provider), product_id=row.pk, version=1, changes={"category": "market", "price": yuan(1)}
    )
    assert (row.category, row.is_diagnosis, row.price) == ("market", False, yuan(1))


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, "NOTHING_TO_CHANGE"), ({"category": "nonsense"}, "UNKNOWN_CATEGORY"), ({"max_days": 1}, "DAYS_ORDER")],
)
def test_edit_refused(changes: dict[str, Any], code: str) -> None:
    row = created()
    user = signatory_of(row.provider)
    with refused(code):
        products.edit(by=user, product_id=row.pk, version=1, changes=changes)


def test_nothing_is_edited_once_submitted() -> None:
    row = driven("submit")
    user = signatory_of(row.provider)
    with refused("WRONG_STATE"):
        products.edit(by=user, product_id=row.pk, version=row.version, changes={"price": yuan(1)})


def test_on_shelf_only_after_the_publicity() -> None:
    with time_machine.travel(clock.start_of(date(Y, 3, 2)), tick=True) as moved:
        row, by = driven("publicise"), officer(Role.DEPARTMENT)
        with refused("PUBLICITY_NOT_OVER"):
            act(products.shelve, row, by)
        moved.move_to(clock.end_of(row.publicity_to))
        row = act(products.shelve, row, by)
        day_after = row.publicity_to + timedelta(days=1)
        assert (row.state, row.shelf_from, row.shelf_to) == ("on_shelf", day_after, date(Y, 12, 31))


def test_not_shelved_once_the_year_is_over() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 20)), tick=True) as moved:
        row, by = driven("publicise"), officer(Role.DEPARTMENT)
        moved.move_to(clock.start_of(date(Y + 1, 1, 1)))
        with refused("YEAR_OVER"):
            act(products.shelve, row, by)


def test_nothing_is_approved_without_a_recommendation() -> None:
    row, by = driven("check"), officer(Role.APPROVER)
    with refused("NOT_RECOMMENDED"):
        act(products.approve, row, by, approval_no="纪要2号")


def test_it_is_recommended_once() -> None:
    row, by = driven("recommend"), officer(Role.DEPARTMENT)
    with refused("PRODUCT_RECOMMENDED"):
        act(products.recommend, row, by, expert_opinion="x")


@pytest.mark.parametrize(
    ("until", "service", "fields", "roles"),
    [
        ("submit", products.check, {}, (Role.DEPARTMENT, Role.PROVIDER_SIGNATORY)),
        ("check", products.recommend, {"expert_opinion": "x"}, (Role.CENTRE_CHECKER, Role.APPROVER)),
        ("check", products.send_back, {"reason": "x"}, (Role.CENTRE_REVIEWER, Role.PROVIDER_SIGNATORY)),
        ("check", products.reject, {"reason": "x"}, (Role.CENTRE_REVIEWER, Role.APPROVER)),
        ("recommend", products.approve, {"approval_no": "x"}, (Role.DEPARTMENT, Role.CENTRE_CHECKER)),
        (
            "approve",
            products.publicise,
            {"first": date(Y, 1, 1), "last": date(Y, 1, 9), "reference": "x"},
            (Role.APPROVER, Role.CENTRE_CHECKER),
        ),
        ("publicise", products.shelve, {}, (Role.APPROVER, Role.PROVIDER_SIGNATORY)),
    ],
)
def test_each_act_has_its_role(
    until: str, service: Callable[..., Product], fields: dict[str, Any], roles: tuple[str, ...]
) -> None:
    row = driven(until)
    for by in [make_user(role) for role in roles]:
        with refused("NOT_ALLOWED"):
            act(service, row, by, **fields)


def test_the_agent_does_not_submit() -> None:
    row = created()
    agent = make_user(Role.PROVIDER_AGENT, organisation=row.provider.organisation)
    with refused("NOT_ALLOWED"):
        act(products.submit, row, agent)


def test_who_recommended_does_not_approve() -> None:
    person = make_user(Role.DEPARTMENT, Role.APPROVER)
    row = act(products.recommend, driven("check"), person, expert_opinion="评审意见2号")
    with refused("NOT_ALLOWED"):
        act(products.approve, row, person, approval_no="纪要2号")


def test_returned_and_submitted_again_needs_a_new_recommendation() -> None:
    row = act(products.send_back, driven("recommend"), officer(Role.DEPARTMENT), reason="指标不可量化")
    row = act(products.submit, row, signatory_of(row.provider))
    assert (row.state, row.reason, row.checked_by, row.recommended_by) == ("submitted", "", None, None)


def test_rejected_is_final() -> None:
    row = act(products.reject, driven("check"), officer(Role.CENTRE_CHECKER), reason="常规检验")
    by = signatory_of(row.provider)
    with refused("WRONG_STATE"):
        act(products.submit, row, by)


def test_suspended_resumed_and_off_the_shelf() -> None:
    row = ProductFactory(on_shelf=True)
    row = act(products.suspend, row, officer(Role.DEPARTMENT), reason="投诉核查")
    row = act(products.resume, row, officer(Role.DEPARTMENT), reason="不成立")
    row = act(products.take_off, row, signatory_of(row.provider), reason="不再提供")
    assert (row.state, row.reason) == ("off_shelf", "不再提供")


@pytest.mark.parametrize("service", [products.suspend, products.resume, products.take_off])
def test_neither_a_stranger_nor_the_centre_moves_a_shelved_product(service: Callable[..., Product]) -> None:
    row = ProductFactory(on_shelf=True)
    for by in (make_user(Role.PROVIDER_SIGNATORY), officer(Role.CENTRE_CHECKER)):
        with refused("NOT_ALLOWED"):
            act(service, row, by, reason="x")


def test_a_contract_copies_the_terms() -> None:
    row = ProductFactory(on_shelf=True)
    assert row.terms["price"] == "12500.00"
    assert (row.terms["is_diagnosis"], row.terms["revision"], row.terms["product"]) == (True, 1, str(row.pk))
