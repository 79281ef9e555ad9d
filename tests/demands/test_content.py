"""What a public text must not carry, and what the officer is shown beside it."""

from __future__ import annotations

import pytest

from demands import content
from tests.factories.accounts import make_identity


def kinds(text: str) -> list[str]:
    return [one.kind for one in content.personal_data({"content": text})]


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
    found = content.personal_data({"title": "电话13800138000", "content": "邮箱a@example.com"})
    assert [(one.field, one.label, one.shown) for one in found] == [
        ("title", "电话号码", "138…"),
        ("content", "电子邮箱", "a@e…"),
    ]


def codes(title: str, text: str, **live: str) -> list[str]:
    return [one.code for one in content.findings(title, text, live_titles=live)]


def test_findings_point_at_what_the_regulation_keeps_out():
    text = "需要做锅炉的强制检验，费用可以返现，请加微信联系我们的采购经理。"
    assert codes("检验服务", text) == ["outside_scope", "cash_out", "contact_words"]


def test_a_good_text_has_no_finding():
    assert codes("数字化转型诊断", "机加工企业，两条产线，想查明质量环节的短板，给出改造方案。") == []


def test_too_short_spoken_numbers_and_the_same_title_are_found():
    found = content.findings("做环评", "一三八零零一三八零零零", live_titles={"XQ-1": "做 环评", "XQ-2": "别的"})
    assert [(one.code, one.words) for one in found] == [
        ("spoken_number", ("一三八零零一三八零零零",)),
        ("too_short", ()),
        ("same_title", ("XQ-1",)),
    ]
