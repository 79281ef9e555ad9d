"""The invariants of DOMAIN section 12 that exist so far, asked of the platform after the year is over.

Each function is one invariant: it returns when it holds and raises Failure with a Chinese sentence when not.
What the platform shows over HTTP is compared with the ledger underneath.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from programmes import books
from tests.journey.cases import TABLE
from tests.journey.client import Failure, expect
from tests.journey.deals import fen
from tests.journey.openness import (
    performance_is_the_contracts,
    strangers_see_nothing,
    the_board_shows_no_person,
    the_public_sees_no_person,
    who_objected_is_known_to_nobody,
)
from tests.journey.seen import YEARS, Seen

CARRIED_OVER = {"Y1", "Y3", "Y4", "F1", "E1", "K1"}
PAID_FEN = 55_490_000  # part 1: 479900.00; D1 10000, O2 15000, R1 10000, F1 10000, E1 30000: 75000.00 more
# Part 1: 1532100.00; less what p6's seven contracts took of 2026's quotas: 10000 + 30000 + 15000 + 10000 + 10000
# + 30000 + 15000 = 120000.00 (O1's had lapsed with its refusal and does not come back).
QUOTA_EXPIRED_FEN = 141_210_000
LAPSED_BEFORE_FEN = 4_800_000  # T2 10000.00 (enterprise's fault), Z2 8000.00 and O1 30000.00 (refused for good)
APPEAL_UNTIL = {"Z2": "2026-04-24", "O1": "2026-11-04"}  # ten working days after 10 April and 21 October
STATES = {
    "T1": "terminated",
    "T2": "terminated",
    "Z2": "confirmed",
    "O1": "confirmed",
    "K1": "confirmed",
} | dict.fromkeys(("X1", "X2", "S1", "Y5", "Y6"), "cancelled")
SETTLED = frozenset(row[0] for row in TABLE) - set(STATES)  # thirty-three


def quota_adds_up(seen: Seen) -> None:
    """1. Granted = left + reserved + committed + consumed + expired, for each enterprise and year."""
    for (code, year), row in seen.quotas.items():
        party = seen.cast.enterprises[code]
        grants = party.agent.get(f"enterprises/{party.id}/grants/")
        granted = sum(fen(one["amount"]) for one in grants if one["year"] == year)
        parts = sum(fen(row[name]) for name in ("available", "reserved", "committed", "due", "consumed", "expired"))
        expect(parts, granted, f"{party.name}{year}年度额度各项之和（分）")


def budget_is_not_exceeded(seen: Seen) -> None:
    """2. Committed + approved + paid never exceed what the documents gave."""
    for year, row in seen.budgets.items():
        parts = sum(fen(row[name]) for name in ("committed", "approved", "paid", "left", "carried", "expired"))
        expect(parts, fen(row["total"]), f"{year}年度预算各项之和（分）")
        expect(
            min(fen(row[name]) for name in ("committed", "approved", "paid", "left")) >= 0, True, f"{year}预算各项非负"
        )


def caps_hold(seen: Seen) -> None:
    """3. What a provider was paid in a service year is within its cap."""
    paid: defaultdict[tuple[str, int], int] = defaultdict(int)
    for claim in seen.paid.values():
        paid[claim["provider_id"], claim["cap_year"]] += fen(claim["paid"])
    for party in seen.cast.providers.values():
        for year in YEARS:
            row = party.agent.get(f"providers/{party.id}/cap/?year={year}")
            expect(fen(row["consumed"]), paid[party.id, year], f"{party.name}{year}年度已结算（分）")
            expect(fen(row["used"]) <= fen(row["cap"]), True, f"{party.name}{year}年度不超过上限")


def shares_add_up(seen: Seen) -> None:
    """4. D + V + balance = C and D ≤ 20 % of C, with the very 分 worked out by hand."""
    for code, row in seen.contracts.items():
        shares = tuple(fen(row[name]) for name in ("deposit", "voucher", "balance"))
        expect(shares, seen.play.deals[code].wanted, f"{code}定金、服务券、余款（分）")
        expect(sum(shares), fen(row["amount"]), f"{code}三部分之和（分）")
        expect(shares[0] * 5 <= fen(row["amount"]), True, f"{code}定金不超过20%")


def everybody_paid_their_share(seen: Seen) -> None:
    """5. Enterprise and treasury together paid what was accepted; a gap is a recorded 核减."""
    for code, claim in seen.paid.items():
        row = seen.contracts[code]
        own = sum(fen(order["amount"]) for order in row["payments"] if order["state"] == "matched")
        gap = fen(claim["requested"]) - fen(claim["approved"])
        expect(own + fen(claim["paid"]) + gap, fen(row["accepted_amount"]), f"{code}双方实付之和（分）")
        expect(bool(claim["reduction_reason"]), gap > 0, f"{code}核减须有理由")
        expect(fen(row["final_voucher"]) <= fen(row["voucher"]), True, f"{code}最终服务券不增加")


def paid_claims_are_complete(seen: Seen) -> None:
    """7. A paid claim has every paper, cleared 公示, three different examiners and an approval number."""
    for code, claim in seen.paid.items():
        row, batch = seen.contracts[code], seen.batches[claim["batch_id"]]
        sides = {one["side"] for one in row["signatures"] if one["document"] == "contract"}
        kinds = {order["kind"] for order in row["payments"] if order["state"] == "matched"}
        wanted = {"deposit", "balance"} if fen(row["final_balance"]) else {"deposit"}
        examiners = {claim[f"{stage}_by_id"] for stage in ("checked", "reviewed", "decided")}
        evidence_given = all(step["evidence"] for step in row["milestones"]) and bool(row["milestones"])
        found = (sides, kinds, len(examiners), None in examiners, evidence_given)
        expect(found, ({"enterprise", "provider"}, wanted, 3, False, True), f"{code}兑付要件")
        complete = all((row["accepted_at"], row["confirmation"], batch["cleared_at"], batch["approval_no"]))
        expect(complete, True, f"{code}验收、服务确认书、公示结论、审定文号齐全")
        expect(batch["approved_by_id"] in examiners, False, f"{code}审定人不得为审核人")


def evidence_is_unbroken(seen: Seen) -> None:
    """8. No state change without its record, and no chain broken."""
    read, faults = evidence.verify()
    expect((faults, read > 1000), ([], True), "存证链核验")
    for code, trail in seen.trails.items():
        expect([one["seq"] for one in trail], list(range(1, len(trail) + 1)), f"{code}存证序号连续")
        expect(len(trail), seen.contracts[code]["version"], f"{code}存证条数与版本一致")


def nothing_is_signed_while_suspended(seen: Seen) -> None:
    """9. No contract enters signing while signing is suspended; there was one such time."""
    pauses = seen.cast.public.pages("suspensions/")
    expect(len(pauses), 1, "暂停签约次数")
    start, end = (datetime.fromisoformat(pauses[0][name]) for name in ("started_at", "ended_at"))
    for code, trail in seen.trails.items():
        if code == "B1":  # the one that took the last of the budget caused the pause
            continue
        times = [datetime.fromisoformat(one["at"]) for one in trail if one["act"] == "start_signing"]
        expect(any(start <= at < end for at in times), False, f"{code}在暂停期间进入签署")


def carried_over_is_paid_first(seen: Seen) -> None:
    """10. In 2027 what was carried over is paid before what is of the new year."""
    expect(seen.carried, CARRIED_OVER, "结转到下一年度的合同")
    contracts = {claim["number"]: code for code, claim in seen.claims.items()}
    orders = sorted((one["number"], contracts[one["claim_number"]]) for one in seen.payouts)
    codes = [code for number, code in orders if number.startswith("ZF-2027")]
    expect(codes[0], "F1", "2027年度首张支付单")
    newer = [code not in CARRIED_OVER for code in codes]
    expect(newer, sorted(newer), "2027年度支付单先结转后新增")
    for code in (CARRIED_OVER | {"Y2"}) - {"K1"}:
        expect(seen.claims[code]["budget_year"], 2027, f"{code}支付预算年度")


def publicity_was_long_enough(seen: Seen) -> None:
    """11. A 公示 ends on a working day, lasts at least five of them, and is over before it is cleared."""
    for batch in seen.batches.values():
        if batch["cleared_at"] is None:
            continue
        first, last = (date.fromisoformat(batch[f"publicity_{name}"]) for name in ("from", "to"))
        days = [first + timedelta(n) for n in range((last - first).days + 1)]
        working = [day for day in days if day.weekday() < 5]
        expect((len(working) >= 5, working[-1] == last), (True, True), f"{batch['number']}公示期")
        expect(datetime.fromisoformat(batch["cleared_at"]).date() > last, True, f"{batch['number']}公示期满")


def expired_quota_is_never_used(seen: Seen) -> None:
    """12. After midnight nothing of 2026 is free, and what expired is what nobody used."""
    rows = {code: row for (code, year), row in seen.quotas.items() if year == 2026}
    expect(sum(fen(row["available"]) for row in rows.values()), 0, "2026年度尚可用的额度（分）")
    lapsed = sum(fen(row["expired"]) for row in rows.values())
    expect(seen.play.close["quota_expired_fen"], QUOTA_EXPIRED_FEN, "年末作废额度（分）")
    expect(lapsed, QUOTA_EXPIRED_FEN + LAPSED_BEFORE_FEN, "全年作废额度（分），含企业过错终止和不予兑付")


def refusals_speak(seen: Seen) -> None:
    """13. Every refusal has a code and a text, and said until when it could be appealed."""
    refused = {code: claim for code, claim in seen.claims.items() if claim["state"] == "refused"}
    found = {code: (claim["refusal_code"], claim["refusal_text"]) for code, claim in refused.items()}
    expect(found, {"Z2": ("F20", "查实转包"), "O1": ("F14", "成果未使用，异议查实")}, "不予通过的申请")
    expect({code: seen.claims[code]["appeal_until"] for code in found}, APPEAL_UNTIL, "申诉截止日期")
    expect([code for code in found if not refused[code]["final_at"]], [], "逾期未申诉而未生效的不予通过")
    bounced = [one for one in seen.payouts if one["state"] == "returned"]
    expect([one["return_code"] for one in bounced], ["number"], "退回的支付单")


def every_refusal_left_its_trace(seen: Seen) -> None:
    """The chain of every claim ever refused has reason, code and appeal window, also when the refusal was undone."""
    traces = {}
    for code, claim in seen.claims.items():
        for one in seen.cast.dp.get(f"claims/{claim['id']}/trail/"):
            if one["act"] == "refuse":
                expect(bool(one["reason"] and one["facts"]["code"]), True, f"{code}不予通过的理由和代码")
                traces[code] = one["facts"]["appeal_until"]
    expect(traces, {**APPEAL_UNTIL, "R1": "2026-10-22"}, "历次不予通过告知的申诉截止日期")
    (appeal,) = seen.cast.dp.pages("appeals/")
    claim = seen.claims["R1"]
    found = (appeal["claim_id"], appeal["state"], appeal["refusal_code"], claim["refusal_code"])
    expect(found, (claim["id"], "upheld", "F20", ""), "唯一的申诉")
    hands = [claim[f"{stage}_by_id"] for stage in ("checked", "reviewed", "decided")] + [appeal["decided_by_id"]]
    approved = seen.batches[claim["batch_id"]]["approved_by_id"]
    expect(len({*hands, approved}), 5, "R1审核、复核、重新决定、申诉答复、审定各为不同的人")


def held_money_is_neither_paid_nor_lost(seen: Seen) -> None:
    """8-18: K1 waits for the next year's cap; its quota, cap and budget are set aside for it and for nothing else."""
    claim, deal = seen.claims["K1"], seen.play.deals["K1"]
    found = (claim["state"], claim["approved"], claim["paid"], claim["refusal_code"], claim["final_at"])
    expect(found, ("cap_held", "15000.00", None, "", None), "K1的申请")
    expect(any(one["claim_id"] == claim["id"] for one in seen.payouts), False, "K1有支付单")
    cap = deal.provider.agent.get(f"providers/{deal.provider.id}/cap/?year=2026")
    held = (seen.quotas["n1", 2026]["committed"], cap["committed"], seen.budgets[2027]["committed"])
    expect(held, ("15000.00",) * 3, "为K1锁定的额度、上限、预算")
    rest = deal.provider.agent.get(f"providers/{deal.provider.id}/cap/?year=2027")
    expect((rest["consumed"], rest["left"]), ("30000.00", "10000.00"), "p6的2027年度上限：E1用去，余额不足K1")


