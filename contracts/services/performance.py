"""Performance: evidence at the key steps, delivery, acceptance or rectification, the 服务确认书."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from contracts import indicators as measured
from contracts import policies, selectors, subsidy
from contracts.models import Contract, Milestone, ServiceConfirmation
from contracts.services import common, materials, signing
from contracts.states import WORKING, Document, PaymentKind, Side, State
from engines.evidence import services as evidence
from engines.ledger import services as ledger
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import unit_of_work
from foundation.money import yuan
from foundation.states import move


def add_evidence(
    *,
    by: User,
    contract_id: UUID,
    version: int,
    milestone: int,
    file_ids: list[UUID],
    kind: str | None = None,
    taken_at: datetime | None = None,
    note: str = "",
) -> Contract:
    """The files show the milestone (第二十二条); the first of all starts performance. Either party may add."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.is_party(by, contract):
            raise not_allowed("提交佐证材料", *policies.PARTIES)
        step = Milestone.objects.prefetch_related("evidence__queries").filter(contract=contract, seq=milestone).first()
        if not (contract.state in WORKING or (step is not None and materials.may_add(contract, step))):
            raise wrong_state("提交佐证材料", contract.state, contract.get_state_display())
        if step is None:
            raise not_found("关键环节或文件")
        made = materials.attach(
            contract=contract, step=step, file_ids=file_ids, by=by, kind=kind, taken_at=taken_at, note=note
        )
        if contract.state == State.EFFECTIVE:
            move(contract, "begin", "开始履行")()
        evidence.record(contract, act="add_evidence", by=by, facts=materials.told(made))
    return contract


def deliver(
    *, by: User, contract_id: UUID, version: int, note: str, indicators: Sequence[Mapping[str, Any]] = ()
) -> Contract:
    """The provider says it is done, and what was reached of each agreed indicator: {seq, reached} (第八条).

    Every milestone must have its evidence, and no query may be open. A delivery after a rectification says all of it
    anew. Raises EVIDENCE_MISSING naming milestone and kind, EVIDENCE_QUERIED, and what `indicators.answered` raises.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.acts_for(by, contract, Side.PROVIDER):
            raise not_allowed("提交交付", *policies.AGENTS[Side.PROVIDER])
        move(contract, "deliver", "提交交付")()
        materials.require_whole(contract, "交付")
        contract.reached = measured.answered(contract.terms, indicators)
        contract.delivered_at = clock.now()
        facts = {"indicators": contract.reached} if contract.reached else {}
        evidence.record(contract, act="deliver", by=by, reason=note, facts=facts)
        common.tell_parties(contract, "contract.delivered", "服务已交付", "请企业验收；平台不会自动验收。")
    return contract


def reject(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The enterprise asks for rectification, at most as often as the notice allows."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.acts_for(by, contract, Side.ENTERPRISE):
            raise not_allowed("验收", *policies.AGENTS[Side.ENTERPRISE])
        move(contract, "reject", "退回整改")()
        most = contract.notice.parsed.max_rectifications
        if contract.rectifications > most:
            raise Refused("RECTIFICATIONS_USED_UP", f"已整改{most}次，请验收、提出争议或申请终止。", limit=most)
        evidence.record(contract, act="reject", by=by, reason=reason, facts={"round": contract.rectifications})
        common.tell_parties(contract, "contract.rectify", "验收未通过", f"第{contract.rectifications}次整改：{reason}")
    return contract


def accept(*, by: User, contract_id: UUID, version: int, amount: Decimal | None = None) -> Contract:
    """The signatory accepts, at the contract amount or a lower one; the final V never rises (8-13).

    A balance of zero skips the payment step (8-01); otherwise the balance is due. What was found against since
    the delivery must be made good first: EVIDENCE_MISSING, EVIDENCE_QUERIED.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_sign(by, contract, Side.ENTERPRISE):
            raise not_allowed("验收", policies.SIGNATORY[Side.ENTERPRISE])
        move(contract, "accept", "验收")()
        materials.require_whole(contract, "验收")
        _fix_final_amounts(contract, contract.amount if amount is None else amount)
        if contract.hold is not None and contract.final_voucher != contract.voucher:
            ledger.reduce(hold=contract.hold, amount=contract.final_voucher, by=by, reason="验收金额低于合同金额")
        evidence.record(
            contract,
            act="accept",
            by=by,
            facts={
                "accepted_amount": f"{contract.accepted_amount:.2f}",
                "final_voucher": f"{contract.final_voucher:.2f}",
            },
        )
        _ask_for_balance(contract, by)
    return contract


