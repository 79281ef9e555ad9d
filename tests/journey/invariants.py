"""The invariants of DOMAIN section 12 that exist so far, asked of the platform after the year is over.

Each function is one invariant: it returns when it holds and raises Failure with a Chinese sentence when not.
What the platform shows over HTTP is compared with the ledger underneath.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from programmes import books
from tests.journey.client import Failure, expect
from tests.journey.deals import fen
from tests.journey.play import Play

YEARS = (2026, 2027)
CARRIED_OVER = {"Y1", "Y3", "Y4"}
PAID_FEN = 47_990_000
QUOTA_EXPIRED_FEN = 153_210_000
SETTLED = frozenset(
    [
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "A7",
        "A8",
        "Q1",
        "Q2",
        "Q3",
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
        "P6",
        "U1",
        "U2",
        "L1",
        "C1",
        "Z1",
        "S2",
        "B1",
        "Y1",
        "Y2",
        "Y3",
        "Y4",
    ]
)
STATES = {"T1": "terminated", "T2": "terminated", "Z2": "confirmed"} | dict.fromkeys(
    ("X1", "X2", "S1", "Y5", "Y6"), "cancelled"
)
PERSONAL = ("联系人", "10012345678", "10087654321", "@example.com", "0000001234567890", "000000987654", "干部", "签署e")


class Seen:
    """What an officer and the public are shown at the end, read once."""

    def __init__(self, play: Play) -> None:
        self.play, self.cast = play, play.cast
        officer = self.cast.dp
        self.contracts = {code: officer.get(f"contracts/{deal.id}/") for code, deal in play.deals.items()}
        self.trails = {code: officer.get(f"contracts/{deal.id}/trail/") for code, deal in play.deals.items()}
        self.claims = {code: officer.get(f"claims/{deal.claim}/") for code, deal in play.deals.items() if deal.claim}
        self.batches = {row["id"]: row for row in officer.pages("batches/")}
        self.payouts = officer.pages("payouts/")
        self.budgets = {year: play.budget(year) for year in YEARS}

    @property
    def paid(self) -> dict[str, Any]:
        """The paid claims by the code of their deal."""
        return {code: claim for code, claim in self.claims.items() if claim["state"] == "paid"}

    @cached_property
    def quotas(self) -> dict[tuple[str, int], Any]:
        """Every enterprise's quota of both years, as it sees it."""
        return {
            (code, year): party.agent.get(f"enterprises/{party.id}/quota/?year={year}")
            for code, party in self.cast.enterprises.items()
            for year in YEARS
        }

    @property
    def carried(self) -> set[str]:
        """Contracts whose money went from one year into the next, told by their trails."""
        return {code for code, trail in self.trails.items() if any(one["act"] == "roll_over" for one in trail)}


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
    newer = [code not in CARRIED_OVER for code in codes]
    expect(newer, sorted(newer), "2027年度支付单先结转后新增")
    for code in CARRIED_OVER | {"Y2"}:
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
    expect(lapsed, QUOTA_EXPIRED_FEN + 1_800_000, "全年作废额度（分），含企业过错终止和不予兑付")


def refusals_speak(seen: Seen) -> None:
    """13. Every refusal has a code and a text."""
    refused = [claim for claim in seen.claims.values() if claim["state"] == "refused"]
    expect([(one["refusal_code"], one["refusal_text"]) for one in refused], [("F20", "查实转包")], "不予通过的申请")
    bounced = [one for one in seen.payouts if one["state"] == "returned"]
    expect([one["return_code"] for one in bounced], ["number"], "退回的支付单")


def the_public_sees_no_person(seen: Seen) -> None:
    """14. Public addresses show no personal data; the others ask who is there."""
    paths = ["providers/", "products/", "notices/", "suspensions/", "registry/title-kinds/"]
    paths += [f"programmes/{year}/budget/{tail}" for year in YEARS for tail in ("", "explain/")]
    paths += [f"providers/{one.id}/" for one in seen.cast.providers.values()]
    for path in paths:
        text = json.dumps(seen.cast.public.get(path), ensure_ascii=False)
        shown = [word for word in PERSONAL if word in text]
        expect(shown, [], f"公开地址 {path} 出现的个人信息")
    for path in ("contracts/", "claims/", "enterprises/", "payments/", "payouts/", "files/", "users/", "messages/"):
        expect(seen.cast.api.call("GET", path).status, 401, f"未登录访问 {path}")


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


def strangers_see_nothing(seen: Seen) -> None:
    """Another tenant's row is not there (404), and its acts are not either."""
    stranger, deal = seen.cast.enterprises["n3"].agent, seen.play.deals["A1"]
    for path in (f"contracts/{deal.id}/", f"claims/{deal.claim}/", f"enterprises/{deal.enterprise.id}/"):
        answer = seen.cast.api.call("GET", path, token=stranger.token())
        expect(answer.status, 404, f"其他单位查看 {path}")
    stranger.refused("NOT_FOUND", f"contracts/{deal.id}/sign/", version=1)


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
    publicity_was_long_enough,
    expired_quota_is_never_used,
    refusals_speak,
    the_public_sees_no_person,
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
