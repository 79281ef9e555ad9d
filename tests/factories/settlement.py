"""Claims, batches and payout orders for tests, driven through the services to the state a test needs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import time_machine

from accounts.models import User
from accounts.states import Role
from foundation import clock
from settlement.models import Appeal, Batch, Claim, PayoutOrder
from settlement.services import (
    appeals,
    approving,
    batches,
    filing,
    funding,
    payouts,
    refusing,
    reviewing,
    showing,
)
from tests.factories.accounts import make_user
from tests.factories.calendar import know
from tests.factories.contracts import Deal, make_contract
from tests.factories.programmes import open_year

_numbers = itertools.count(1)


@dataclass
class Desk:
    """One officer of each role, and a second of the department, all different people."""

    co: User = field(default_factory=lambda: make_user(Role.CENTRE_CHECKER))
    cr: User = field(default_factory=lambda: make_user(Role.CENTRE_REVIEWER))
    dp: User = field(default_factory=lambda: make_user(Role.DEPARTMENT))
    dp2: User = field(default_factory=lambda: make_user(Role.DEPARTMENT))
    ap: User = field(default_factory=lambda: make_user(Role.APPROVER))
    fn: User = field(default_factory=lambda: make_user(Role.FINANCE))


@dataclass
class Case:
    """A claim with its deal and the desk that handles it. `at` is the row as last read."""

    deal: Deal
    desk: Desk
    pk: UUID

    @property
    def at(self) -> Claim:
        rows = Claim.objects.select_related("contract", "provider__organisation", "notice", "batch")
        return rows.get(pk=self.pk)

    @property
    def batch(self) -> Batch:
        """The batch it is in."""
        return Batch.objects.get(claims=self.pk)

    def do(self, service: Any, by: User, **fields: Any) -> Claim:
        result: Claim = service(by=by, claim_id=self.pk, version=self.at.version, **fields)
        return result

    def submitted(self) -> None:
        self.do(filing.submit, self.deal.parties.pl)

    def checked(self) -> None:
        self.do(reviewing.check, self.desk.co)

    def reviewed(self) -> None:
        self.do(reviewing.review, self.desk.cr)

    def passed(self) -> None:
        self.do(reviewing.pass_whole, self.desk.dp)

    def reduced(self, reduction: str = "500.00") -> None:
        fields = {"reduction": Decimal(reduction), "code": "F09", "reason": "不属于支持范围的部分"}
        self.do(reviewing.reduce, self.desk.dp, **fields)

    def returned(self, by: User | None = None) -> None:
        self.do(reviewing.send_back, by or self.desk.co, items=[{"code": "F16", "text": "请补充现场照片"}])

    def refused(self) -> None:
        self.do(refusing.refuse, self.desk.dp, code="F20", text="查实转包")

    def appealed(self, **fields: Any) -> Appeal:
        return appeals.file(
            by=self.deal.parties.pl, claim_id=self.pk, version=self.at.version, **{"grounds": "没有转包", **fields}
        )

    def upheld(self, by: User | None = None) -> None:
        """The appeal is answered in the provider's favour by one who had no hand in the case."""
        self._answer(appeals.uphold, by)

    def dismissed(self, by: User | None = None) -> None:
        self._answer(appeals.dismiss, by)

    def _answer(self, service: Any, by: User | None) -> None:
        appeal = Appeal.objects.get(claim=self.pk)
        service(by=by or self.desk.ap, appeal_id=appeal.pk, version=appeal.version, decision="经核查，见附件")

    def ordered(self) -> Pay:
        return Pay(self, payouts.create(by=self.desk.co, claim_id=self.pk).pk)


