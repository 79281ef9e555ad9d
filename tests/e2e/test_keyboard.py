"""The pages by keyboard alone: order, a focus that is seen, and where it goes after an error, a menu, a list."""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from sample.cast import PASSWORD
from tests.e2e.conftest import Site

AT = "() => document.activeElement.innerText.trim() || document.activeElement.getAttribute('aria-label') || ''"
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2
    && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}"""


def walk(page: Window, stops: int) -> list[str]:
    """What Tab comes to, one after the other; each of it is seen to have the focus."""
    passed = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(AT))
        assert page.evaluate(SEEN), f"the focus on “{passed[-1]}” cannot be seen"
    return passed


def test_the_home_page_in_order(sample: Site, page: Window) -> None:
    page.goto(sample.url)
    passed = walk(page, 14)
    assert passed[0] == "跳到正文"
    assert passed[2:9] == ["首页", "通知", "公示", "需求大厅", "服务产品", "服务商", "办事指南"]
    assert passed[10:] == ["关怀版", "登录", "企业注册领额度", "申请成为服务商"]


def test_the_skip_link_leads_past_the_header(sample: Site, page: Window) -> None:
    page.goto(f"{sample.url}/board/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(AT) == "暂停滚动"


def test_signing_in_and_the_menu_of_the_person(sample: Site, page: Window, console) -> None:
    console.expect(422)
    page.goto(f"{sample.url}/sign-in/")
    page.get_by_label("用户名").focus()
    page.keyboard.type("enterprise-agent")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".errors")).to_be_focused()
    page.get_by_label("用户名").fill("enterprise-agent")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/e/")
    page.locator(".who summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="我的工作台")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="我的工作台")).to_be_hidden()
    expect(page.locator(".who summary")).to_be_focused()


def test_a_list_is_narrowed_and_the_focus_stays(sample: Site, page: Window) -> None:
    page.goto(f"{sample.url}/board/")
    page.get_by_label("要找什么").focus()
    page.keyboard.type("冲压")
    page.keyboard.press("Enter")
    expect(page.locator("#board tbody tr")).to_have_count(1, timeout=20_000)
    expect(page.get_by_label("要找什么")).to_be_focused()
    assert page.url.endswith("category=&city=&fee_from=&fee_to=&sort=-published")
    assert walk(page, 5)[-1] == "查询"


def test_the_errors_of_a_form_lead_to_its_fields(sample: Site, page: Window, console) -> None:
    console.expect(422)
    page.goto(f"{sample.url}/complaints/")
    page.get_by_role("button", name="提交投诉").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".errors")).to_be_focused()
    assert walk(page, 1) == ["请填写“被投诉单位的统一社会信用代码”。"]
    page.keyboard.press("Enter")
    expect(page.get_by_label("被投诉单位的统一社会信用代码")).to_be_focused()
    assert page.evaluate(SEEN)


def test_the_menu_of_a_phone(sample: Site, page: Window) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(sample.url)
    page.get_by_role("button", name="菜单").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="需求大厅", exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#nav")).to_be_hidden()
    expect(page.get_by_role("button", name="菜单")).to_be_focused()
