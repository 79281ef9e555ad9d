"""A notice as tables, and two of them beside each other."""

from typing import Any

from programmes import notice_file, readable
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
