"""Names and numbers as others see them."""

from __future__ import annotations

import pytest

from foundation import names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("广西甲（南宁）公司", "广西甲(南宁)公司", True),
        ("广西【甲】公司", "广西[甲]公司", True),
        ("广西 甲公司", "广西甲公司", True),
        ("ＡＢＣ公司", "abc公司", True),
        ("广西甲公司", "广西乙公司", False),
        ("广西甲公司", "广西甲公司南宁分公司", False),
    ],
)
def test_names_are_compared_after_nfkc(one: str, other: str, same: bool) -> None:
    assert names.same_name(one, other) is same


@pytest.mark.parametrize(
    ("value", "shown"),
    [("13800138000", "138****8000"), ("622848001234567890", "****7890"), ("王小明", "王***"), ("", "")],
)
def test_others_see_a_part(value: str, shown: str) -> None:
    assert names.masked(value) == shown


def test_an_account_number_shows_its_last_four() -> None:
    assert names.last_four("622848001234567890") == "****7890"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("未收到", "未收到。"),
        ("未收到。", "未收到。"),
        ("未收到！", "未收到！"),
        ("收到了吗？", "收到了吗？"),
        (" 未收到； ", "未收到。"),
        ("他说“未收到。”", "他说“未收到。”"),
    ],
)
def test_what_a_person_wrote_is_closed_before_our_words(written, shown):
    assert names.sentence(written) == shown
