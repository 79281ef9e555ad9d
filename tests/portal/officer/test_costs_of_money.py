"""What the officers' lists of money, rules and accounts cost: as many queries for 30 rows as for 3."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from enterprises import services
from enterprises.models import QuotaAdjustment
from settlement.models import Batch, Claim, PayoutOrder
from tests.e2e.extremes import copy_rows
from tests.factories.accounts import make_user, officer
from tests.factories.settlement import Desk as SettlementDesk
from tests.factories.settlement import make_batch, make_claim
from tests.portal.officer.pages import Desk

pytestmark = pytest.mark.django_db
MONEY = (
    "/o/claims/",
    "/o/appeals/",
    "/o/batches/",
    "/o/batches/queue/",
    "/o/payouts/",
    "/o/payouts/to-make/",
    "/o/adjustments/",
    "/o/settlement-accounts/",
    "/o/caps/",
    "/o/budget/",
    "/o/files/enterprises/",
    "/o/files/providers/",
)
COUNT = 1  # a list that goes on is counted, one that fits its page is not


def queries(desk: Desk, address: str) -> int:
    desk.read(address)
    with CaptureQueriesContext(connection) as asked:
        desk.read(address)
    return len(asked)


def test_the_lists_of_money_cost_the_same_for_three_rows_and_for_thirty() -> None:
    settling = SettlementDesk()
    made = make_batch("paying", cases=[make_claim("passed", desk=settling) for _ in range(2)], desk=settling)
    made.cases[0].ordered()
    services.propose_adjustment(
        by=officer(Role.CENTRE_CHECKER),
        enterprise_id=made.cases[0].at.contract.enterprise_id,
        amount=Decimal("1000.00"),
        reason="名录数据有误",
    )
    desk = Desk(settling.co)
    addresses = (*MONEY, f"/o/batches/{made.pk}/", "/o/bulk/claim-order/?first=1", "/o/?kind=claim-order")
    copy_rows(2)
    few = {address: queries(desk, address) for address in addresses}
    copy_rows(29)
    for model in (Claim, Batch, PayoutOrder, QuotaAdjustment):
        assert model.objects.count() > 25, model
    dearer = {address: more - few[address] for address in addresses if (more := queries(desk, address)) != few[address]}
    assert set(dearer.values()) <= {COUNT}, dearer


def test_the_lists_of_accounts_cost_the_same_for_three_people_and_for_thirty() -> None:
    admin, auditor = Desk(make_user(Role.SYSTEM_ADMIN)), Desk(make_user(Role.AUDITOR))
    houses = ("/o/people/", "/o/organisations/")
    few = [queries(admin, address) for address in houses] + [queries(auditor, "/o/audit/")]
    for _ in range(27):
        make_user(Role.DEPARTMENT)
    many = [queries(admin, address) for address in houses] + [queries(auditor, "/o/audit/")]
    assert many == [one + COUNT for one in few]
