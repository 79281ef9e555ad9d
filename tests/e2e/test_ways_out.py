"""What does not go as planned, each step by the person whose step it is: changes, disputes, ends, an objection."""

from __future__ import annotations

from playwright.sync_api import Page as Window
from playwright.sync_api import expect

from accounts.models import User
from contracts.states import State
from engines.publicity.models import Objection
from engines.publicity.states import ItemState
from providers.models import SettlementAccount
from sample.cast import HOUSES
from settlement.states import ClaimState
from tests.e2e.players import House, every, fields
from tests.e2e.test_contracts import both
from tests.e2e.test_public import on_show
from tests.factories.accounts import make_identity
from tests.factories.contracts import Deal, make_contract
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout

EL, PL = "enterprise-signatory", "provider-signatory"
HOUSE, ACCOUNT = HOUSES[0][0], "6222020000000001"


def deal_at(until: str) -> tuple[Deal, str]:
    """A contract of the sample's parties driven so far, and the address of its page."""
    deal = make_contract(until, parties=both(), amount="9000.00", voucher="3000.00")
    return deal, f"/contracts/{deal.pk}/"


def test_a_change_is_refused_with_its_reason_and_then_signed(all_of_them: House) -> None:
    house = all_of_them
    deal, path = deal_at("performing")
    terms = fields(变更原因="增加一次现场调研。", 变更后的服务券金额="2500", 变更后的结束日期="2026-07-31")
    house.act(EL, path, "提出补充协议", "补充协议已提出", terms)
    house.shows("provider-agent", "/s/", "请签署人答复补充协议")
    house.act(PL, path, "不同意", "按原条款继续", fields(理由="原期限内可以完成。"))
    house.shows(EL, path, "对方不同意", "原期限内可以完成。")
    house.act(PL, path, "提出补充协议", "补充协议已提出", terms)
    house.act(
        EL, path, "签署补充协议", "补充协议已生效", lambda one: expect(one.locator("main")).to_contain_text("4,700.00")
    )
    house.shows("enterprise-agent", "/e/quota/", "核减 1", "+500.00")
    assert (deal.at.state, str(deal.at.voucher), str(deal.at.end_date)) == (State.PERFORMING, "2500.00", "2026-07-31")


def test_a_dispute_is_settled_and_the_contract_ended_by_two_officers(all_of_them: House) -> None:
    house = all_of_them
    deal, path = deal_at("delivered")
    house.act("enterprise-agent", path, "提出争议", "争议已提出", fields(理由="报告与约定指标不符。"))
    house.shows("centre-checker", "/o/", "合同争议调处", "2026年3月7日（还有5天）")
    house.act("centre-checker", path, "恢复合同", "合同已恢复", fields(理由="经调处，服务商补充数据附表。"))
    house.shows("provider-agent", path, "经调处，服务商补充数据附表。")

    def ask(window: Window) -> None:
        window.get_by_label("均无过错").check()
        window.get_by_label("理由").fill("产线停产，双方协商一致终止。")

    house.act(EL, path, "申请终止合同", "终止申请已提交", ask)
    house.act("centre-checker", path, "核对终止申请", "等待复核", fields(查明的事实="经电话核实，停产属实。"))

    def decide(window: Window) -> None:
        expect(window.locator("main")).to_contain_text("停产属实")  # what the other officer found
        window.get_by_label("复核意见").fill("同意终止。")

    house.act("centre-reviewer", path, "复核并终止", "合同已终止", decide)
    house.shows("provider-agent", path, "在此结束", "3,000.00 元不予兑付")
    house.shows("enterprise-agent", "/e/quota/", "释放 1", "+3,000.00")
    assert deal.at.state == State.TERMINATED


def test_a_question_about_a_material_is_answered_and_a_frozen_contract_voided(all_of_them: House) -> None:
    house = all_of_them
    deal, path = deal_at("performing")

    def ask(window: Window) -> None:
        window.get_by_label("材料.pdf").check()
        window.get_by_label("质询内容").fill("没有现场照片。")

    house.act("enterprise-agent", path, "质询佐证材料", "等待服务商补充", ask)
    window = house.open("provider-agent", path)
    expect(window.get_by_role("link", name="提交交付")).to_have_count(0)
    window.close()
    house.act("provider-agent", path, "补充材料", "已补充材料", lambda one: house.hand_in(one, "files"))
    house.act("department", path, "冻结合同", "合同已冻结", fields(理由="核查是否转包。"))
    house.shows("provider-agent", path, "冻结事由", "核查是否转包。")
    house.act("department", path, "作废合同", "合同已作废", fields(理由="查实转包。"))
    house.shows("enterprise-agent", "/e/quota/", "已作废3,000.00")
    assert deal.at.state == State.VOIDED


