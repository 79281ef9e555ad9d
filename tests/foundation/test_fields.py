"""The shared fields: what each takes, and the sentence for what it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from rest_framework import serializers

from foundation.api.fields import AccountNumber, Choice, CivilDate, Instant, Phone, RegionCode, Shaped

NOT_A_DAY = "日期须为存在的一天，写成 YYYY-MM-DD（半角数字），例如 2026-03-01。"
NOT_A_MOMENT = "时间须为 ISO 8601 格式（半角数字），例如 2026-03-01T10:00:00+08:00。"


def said(field: serializers.Field, value: object) -> str:
    """The one sentence with which the value is refused."""
    with pytest.raises(serializers.ValidationError) as refusal:
        field.run_validation(value)
    (sentence,) = refusal.value.detail
    return str(sentence)


def test_a_day_is_read():
    assert CivilDate().run_validation("2026-11-24") == date(2026, 11, 24)


@pytest.mark.parametrize(
    "value",
    ["２０２６-11-24", "2026-1-2", "20261124", "2026-W01-1", "2026-02-30", "2026-11-24T00:00", " 2026-11-24", 7, True],
)
def test_what_is_no_day_is_refused(value):
    assert said(CivilDate(), value) == NOT_A_DAY


@pytest.mark.parametrize("value", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
def test_a_day_of_another_century_is_refused(value):
    assert said(CivilDate(), value) == "日期的年份须在2000至2099之间。"


@time_machine.travel(datetime(2026, 3, 1, 17, 0, tzinfo=UTC), tick=False)
def test_a_day_that_has_been_goes_from_1900_to_today_in_shanghai():
    field = CivilDate(past=True)
    assert field.run_validation("1900-01-01") == date(1900, 1, 1)
    assert field.run_validation("2026-03-02") == date(2026, 3, 2)
    for value in ("1899-12-31", "2026-03-03", "0001-01-01"):
        assert said(field, value) == "日期须在1900年至今天（2026-03-02）之间。"


@pytest.mark.parametrize(
    ("value", "hours"),
    [
        ("2026-03-01T10:00:00+08:00", 2),
        ("2026-03-01T10:00:00Z", 10),
        ("2026-03-01 10:00", 2),
        ("2026-03-01T10:00:00.000", 2),
    ],
)
def test_a_moment_without_a_zone_is_shanghais(value, hours):
    assert Instant().run_validation(value) == datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)


@pytest.mark.parametrize(
    "value", ["0001-01-01", "２０２６-03-01T10:00:00", "2026-03-01", "2026-03-01T25:00", 1.5, {}, ""]
)
def test_what_is_no_moment_is_refused(value):
    assert said(Instant(), value) == NOT_A_MOMENT


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:00", "1999-12-31T23:59:59"]
)
def test_a_moment_at_the_end_of_the_calendar_is_refused_and_no_defect(value):
    assert said(Instant(), value) == "时间的年份须在2000至2099之间。"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (Phone(), "电话", "电话须为5至32位，只用半角数字、+、-、括号和空格。"),
        (AccountNumber(), "１２３４５６７", "银行账号须为6至32位半角数字，不含空格。"),
        (RegionCode(), "45010", "行政区划代码须为6位半角数字，例如 450103，见 registry/regions/。"),
        (Shaped(r"^[0-9]{2}$", says="须为2位数字。"), "x", "须为2位数字。"),
        (Shaped(r"^[0-9]{2}$", says="须为2位数字。"), [], "须为2位数字。"),
    ],
)
def test_text_of_another_shape_is_told_what_is_allowed(field, value, sentence):
    assert said(field, value) == sentence


RESULTS = [("ok", "符合"), ("fail", "不符合")]


def test_one_of_the_codes_is_taken():
    assert Choice(choices=RESULTS).run_validation("ok") == "ok"
    assert Choice(choices=RESULTS, allow_blank=True).run_validation("") == ""


@pytest.mark.parametrize(("value", "shown"), [("gone", "gone"), (["ok"], "['ok']"), (True, "True")])
def test_another_code_is_told_which_there_are_and_what_they_mean(value, shown):
    assert said(Choice(choices=RESULTS), value) == f"“{shown}”不在可选之列，可选：ok（符合）、fail（不符合）。"


def test_a_long_list_of_codes_is_cut():
    field = Choice(choices=[(f"c{number}", f"第{number}") for number in range(25)])
    sentence = said(field, "x" * 60)
    assert sentence.startswith(f"“{'x' * 40}”不在可选之列，可选：c0（第0）、c1（第1）")
    assert sentence.endswith("c19（第19）等，共25项，全部见接口文档。")


def test_what_cannot_be_shown_is_not_repeated():
    assert said(Choice(choices=RESULTS), "o\x00k").startswith("“不可见字符”不在可选之列")
