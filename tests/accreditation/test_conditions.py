"""Each condition of 第十三条 and 第八条, by itself; what a parent company adds and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accreditation import conditions
from accreditation.api.applications import CONDITIONS_OF_PROVIDER
from accreditation.conditions import Offer, Parent, Profile
from accreditation.states import MaterialKind, Outcome, Source
from programmes.rules import Admission

DAY = date(2026, 3, 2)
ASKED = Admission(
    years=3, core_staff=8, insured_months=12, clients=10, revenue=Decimal("2000000.00"), new_body_years=1, article=""
)
GOOD = Profile(
    uscc="91450199MA6K00014C",
    region="青秀区",
    address="南宁市青秀区示例路8号",
    founded_on=date(2015, 3, 12),
    core_staff=8,
    clients=10,
    revenue=Decimal("2000000.00"),
    categories={"diagnosis": "企业诊断服务"},
    materials=frozenset({MaterialKind.TAX}),
    commitment=True,
    proven=10,
)
OUTSIDE = Parent("广东示例集团", "91440101MA00000012", date(2010, 1, 1), 50, 40, Decimal("90000000.00"))
INSIDE = replace(OUTSIDE, uscc="91450101MA00000012")
NEW = replace(GOOD, founded_on=date(2025, 9, 1), core_staff=0, clients=0, revenue=Decimal("0.00"), proven=0)


def found(who: Profile, code: str):
    return next(one for one in conditions.of_provider(who, ASKED, DAY) if one.code == code)


def test_who_meets_the_least_of_everything_meets_it():
    results = {one.code: one.result for one in conditions.of_provider(GOOD, ASKED, DAY)}
    assert results == dict.fromkeys(
        (
            *("commitment", "legal_form", "registered_here", "tax", "place", "scope", "years", "core_staff", "clients"),
            *("revenue", "credit"),
        ),
        Outcome.OK,
    )


def test_the_documented_example_of_a_check_names_every_condition():
    assert tuple(one.code for one in conditions.of_provider(GOOD, ASKED, DAY)) == CONDITIONS_OF_PROVIDER


@pytest.mark.parametrize(
    ("code", "change", "result", "why"),
    [
        ("commitment", {"commitment": False}, "fail", "须由服务商签署人签署承诺。"),
        (
            "legal_form",
            {"uscc": "92450199MA6K000149"},
            "doubt",
            "统一社会信用代码前两位不是91（企业），请核对证照上的主体类型。",
        ),
        ("registered_here", {"region": ""}, "fail", "登记地不在广西的县（市、区）。"),
        ("tax", {"materials": frozenset()}, "fail", "缺少纳税登记表。"),
        ("place", {"address": "  "}, "fail", "未填写经营场地。"),
        ("scope", {"categories": {}}, "fail", "未选择任何服务类别。"),
        ("years", {"founded_on": date(2023, 3, 3)}, "fail", "须依法经营满3年；区外机构新设的主体可以填报母公司。"),
        ("core_staff", {"core_staff": 7}, "fail", "低于要求，差1名。"),
        ("clients", {"clients": 9, "proven": 9}, "fail", "低于要求，差1家。"),
        ("revenue", {"revenue": Decimal("1999999.99")}, "fail", "低于要求，差0.01元。"),
        ("credit", {"dishonest": "某法院（1）执字"}, "fail", "列入依据：某法院（1）执字。"),
    ],
)
def test_a_condition_that_is_not_met_says_why(code, change, result, why):
    one = found(replace(GOOD, **change), code)
    assert (one.result, one.why) == (result, why)


@pytest.mark.parametrize(("founded", "result"), [(date(2023, 3, 2), "ok"), (date(2023, 3, 3), "fail")])
def test_three_years_are_full_on_the_very_day(founded, result):
    assert found(replace(GOOD, founded_on=founded), "years").result == result


def test_a_code_of_another_region_is_only_doubted():
    one = found(replace(GOOD, uscc="91350100M000100Y43"), "registered_here")
    assert one.result == Outcome.DOUBT
    assert "登记机关区划码不是45开头" in one.why


def test_declared_clients_that_no_contract_proves_are_doubted():
    one = found(replace(GOOD, clients=30, proven=4), "clients")
    assert (one.result, one.value) == (Outcome.DOUBT, "30家；附合同证明4家")
    assert one.why == "填报数达到要求，但附有上年合同的只有4家，少于10家。"


def test_contracts_for_more_clients_than_declared_are_doubted():
    one = found(replace(GOOD, clients=3, proven=12), "clients")
    assert (one.result, one.why) == (Outcome.DOUBT, "附有上年合同的有12家，多于填报数，请核对填报数。")


def test_a_parents_years_always_count():
    old_enough_for_figures = replace(GOOD, founded_on=date(2024, 6, 1), parent=OUTSIDE)
    one = found(old_enough_for_figures, "years")
    assert (one.result, one.source) == (Outcome.OK, Source.PARENT)
    assert one.value == "2024-06-01成立；母公司广东示例集团2010-01-01成立，满16年"


def test_a_parent_that_is_too_young_does_not_help():
    one = found(replace(NEW, parent=replace(OUTSIDE, founded_on=date(2024, 1, 1))), "years")
    assert (one.result, one.why) == (Outcome.FAIL, "母公司经营也未满3年。")


@pytest.mark.parametrize("code", ["core_staff", "clients", "revenue"])
def test_a_parents_figures_count_while_the_new_body_is_younger_than_a_year(code):
    who = replace(NEW, parent=OUTSIDE, proven_by_parent=10)
    one = found(who, code)
    assert (one.result, one.source, one.why) == (
        Outcome.OK,
        Source.PARENT,
        "按区外母公司计入，请核对母子公司关系证明。",
    )


@pytest.mark.parametrize(("founded", "result"), [(date(2025, 3, 3), "ok"), (date(2025, 3, 2), "fail")])
def test_they_count_no_more_from_the_first_anniversary_on(founded, result):
    assert found(replace(NEW, founded_on=founded, parent=OUTSIDE), "core_staff").result == result


def test_after_a_year_the_refusal_says_that_the_parents_figures_are_over():
    one = found(replace(NEW, founded_on=date(2024, 1, 1), parent=OUTSIDE), "revenue")
    assert (one.result, one.source) == (Outcome.FAIL, Source.DECLARED)
    assert one.why == "低于要求，差2,000,000.00元；主体成立已满1年，母公司指标不再计入。"


def test_a_parents_contracts_prove_only_while_its_figures_count():
    young = found(replace(NEW, parent=OUTSIDE, proven_by_parent=10), "clients")
    grown = found(replace(GOOD, parent=OUTSIDE, proven=0, proven_by_parent=10), "clients")
    assert (young.result, grown.result) == (Outcome.OK, Outcome.DOUBT)


@pytest.mark.parametrize("code", ["years", "core_staff", "revenue"])
def test_a_parent_inside_the_region_is_doubted(code):
    one = found(replace(NEW, parent=INSIDE), code)
    assert one.result == Outcome.DOUBT
    assert one.why == "母公司代码显示在区内登记；办法只规定区外服务商新设主体可以计入母公司，请核实。"


def test_a_parents_figures_that_are_too_low_fail():
    one = found(replace(NEW, parent=replace(OUTSIDE, core_staff=5)), "core_staff")
    assert (one.result, one.why) == (Outcome.FAIL, "母公司指标也低于要求，差3名。")


def test_a_dishonest_parent_is_doubted_only_where_it_is_counted():
    parent = replace(OUTSIDE, dishonest="某法院")
    assert found(replace(NEW, parent=parent), "credit").result == Outcome.DOUBT
    assert found(replace(GOOD, parent=parent), "credit").result == Outcome.OK


def test_a_public_platform_is_encouraged_and_never_required():
    assert "platform" not in {one.code for one in conditions.of_provider(GOOD, ASKED, DAY)}
    one = found(replace(GOOD, public_platform="国家中小企业公共服务示范平台"), "platform")
    assert (one.hard, one.result) == (False, Outcome.DOUBT)


def test_the_tie_to_the_parent_is_proven_where_it_is_needed():
    assert conditions.uses_parent(replace(NEW, parent=OUTSIDE), ASKED, DAY) is True
    assert conditions.uses_parent(replace(GOOD, parent=OUTSIDE), ASKED, DAY) is False
    assert MaterialKind.PARENT in conditions.materials_of_provider(with_parent=True, public_platform=False)


OFFER = Offer(
    category="diagnosis",
    aim="查明短板",
    deliverables=["诊断报告"],
    indicators=[{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场核对"}],
    price=Decimal("12500.00"),
    price_proof="近两年同类合同均价",
    min_days=10,
    max_days=60,
    standing="2026年度服务商",
    known={"diagnosis": "企业诊断服务"},
)


def of_product(code: str, **change):
    return next(one for one in conditions.of_product(replace(OFFER, **change)) if one.code == code)


def test_a_whole_product_meets_article_8():
    assert {one.result for one in conditions.of_product(OFFER)} == {Outcome.OK}


@pytest.mark.parametrize(
    ("code", "change", "result"),
    [
        ("category", {"category": "catering"}, "fail"),
        ("service", {"deliverables": []}, "fail"),
        ("service", {"min_days": 90}, "fail"),
        ("price", {"price_proof": " "}, "fail"),
        ("indicators", {"indicators": []}, "fail"),
        ("indicators", {"indicators": [{"name": "满意度", "target": "明显提高"}]}, "doubt"),
        ("effect", {"aim": ""}, "fail"),
        ("provider", {"standing": ""}, "fail"),
    ],
)
def test_a_product_that_lacks_something_is_told(code, change, result):
    one = of_product(code, **change)
    assert one.result == result
    assert one.why
