"""From sheets to a ranking: no sheet dropped, the vote first, then the mean, ties by a rule that is written down."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from accreditation import ranking
from accreditation.ranking import Case, Score, Sheet
from foundation.errors import DomainError
from programmes.rules import Criterion, Review

CRITERIA = (Criterion("qualification", "资质", 20, ""), Criterion("capability", "实力", 40, ""))
REVIEW = Review(5, 2, 3, 3, CRITERIA, CRITERIA, "")


def case(number: int, mean: str, votes_for: int = 5, minute: int = 0) -> Case:
    at = datetime(2026, 1, 12, 1, minute, tzinfo=UTC)
    return Case(UUID(int=number), f"FW-{number}", Score(Decimal(mean), votes_for, 5), at)


def ranks(placed):
    return {one.id.int: (one.rank, one.why_not) for one in placed}


def test_the_mean_is_over_every_sheet_and_rounded_half_up():
    sheets = [Sheet(Decimal(total), vote) for total, vote in (("0.0", False), ("60.0", True), ("59.9", True))]
    assert ranking.score(sheets) == Score(Decimal("39.97"), 2, 3)
    halves = [Sheet(Decimal(total), True) for total in ("0.1", "0.2", "0.1", "0.1")]
    assert ranking.score(halves).mean == Decimal("0.13")


def test_a_whole_sheet_sums_up():
    assert ranking.points(CRITERIA, {"qualification": Decimal(18), "capability": Decimal("36.5")}) == Decimal("54.5")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"qualification": "18"}, "SCORE_INCOMPLETE"),
        ({"qualification": "18", "capability": "30", "looks": "1"}, "SCORE_UNKNOWN"),
        ({"qualification": "20.1", "capability": "30"}, "SCORE_OUT_OF_RANGE"),
        ({"qualification": "-1", "capability": "30"}, "SCORE_OUT_OF_RANGE"),
        ({"qualification": "18.25", "capability": "30"}, "SCORE_OUT_OF_RANGE"),
    ],
)
def test_a_sheet_that_is_not_whole_or_out_of_range_is_refused(given, code):
    with pytest.raises(DomainError) as caught:
        ranking.points(CRITERIA, {name: Decimal(value) for name, value in given.items()})
    assert caught.value.code == code


def test_who_fails_the_vote_has_no_rank_however_high_the_mean():
    placed = ranks(ranking.rank([case(1, "95.00", votes_for=3), case(2, "60.00", votes_for=4)], REVIEW))
    assert placed[2] == (1, "")
    assert placed[1] == (None, "专家赞成票3/5，未达到2/3，未通过评审。")


def test_best_mean_first_then_votes_then_who_submitted_first_then_number():
    cases = [
        case(1, "80.00"),
        case(2, "90.00"),
        case(3, "80.00", votes_for=4),
        case(4, "80.00", minute=1),
        case(5, "80.00"),
    ]
    assert [one.id.int for one in ranking.rank(cases, REVIEW)] == [2, 1, 5, 4, 3]


def test_seats_bound_the_list_and_say_so():
    placed = ranks(ranking.rank([case(1, "80.00"), case(2, "90.00"), case(3, "70.00")], REVIEW, seats=2))
    assert (placed[2], placed[1]) == ((1, ""), (2, ""))
    assert placed[3] == (3, "评审排名第3，本批次拟推荐2家，名额已满。")


def test_who_is_left_out_keeps_its_rank_and_takes_no_seat():
    left = {UUID(int=2): "与在库产品重复。"}
    placed = ranks(ranking.rank([case(1, "80.00"), case(2, "90.00")], REVIEW, seats=1, left_out=left))
    assert placed == {2: (1, "与在库产品重复。"), 1: (2, "")}
