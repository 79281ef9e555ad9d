"""A notice as tables that people read, and what differs between two of them. No ORM, no clock.

Every cell is text with its unit. Rows have codes, so that two revisions can be laid beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Protocol

from foundation.clock import written
from foundation.money import percent, yuan
from programmes.rules import Category, Criterion, Rules
from registry import reference

YEAR_END = {
    "expire": "年末作废，不结转",
    "release_then_expire": "年末先释放占用，再作废",
    "keep": "保留，继续履行",
    "carry_over_first": "转入下年度，优先兑付",
}


@dataclass(frozen=True)
class Row:
    """One line of a table: its code among the table's rows, and its cells, the first of which names it."""

    code: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One subject of a notice. `heads` and the cells of every row are equally many."""

    code: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


class Edition(Protocol):
    """One revision of a notice: what stands over its rules, and the rules."""

    year: int
    doc_no: str
    title: str
    issued_on: date
    valid_from: date
    valid_to: date

    @property
    def parsed(self) -> Rules: ...


@dataclass(frozen=True)
class Change:
    """One thing that a later revision says otherwise. `before` is "" for what is new, `after` for what is gone."""

    table: str
    row: str
    head: str
    before: str
    after: str


@dataclass(frozen=True)
class Subject:
    """What a later revision says otherwise of one subject."""

    title: str
    changes: tuple[Change, ...]


def heading(edition: Edition) -> Table:
    """What stands over the rules: the document, and from when until when it is in force."""
    return _table(
        "heading",
        "文件与有效期",
        ("事项", "内容"),
        [
            ("year", "年度", f"{edition.year}年度"),
            ("doc_no", "文号", edition.doc_no),
            ("title", "标题", edition.title),
            ("issued_on", "印发日期", written(edition.issued_on)),
            ("valid_from", "有效期起", written(edition.valid_from)),
            ("valid_to", "有效期止", written(edition.valid_to)),
        ],
    )


def revised(earlier: Edition, later: Edition) -> list[Subject]:
    """Everything that `later` says otherwise, its heading first; nothing only when the two say the same."""
    found = [*_between(heading(earlier), heading(later)), *changes(earlier.parsed, later.parsed)]
    return [Subject(title, tuple(lines)) for title, lines in groupby(found, key=lambda one: one.table)]


def tables(rules: Rules) -> list[Table]:
    """Everything that the notice decides, by subject, in the order in which people ask for it."""
    return [
        _tiers(rules),
        _categories(rules),
        _amounts(rules),
        _calendar(rules),
        _limits(rules),
        _conditions(rules),
        _criteria("provider_criteria", "服务商评审评分表", rules.review.provider_criteria),
        _criteria("product_criteria", "产品评审评分表", rules.review.product_criteria),
        _sources(rules),
        _treasury(rules),
        _articles(rules),
    ]


def changes(earlier: Rules, later: Rules) -> list[Change]:
    """What `later` says otherwise than `earlier`, table by table, row by row; nothing when they say the same."""
    before = {table.code: table for table in tables(earlier)}
    found = [change for table in tables(later) for change in _between(before[table.code], table)]
    return [*found, *_recoded(earlier, later)]


def _recoded(earlier: Rules, later: Rules) -> Iterator[Change]:
    """Names within one cell whose code became another: the cell reads the same, what is kept by the code does not."""
    old, new = ({(owner, name): code for owner, name, code in _coded(rules)} for rules in (earlier, later))
    for key, code in new.items():
        if old.get(key, code) != code:
            yield Change("编码", key[0], key[1], old[key], code)


def _coded(rules: Rules) -> Iterator[tuple[str, str, str]]:
    for one in rules.categories.values():
        yield from ((one.name, name, code) for code, name in one.sub_types.items())
    yield from (("服务评价", name, code) for code, name in rules.ratings.aspects.items())


def _between(before: Table, after: Table) -> Iterator[Change]:
    old, new = ({row.code: row for row in table.rows} for table in (before, after))
    for code in [*new, *(code for code in old if code not in new)]:
        yield from _of_row(after, old.get(code), new.get(code))


def _of_row(table: Table, old: Row | None, new: Row | None) -> Iterator[Change]:
    if old is None or new is None:
        row = old or new
        assert row is not None  # noqa: S101 - the code is of one of the two
        whole = "，".join(cell for cell in row.cells[1:] if cell) or row.cells[0]
        yield Change(table.title, row.cells[0], "整行", whole if old else "", whole if new else "")
        return
    for head, one, other in zip(table.heads, old.cells, new.cells, strict=True):
        if one != other:
            yield Change(table.title, new.cells[0], head, one, other)


def _table(code: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows come as (code, cell, cell, …)."""
    return Table(code, title, tuple(heads), tuple(Row(row[0], tuple(row[1:])) for row in rows))


def _tiers(rules: Rules) -> Table:
    kinds = reference.title_kinds()
    return _table(
        "tiers",
        "企业划型与年度额度",
        ("档次", "年度额度", "符合其一即可", "依据"),
        [
            (
                tier.code,
                tier.name,
                yuan(tier.quota),
                "、".join(kinds[code].name for code in sorted(tier.titles)) or "规模以上制造业企业，无须称号",
                tier.article,
            )
            for tier in rules.tiers
        ],
    )


