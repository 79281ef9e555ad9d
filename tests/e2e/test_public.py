"""The public area in a browser: an objection from the list to its state, the calculator while one types, API documents."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.models import Organisation, User
from accounts.states import OrganisationKind
from engines.publicity.models import Objection
from engines.publicity.services import Entry
from foundation import clock
from programmes import selectors
from programmes.services import publicities
from tests.e2e.axe import findings
from tests.e2e.conftest import Site
from tests.e2e.players import every
from tests.e2e.test_every_page import wider
from tests.factories.accounts import make_identity


def on_show() -> str:
    """A list that runs from today; the address of its page."""
    notice = selectors.current_notice(clock.today())
    row = Organisation.objects.filter(kind=OrganisationKind.PROVIDER).earliest("pk")
    made = publicities.open_period(
        by=User.objects.get(username="department"),
        kind="provider",
        notice=notice,
        title="第二批名单",
        reference="公示〔测试〕2号",
        first=clock.today(),
        last=None,
        decided=date(2026, 1, 1),
        entries=[Entry(row, row.name, {"机构名称": row.name})],
    )
    return f"/publicities/{made.pk}/"


def test_an_objection_from_the_list_to_its_state(sample: Site, page: Window, console) -> None:
    console.expect(422)
    page.goto(sample.url + on_show())
    page.get_by_role("link", name="提出异议").click()
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_role("alert")).to_contain_text("请填写“事实和理由”")
    page.get_by_label("事实和理由").fill("公示的服务企业数与事实不符。")
    page.get_by_label("姓名或单位全称").fill("张三")
    page.get_by_label("公民身份号码").fill(make_identity())
    page.get_by_label("联系电话").fill("10012345678")
    page.get_by_role("button", name="提交异议").click()
    receipt, secret = (one.inner_text() for one in every(page.locator(".receipt")))
    assert Objection.objects.get().number == receipt
    page.get_by_role("link", name="查询办理情况").click()
    page.get_by_label("回执号").fill(receipt)
    page.get_by_label("查询码").fill(secret.lower())
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text("待受理")


def test_the_calculator_follows_what_one_types(sample: Site, page: Window, console) -> None:
    page.goto(f"{sample.url}/calculator/")
    page.get_by_label("合同金额").press_sequentially("86000")
    page.get_by_label("数字化转型服务").check()
    expect(page.locator("#estimate")).to_contain_text("由“单个项目上限”决定")
    expect(page.locator("#estimate")).to_contain_text("38,800.00元")
    page.get_by_label("合同金额").fill("八万")
    expect(page.locator("#estimate")).to_contain_text("请写大于0")


def test_the_calculator_works_without_a_script(sample: Site, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{sample.url}/calculator/")
    page.get_by_label("合同金额").fill("12500")
    page.get_by_role("button", name="计算").click()
    assert "10,000.00元" in page.locator("#estimate").inner_text()
    context.close()


def test_what_stands_open_or_ticked_is_so_after_a_swap(sample: Site, page: Window) -> None:
    page.goto(f"{sample.url}/calculator/?category=diagnosis&amount=12500")
    page.get_by_text("定金怎么算出来的").click()
    page.get_by_label("合同金额").fill("20000")
    expect(page.locator("#estimate")).to_contain_text("4,000.00元")
    expect(page.locator("#estimate details", has_text="定金怎么算出来的")).to_have_attribute("open", "")
    expect(page.locator("#estimate details[open]")).to_have_count(1)

    page.goto(f"{sample.url}/products/")
    page.get_by_label("选择数字化转型诊断").check()
    page.get_by_label("服务类别").select_option("diagnosis")
    expect(page.locator("#products tbody tr")).to_have_count(1)
    expect(page.get_by_label("选择数字化转型诊断")).to_be_checked()
    page.get_by_role("button", name="对比勾选的产品").click()
    expect(page.get_by_role("columnheader", name="数字化转型诊断")).to_be_visible()


# what axe finds in markup that others wrote; ours has no findings
VENDORS = {
    "/api/docs/": {"heading-order", "region"},
    "/api/redoc/": {"heading-order", "scrollable-region-focusable", "target-size"},
}


@pytest.mark.parametrize(("path", "mark"), [("/api/docs/", ".opblock-tag"), ("/api/redoc/", ".redoc-wrap h2")])
def test_the_api_documents_ask_nothing_of_anybody_else(sample: Site, page: Window, path: str, mark: str) -> None:
    outside: list[str] = []
    page.on("request", lambda one: outside.append(one.url))
    page.goto(sample.url + path)
    page.locator(mark).first.wait_for(timeout=90_000)
    page.wait_for_timeout(1_500)
    assert [one for one in outside if not one.startswith((sample.url, "data:", "blob:"))] == []
    assert {one.split()[0] for one in findings(page)} <= VENDORS[path]


CARE = ("/", "/style/", "/board/", "/products/", "/budget/", "/calculator/", "/sign-in/")


@pytest.mark.parametrize("path", CARE)
def test_care_mode_fits_and_is_accessible(house: Site, page: Window, path: str) -> None:
    house.context.add_cookies([{"name": "care", "value": "1", "url": house.url}])
    page.goto(house.url + path)
    assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "24px"
    wrong: dict[int, object] = {}
    for width in (1280, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        if found := [*findings(page), wider(page)]:
            wrong[width] = [one for one in found if one]
    assert wrong == {1280: [], 390: [], 360: []}


def test_one_works_in_care_mode_and_leaves_it_when_one_wants(house: Site, page: Window) -> None:
    page.goto(house.url + "/sign-in/")
    button, root = page.get_by_role("button", name="关怀版"), page.locator("html")
    button.click()
    expect(root).to_have_attribute("data-care", "on")
    page.get_by_label("用户名").click()
    page.locator("main").get_by_role("link", name="实名注册").click()
    expect(page).to_have_url(house.url + "/register/")
    expect(root).to_have_attribute("data-care", "on")
    button.click()
    expect(root).not_to_have_attribute("data-care", "on")
    page.reload()
    expect(root).not_to_have_attribute("data-care", "on")
