"""Paying: an order per claim, made, checked and sent by three people, and what the treasury answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract
from contracts.services import closing
from contracts.services import common as contract_locks
from credit import services as credit
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.models import next_number
from foundation.money import ZERO, yuan
from foundation.names import same_name, sentence
from foundation.states import move
from providers import selectors as providers
from settlement import gathering, policies
from settlement.models import Batch, Claim, PayoutOrder
from settlement.services import carrying, clocks, common, following, funding, settling
from settlement.states import ACCOUNT_FAULTS, CLAIM_ORDERABLE, BatchState, ClaimState, PayoutState, ReturnCode
from settlement.words import in_words

FIXABLE = CLAIM_ORDERABLE | {ClaimState.BOUNCED, ClaimState.MARKED}
ORDERS = PayoutOrder.objects.select_related("claim__contract", "claim__provider__organisation", "claim__batch")


def create(*, by: User, claim_id: UUID, version: int | None = None) -> PayoutOrder:
    """An order for the approved amount to the approved payee waits to be checked.

    `version` is the claim's as the caller saw it; a page always names it.
    Raises NOT_FOUND, VERSION_CONFLICT, WRONG_STATE while another order is under way, CONTRACT_NOT_CONFIRMED,
    BATCH_CONTENT_CHANGED when anything differs from what was approved, CARRY_FIRST while an earlier year's claim
    waits that could be paid, and PAYEE_ACCOUNT_CHANGED when the provider's account has changed since: its
    signatory confirms the new one first.
    """
    if not policies.may_make_payout(by):
        raise not_allowed("制作支付单", Role.CENTRE_CHECKER)
    with unit_of_work():
        batch, _, claim = _lock(claim_id, version=version)
        credit.refuse_restricted(claim.provider.uscc, "制作支付单")
        move(claim, "start_payment", "制作支付单")()
        carrying.require_carried_first(claim)
        funding.require_unchanged(batch)
        _require_current_account(claim)
        order = _order(claim, by)
        if batch.state == BatchState.PAID_PART:
            move(batch, "go_on", "继续支付")()
            evidence.record(batch, act="go_on", by=by, reason=order.number)
        evidence.record(claim, act="start_payment", by=by, facts={"order": order.number})
        evidence.record(order, act="create", by=by, facts=_facts(order))
    return order


def check(*, by: User, order_id: UUID, version: int, note: str = "") -> PayoutOrder:
    """Another person has compared the order with the approval."""
    with unit_of_work():
        batch, _, claim, order = _lock_order(order_id, version)
        if not policies.may_check_payout(by, order):
            raise not_allowed("复核支付单（制单人不得复核）", Role.CENTRE_REVIEWER)
        move(order, "check_order", "复核支付单")(by, clock.now())
        _require_as_approved(batch, claim, order)
        evidence.record(order, act="check", by=by, reason=note, facts=_facts(order))
    return order


def send(*, by: User, order_id: UUID, version: int, note: str = "") -> PayoutOrder:
    """财政厅, a third person, has sent the order to the treasury. The contract must still be undisputed."""
    with unit_of_work():
        batch, _, claim, order = _lock_order(order_id, version)
        if not policies.may_send_payout(by, order):
            raise not_allowed("发送支付单（制单、复核人不得发送）", Role.FINANCE)
        credit.refuse_restricted(claim.provider.uscc, "发送支付单")
        move(order, "send", "发送支付单")(by, clock.now())
        _require_as_approved(batch, claim, order)
        evidence.record(order, act="send", by=by, reason=note, facts=_facts(order))
    return order


def paid(*, by: User, order_id: UUID, version: int, voucher_no: str, paid_on: date) -> PayoutOrder:
    """The provider has the money: claim paid, the budget has paid, contract settled.

    A fact is recorded whatever became of the contract since the order was sent: one that is disputed or frozen
    stays so, and is settled when it is resumed (`settling.settle_resumed`). Raises PAID_ON_INVALID, or
    VOUCHER_NO_USED: one payment voucher pays one order.
    """
    with unit_of_work():
        batch, contract, claim, order = _lock_order(order_id, version, settleable=False)
        if not policies.may_report_payout(by):
            raise not_allowed("登记支付结果", Role.FINANCE)
        move(order, "settle", "登记支付成功")(by, clock.now(), voucher_no, paid_on)
        _check_paid_on(order, paid_on)
        _record_paid(order, by)
        move(claim, "settle", "登记支付成功")(order.amount, paid_on, closing.budget_year(contract))
        facts = {"paid": f"{order.amount:.2f}", "order": order.number, "voucher_no": voucher_no}
        evidence.record(claim, act="settle", by=by, facts=facts)
        settling.settle(contract, amount=order.amount, by=by, reason=f"{order.number} {voucher_no}")
        funding.follow(batch, by=by)
    return order


def returned(*, by: User, order_id: UUID, version: int, code: str, text: str) -> PayoutOrder:
    """The treasury could not pay: the claim is bounced, and the provider is told what to put right."""
    with unit_of_work():
        batch, contract, claim, order = _lock_order(order_id, version, settleable=False)
        if not policies.may_report_payout(by):
            raise not_allowed("登记支付结果", Role.FINANCE)
        common.require_state(order, [PayoutState.SENT], "登记支付退回")
        move(order, "come_back", "登记支付退回")(by, clock.now(), code, text)
        evidence.record(order, act="returned", by=by, reason=text, facts={"code": code})
        move(claim, "bounce", "登记支付退回")()
        clocks.start(claim)
        following.follow(contract, claim, by)
        evidence.record(claim, act="bounce", by=by, reason=text, facts={"order": order.number, "code": code})
        funding.follow(batch, by=by)
        advice = "请更正收款账户，待复核生效后由签署人确认" if code in ACCOUNT_FAULTS else "请由签署人确认收款账户"
        fix = claim.notice.parsed.limit("payment_fix")
        common.tell_provider(
            claim,
            "claim.bounced",
            "支付被退回",
            f"{yuan(order.amount)}未能到账：{ReturnCode(code).label}，{sentence(text)}{advice}（{fix}内）。",
        )
    return order


def reject(*, by: User, order_id: UUID, version: int, reason: str) -> PayoutOrder:
    """Whoever's turn it is gives an unsent order back: it ends, and a right one may be made."""
    with unit_of_work():
        _, _, claim, order = _lock_order(order_id, version, settleable=False)
        if not policies.may_reject_payout(by, order):
            raise not_allowed("退回支付单（制单人不得退回）", policies.who_rejects_payout(order))
        common.require_state(order, [PayoutState.CREATED, PayoutState.CHECKED], "退回重制支付单")
        move(order, "come_back", "退回重制支付单")(by, clock.now(), ReturnCode.NOT_SENT, reason)
        evidence.record(order, act="reject", by=by, reason=reason)
        move(claim, "stop_payment", "退回重制支付单")()
        evidence.record(claim, act="stop_payment", by=by, reason=reason, facts={"order": order.number})
    return order


