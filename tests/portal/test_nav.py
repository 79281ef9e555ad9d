"""The menu at the side: wherever one is, one of its entries says so, and not that of the first page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from accounts.models import User
from accounts.states import ADMINISTRATORS, Role
from portal.nav import side
from tests.portal.pages import Page, pages
from tests.portal.world import Stage, make_stage, openings

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FIRST = (["待办"], ["工作台"])
AT_FIRST = {"officer:home", "officer:bulk", "enterprise:home", "enterprise:begin-register", "provider:home"}
EMPTY_TO = {"contract-payments", "contract-invoices", "permits"}  # nobody leads there who has no part in contracts
NO_CONTRACTS = {*ADMINISTRATORS, Role.EXPERT}


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    with time_machine.travel(MORNING, tick=True), django_db_blocker.unblock(), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)


def lit(by: User, path: str) -> list[str]:
    return [entry.label for section in side(by, path) for entry in section.entries if entry.current]


def framed(stage: Stage) -> Iterator[tuple[Page, Role, list[str]]]:
    """Every page in the frame of an area with each role that may open it, and what its menu lights."""
    for page in pages():
        if page.is_bare or not page.is_read:
            continue
        for role, kwargs in openings(page, stage):
            if role is not None and not (page.name in EMPTY_TO and role in NO_CONTRACTS):
                yield page, role, lit(stage.people[role], page.url(kwargs))


def test_every_address_lights_one_entry_and_that_of_the_first_page_only_there(stage, db) -> None:
    wrong = {}
    for page, role, labels in framed(stage):
        if len(labels) != 1 or (labels in FIRST) != (page.name in AT_FIRST):
            wrong[f"{page.name} {role.value}"] = labels
    assert wrong == {}


@pytest.mark.parametrize(
    ("path", "role", "entry"),
    [
        ("/o/panels/1/", Role.CENTRE_CHECKER, "征集与认定"),
        ("/o/appropriations/1/confirm/", Role.FINANCE, "预算台账"),
        ("/o/suspensions/1/resume/", Role.DEPARTMENT, "预算台账"),
        ("/o/registry/upload-roster/", Role.CENTRE_CHECKER, "名册导入"),
        ("/contracts/1/", Role.CENTRE_CHECKER, "合同巡查"),
        ("/contracts/permits/1/", Role.DEPARTMENT, "关联交易核准"),
        ("/o/trail/contracts_contract/1/", Role.CITY, "合同巡查"),
        ("/o/trail/contracts_relatedpermit/1/", Role.DEPARTMENT, "关联交易核准"),
        ("/o/trail/settlement_claim/1/", Role.AUDITOR, "审计日志"),
        ("/o/experts/1/", Role.DEPARTMENT, "专家库"),
        ("/o/experts/1/", Role.EXPERT, "我的账号"),
    ],
)
def test_an_address_lights_the_entry_it_belongs_to(stage, db, path: str, role: Role, entry: str) -> None:
    assert lit(stage.people[role], path) == [entry]
