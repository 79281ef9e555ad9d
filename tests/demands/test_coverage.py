"""Is there something to buy, and does anybody answer (第七条, 第十条, 第十一条)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.states import Role
from demands.coverage.silence import Silent, silence
from demands.coverage.supply import Priced, supply, voucher_at
from demands.states import DemandState, ResponseState
from programmes import notice_file
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.demands import DemandFactory, ResponseFactory, agent_of
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.providers import ProductFactory


@pytest.fixture(scope="module")
def rules():
    return notice_file.shipped("general-2026").rules


@pytest.mark.parametrize(
    ("category", "price", "voucher"),
    [
        ("diagnosis", "12500.00", "10000.00"),  # 80 % and the cap alike
        ("diagnosis", "5000.00", "4000.00"),  # 80 % and 20 % deposit leave nothing
        ("diagnosis", "90000.00", "10000.00"),  # the cap
        ("digitalisation", "60000.01", "30000.00"),
        ("digitalisation", "3333.33", "1666.66"),  # down to 分
    ],
)
def test_the_voucher_at_the_list_price(rules, category, price, voucher):
    assert voucher_at(rules, rules.category(category), Decimal(price)) == Decimal(voucher)


def test_a_cell_counts_products_providers_and_how_far_the_quota_goes(rules):
    provider = uuid4()
    offered = [
        Priced(provider, "diagnosis", "digital_diagnosis", Decimal("5000.00")),
        Priced(provider, "diagnosis", "green_diagnosis", Decimal("12500.00")),
        Priced(uuid4(), "diagnosis", "green_diagnosis", Decimal("20000.00")),
    ]
    report = supply(rules, "某通知", offered)
    cell = next(one for one in report.cells if (one.quota, one.category) == (Decimal(50000), "diagnosis"))
    assert (cell.products, cell.providers, cell.affordable) == (3, 2, 3)
    assert (cell.middle_voucher, cell.projects) == (Decimal("10000.00"), 5)
    assert len(report.cells) == len(rules.tiers) * len(rules.categories)


def test_what_nobody_offers_is_named(rules):
    report = supply(rules, "某通知", [Priced(uuid4(), "diagnosis", "digital_diagnosis", Decimal("5000.00"))])
    kinds = {(one["category"], one["sub_type"]) for one in report.without_product}
    assert ("diagnosis", "digital_diagnosis") not in kinds
    assert {("diagnosis", "green_diagnosis"), ("digitalisation", "cloud")} <= kinds
    assert all(cell.empty for cell in report.cells if cell.category != "diagnosis")


def test_silence_is_counted_by_city_and_category():
    day = date(2026, 3, 20)
    rows = [
        Silent("450100", ("diagnosis", "testing"), date(2026, 3, 1)),
        Silent("450100", ("diagnosis",), date(2026, 3, 10)),
        Silent("450200", (), date(2026, 3, 12)),
    ]
    assert [(one.city, one.category, one.demands, one.longest_days) for one in silence(rows, day)] == [
        ("450100", "diagnosis", 2, 19),
        ("450100", "testing", 1, 19),
        ("450200", "", 1, 8),
    ]


@pytest.mark.django_db
class TestReports:
    def test_supply_counts_what_is_on_the_shelf_today(self):
        ProductFactory(on_shelf=True)
        ProductFactory()
        report = Caller(officer(Role.DEPARTMENT)).get("/api/v1/coverage/supply/").json()
        assert report["products"] == 1
        assert {cell["products"] for cell in report["cells"] if cell["category"] == "diagnosis"} == {1}
        assert any(cell["empty"] for cell in report["cells"])

    def test_unanswered_counts_what_waits_long_enough(self):
        waits = DemandFactory(state=DemandState.PUBLISHED, shown_for=8, categories=["testing"])
        DemandFactory(state=DemandState.PUBLISHED, shown_for=6)
        answered = DemandFactory(state=DemandState.PUBLISHED, shown_for=20)
        ResponseFactory(demand=answered, state=ResponseState.CLOSED)
        client = Caller(officer(Role.CENTRE_CHECKER))
        rows = client.get("/api/v1/coverage/unanswered/").json()
        assert rows == [{"city": "450100", "category": "testing", "demands": 1, "longest_days": 8}]
        assert sum(row["demands"] for row in client.get("/api/v1/coverage/unanswered/?days=0").json()) == 2
        assert waits.number

    def test_a_city_reads_its_own(self):
        DemandFactory(state=DemandState.PUBLISHED, shown_for=8)
        other = EnterpriseFactory(active=True, region_code="450203")
        DemandFactory(enterprise=other, state=DemandState.PUBLISHED, shown_for=8)
        rows = Caller(make_user(Role.CITY)).get("/api/v1/coverage/unanswered/").json()
        assert [row["city"] for row in rows] == ["450100"]

    @pytest.mark.parametrize("days", ["-1", "366", "x", "１", ""])
    def test_days_that_cannot_be_are_refused(self, days):
        answer = Caller(officer(Role.CENTRE_CHECKER)).get("/api/v1/coverage/unanswered/", {"days": days})
        assert (answer.status_code, answer.json()["code"]) == (400, "FILTER_INVALID")

    @pytest.mark.parametrize("report", ["supply", "unanswered"])
    def test_parties_do_not_read_the_reports(self, report):
        answer = Caller(agent_of(DemandFactory())).get(f"/api/v1/coverage/{report}/")
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
