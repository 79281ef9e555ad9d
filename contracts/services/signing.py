"""Signing: the act that sets public money aside. What is slow here is slow for everyone; keep it lean."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models

from accounts.models import User
from contracts import policies, selectors
from contracts.models import Contract, PaymentOrder, Signature
from contracts.services import answering, common
from contracts.services.drafting import check_parties, require_relation
from contracts.states import Document, PaymentKind, PaymentState, Side, State
from credit import selectors as credit
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from enterprises import selectors as enterprises
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_allowed, not_found
from foundation.locking import lock, locked, unit_of_work
from foundation.money import ZERO, yuan
from foundation.names import sentence
from foundation.statements import Given
from foundation.states import move
from programmes import books, deadlines
from programmes import selectors as programmes
from providers import selectors as providers

PNG = "image/png"
# What signing must know, in the statement that locks: it is the busiest act, and each question asked apart would
# cost as much as the answer.
_DAY, _YEAR = Given("day", models.DateField()), Given("year", models.IntegerField())
READY = locked(
    common.ROWS.annotate(
        listed=models.Exists(providers.listings(_DAY).filter(provider=models.OuterRef("provider"))),
        restricted=models.Exists(
            credit.blocking(_DAY).filter(
                uscc__in=[models.OuterRef("enterprise__uscc"), models.OuterRef("provider__uscc")]
            )
        ),
        tied=enterprises.tied("enterprise", _DAY),
        uncovered=enterprises.uncovered("enterprise", _YEAR),
        **books.opened("enterprise_id", "provider_id", _YEAR),
        **books.left("provider_id", _YEAR),
    )
)


def start_signing(*, by: User, contract_id: UUID, version: int) -> Contract:
    """V is set aside on the three accounts and the terms are frozen: funded at signature (第二十一条).

    Raises QUOTA_SHORT, PROVIDER_CAP_SHORT or BUDGET_SHORT naming the bound and what is left,
    SIGNING_SUSPENDED, NOTICE_SUPERSEDED, SERVICE_PERIOD_OVER, RELATED_PARTY_UNDECLARED when the two were declared
    related since the draft, PERMIT_NOT_IN_FORCE when what let them contract was revoked, or what 6.5's guard finds.
    """
    with unit_of_work():
        now = clock.now()
        today = clock.local_date(now)
        contract = lock(READY, contract_id, version=version, day=today, year=today.year)
        known: Any = contract
        if not policies.is_party(by, contract):
            raise not_allowed("发起签署", *policies.PARTIES)
        move(contract, "start_signing", "发起签署")()
        check_parties(contract, today, listed=known.listed, restricted=known.restricted)
        if contract.related_party or known.tied:
            require_relation(contract, today)
        if contract.end_date < today:
            raise Refused(
                "SERVICE_PERIOD_OVER",
                f"服务结束日期{contract.end_date}已过，不能签署，请修改草稿的服务期后由双方重新同意。",
                end_date=str(contract.end_date),
            )
        if contract.product.revision != contract.product_revision:
            raise Refused(
                "PRODUCT_REVISED",
                f"草稿依据产品第{contract.product_revision}版，现行为第{contract.product.revision}版，"
                "请按现行版本修改草稿后由双方重新同意。",
                drafted=contract.product_revision,
                current=contract.product.revision,
            )
        if not programmes.is_current(contract.notice, today):
            programmes.current_notice(today)  # none at all is another refusal
            raise Refused("NOTICE_SUPERSEDED", "年度通知已更新，请修改草稿后由双方重新同意。")
        accounts = [known.quota_account, known.cap_account, known.budget_account]
        taken = common.take_hold(
            contract,
            day=today,
            by=by,
            accounts=None if None in accounts else accounts,
            covered=known.uncovered is not None and known.uncovered <= 0,
        )
        contract.left_at_signing = {"quota": f"{taken[0].before:.2f}"} | {
            book: f"{left or ZERO:.2f}"
            for book, left in (("provider_cap", known.cap_left), ("budget", known.budget_left))
        }
        limit = contract.notice.parsed.limit("signing_hold")
        contract.signing_due = deadlines.instant(limit, now)
        evidence.record(
            contract,
            act="start_signing",
            by=by,
            facts={"voucher": f"{contract.voucher:.2f}", "hold": str(contract.hold), "receipt": common.receipt(taken)},
            fields=["state", "hold", "quota_year", "left_at_signing", "signing_due"],
        )
        common.tell_parties(
            contract,
            "contract.signing",
            "合同进入签署",
            f"已锁定服务券{yuan(contract.voucher)}，请在{limit}内由双方签署。",
        )
    return contract


def sign(*, by: User, contract_id: UUID, version: int, handwriting: UUID | None = None) -> Contract:
    """The caller's side has assented to the frozen text; with both, the deposit is due.

    `handwriting` is a picture of the signature written by hand, if there is one: its digest stands in the trail.
    Raises NOT_FOUND for a picture that is not the caller's.

    The recorded assent stands where the certificate's signature will (电子签名法第十三条).
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.signatory_side(by, contract)
        if side is None:
            raise not_allowed("签署合同", *policies.SIGNATORIES)
        if contract.state != State.SIGNING:
            move(contract, "complete_signing", "签署合同")()
        check_parties(contract, today := clock.today(), listed=providers.is_listed(contract.provider_id, today))
        require_relation(contract, today)
        digest = selectors.digest_of(contract)
        common.record_assent(
            contract, document=Document.CONTRACT, document_id=_text_id(contract), side=side, by=by, digest=digest
        )
        if Signature.objects.filter(document=Document.CONTRACT, document_id=_text_id(contract)).count() == len(Side):
            _complete(contract)
            answering.matched(contract, by=by)
        facts = {"side": side.value, "digest": digest}
        if handwriting is not None:
            facts["handwriting_sm3"] = _handwriting(by, handwriting)
        evidence.record(contract, act="sign", by=by, facts=facts)
    return contract


