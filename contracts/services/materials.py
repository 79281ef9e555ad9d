"""The materials that show a milestone: handing them in, and the gate they open (第二十二条)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from contracts import gates
from contracts.models import Contract, EvidenceQuery, Milestone, MilestoneEvidence
from contracts.selectors import gates_of, lack
from contracts.services import common
from contracts.states import RUNNING, WORKING, EvidenceKind, State
from engines.files import services as files
from engines.files.models import StoredFile
from foundation import clock
from foundation.errors import Invalid, Refused, not_found

ASKABLE = RUNNING | {State.CONFIRMED}  # materials may be asked about, and given when asked for, until the claim is paid


def attach(
    *,
    contract: Contract,
    step: Milestone,
    file_ids: Sequence[UUID],
    by: User,
    kind: str | None,
    taken_at: datetime | None,
    note: str,
    answers: EvidenceQuery | None = None,
) -> list[MilestoneEvidence]:
    """The caller's own files are materials of the milestone and both sides may read them.

    Without a `kind` each file is what its content says. Raises NOT_FOUND, EVIDENCE_REPEATED,
    EVIDENCE_BEFORE_EFFECT, TAKEN_AT_INVALID, EVIDENCE_KIND_MISFIT.
    """
    found = list(StoredFile.objects.filter(pk__in=file_ids, organisation_id=by.organisation_id).order_by("pk"))
    if len(found) != len(set(file_ids)) or not found:
        raise not_found("关键环节或文件")
    already = set(MilestoneEvidence.objects.filter(milestone=step, file__in=found).values_list("file_id", flat=True))
    if already:
        raise Refused("EVIDENCE_REPEATED", "其中有文件已用于该环节，请勿重复提交。", files=[str(pk) for pk in already])
    now = clock.now()
    _check_times(contract, found, taken_at, now)
    made = [
        MilestoneEvidence(
            milestone=step,
            file=file,
            kind=_kind(file, kind),
            taken_at=taken_at,
            note=note,
            answers=answers,
            by=by,
            at=now,
        )
        for file in found
    ]
    MilestoneEvidence.objects.bulk_create(made)
    files.share(files=found, organisation_ids=common.parties(contract))
    return made


def told(made: Sequence[MilestoneEvidence]) -> dict[str, Any]:
    """What the trail keeps of the materials handed in."""
    step, taken_at = made[0].milestone, made[0].taken_at
    return {
        "milestone": step.seq,
        "sm3": [one.file.sm3 for one in made],
        "kinds": [str(one.kind) for one in made],
        "taken_at": taken_at.isoformat() if taken_at else None,
    }


def may_add(contract: Contract, step: Milestone) -> bool:
    """While the provider is at work; afterwards only where a material was found not to count and the gate is shut."""
    if contract.state in WORKING:
        return True
    return contract.state in ASKABLE and bool(gates_of(step, clock.today()).missing)


def require_whole(contract: Contract, what: str) -> None:
    """Every milestone has a material of each kind that counts, and nothing is being asked about.

    Raises EVIDENCE_QUERIED, or EVIDENCE_MISSING naming each milestone and the kinds it lacks.
    """
    found = lack(contract.milestones.prefetch_related("evidence__queries"), clock.today())
    if found.asked:
        raise Refused(
            "EVIDENCE_QUERIED",
            f"以下关键环节的佐证材料有{sum(found.asked.values())}项质询尚未答复：{'、'.join(found.asked)}。"
            f"请服务商补充，或由质询方撤回后再{what}。",
            milestones=list(found.asked),
        )
    if found.missing:
        raise Refused(
            "EVIDENCE_MISSING",
            f"以下关键环节的佐证材料未齐：{'；'.join(found.sentences)}。请补齐后再{what}（办法第二十二条）。",
            milestones=list(found.missing),
            missing={title: [kind.value for kind in kinds] for title, kinds in found.missing.items()},
        )


def _check_times(contract: Contract, found: list[StoredFile], taken_at: datetime | None, now: datetime) -> None:
    if taken_at is not None and taken_at > now:
        raise Invalid("TAKEN_AT_INVALID", "材料形成时间不得晚于现在，请核对。", taken_at=taken_at.isoformat())
    began = contract.effective_at
    if began is None:
        return
    early = [file.name for file in found if file.uploaded_at < began]
    if early or (taken_at is not None and taken_at < began):
        what = f"以下文件在合同生效前已上传：{'、'.join(early)}" if early else "材料形成时间早于合同生效时间"
        raise Refused(
            "EVIDENCE_BEFORE_EFFECT",
            f"{what}。合同于{began.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}生效，"
            "生效前的材料不能佐证履行，请提交履行过程中形成的材料。",
            effective_at=began.isoformat(),
            files=early,
        )


def _kind(file: StoredFile, kind: str | None) -> EvidenceKind:
    if kind is None:
        return gates.kind_of(file.content_type)
    wanted = EvidenceKind(kind)
    if not gates.fits(wanted, file.content_type):
        raise Invalid(
            "EVIDENCE_KIND_MISFIT",
            f"文件“{file.name}”（{file.content_type}）不能作为“{wanted.label}”，请更正种类或更换文件。",
            kind=wanted.value,
            content_type=file.content_type,
            takes=sorted(gates.TYPES[wanted]),
        )
    return wanted
