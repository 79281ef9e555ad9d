"""Those who keep the platform: accounts and roles by two people, a password, and the rules of a year by two offices."""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.models import Organisation, User
from accounts.states import OrganisationKind, Role
from programmes.models import Notice
from programmes.states import NoticeState
from sample.cast import PASSWORD
from tests.e2e.players import PATIENCE, House, fields
from tests.factories.accounts import make_identity

NEW, NEXT_PASSWORD = "new-reviewer", "Guangxi-2027-anew"


def sign_in(window: Window, house: House, who: str, password: str) -> None:
    window.goto(f"{house.site.url}/sign-in/")
    fields(用户名=who, 密码=password)(window)
    window.locator("main form button").click()
    window.wait_for_load_state()


def test_one_opens_an_account_and_another_grants_and_ends_its_role(all_of_them: House) -> None:
    house = all_of_them
    centre = Organisation.objects.get(kind=OrganisationKind.CENTRE)

    def who(window: Window) -> None:
        fields(用户名=NEW, 姓名="莫复核", 身份证号码=make_identity(78_900), 初始密码=PASSWORD)(window)

    house.act("system-admin", f"/o/organisations/{centre.pk}/", "开通账号", "请安全管理员授予角色", who)
    person = User.objects.get(username=NEW)
    path = f"/o/people/{person.pk}/"
    window = house.open("system-admin", path)
    expect(window.get_by_role("link", name="授予角色")).to_have_count(0)  # that is another administrator's
    window.close()
    house.act("security-admin", path, "授予角色", "角色已授予", lambda one: one.get_by_label("促进中心复核").check())
    house.shows(NEW, "/o/", "待办")

    def end(one: Window) -> None:
        one.get_by_label("促进中心复核").check()
        one.get_by_label("终止的理由").fill("岗位调整。")

    house.act("security-admin", path, "终止角色", "角色已终止", end)
    person.refresh_from_db()
    assert not person.has(Role.CENTRE_REVIEWER)
    house.console.expect(403)
    window = house.open(NEW, "/o/")
    expect(window.locator("main")).to_contain_text("角色")
    window.close()


def test_a_new_password_ends_the_sessions_elsewhere_and_not_this_one(all_of_them: House) -> None:
    house = all_of_them
    here, elsewhere = (house.browser.new_context(**house.dress).new_page() for _ in range(2))
    for window in (here, elsewhere):
        sign_in(window, house, "department", PASSWORD)
    here.goto(f"{house.site.url}/my/account/")
    here.get_by_role("link", name="修改密码").click()
    for label, value in (("原密码", PASSWORD), ("新密码", NEXT_PASSWORD), ("再输入一次新密码", NEXT_PASSWORD)):
        here.get_by_label(label).first.fill(value)
    here.get_by_role("button", name="修改密码").click()
    expect(here.locator(".notes")).to_contain_text("其他设备须重新登录")
    here.goto(f"{house.site.url}/o/")
    expect(here.get_by_role("heading", level=1)).to_have_text("待办")
    elsewhere.goto(f"{house.site.url}/o/")
    expect(elsewhere).to_have_url(f"{house.site.url}/sign-in/?next=/o/")
    for window in (here, elsewhere):
        window.context.close()


def test_what_an_office_may_not_open_says_why(all_of_them: House) -> None:
    house = all_of_them
    house.console.expect(403)
    for who, path in (("system-admin", "/o/claims/"), ("nanning", "/o/budget/"), ("finance", "/o/people/")):
        window = house.open(who, path)
        expect(window.get_by_role("heading", level=1)).to_contain_text("不能")
        expect(window.locator("main")).to_contain_text("角色")
        window.close()


def test_the_rules_of_a_year_are_revised_by_one_office_and_approved_by_another(all_of_them: House) -> None:
    house = all_of_them
    house.console.expect(422)
    current = Notice.objects.get(state=NoticeState.PUBLISHED)
    window = house.open("department", f"/o/notices/{current.pk}/")
    window.get_by_role("link", name="用文件修订").click()
    box = window.get_by_label("或在此编辑全文")
    text = box.input_value()
    box.fill(text.replace("quota: '50000'", "quota: 五万"))
    window.get_by_role("button", name="用文件修订").click()
    expect(window.get_by_role("alert")).to_contain_text("“quota: 五万”")
    window.get_by_label("或在此编辑全文").fill(text.replace("quota: '50000'", "quota: '60000'"))
    window.get_by_role("button", name="用文件修订").click()
    expect(window.locator(".notes")).to_contain_text("新版草稿已建立", timeout=PATIENCE)
    path = window.url.removeprefix(house.site.url)
    window.close()
    house.shows("approver", f"{path}compare/", "50,000.00元", "60,000.00元")
    house.shows("approver", f"{path}effect/", "额度增加1 家")
    house.act("approver", path, "审定", "等待发布", fields(会议纪要或签报文号="厅务会议纪要〔2026〕9号"))
    house.act("department", path, "发布", "各方已收到通知")
    house.shows("", "/notices/current/", "60,000.00元", "第2版")
    assert Notice.objects.get(state=NoticeState.PUBLISHED).revision == 2