def carried_money_was_paid_before_any_new_order(seen: Seen) -> None:
    """第二十条: F1's order had ended in payment before any other order of 2027 was made."""
    rows = [row for row in seen.payouts if row["number"].startswith("ZF-2027")]
    mine = next(row for row in rows if row["claim_id"] == seen.claims["F1"]["id"])
    ended = datetime.fromisoformat(seen.cast.dp.get(f"payouts/{mine['id']}/")["ended_at"])
    others = [datetime.fromisoformat(row["created_at"]) for row in rows if row is not mine]
    expect((mine["state"], len(others), min(others) > ended), ("paid", 5, True), "F1先于2027年度其他支付单支付")


def one_objection_stopped_one_claim(seen: Seen) -> None:
    """8-39, 第二十一条: of five on show, O1 left the list; the other four were paid in the same batch."""
    (batch,) = [row for row in seen.batches.values() if row["id"] == seen.play.autumn]
    inside = {code for code, claim in seen.claims.items() if claim["batch_id"] == batch["id"]}
    expect(inside, {"D1", "O2", "R1", "F1"}, "第三批中的申请")
    expect({code: seen.claims[code]["state"] for code in inside}, dict.fromkeys(inside, "paid"), "第三批的申请")
    items = seen.cast.public.get(f"publicity-items/?publicity={batch['publicity_id']}")["results"]
    expect(Counter(one["state"] for one in items), Counter(cleared=4, removed=1), "公示名单各项的结论")
    expect(batch["warning"].startswith("本批次超出通知规定的每年度2次"), True, "第三批的提示")


