"""What the officer is shown beside a demand's text."""

from __future__ import annotations

from demands import content


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