def _categories(rules: Rules) -> Table:
    return _table(
        "categories",
        "服务类别与补贴标准",
        ("服务类别", "补贴比例", "单个项目上限", "诊断服务", "细分类型", "依据"),
        [
            (
                one.code,
                one.name,
                f"合同金额的{percent(one.rate)}",
                yuan(one.cap),
                "是" if one.is_diagnosis else "否",
                _sub_types(one),
                one.article,
            )
            for one in rules.categories.values()
        ],
    )


def _sub_types(category: Category) -> str:
    named = [
        f"{name}（培训研学类）" if code in category.training else name for code, name in category.sub_types.items()
    ]
    return "、".join(named) or "以年度申报文件为准"


def _amounts(rules: Rules) -> Table:
    warnings = "、".join(percent(share) for share in rules.budget_warnings)
    return _table(
        "amounts",
        "金额与次数",
        ("事项", "规定"),
        [
            ("deposit_rate", "定金占合同金额的比例", percent(rules.deposit_rate)),
            ("provider_cap", "单个服务商年度结算上限", yuan(rules.provider_cap)),
            ("cap_warning", "服务商上限预警", f"已用达到上限的{percent(rules.cap_warning)}"),
            ("smallest_voucher", "暂停签约线", f"预算剩余低于{yuan(rules.smallest_voucher)}"),
            ("budget_warnings", "预算提醒", f"剩余降到总额的{warnings}"),
            ("newly_listed_years", "新增入库企业的认定", f"本年度之前{rules.newly_listed_years}个年度内入库"),
            ("max_rectifications", "验收不通过后的整改", f"最多{rules.max_rectifications}次"),
            ("max_returns", "申请的退回补正", f"每件最多{rules.max_returns}次"),
            ("batch_rounds", "集中兑付", f"每年{rules.batch_rounds}次以内"),
            ("call_rounds", "服务商和产品征集", f"每年{rules.call_rounds}次以内"),
            (
                "ratings",
                "服务评价",
                f"{rules.ratings.lowest}至{rules.ratings.highest}分：{'、'.join(rules.ratings.aspects.values())}",
            ),
        ],
    )


def _calendar(rules: Rules) -> Table:
    end, counted = rules.year_end, "首日计入" if rules.publicity_counts_first_day else "首日不计入"
    months = "、".join(f"{month}月" for month in rules.reporting.months)
    return _table(
        "calendar",
        "年度日历",
        ("事项", "时间", "依据"),
        [
            ("publicity", "公示期", f"{rules.publicity_days}个工作日，{counted}", rules.publicity_basis),
            ("unused_quota", "未使用的额度", YEAR_END[end.unused_quota], end.article),
            ("not_effective", "年末未生效的合同", YEAR_END[end.not_effective], end.article),
            ("effective", "年末已生效的合同", YEAR_END[end.effective], end.article),
            ("unpaid_claims", "当年未能兑付的结算", YEAR_END[end.unpaid_claims], end.article),
            ("claim_end", "结算申请截止", f"次年{end.claim_end_month}月{end.claim_end_day}日", end.article),
            ("reporting", "季度报告", f"{months}的{rules.reporting.day}日前", rules.reporting.basis),
        ],
    )


def _limits(rules: Rules) -> Table:
    rows = [(one.code, one.label, str(one), one.basis) for one in rules.limits.values()]
    return _table("limits", "办理时限", ("环节", "时限", "依据"), rows)


def _conditions(rules: Rules) -> Table:
    asked, review = rules.admission, rules.review
    parent = f"新设机构未满{asked.new_body_years}年的，母公司指标计入"
    return _table(
        "conditions",
        "服务商条件与评审",
        ("条件", "要求", "依据"),
        [
            ("years", "依法经营", f"{asked.years}年以上（母公司经营时间计入）", asked.article),
            (
                "core_staff",
                "核心业务专职人员",
                f"{asked.core_staff}名以上，社保满{asked.insured_months}个月；{parent}",
                asked.article,
            ),
            ("clients", "上年服务企业", f"{asked.clients}家以上；{parent}", asked.article),
            ("revenue", "上年营业收入", f"不低于{yuan(asked.revenue)}；{parent}", asked.article),
            ("experts", "评审专家", f"{review.experts}名", review.basis),
            ("votes", "推荐票数", f"{review.pass_of}分之{review.pass_votes}以上赞成", review.basis),
            ("avoidance", "专家回避", f"{review.avoidance_years}年内任职或服务过的单位", review.basis),
        ],
    )


def _criteria(code: str, title: str, criteria: Sequence[Criterion]) -> Table:
    rows = [(one.code, one.name, f"{one.points}分", one.basis) for one in criteria]
    return _table(code, title, ("评分项", "满分", "依据"), rows)


def _sources(rules: Rules) -> Table:
    rows = [(one.doc_no, one.doc_no, one.title) for one in rules.budget_sources]
    return _table("sources", "资金来源", ("文号", "文件"), rows)


def _treasury(rules: Rules) -> Table:
    return _table(
        "treasury", "国库支付栏目", ("栏目", "内容"), [(one.code, one.name, one.value) for one in rules.treasury]
    )


def _articles(rules: Rules) -> Table:
    rows = [(code, text.partition("：")[0], text.partition("：")[2] or text) for code, text in rules.articles.items()]
    return _table("articles", "引用的条款", ("条款", "内容"), rows)
