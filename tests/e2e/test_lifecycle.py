"""The whole way of a voucher in the browser: an enterprise registers, and at the end its provider has the money.

Every step is taken on its page by the person whose step it is, each in a browser of their own. The office, the
provider, its product and the year's notice are the sample's; the enterprise is new.
"""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from contracts.models import Contract
from contracts.states import State as ContractState
from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from engines.publicity.models import Publicity
from enterprises.models import Enterprise
from foundation import clock
from programmes import books
from sample.cast import HOUSES, PASSWORD
from settlement.models import Batch, Claim, PayoutOrder
from settlement.states import BatchState, ClaimState, PayoutState
from tests.e2e.players import PATIENCE, House, every, fields
from tests.factories.accounts import make_identity, make_uscc

FIRM = "广西百色示例铝材有限公司"
HOUSE, (OFFERING, *_) = HOUSES[0]
AGENT, SIGNATORY = "new-agent", "new-signatory"  # the new enterprise's two people
DEPOSIT, VOUCHER, BALANCE = "2,500.00", "3,000.00", "7,000.00"
YEAR = 2026
NUMBER = 78_001  # of the made-up codes; the sample's are lower


# --- the enterprise


def list_on_roster(house: House, code: str) -> None:
    """The city's list of enterprises above the size, imported by one officer and confirmed by another."""
    roster = house.papers / "规上企业.csv"
    roster.write_text(f"统一社会信用代码,企业名称,入规日期,退规日期\n{code},{FIRM},2019-01-01,\n", encoding="utf-8")

    def fill(window: Window) -> None:
        window.get_by_label("规上企业名录").check()
        window.get_by_label("来源文件或文号").fill("规上企业名录〔2026〕1号")
        window.get_by_label("截止日期").fill("2026-02-28")
        window.get_by_label("名册文件").set_input_files(roster)

    house.act("centre-checker", "/o/rosters/", "导入名册", "已导入，等待另一人复核", fill)
    window = house.open("centre-reviewer", "/o/rosters/")
    window.get_by_role("link", name="规上企业名录〔2026〕1号").first.click()
    expect(window.locator("main")).to_contain_text("行数1行")
    path = window.url.removeprefix(house.site.url)
    window.close()
    house.act("centre-reviewer", path, "复核生效", "名册已生效")


