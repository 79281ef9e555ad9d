"""Which milestones are evidenced: a gate before delivery and acceptance (第二十二条). No ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.states import EvidenceKind, MilestoneState

DOCUMENTS = frozenset({"application/pdf", "application/ofd", "application/xml"})
IMAGES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4"})
# A kind is a statement of the provider's; what it can be is told by the file's own content.
TYPES: Mapping[EvidenceKind, frozenset[str]] = {
    EvidenceKind.PHOTO: IMAGES,
    EvidenceKind.VIDEO: VIDEOS,
    EvidenceKind.REPORT: DOCUMENTS,
    EvidenceKind.THIRD_PARTY: DOCUMENTS | IMAGES,
    EvidenceKind.LOG: DOCUMENTS | IMAGES,
}


@dataclass(frozen=True)
class Gate:
    """One milestone on one day: `missing` are the kinds that no material shows that counts."""

    state: MilestoneState
    missing: Sequence[EvidenceKind]


def gate(required: Iterable[str], given: Iterable[str], *, due: date, today: date) -> Gate:
    """`required` are the contract's kinds, `given` those of the materials that count."""
    have = set(given)
    missing = [EvidenceKind(kind) for kind in required if kind not in have]
    if not missing:
        return Gate(MilestoneState.EVIDENCED, missing)
    return Gate(MilestoneState.LATE if today > due else MilestoneState.OPEN, missing)


def kind_of(content_type: str) -> EvidenceKind:
    """What a file is when nobody says: a picture, a film, or a report."""
    if content_type in IMAGES:
        return EvidenceKind.PHOTO
    return EvidenceKind.VIDEO if content_type in VIDEOS else EvidenceKind.REPORT


def fits(kind: EvidenceKind, content_type: str) -> bool:
    """A file of that type can be material of that kind."""
    return content_type in TYPES[kind]
