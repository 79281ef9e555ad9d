"""厅审定: the budget owes what is approved; whose provider's cap of the year is full waits for the next (8-18, 8-19)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from contracts.models import Contract
from contracts.services import closing
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from engines.ledger import selectors as ledger
from foundation import clock
from foundation.errors import Refused, not_allowed
from foundation.locking import lock_all, unit_of_work
from foundation.money import ZERO, yuan
from foundation.states import move
from programmes import books
from settlement import policies, selectors
from settlement.models import Batch, Claim
from settlement.services import common


def approve(*, by: User, batch_id: UUID, version: int, approval_no: str, cap_override_no: str = "") -> Batch:
    """Every claim of the reviewed plan is approved, and the budget owes it (第二十一条).

    By somebody who neither drew nor reviewed the plan nor took a stage of any claim in it, with the document
    number. Claims whose provider's cap of this year has no room are left out and held for the next service year
    (CAP_HELD), the provider's earliest first in line; `cap_override_no`, a decision of the 厅, lets them pass (8-18).
    Raises PLAN_CHANGED, CONTRACT_NOT_CONFIRMED, YEAR_NOT_CLOSED naming claims whose money is still another year's,
    and CAP_HELD when no claim at all has room: the plan is then drawn without them, or the round cancelled.
    """
    with unit_of_work():
        batch = common.lock_batch(batch_id, version)
        worked = trail.stages_done(list(batch.claims.all()), by)
        if not policies.may_approve(by, batch, bool(worked)):
            raise not_allowed("审定结算方案（拟定、复核方案或审核过其中申请的人不得审定）", Role.APPROVER)
        move(batch, "approve", "审定结算方案")(by, clock.now(), approval_no, "")
        rows = common.lock_contracts(list(batch.claims.values_list("contract_id", flat=True)))
        common.require_confirmed(rows, "请移出方案后再审定。")
        contracts = {contract.pk: contract for contract in rows}
        claims = lock_all(common.CLAIMS.filter(batch=batch))
        _require_same_plan(batch, claims)
        going, held, passed = _by_room(claims, contracts, cap_override_no, by)
        if not going:
            raise Refused(
                "CAP_HELD",
                f"方案中全部申请的服务商本年度结算上限已满：{'、'.join(one.number for one in held)}。请重新拟定。",
                claims=[one.number for one in held],
            )
        _hold(held, batch, by)
        reason = f"{batch.number} {approval_no}"
        years = closing.approve_vouchers([contracts[claim.contract_id] for claim in going], by=by, reason=reason)
        for claim in going:
            number = cap_override_no if claim.pk in passed else ""
            move(claim, "approve", "审定")(*years[claim.contract_id], number)
            counted = {"cap_year": claim.cap_year, "budget_year": claim.budget_year, "cap_override_no": number}
            evidence.record(claim, act="approve", by=by, reason=approval_no, facts=counted)
        _require_this_years_money(going)
        batch.claim_count, batch.total = len(going), sum((claim.approved or ZERO for claim in going), ZERO)
        batch.digest = selectors.digest_of_batch(batch)
        facts = {
            "digest": batch.digest,
            "total": f"{batch.total:.2f}",
            "cap_held": [claim.number for claim in held],
            "cap_override_no": cap_override_no,
        }
        evidence.record(batch, act="approve", by=by, reason=approval_no, facts=facts)
        told = f"批次{batch.number}，文号{approval_no}，即将公示。"
        common.tell_providers(going, "claim.approved", "兑付方案已审定", told)
    return batch


def _by_room(
    claims: list[Claim], contracts: Mapping[UUID, Contract], override_no: str, by: User
) -> tuple[list[Claim], list[Claim], set[UUID]]:
    """(what goes, what is held, what of the first passed a full cap), each provider's claims in order of submission.

    Providers are taken in one order by everybody, so that two approvals do not wait for each other. Once one claim
    of a provider found no room, no later one that needs room passes it, however small.
    """
    year = clock.today().year
    going, held, passed, full = [], [], set(), set()
    for claim in sorted(claims, key=lambda one: (str(one.provider_id), one.submitted_at, str(one.pk))):
        contract = contracts[claim.contract_id]
        if closing.cap_year(contract) == year:
            going.append(claim)
        elif claim.provider_id in full or not closing.take_cap_of_year(contract, year, by=by, override_no=override_no):
            full.add(claim.provider_id)
            held.append(claim)
        else:
            going.append(claim)
            if override_no:
                passed.add(claim.pk)
    return going, held, passed


def _hold(claims: list[Claim], batch: Batch, by: User) -> None:
    year = clock.today().year
    for claim in claims:
        cap, used = _cap_figures(claim.provider_id, year)
        amount = claim.approved or ZERO
        move(claim, "hold_for_cap", "上限已满")(year)
        facts = {"batch": batch.number, "cap": f"{cap:.2f}", "used": f"{used:.2f}", "amount": f"{amount:.2f}"}
        evidence.record(claim, act="hold_for_cap", by=by, facts=facts)
        common.tell_provider(
            claim,
            "claim.cap_held",
            "服务商年度结算上限已满",
            f"核定{yuan(amount)}，{year}服务年度上限{yuan(cap)}，已占用{yuan(used)}。本笔转入下一服务年度优先列入方案，不作废。",
        )


def _cap_figures(provider_id: UUID, year: int) -> tuple[Decimal, Decimal]:
    """The provider's cap of the year, and how much of it is taken, in 元."""
    account = ledger.account_id(books.CAP, str(provider_id), year)
    if account is None:
        return ZERO, ZERO
    held = ledger.balance(account)
    return held.issued, held.issued - held.available


def _require_same_plan(batch: Batch, claims: list[Claim]) -> None:
    total = sum((claim.approved or ZERO for claim in claims), ZERO)
    if (len(claims), total) != (batch.claim_count, batch.total):
        raise Refused(
            "PLAN_CHANGED",
            f"方案为{batch.claim_count}笔{yuan(batch.total)}，现为{len(claims)}笔{yuan(total)}，请重新拟定。",
        )


def _require_this_years_money(claims: list[Claim]) -> None:
    this = clock.today().year
    late = [claim.number for claim in claims if claim.budget_year != this]
    if late:
        raise Refused(
            "YEAR_NOT_CLOSED",
            f"以下申请的预算尚未结转至{this}年度，请待年度结转后再审定：{'、'.join(late)}。",
            claims=late,
        )
