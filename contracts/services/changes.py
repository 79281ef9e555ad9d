"""Supplements: the terms change while the contract runs. The voucher may only go down (6.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from contracts import policies, subsidy
from contracts.models import Contract, Supplement
from contracts.services import common
from contracts.services.drafting import check_end
from contracts.states import Document, Side, State, SupplementState
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.ledger import services as ledger
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.money import ZERO, percent, yuan
from foundation.names import sentence
from foundation.states import move


def propose(
    *, by: User, contract_id: UUID, version: int, amount: Decimal, voucher: Decimal, end_date: date, reason: str
) -> Supplement:
    """The proposer's signatory has signed new terms; the contract waits for the other side.

    Raises VOUCHER_MAY_NOT_RISE, VOUCHER_OVER_BOUND, TERMS_INVALID.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.signatory_side(by, contract)
        if side is None:
            raise not_allowed("提出补充协议", *policies.SIGNATORIES)
        if contract.accepted_at is not None and (amount, voucher) != (contract.amount, contract.voucher):
            raise Refused(
                "ALREADY_ACCEPTED",
                f"合同已于{clock.local_date(contract.accepted_at)}验收，金额和服务券不能再变更，只能变更结束日期。",
            )
        _check_new_terms(contract, amount, voucher, end_date)
        move(contract, "propose_change", "提出补充协议")(contract.state)
        supplement = Supplement(
            contract=contract,
            side=side,
            proposed_by=by,
            amount=amount,
            voucher=voucher,
            end_date=end_date,
            reason=reason,
        )
        evidence.record(supplement, act="propose", by=by, reason=reason, facts=_facts(supplement))
        _sign(contract, supplement, side, by)
        evidence.record(contract, act="propose_change", by=by, reason=reason, facts=_facts(supplement))
        common.tell_parties(contract, "contract.supplement", "补充协议待签署", f"{side.label}提出：{reason}")
    return supplement


def assent(*, by: User, supplement_id: UUID, version: int) -> Supplement:
    """The other side's signatory signs: the new terms are in force, money no longer needed is free."""
    with unit_of_work():
        contract, supplement = _lock(supplement_id, version)
        side = policies.signatory_side(by, contract)
        if side is None or side == supplement.side:
            raise not_allowed(
                "签署补充协议（提出方不得签署）", policies.SIGNATORY[policies.OTHER[Side(supplement.side)]]
            )
        move(supplement, "put_in_force", "签署补充协议")()
        _check_new_terms(contract, supplement.amount, supplement.voucher, supplement.end_date)
        _sign(contract, supplement, side, by)
        evidence.record(supplement, act="assent", by=by)
        lower = supplement.voucher < contract.voucher
        contract.amount, contract.voucher, contract.end_date = (
            supplement.amount,
            supplement.voucher,
            supplement.end_date,
        )
        contract.balance = contract.amount - contract.deposit - contract.voucher
        if lower and contract.hold is not None:
            ledger.reduce(hold=contract.hold, amount=contract.voucher, by=by, reason=f"{contract.number}补充协议")
        _come_back(contract, by, "supplement_in_force", "补充协议已生效。", facts=_facts(supplement))
    return supplement


def refuse(*, by: User, supplement_id: UUID, version: int, reason: str) -> Supplement:
    """The other side will not: the contract goes on as it was."""
    with unit_of_work():
        contract, supplement = _lock(supplement_id, version)
        side = policies.signatory_side(by, contract)
        if side is None or side == supplement.side:
            raise not_allowed(
                "不同意补充协议（提出方可以撤回）", policies.SIGNATORY[policies.OTHER[Side(supplement.side)]]
            )
        move(supplement, "refuse", "不同意补充协议")()
        evidence.record(supplement, act="refuse", by=by, reason=reason)
        _come_back(contract, by, "supplement_refused", f"{side.label}不同意：{sentence(reason)}", reason=reason)
    return supplement


def withdraw(*, by: User, supplement_id: UUID, version: int, reason: str) -> Supplement:
    """The proposer takes it back: the contract goes on as it was."""
    with unit_of_work():
        contract, supplement = _lock(supplement_id, version)
        if policies.signatory_side(by, contract) != supplement.side:
            raise not_allowed("撤回补充协议", policies.SIGNATORY[Side(supplement.side)])
        move(supplement, "withdraw", "撤回补充协议")()
        evidence.record(supplement, act="withdraw", by=by, reason=reason)
        _come_back(contract, by, "supplement_withdrawn", f"提出方撤回：{sentence(reason)}", reason=reason)
    return supplement


