import pytest

from foundation.errors import Invalid
from registry import uscc
from tests.factories.accounts import make_uscc


@pytest.mark.parametrize(
    ("code", "warnings"),
    [
        ("91450199MA6K00014C", []),
        ("91450299MA6K00022C", []),
        ("91350100M000100Y43", ["REGION_PREFIX"]),  # the standard's own check vector, another province
    ],
)
def test_a_valid_code_passes_with_its_warnings(code, warnings):
    checked = uscc.check(code)
    assert (checked.code, [warning.code for warning in checked.warnings]) == (code, warnings)


def test_lower_case_and_outer_blanks_are_normalised():
    assert uscc.check(" 91450199ma6k00014c ").code == "91450199MA6K00014C"


def test_a_wrong_organisation_digit_only_warns():
    code = next(code for i in range(10) if not uscc.organisation_code_holds(code := _valid(f"91450199MA6K0001{i}")))
    assert [warning.code for warning in uscc.check(code).warnings] == ["ORGANISATION_CODE"]


def _valid(body: str) -> str:
    return body + uscc.stdnum_uscc.calc_check_digit(body)


def test_made_up_codes_hold_both_digits():
    assert all(uscc.check(make_uscc()).warnings == () for _ in range(50))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91450199MA6K00014D", "校验码不符（第18位应为C，现为D）"),
        ("91350100M000100Y4Z", "不使用字母Z"),
        ("91450199MA6K0001OC", "不使用字母O"),
        ("９1450199MA6K00014C", "全角"),
        ("91450199MA6K00014С", "全角或非英文"),  # a Cyrillic С
        ("91450199MA6K0001ß", "全角或非英文"),
        ("91450199MA6K00014", "须为18位，现为17位"),
        ("91450199MA6K00014CC", "须为18位，现为19位"),
        ("", "须为18位，现为0位"),
        ("91450199MA6K-0014C", "只能含数字和大写字母"),
        ("91450199MA6K\x0000014", "只能含数字"),
        ("91AB0199MA6K00014C", "前8位"),
    ],
)
def test_a_wrong_code_is_refused_with_its_reason(code, why):
    with pytest.raises(Invalid) as caught:
        uscc.check(code)
    assert caught.value.code == "USCC_INVALID"
    assert why in caught.value.message


def test_every_single_wrong_digit_is_found():
    code = "91450199MA6K00014C"
    for position in range(18):
        for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if other != code[position]:
                with pytest.raises(Invalid):
                    uscc.check(code[:position] + other + code[position + 1 :])