def nothing_is_paid_twice(seen: Seen) -> None:
    """15. One paid order per claim, one payment voucher per order; a retry gives the first answer."""
    paid = [order for order in seen.payouts if order["state"] == "paid"]
    expect(max(Counter(order["claim_id"] for order in paid).values()), 1, "同一申请的已支付单数")
    expect(len({order["voucher_no"] for order in paid}), len(paid), "国库支付凭证号不重复")
    key = seen.cast.api.key()
    intake = {"intake_from": "2027-01-27", "intake_to": "2027-12-31"}
    first = seen.cast.co.post("batches/", key, title="重试演练批次", **intake)
    again = seen.cast.co.try_post("batches/", key, title="重试演练批次", **intake)
    expect((again.body["id"], again.headers.get("Idempotency-Replayed")), (first["id"], "true"), "同键同内容重试")
    other = seen.cast.co.try_post("batches/", key, title="另一批次", **intake)
    expect((other.status, other.body["code"]), (409, "IDEMPOTENCY_KEY_REUSED"), "同键不同内容")


def everything_names_its_notice(seen: Seen) -> None:
    """16. Contracts, claims, grants and batches say under which version of the rules they stand."""
    for code, row in [*seen.contracts.items(), *seen.claims.items()]:
        expect(row["notice"].endswith("2026年度·第2版"), True, f"{code}所依据的通知（{row['notice']}）")
    party = seen.cast.enterprises["e3"]
    grants = party.agent.get(f"enterprises/{party.id}/grants/")
    expect(Counter(one["kind"] for one in grants), Counter(grant=1, upgrade=1, renewal=1), f"{party.name}额度记录")
    expect(all(one["notice"] for one in grants), True, f"{party.name}额度记录所依据的通知")


