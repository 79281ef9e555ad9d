"""A notice as tables, and two of them beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from programmes import notice_file, readable
from programmes.located import NoticeFaults
from programmes.models import Notice
from programmes.readable import Change
from tests.factories.programmes import make_content


def rules(change: Any = None) -> Any:
    data = make_content(2026).data
    if change is not None:
        change(data)
    return notice_file.rules_from(data)


def test_every_row_has_a_cell_for_every_head_and_a_code_of_its_own():
    for table in readable.tables(rules()):
        assert table.rows
        assert all(len(row.cells) == len(table.heads) for row in table.rows)
        assert len({row.code for row in table.rows}) == len(table.rows)


def test_the_same_rules_differ_in_nothing():
    assert readable.changes(rules(), rules()) == []


def test_a_changed_figure_is_told_with_its_row_and_column():
    def dearer(data: Any) -> None:
        data["tiers"][0]["quota"] = "60000"

    assert readable.changes(rules(), rules(dearer)) == [
        Change("企业划型与年度额度", "一般规模以上制造业企业", "年度额度", "50,000.00元", "60,000.00元")
    ]


def test_a_row_that_is_new_or_gone_is_told_whole():
    def without(data: Any) -> None:
        del data["categories"][-1]

    gone = readable.changes(rules(), rules(without))
    new = readable.changes(rules(without), rules())
    assert [(one.row, one.head, one.after) for one in gone] == [("年度申报文件重点支持范围的其他服务", "整行", "")]
    assert [(one.before, one.after) for one in new] == [("", gone[0].before)]
    assert "合同金额的50%" in gone[0].before


def edition(**fields: Any) -> Notice:
    content = make_content(2026)
    said = {name: getattr(content, name) for name in ("year", "doc_no", "title", "issued_on", "valid_from", "valid_to")}
    return Notice(**said | {"rules": content.data} | fields)


@pytest.mark.parametrize(
    ("field", "value", "row", "after"),
    [
        ("valid_to", date(2026, 11, 30), "有效期止", "2026年11月30日"),
        ("valid_from", date(2026, 2, 1), "有效期起", "2026年2月1日"),
        ("issued_on", date(2026, 1, 9), "印发日期", "2026年1月9日"),
        ("doc_no", "桂工信规范〔2026〕7号", "文号", "桂工信规范〔2026〕7号"),
        ("title", "又一份通知", "标题", "又一份通知"),
        ("year", 2027, "年度", "2027年度"),
    ],
)
def test_a_heading_that_changed_is_a_change_too(field: str, value: Any, row: str, after: str) -> None:
    (found,) = readable.revised(edition(), edition(**{field: value}))
    assert found.title == "文件与有效期"
    assert [(one.row, one.after) for one in found.changes] == [(row, after)]
    assert found.changes[0].before not in ("", after)


def test_the_same_notice_twice_differs_in_nothing() -> None:
    assert readable.revised(edition(), edition()) == []


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def others(value: Any) -> list[Any]:
    """What may stand there instead: one of them is right wherever anything else is."""
    if isinstance(value, bool):
        return [not value]
    text = str(value)
    if text in ("true", "false"):
        return ["false" if text == "true" else "true"]
    number = text.replace(".", "", 1).isdecimal()
    near = [f"{float(text) + 0.0001:.4f}", str(int(float(text)) + 2), str(int(float(text)) - 1)] if number else []
    return [*near, f"{text}x", f"{text}改", "m" if text != "m" else "d", "12-30", "桂财工交〔2031〕1号"]


def test_nothing_of_the_rules_can_change_unseen() -> None:
    """Every place of the document, one of each kind of row: what the platform reads otherwise, the comparison tells."""
    data, before = make_content(2026).data, rules()
    kinds = {tuple("#" if isinstance(step, int) else step for step in path): path for path in leaves(data)}
    tried = 0
    for path in kinds.values():
        *way, last = path
        for other in others(get(data, path)):
            made = deepcopy(data)
            get(made, way)[last] = other
            with suppress(NoticeFaults):
                after = notice_file.rules_from(made)
                if after != before:
                    tried += 1
                    assert readable.changes(before, after), path
                    break
    assert tried > len(kinds) * 0.8


def get(value: Any, path: Any) -> Any:
    for step in path:
        value = value[step]
    return value
