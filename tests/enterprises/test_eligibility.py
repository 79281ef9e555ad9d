"""Every point of the automatic check: its result, and what makes it fail or doubtful."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from enterprises import eligibility
from enterprises.eligibility import Claim, Known

GOOD = Claim("广西示例机械有限公司", "91450199MA6K00014C", "3670", "450103")
LISTED = Known(roster_name="广西示例机械有限公司", roster_since=date(2019, 3, 1))


def results(claim: Claim, known: Known) -> dict[str, str]:
    return {check.code: check.result for check in eligibility.examine(claim, known)}


def test_all_points_hold() -> None:
    assert results(GOOD, LISTED) == {
        "uscc": "ok",
        "industry": "ok",
        "region": "ok",
        "listed": "ok",
        "dishonest": "ok",
    }


@pytest.mark.parametrize(
    "uscc", ["91450199MA6K00014D", "91450199MA6K0001", "9145019IMA6K00014C", "９1450199MA6K00014C"]
)
def test_a_wrong_code_fails(uscc: str) -> None:
    assert results(replace(GOOD, uscc=uscc), LISTED)["uscc"] == "fail"


def test_the_organisation_digit_and_a_foreign_prefix_only_warn() -> None:
    found = results(replace(GOOD, uscc="91350100M000100Y43"), LISTED)
    assert (found["uscc"], found["uscc_region_prefix"]) == ("ok", "warning")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("1310", "ok"),
        ("4390", "ok"),
        ("1200", "fail"),
        ("4400", "fail"),
        ("0600", "fail"),
        ("367", "fail"),
        ("", "fail"),
    ],
)
def test_manufacturing_is_divisions_13_to_43(code: str, result: str) -> None:
    assert results(replace(GOOD, industry_code=code), LISTED)["industry"] == result


@pytest.mark.parametrize(
    ("code", "result"), [("450100", "ok"), ("450103", "ok"), ("450000", "warning"), ("440100", "warning")]
)
def test_a_place_outside_the_region_is_a_doubt(code: str, result: str) -> None:
    assert results(replace(GOOD, region_code=code), LISTED)["region"] == result


def test_not_on_the_roster_is_a_doubt() -> None:
    assert results(GOOD, Known())["listed"] == "warning"


def test_another_name_on_the_roster_is_a_doubt() -> None:
    assert results(GOOD, replace(LISTED, roster_name="广西别家机械有限公司"))["roster_name"] == "warning"


def test_brackets_and_blanks_make_no_other_name() -> None:
    known = replace(LISTED, roster_name="广西示例机械（ 柳州 ）有限公司")
    assert "roster_name" not in results(replace(GOOD, name="广西示例机械(柳州)有限公司"), known)


def test_a_dishonest_party_fails() -> None:
    known = replace(LISTED, dishonest_basis="（2025）桂01执1号")
    assert results(GOOD, known)["dishonest"] == "fail"


def test_every_failing_point_is_told_at_once() -> None:
    bad = Claim("某公司", "123", "0600", "440100")
    checks = eligibility.examine(bad, Known(dishonest_basis="（2025）桂01执1号"))
    assert [check.code for check in eligibility.failing(checks)] == ["uscc", "industry", "dishonest"]
    assert eligibility.is_doubtful(checks)


def test_a_check_tells_value_and_source() -> None:
    listed = next(check for check in eligibility.examine(GOOD, LISTED) if check.code == "listed")
    assert listed.as_dict() == {
        "code": "listed",
        "label": "规上名录",
        "value": "广西示例机械有限公司，2019-03-01入库",
        "source": "规上企业名录",
        "result": "ok",
        "message": "在规上企业名录中。",
    }
