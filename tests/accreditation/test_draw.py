"""The draw as a rule: the seed decides, everybody can draw again, nobody judges his own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from accreditation import draw
from accreditation.draw import Body, Candidate, Tied
from engines.evidence import chain

DAY = date(2026, 3, 2)
APPLICANT, PARENT, OTHER = "91450199MA6K00014C", "91440101MA00000012", "91450299MA6K00022C"
BODY = Body(UUID(int=100), APPLICANT, frozenset({"diagnosis"}), parent_uscc=PARENT, seats=5)


def expert(number: int, **fields) -> Candidate:
    return Candidate(**{"id": UUID(int=number), "fields": frozenset({"diagnosis"}), "unit_uscc": OTHER, **fields})


POOL = [expert(number) for number in range(1, 21)]


def test_the_order_is_sm3_of_seed_and_expert():
    expected = sorted((one.id for one in POOL), key=lambda pk: chain.sm3(f"seed:{pk}".encode()))
    assert draw.order("seed", [one.id for one in POOL]) == expected


def test_the_same_seed_gives_the_same_people_whatever_the_order_of_the_pool():
    one = draw.draw("a1b2", POOL, [BODY], DAY)
    again = draw.draw("a1b2", POOL[::-1], [BODY], DAY)
    assert one == again
    assert len(one.seats[BODY.id]) == 5


def test_another_seed_gives_others():
    assert draw.draw("a1b2", POOL, [BODY], DAY).order != draw.draw("c3d4", POOL, [BODY], DAY).order


def test_every_expert_has_the_same_chance():
    times = dict.fromkeys((one.id for one in POOL), 0)
    for seed in range(2000):
        for chosen in draw.draw(str(seed), POOL, [BODY], DAY).seats[BODY.id]:
            times[chosen] += 1
    assert all(400 < count < 600 for count in times.values())  # 500 expected, σ about 19


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"unit_uscc": APPLICANT}, "所在单位即申请机构或其母公司"),
        ({"unit_uscc": PARENT}, "所在单位即申请机构或其母公司"),
        ({"ties": (Tied(APPLICANT, "任职：某机构"),)}, "任职：某机构"),
        ({"ties": (Tied(PARENT, "持股或出资：某集团"),)}, "持股或出资：某集团"),
        ({"ties": (Tied(APPLICANT, "提供服务：某机构", date(2026, 3, 2)),)}, "提供服务：某机构"),
        ({"recused_from": frozenset({APPLICANT})}, "本批次已对该机构声明回避"),
        ({"fields": frozenset({"finance"})}, "专业领域不符"),
    ],
)
def test_who_keeps_away_is_named_with_the_reason(fields, why):
    tied = expert(1, **fields)
    result = draw.draw("seed", [tied, *POOL[1:]], [BODY], DAY)
    assert tied.id not in result.seats[BODY.id]
    assert (tied.id, BODY.id, why) in result.excluded


def test_a_tie_that_is_over_for_long_enough_keeps_nobody_away():
    free = expert(1, ties=(Tied(APPLICANT, "提供服务：某机构", date(2026, 3, 1)),))
    assert draw.why_not(free, BODY, DAY) == ""


def test_who_had_a_sheet_of_the_case_is_not_drawn_again():
    body = Body(BODY.id, APPLICANT, BODY.categories, seats=20, taken=frozenset({UUID(int=7)}))
    result = draw.draw("seed", POOL, [body], DAY)
    assert UUID(int=7) not in result.seats[BODY.id]
    assert result.short({BODY.id: 20}) == {BODY.id: 1}


def test_one_who_is_tied_to_one_applicant_may_judge_another():
    tied = expert(1, unit_uscc=APPLICANT)
    second = Body(UUID(int=101), "91450199MA6K00030N", frozenset({"diagnosis"}), seats=1)
    result = draw.draw("seed", [tied], [Body(BODY.id, APPLICANT, BODY.categories, seats=1), second], DAY)
    assert (result.seats[BODY.id], result.seats[second.id]) == ((), (tied.id,))
