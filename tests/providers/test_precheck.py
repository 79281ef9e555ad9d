"""The advisory pre-check: what its rules see, and that whatever a checker does a person goes on (DOMAIN 0.9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from providers import selectors
from providers.precheck import Figures, Finding, Offered, Own, RuleCheck, Verdict, excluded_words, likeness, price_bound
from providers.services import prechecking, products
from providers.states import PrecheckResult
from tests.enterprises.support import yuan
from tests.factories.accounts import TESTER
from tests.factories.providers import ProductFactory, ProviderFactory
from tests.providers.support import drafted

GOOD = Offered(
    name="数字化转型诊断",
    category="diagnosis",
    aim="查明生产环节的数字化短板，给出改造方案",
    functions="现场调研、数据采集、短板分析",
    deliverables=("诊断报告", "改造路线图"),
    indicators=({"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场核对"},),
    min_days=10,
    max_days=45,
    price=yuan(12500),
    price_proof="近两年同类合同均价",
    proof_files=1,
    market_prices=0,
    team="顾问6名",
    cases="诊断12家",
)
USUAL = Figures(prices=tuple(yuan(price) for price in (10000, 11000, 12000, 13000, 14000)))


def told(offered: Offered, figures: Figures = USUAL) -> tuple[int, list[tuple[str, str]]]:
    """The verdict's number, and code and level of each finding."""
    verdict = RuleCheck().check(offered, figures)
    return int(verdict.result), [(one.code, one.level) for one in verdict.findings]


def test_nothing_against_it_is_a_pass() -> None:
    assert told(GOOD) == (1, [])


@pytest.mark.parametrize(
    ("changes", "result", "finding"),
    [
        ({"aim": "降本增效"}, 3, ("AIM_SHORT", "warn")),
        ({"functions": " "}, 3, ("FIELD_EMPTY", "warn")),
        ({"team": ""}, 3, ("FIELD_EMPTY", "warn")),
        ({"cases": ""}, 3, ("FIELD_EMPTY", "warn")),
        ({"deliverables": ("诊断报告", "其他")}, 3, ("DELIVERABLE_VAGUE", "warn")),
        ({"max_days": 367}, 3, ("DAYS_LONG", "warn")),
        ({"min_days": 1}, 3, ("DAYS_SHORT", "warn")),
        ({"proof_files": 0, "price_proof": " "}, 2, ("PRICE_UNPROVEN", "fail")),
        ({"proof_files": 0}, 3, ("PRICE_WORDS_ONLY", "warn")),
        ({"price": Decimal("15000.01")}, 3, ("PRICE_HIGH", "warn")),
        ({"name": "产品强制检验"}, 2, ("OUT_OF_SCOPE", "fail")),
    ],
    ids=str,
)
def test_what_it_sees(changes: dict[str, Any], result: int, finding: tuple[str, str]) -> None:
    assert told(replace(GOOD, **changes)) == (result, [finding])


@pytest.mark.parametrize("changes", [{"min_days": 1, "is_training": True}, {"price": yuan(15000)}, {"max_days": 366}])
def test_what_is_in_order(changes: dict[str, Any]) -> None:
    assert told(replace(GOOD, **changes)) == (1, [])


@pytest.mark.parametrize(
    ("target", "measurable"),
    [
        ("≥2", True),
        ("２条产线", True),
        ("三项", True),
        ("不低于现有水平", True),
        ("能耗下降，低于上年", True),
        ("检验合格", True),
        ("良好", False),
        ("满足企业需要", False),
    ],
)
def test_an_indicator_has_a_number_or_can_be_compared(target: str, measurable: bool) -> None:
    offered = replace(GOOD, indicators=({"name": "效果", "unit": "", "target": target, "method": "核对"},))
    assert told(offered) == ((1, []) if measurable else (2, [("NOT_MEASURABLE", "fail")]))


def test_one_of_two_indicators_that_says_nothing_is_a_warning_that_names_it() -> None:
    poor = {"name": "企业满意", "unit": "", "target": "良好", "method": "回访"}
    verdict = RuleCheck().check(replace(GOOD, indicators=(*GOOD.indicators, poor)), USUAL)
    assert (verdict.result, verdict.findings[0].level) == (PrecheckResult.PARTLY, "warn")
    assert "“企业满意”" in verdict.findings[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("提供常规检测服务", ["常规检测"]),
        ("常规通用检验", ["常规通用检验"]),
        ("办理强制性检定和常规检测", ["强制性检定", "常规检测"]),
        ("高精度数字测量，不含常规检测项目", []),
        ("除强制检验外的定制化检测", []),
        ("定制化智能制造检验检测", []),
    ],
)
def test_routine_and_mandatory_tests_are_out_of_scope(text: str, words: list[str]) -> None:
    assert excluded_words(text) == words


