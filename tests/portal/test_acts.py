"""The words of the evidence: every act that a service records has some."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from accreditation.services import rounds
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import subject_models
from enterprises.states import GrantKind
from portal import acts
from settlement.models import Batch, Claim
from tests.factories.programmes import make_notice

ROOT = Path(acts.__file__).resolve().parent.parent
ROOMS = (
    "accounts", "accreditation", "contracts", "credit", "demands", "engines", "enterprises", "programmes", "providers",
    "records", "registry", "sample", "settlement",
)  # fmt: skip


def _files() -> list[Path]:
    return sorted(
        file
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        if "migrations" not in file.relative_to(ROOT).parts
    )


def _constant(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constant(node.body)
        yield from _constant(node.orelse)


def _helpers(trees: list[ast.Module]) -> dict[str, int]:
    """Functions of a file that take an act by its place."""
    found = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [one.arg for one in node.args.args]
                if "act" in names:
                    found[node.name] = names.index("act")
    return found


def recorded() -> set[str]:
    """Every act that stands in the code as text: given by name, by place to a function that takes one, or kept as `act`."""
    found = {f"quota_{kind}" for kind in GrantKind.values} | {act for act, _ in rounds._STEPS.values()}
    for file in _files():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        places = _helpers([tree])
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and [one.id for one in node.targets if isinstance(one, ast.Name)] == [
                "act"
            ]:
                found |= set(_constant(node.value))
            if not isinstance(node, ast.Call):
                continue
            for keyword in node.keywords:
                if keyword.arg == "act":
                    found |= set(_constant(keyword.value))
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in places and len(node.args) > places[name]:
                found |= set(_constant(node.args[places[name]]))
    return found


def test_every_act_in_the_code_has_words() -> None:
    said = acts._words()
    everywhere = {act for words in said.values() for act in words}
    assert sorted(recorded() - everywhere) == []


def test_the_words_are_chinese_and_of_known_tables() -> None:
    tables = {model._meta.db_table for model in acts_models()}
    said = acts._words()
    assert set(said) - {"any", "actors"} <= tables
    assert [word for words in said.values() for word in words.values() if word.isascii()] == []


def acts_models() -> list[type]:
    return list(subject_models())


def test_acts_kept_in_a_name_before_they_are_recorded_are_looked_at_too() -> None:
    assert {"be_decided", "be_shown", "close_clear", "close_with_hold", "put_back"} <= recorded()


def test_an_act_is_said_in_the_words_of_its_table() -> None:
    assert acts.label("settlement_claim", "check") == "形式审核通过"
    assert acts.label("settlement_payoutorder", "check") == "复核支付单"


def test_inputs_of_a_figure_have_names_and_units() -> None:
    said = {
        "rate": "0.50",
        "accepted_amount": Decimal("12500.00"),
        "titles": [1],
        "hold": "x",
        "预算总额": 3,
        "why": "",
    }
    assert acts.inputs(said) == [("补贴比例", "50%"), ("验收金额", "12,500.00元"), ("预算总额", "3")]


def test_inputs_are_told_by_their_names_and_days() -> None:
    said = {"winning_title": "little_giant", "数据截止": "2026-01-07", "起算": "2026-01-21T16:30:00+00:00"}
    names = ["专精特新“小巨人”企业", "2026年1月7日", "2026年1月22日 00:30"]
    assert [text for _, text in acts.inputs(said)] == names


@pytest.mark.django_db
def test_categories_and_tiers_are_called_as_the_latest_notice_has_them() -> None:
    facts = {"tier": "national", "categories": ["diagnosis", "unheard_of"]}
    record = EvidenceRecord(subject_type=Claim._meta.db_table, act="x", facts=facts)
    assert acts.facts(record, Claim) == [("档次", "national"), ("服务类别", "diagnosis、unheard_of")]
    make_notice()
    assert acts.facts(record, Claim) == [("档次", "30万元档"), ("服务类别", "企业诊断服务、unheard_of")]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"state": "formal_check"}, [("状态", "形式审核通过待复核")]),
        ({"reduction": "500.00"}, [("核减金额", "500.00元")]),
        ({"digest": "a" * 64}, [("内容SM3", "aaaaaaaaaaaaaaaa…")]),
        ({"order": "01a2094b-5fdd-7345-86f1-2775679f8bd0"}, []),
        ({"unheard_of": "x"}, []),
        ({"conflict": True}, [("需回避", "是")]),
        ({"claims": ["DF-1", "DF-2"]}, [("申请", "DF-1、DF-2")]),
        ({"stage": "decide"}, [("环节", "决定")]),
        ({"paid_at": "2026-01-22T02:00:00+00:00"}, [("付款时间", "2026年1月22日 10:00")]),
        ({"valid_to": "2026-12-31"}, [("有效期止", "2026年12月31日")]),
        ({"kinds": ["report", "photo"]}, [("佐证类别", "报告、图片")]),
        ({"winning_title": "little_giant"}, [("依据称号", "专精特新“小巨人”企业")]),
        ({"material": "tax"}, [("材料", "纳税登记表")]),
        ({"role": "FN"}, [("角色", "财政厅")]),
        ({"code": "F07"}, [("原因代码", "服务完成或开票早于合同")]),
        ({"city": "450100"}, [("市级区划", "南宁市")]),
        ({"claims": ["DF-2026-01-02"]}, [("申请", "DF-2026-01-02")]),
    ],
)
def test_facts_are_told_as_people_read_them(facts: dict[str, object], told: list[tuple[str, str]]) -> None:
    record = EvidenceRecord(subject_type=Claim._meta.db_table, act="x", facts=facts)
    assert acts.facts(record, Claim) == told
    assert acts.facts(EvidenceRecord(facts={}), Batch) == []
