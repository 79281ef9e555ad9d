"""Autumn 2026 and January 2027 with the sixth provider: a demand, an objection, an appeal, short funds, a full cap.

p6 is listed for 2026 and does not renew. What each case must lead to stands at the case (`cases.py`).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management import call_command

from tests.factories.accounts import make_identity
from tests.journey.cases import AUTUMN_BATCH, NEW_YEAR_BATCH
from tests.journey.client import expect
from tests.journey.deals import mark_and_fund, open_for_payment, settle

if TYPE_CHECKING:
    from tests.journey.play import Play

CALENDAR_2027 = Path(__file__).parents[1] / "calendar" / "data" / "2027.yaml"
WISH = {
    "title": "数控设备联网诊断",
    "content": "机加工企业，十二台数控机床尚未联网，想查明设备联网和数据采集的短板，给出分步改造方案。",
    "categories": ["diagnosis"],
    "fee_low": "8000.00",
    "fee_high": "20000.00",
    "contact_name": "联系人需求方",
    "contact_phone": "10012345678",
}
FILER = {
    "filer_kind": "person",
    "name": "欧阳实名",
    "identity_number": make_identity(),
    "phone": "10055566677",
    "email": "ouyang@example.com",
    "address": "南宁市兴宁区实名路99号",
}


def demand(play: Play) -> None:
    """September: l3 says what it needs, the platform proposes p6, and what they sign matches the demand (第十八条)."""
    play.clock.to("2026-09-01")
    cast, deal = play.cast, play.deals["D1"]
    board = "demand-board/"
    row = deal.enterprise.agent.post("demands/", **WISH)["id"]
    deal.enterprise.agent.act("demands", row, "submit")
    cast.co.act("demands", row, "check", reason="内容具体，无个人信息。")
    cast.co.refused("NOT_ALLOWED", f"demands/{row}/publish/", version=play.api.versions[row])
    expect(cast.public.get(board)["results"], [], "一人审核后尚未公开的需求")
    cast.co2.act("demands", row, "publish")
    shown = cast.public.get(f"{board}{row}/")
    expect((shown["state"], shown["days_left"]), ("published", 90), "发布后的需求")
    play.board.append(shown)
    first = deal.enterprise.agent.get(f"demands/{row}/suggestions/")[0]
    expect(first["product"], deal.provider.products["diagnosis"], "需求的首个建议产品")
    words = {match["word"] for match in first["matches"]}
    expect((bool(words & {"联网", "数控"}), first["same_category"], first["fee"]), (True, True, "fits"), "建议的依据")
    suited = deal.provider.agent.get(f"{board}suited/")
    expect([one["demand"]["id"] for one in suited], [row], "建议p6应答的需求")
    quote = {"price": "12500.00", "days": 30, "proposal": "现场调研五天，出具诊断报告和路线图。"}
    path = f"{board}{row}/respond/"
    answer = deal.provider.agent.post(path, **quote, product=deal.provider.products["diagnosis"])["id"]
    deal.enterprise.agent.act("demand-responses", answer, "take-up")
    told = deal.provider.agent.get(f"demand-responses/{answer}/")["contact"]
    expect(told, f"{WISH['contact_name']} {WISH['contact_phone']}", "选定后向服务商提供的联系人")
    play.board.append(cast.public.get(f"{board}{row}/"))
    deal.demand = row
    deal.signed()
    expect(deal.enterprise.agent.get(f"demands/{row}/")["state"], "matched", "双方签署后的需求")
    expect(cast.public.get(board)["results"], [], "签约后公开展示的需求")
    deal.pay("deposit")
    for code in AUTUMN_BATCH[1:]:
        play.deals[code].effective()


def appeal(play: Play) -> None:
    """A refusal is appealed; who upholds it has no other part in the case, and another person decides anew."""
    play.clock.to("2026-10-09")
    cast, deal = play.cast, play.deals["R1"]
    for code in AUTUMN_BATCH:
        play.deals[code].perform()
        play.deals[code].file_claim()
        play.deals[code].examine(refusal="成果未达到约定指标" if code == "R1" else "")
    path = f"claims/{deal.claim}/"
    refused = cast.co.get(path)
    expect(
        (refused["state"], refused["appeal_until"]),
        ("refused", "2026-10-22"),
        "不予通过后十个工作日内可申诉，10月10日（周六）上班",
    )
    deal.provider.agent.refused(
        "NOT_ALLOWED", f"{path}appeal/", version=play.api.versions[deal.claim], grounds="附报告"
    )
    paper = deal.provider.signatory.paper("evidence")
    grounds = "附第三方检测报告，成果已达到约定指标。"
    row = deal.provider.signatory.act("claims", deal.claim, "appeal", grounds=grounds, files=[paper])["id"]
    cast.dp.refused("NOT_ALLOWED", f"appeals/{row}/uphold/", version=play.api.versions[row], decision="成立")
    cast.ap.act("appeals", row, "uphold", decision="检测报告可以证明成果达标。")
    expect(cast.co.get(path)["state"], "formal_review", "申诉成立后待重新作出结论")
    cast.dp.refused("NOT_ALLOWED", f"{path}pass/", version=play.api.versions[deal.claim])
    cast.dp2.act("claims", deal.claim, "pass", note="成果达标，同意")


def third_batch(play: Play) -> None:
    """The notice foresees two batches a year: one more says why, and is approved by who had no hand in a case of it."""
    play.clock.to("2026-10-12")
    cast = play.cast
    intake = {"title": "第三批", "intake_from": "2026-10-12", "intake_to": "2026-10-12"}
    told = cast.co.refused("THIRD_BATCH", "batches/", **intake)
    expect((told["rounds"], told["limit"]), (2, 2), "拒绝第三批时告知的批次数")
    number, days = "桂工信签〔2026〕63号", ("2026-10-13", "2026-10-20")
    deals, why = play.of(AUTUMN_BATCH), "下半年到期合同集中"
    play.autumn = settle(cast, play.clock, deals, number, *days, approver=cast.ap2, acknowledge=why)
    play.publicity = str(cast.co.get(f"batches/{play.autumn}/")["publicity_id"])


def objection(play: Play) -> None:
    """Anybody objects to one of the five on show: it waits, is looked into, and the list closes without it (8-39)."""
    play.clock.to("2026-10-14")
    cast, deal, publicity = play.cast, play.deals["O1"], play.publicity
    items = cast.public.get(f"publicity-items/?publicity={publicity}")["results"]
    item = next(one["id"] for one in items if one["label"].startswith(deal.enterprise.name))
    grounds = "该项目实施场所上月已停产，服务内容与公示不符。"
    receipt = cast.public.post(f"publicities/{publicity}/objections/", item=item, grounds=grounds, **FILER)
    play.receipt = {"receipt": receipt["receipt"], "secret": receipt["secret"]}
    cast.public.refused("RECEIPT_UNKNOWN", "objections/status/", **{**play.receipt, "secret": "0" * 16})
    play.objection = row = str(cast.co.get(f"objections/?publicity={publicity}")["results"][0]["id"])
    cast.co.act("objections", row, "accept")
    expect(cast.co.get(f"claims/{deal.claim}/")["state"], "objection_hold", "受理异议后的申请")
    cast.dp.act("objections", row, "investigate")
    cast.dp.act("objections", row, "report", findings="现场核查：该生产线九月已拆除，成果未使用。")
    play.clock.to("2026-10-21")
    cast.dp.act("batches", play.autumn, "clear")
    states = {code: cast.co.get(f"claims/{play.deals[code].claim}/")["state"] for code in AUTUMN_BATCH}
    wanted = {**dict.fromkeys(AUTUMN_BATCH, "cleared"), "O1": "objection_hold"}
    expect(states, wanted, "公示期满时，被异议的一笔暂缓，其余无异议")


def objection_upheld(play: Play) -> None:
    """Another person decides: the claim leaves the list, and a person who had not passed it refuses it (第二十一条)."""
    cast, deal, row = play.cast, play.deals["O1"], play.objection
    outcome = {"outcome": "upheld", "answer": "经核查，服务成果未使用，异议成立。"}
    cast.dp.refused("NOT_ALLOWED", f"objections/{row}/decide/", version=play.api.versions[row], **outcome)
    cast.ap.act("objections", row, "decide", **outcome)
    cast.dp.act("objections", row, "notify", how="电话告知异议人，书面送达服务商。")
    seen = cast.public.post("objections/status/", **play.receipt)
    expect((seen["state"], seen["outcome"]), ("notified", "upheld"), "异议人凭回执查询的结果")
    expect(cast.co.get(f"claims/{deal.claim}/")["batch_id"], None, "异议成立后移出批次")
    reason = {"code": "F14", "text": "成果未使用，异议查实"}
    path = f"claims/{deal.claim}/refuse/"
    cast.dp.refused("NOT_ALLOWED", path, version=play.api.versions[deal.claim], **reason)
    cast.dp2.act("claims", deal.claim, "refuse", **reason)


def short_funds(play: Play) -> None:
    """The money asked for comes short: it reaches the first three, F1 waits whole and is not split (8-23)."""
    cast = play.cast
    cast.dp.get(f"batches/{play.autumn}/")  # the objection has moved its version on
    mark_and_fund(cast, play.autumn, amount="35000.00")
    last = play.deals["F1"]
    for code in ("D1", "O2", "R1"):
        play.deals[code].paid()
    cast.co.refused("WRONG_STATE", "payouts/", claim=last.claim)
    expect(cast.co.get(f"claims/{last.claim}/")["state"], "marked", "资金未及的申请")
    expect(cast.co.get(f"batches/{play.autumn}/")["state"], "paid_part", "资金不足的批次")


def last_signings(play: Play) -> None:
    """December: p6 is still listed and signs twice; it will not be next year. Its figures are public until then."""
    cast, provider = play.cast, play.cast.providers["p6"]
    for code in ("E1", "K1"):
        play.deals[code].effective()
    expect(cast.co.get(f"claims/{play.deals['O1'].claim}/")["final_at"] is None, False, "逾期未申诉的不予通过已生效")
    play.figures = cast.public.get(f"providers/{provider.id}/performance/")


def expired_provider(play: Play) -> None:
    """2027: p6 is no longer listed. Nothing new is signed with it; what runs is performed and claimed (第十六条)."""
    cast, provider, newcomer = play.cast, play.cast.providers["p6"], play.cast.enterprises["n2"]
    expect(len(cast.public.get("providers/")["results"]), 5, "2027年度公开名单的服务商数")
    for path in (f"providers/{provider.id}/", f"providers/{provider.id}/performance/"):
        expect(play.api.call("GET", path).status, 404, f"到期后公开地址 {path}")
    body = {**play.deals["E1"].terms("30000.00"), "enterprise": newcomer.id, "product": provider.products["other"]}
    newcomer.agent.refused("PROVIDER_NOT_LISTED", "contracts/", **body)
    for code in ("E1", "K1"):
        expect(play.deals[code].now()["quota_year"], 2026, f"{code}所用额度的年度")
        play.deals[code].perform()
    cap = provider.agent.get(f"providers/{provider.id}/cap/?year=2027")
    expect((cap["cap"], cap["used"]), ("40000.00", "30000.00"), "p6的2027年度上限：E1转入，K1无余额转入")


def new_year_batch(play: Play) -> None:
    """One batch crosses p6's cap: K1 waits for the next year, the rest is approved, and last year's F1 is paid first."""
    cast, waiting, carried = play.cast, play.deals["K1"], play.deals["F1"]
    call_command("load_calendar", str(CALENDAR_2027), stdout=io.StringIO())  # else its 公示 would be refused
    for code in NEW_YEAR_BATCH:
        play.deals[code].file_claim()
        play.deals[code].examine()
    number = "桂工信签〔2027〕2号"
    batch = settle(cast, play.clock, play.of(NEW_YEAR_BATCH), number, "2027-01-18", "2027-01-25")
    held = cast.co.get(f"claims/{waiting.claim}/")
    expect((held["state"], held["cap_held_year"], held["batch_id"]), ("cap_held", 2027, None), "上限已满的申请")
    row = cast.co.get(f"batches/{batch}/")
    expect((row["claim_count"], row["total"]), (5, "130000.00"), "其余五笔照常审定")
    play.clock.to("2027-01-26")
    open_for_payment(cast, batch)
    state = cast.co.get(f"claims/{carried.claim}/")
    expect((state["state"], state["carried_into"]), ("carried_over", 2027), "上年未支付的申请")
    going = [code for code in NEW_YEAR_BATCH if code != "K1"]
    for code in going:
        told = cast.co.refused("CARRY_FIRST", "payouts/", claim=play.deals[code].claim)
        expect(told["claim"], state["number"], f"{code}须待其先行支付的申请")
    carried.paid()
    for code in going:
        play.deals[code].paid()
    for one in (batch, play.autumn):
        expect(cast.co.get(f"batches/{one}/")["state"], "paid_all", "2027年1月支付后的批次")
    play.clock.to("2027-01-27")