def test_the_usual_price_is_the_median_and_three_deviations_above_it() -> None:
    assert price_bound(USUAL.prices) == (yuan(12000), yuan(15000))
    assert price_bound([yuan(100)] * 5) == (yuan(100), yuan(100))


def test_with_few_on_the_shelf_no_price_is_compared() -> None:
    result, findings = told(replace(GOOD, price=yuan(990000)), Figures(prices=USUAL.prices[:4]))
    assert (result, findings) == (1, [("PRICE_NOT_COMPARED", "note")])


def test_the_same_name_or_nearly_the_same_text_as_another_of_ones_own() -> None:
    same = Own("数字化 转型诊断", "别的内容")
    alike = Own("工厂体检", GOOD.aim + GOOD.functions + "".join(GOOD.deliverables) + "。")
    other = Own("品牌策划", "为企业进入中高端市场策划品牌和渠道")
    assert told(GOOD, replace(USUAL, own=(same, alike, other))) == (
        2,
        [("NAME_REPEATED", "fail"), ("TEXT_REPEATED", "warn")],
    )


def test_likeness() -> None:
    assert likeness("改造方案", "改造方案") == 1
    assert likeness("改造方案", "品牌策划") == 0
    assert likeness("", "改造方案") == 0
    assert likeness("改造方案", "改造计划") == Decimal(2) / 6


@pytest.mark.django_db
def test_the_figures_are_the_shelfs_prices_and_ones_own_other_products() -> None:
    version = drafted()
    provider = version.product.provider
    ProductFactory(on_shelf=True, price="9000.00")
    ProductFactory(on_shelf=True, price="9500.00", category="market")
    ProductFactory(price="7000.00")
    ProductFactory(provider=provider, name="设备上云", category="digitalisation")
    ProductFactory(provider=ProviderFactory(), name="别家的产品")
    figures = selectors.figures(version)
    assert (figures.prices, [one.name for one in figures.own]) == ((yuan(9000),), ["设备上云"])


class Bad:
    """A checker that breaks in the way its `how` says."""

    name, version = "外部预审", "9"
    how = ""

    def check(self, offered: Offered, figures: Figures) -> Any:
        if self.how == "raise":
            raise TimeoutError("模型没有回答")
        if self.how == "statement":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nonsense FROM nowhere")
        return {"none": None, "text": "通过", "number": Verdict(9, ())}[self.how]


class Model:
    """Another checker."""

    name, version = "文本模型", "2026.1"

    def check(self, offered: Offered, figures: Figures) -> Verdict:
        return Verdict(PrecheckResult.FAILED, (Finding("X", "fail", "aim", "长" * 900),))


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["raise", "statement", "none", "text", "number"])
def test_a_checker_that_fails_leaves_it_to_a_person(how: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCT_PRECHECK = "tests.providers.test_precheck.Bad"
    monkeypatch.setattr(Bad, "how", how)
    version = products.take_up(by=TESTER, version_id=drafted().pk)
    assert (version.state, version.precheck_result) == ("in_review", 4)
    assert (version.precheck["label"], version.precheck["checker"]) == ("无法判断", "外部预审")
    assert [one["code"] for one in version.precheck["findings"]] == ["CHECKER_FAILED"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["no.such.Checker", "nonsense", "providers.precheck.Precheck"])
def test_a_setting_that_names_no_checker_leaves_it_to_a_person(path: str, settings: Any) -> None:
    settings.PRODUCT_PRECHECK = path
    answer = prechecking.ask(drafted())
    assert (answer.result, answer.checker) == (PrecheckResult.UNKNOWN, path)


@pytest.mark.django_db
def test_another_checker_is_plugged_in_by_its_path(settings: Any) -> None:
    settings.PRODUCT_PRECHECK = "tests.providers.test_precheck.Model"
    answer = prechecking.ask(drafted()).as_dict()
    assert (answer["result"], answer["checker"], answer["checker_version"]) == (2, "文本模型", "2026.1")
    assert len(answer["findings"][0]["message"]) == 500
