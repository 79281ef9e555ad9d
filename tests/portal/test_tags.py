"""Tags that say something of their own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal import acts
from portal.kit.days import days
from portal.templatetags.portal import donut


@pytest.mark.parametrize(
    ("used", "said"),
    [("0", "0%"), ("1", "1%"), ("49999", "99%"), ("42500", "85%"), ("50000", "100%"), ("60000", "100%")],
)
def test_a_ring_is_empty_and_full_only_when_it_is(used, said):
    assert f">{said}<" in donut(Decimal(used), Decimal(50_000), "已用")


def test_a_ring_has_the_colour_it_is_told():
    assert 'class="donut donut-bad"' in donut(1, 1, "已用", "bad")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("请在2026-03-06前（含当日）提交", "请在2026年3月6日前（含当日）提交"),
        ("受理2026-03-02至2026-12-31", "受理2026年3月2日至2026年12月31日"),
        ("批次PC-2026-01-02和2026-02-31", "批次PC-2026-01-02和2026-02-31"),
    ],
)
def test_days_in_a_sentence_are_written_as_people_do(given, said):
    assert days(given) == said


def test_an_input_may_be_called_otherwise_in_one_figure():
    said = {"cap": Decimal("5000000.00"), "share": Decimal("0.0141"), "code_for_machines": "x"}
    assert acts.inputs(said, "服务商年度剩余限额") == [("年度限额", "5,000,000.00元"), ("已用比例", "1.41%")]
    assert acts.inputs(said)[0] == ("单个项目上限", "5,000,000.00元")