def fix_account(*, by: User, claim_id: UUID, version: int) -> Claim:
    """The signatory confirms that the account now in effect is to be paid; an order may be made again.

    The account itself is changed in the provider's own records, by two people and with its waiting time
    (8-48). Raises NO_SETTLEMENT_ACCOUNT, PAYEE_NAME_DIFFERS, or ACCOUNT_NOT_FIXED when the bank said the
    account is wrong and it is still the same one.
    """
    with unit_of_work():
        contract, claim = common.lock_case(claim_id, version)
        if not policies.may_sign(by, claim):
            raise not_allowed("确认收款账户", Role.PROVIDER_SIGNATORY)
        common.require_state(claim, sorted(FIXABLE), "确认收款账户")
        account = gathering.account_text(providers.settlement_account(claim.provider_id, clock.today()))
        if account is None:
            raise Refused("NO_SETTLEMENT_ACCOUNT", "没有已生效的收款账户，请先在服务商资料中登记。")
        _require_own_name(claim, account["name"])
        if claim.state == ClaimState.BOUNCED:
            _require_another(claim)
            move(claim, "try_again", "确认收款账户")()
            clocks.start(claim)
            following.follow(contract, claim, by)
        claim.corrected_account = account
        evidence.record(claim, act="fix_account", by=by, facts={"account": account["id"], "bank": account["bank"]})
    return claim


def _lock(claim_id: UUID, *, settleable: bool = True, version: int | None = None) -> tuple[Batch, Contract, Claim]:
    """Batch, contract, claim: the order of locks. What the treasury did is recorded whatever the contract's state."""
    row = Claim.objects.filter(pk=claim_id).values_list("batch_id", "contract_id").first()
    if row is None:
        raise not_found("兑付申请")
    batch_id, contract_id = row
    if batch_id is None:
        raise Refused("CLAIM_NOT_IN_BATCH", "该兑付申请尚未列入兑付批次，不能支付。")
    batch = common.lock_batch(batch_id)
    take = closing.lock_for_settlement if settleable else contract_locks.lock_contract
    return batch, take(contract_id), common.lock_claim(claim_id, version)


