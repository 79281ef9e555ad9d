"""A provider in a browser: it registers step by step, fills its application, and answers a demand."""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from demands.models import Response
from providers.models import Provider
from sample.cast import PASSWORD
from tests.e2e.conftest import Site
from tests.factories.accounts import make_identity, make_uscc


def test_a_provider_registers_and_begins_its_work(sample: Site, page: Window, console) -> None:
    console.expect(422)
    page.goto(f"{sample.url}/s/register/")
    page.get_by_role("link", name="开始注册").click()
    page.get_by_label("机构名称").fill("广西新设数智服务有限公司")
    page.get_by_label("统一社会信用代码").fill("91450199MA6K00014X")
    page.get_by_label("统一社会信用代码").press("Tab")
    expect(page.locator("#uscc-said")).to_contain_text("第18位应为C，现为X")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择“所在县（市、区）”。")
    page.get_by_label("统一社会信用代码").fill(make_uscc(77001))
    page.get_by_label("所在县（市、区）").select_option("450103")
    page.get_by_label("区内固定经营场地").fill("民族大道8号")
    page.get_by_label("成立日期").fill("2015-03-12")
    page.get_by_label("法定代表人").fill("王五")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("联系人").fill("赵六")
    page.get_by_label("联系电话").fill("10012345678")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("核心业务专职人员数").first.fill("26")
    page.get_by_label("上年服务企业数").fill("48")
    page.get_by_label("上年营业收入").fill("9,600,000")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator("main")).to_contain_text("南宁市 青秀区")
    page.get_by_role("button", name="删除此项").nth(1).click()
    page.get_by_label("用户名").first.fill("new-house")
    page.get_by_label("密码").first.fill(PASSWORD)
    page.get_by_label("姓名").first.fill("王五")
    page.get_by_label("公民身份号码").first.fill(make_identity(77001))
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name="提交注册").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("注册成功，账号已开通")
    page.locator("main").get_by_role("link", name="登录").click()
    page.get_by_label("用户名").fill("new-house")
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page.locator("h1")).to_contain_text("广西新设数智服务有限公司")
    assert Provider.objects.filter(name="广西新设数智服务有限公司", core_staff=26).exists()


def test_a_demand_that_fits_is_answered_and_talked_over(sample: Site, page: Window, console) -> None:
    sample.sign_in("provider-agent")
    page.goto(f"{sample.url}/s/demands/")
    page.locator("#board").get_by_role("link", name="想知道数字化改造从哪里做起").click()
    page.get_by_role("link", name="应答报价").click()
    page.get_by_label("报价（含税）").fill("12,000")
    page.get_by_label("服务天数").fill("30")
    page.get_by_label("服务方案").fill("到现场两天，两周内出路线图。")
    page.get_by_role("button", name="应答报价").click()
    page.get_by_label("留言").fill("请问三条产线是否在同一厂区？")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".talk")).to_contain_text("请问三条产线是否在同一厂区？")
    assert Response.objects.filter(demand__title="想知道数字化改造从哪里做起").count() == 1
