"""Queries on materials: asked by the enterprise or the department, answered by the provider (DOMAIN 6.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.states import Role
from contracts import policies
from contracts.models import Contract, EvidenceQuery, MilestoneEvidence
from contracts.services import common, materials
from contracts.states import Asker, QueryState, Side
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.states import move


def ask(*, by: User, contract_id: UUID, version: int, evidence_id: UUID, reason: str) -> EvidenceQuery:
    """The material does not count until the provider has supplemented it or the query is withdrawn.

    Raises NOT_ALLOWED, WRONG_STATE, NOT_FOUND, QUERY_OPEN, QUERY_SETTLED for a material already found against.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.asking_side(by, contract)
        if side is None:
            raise not_allowed("质询佐证材料", *policies.AGENTS[Side.ENTERPRISE], Role.DEPARTMENT)
        if contract.state not in materials.ASKABLE:
            raise wrong_state("质询佐证材料", contract.state, contract.get_state_display())
        material = MilestoneEvidence.objects.select_related("milestone", "file").filter(pk=evidence_id).first()
        if material is None or material.milestone.contract_id != contract.pk:
            raise not_found("佐证材料")
        if EvidenceQuery.objects.filter(evidence=material, state=QueryState.REJECTED).exists():
            raise Refused("QUERY_SETTLED", "该材料已认定不予采信，无需再质询。")
        query = EvidenceQuery(contract=contract, evidence=material, side=side, asked_by=by, reason=reason)
        facts = {"milestone": material.milestone.seq, "sm3": material.file.sm3}
        try:
            with transaction.atomic():
                evidence.record(query, act="ask", by=by, reason=reason, facts=facts)
        except IntegrityError as error:
            if "query_one_open" not in str(error):
                raise
            raise Refused("QUERY_OPEN", "该材料已有未答复的质询，请等待服务商补充。") from error
        evidence.record(contract, act="query_evidence", by=by, reason=reason, facts=facts)
        common.tell_parties(
            contract,
            "contract.evidence_queried",
            "佐证材料须补充",
            f"{side.label}对关键环节“{material.milestone.title}”的材料提出质询：{reason}",
        )
    return query


def supplement(
    *,
    by: User,
    query_id: UUID,
    version: int,
    file_ids: Sequence[UUID],
    kind: str | None = None,
    taken_at: datetime | None = None,
    note: str = "",
) -> EvidenceQuery:
    """The provider has handed in more for the same milestone; the old material stays, and counts again."""
    with unit_of_work():
        contract, query = _lock(query_id, version)
        if not policies.acts_for(by, contract, Side.PROVIDER):
            raise not_allowed("补充佐证材料", *policies.AGENTS[Side.PROVIDER])
        move(query, "supplement", "补充佐证材料")()
        if contract.state not in materials.ASKABLE:
            raise wrong_state("补充佐证材料", contract.state, contract.get_state_display())
        made = materials.attach(
            contract=contract,
            step=query.evidence.milestone,
            file_ids=file_ids,
            by=by,
            kind=kind or query.evidence.kind,
            taken_at=taken_at,
            note=note,
            answers=query,
        )
        _end(query, by, note)
        evidence.record(query, act="supplement", by=by, reason=note, facts=materials.told(made))
        evidence.record(contract, act="supplement_evidence", by=by, reason=note, facts=materials.told(made))
        common.tell_parties(
            contract,
            "contract.evidence_supplemented",
            "佐证材料已补充",
            f"关键环节“{query.evidence.milestone.title}”补充{len(made)}份材料，请核对。",
        )
    return query


def reject(*, by: User, query_id: UUID, version: int, reason: str) -> EvidenceQuery:
    """Whoever asked finds against the material: it never counts again, and stays on record."""
    with unit_of_work():
        contract, query = _lock(query_id, version)
        if policies.asking_side(by, contract) != query.side:
            raise not_allowed("认定材料不予采信（须为质询方）", *policies.ASKERS[Asker(query.side)])
        move(query, "reject", "认定材料不予采信")()
        _end(query, by, reason)
        evidence.record(query, act="reject", by=by, reason=reason)
        evidence.record(contract, act="reject_evidence", by=by, reason=reason, facts={"sm3": query.evidence.file.sm3})
        common.tell_parties(
            contract,
            "contract.evidence_rejected",
            "佐证材料不予采信",
            f"关键环节“{query.evidence.milestone.title}”：{reason}",
        )
    return query


def withdraw(*, by: User, query_id: UUID, version: int, reason: str) -> EvidenceQuery:
    """Whoever asked takes it back: the material counts as before."""
    with unit_of_work():
        contract, query = _lock(query_id, version)
        if policies.asking_side(by, contract) != query.side:
            raise not_allowed("撤回质询（须为质询方）", *policies.ASKERS[Asker(query.side)])
        move(query, "withdraw", "撤回质询")()
        _end(query, by, reason)
        evidence.record(query, act="withdraw", by=by, reason=reason)
        evidence.record(contract, act="withdraw_query", by=by, reason=reason, facts={"sm3": query.evidence.file.sm3})
        common.tell_parties(contract, "contract.evidence_query_withdrawn", "佐证质询已撤回", reason)
    return query


def _lock(query_id: UUID, version: int) -> tuple[Contract, EvidenceQuery]:
    """Contract first, then its query: the one order of locks."""
    contract_id = EvidenceQuery.objects.filter(pk=query_id).values_list("contract_id", flat=True).first()
    if contract_id is None:
        raise not_found("佐证质询")
    contract = common.lock_contract(contract_id)
    rows = EvidenceQuery.objects.select_related("evidence__milestone", "evidence__file")
    return contract, lock(rows, query_id, version=version)


def _end(query: EvidenceQuery, by: User, outcome: str) -> None:
    query.ended_by, query.ended_at, query.outcome = by, clock.now(), outcome
