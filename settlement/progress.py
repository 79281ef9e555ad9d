"""How far a claim is: days in each step, place in the queue, expected batch, what is missing (第二十条、第二十一条)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from contracts.states import State as ContractState
from credit import selectors as credit
from engines.evidence.selectors import of_subject
from foundation import clock
from programmes import selectors as programmes
from providers import selectors as providers
from providers.models import SettlementAccount
from settlement import checklist, gathering, outlook, selectors
from settlement.models import Batch, Claim
from settlement.states import CLAIM_EXAMINED, BatchState, ClaimState, PayoutState

C = ClaimState
WAITING_FOR = {
    C.DRAFT: "服务商签署提交",
    C.RETURNED: "服务商补正",
    C.SUBMITTED: "促进中心形式审核",
    C.FORMAL_CHECK: "促进中心复核",
    C.FORMAL_REVIEW: "厅职能处室实质审核",
    C.APPEAL: "厅职能处室或厅审定答复申诉",
    C.PASSED: "列入兑付批次",
    C.REDUCED: "列入兑付批次",
    C.CAP_HELD: "列入下一服务年度批次",
    C.IN_BATCH: "厅审定",
    C.APPROVED: "公示",
    C.PUBLICITY: "公示期满",
    C.OBJECTION_HOLD: "异议核查结论",
    C.CLEARED: "厅职能处室标记确认",
    C.MARKED: "财政厅落实资金",
    C.PAYABLE: "促进中心经办制作支付单",
    C.CARRIED_OVER: "促进中心经办制作支付单（上年度结转，优先）",
    C.PAYING: "支付单复核、发送和国库支付",
    C.BOUNCED: "服务商更正并确认收款账户",
}
PAYING = {
    PayoutState.CREATED: "促进中心复核支付单",
    PayoutState.CHECKED: "财政厅发送国库",
    PayoutState.SENT: "国库支付、财政厅登记结果",
}
FOR_BATCH = (*sorted(CLAIM_EXAMINED), C.CAP_HELD)
FOR_PAYMENT = (C.CLEARED, C.MARKED, C.PAYABLE, C.CARRIED_OVER)
BEFORE_PLAN = (C.DRAFT, C.RETURNED, C.SUBMITTED, C.FORMAL_CHECK, C.FORMAL_REVIEW, C.APPEAL, *FOR_BATCH)
WITH_ROOM = (BatchState.NOTICE, BatchState.OPEN, BatchState.INTAKE_CLOSED, BatchState.PLAN_DRAFT)
LONGEST = 500  # lines of one queue that are shown


@dataclass(frozen=True)
class Step:
    """One stay in a state; `until` is empty for the one it is in. `days` are calendar days."""

    state: str
    state_label: str
    since: datetime
    until: datetime | None
    days: int


@dataclass(frozen=True)
class Missing:
    """One thing that is missing now, and what to do about it."""

    code: str
    what: str
    todo: str


@dataclass(frozen=True)
class Clock:
    """What a provider wants to know of its money. Amounts in 元."""

    number: str
    state: str
    state_label: str
    waiting_for: str
    step_due: date | None
    overdue: bool
    steps: list[Step]
    days_in_all: int
    queue: str
    place: int | None
    expected_batch: str
    outlook: str
    missing: list[Missing]
    requested: Decimal
    approved: Decimal | None
    paid: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def clock_of(claim: Claim) -> Clock:
    """The claim's clock as it stands now."""
    today = clock.today()
    queue, place = _place(claim)
    first = claim.submitted_at
    end = claim.paid_on or today
    batch = _expected(claim, today)
    return Clock(
        number=claim.number,
        state=claim.state,
        state_label=claim.get_state_display(),
        waiting_for=_turn(claim),
        step_due=claim.step_due,
        overdue=claim.step_due is not None and claim.step_due < today,
        steps=_steps(claim),
        days_in_all=(end - clock.local_date(first)).days if first else 0,
        queue=queue,
        place=place,
        expected_batch=batch,
        outlook=outlook.sentence(outlook.Standing(claim, batch, place, today)),
        missing=_missing(claim, today),
        requested=claim.requested,
        approved=claim.approved,
        paid=claim.paid,
    )


