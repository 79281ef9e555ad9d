"""An annual notice read from a data file or from JSON: every fault at once, or a notice that cannot be wrong.

What a notice must say stands here; its figures stand in the file. No ORM, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import Any, cast

from foundation.errors import Invalid
from programmes import located, review_file
from programmes.fields import Fields
from programmes.located import Node, NoticeFaults, Problem
from programmes.rules import (
    UNITS,
    Category,
    Document,
    Limit,
    Ratings,
    Reporting,
    Rules,
    Tier,
    TreasuryField,
    Unit,
    YearEnd,
)
from registry import reference

KINDS = ("general",)
SHIPPED = ("general-2026", "general-2027")
DOC_NO = re.compile(r"[^\s〔〕\[\]()（）]{1,20}〔[0-9]{4}〕[1-9][0-9]{0,3}号")
# Above a fifth of the price a 定金 has no deposit effect (民法典 第五百八十六条): no notice may ask for more.
LEGAL_DEPOSIT = Decimal("0.20")
LIMITS = frozenset(
    [
        "enterprise_check",
        "correction",
        "signing_hold",
        "deposit",
        "acceptance_reminder_1",
        "acceptance_reminder_2",
        "acceptance_reminder_3",
        "claim",
        "application_check",
        "formal_check",
        "substantive_check",
        "appeal",
        "appeal_result",
        "payment_fix",
        "account_change",
        "demand_shown",
        "objection_accept",
        "objection_result",
        "objection_longest",
        "complaint_transfer",
        "complaint_result",
        "complaint_longest",
        "defence",
        "reconsideration",
        "litigation",
        "log_keeping",
        "record_keeping",
        "account_keeping",
    ]
)
ARTICLES = frozenset(
    [
        "eligibility",
        "scope",
        "quota",
        "subsidy",
        "provider_cap",
        "funding",
        "deposit",
        "year_limit",
        "settlement",
        "suspension",
        "failure",
        "products",
        "provider_conditions",
        "provider_review",
        "provider_standing",
        "demands",
        "rounds",
        "claim_flow",
        "supervision",
        "credit",
        "records",
        "violations",
    ]
)


@dataclass(frozen=True)
class Content:
    """A valid notice: its heading, its rules, and the same rules as the JSON that is kept."""

    kind: str
    year: int
    doc_no: str
    title: str
    issued_on: date
    valid_from: date
    valid_to: date
    rules: Rules
    data: dict[str, Any]


def from_yaml(raw: bytes, name: str) -> Content:
    """The notice in a YAML file. Raises NoticeFaults naming file, line and key of everything wrong."""
    return _content(located.from_yaml(raw, name), name)


def from_json(value: Any) -> Content:
    """The notice in a JSON value of the same shape. Raises NoticeFaults naming the keys."""
    return _content(located.from_json(value), "通知")


def shipped(name: str) -> Content:
    """A notice that ships with the platform. Raises UNKNOWN_NOTICE naming the known ones."""
    if name not in SHIPPED:
        raise Invalid("UNKNOWN_NOTICE", f"没有名为“{name[:64]}”的随附通知。", known=list(SHIPPED))
    raw = resources.files("programmes").joinpath("data", f"{name}.yaml").read_bytes()
    return from_yaml(raw, f"{name}.yaml")


def rules_from(data: dict[str, Any]) -> Rules:
    """The rules of a kept notice, as `Content.data` had them."""
    problems: list[Problem] = []
    fields = Fields(located.from_json(data), "", problems)
    rules = _rules(fields)
    fields.done()
    if problems:
        raise NoticeFaults("通知", problems)
    return rules


def _content(node: Node, name: str) -> Content:
    problems: list[Problem] = []
    fields = Fields(node, "", problems)
    heading = fields.section("notice")
    made = {
        "kind": heading.choice("kind", KINDS),
        "year": heading.whole("year", 2024, 2099),
        "doc_no": heading.matching("doc_no", DOC_NO, "文号格式须如 桂工信规范〔2024〕9号（六角括号）", 40),
        "title": heading.text("title", 120),
        "issued_on": heading.day("issued_on"),
        "valid_from": heading.day("valid_from"),
        "valid_to": heading.day("valid_to"),
    }
    _check_period(heading, made)
    heading.done()
    rules = _rules(fields)
    fields.done()
    if problems:
        raise NoticeFaults(name, problems)
    data = {key: inner for key, inner in located.plain(node).items() if key != "notice"}
    return Content(**cast(Any, made), rules=rules, data=data)


def _check_period(heading: Fields, made: Mapping[str, Any]) -> None:
    """Budget year = calendar year (8-53): the notice stays inside it."""
    for key in ("valid_from", "valid_to"):
        if heading.good(key, "year") and made[key].year != made["year"]:
            heading.fault(key, f"须在{made['year']}年内")
    if heading.good("valid_from", "valid_to") and made["valid_from"] > made["valid_to"]:
        heading.fault("valid_to", "早于起始日期")
    if heading.good("issued_on", "valid_to") and made["issued_on"] > made["valid_to"]:
        heading.fault("issued_on", "晚于截止日期")


def _rules(fields: Fields) -> Rules:
    budget, publicity = fields.section("budget"), fields.section("publicity")
    rules = Rules(
        tiers=_tiers(fields),
        newly_listed_years=fields.whole("newly_listed_years", 1, 10),
        categories=_categories(fields),
        provider_cap=fields.money("provider_cap"),
        cap_warning=fields.rate("cap_warning"),
        deposit_rate=_deposit_rate(fields),
        smallest_voucher=fields.money("smallest_voucher"),
        budget_warnings=budget.rates("warnings"),
        budget_sources=_sources(budget),
        publicity_days=publicity.whole("days", 1, 60),
        publicity_counts_first_day=publicity.flag("counts_first_day"),
        publicity_basis=publicity.text("basis", 200),
        limits=_limits(fields),
        max_rectifications=fields.whole("max_rectifications", 0, 20),
        max_returns=fields.whole("max_returns", 0, 20),
        batch_rounds=fields.whole("batch_rounds", 1, 12),
        call_rounds=fields.whole("call_rounds", 1, 12),
        admission=review_file.admission(fields.section("admission")),
        review=review_file.review(fields.section("review")),
        treasury=_treasury(fields),
        year_end=_year_end(fields.section("year_end")),
        ratings=_ratings(fields.section("ratings")),
        reporting=_reporting(fields.section("reporting")),
        articles=_articles(fields),
    )
    for part in (budget, publicity):
        part.done()
    return rules


def _tiers(fields: Fields) -> tuple[Tier, ...]:
    known = reference.title_kinds()
    codes: set[str] = set()
    titles: set[str] = set()
    tiers = []
    for row in fields.rows("tiers"):
        tiers.append(
            Tier(
                row.code("code", codes),
                row.text("name", 40),
                row.money("quota"),
                row.codes("titles", known, titles),
                row.text("article", 80),
            )
        )
        row.done()
    ordinary = sum(not tier.titles for tier in tiers)
    if tiers and ordinary != 1:
        fields.fault("tiers", f"没有称号的一般档须恰有一档，现有{ordinary}档")
    return tuple(tiers)


def _categories(fields: Fields) -> Mapping[str, Category]:
    codes: set[str] = set()
    found = {}
    for row in fields.rows("categories"):
        code = row.code("code", codes)
        kinds = _named(row, "sub_types")
        found[code] = Category(
            code,
            row.text("name", 40),
            row.rate("rate"),
            row.money("cap"),
            row.flag("is_diagnosis"),
            row.text("article", 80),
            kinds,
            row.codes("training", kinds, set()),
        )
        row.done()
    return MappingProxyType(found)


def _deposit_rate(fields: Fields) -> Decimal:
    rate = fields.rate("deposit_rate")
    if fields.good("deposit_rate") and rate > LEGAL_DEPOSIT:
        fields.fault("deposit_rate", "定金超过合同金额20%的部分不产生定金效力（民法典第五百八十六条）")
    return rate


def _sources(budget: Fields) -> tuple[Document, ...]:
    found = []
    for row in budget.rows("sources"):
        doc_no = row.matching("doc_no", DOC_NO, "文号格式须如 桂工信规范〔2024〕9号（六角括号）", 40)
        found.append(Document(doc_no, row.text("title", 120)))
        row.done()
    return tuple(found)


def _limits(fields: Fields) -> Mapping[str, Limit]:
    codes: set[str] = set()
    found = {}
    for row in fields.rows("limits"):
        code = row.code("code", codes)
        if row.good("code") and code not in LIMITS:
            row.fault("code", f"平台没有“{code}”这一时限")
        unit = cast(Unit, row.choice("unit", tuple(UNITS)))
        found[code] = Limit(code, row.text("label", 40), row.whole("length", 1, 3650), unit, row.text("basis", 120))
        row.done()
    _none_missing(fields, "limits", LIMITS, codes)
    return MappingProxyType(found)


def _none_missing(fields: Fields, key: str, needed: frozenset[str], found: set[str]) -> None:
    if missing := sorted(needed - found):
        fields.fault(key, f"缺少 {'、'.join(missing)}")


def _year_end(fields: Fields) -> YearEnd:
    month, day = fields.month_day("claim_end")
    made = YearEnd(
        unused_quota=cast(Any, fields.choice("unused_quota", ("expire",))),
        not_effective=cast(Any, fields.choice("not_effective", ("release_then_expire",))),
        effective=cast(Any, fields.choice("effective", ("keep",))),
        unpaid_claims=cast(Any, fields.choice("unpaid_claims", ("carry_over_first",))),
        claim_end_month=month,
        claim_end_day=day,
        article=fields.text("article", 80),
    )
    fields.done()
    return made


def _treasury(fields: Fields) -> tuple[TreasuryField, ...]:
    codes: set[str] = set()
    found = []
    for row in fields.rows("treasury"):
        found.append(TreasuryField(row.code("code", codes), row.text("name", 40), row.text("value", 80)))
        row.done()
    return tuple(found)


def _named(fields: Fields, key: str) -> Mapping[str, str]:
    """Codes with names, listed under `key`; none is right too."""
    codes: set[str] = set()
    found = {}
    for row in fields.rows(key, least=0):
        found[row.code("code", codes)] = row.text("name", 60)
        row.done()
    return MappingProxyType(found)


def _ratings(fields: Fields) -> Ratings:
    codes: set[str] = set()
    lowest, highest = fields.whole("lowest", 0, 100), fields.whole("highest", 1, 100)
    if fields.good("lowest", "highest") and lowest >= highest:
        fields.fault("highest", "须大于最低分")
    aspects = {}
    for row in fields.rows("aspects"):
        code = row.code("code", codes)
        aspects[code] = row.text("name", 20)
        row.done()
    fields.done()
    return Ratings(lowest, highest, MappingProxyType(aspects))


def _reporting(fields: Fields) -> Reporting:
    made = Reporting(fields.whole("day", 1, 28), fields.wholes("months", 1, 12), fields.text("basis", 120))
    fields.done()
    return made


def _articles(fields: Fields) -> Mapping[str, str]:
    codes: set[str] = set()
    found = {}
    for row in fields.rows("articles"):
        code = row.code("code", codes)
        if row.good("code") and code not in ARTICLES:
            row.fault("code", f"平台没有“{code}”这一条款")
        found[code] = row.text("text", 400)
        row.done()
    _none_missing(fields, "articles", ARTICLES, codes)
    return MappingProxyType(found)