def _lock_order(order_id: UUID, version: int, *, settleable: bool = True) -> tuple[Batch, Contract, Claim, PayoutOrder]:
    """The order with all that stands above it, the order last."""
    claim_id = PayoutOrder.objects.filter(pk=order_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise not_found("支付单")
    batch, contract, claim = _lock(claim_id, settleable=settleable)
    return batch, contract, claim, lock(ORDERS, order_id, version=version)


def _order(claim: Claim, by: User) -> PayoutOrder:
    today, payee, amount = clock.today(), claim.payee, claim.approved or ZERO
    return PayoutOrder(
        number=f"ZF-{today.year}-{next_number(f'payout-{today.year}'):06d}",
        claim=claim,
        amount=amount,
        amount_words=in_words(amount),
        payee_name=payee["name"],
        account_number=payee["number"],
        bank_name=payee["bank"],
        line_no=payee["line_no"],
        purpose=f"服务券补贴资金 {claim.contract.number}",
        created_by=by,
    )


def _require_as_approved(batch: Batch, claim: Claim, order: PayoutOrder) -> None:
    """Neither batch nor order says anything else than what was approved, and the payee's account is still in effect."""
    funding.require_unchanged(batch)
    payee = claim.payee
    wanted = (claim.approved, payee["name"], payee["number"], payee["bank"], payee["line_no"])
    if (order.amount, order.payee_name, order.account_number, order.bank_name, order.line_no) != wanted:
        raise Refused(
            "ORDER_CONTENT_CHANGED",
            f"支付单{order.number}的金额或收款人与核定内容不一致，请退回重制。",
            order=order.number,
        )
    _require_own_name(claim, order.payee_name)
    if not _is_current(claim):
        raise Refused(
            "PAYEE_ACCOUNT_CHANGED",
            f"支付单{order.number}制作后服务商的收款账户已变更，请退回重制，并由服务商签署人确认现用账户。",
            claim=claim.number,
        )


def _require_current_account(claim: Claim) -> None:
    _require_own_name(claim, claim.payee["name"])
    if not _is_current(claim):
        raise Refused(
            "PAYEE_ACCOUNT_CHANGED",
            "服务商的收款账户与审定时不同，请先由服务商签署人确认现用账户，再制作支付单。",
            claim=claim.number,
        )


def _is_current(claim: Claim) -> bool:
    current = providers.settlement_account(claim.provider_id, clock.today())
    return current is not None and str(current.pk) == claim.payee["id"]


def _require_own_name(claim: Claim, name: str) -> None:
    own = claim.provider.name
    if not same_name(name, own):
        raise Refused("PAYEE_NAME_DIFFERS", f"户名“{name}”与服务商名称“{own}”不一致，不能支付。", name=name)


def _require_another(claim: Claim) -> None:
    last = gathering.refused_account(claim, clock.today())
    if last is not None:
        raise Refused(
            "ACCOUNT_NOT_FIXED",
            f"银行退回原因为“{last.get_return_code_display()}”，现用账户仍为原账户，请先变更账户并待其生效。",
            return_code=last.return_code,
        )


def _check_paid_on(order: PayoutOrder, paid_on: date) -> None:
    sent_on = clock.local_date(order.sent_at) if order.sent_at else paid_on
    if not sent_on <= paid_on <= clock.today():
        raise Invalid("PAID_ON_INVALID", f"支付日期须在发送日{sent_on}与今天之间。", paid_on=str(paid_on))


def _record_paid(order: PayoutOrder, by: User) -> None:
    try:
        with transaction.atomic():
            evidence.record(order, act="paid", by=by, facts={**_facts(order), "voucher_no": order.voucher_no})
    except IntegrityError as error:
        if "voucher_no" not in str(error):
            raise
        raise Refused(
            "VOUCHER_NO_USED", f"支付凭证号{order.voucher_no}已用于另一支付单，请核对。", voucher_no=order.voucher_no
        ) from error


def _facts(order: PayoutOrder) -> dict[str, Any]:
    return {
        "amount": f"{order.amount:.2f}",
        "payee": order.payee_name,
        "account_end": order.account_number[-4:],
        "claim": str(order.claim_id),
    }
