import json
from importlib import resources

import pytest
import yaml

from foundation.errors import Invalid
from programmes import notice_file
from programmes.located import NoticeFaults

TEXT = resources.files("programmes").joinpath("data", "general-2026.yaml").read_text(encoding="utf-8")


def line_of(words, text=TEXT):
    """The number of the first line with `words`."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def faults(text, name="坏.yaml"):
    with pytest.raises(NoticeFaults) as caught:
        notice_file.from_yaml(text.encode() if isinstance(text, str) else text, name)
    return caught.value.lines


def changed(old, new):
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("quota: 50000", "quota: -5", "tiers[0].quota", "不能为负数"),
        ("quota: 50000", "quota: 0", "tiers[0].quota", "须大于0"),
        ("quota: 50000", "quota: 50000.001", "tiers[0].quota", "金额最多两位小数"),
        ("quota: 50000", "quota: 五万", "tiers[0].quota", "须为数字，单位元，整数不超过12位"),
        ("quota: 50000", "quota: 050000", "tiers[0].quota", "须为数字，单位元，整数不超过12位"),
        ("quota: 50000", "quota: 1e4", "tiers[0].quota", "须为数字，单位元，整数不超过12位"),
        ("quota: 50000", "quota: 1234567890123", "tiers[0].quota", "须为数字，单位元，整数不超过12位"),
        ("quota: 50000", "quota:", "tiers[0].quota", "没有填写"),
        ("quota: 50000", "quota: [50000]", "tiers[0].quota", "须为单个值"),
        ("rate: 0.80", "rate: 1.2", "categories[0].rate", "比例须大于0且不超过1，现为1.2"),
        ("rate: 0.80", "rate: 80", "categories[0].rate", "须为0与1之间的小数，例如 0.80"),
        ("rate: 0.80", "rate: 0", "categories[0].rate", "比例须大于0且不超过1，现为0"),
        ("rate: 0.80", "rate: -0.8", "categories[0].rate", "不能为负数"),
        ("rate: 0.80", "rate: 0.80001", "categories[0].rate", "比例最多4位小数"),
        ("rate: 0.80", "rate: true", "categories[0].rate", "须为0与1之间的小数，例如 0.80"),
        ("cap: 10000", "cap: 10000.005", "categories[0].cap", "金额最多两位小数"),
        ("is_diagnosis: true", "is_diagnosis: yes", "categories[0].is_diagnosis", "须为 true 或 false"),
        ("is_diagnosis: true", 'is_diagnosis: "true"', "categories[0].is_diagnosis", "须为 true 或 false"),
        ("code: digitalisation", "code: diagnosis", "categories[1].code", "“diagnosis”重复"),
        ("code: digitalisation", "code: Digital", "categories[1].code", "代码须为小写字母开头的小写字母、数字和下划线"),
        ("      - little_giant", "      - newly_listed", "tiers[3].titles", "“newly_listed”重复"),
        ("      - little_giant", "      - litle_giant", "tiers[3].titles", "未知的代码“litle_giant”，是否想写“little_giant”"),
        ("unit: wd", "unit: w", "limits[0].unit", "只能是 wd、d、m、y"),
        ("length: 7", "length: 0", "limits[2].length", "须在1与3650之间，现为0"),
        ("length: 7", "length: 7.5", "limits[2].length", "须为整数"),
        ("length: 7", "length: 七", "limits[2].length", "须为整数"),
        ("deposit_rate: 0.20", "deposit_rate: 0.21", "deposit_rate", "定金超过合同金额20%的部分不产生定金效力（民法典第五百八十六条）"),
        ("warnings: [0.20,", "warnings: [2,", "budget.warnings", "比例须大于0且不超过1，现为2"),
        ("year: 2026", "year: 1999", "notice.year", "须在2024与2099之间，现为1999"),
        ("doc_no: 桂工信规范〔2024〕9号", "doc_no: 桂工信规范[2024]9号", "notice.doc_no", "文号格式须如 桂工信规范〔2024〕9号（六角括号）"),
        ("kind: general", "kind: special", "notice.kind", "只能是 general"),
        ("valid_to: 2026-12-31", "valid_to: 2026-02-30", "notice.valid_to", "没有2026-02-30这一天"),
        ("valid_to: 2026-12-31", "valid_to: 2027-01-01", "notice.valid_to", "须在2026年内"),
        ("valid_from: 2026-01-01", "valid_from: 31/01/2026", "notice.valid_from", "须为日期，例如 2026-01-31"),
        ("claim_end: 06-30", "claim_end: 06-31", "year_end.claim_end", "没有06-31这一天"),
        ("claim_end: 06-30", "claim_end: 6月30日", "year_end.claim_end", "须为月-日，例如 06-30"),
        ("unused_quota: expire", "unused_quota: keep", "year_end.unused_quota", "只能是 expire"),
        ("lowest: 1", "lowest: 5", "ratings.highest", "须大于最低分"),
        ("experts: 5", "experts: 4", "review.experts", "须为单数，现为4"),
        ("pass_votes: 2", "pass_votes: 4", "review.pass_votes", "不能多于3"),
        ("name: 企业诊断服务", "name: 2026", "categories[0].name", "须为文字（数字请加引号）"),
        ("name: 企业诊断服务", f"name: {'长' * 41}", "categories[0].name", "超过40个字"),
        ("name: 企业诊断服务", 'name: "  企业诊断"', "categories[0].name", "不能为空，首尾不能有空白"),
        ("name: 企业诊断服务", 'name: "企业\\u0000诊断"', "categories[0].name", "含有换行或控制字符"),
    ],
)  # fmt: skip
def test_one_fault_is_named_by_file_line_and_key(old, new, key, message):
    text = changed(old, new)
    line = TEXT[: TEXT.index("highest: 5" if key == "ratings.highest" else old)].count("\n") + 1
    assert faults(text) == [f"坏.yaml:{line}: {key}: {message}"]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("max_returns: 2", "max_return: 2", "notice:", "max_returns", "缺少此项"),
        ("    article: 第十条（一）\n", "", "- code: ordinary", "tiers[0].article", "缺少此项"),
        ("max_returns: 2", "max_returns: 2\nmax_returns: 3", "max_returns: 3", "max_returns", "重复的键"),
        ("max_returns: 2", "max_returns: 2\nmax_retorns: 3", "max_retorns", "max_retorns", "未知的键，是否想写“max_returns”"),
        ("newly_listed_years: 2", "newly_listed_years: 2\n42: x", "42: x", "42", "未知的键"),
        ("valid_from: 2026-01-01", "valid_from: 2026-12-31\n  extra: 1", "extra", "notice.extra", "未知的键"),
        ("    titles: []\n", "    titles: [smart_factory]\n", "- code: ordinary", "tiers", "没有称号的一般档须恰有一档，现有0档"),
    ],
)  # fmt: skip
def test_missing_repeated_and_unknown_keys_are_named(old, new, line, key, message):
    text = changed(old, new)
    assert f"坏.yaml:{line_of(line, text)}: {key}: {message}" in faults(text)


def test_a_missing_limit_is_named():
    start = TEXT.index("  - code: deposit\n    label")
    text = TEXT[:start] + TEXT[TEXT.index("  - code: acceptance_reminder_1") :]
    assert faults(text) == [f"坏.yaml:{line_of('limits:', text) + 1}: limits: 缺少 deposit"]


def test_every_fault_is_told_at_once_in_the_order_of_the_lines():
    text = changed("rate: 0.80", "rate: 1.2").replace("quota: 50000", "quota: -5").replace("unit: wd", "unit: w", 1)
    assert [line.split(": ")[1] for line in faults(text)] == ["tiers[0].quota", "categories[0].rate", "limits[0].unit"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "f:1: 文件为空"),
        (b"# nothing\n", "f:1: 文件为空"),
        (b"a: [", "f:1: 不是有效的 YAML，请检查缩进、引号和冒号"),
        (b"a: 1\n---\nb: 2", "f:2: 不是有效的 YAML，请检查缩进、引号和冒号"),
        (b"a: 1\nb: \xff", "f:2: 不是 UTF-8 编码"),
        (b"a: &x 1\nb: *x", "f:1: 不接受锚点和别名（& 与 *）"),
        (b"a: !!python/object:os.system x", "f:1: 不接受类型标记 tag:yaml.org,2002:python/object:os.system"),
        (b"[" * 5000, "f:1: 嵌套超过8层"),
        (b"x" * (256 * 1024 + 1), "f: 文件超过256KB"),
        (b"a: \x00", "f: 不是有效的 YAML，请检查缩进、引号和冒号"),
        (b"just words", "f:1: 须为一组“键: 值”"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(raw, message):
    assert faults(raw, "f")[0] == message


def test_a_bom_is_no_fault():
    assert notice_file.from_yaml(b"\xef\xbb\xbf" + TEXT.encode(), "f").year == 2026


def test_what_is_kept_makes_the_same_rules():
    content = notice_file.shipped("general-2026")
    kept = json.loads(json.dumps(content.data, sort_keys=True))
    assert notice_file.rules_from(kept) == content.rules


def as_json():
    """The notice as somebody would send it: dates and amounts as strings."""
    return json.loads(json.dumps(yaml.load(TEXT, Loader=yaml.BaseLoader)), object_hook=_flags)


def _flags(value):
    return {key: inner == "true" if inner in ("true", "false") else inner for key, inner in value.items()}


def test_json_of_the_same_shape_makes_the_same_notice():
    assert notice_file.from_json(as_json()) == notice_file.shipped("general-2026")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"provider_cap": 0.1}, '通知: provider_cap: 请写成字符串，例如 "0.1"，以免精度丢失'),
        ({"provider_cap": None}, "通知: provider_cap: 没有填写"),
        ({"provider_cap": True}, "通知: provider_cap: 须为数字，单位元，整数不超过12位"),
        ({"provider_cap": 10**400}, "通知: provider_cap: 须为数字，单位元，整数不超过12位"),
        ({"provider_cap": {}}, "通知: provider_cap: 须为单个值"),
        ({"tiers": {}}, "通知: tiers: 须为列表"),
        ({"categories": []}, "通知: categories: 至少要有1项"),
        ({"categories": ["x"]}, "通知: categories[0]: 须为一组“键: 值”"),
        ({"notice": []}, "通知: notice: 须为一组“键: 值”"),
        ({"ratings": None}, "通知: ratings: 须为一组“键: 值”"),
    ],
)
def test_faults_of_json_are_named_by_key(change, message):
    with pytest.raises(NoticeFaults) as caught:
        notice_file.from_json({**as_json(), **change})
    assert message in caught.value.lines


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [1], True])
def test_what_is_no_notice_is_refused(value):
    with pytest.raises(NoticeFaults):
        notice_file.from_json(value)


def test_the_refusal_carries_the_faults_as_data():
    with pytest.raises(Invalid) as caught:
        notice_file.from_yaml(changed("quota: 50000", "quota: -5").encode(), "f.yaml")
    assert (caught.value.code, caught.value.details["problems"]) == (
        "NOTICE_INVALID",
        [{"line": line_of("quota: 50000"), "key": "tiers[0].quota", "message": "不能为负数"}],
    )


def test_an_unknown_shipped_notice_is_refused():
    with pytest.raises(Invalid, match=r"没有名为“\.\./secret”的随附通知"):
        notice_file.shipped("../secret")
