"""The year 2026 and the start of 2027, scene by scene. Every amount here was worked out by hand from the 办法."""

from __future__ import annotations

from typing import Any

from tests.journey import cast as casting
from tests.journey import scenes
from tests.journey.cases import FIRST, FIRST_BATCH, SECOND, SECOND_BATCH, TABLE
from tests.journey.cast import Cast
from tests.journey.client import Api, expect
from tests.journey.deals import Deal, fen, open_for_payment, settle
from tests.journey.stage import Clock


class Play:
    """The journey as it goes: who plays, the clock, and the deals by their codes."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self.api, self.clock = api, clock
        self.cast: Cast = casting.offices(api)
        self.deals: dict[str, Deal] = {}
        self.close: dict[str, Any] = {}
        self.autumn = ""  # the third batch of 2026
        self.publicity = ""  # its list, and the objection on it
        self.objection = ""
        self.receipt: dict[str, str] = {}
        self.board: list[dict[str, Any]] = []  # what stood on the demand board
        self.figures: dict[str, Any] = {}  # p6's public figures before the year ended

    def run(self) -> None:
        """The whole year, in order."""
        for scene in (
            self.opening,
            self.first_contracts,
            self.time_outs_and_terminations,
            self.bounds,
            self.first_settlement,
            self.bounced_payout,
            self.upgrade,
            self.budget_runs_out,
            self.second_settlement,
        ):
            scene()
        for later in (
            scenes.demand,
            scenes.appeal,
            scenes.third_batch,
            scenes.objection,
            scenes.objection_upheld,
            scenes.short_funds,
        ):
            later(self)
        self.year_end()
        self.new_year()

    def opening(self) -> None:
        """The rules, the money, the parties. Revision 2 of the notice lowers the provider cap so that it can bind."""
        casting.open_year(self.cast, 2026, casting.BUDGET_2026, provider_cap=casting.PROVIDER_CAP)
        self.clock.to("2026-01-04")
        casting.register_enterprises(self.cast)
        casting.register_providers(self.cast, self.clock)
        for code, about, enterprise, provider, kind, amount, voucher, wanted, bound in TABLE:
            parties = self.cast.enterprises[enterprise], self.cast.providers[provider]
            self.deals[code] = Deal(code, about, self.cast, *parties, kind, amount, voucher, wanted, bound)

    def first_contracts(self) -> None:
        """January: eight contracts, two that will be terminated, two that will time out."""
        self.clock.to("2026-01-15")
        for code in (*FIRST, "T1", "T2"):
            self.deals[code].effective()
        self.deals["X1"].draft()
        self.deals["X1"].start()
        self.deals["X2"].signed()
        self.quota("l3", left="170000.00")
        self.quota("g3", left="90000.00")

    def time_outs_and_terminations(self) -> None:
        """Beat cancels what was not signed or not paid in time; two contracts end badly and release their money."""
        self.clock.to("2026-01-26")
        for code in ("X1", "X2"):
            expect(self.deals[code].now()["state"], "cancelled", f"{code}超过期限后")
        self.quota("g2", left="100000.00")
        before = fen(self.budget()["left"])
        self.deals["T1"].terminate("provider", "服务商无法按期提供服务。")
        self.deals["T2"].terminate("enterprise", "企业停止配合。")
        self.quota("l3", left="200000.00", expired="0.00")
        self.quota("g3", left="90000.00", expired="10000.00")
        expect(fen(self.budget()["left"]) - before, 4000000, "两份合同终止后预算退回（分）")

    def bounds(self) -> None:
        """February: quota and provider cap become the smallest bound; more is refused with what is left."""
        self.clock.to("2026-02-10")
        for code in ("Q1", "Q2", *SECOND):
            self.deals[code].effective()
        self.deals["Q3"].squeeze("10000.00", "QUOTA_SHORT", "5000.00")
        self.deals["P6"].squeeze("20000.00", "PROVIDER_CAP_SHORT", "5000.00")
        for code in ("Q3", "P6"):
            self.deals[code].sign()
            self.deals[code].pay("deposit")

    def first_settlement(self) -> None:
        """March and April: performed, accepted, claimed, examined, approved, publicised, paid; one payment comes back."""
        self.clock.to("2026-03-20")
        self.deals["Z1"].deliver()
        self.deals["Z1"].act(self.deals["Z1"].enterprise.agent, "reject", reason="指标未达到")
        for code in (*FIRST_BATCH, "Z2"):
            self.deals[code].perform(**({"amount": "15000.00"} if code == "L1" else {}))
        lowered = self.deals["L1"].now()
        expect((lowered["final_voucher"], lowered["final_balance"]), ("7500.00", "3500.00"), "L1最终服务券和余款")
        self.clock.to("2026-04-10")
        for code in (*FIRST_BATCH, "Z2"):
            self.deals[code].file_claim()
            self.deals[code].examine(
                reduction="500.00" if code == "Z1" else "", refusal="查实转包" if code == "Z2" else ""
            )
        self.clock.to("2026-04-15")
        batch = settle(self.cast, self.clock, self.of(FIRST_BATCH), "桂工信签〔2026〕18号", "2026-04-16", "2026-04-23")
        self.cast.dp.refused("PUBLICITY_NOT_OVER", f"batches/{batch}/clear/", version=self.api.versions[batch])
        self.clock.to("2026-04-24")
        open_for_payment(self.cast, batch)
        for code in FIRST_BATCH:
            if code != "A7":
                self.deals[code].paid()
        order = self.deals["A7"].send_payout()
        self.cast.fn.act("payouts", order, "returned", code="number", text="账号与户名不符")
        expect(self.cast.co.get(f"batches/{batch}/")["state"], "paid_part", "有一笔退回的批次")

    def bounced_payout(self) -> None:
        """The same account is not tried again; another one is, after its pause, and the money arrives."""
        deal = self.deals["A7"]
        expect(self.cast.co.get(f"claims/{deal.claim}/")["state"], "bounced", "A7退回后的申请")
        path = f"claims/{deal.claim}/fix-account/"
        deal.provider.signatory.refused("ACCOUNT_NOT_FIXED", path, version=self.api.versions[deal.claim])
        casting.change_account(self.cast, deal.provider, "0000001111222233")
        self.clock.to("2026-04-28")
        deal.provider.signatory.act("claims", deal.claim, "fix-account")
        deal.paid()

    def upgrade(self) -> None:
        """June: a new title lifts an enterprise a tier; the difference is there at once."""
        self.clock.to("2026-06-10")
        deal = self.deals["U2"]
        deal.draft()
        deal.refused("QUOTA_SHORT", "20000.00")
        title = self.cast.co.post(
            "registry/titles/",
            uscc=deal.enterprise.uscc,
            title_code="innovative_sme",
            certificate_no="CX-2026-77",
            issued_by="工业和信息化厅",
            valid_from="2026-06-01",
            valid_to="2029-05-31",
        )
        self.cast.cr.act("registry/titles", title["id"], "verify")
        self.quota("e3", tier_code="growing", quota="100000.00", left="70000.00")
        deal.start()
        deal.sign()
        deal.pay("deposit")

    def budget_runs_out(self) -> None:
        """July: the last of the budget is taken, signing pauses, goes on with new money; what runs is untouched."""
        self.clock.to("2026-06-25")
        self.deals["S1"].draft()
        self.deals["S1"].start()
        self.clock.to("2026-07-01")
        self.deals["S2"].draft()
        self.deals["B1"].draft()
        self.deals["B1"].start()
        figures = self.budget()
        expect((figures["left"], figures["suspended"]), ("0.00", True), "预算用尽后的公开数字")
        self.deals["S2"].refused("BUDGET_SHORT", "0.00")
        one = self.deals["S1"]
        one.act(one.enterprise.signatory, "refuse", reason="需求已变化")
        expect(self.budget()["left"], "400.00", "拒签后的预算余额")
        self.deals["S2"].refused("SIGNING_SUSPENDED")
        self.deals["U2"].perform()
        self.deals["B1"].sign()
        casting.appropriate(self.cast, 2026, casting.BUDGET_ADDED)
        expect(self.budget()["suspended"], False, "追加预算后是否仍暂停")
        self.deals["S2"].start()
        self.deals["S2"].sign()
        for code in ("B1", "S2"):
            self.deals[code].pay("deposit")
            self.deals[code].perform()
        self.told("signing_suspended", "signing_resumed")

    def second_settlement(self) -> None:
        """July and August: the second batch."""
        self.clock.to("2026-07-20")
        self._settle(SECOND_BATCH, "桂工信签〔2026〕41号", ("2026-07-21", "2026-07-28"), "2026-07-29")

    def year_end(self) -> None:
        """December to January: what is in effect at midnight rolls over; what is not ends; the second decides."""
        self.clock.to("2026-12-01")
        casting.open_year(self.cast, 2027, casting.BUDGET_2027, provider_cap=casting.PROVIDER_CAP_2027)
        casting.list_for_2027(self.cast, self.clock)
        self.clock.to("2026-12-15")
        self.deals["Y3"].effective()
        self.deals["Y4"].effective()
        scenes.last_signings(self)
        self.clock.to("2026-12-28")
        self.deals["Y4"].perform()
        for code in ("Y1", "Y2", "Y6"):
            self.deals[code].signed()
        self.deals["Y5"].draft()
        self.deals["Y5"].start()
        self.clock.to("2026-12-31", "23:59:59", still=True)
        self.deals["Y1"].report("deposit", "2026-12-31T23:59:59+08:00")
        self.clock.to("2027-01-01", "00:00:00", still=True)
        self.deals["Y2"].report("deposit", "2027-01-01T00:00:00+08:00")
        self.close = self.clock.run("close_year")
        self.clock.run("regrade_enterprises")
        self.clock.to("2027-01-04")
        expect(self.deals["Y5"].now()["state"], "cancelled", "Y5年末未完成签署")
        self.deals["Y1"].match("deposit")
        self.deals["Y2"].match("deposit")
        for code, year in (("Y1", 2026), ("Y2", 2027), ("Y3", 2026), ("Y4", 2026)):
            expect(self.deals[code].now()["quota_year"], year, f"{code}所用额度的年度")
        self.quota("l1", 2027, left="170000.00")
        self.clock.to("2027-01-12")
        expect(self.deals["Y6"].now()["state"], "cancelled", "Y6定金期限已过")

    def new_year(self) -> None:
        """2027: what rolled over is performed, claimed, approved and paid from the new year's budget."""
        self.clock.to("2027-01-15")
        for code in ("Y1", "Y3", "Y2"):
            self.deals[code].perform()
        scenes.expired_provider(self)
        scenes.new_year_batch(self)

    def of(self, codes: list[str]) -> list[Deal]:
        return [self.deals[code] for code in codes]

    def budget(self, year: int = 2026) -> Any:
        """The public figures, as anybody sees them."""
        return self.cast.public.get(f"programmes/{year}/budget/")

    def quota(self, enterprise: str, year: int = 2026, **wanted: str) -> None:
        """The enterprise sees these figures of its quota."""
        party = self.cast.enterprises[enterprise]
        found = party.agent.get(f"enterprises/{party.id}/quota/?year={year}")
        expect({name: found[name] for name in wanted}, wanted, f"{party.name}{year}年度额度")

    def told(self, *topics: str) -> None:
        """An enterprise and a provider read it in their inboxes."""
        self.clock.run("relay_outbox")
        for party in (self.cast.enterprises["n3"], self.cast.providers["p5"]):
            seen = {message["topic"] for message in party.agent.pages("messages/")}
            expect(set(topics) <= seen, True, f"{party.name}收到暂停和恢复签约的通知")

    def _settle(self, codes: list[str], number: str, publicity: tuple[str, str], after: str) -> None:
        for code in codes:
            self.deals[code].file_claim()
            self.deals[code].examine()
        batch = settle(self.cast, self.clock, self.of(codes), number, *publicity)
        self.clock.to(after)
        open_for_payment(self.cast, batch)
        for code in codes:
            self.deals[code].paid()
        expect(self.cast.co.get(f"batches/{batch}/")["state"], "paid_all", f"批次{number}")