def sign_confirmation(*, by: User, contract_id: UUID, version: int, content: str) -> Contract:
    """The provider's signatory signs the 服务确认书 made from contract, payments and acceptance."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_sign(by, contract, Side.PROVIDER):
            raise not_allowed("签署服务确认书（服务商一方）", policies.SIGNATORY[Side.PROVIDER])
        if contract.state != State.PAID_UP:
            move(contract, "confirm", "签署服务确认书")()
        if ServiceConfirmation.objects.filter(contract=contract).exists():
            raise Refused("ALREADY_SIGNED", "服务商已签署服务确认书，等待企业签署。")
        amount, voucher = contract.accepted_amount or contract.amount, contract.final_voucher or contract.voucher
        confirmation = ServiceConfirmation(
            contract=contract, content=content, amount=amount, paid_by_enterprise=amount - voucher, voucher=voucher
        )
        evidence.record(
            confirmation, act="generate", by=by, facts={"amount": f"{amount:.2f}", "voucher": f"{voucher:.2f}"}
        )
        _sign(contract, confirmation, Side.PROVIDER, by)
        evidence.record(contract, act="sign_confirmation", by=by, facts={"side": Side.PROVIDER.value})
        common.tell_parties(contract, "contract.confirmation", "服务确认书待签署", "服务商已签署，请企业评价并签署。")
    return contract


def countersign_confirmation(
    *, by: User, contract_id: UUID, version: int, ratings: dict[str, int], comment: str = ""
) -> Contract:
    """The enterprise's signatory rates and signs: CONFIRMED, final for the enterprise."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_sign(by, contract, Side.ENTERPRISE):
            raise not_allowed("签署服务确认书（企业一方）", policies.SIGNATORY[Side.ENTERPRISE])
        move(contract, "confirm", "签署服务确认书")()
        _check_ratings(contract, ratings)
        confirmation = ServiceConfirmation.objects.select_for_update().filter(contract=contract).first()
        if confirmation is None:
            raise Refused("PROVIDER_SIGNS_FIRST", "服务确认书须先由服务商签署。")
        confirmation.ratings, confirmation.comment = ratings, comment
        evidence.record(confirmation, act="rate", by=by, facts={"ratings": ratings})
        _sign(contract, confirmation, Side.ENTERPRISE, by)
        contract.confirmed_at = clock.now()
        evidence.record(contract, act="confirm", by=by, facts={"ratings": ratings})
        limit = contract.notice.parsed.limit("claim")
        common.tell_parties(contract, "contract.confirmed", "服务已确认", f"服务商可在{limit}内申请兑付。")
    return contract


def _fix_final_amounts(contract: Contract, accepted: Decimal) -> None:
    if accepted > contract.amount:
        raise Invalid(
            "ACCEPTED_OVER_CONTRACT",
            f"验收金额不得超过合同金额{yuan(contract.amount)}。",
            limit=f"{contract.amount:.2f}",
        )
    try:
        voucher = subsidy.final_voucher(
            signed=contract.voucher,
            accepted=accepted,
            rate=contract.rate,
            cap=contract.cap,
            deposit_paid=contract.deposit,
        )
    except ValueError:
        raise Refused(
            "ACCEPTED_BELOW_DEPOSIT",
            f"验收金额{yuan(accepted)}低于已付定金{yuan(contract.deposit)}，请核对验收金额，或申请终止合同。",
            deposit=f"{contract.deposit:.2f}",
        ) from None
    if voucher <= 0:
        raise Refused("NOTHING_LEFT_TO_SUBSIDISE", "验收金额等于已付定金，服务券无可抵扣金额，请申请终止合同。")
    contract.accepted_at = clock.now()
    contract.accepted_amount, contract.final_voucher = accepted, voucher
    contract.final_balance = accepted - contract.deposit - voucher


def _ask_for_balance(contract: Contract, by: User) -> None:
    if contract.final_balance:
        signing.open_order(contract, PaymentKind.BALANCE)
        common.tell_parties(
            contract, "contract.accepted", "服务已验收", f"请企业支付余款{yuan(contract.final_balance)}并登记。"
        )
        return
    move(contract, "pay_up", "付清余款")()
    contract.paid_up_at = clock.now()
    evidence.record(contract, act="pay_up", by=by, reason="余款为零，无需支付")
    common.tell_parties(contract, "contract.paid_up", "服务已验收", "余款为0.00元，请双方签署服务确认书。")


def _sign(contract: Contract, confirmation: ServiceConfirmation, side: Side, by: User) -> None:
    common.record_assent(
        contract,
        document=Document.CONFIRMATION,
        document_id=confirmation.pk,
        side=side,
        by=by,
        digest=selectors.digest_of_confirmation(contract, confirmation),
    )


def _check_ratings(contract: Contract, ratings: dict[str, int]) -> None:
    scale = contract.notice.parsed.ratings
    wrong = [code for code in scale.aspects if ratings.get(code) not in range(scale.lowest, scale.highest + 1)]
    if wrong or set(ratings) != set(scale.aspects):
        raise Invalid(
            "RATINGS_INVALID",
            f"{'、'.join(scale.aspects.values())}均须评分，为{scale.lowest}至{scale.highest}的整数。",
            aspects=sorted(scale.aspects),
            wrong=wrong,
        )