@dataclass
class Round:
    """A batch with its cases."""

    desk: Desk
    pk: UUID
    cases: list[Case]

    @property
    def at(self) -> Batch:
        return Batch.objects.select_related("notice", "publicity").get(pk=self.pk)

    def do(self, service: Any, by: User, **fields: Any) -> Batch:
        result: Batch = service(by=by, batch_id=self.pk, version=self.at.version, **fields)
        return result

    @property
    def publicity_over(self) -> datetime:
        """The first instant after the last day of the 公示."""
        publicity = self.at.publicity
        assert publicity is not None
        return clock.end_of(publicity.last)

    def issued(self) -> None:
        self.do(batches.issue, self.desk.cr)

    def taken_in(self) -> None:
        """On the day after the intake's last one."""
        with time_machine.travel(max(clock.end_of(self.at.intake_to), clock.now()), tick=False):
            self.do(batches.close_intake, self.desk.co)

    def planned(self) -> None:
        self.do(batches.plan, self.desk.dp, claim_ids=[case.pk for case in self.cases])

    def reviewed(self) -> None:
        self.do(batches.review_plan, self.desk.dp2)

    def approved(self, **fields: Any) -> None:
        self.do(approving.approve, self.desk.ap, **{"approval_no": "桂工信签〔2026〕18号", **fields})

    def publicised(self) -> None:
        know(clock.today().year, clock.today().year + 1)
        self.do(showing.publicise, self.desk.dp, first=clock.today(), reference="桂工信公示〔2026〕9号")

    def cleared(self) -> None:
        """On the day after the 公示."""
        with time_machine.travel(max(self.publicity_over, clock.now()), tick=False):
            self.do(showing.clear, self.desk.dp)

    def marked(self) -> None:
        self.do(funding.mark, self.desk.dp, request_no="桂工信函〔2026〕31号")

    def paying(self, amount: Decimal | None = None) -> None:
        """Funded: with all that was asked for, or `amount`."""
        more = amount if amount is not None else self.at.requested - self.at.funded
        self.do(funding.fund, self.desk.fn, funding_no="桂财企〔2026〕12号", amount=more)


@dataclass
class Pay:
    """A payout order of a case."""

    case: Case
    pk: UUID

    @property
    def at(self) -> PayoutOrder:
        return PayoutOrder.objects.get(pk=self.pk)

    def do(self, service: Any, by: User, **fields: Any) -> PayoutOrder:
        result: PayoutOrder = service(by=by, order_id=self.pk, version=self.at.version, **fields)
        return result

    def checked(self) -> None:
        self.do(payouts.check, self.case.desk.cr)

    def sent(self) -> None:
        self.do(payouts.send, self.case.desk.fn)

    def paid(self, voucher_no: str | None = None) -> None:
        number = voucher_no or f"GK{next(_numbers):08d}"
        self.do(payouts.paid, self.case.desk.fn, voucher_no=number, paid_on=clock.today())

    def returned(self, code: str = "name") -> None:
        self.do(payouts.returned, self.case.desk.fn, code=code, text="收款人户名不符")


CLAIM_STEPS = ["submitted", "checked", "reviewed", "passed"]
BATCH_STEPS = [
    "issued",
    "taken_in",
    "planned",
    "reviewed",
    "approved",
    "publicised",
    "cleared",
    "marked",
    "paying",
]
PAY_STEPS = ["checked", "sent", "paid"]


def make_claim(until: str = "draft", *, deal: Deal | None = None, desk: Desk | None = None, **fields: Any) -> Case:
    """A claim driven to `until` (draft or one of CLAIM_STEPS); `fields` go to make_contract."""
    deal = deal or make_contract("confirmed", **fields)
    claim = filing.create(by=deal.parties.po, contract_id=deal.pk)
    case = Case(deal, desk or Desk(), claim.pk)
    if until != "draft":
        for step in CLAIM_STEPS[: CLAIM_STEPS.index(until) + 1]:
            getattr(case, step)()
    return case


def make_batch(until: str = "open", *, cases: Sequence[Case] | None = None, desk: Desk | None = None) -> Round:
    """A batch driven to `until` (open or one of BATCH_STEPS) with `cases`, or one passed claim."""
    own = list(cases) if cases is not None else [make_claim("passed", desk=desk)]
    desk = desk or (own[0].desk if own else Desk())
    open_year(clock.today().year)
    batch = batches.open_batch(
        by=desk.co,
        title="2026年度第一批服务券兑付通知",
        intake_from=clock.today(),
        intake_to=clock.today(),
        acknowledge="测试批次",
    )
    made = Round(desk, batch.pk, own)
    if until != "open":
        for step in BATCH_STEPS[: BATCH_STEPS.index(until) + 1]:
            getattr(made, step)()
    return made


def make_payout(until: str = "created", *, case: Case | None = None) -> Pay:
    """An order driven to `until` (created or one of PAY_STEPS), of a claim whose batch is being paid."""
    case = case or make_batch("paying").cases[0]
    pay = case.ordered()
    if until != "created":
        for step in PAY_STEPS[: PAY_STEPS.index(until) + 1]:
            getattr(pay, step)()
    return pay