def ledger_agrees_with_itself(seen: Seen) -> None:
    """Every balance made again from its entries, and the public figures are the ledger's."""
    differences = ledger.recompute()
    expect([str(one) for one in differences], [], "账本重算差异")
    for year, row in seen.budgets.items():
        balance = ledger.balance(books.budget(year))
        stands = [balance.due, balance.consumed, balance.available, balance.reserved + balance.committed]
        shown = [Decimal(row[name]) for name in ("approved", "paid", "left", "committed")]
        expect(shown, stands, f"{year}年度公开预算数字与账本")


def every_case_ended_as_planned(seen: Seen) -> None:
    """Each planted case is in the state the rules lead to."""
    for code, row in seen.contracts.items():
        expect(row["state"], "settled" if code in SETTLED else STATES.get(code), f"{code}最终状态")
    expect(set(seen.paid), set(SETTLED), "已支付的申请")


def the_right_fen_was_paid(seen: Seen) -> None:
    """What the treasury paid, by orders, by claims and by the public figures of both years, is the same 分."""
    by_order = sum(fen(order["amount"]) for order in seen.payouts if order["state"] == "paid")
    by_claim = sum(fen(claim["paid"]) for claim in seen.paid.values())
    by_budget = sum(fen(row["paid"]) for row in seen.budgets.values())
    expect((by_order, by_claim, by_budget), (PAID_FEN, PAID_FEN, PAID_FEN), "支付单、申请、公开数字的已支付合计（分）")


ALL: tuple[Callable[[Seen], None], ...] = (
    quota_adds_up,
    budget_is_not_exceeded,
    caps_hold,
    shares_add_up,
    everybody_paid_their_share,
    paid_claims_are_complete,
    evidence_is_unbroken,
    nothing_is_signed_while_suspended,
    carried_over_is_paid_first,
    carried_money_was_paid_before_any_new_order,
    held_money_is_neither_paid_nor_lost,
    one_objection_stopped_one_claim,
    publicity_was_long_enough,
    expired_quota_is_never_used,
    refusals_speak,
    every_refusal_left_its_trace,
    the_public_sees_no_person,
    the_board_shows_no_person,
    who_objected_is_known_to_nobody,
    performance_is_the_contracts,
    nothing_is_paid_twice,
    everything_names_its_notice,
    ledger_agrees_with_itself,
    strangers_see_nothing,
    every_case_ended_as_planned,
    the_right_fen_was_paid,
)


def check(seen: Seen) -> int:
    """All of them hold. Returns how many; raises one Failure that tells every one that does not."""
    broken = []
    for invariant in ALL:
        try:
            invariant(seen)
        except Failure as failure:
            broken.append(f"{invariant.__name__}：{failure}")
    if broken:
        raise Failure(f"{len(broken)}项不变量不成立：" + "".join(broken))
    return len(ALL)