def lapse(contract: Contract, *, by: Actor, reason: str) -> None:
    """Something else happens to the locked contract: a supplement nobody has answered no longer stands in its way."""
    if contract.state != State.CHANGE_PENDING:
        return
    supplement = Supplement.objects.select_for_update().get(contract=contract, state=SupplementState.PROPOSED)
    move(supplement, "lapse", "补充协议失效")()
    evidence.record(supplement, act="lapse", by=by, reason=reason)
    move(contract, "end_change", "结束变更")()
    evidence.record(contract, act="supplement_lapsed", by=by, reason=reason)


def _lock(supplement_id: UUID, version: int) -> tuple[Contract, Supplement]:
    contract_id = Supplement.objects.filter(pk=supplement_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("补充协议")
    contract = common.lock_contract(contract_id)
    supplement = lock(Supplement.objects.all(), supplement_id, version=version)
    if supplement.state == SupplementState.PROPOSED and contract.state != State.CHANGE_PENDING:
        raise Refused(
            "WRONG_STATE", f"合同当前状态为“{contract.get_state_display()}”，不能办理补充协议。", state=contract.state
        )
    return contract, supplement


def _check_new_terms(contract: Contract, amount: Decimal, voucher: Decimal, end_date: date) -> None:
    if voucher > contract.voucher:
        raise Refused(
            "VOUCHER_MAY_NOT_RISE",
            f"补充协议的服务券金额不得高于原{yuan(contract.voucher)}。",
            limit=f"{contract.voucher:.2f}",
            wanted=f"{voucher:.2f}",
        )
    if voucher <= 0 or end_date < contract.start_date:
        raise Invalid("TERMS_INVALID", "服务券金额须大于零，结束日期不得早于开始日期。")
    check_end(contract.notice.parsed, contract.quota_year or contract.start_date.year, end_date)
    late = contract.milestones.filter(due_date__gt=end_date).values_list("title", flat=True)
    if end_date < contract.end_date and late:
        raise Invalid(
            "TERMS_INVALID",
            f"新结束日期{end_date}早于以下关键环节的计划日期：{'、'.join(late)}，请改为其后。",
            end_date=str(end_date),
        )
    if amount < contract.tax:
        raise Invalid(
            "TERMS_INVALID",
            f"新合同金额{yuan(amount)}低于合同所列税额{yuan(contract.tax)}，请核对。",
            tax=f"{contract.tax:.2f}",
        )
    if contract.deposit > amount * contract.deposit_rate:
        raise Refused(
            "DEPOSIT_OVER_RATE",
            f"定金{yuan(contract.deposit)}按原合同金额支付，超过新合同金额{yuan(amount)}的"
            f"{percent(contract.deposit_rate)}（民法典第五百八十六条），合同金额不能以补充协议调减；"
            "实际金额减少的，请在验收时按实际金额确认。",
            deposit=f"{contract.deposit:.2f}",
            smallest_amount=f"{contract.deposit / contract.deposit_rate:.2f}",
        )
    bounds = [
        bound
        for bound in subsidy.rule_bounds(
            amount, rate=contract.rate, cap=contract.cap, deposit_rate=contract.deposit_rate
        )
        if bound.code != "after_deposit"
    ]
    limit = min(subsidy.ceiling(bounds), amount - contract.deposit)
    if voucher > limit:
        raise Refused(
            "VOUCHER_OVER_BOUND",
            f"按新合同金额{yuan(amount)}和定金{yuan(contract.deposit)}，服务券不得超过{yuan(max(limit, ZERO))}，请调减。",
            limit=f"{limit:.2f}",
            wanted=f"{voucher:.2f}",
        )


def _sign(contract: Contract, supplement: Supplement, side: Side, by: User) -> None:
    digest = chain.sm3(
        chain.canonical({"contract": contract.number, **_facts(supplement), "reason": supplement.reason})
    )
    common.record_assent(
        contract, document=Document.SUPPLEMENT, document_id=supplement.pk, side=side, by=by, digest=digest
    )


def _come_back(
    contract: Contract, by: User, act: str, said: str, *, reason: str = "", facts: dict[str, str] | None = None
) -> None:
    """The contract is where it was; both sides read what became of the supplement and why."""
    move(contract, "end_change", "结束变更")()
    evidence.record(contract, act=act, by=by, reason=reason, facts=facts)
    state = contract.get_state_display()
    common.tell_parties(contract, f"contract.{act}", "补充协议已办结", f"{said}合同恢复为“{state}”。")


def _facts(supplement: Supplement) -> dict[str, str]:
    return {
        "amount": f"{supplement.amount:.2f}",
        "voucher": f"{supplement.voucher:.2f}",
        "end_date": supplement.end_date.isoformat(),
    }
