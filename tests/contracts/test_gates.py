"""第二十二条 as arithmetic: which milestone is evidenced, and what a file can be."""

from datetime import date

import pytest

from contracts.gates import Gate, fits, gate, kind_of
from contracts.states import EvidenceKind, MilestoneState

DUE = date(2026, 6, 15)
PHOTO, REPORT = EvidenceKind.PHOTO, EvidenceKind.REPORT


@pytest.mark.parametrize(
    ("given", "today", "expected"),
    [
        ([], DUE, Gate(MilestoneState.OPEN, [PHOTO, REPORT])),
        ([], date(2026, 6, 16), Gate(MilestoneState.LATE, [PHOTO, REPORT])),
        (["report"], DUE, Gate(MilestoneState.OPEN, [PHOTO])),
        (["report", "video"], date(2026, 6, 16), Gate(MilestoneState.LATE, [PHOTO])),
        (["report", "photo"], date(2026, 6, 16), Gate(MilestoneState.EVIDENCED, [])),
        (["photo", "report", "report"], DUE, Gate(MilestoneState.EVIDENCED, [])),
    ],
)
def test_a_milestone_is_evidenced_by_every_kind_it_names(given, today, expected):
    assert gate(["photo", "report"], given, due=DUE, today=today) == expected


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("image/png", PHOTO), ("image/jpeg", PHOTO), ("video/mp4", EvidenceKind.VIDEO), ("application/pdf", REPORT),
        ("application/ofd", REPORT), ("application/xml", REPORT),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says_when_nobody_says(content_type, kind):
    assert kind_of(content_type) == kind


@pytest.mark.parametrize(
    ("kind", "content_type", "ok"),
    [
        ("photo", "image/png", True), ("photo", "application/pdf", False), ("video", "video/mp4", True),
        ("video", "image/png", False), ("report", "application/pdf", True), ("report", "image/png", False),
        ("third_party", "image/jpeg", True), ("third_party", "application/ofd", True),
        ("third_party", "video/mp4", False), ("log", "application/xml", True), ("log", "video/mp4", False),
    ],
)  # fmt: skip
def test_a_kind_must_fit_the_file(kind, content_type, ok):
    assert fits(EvidenceKind(kind), content_type) is ok
