import pytest

from foundation.errors import TooLarge
from registry import roster_file
from registry.roster_file import RosterFaults, parse
from registry.states import RosterKind
from tests.factories.accounts import make_uscc
from tests.factories.registry import HEADINGS, roster_csv

A, B = "91450199MA6K00014C", "91450299MA6K00022C"


def faults(kind, raw):
    with pytest.raises(RosterFaults) as caught:
        parse(kind, raw)
    return [(fault.line, fault.column, fault.message) for fault in caught.value.faults]


def test_clean_lines_come_out_by_column():
    rows = parse(
        RosterKind.LISTED,
        roster_csv("listed", f"{A.lower()}, 广西甲有限公司 ,2024/1/5,", f"{B},乙,2020-02-01,2025-03-01"),
    )
    assert [(row.line, row.cells) for row in rows] == [
        (2, {"uscc": A, "name": "广西甲有限公司", "listed_since": "2024-01-05", "removed_on": ""}),
        (3, {"uscc": B, "name": "乙", "listed_since": "2020-02-01", "removed_on": "2025-03-01"}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_usual_encodings_are_read(encoding):
    raw = roster_csv("listed", f"{A},广西甲有限公司,2024-01-05,").decode().encode(encoding)
    assert parse(RosterKind.LISTED, raw)[0].cells["name"] == "广西甲有限公司"


def test_columns_may_stand_in_any_order_and_optional_ones_be_absent():
    raw = f"入规日期,name,统一社会信用代码\r\n2024-01-05,甲,{A}\r\n".encode()
    assert parse(RosterKind.LISTED, raw)[0].cells == {
        "uscc": A,
        "name": "甲",
        "listed_since": "2024-01-05",
        "removed_on": "",
    }


def test_every_fault_of_the_file_is_told_at_once_by_line():
    raw = roster_csv(
        "listed",
        f"{A[:-1]}D,甲,2024-01-05,",
        f"{B},=HYPERLINK(1),2024-13-05,",
        f"{A},,2024-01-05,2024-01-05",
        f"{A},甲,2024-01-05",
        "9.1450199E+17,甲,2024-01-05,",
    )
    assert faults(RosterKind.LISTED, raw) == [
        (2, "统一社会信用代码", "统一社会信用代码校验码不符（第18位应为C，现为D）。"),
        (3, "企业名称", "以公式符号开头，请删去"),
        (3, "入规日期", "没有2024-13-05这一天"),
        (4, "企业名称", "不能为空"),
        (5, "", "应有4列，现有3列"),
        (5, "统一社会信用代码", "与第4行重复"),
        (6, "统一社会信用代码", "被表格软件改成了科学计数，数字已丢失，请按文本格式重新填写"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t"])
def test_cells_like_formulas_are_refused(start):
    raw = roster_csv("listed", f"{A},{start}1+1,2024-01-05,")
    assert faults(RosterKind.LISTED, raw) == [(2, "企业名称", "以公式符号开头，请删去")]


@pytest.mark.parametrize(
    ("kind", "line", "column", "message"),
    [
        ("listed", f"{A},甲,2024-01-05,2024-01-05", "退规日期", "须晚于入规日期"),
        ("titles", f"{A},little_giant,X1,工信部,,2024-01-05,2024-01-04", "有效期止", "须不早于有效期起"),
        ("titles", f"{A},little_giant,,工信部,,2024-01-05,", "证书编号", "证书编号和认定文号至少填写一项"),
        (
            "titles",
            f"{A},newly_listed,X1,工信部,,2024-01-05,",
            "称号",
            "“上两个年度新增进入统计名录库的规模以上企业”由名录推算，不能单独导入",
        ),
        ("titles", f"{A},小巨人,X1,工信部,,2024-01-05,", "称号", "没有“小巨人”这一称号"),
        ("dishonest", f"{A},2025-01-05,2025-01-04,某法院", "移出前最后一日", "须不早于列入日期"),
        ("dishonest", f"{A},05/01/2025,,某法院", "列入日期", "日期须如 2024-01-31"),
        ("dishonest", f"{A},1900-01-01,,某法院", "列入日期", "年份须在1949与2100之间"),
        ("listed", f"{A},{'长' * 121},2024-01-05,", "企业名称", "超过120个字"),
        ("listed", f'{A},"甲\n乙",2024-01-05,', "企业名称", "含有换行或控制字符"),
    ],
)
def test_one_fault_is_named(kind, line, column, message):
    found = faults(RosterKind(kind), roster_csv(kind, line))
    assert [fault[1:] for fault in found] == [(column, message)]


def test_titles_are_read_by_code_or_name():
    rows = parse(
        RosterKind.TITLES,
        roster_csv(
            "titles",
            f"{A},专精特新“小巨人”企业,X1,工信部,,2024-01-05,",
            f"{B},little_giant,,工信部,工信部函〔2024〕1号,2024-01-05,",
        ),
    )
    assert [row.cells["title_code"] for row in rows] == ["little_giant", "little_giant"]


def test_two_open_listings_of_one_enterprise_are_a_repetition():
    raw = roster_csv("listed", f"{A},甲,2020-01-01,", f"{A},甲,2024-01-01,")
    assert faults(RosterKind.LISTED, raw) == [(3, "统一社会信用代码", "与第2行重复")]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "文件为空"),
        (b"\n \n", "文件为空"),
        (b"PK\x03\x04rest", "这是 Excel 文件，请另存为 CSV 后导入"),
        (b"a\x00b", "含有空字符，不是文本文件"),
        (b"\xff\xff\xff", "编码不是 UTF-8 或 GBK"),
        (HEADINGS[RosterKind.LISTED].encode(), "没有数据行"),
        (roster_csv("listed", f'{A},"甲,2024-01-01,'), "引号不成对或单元格过长"),
    ],
)
def test_what_is_no_roster_is_refused(raw, message):
    assert [fault[2] for fault in faults(RosterKind.LISTED, raw)] == [message]


def test_wrong_headings_are_named():
    raw = f"统一社会信用代码,企业名称,企业名称,备注\n{A},甲,乙,丙\n".encode()
    assert [fault[1:] for fault in faults(RosterKind.LISTED, raw)] == [
        ("企业名称", "重复的列"),
        ("备注", "未知的列，须为 统一社会信用代码、企业名称、入规日期、退规日期"),
        ("入规日期", "缺少此列"),
    ]


def test_size_and_rows_are_limited(monkeypatch):
    monkeypatch.setattr(roster_file, "MAX_ROWS", 2)
    lines = [f"{make_uscc()},甲,2024-01-01," for _ in range(3)]
    parse(RosterKind.LISTED, roster_csv("listed", *lines[:2]))
    with pytest.raises(TooLarge, match="超过2行"):
        parse(RosterKind.LISTED, roster_csv("listed", *lines))
    with pytest.raises(TooLarge, match="超过5MB"):
        parse(RosterKind.LISTED, b"x" * (roster_file.MAX_BYTES + 1))


def test_details_of_very_many_faults_are_cut_but_counted():
    raw = roster_csv("listed", *["x,甲,2024-01-01,"] * 600)
    with pytest.raises(RosterFaults) as caught:
        parse(RosterKind.LISTED, raw)
    assert (caught.value.details["total"], len(caught.value.details["problems"])) == (600, 500)