def register(house: House, code: str) -> None:
    """The wizard, by somebody whom the platform does not know yet; then the signatory signs in with the password."""
    page = house.open("", "/e/register/")
    page.get_by_role("link", name="开始填写").click()
    fields(企业名称=FIRM, 统一社会信用代码=code, 法定代表人="农法人", 成立日期="2012-05-08")(page)
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("行业代码").fill("3252")
    page.get_by_label("所在县（市、区）").select_option("450103")
    page.get_by_label("注册地址").fill("工业园区8号")
    page.get_by_role("button", name="保存并继续").click()
    fields(联系人="农经办", 联系电话="0776-0000000", 付款开户行="示例银行", 付款账号="0000001234567890")(page)
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("button", name="增加一项").click()
    people = ((AGENT, "农经办", "企业经办"), (SIGNATORY, "农法人", "企业授权签署人"))
    for place, (username, name, role) in enumerate(people):
        page.get_by_label("用户名").nth(place).fill(username)
        page.get_by_label("初始密码").nth(place).fill(PASSWORD)
        page.get_by_label("姓名").nth(place).fill(name)
        page.get_by_label("身份证号码").nth(place).fill(make_identity(NUMBER + place))
        page.get_by_label(role).nth(place).check()
    page.get_by_role("button", name="注册", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账号已开通，注册草稿已建立")

    page.get_by_role("link", name="登录并提交").click()
    fields(用户名=SIGNATORY, 密码=PASSWORD)(page)
    page.locator("main form button").click()
    page.get_by_role("link", name="签署承诺并提交").click()
    page.get_by_label("本单位已阅读并作出以上承诺").check()
    page.get_by_role("button", name="签署承诺并提交").click()
    expect(page.locator("main")).to_contain_text("自动核验已完成")
    house.contexts.pop("").close()  # whoever comes next as anybody is nobody's session


def confirm(house: House, enterprise: Enterprise) -> None:
    """Two officers, each from what waits for them."""
    path = f"/o/enterprises/{enterprise.pk}/"
    house.shows("centre-checker", "/o/", FIRM)
    house.act("centre-checker", path, "初核通过", "已初核，等待复核")
    house.act("centre-reviewer", path, "复核通过", "额度已按档次匹配")
    house.shows(AGENT, "/e/quota/", "50,000.00")


# --- the contract


def agree(house: House) -> str:
    """A product of the catalogue, a draft on it, agreed by both. Returns the address of the contract."""
    window = house.open(AGENT, "/contracts/new/")
    window.get_by_role("link", name=OFFERING.name).first.click()
    fields(使用服务券金额="3000", 合同结束之日="2026-06-30")(window)
    window.get_by_label("关键环节", exact=True).fill("提交诊断报告")
    window.get_by_label("计划完成日期").fill("2026-03-20")
    expect(window.locator("#calculation .split")).to_contain_text(BALANCE, timeout=PATIENCE)
    window.get_by_role("button", name="起草合同").click()
    expect(window.locator(".notes")).to_contain_text("草稿已保存")
    path = window.url.removeprefix(house.site.url)
    window.close()
    for who in (AGENT, "provider-agent"):
        house.act(who, path, "同意草稿", "已同意草稿")
    return path


def sign(house: House, path: str) -> None:
    """The money is set aside, and both read the text to its end and sign."""
    house.act(AGENT, path, "发起签署并锁定资金", "资金已锁定")
    house.shows(AGENT, "/e/quota/", "47,000.00")
    for who in (SIGNATORY, "provider-signatory"):
        house.act(who, path, "签署合同", "已签署", read)
    house.shows(AGENT, path, "待付定金")


def read(window: Window) -> None:
    expect(window.get_by_role("button", name="签署合同")).to_be_disabled()
    window.locator("[data-read-end]").scroll_into_view_if_needed()


def pay(house: House, path: str, serial: str, amount: str) -> None:
    """The enterprise reports the payment with its receipt, the provider has it."""

    def fill(window: Window) -> None:
        window.wait_for_timeout(1100)  # a payment of the second in which it fell due would be before it
        window.get_by_label("银行流水号").fill(serial)
        moment = clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
        window.get_by_label("付款时间").fill(moment)
        house.hand_in(window, "receipt")

    house.act(AGENT, path, "登记付款", "付款已登记", fill, link=f"登记付款 {amount} 元")
    house.act("provider-agent", path, "确认到账", "已确认到账")


def perform(house: House, path: str) -> None:
    """Evidence at the milestone, delivery, acceptance, the balance, and the confirmation with its rating."""

    def rate(window: Window) -> None:
        for best in every(window.get_by_label("5分", exact=True)):
            best.check()

    house.act(
        "provider-agent",
        path,
        "提交佐证材料",
        "佐证材料已提交",
        lambda window: house.hand_in(window, "files"),
        link="提交材料",
    )
    house.act("provider-agent", path, "提交交付", "已提交交付", fields(完成情况="覆盖12道工序，现场核对。"))
    house.act(SIGNATORY, path, "验收通过", "已验收")
    pay(house, path, "LIFE-0002", BALANCE)
    content = fields(实际服务内容="完成现场诊断，提交诊断报告一份。")
    house.act("provider-signatory", path, "签署服务确认书", "已签署服务确认书", content)
    house.act(SIGNATORY, path, "评价并会签确认书", "服务已确认", rate)


# --- the money


def claim(house: House, path: str) -> str:
    """The provider begins the claim from the contract that waits for it and signs it. Returns its id."""
    window = house.open("provider-agent", "/s/claims/")
    row = window.get_by_role("listitem").filter(has_text=FIRM)
    row.get_by_role("link", name="发起申请").click()
    window.get_by_role("button", name="发起兑付申请").click()
    expect(window.locator(".notes")).to_contain_text("草稿已建立")
    expect(window.locator("main")).to_contain_text(VOUCHER)
    own = window.url.removeprefix(house.site.url)
    window.close()
    house.act("provider-signatory", own, "签署并提交", "兑付申请已提交")
    return own.strip("/").rpartition("/")[2]


def examine(house: House, path: str) -> None:
    """Checked, reviewed and decided by three officers; each sees it among what waits."""
    for who, label, says in (
        ("centre-checker", "形式审核通过", "已转复核"),
        ("centre-reviewer", "复核通过", "已转实质审核"),
        ("department", "全额通过", "审核通过"),
    ):
        house.shows(who, "/o/", HOUSE)
        house.act(who, path, label, says)


def open_batch(house: House) -> str:
    """The call of a round whose intake is today; the next day it is over. Returns the address of the batch."""
    today = clock.today().isoformat()
    window = house.open("centre-checker", "/o/batches/")
    window.get_by_role("link", name="拟定兑付通知").first.click()
    fields(兑付通知="2026年度第一批服务券兑付通知", 受理开始=today, 受理截止=today)(window)
    window.get_by_role("button", name="拟定兑付通知").click()
    expect(window.locator(".notes")).to_contain_text("兑付通知已拟定")
    path = window.url.removeprefix(house.site.url)
    window.close()
    house.act("centre-reviewer", path, "发布兑付通知", "开始受理")
    house.pass_days()
    house.shows("department", path, "受理截止")
    return path


def settle(house: House, path: str) -> None:
    """Planned, reviewed and approved by three, shown to everybody, and nobody objects."""

    def only_ours(window: Window) -> None:
        lines = window.locator("input[name=claims]")  # not the box for all of them
        expect(lines).to_have_count(1)  # what else was filed nobody has examined yet
        expect(lines).to_be_checked()

    house.act("department", path, "拟定结算方案", "等待复核", only_ours)
    house.act("centre-reviewer", path, "复核结算方案", "等待厅审定")
    house.act("approver", path, "审定结算方案", "等待公示", fields(会议纪要或签报文号="桂工信签〔2026〕8号"))
    house.act("department", path, "公示结算名单", "公示已发布", fields(公示文号或网址="厅网站公示2026-018"))
    shown = Publicity.objects.latest("pk")
    house.shows("", f"/publicities/{shown.pk}/", FIRM)
    house.pass_days((shown.last - clock.today()).days + 1)
    house.act("department", path, "登记公示期满", "公示期满已登记")
    house.act(
        "department", path, "标记确认并申请拨款", "等待财政厅落实资金", fields(拨款申请文号="桂工信函〔2026〕9号")
    )
    house.act("finance", path, "确认拨款", "拨款已确认", fields(拨款或指标文号="桂财企〔2026〕10号"))


def pay_out(house: House, path: str) -> None:
    """The order is made, checked and sent by three people; the treasury has paid."""
    window = house.open("centre-checker", path)
    window.locator("main").get_by_role("link", name="制作支付单").first.click()
    window.get_by_role("button", name="制作支付单").click()
    expect(window.locator(".notes")).to_contain_text("支付单已制作")
    order = window.url.removeprefix(house.site.url)
    window.close()
    house.act("centre-reviewer", order, "复核支付单", "等待财政厅发送")
    house.act("finance", order, "发送国库", "已发送国库")
    house.act("finance", order, "登记支付成功", "支付成功已登记", fields(国库支付凭证号="GK2026-0001"))


def test_from_the_registration_to_the_money(all_of_them: House) -> None:
    house = all_of_them

    # the enterprise
    code = make_uscc(NUMBER)
    list_on_roster(house, code)
    register(house, code)
    enterprise = Enterprise.objects.get(uscc=code)
    confirm(house, enterprise)

    # the contract
    path = agree(house)
    sign(house, path)
    pay(house, path, "LIFE-0001", DEPOSIT)
    house.shows(SIGNATORY, path, "已生效")
    perform(house, path)
    contract = Contract.objects.get(enterprise=enterprise)
    assert contract.state == ContractState.CONFIRMED

    # the money
    pk = claim(house, path)
    examine(house, f"/o/claims/{pk}/")
    batch = open_batch(house)
    settle(house, batch)
    pay_out(house, f"/o/claims/{pk}/")

    # what everybody sees
    house.shows("provider-agent", f"/s/claims/{pk}/", "已支付", VOUCHER, "所在批次PC-2026-01")
    house.shows("provider-agent", path, "已兑付", f"已付金额{VOUCHER} 元")
    house.shows(AGENT, path, "已兑付", f"已付金额{VOUCHER} 元")
    house.shows(AGENT, "/e/quota/", f"已核销（已兑付）{VOUCHER}")
    house.shows("department", f"/o/claims/{pk}/", "已支付", "全部符合")
    house.shows("supervisor", f"/o/claims/{pk}/", "已支付", FIRM)
    house.shows("", "/budget/", f"已支付{VOUCHER}元")

    # what the books say
    row = Claim.objects.get(pk=pk)
    contract.refresh_from_db()
    assert (row.state, row.paid) == (ClaimState.PAID, contract.voucher)
    assert contract.state == ContractState.SETTLED
    assert PayoutOrder.objects.get(claim=row).state == PayoutState.PAID
    assert Batch.objects.get().state == BatchState.PAID_ALL
    assert ledger.recompute() == []
    assert evidence.verify()[1] == []
    assert ledger.balance(books.budget(YEAR)).consumed == contract.voucher
