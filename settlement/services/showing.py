"""The 公示 of a batch (第二十一条): its list goes up, and what becomes of each claim when an objection comes (8-50)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from contracts.services import closing
from contracts.services.common import lock_contract
from engines.evidence import services as evidence
from engines.publicity.kinds import Kind
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.services import Entry
from engines.publicity.states import ItemState
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_allowed
from foundation.locking import lock, lock_all, unit_of_work
from foundation.names import sentence
from foundation.states import move
from programmes.services import publicities
from settlement import policies, selectors
from settlement.models import Batch, Claim
from settlement.services import clocks, common, funding
from settlement.states import BatchState, ClaimState

KIND = "settlement"
SHOWN = (ClaimState.PUBLICITY, ClaimState.OBJECTION_HOLD)


def publicise(
    *, by: User, batch_id: UUID, version: int, first: date, last: date | None = None, reference: str
) -> Batch:
    """The approved batch is on public show from `first` to `last`, or to the earliest lawful day.

    After a withdrawn list this one takes its place for a full period. Raises what `publicities.open_period` raises.
    """
    with unit_of_work():
        before = Batch.objects.filter(pk=batch_id).values_list("publicity_id", flat=True).first()
        if before is not None:
            lock(Publicity.objects.all(), before)  # the withdrawn list, before the batch as everywhere
        batch = common.lock_batch(batch_id, version)
        if not policies.may_publish(by):
            raise not_allowed("公示结算名单", Role.DEPARTMENT)
        common.require_state(batch, [BatchState.APPROVED], "公示")
        claims = lock_all(common.CLAIMS.filter(batch=batch))
        publicity = publicities.open_period(
            by=by,
            kind=KIND,
            notice=batch.notice,
            title=f"{batch.number} {batch.title}",
            reference=reference,
            first=first,
            last=last,
            decided=clock.local_date(batch.approved_at) if batch.approved_at else first,
            entries=_entries(batch),
            restarts=batch.publicity,
        )
        move(batch, "publicise", "公示")(publicity)
        facts = {"from": str(publicity.first), "to": str(publicity.last), "reference": reference}
        evidence.record(batch, act="publicise", by=by, facts={**facts, "list": publicity.digest})
        for claim in claims:
            move(claim, "publicise", "公示")()
            evidence.record(claim, act="publicise", by=by, facts={"batch": batch.number}, fields=["state"])
        told = f"批次{batch.number}自{publicity.first}至{publicity.last}公示：{reference}"
        common.tell_providers(claims, "claim.publicity", "兑付方案公示", told)
    return batch


def clear(*, by: User, batch_id: UUID, version: int) -> Batch:
    """The 公示 of the batch has run its time. Raises PUBLICITY_NOT_OVER. The list is locked before the batch."""
    if not policies.may_publish(by):
        raise not_allowed("登记公示期满", Role.DEPARTMENT)
    with unit_of_work():
        batch = common.BATCHES.filter(pk=batch_id).select_related("publicity").get()
        common.require_version(batch, version)
        common.require_state(batch, [BatchState.PUBLICITY], "登记公示期满")
        if batch.publicity is None:
            raise Refused("NOT_ON_SHOW", f"批次{batch.number}没有公示名单。")
        publicities.close_period(by=by, publicity_id=batch.publicity.pk, version=batch.publicity.version)
        batch.refresh_from_db()
    return batch


def hold(item: PublicityItem, by: Actor, reason: str) -> None:
    """An objection is being looked into: this claim waits, the rest of its batch goes on."""
    _, claim = _lock(item)
    move(claim, "hold_for_objection", "异议核查")()
    evidence.record(claim, act="hold_for_objection", by=by, reason=reason, fields=["state"])
    common.tell_provider(claim, "claim.objection", "公示期内收到异议", "该申请暂缓，核查结论将另行告知。")


def release(item: PublicityItem, by: Actor, reason: str) -> None:
    """Nothing holds it any more: back on show, or cleared when the period is over."""
    _, claim = _lock(item)
    if item.state == ItemState.CLEARED:
        _clear(claim, by, reason, clock.now())
    else:
        move(claim, "release_objection", "异议核查")()
        evidence.record(claim, act="release_objection", by=by, reason=reason, fields=["state"])
    common.tell_provider(claim, "claim.objection_over", "异议不成立", sentence(reason))


def remove(item: PublicityItem, by: Actor, reason: str) -> None:
    """The objection is right: the claim leaves the batch and waits, as reviewed, for a new decision by others.

    The budget no longer owes it; what was set aside stays so until that decision. A claim that passes again is
    shown anew, in a later batch.
    """
    batch, contract_id = _batch_of(item)
    contract = lock_contract(contract_id)
    claim = common.lock_claim(item.subject_id)
    move(claim, "uphold_objection", "异议成立")()
    clocks.start(claim)
    closing.reverse_approval(contract, by=by, reason=f"{claim.number} 异议成立：{reason}")
    facts: dict[str, str] = {"batch": batch.number, "stage": policies.OBJECTION}
    evidence.record(claim, act="uphold_objection", by=by, reason=reason, facts=facts)
    before, batch.digest = batch.digest, selectors.digest_of_batch(batch)
    facts = {"claim": claim.number, "digest_before": before, "digest": batch.digest}
    evidence.record(batch, act="take_out", by=by, reason=reason, facts=facts)
    funding.follow(batch, by=by)
    told = f"{sentence(reason)}该申请移出本批次，将由其他人员重新作出审核结论。"
    common.tell_provider(claim, "claim.objection_upheld", "异议成立", told)


def close(publicity: Publicity, items: Sequence[PublicityItem], by: Actor) -> None:
    """The period is over: the claims of `items` are cleared, what an objection holds waits alone."""
    batch = common.lock_batch(Batch.objects.values_list("pk", flat=True).get(publicity=publicity))
    move(batch, "clear", "登记公示期满")(clock.now())
    facts = {"cleared": len(items), "held": publicity.item_count - len(items)}
    evidence.record(batch, act="clear", by=by, facts=facts)
    at = clock.now()  # one instant for all: among them the submission decides who is paid first
    for claim in lock_all(common.CLAIMS.filter(pk__in=[item.subject_id for item in items])):
        _clear(claim, by, "", at)


def withdraw(publicity: Publicity, by: Actor, reason: str) -> None:
    """The list is void: the batch is approved as before, and its next list runs a full period."""
    batch = common.lock_batch(Batch.objects.values_list("pk", flat=True).get(publicity=publicity))
    move(batch, "unpublish", "撤回公示")()
    evidence.record(batch, act="unpublish", by=by, reason=reason)
    for claim in lock_all(common.CLAIMS.filter(batch=batch, state__in=SHOWN)):
        move(claim, "unpublish", "撤回公示")()
        evidence.record(claim, act="unpublish", by=by, reason=reason, fields=["state"])


SETTLEMENT = Kind(
    code=KIND, label="兑付结算公示", hold=hold, release=release, remove=remove, close=close, withdraw=withdraw
)


def _entries(batch: Batch) -> list[Entry]:
    """What the public reads (8-50): names, codes, product and amounts; nothing about a person."""
    rows = batch.claims.select_related("contract__enterprise__organisation", "provider__organisation")
    entries = []
    for claim in rows.order_by("submitted_at", "pk"):
        contract = claim.contract
        enterprise, provider = contract.enterprise.organisation, claim.provider.organisation
        body = {
            "企业名称": enterprise.name,
            "企业统一社会信用代码": contract.enterprise.uscc,
            "服务商名称": provider.name,
            "服务商统一社会信用代码": claim.provider.uscc,
            "服务产品": str(contract.terms["product"]["name"]),
            "合同金额（元）": f"{contract.amount:.2f}",
            "服务券补贴金额（元）": f"{claim.approved:.2f}",
        }
        entries.append(Entry(claim, f"{enterprise.name}—{provider.name}", body))
    return entries


def _batch_of(item: PublicityItem) -> tuple[Batch, UUID]:
    """The claim's batch, locked, and its contract's id; the list is locked already."""
    batch_id, contract_id = Claim.objects.values_list("batch_id", "contract_id").get(pk=item.subject_id)
    if batch_id is None:
        raise Refused("CLAIM_NOT_IN_BATCH", "该申请已不在批次中。")
    return common.lock_batch(batch_id), contract_id


def _lock(item: PublicityItem) -> tuple[Batch, Claim]:
    """Batch, then claim."""
    batch, _ = _batch_of(item)
    return batch, common.lock_claim(item.subject_id)


def _clear(claim: Claim, by: Actor, reason: str, at: datetime) -> None:
    move(claim, "clear", "公示无异议")(at)
    evidence.record(claim, act="clear", by=by, reason=reason, fields=["state", "cleared_at"])