def test_a_payment_that_came_back_is_ordered_anew_to_another_account(all_of_them: House) -> None:
    house = all_of_them
    deal, _ = deal_at("confirmed")
    checker, reviewer, department, approver, finance = (
        User.objects.get(username=name)
        for name in ("centre-checker", "centre-reviewer", "department", "approver", "finance")
    )
    desk = Desk(co=checker, cr=reviewer, dp=department, dp2=reviewer, ap=approver, fn=finance)
    case = make_claim("passed", deal=deal, desk=desk)
    make_batch("paying", cases=[case], desk=desk)
    house.pass_days(8)
    pay = make_payout("sent", case=case)
    own, order = f"/s/claims/{case.pk}/", f"/o/payouts/{pay.pk}/"

    def say_why(window: Window) -> None:
        window.get_by_label("银行退回的原因").select_option(label="户名不符")
        window.get_by_label("银行或国库给出的退回说明").fill("收款人户名不符。")

    house.act("finance", order, "登记支付退回", "支付退回已登记", say_why)
    house.shows("provider-agent", "/s/", "更正并确认收款账户")
    window = house.open(PL, own)
    window.get_by_role("link", name="变更收款账户").click()
    window.get_by_role("link", name="申请收款账户").click()
    fields(户名=HOUSE, 账号=ACCOUNT, 开户银行="示例银行南宁分行营业部", 联行号="102611000001")(window)
    window.get_by_role("button", name="申请收款账户").click()
    expect(window.locator(".notes")).to_contain_text("等待促进中心复核")
    window.close()
    asked = SettlementAccount.objects.latest("pk")
    house.act("centre-reviewer", f"/o/settlement-accounts/{asked.pk}/", "复核通过", "")
    house.pass_days(4)  # the cool-down
    house.act(PL, own, "确认现用收款账户", "收款账户已确认")
    window = house.open("centre-checker", f"/o/claims/{case.pk}/")
    window.get_by_role("link", name="制作支付单").first.click()
    window.get_by_role("button", name="制作支付单").click()
    expect(window.locator("main")).to_contain_text(ACCOUNT)
    again = window.url.removeprefix(house.site.url)
    window.close()
    house.act("centre-reviewer", again, "复核支付单", "等待财政厅发送")
    house.act("finance", again, "发送国库", "已发送国库")
    house.act("finance", again, "登记支付成功", "支付成功已登记", fields(国库支付凭证号="GK2026-0009"))
    house.shows("provider-agent", own, "已支付", "****0001")
    assert case.at.state == ClaimState.PAID


def test_an_objection_is_examined_by_three_and_its_answer_read_by_the_receipt(all_of_them: House) -> None:
    house = all_of_them
    path = on_show()
    window = house.open("", path)
    window.get_by_role("link", name="提出异议").click()
    fields(
        事实和理由="三家企业并未签约。", 姓名或单位全称="张三", 公民身份号码=make_identity(), 联系电话="10012345678"
    )(window)
    window.get_by_role("button", name="提交异议").click()
    receipt, secret = (one.inner_text() for one in every(window.locator(".receipt")))
    window.close()
    row = Objection.objects.get(number=receipt)
    case = f"/o/objections/{row.pk}/"
    house.act("centre-checker", case, "受理", "该事项暂缓")
    house.pass_days(8)
    house.shows("", path, "公示期已满，结果待登记", "异议核查中")
    house.act("department", f"/o/publicities/{row.item.publicity_id}/", "登记期满", "已登记期满")
    house.shows("", path, "期满，部分事项异议核查中")
    house.act("department", case, "开始核查", "已开始核查")
    house.act("department", case, "提交核查情况", "由另一人决定", fields(核查情况="三家确未签约。"))

    def decide(one: Window) -> None:
        one.get_by_label("异议成立", exact=True).check()
        one.get_by_label("告知异议人和被异议单位的话").fill("三家企业未签约，异议成立。")

    house.act("approver", case, "作出决定", "请告知双方", decide)
    house.act("centre-checker", case, "登记已告知", "已登记告知", fields(告知方式="电话告知"))
    window = house.open("", "/objections/")
    fields(回执号=receipt, 查询码=secret)(window)
    window.get_by_role("button", name="查询").click()
    expect(window.locator("main")).to_contain_text("三家企业未签约，异议成立。")
    expect(window.get_by_role("button", name="申请复核")).to_be_visible()
    window.close()
    house.shows("", path, "异议已全部办结", "异议成立，移出名单")
    row.item.refresh_from_db()
    assert row.item.state == ItemState.REMOVED
