"""A sheet is declared, judged, signed and then frozen; the last one scores the case."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.selectors import visible_files
from accounts.states import Role
from accreditation.models import ScoreSheet
from accreditation.selectors import is_readable
from accreditation.services import scoring
from accreditation.states import ApplicationState, SheetState
from engines.evidence import chain
from engines.evidence.selectors import of_subject
from tests.accreditation.support import acts, last, refused
from tests.factories.accounts import officer
from tests.factories.accreditation import opened, signed, under_review

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WHOLE = {"qualification": Decimal(18), "capability": Decimal("36.5"), "record": Decimal(27), "platform": Decimal(5)}


@pytest.fixture
def review():
    _, [case] = under_review()
    return case, case.sheets()


def sign(sheet, by=None, **fields):
    sheet.refresh_from_db()
    given = {"points": WHOLE, "vote": True, "comment": "材料属实。", **fields}
    return scoring.sign(by=by or sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, **given)


def test_a_sheet_opens_only_by_a_declaration(review):
    _, [sheet, *_] = review
    with refused("WRONG_STATE"):
        sign(sheet)
    opened(sheet)
    assert sign(sheet).state == SheetState.SIGNED


def test_only_its_own_expert_declares_and_signs(review):
    _, [sheet, other, *_] = review
    with refused("NOT_ALLOWED"):
        scoring.declare(by=other.expert.user, sheet_id=sheet.pk, version=1, conflict=False)
    opened(sheet)
    for user in (other.expert.user, officer(Role.DEPARTMENT)):
        with refused("NOT_ALLOWED"):
            sign(sheet, by=user)


def test_the_files_of_the_case_open_with_the_declaration(review):
    _, [sheet, other, *_] = review
    assert not visible_files(sheet.expert.user).exists()
    opened(sheet)
    assert visible_files(sheet.expert.user).count() == 14
    assert not visible_files(other.expert.user).exists()


@pytest.mark.parametrize("way", ["recused", "released"])
def test_who_leaves_the_panel_reads_them_no_more(review, way):
    case, [sheet, other, *_] = review
    for one in (sheet, other):
        opened(one)
    sheet.refresh_from_db()
    if way == "recused":
        scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, conflict=True)
    else:
        scoring.release(by=case.desk.dp, sheet_id=sheet.pk, version=sheet.version, reason="未到")
    assert not visible_files(sheet.expert.user).exists()
    assert visible_files(other.expert.user).count() == 14


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ({"platform": None}, "SCORE_INCOMPLETE"),
        ({"platform": Decimal("10.1")}, "SCORE_OUT_OF_RANGE"),
        ({"looks": Decimal(1)}, "SCORE_UNKNOWN"),
    ],
)
def test_points_are_those_of_the_notice(review, points, code):
    _, [sheet, *_] = review
    opened(sheet)
    given = {name: value for name, value in {**WHOLE, **points}.items() if value is not None}
    with refused(code):
        sign(sheet, points=given)


def test_what_is_signed_is_bound_by_its_digest(review):
    case, [sheet, *_] = review
    opened(sheet)
    row = sign(sheet)
    content = {
        "sheet": str(row.pk), "application": case.at.number, "submitted": case.at.digest, "expert": str(row.expert_id),
        "points": {"capability": "36.5", "platform": "5", "qualification": "18", "record": "27"}, "total": "86.5",
        "vote": True, "comment": "材料属实。",
    }  # fmt: skip
    assert row.digest == chain.sm3(chain.canonical(content)) == last(row).facts["digest"]


def test_a_signed_sheet_is_frozen_in_the_database(review):
    _, [sheet, *_] = review
    opened(sheet)
    signed(sheet)
    with pytest.raises(DatabaseError, match="frozen_once_signed"), transaction.atomic():
        ScoreSheet.objects.filter(pk=sheet.pk).update(total=Decimal("1.0"))
    with refused("WRONG_STATE"):
        sheet.refresh_from_db()
        scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, conflict=True)


def test_the_last_signature_scores_the_case_and_none_is_dropped(review):
    case, sheets = review
    totals = ["18", "20", "0", "10.5", "19.9"]
    for sheet, points in zip(sheets, totals, strict=True):
        assert case.at.state == ApplicationState.EXPERT_REVIEW
        opened(sheet)
        signed(sheet, vote=points != "0", qualification=points)
    # (18 + 20 + 0 + 10.5 + 19.9) / 5 = 13.68, and 68.5 for the rest of each
    assert (case.at.state, case.at.mean, case.at.votes_for, case.at.votes) == ("scored", Decimal("82.18"), 4, 5)


def test_the_providers_chain_does_not_name_who_judged(review):
    case, sheets = review
    case.scored()
    names = {sheet.expert.user.name for sheet in sheets}
    assert acts(case.at)[-1] == "score"
    assert not {name for record in of_subject(case.at) for name in names if name in record.actor_label}


def test_nobody_reads_anothers_sheet_before_all_are_signed(review):
    case, sheets = review
    opened(sheets[0])
    signed(sheets[0])
    department = officer(Role.DEPARTMENT)
    row = ScoreSheet.objects.get(pk=sheets[0].pk)
    assert is_readable(row, sheets[0].expert.user) is True
    assert is_readable(row, department) is False
    case.scored(votes=(True,) * 4)
    assert is_readable(ScoreSheet.objects.get(pk=sheets[0].pk), department) is True
