"""A contract from draft to payout, each step by the person whose step it is, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from foundation import clock as business
from tests.journey.cast import Cast, Party
from tests.journey.client import Caller, expect
from tests.journey.stage import Clock

RATINGS = {"quality": 5, "competence": 5, "timeliness": 4, "communication": 5, "value": 4}


def fen(amount: str) -> int:
    """ "12500.00" as 1250000."""
    return int(Decimal(amount) * 100)


@dataclass
class Deal:
    """One contract: what the case is about, its parties, the amounts that must come out, what was found."""

    code: str
    about: str
    cast: Cast
    enterprise: Party
    provider: Party
    kind: str
    amount: str
    voucher: str
    wanted: tuple[int, int, int]  # deposit, voucher, balance in 分, worked out by hand
    bound: str  # the smallest bound before signing, or "chosen" when the enterprise took less
    end: str = "2027-06-30"
    id: str = ""
    number: str = ""
    why: str = ""
    claim: str = ""
    paid_on: str = ""
    demand: str = ""  # the demand it answers
    orders: dict[str, str] = field(default_factory=dict)

    def now(self) -> Any:
        """The contract as its enterprise sees it now; its version is fresh."""
        return self._seen(self.enterprise.agent.get(f"contracts/{self.id}/"))

    def act(self, who: Caller, act: str, **body: Any) -> Any:
        return self._seen(who.act("contracts", self.id, act, **body))

    def draft(self, voucher: str = "") -> None:
        """Drafted by the enterprise and agreed by both; with another voucher than the case's when one is named."""
        row = self.enterprise.agent.post("contracts/", **self._parties(), **self.terms(voucher or self.voucher))
        self.id, self.number = row["id"], row["number"]
        self._agree()

    def revise(self, voucher: str) -> None:
        """The same contract with another voucher; both agree anew."""
        self.now()
        self.act(self.enterprise.agent, "revise", **self.terms(voucher))
        self._agree()

    def explain(self) -> None:
        """Before signing: the smallest of the six bounds is the one this case is about, and V is what it allows."""
        told = self.enterprise.agent.get(f"contracts/{self.id}/voucher/explain/")
        bounds = {bound["code"]: bound["amount"] for bound in told["bounds"]}
        expect(len(bounds), 6, f"{self.code}签署前的限额项数")
        if self.bound == "chosen":
            self.why = f"企业自选，低于上限{told['result']}"
            expect(Decimal(self.voucher) < Decimal(told["result"]), True, f"{self.code}自选金额低于上限")
            return
        least = min(bounds.values(), key=Decimal)
        smallest = [code for code, amount in bounds.items() if amount == least]
        expect(self.bound in smallest, True, f"{self.code}最小限额{smallest}含{self.bound}")
        expect(told["result"], self.voucher, f"{self.code}服务券上限")
        labels = {bound["code"]: bound["label"] for bound in told["bounds"]}
        self.why = labels[self.bound]

    def squeeze(self, wanted: str, code: str, left: str) -> None:
        """Signing for `wanted` is refused with the bound that failed and what is left; the case's own V fits."""
        self.draft(wanted)
        self.refused(code, left)
        self.revise(self.voucher)
        self.start()

    def refused(self, code: str, left: str = "") -> None:
        """Signing is refused, with what is left when that is the reason; the contract stays as it was."""
        path = f"contracts/{self.id}/start-signing/"
        details = self.enterprise.agent.refused(code, path, version=self.cast.api.versions[self.id])
        if left:
            expect(details["left"], left, f"{self.code}被拒绝（{code}）时告知的余额")
        expect(self.now()["state"], "ready", f"{self.code}被拒绝签署后")

    def start(self) -> None:
        """Funded: the voucher is set aside on quota, cap and budget."""
        self.explain()
        row = self.act(self.enterprise.agent, "start-signing")
        amounts = tuple(fen(row[name]) for name in ("deposit", "voucher", "balance"))
        expect(amounts, self.wanted, f"{self.code}定金、服务券、余款（分）")

    def sign(self) -> None:
        self.act(self.enterprise.signatory, "sign")
        row = self.act(self.provider.signatory, "sign")
        expect(row["state"], "signed_wait_deposit", f"{self.code}双方签署后")

    def signed(self) -> None:
        """From nothing to signed by both."""
        self.draft()
        self.start()
        self.sign()

    def report(self, kind: str, paid_at: str = "") -> None:
        """The enterprise has paid the deposit or the balance and says so with its receipt."""
        self.enterprise.agent.act(
            "payments",
            self.orders[kind],
            "report",
            bank_serial=f"SN{self.cast.api.key()}",
            paid_at=paid_at or business.now().isoformat(),
            receipt=self.enterprise.agent.paper("receipt"),
        )

    def pay(self, kind: str) -> None:
        """Paid and matched."""
        self.report(kind)
        self.match(kind)

    def match(self, kind: str) -> None:
        self.provider.agent.act("payments", self.orders[kind], "confirm")
        self.now()

    def effective(self) -> None:
        self.signed()
        self.pay("deposit")

    def deliver(self) -> None:
        """Evidence for the one milestone, and the work is handed over."""
        paper = self.provider.agent.paper("evidence")
        self.act(self.provider.agent, "evidence", milestone=1, files=[paper], note="现场记录")
        agreed = self.now()["indicators"]
        said = [{"seq": one["seq"], "reached": f"达到{one['agreed']}"} for one in agreed]
        row = self.act(self.provider.agent, "deliver", note="已交付", indicators=said)
        expect(
            [one["reached"] for one in row["indicators"]], [one["reached"] for one in said], f"{self.code}的完成情况"
        )

    def accept(self, **amount: str) -> None:
        """Accepted and, unless nothing is left to pay, paid up."""
        row = self.act(self.enterprise.signatory, "accept", **amount)
        if row["state"] == "accepted":
            self.pay("balance")

    def confirm(self) -> None:
        self.act(self.provider.signatory, "sign-confirmation", content="已完成")
        row = self.act(self.enterprise.signatory, "countersign-confirmation", ratings=RATINGS, comment="满意")
        expect(row["state"], "confirmed", f"{self.code}双方签署服务确认书后")

    def perform(self, **amount: str) -> None:
        """From effective to confirmed."""
        self.deliver()
        self.accept(**amount)
        self.confirm()

    def file_claim(self) -> None:
        """The provider's claim is filled in by the platform, complete, and signed."""
        row = self.provider.agent.post("claims/", contract=self.id)
        self.claim = row["id"]
        expect(self.provider.agent.get(f"claims/{self.claim}/preflight/")["ready"], True, f"{self.code}提交前核对")
        self.provider.signatory.act("claims", self.claim, "submit")

    def examine(self, *, reduction: str = "", refusal: str = "") -> None:
        """Checked, reviewed and decided by three people."""
        self.cast.co.act("claims", self.claim, "check", note="材料齐全")
        self.cast.cr.act("claims", self.claim, "review", note="同意")
        if refusal:
            self.cast.dp.act("claims", self.claim, "refuse", code="F20", text=refusal)
        elif reduction:
            self.cast.dp.act(
                "claims", self.claim, "reduce", reduction=reduction, code="F09", reason="不属于支持范围的部分"
            )
        else:
            self.cast.dp.act("claims", self.claim, "pass", note="同意")

    def send_payout(self) -> str:
        """An order made, checked and sent by three people. Returns its id."""
        order = str(self.cast.co.post("payouts/", claim=self.claim)["id"])
        self.cast.cr.act("payouts", order, "check", note="一致")
        self.cast.fn.act("payouts", order, "send", note="已发送")
        return order

    def paid(self) -> None:
        """The provider has the money."""
        order = self.send_payout()
        today = str(business.today())
        row = self.cast.fn.act("payouts", order, "paid", voucher_no=f"GK{self.number[4:]}", paid_on=today)
        expect(row["state"], "paid", f"{self.code}的支付单")
        self.paid_on = today

    def terms(self, voucher: str) -> dict[str, Any]:
        today = str(business.today())
        return {
            "amount": self.amount,
            "voucher": voucher,
            "start_date": today,
            "end_date": self.end,
            "milestones": [{"title": "提交成果", "due_date": today}],
        }

    def terminate(self, fault: str, reason: str) -> None:
        """Asked for by the enterprise, checked and decided by two officers."""
        request = self.act(self.enterprise.signatory, "terminations", fault=fault, reason=reason)
        self.cast.co.act("terminations", request["id"], "check", fault=fault, reason="经核实")
        self.cast.cr.act("terminations", request["id"], "decide", reason=reason)
        self.now()

    def _parties(self) -> dict[str, str]:
        parties = {"enterprise": self.enterprise.id, "product": self.provider.products[self.kind]}
        return {**parties, "demand": self.demand} if self.demand else parties

    def _agree(self) -> None:
        self.act(self.enterprise.agent, "agree")
        row = self.act(self.provider.agent, "agree")
        expect(row["state"], "ready", f"{self.code}双方同意后")

    def _seen(self, row: Any) -> Any:
        """Remembers the payment orders that the contract shows."""
        self.orders |= {order["kind"]: order["id"] for order in row.get("payments", [])}
        return row


