"""What the acts of settlement share: the order of locks, who has worked on a case, telling the provider.

Rows are locked in one order: publicity, batch, contracts, claims, appeals and payout orders (each kind by
primary key), then the ledger's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from uuid import UUID

from contracts.models import Contract
from contracts.services import closing
from contracts.services.common import ROWS, lock_contract
from contracts.states import State as ContractState
from engines.notifications import services as notifications
from foundation.errors import Refused, not_found, wrong_state
from foundation.locking import lock, lock_all
from foundation.money import ZERO, yuan
from settlement.models import Appeal, Batch, Claim, PayoutOrder

CLAIMS = Claim.objects.select_related("provider__organisation", "notice")
BATCHES = Batch.objects.select_related("notice")


def lock_batch(batch_id: UUID, version: int | None = None) -> Batch:
    """The batch, locked; always before its claims."""
    return lock(BATCHES, batch_id, version=version)


def lock_claim(claim_id: UUID, version: int | None = None) -> Claim:
    """The claim alone, for acts that leave its contract as it is."""
    return lock(CLAIMS, claim_id, version=version)


def lock_case(claim_id: UUID, version: int | None = None) -> tuple[Contract, Claim]:
    """The contract in whatever state it is, then its claim."""
    contract = lock_contract(_contract_of(claim_id))
    return contract, lock_claim(claim_id, version)


def lock_settleable(claim_id: UUID, version: int | None = None) -> tuple[Contract, Claim]:
    """The contract, which must be confirmed and neither disputed nor frozen, then its claim."""
    contract = closing.lock_for_settlement(_contract_of(claim_id))
    return contract, lock_claim(claim_id, version)


def lock_contracts(contract_ids: Collection[UUID]) -> list[Contract]:
    """The contracts in whatever state they are, by primary key, in one statement."""
    return lock_all(ROWS.filter(pk__in=contract_ids))


def require_confirmed(contracts: Sequence[Contract], advice: str = "") -> None:
    """None is disputed, frozen or ended. Raises CONTRACT_NOT_CONFIRMED naming all that are."""
    wrong = [contract for contract in contracts if contract.state != ContractState.CONFIRMED]
    if wrong:
        listed = "、".join(f"{contract.number}（{contract.get_state_display()}）" for contract in wrong)
        raise Refused(
            "CONTRACT_NOT_CONFIRMED",
            f"只有已确认的合同可以兑付，以下合同不是：{listed}。{advice}",
            contracts=[contract.number for contract in wrong],
            states=[contract.state for contract in wrong],
        )


def _contract_of(claim_id: UUID) -> UUID:
    contract_id = Claim.objects.filter(pk=claim_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("兑付申请")
    return contract_id


def appeal_of(claim: Claim) -> Appeal | None:
    """The claim's one appeal, whatever became of it."""
    return Appeal.objects.filter(claim=claim).first()


def require_state(row: Claim | Batch | PayoutOrder, states: Collection[str], what: str) -> None:
    """The act does not move the record; it is only possible in these states. Raises WRONG_STATE."""
    if row.state not in states:
        raise wrong_state(what, str(row.state), row.get_state_display())


def require_version(row: Batch, version: int) -> None:
    """The caller saw the row as it is now. For a row that may not be locked yet. Raises VERSION_CONFLICT."""
    if row.version != version:
        raise Refused(
            "VERSION_CONFLICT",
            f"该{row._meta.verbose_name}已被他人更新（您看到第{version}版，现为第{row.version}版），请刷新后重试。",
            seen=version,
            current=row.version,
            state=row.state,
        )


def tell_providers(claims: list[Claim], topic: str, title: str, body: str) -> None:
    """One message to each provider, naming its claims."""
    ordered = sorted(claims, key=lambda claim: str(claim.provider_id))
    for _, own in groupby(ordered, key=lambda claim: claim.provider_id):
        mine = list(own)
        numbers = "、".join(claim.number for claim in mine)
        total = sum((claim.approved or ZERO for claim in mine), ZERO)
        tell_provider(mine[0], topic, title, f"{body}共{len(mine)}笔{yuan(total)}：{numbers}")


def tell_claimants(batch: Batch) -> None:
    """Providers with a confirmed contract that is not settled hear of the round and its dates."""
    rows = Contract.objects.filter(state=ContractState.CONFIRMED).values_list("provider__organisation", flat=True)
    organisations = sorted(set(rows), key=str)
    if organisations:
        notifications.tell(
            organisation_ids=organisations,
            topic="batch.notice",
            title="兑付通知",
            body=f"{batch.title}（{batch.number}）：{batch.intake_from}至{batch.intake_to}受理，请按时提交兑付申请。",
            subject=batch,
        )


def tell_provider(claim: Claim, topic: str, title: str, body: str) -> None:
    """The provider reads it in its inbox once this commits."""
    notifications.tell(
        organisation_ids=[claim.provider.organisation_id],
        topic=topic,
        title=title,
        body=f"兑付申请{claim.number}：{body}",
        subject=claim,
    )
