"""From signed score sheets to a list of those to be recommended (第十五条第（三）项, 8-51). No ORM, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from foundation.errors import Invalid
from programmes.rules import Criterion, Review

TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True)
class Sheet:
    """One expert's points and vote."""

    total: Decimal
    vote: bool


@dataclass(frozen=True)
class Score:
    """What the sheets of one case come to: mean to two places (half up), votes for, votes."""

    mean: Decimal
    votes_for: int
    votes: int


@dataclass(frozen=True)
class Case:
    """A scored case in the ranking."""

    id: UUID
    number: str
    score: Score
    submitted_at: datetime


@dataclass(frozen=True)
class Placed:
    """Its rank among those that passed the vote (None: it did not), and why it is not recommended (empty: it is)."""

    id: UUID
    rank: int | None
    why_not: str


def points(criteria: Sequence[Criterion], given: Mapping[str, Decimal]) -> Decimal:
    """The sum of a whole sheet. Raises SCORE_INCOMPLETE, SCORE_UNKNOWN, SCORE_OUT_OF_RANGE naming every line."""
    known = {one.code: one for one in criteria}
    missing = [one.name for one in criteria if one.code not in given]
    if missing:
        raise Invalid("SCORE_INCOMPLETE", f"以下评分项尚未打分：{'、'.join(missing)}。", missing=missing)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid(
            "SCORE_UNKNOWN",
            f"评分表中没有：{'、'.join(unknown)}。",
            unknown=unknown,
            known=[one.code for one in criteria],
        )
    wrong = [
        f"{one.name}须为0至{one.points}分、最多一位小数，现为{given[one.code]}"
        for one in criteria
        if not (0 <= given[one.code] <= one.points and given[one.code] == given[one.code].quantize(TENTH))
    ]
    if wrong:
        raise Invalid("SCORE_OUT_OF_RANGE", f"{'；'.join(wrong)}。", wrong=wrong)
    return sum((given[one.code] for one in criteria), Decimal(0)).quantize(TENTH)


def score(sheets: Sequence[Sheet]) -> Score:
    """Mean and votes over every sheet: none is dropped (8-51)."""
    total = sum((sheet.total for sheet in sheets), Decimal(0))
    mean = (total / len(sheets)).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    return Score(mean, sum(sheet.vote for sheet in sheets), len(sheets))


def rank(
    cases: Sequence[Case], review: Review, *, seats: int | None = None, left_out: Mapping[UUID, str] | None = None
) -> list[Placed]:
    """Who passed the vote, best mean first; ties by votes for, then by who submitted first, then by number.

    `seats` bounds how many are recommended; `left_out` are those the department leaves out, with its reason:
    they keep their rank and take no seat.
    """
    kept_out = left_out or {}
    passed = [case for case in cases if review.passes(case.score.votes_for, case.score.votes)]
    passed.sort(key=lambda case: (-case.score.mean, -case.score.votes_for, case.submitted_at, case.number))
    need = f"{review.pass_votes}/{review.pass_of}"
    placed, used = [], 0
    for place, case in enumerate(passed, start=1):
        why = kept_out.get(case.id, "")
        if not why and seats is not None and used >= seats:
            why = f"评审排名第{place}，本批次拟推荐{seats}家，名额已满。"
        used += not why
        placed.append(Placed(case.id, place, why))
    ids = {case.id for case in passed}
    failed = [case for case in cases if case.id not in ids]
    placed += [
        Placed(
            case.id,
            None,
            f"专家赞成票{case.score.votes_for}/{case.score.votes}，未达到{need}，未通过评审。",
        )
        for case in failed
    ]
    return placed
