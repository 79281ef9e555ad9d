"""No natural person does two of check, review and decision on one case, in however many rounds (DOMAIN 4, rule 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as evidence
from foundation import clock
from providers.models import Application, Product
from providers.services import applications, products
from tests.enterprises.support import fresh, refused
from tests.factories.accounts import make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ApplicationFactory, ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db


def applied() -> Application:
    return ApplicationFactory(provider=ProviderFactory(), year=clock.today().year)


def offered() -> Product:
    return ProductFactory(provider=ProviderFactory())


Act = Callable[..., Any]


def on_application(service: Act, row: Any, by: User, **fields: Any) -> Application:
    return service(by=by, application_id=row.pk, version=fresh(row).version, **fields)


def on_product(service: Act, row: Any, by: User, **fields: Any) -> Product:
    return service(by=by, product_id=row.pk, version=fresh(row).version, **fields)


@pytest.fixture(autouse=True)
def year_is_open(db: None) -> None:
    open_year(clock.today().year)


def test_who_returned_an_application_does_not_approve_it_in_the_next_round() -> None:
    act, both = on_application, make_user(Role.DEPARTMENT, Role.APPROVER)
    row = act(applications.submit, first := applied(), signatory_of(first.provider))
    row = act(applications.check, row, officer(Role.CENTRE_CHECKER))
    row = act(applications.send_back, row, both, reason="请补正")
    row = act(applications.submit, row, signatory_of(row.provider))
    row = act(applications.check, row, officer(Role.CENTRE_CHECKER))
    department = officer(Role.DEPARTMENT)
    row = act(applications.accept, row, department)
    row = act(applications.recommend, row, department, expert_opinion="评审意见1号")
    with refused("NOT_ALLOWED"):
        act(applications.approve, row, both, approval_no="纪要1号")
    assert act(applications.approve, row, officer(Role.APPROVER), approval_no="纪要1号").state == "approved"


def test_who_recommended_a_product_does_not_approve_it_in_the_next_round() -> None:
    act, both = on_product, make_user(Role.DEPARTMENT, Role.APPROVER)
    row = act(products.submit, first := offered(), signatory_of(first.provider))
    row = act(products.check, row, officer(Role.CENTRE_CHECKER))
    row = act(products.recommend, row, both, expert_opinion="评审意见1号")
    row = act(products.send_back, row, officer(Role.CENTRE_CHECKER), reason="价格依据不足")
    row = act(products.submit, row, signatory_of(row.provider))
    row = act(products.check, row, officer(Role.CENTRE_CHECKER))
    row = act(products.recommend, row, officer(Role.DEPARTMENT), expert_opinion="评审意见2号")
    assert row.recommended_by != both
    with refused("NOT_ALLOWED"):
        act(products.approve, row, both, approval_no="纪要1号")
    assert act(products.approve, row, officer(Role.APPROVER), approval_no="纪要1号").state == "approved"


def test_one_may_take_the_same_stage_again() -> None:
    act, checker, department = on_application, officer(Role.CENTRE_CHECKER), officer(Role.DEPARTMENT)
    row = act(applications.submit, first := applied(), signatory_of(first.provider))
    row = act(applications.check, row, checker)
    row = act(applications.send_back, row, department, reason="请补正")
    row = act(applications.submit, row, signatory_of(row.provider))
    row = act(applications.check, row, checker)
    assert act(applications.accept, row, department).state == "dept_accepted"


def test_the_chain_names_the_stage_of_each_act() -> None:
    act, checker = on_product, officer(Role.CENTRE_CHECKER)
    row = act(products.submit, first := offered(), signatory_of(first.provider))
    row = act(products.check, row, checker)
    row = act(products.send_back, row, officer(Role.DEPARTMENT), reason="x")
    row = act(products.submit, row, signatory_of(row.provider))
    row = act(products.check, row, checker)
    row = act(products.reject, row, checker, reason="x")
    stages = [(record.act, record.facts["stage"]) for record in evidence.of_subject(row) if "stage" in record.facts]
    assert stages == [("check", "check"), ("return", "review"), ("check", "check"), ("reject", "check")]
    assert evidence.stages_done([row], checker) == {"check"}
