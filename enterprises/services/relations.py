"""The signatory declares whom the enterprise is related to, all at once, for the year (8-35, 8-36)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from enterprises import policies, selectors
from enterprises.models import Enterprise, Relation, RelationDeclaration
from enterprises.states import RelationKind
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.names import same_name
from foundation.states import move
from registry import uscc as uscc_rules


@dataclass(frozen=True)
class Tie:
    """One body and how the enterprise is related to it; days included, open without `until`."""

    name: str
    uscc: str
    kind: str
    since: date
    until: date | None = None
    note: str = ""
    proof: UUID | None = None


def declare_relations(
    *, by: User, enterprise_id: UUID, ties: Sequence[Tie], replaces: UUID | None = None
) -> RelationDeclaration:
    """The year's declaration is in force with exactly these ties; none is a declaration too.

    `replaces` is the declaration in force that the signatory saw. Raises DECLARATION_CHANGED when it is another
    one, USCC_INVALID, RELATION_SELF, RELATION_TWICE, RELATION_PERIOD, RELATION_NAMES, NOT_FOUND for a proof
    that is not its own file.
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        if not policies.may_declare_relations(by, enterprise):
            raise not_allowed("签署关联方申报", Role.ENTERPRISE_SIGNATORY)
        rows = [_row(tie, enterprise) for tie in ties]
        _check_together(rows)
        proofs = _proofs(by, ties)
        _supersede(enterprise, replaces, by)
        declaration = RelationDeclaration(
            enterprise=enterprise, year=clock.today().year, signed_by=by, signed_at=clock.now()
        )
        facts = {
            "year": declaration.year,
            "commitment": True,
            "relations": [_facts(row, proofs) for row in rows],
        }
        evidence.record(declaration, act="declare_relations", by=by, facts=facts)
        for row in rows:
            row.declaration = declaration
        Relation.objects.bulk_create(rows)
    return declaration


def _row(tie: Tie, enterprise: Enterprise) -> Relation:
    code = uscc_rules.check(tie.uscc).code
    if code == enterprise.uscc:
        raise Invalid("RELATION_SELF", f"{code}是本企业，不能申报为自己的关联方。", uscc=code)
    if tie.since > clock.today():
        raise Invalid(
            "RELATION_PERIOD", f"“{tie.name}”的关系起期{tie.since}晚于今天，待成立后再申报。", since=str(tie.since)
        )
    if tie.until is not None and tie.until < tie.since:
        raise Invalid(
            "RELATION_PERIOD", f"“{tie.name}”的关系止期{tie.until}早于起期{tie.since}。", until=str(tie.until)
        )
    return Relation(
        name=tie.name,
        uscc=code,
        kind=tie.kind,
        since=tie.since,
        until=tie.until,
        note=tie.note,
        proof_id=tie.proof,
    )


def _check_together(rows: Sequence[Relation]) -> None:
    for (code, kind), times in Counter((row.uscc, row.kind) for row in rows).items():
        if times > 1:
            label = RelationKind(kind).label
            raise Invalid("RELATION_TWICE", f"{code}的“{label}”填写了{times}次，请合并为一项。", uscc=code, kind=kind)
    names: dict[str, str] = {}
    for row in rows:
        if not same_name(names.setdefault(row.uscc, row.name), row.name):
            said = f"“{names[row.uscc]}”和“{row.name}”"
            raise Invalid("RELATION_NAMES", f"{row.uscc}填写了两个名称：{said}，请核对。", uscc=row.uscc)


def _proofs(by: User, ties: Sequence[Tie]) -> dict[UUID, StoredFile]:
    wanted = {tie.proof for tie in ties if tie.proof is not None}
    found = {file.pk: file for file in selectors.own_files(by, sorted(wanted))}
    if len(found) != len(wanted):
        raise not_found("证明材料")
    return found


def _supersede(enterprise: Enterprise, replaces: UUID | None, by: User) -> None:
    """The enterprise's row is locked, so of two signatories at once one finds the other's declaration here."""
    standing = selectors.declaration_in_force(enterprise.pk)
    if (standing.pk if standing else None) != replaces:
        raise Refused(
            "DECLARATION_CHANGED",
            "有效的关联方申报已经不是您所看到的那一份，请重新查看后，在 replaces 中填写其编号。",
            in_force=str(standing.pk) if standing else None,
        )
    if standing is not None:
        earlier = lock(RelationDeclaration.objects.all(), standing.pk)
        move(earlier, "supersede", "替代关联方申报")()
        evidence.record(earlier, act="supersede", by=by)


def _facts(row: Relation, proofs: dict[UUID, StoredFile]) -> dict[str, str]:
    return {
        "name": row.name,
        "uscc": row.uscc,
        "kind": row.kind,
        "since": str(row.since),
        "until": str(row.until or ""),
        "proof_sm3": proofs[row.proof_id].sm3 if row.proof_id else "",
    }
