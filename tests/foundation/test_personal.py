"""What a text that others will read must not carry: found by its form, whoever wrote it."""

from __future__ import annotations

import pytest

from foundation import personal
from foundation.errors import Invalid
from tests.factories.accounts import make_identity


def kinds(text: str) -> list[str]:
    return [one.kind for one in personal.personal_data({"content": text})]


@pytest.mark.parametrize(
    "text",
    [
        "请打13800138000", "请打 138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+86 13800138000", "10012345678",
        "0771-5551234", "(0771)5551234", "1.3.8.0.0.1.3.8.0.0.0",
    ],
)  # fmt: skip
def test_a_telephone_number_however_it_is_written(text):
    assert kinds(text) == ["phone"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("li.si@example.com", "email"),
        ("li.si@example.com.cn请来信", "email"),
        ("微信：abc_12345", "messenger"),
        ("加微信号 lisi88888", "messenger"),
        ("QQ 12345678", "messenger"),
        ("6222 0212 3456 7890 128", "bank_card"),
    ],
)
def test_other_ways_to_reach_or_pay_a_person(text, kind):
    assert kinds(text) == [kind]


def test_an_identity_number_is_known_by_its_check_digit():
    number = make_identity(7)
    assert kinds(f"身份证{number}") == ["identity"]
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert kinds(f"编号{wrong}") == []


@pytest.mark.parametrize(
    "text",
    [
        "年产20000吨，投资1200万元，2026年3月至2026年12月", "合同金额12,500.00元", "统一社会信用代码91450199MA6K00014C",
        "设备型号GB/T 19001-2016，精度0.005mm", "产线10条、工位128个，节拍45秒", "订单号2026030100012345678901",
        "ISO9001、IATF16949", "qq群里有资料", "微信小程序开发",
    ],
)  # fmt: skip
def test_figures_of_the_trade_are_no_personal_data(text):
    assert kinds(text) == []


def test_each_field_is_told_by_itself_and_not_repeated_whole():
    found = personal.personal_data({"title": "电话13800138000", "content": "邮箱a@example.com"})
    assert [(one.field, one.label, one.shown) for one in found] == [
        ("title", "电话号码", "138…"),
        ("content", "电子邮箱", "a@e…"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "120000000.00元", "15000.00 2026-03-01", "2026-1-12 2026-04-30", "12500.00；2026-12-31；10",
        "统一社会信用代码914501990000035624",
    ],
)  # fmt: skip
def test_amounts_dates_and_codes_as_the_platform_writes_them_are_no_personal_data(text):
    assert kinds(text) == []


@pytest.mark.parametrize("text", ["13800138000.00", "138.0013.8000", "139-2012-12-34", "13912345678，2026-03-01"])
def test_a_telephone_number_dressed_up_as_a_figure_is_still_one(text):
    assert kinds(text) == ["phone"]


def test_the_refusal_names_every_field_and_kind_and_what_to_do():
    with pytest.raises(Invalid) as caught:
        personal.refuse(
            {"name": "某公司", "introduction": f"联系13900001111，身份证{make_identity(3)}"},
            labels={"name": "机构名称", "introduction": "机构简介"},
            because="简介公开展示",
            instead="请删去。",
        )
    assert caught.value.code == "PERSONAL_DATA"
    assert caught.value.message == (
        "简介公开展示，不能含个人信息：机构简介中有身份证号码（459…）；机构简介中有电话号码（139…）。请删去。"
    )
    assert caught.value.details == {
        "found": [{"field": "introduction", "kind": "identity"}, {"field": "introduction", "kind": "phone"}]
    }


def test_a_text_without_any_passes():
    personal.refuse({"name": "某公司"}, labels={"name": "机构名称"}, because="", instead="")
