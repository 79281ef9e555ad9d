"""Calculator, budget, board, catalogue and directory: the figures that stand there, and how one asks for them."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.states import Role
from demands.states import DemandState
from portal.templatetags.portal import columns
from programmes import services
from providers.services import shelf
from tests.factories.accounts import officer
from tests.factories.contracts import make_contract, make_parties
from tests.factories.demands import DemandFactory
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import appropriate, open_year
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db


# --- calculator


@pytest.mark.parametrize(
    ("category", "amount", "shown"),
    [
        ("diagnosis", "10000", ("8,000.00元", "2,000.00元", "不必支付", "合同金额的80%")),
        ("diagnosis", "20,000.00", ("10,000.00元", "4,000.00元", "6,000.00元", "单个项目上限")),
        ("digitalisation", "60000", ("30,000.00元", "12,000.00元", "18,000.00元", "合同金额的50%")),
        ("digitalisation", "３００００", ("15,000.00元", "6,000.00元", "9,000.00元", "合同金额的50%")),
    ],
)
def test_the_calculator_splits_an_amount_and_says_which_bound_decided(read, category, amount, shown):
    open_year(2026)
    page = read("/calculator/", category=category, amount=amount)
    for text in (*shown[:3], f"由“{shown[3]}”决定"):
        assert text in page


@pytest.mark.parametrize("amount", ["0", "-5", "abc", "1.234", "9" * 20])
def test_an_amount_that_is_none_is_refused_in_words(read, amount):
    open_year(2026)
    page = read("/calculator/", status=400, category="diagnosis", amount=amount)
    assert "请写大于0、最多两位小数的金额" in page


def test_an_unknown_category_is_refused_in_words(read):
    open_year(2026)
    assert "请选择服务类别" in read("/calculator/", status=400, category="magic", amount="100")


def test_htmx_gets_the_result_alone(client):
    open_year(2026)
    answer = client.get("/calculator/", {"category": "diagnosis", "amount": "1"}, headers={"hx-request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="estimate"')
    wrong = client.get("/calculator/", {"category": "diagnosis", "amount": "x"}, headers={"hx-request": "true"})
    assert (wrong.status_code, "请写大于0" in wrong.content.decode()) == (200, True)


# --- budget


def test_the_board_shows_where_the_years_money_stands(read):
    parties = make_parties(budget="1000000.00")
    make_contract("performing", parties=parties, amount="12500.00", voucher="10000.00")
    page = read("/budget/")
    assert "99.00</b> 万元" in page
    for text in ("1,000,000.00", "10,000.00", "990,000.00", "预算总额减去已占用"):
        assert text in page
    assert '<th scope="row">3月</th><td>10,000.00</td>' in page


def test_a_pause_and_its_end_are_on_record(read):
    open_year(2026, budget="1000000.00")
    by = officer(Role.DEPARTMENT)
    pause = services.suspend_manually(by=by, year=2026, reason="年中预算调整。")
    assert "暂停中" in read("/budget/")
    services.resume_manually(by=by, suspension_id=pause.pk, version=pause.version, reason="预算已追加")
    page = read("/budget/")
    assert "年中预算调整。" in page
    assert "暂停中" not in page


def test_every_entry_of_the_total_is_named(read):
    open_year(2026)
    one = appropriate(2026, "700000.00")
    page = read("/budget/")
    assert one.source_doc_no in page
    assert "700,000.00" in page


# --- board


def test_the_board_is_narrowed_by_words_category_city_and_fee(read):
    nanning = EnterpriseFactory(active=True, region_code="450103")
    liuzhou = EnterpriseFactory(active=True, region_code="450203")
    own = {"state": DemandState.PUBLISHED, "categories": ["innovation"], "fee_high": Decimal(60000)}
    here = DemandFactory(enterprise=nanning, title="求环评服务", **own)
    there = DemandFactory(
        enterprise=liuzhou, state=DemandState.PUBLISHED, title="求等保测评", categories=["digitalisation"],
        fee_low=Decimal(80000), fee_high=Decimal(90000), content="两套系统做等级保护测评。",
    )  # fmt: skip

    def found(**asked: str) -> list[bool]:
        page = read("/board/", **asked)
        return [row.title in page for row in (here, there)]

    assert found() == [True, True]
    assert found(q="等保") == [False, True]
    assert found(category="innovation") == [True, False]
    assert found(city="450200") == [False, True]
    assert found(fee_from="70,000") == [False, True]
    assert found(fee_to="70000") == [True, False]


def test_a_fee_that_is_no_amount_is_refused_in_words(read):
    open_year(2026)
    assert "费用不低于“很多”不可用" in read("/board/", status=400, fee_from="很多")


def test_a_demand_shows_what_on_the_shelf_fits_it_and_why(read):
    ProductFactory(on_shelf=True, name="环境影响评价报告编制", aim="编制环境影响报告表。")
    demand = DemandFactory(state=DemandState.PUBLISHED, contact_name="李联系", contact_phone="10098765432")
    page = read(f"/board/{demand.pk}/")
    assert "环境影响评价报告编制" in page
    assert "命中的词" in page
    assert "10098765432" not in page


def test_a_demand_that_is_not_shown_is_no_page(client):
    assert client.get(f"/board/{DemandFactory().pk}/").status_code == 404


# --- catalogue


def test_the_catalogue_is_narrowed_by_category_and_price(read):
    cheap = ProductFactory(on_shelf=True, name="便宜诊断", price=Decimal("8000.00"))
    dear = ProductFactory(on_shelf=True, name="昂贵改造", category="digitalisation", price=Decimal("90000.00"))

    def found(**asked: str) -> list[bool]:
        page = read("/products/", **asked)
        return [row.name in page for row in (cheap, dear)]

    assert found() == [True, True]
    assert found(category="diagnosis") == [True, False]
    assert found(price_from="10000") == [False, True]
    assert found(price_to="10000") == [True, False]


def test_a_search_says_which_words_decided(read):
    ProductFactory(on_shelf=True, name="铸造车间能耗诊断")
    page = read("/products/", q="车间能耗太高")
    assert "铸造车间能耗诊断" in page
    assert '<span class="tag">能耗</span>' in page


def test_a_search_that_finds_nothing_says_what_to_do(read):
    open_year(2026)
    assert "换个说法再找" in read("/products/", q="量子引力")


def test_a_question_that_is_too_long_is_refused_in_words(read):
    open_year(2026)
    assert "60字以内" in read("/products/", status=400, q="字" * 61)


def test_a_product_shows_its_terms_prices_and_what_a_voucher_would_carry(read):
    product = ProductFactory(on_shelf=True, price=Decimal("12500.00"))
    shelf.lower_price(
        by=signatory_of(product.provider), product_id=product.pk, version=product.version,
        price=Decimal("11000.00"), reason="批量服务成本下降。",
    )  # fmt: skip
    page = read(f"/products/{product.pk}/")
    for text in ("第1版", "12,500.00", "第2版", "11,000.00", "8,800.00元", "覆盖产线", "诊断报告"):
        assert text in page
    assert "咨询顾问6名" not in page  # team and cases may name people and clients
    assert "10,000.00元" in read(f"/products/{product.pk}/", amount="20000")


def test_a_product_off_the_shelf_is_no_public_page(client):
    assert client.get(f"/products/{ProductFactory().pk}/").status_code == 404


# --- products beside one another


def beside(page: str, label: str) -> list[str]:
    """The cells of one line of the comparison, as text."""
    line = page.split(f'<th scope="row">{label}</th>')[1].split("</tr>", maxsplit=1)[0]
    return [re.sub(r"<[^>]+>", " ", cell).split()[0] for cell in re.findall(r"<td>(.*?)</td>", line, re.DOTALL)]


def test_products_stand_beside_one_another_in_the_order_asked(read):
    open_year(2026)
    cheap = ProductFactory(on_shelf=True, price=Decimal("8000.00"))
    dear = ProductFactory(on_shelf=True, category="digitalisation", price=Decimal("90000.00"))
    page = read("/products/compare/", product=[str(dear.pk), str(cheap.pk), str(dear.pk)])
    assert beside(page, "标价（含税）") == ["90,000.00", "8,000.00"]
    assert beside(page, "按标价最多用券") == ["30,000.00元", "6,400.00元"]
    assert beside(page, "履约（已确认/已生效）") == ["尚无合同", "尚无合同"]


def test_the_catalogue_has_a_tick_box_for_each_product(read):
    product = ProductFactory(on_shelf=True)
    page = read("/products/")
    assert f'name="product" value="{product.pk}" form="product-form" aria-label="选择{product.name}"' in page
    assert '<form id="product-form"' in page


def test_nothing_ticked_says_what_to_do(read):
    open_year(2026)
    assert "还没有选择产品" in read("/products/compare/")


def test_more_products_than_can_be_read_beside_one_another_are_refused(read):
    open_year(2026)
    page = read("/products/compare/", status=400, product=[str(uuid4()) for _ in range(5)])
    assert "一次最多对比4个产品，您选了5个" in page


@pytest.mark.parametrize(("given", "status"), [("nonsense", 400), ("00000000-0000-7000-8000-000000000000", 404)])
def test_what_is_no_product_of_the_shelf_is_not_compared(read, given, status):
    open_year(2026)
    assert "要对比的产品" in read("/products/compare/", status=status, product=[given])


def test_four_products_cost_as_many_queries_as_two(queries):
    open_year(2026)
    keys = [str(ProductFactory(on_shelf=True).pk) for _ in range(4)]
    assert queries("/products/compare/", product=keys) == queries("/products/compare/", product=keys[:2])


# --- charts


def test_figures_over_columns_are_short_and_say_their_unit():
    drawn = columns([("1月", Decimal(125000)), ("2月", Decimal(1234567)), ("3月", 0)], "各月用券额（元）")
    assert re.findall(r"<li><b>(.*?)</b>", drawn) == ["12.5", "123", ""]
    assert "<figcaption>各月用券额（元），柱上数字以万元计</figcaption>" in drawn
    assert "<td>125,000</td>" in drawn
    small = columns([("1月", 7)], "各月合同", "份")
    assert re.findall(r"<li><b>(.*?)</b>", small) == ["7"]
    assert "<figcaption>各月合同</figcaption>" in small


# --- directory


def test_a_provider_shows_its_contracts_in_figures_and_no_person(read):
    parties = make_parties()
    make_contract("confirmed", parties=parties)
    make_contract("effective", parties=parties)
    page = read(f"/providers/{parties.provider.pk}/")
    assert "100.0%" in page
    assert "<dt>生效合同</dt><dd>2 <small>份</small></dd>" in page
    for private in (parties.provider.contact_name, parties.provider.contact_phone, "王五"):
        assert private not in page


def test_a_provider_is_asked_by_year(read):
    provider = ProviderFactory(listed=True)
    assert 'aria-current="page">2026年' in read(f"/providers/{provider.pk}/", year="2026")
    assert "没有1999年度" in read(f"/providers/{provider.pk}/", status=400, year="1999")


def test_the_directory_is_narrowed_by_name_and_city(read):
    one, other = (ProviderFactory(listed=True, region_code=code) for code in ("450103", "450203"))

    def found(**asked: str) -> list[bool]:
        page = read("/providers/", **asked)
        return [row.name in page for row in (one, other)]

    assert found() == [True, True]
    assert found(name=one.name) == [True, False]
    assert found(city="450200") == [False, True]
    assert found(uscc=other.uscc) == [False, True]


def test_the_list_is_a_spreadsheet_too(client):
    ProviderFactory(listed=True)
    answer = client.get("/providers/", {"export": "xlsx"})
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