def _turn(claim: Claim) -> str:
    """Whose turn it is; while an order is under way, by the order."""
    order = claim.payouts.order_by("-pk").first() if claim.state == C.PAYING else None
    return PAYING.get(PayoutState(order.state), "") if order is not None else waiting_for(claim)


def waiting_for(claim: Claim) -> str:
    """Whose turn it is. After a refusal: what is really open to the provider, and nothing once it is final."""
    if claim.state != C.REFUSED:
        return WAITING_FOR.get(C(claim.state), "")
    if claim.final_at is not None:
        return ""
    if claim.appeal_until is not None:
        return f"服务商申诉（截至{claim.appeal_until}，期满即生效）"
    return f"服务商重新申报（截至{claim.refile_until}，期满即生效）"


def queue_for(seen: models.QuerySet[Claim], most: int = LONGEST) -> dict[str, Any]:
    """The first `most` of both queues, of which the caller sees `seen`; the place is that among all."""
    return {"for_batch": _queued(_batch_queue(), seen, most), "for_payment": _queued(_payment_queue(), seen, most)}


def _batch_queue() -> models.QuerySet[Claim]:
    """Examined claims, what an earlier year's cap has held first, then by submission."""
    held_first = models.F("cap_held_year").asc(nulls_last=True)
    return Claim.objects.filter(state__in=FOR_BATCH).order_by(held_first, "submitted_at", "pk")


def _payment_queue() -> models.QuerySet[Claim]:
    """Cleared and not yet paid: by clearing, so that what an earlier year owes comes first (8-23)."""
    return Claim.objects.filter(state__in=FOR_PAYMENT).order_by(*selectors.QUEUE)


_LINE = (
    "number",
    "state",
    "approved",
    "submitted_at",
    "cleared_at",
    "carried_into",
    "provider__organisation__name",
)


def _queued(queue: models.QuerySet[Claim], seen: models.QuerySet[Claim], most: int) -> list[dict[str, Any]]:
    places: dict[UUID, int] = {pk: place for place, pk in enumerate(queue.values_list("pk", flat=True), 1)}
    own = seen.filter(state__in=FOR_BATCH + FOR_PAYMENT).order_by().values_list("pk", flat=True)
    first = sorted((pk for pk in own if pk in places), key=places.__getitem__)[:most]
    found = Claim.objects.filter(pk__in=first).select_related("provider__organisation").only(*_LINE)
    rows = sorted(found, key=lambda claim: places[claim.pk])
    return [
        {
            "place": places[claim.pk],
            "id": claim.pk,
            "number": claim.number,
            "provider_name": claim.provider.organisation.name,
            "state": claim.state,
            "state_label": claim.get_state_display(),
            "approved": claim.approved,
            "submitted_at": claim.submitted_at,
            "cleared_at": claim.cleared_at,
            "carried_into": claim.carried_into,
        }
        for claim in rows
    ]


def _place(claim: Claim) -> tuple[str, int | None]:
    queues = (("待列入批次", FOR_BATCH, _batch_queue), ("待支付", FOR_PAYMENT, _payment_queue))
    for name, states, queue in queues:
        if claim.state in states:
            ids = list(queue().values_list("pk", flat=True))
            return name, ids.index(claim.pk) + 1 if claim.pk in ids else None
    return "", None


def _steps(claim: Claim) -> list[Step]:
    """The states of its chain, one after the other."""
    stays: list[tuple[str, datetime]] = []
    for state, at in of_subject(claim).values_list("facts__state", "at"):
        if not stays or stays[-1][0] != state:
            stays.append((state, at))
    if not stays:  # no chain: a claim that did not come about by an act
        return []
    ends: list[datetime | None] = [at for _, at in stays[1:]]
    now, steps = clock.now(), []
    for (state, since), until in zip(stays, [*ends, None], strict=True):
        days = (clock.local_date(until or now) - clock.local_date(since)).days
        if until is None and state == C.PAID:
            days = 0
        steps.append(Step(state, str(C(state).label), since, until, days))
    return steps