def refuse(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """One side will not sign, or backs out before the deposit: cancelled, the money free again."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if policies.signatory_side(by, contract) is None:
            raise not_allowed("拒签或解除未生效合同", *policies.SIGNATORIES)
        if contract.state not in (State.SIGNING, State.SIGNED_WAIT_DEPOSIT):
            raise Refused(
                "WRONG_STATE", f"当前状态为“{contract.get_state_display()}”，不能拒签。", state=contract.state
            )
        _require_no_reported_deposit(contract)
        cancel_and_release(contract, by=by, reason=reason, act="refuse")
    return contract


def cancel_and_release(contract: Contract, *, by: Actor, reason: str, act: str) -> None:
    """The locked contract, not yet in effect, is cancelled and what was set aside is free again."""
    move(contract, "cancel", "取消合同")(reason)
    answering.ended(contract, by=by, reason=reason)
    if contract.hold is not None:
        ledger.move(holds=[contract.hold], to=Bucket.AVAILABLE, by=by, reason=reason)
    cancel_open_orders(contract, by, reason)
    evidence.record(contract, act=act, by=by, reason=reason)
    common.tell_parties(
        contract, "contract.cancelled", "合同已取消", f"{sentence(reason)}锁定的服务券{yuan(contract.voucher)}已释放。"
    )


def cancel_open_orders(contract: Contract, by: Actor, reason: str) -> None:
    """What the locked contract's parties owe each other through the platform is no longer asked for."""
    rows = PaymentOrder.objects.select_for_update().filter(
        contract=contract, state__in=[PaymentState.CREATED, PaymentState.MISMATCH]
    )
    for order in rows.order_by("pk"):
        move(order, "cancel", "取消付款订单")()
        evidence.record(order, act="cancel", by=by, reason=reason)


def _handwriting(by: User, file_id: UUID) -> str:
    """The digest of the caller's own picture."""
    file = StoredFile.objects.filter(pk=file_id, organisation_id=by.organisation_id, content_type=PNG).first()
    if file is None:
        raise not_found("手写签名图片")
    return file.sm3


def _text_id(contract: Contract) -> UUID:
    """A text is signed per hold: terms frozen again later are another text."""
    return common.require_hold(contract)


def _complete(contract: Contract) -> None:
    move(contract, "complete_signing", "签署合同")()
    contract.signed_at = clock.now()
    limit = contract.notice.parsed.limit("deposit")
    contract.deposit_due = deadlines.instant(limit, contract.signed_at)
    open_order(contract, PaymentKind.DEPOSIT)
    common.tell_parties(
        contract,
        "contract.signed",
        "合同已由双方签署",
        f"请企业在{limit}内向服务商支付定金{yuan(contract.deposit)}并在平台登记。",
    )


def open_order(contract: Contract, kind: PaymentKind) -> PaymentOrder:
    """The enterprise owes the provider the deposit or the balance."""
    amount = contract.deposit if kind == PaymentKind.DEPOSIT else contract.final_balance
    order = PaymentOrder(
        number=f"{contract.number}-{'D' if kind == PaymentKind.DEPOSIT else 'B'}",
        contract=contract,
        kind=kind,
        payer=contract.enterprise.organisation,
        payee=contract.provider.organisation,
        amount=amount,
        due=contract.deposit_due if kind == PaymentKind.DEPOSIT else None,
    )
    evidence.record(order, act="create", by=common.WATCH, facts={"kind": kind.value, "amount": f"{amount:.2f}"})
    return order


def _require_no_reported_deposit(contract: Contract) -> None:
    if contract.payments.filter(state=PaymentState.REPORTED).exists():
        raise Refused(
            "DEPOSIT_REPORTED",
            "企业已登记支付定金，须先由服务商核对该笔付款，不能直接取消合同；双方说法不一的，请提出争议，由促进中心处理。",
        )