def settle(
    cast: Cast,
    clock: Clock,
    deals: Iterable[Deal],
    approval_no: str,
    first: str,
    last: str,
    *,
    approver: Caller | None = None,
    acknowledge: str = "",
) -> str:
    """The examined claims of the deals are in one batch, approved and in its 公示. Returns the batch.

    It takes in today; on `first`, a later day, that is over, and everything else follows. `acknowledge` says why there is one more than the notice foresees.
    """
    title, today = f"{first[:4]}年度服务券兑付通知 {approval_no}", str(business.today())
    intake = {"intake_from": today, "intake_to": today, "acknowledge": acknowledge}
    batch = str(cast.co.post("batches/", title=title, **intake)["id"])
    cast.cr.act("batches", batch, "issue", note="同意发布")
    cast.co.refused(
        "INTAKE_NOT_OVER", f"batches/{batch}/close-intake/", version=cast.co.get(f"batches/{batch}/")["version"]
    )
    clock.to(first)
    expect(cast.co.get(f"batches/{batch}/")["state"], "intake_closed", "受理期满后的批次")
    cast.dp.act("batches", batch, "plan", claims=[deal.claim for deal in deals])
    cast.cr.act("batches", batch, "review-plan", note="同意")
    (approver or cast.ap).act("batches", batch, "approve", approval_no=approval_no)
    cast.dp.act("batches", batch, "publicise", publicity_from=first, publicity_to=last, reference=f"公示{approval_no}")
    return batch


def open_for_payment(cast: Cast, batch: str) -> None:
    """The 公示 is over without objection, the batch is marked, and the treasury has the money."""
    cast.dp.act("batches", batch, "clear")
    mark_and_fund(cast, batch)


def mark_and_fund(cast: Cast, batch: str, amount: str = "") -> None:
    """What was cleared is marked and asked for; the treasury sets all of it aside, or just `amount` 元."""
    row = cast.dp.act("batches", batch, "mark", request_no="桂工信函〔2026〕31号", note="标记确认")
    cast.fn.act("batches", batch, "fund", funding_no="桂财企〔2026〕12号", amount=amount or row["requested"])