def _expected(claim: Claim, today: date) -> str:
    """The batch it is in, or the one it is likely to be in."""
    if claim.batch is not None:
        return f"{claim.batch.number}（{claim.batch.get_state_display()}）"
    if claim.state not in BEFORE_PLAN:
        return ""
    if claim.state == C.CAP_HELD and claim.cap_held_year == today.year:
        return f"{today.year + 1}年度第1批（本服务年度上限已满）"
    came = clock.local_date(claim.first_submitted_at) if claim.first_submitted_at else today
    rows = Batch.objects.filter(state__in=WITH_ROOM, intake_to__gte=came)
    batch = rows.order_by("year", "seq").first()
    if batch is not None:
        return f"{batch.number} {batch.title}（受理{batch.intake_from}至{batch.intake_to}）"
    done, most = selectors.rounds_of(today.year), programmes.latest_notice(today).parsed.batch_rounds
    year, seq = (today.year, done + 1) if done < most else (today.year + 1, 1)
    return f"{year}年度第{seq}批（通知未发布{_last_year(year, seq)}）"


def _last_year(year: int, seq: int) -> str:
    """When the same round of the year before was taken in."""
    rows = Batch.objects.filter(year=year - 1).exclude(state=BatchState.CANCELLED).order_by("seq")
    before = rows[seq - 1 : seq].first()
    return f"，上年度同批受理{before.intake_from}至{before.intake_to}" if before else ""


def _missing(claim: Claim, today: date) -> list[Missing]:
    """Everything that stands in the way now, in one list."""
    if claim.state == C.PAID or claim.final_at is not None:
        return []
    found = [Missing(item["code"], item["text"], "请补正后重新提交") for item in claim.return_items]
    if claim.state in (C.DRAFT, C.RETURNED):
        items = checklist.missing(gathering.checklist_of(claim.contract, claim))
        return [*found, *(Missing(item.code, f"{item.label}（{item.found}）", item.todo) for item in items)]
    return [*found, *_blocks(claim, today), *_own_steps(claim, today)]


def _blocks(claim: Claim, today: date) -> list[Missing]:
    """What others or the rules keep it from."""
    found = []
    if credit.restriction(claim.provider.uscc, today) is not None:
        todo = "生效期间不予通过和支付；已整改的，请由授权签署人申请信用修复（办法第二十七条）"
        found.append(Missing("not_restricted", "信用档案中有生效的限制", todo))
    if claim.contract.state != ContractState.CONFIRMED:
        label = claim.contract.get_state_display()
        found.append(Missing("contract_confirmed", f"合同状态：{label}", "合同恢复为“已确认”后继续办理"))
    if claim.state == C.CAP_HELD:
        what = f"{claim.cap_held_year}服务年度结算上限已满"
        found.append(Missing("cap", what, "转入下一服务年度优先列入方案，无需办理"))
    if claim.state == C.OBJECTION_HOLD:
        found.append(Missing("objection", "公示期内收到异议，正在核查", "等待核查结论，届时另行告知"))
    return found


def _own_steps(claim: Claim, today: date) -> list[Missing]:
    """What the provider itself can do."""
    found = []
    if claim.state == C.REFUSED and claim.appeal_until:
        found.append(Missing("appeal", claim.refusal_text, f"如有异议，请在{claim.appeal_until}前由签署人提出申诉"))
    if claim.state == C.REFUSED and claim.refile_until:
        found.append(Missing("refile", claim.refusal_text, f"请在{claim.refile_until}前重新申报"))
    if claim.state == C.BOUNCED:
        wrong = gathering.refused_account(claim, today)
        if wrong is not None:
            what = f"支付被退回：{wrong.get_return_code_display()}"
            found.append(Missing("account", what, "请由签署人申请变更收款账户，复核生效后再确认"))
        else:
            found.append(Missing("account", "支付被退回", "请由签署人确认现用收款账户"))
    elif claim.state in FOR_PAYMENT and not account_stands(claim, today):
        found.append(Missing("account", "现用收款账户与审定时不同", "请由签署人确认现用收款账户"))
    return found


def account_in_use(claim: Claim, today: date) -> SettlementAccount | None:
    """The account of the claim's provider that is in effect on `today`."""
    return providers.settlement_account(claim.provider_id, today)


def account_stands(claim: Claim, today: date) -> bool:
    """Whether the claim would be paid to the account in effect on `today`."""
    account = account_in_use(claim, today)
    return account is not None and str(account.pk) == claim.payee["id"]
