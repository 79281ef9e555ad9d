"""An enterprise registers in a browser: live checks, all answers once more, the accounts, the signed commitment."""

from __future__ import annotations

from playwright.sync_api import expect

from enterprises.models import Enterprise
from enterprises.states import State
from tests.e2e.conftest import Site
from tests.factories.accounts import make_identity, make_uscc

PASSWORD = "Choose-your-own-1"


def test_from_the_first_question_to_the_submission(fresh_house: Site, context, console):
    console.expect(422)  # the wrong check digit, sent all the same
    page = context.new_page()
    code = make_uscc()
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    page.goto(f"{fresh_house.url}/e/register/")
    page.get_by_role("link", name="开始填写").click()

    page.get_by_label("企业名称").fill("广西柳州示例汽车部件有限公司")
    page.get_by_label("统一社会信用代码").fill(wrong)
    page.get_by_label("法定代表人").fill("张三")
    expect(page.locator("#check-uscc")).to_contain_text("校验码不符")
    page.get_by_label("成立日期").fill("2012-05-08")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator(".errors")).to_be_focused()
    page.get_by_label("统一社会信用代码").fill(code)
    page.get_by_role("button", name="保存并继续").click()

    page.get_by_label("行业代码").fill("3670")
    page.get_by_label("所在县（市、区）").select_option("450203")
    expect(page.locator("#check-industry")).to_contain_text("汽车制造业")
    page.get_by_label("注册地址").fill("柳州市鱼峰区示例路1号")
    page.get_by_role("button", name="保存并继续").click()

    for label, value in (
        ("联系人", "李四"),
        ("联系电话", "0772-0000000"),
        ("付款开户行", "示例银行柳州分行"),
        ("付款账号", "0000001234567890"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="保存并继续").click()

    expect(page.locator("main")).to_contain_text("3670 汽车制造业")
    page.get_by_label("用户名").fill("zhangsan")
    page.get_by_label("初始密码").fill(PASSWORD)
    page.get_by_label("姓名").fill("张三")
    page.get_by_label("身份证号码").fill(make_identity())
    page.get_by_label("企业授权签署人").check()
    page.get_by_role("button", name="注册", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账号已开通，注册草稿已建立")

    page.get_by_role("link", name="登录并提交").click()
    page.get_by_label("用户名").fill("zhangsan")
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main form button").click()
    page.get_by_role("link", name="签署承诺并提交").click()
    page.get_by_label("本单位已阅读并作出以上承诺").check()
    page.get_by_role("button", name="签署承诺并提交").click()
    expect(page.locator("main")).to_contain_text("自动核验已完成")
    assert Enterprise.objects.get(uscc=code).state == State.AUTO_DOUBT  # nobody has put it on the roster


def test_what_is_typed_is_kept_and_goes_on_elsewhere_by_its_code(fresh_house: Site, context, console):
    page = context.new_page()
    page.goto(f"{fresh_house.url}/e/register/unit/")
    page.get_by_label("企业名称").fill("广西桂林示例橡胶有限公司")
    page.get_by_label("法定代表人").fill("李四")
    page.get_by_label("成立日期").fill("2012-05-08")
    note = page.locator("#draft-note")
    expect(note).to_contain_text("草稿已保存")
    code = note.locator("b").inner_text()

    with context.browser.new_context(locale="zh-CN") as elsewhere:
        other = elsewhere.new_page()
        other.goto(f"{fresh_house.url}/e/register/")
        other.get_by_text("在别处填过，用取回码继续").click()
        other.get_by_label("取回码").fill(code.lower())
        other.get_by_role("button", name="取回草稿").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("单位")
        expect(other.get_by_label("企业名称")).to_have_value("广西桂林示例橡胶有限公司")
