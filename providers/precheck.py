"""The advisory pre-check of a product's text (DOMAIN 0.9): it says what it sees, a person decides.

Pure: what is offered and a few figures of the shelf go in, a verdict comes out. Another checker is plugged in by
`PRODUCT_PRECHECK`, the dotted path of a class that does what `Precheck` says; `services.prechecking` calls it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Literal, Protocol

from foundation.money import yuan
from providers.states import PrecheckResult

Level = Literal["fail", "warn", "note"]

# None of these is a figure of the 办法: they say when a text deserves a second look, and nothing is refused by them.
FEWEST_TO_COMPARE = 5  # fewer prices than this in a category tell nothing about the usual one
DEVIATIONS = 3  # M7: above the median by more than three times the median deviation
LONGEST_DAYS = 366  # a voucher is used within its year (第十九条)
ALIKE = Decimal("0.85")  # so much of two texts in common, by pairs of characters
SHORTEST_AIM = 10
SHORTEST_DELIVERABLE = 3
VAGUE = frozenset({"报告", "材料", "资料", "服务", "支持", "其他", "相关材料", "相关资料", "相关服务", "若干", "等"})
# 第七条（一）5：不含常规通用、强制检验项目服务
EXCLUDED = re.compile(r"(常规|通用|强制)(性|通用)?(的)?(产品)?(检验|检测|检定|校准)")
NEGATED = re.compile(r"(不含|不包括|不包含|不属于|不涉及|除|非|排除|区别于|不做)[^，。；！？]{0,8}$")
NUMBER = re.compile(
    r"[0-9０-９]|[一二两三四五六七八九十百千万]+\s*(个|项|份|次|条|套|道|人|家|台|%|％|天|小时|分|倍|成)"
)
COMPARABLE = re.compile(
    r"[<>≤≥=＜＞＝]|不(低|高|少|多|大|小)于|不超过|低于|高于|少于|多于|大于|小于|以上|以下|以内|全部|全覆盖|提高|提升"
    r"|降低|缩短|减少|通过|合格|达到"
)


@dataclass(frozen=True)
class Offered:
    """What a version says of itself, and whether its category is 诊断 or its kind a training. Price in 元."""

    name: str
    category: str
    aim: str
    functions: str
    deliverables: Sequence[str]
    indicators: Sequence[dict[str, str]]
    min_days: int
    max_days: int
    price: Decimal
    price_proof: str
    proof_files: int
    market_prices: int
    team: str
    cases: str
    is_training: bool = False


@dataclass(frozen=True)
class Own:
    """Another product of the same provider: its name, and aim, functions and deliverables as one text."""

    name: str
    text: str


@dataclass(frozen=True)
class Figures:
    """What the shelf tells: the prices of the category's other products in 元, and the provider's other products."""

    prices: Sequence[Decimal] = ()
    own: Sequence[Own] = ()


@dataclass(frozen=True)
class Finding:
    """One thing seen: `fail` speaks against the product, `warn` wants a look, `note` only informs."""

    code: str
    level: Level
    field: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """1 通过, 2 不通过, 3 部分通过, 4 无法判断, and why."""

    result: PrecheckResult
    findings: Sequence[Finding] = field(default_factory=tuple)


class Precheck(Protocol):
    """A checker. `name` and `version` are kept with what it says."""

    name: str
    version: str

    def check(self, offered: Offered, figures: Figures) -> Verdict:
        """Its verdict. May raise anything: the product then goes to a person with 4 无法判断."""


class RuleCheck:
    """The checker that comes with the platform: plain rules, the same answer every time."""

    name = "规则预审"
    version = "1"

    def check(self, offered: Offered, figures: Figures) -> Verdict:
        """Nothing found against it: 1. Something that speaks against it: 2. Something that wants a look: 3."""
        findings = [finding for rule in RULES for finding in rule(offered, figures)]
        levels = {finding.level for finding in findings}
        result = PrecheckResult.PASSED
        if "fail" in levels:
            result = PrecheckResult.FAILED
        elif "warn" in levels:
            result = PrecheckResult.PARTLY
        return Verdict(result, tuple(findings))


def _complete(offered: Offered, figures: Figures) -> Iterator[Finding]:
    """第八条: 服务目的明确、内容详实."""
    if len(offered.aim.strip()) < SHORTEST_AIM:
        yield Finding("AIM_SHORT", "warn", "aim", f"服务目的不足{SHORTEST_AIM}字，请写明解决什么问题、达到什么效果。")
    for name, label in (("functions", "功能内容"), ("team", "服务团队"), ("cases", "服务案例")):
        if not getattr(offered, name).strip():
            yield Finding("FIELD_EMPTY", "warn", name, f"未填写{label}，评审时无法判断。")


def _measurable(offered: Offered, figures: Figures) -> Iterator[Finding]:
    """第八条: 核心指标可量化考核验证."""
    poor = [
        one.get("name", "")
        for one in offered.indicators
        if not (NUMBER.search(one.get("target", "")) or COMPARABLE.search(one.get("target", "")))
    ]
    if poor:
        level: Level = "fail" if len(poor) == len(offered.indicators) else "warn"
        yield Finding(
            "NOT_MEASURABLE",
            level,
            "indicators",
            f"验收指标“{'”“'.join(poor)}”的目标值没有数字，也不可比较，请写成可量化的要求。",
        )


def _concrete(offered: Offered, figures: Figures) -> Iterator[Finding]:
    """Deliverables that somebody can be handed."""
    vague = [one for one in offered.deliverables if one.strip() in VAGUE or len(one.strip()) < SHORTEST_DELIVERABLE]
    if vague:
        yield Finding(
            "DELIVERABLE_VAGUE", "warn", "deliverables", f"交付物“{'”“'.join(vague)}”不具体，请写明成果名称。"
        )


def _days(offered: Offered, figures: Figures) -> Iterator[Finding]:
    if offered.max_days > LONGEST_DAYS:
        yield Finding(
            "DAYS_LONG",
            "warn",
            "max_days",
            f"最长服务{offered.max_days}天，超过一年：服务券须在年度有效期内使用（办法第十九条），请缩短或拆分。",
        )
    if offered.min_days == 1 and not offered.is_training:
        yield Finding("DAYS_SHORT", "warn", "min_days", "最短服务1天，请说明一天内如何完成全部服务内容。")


def _price(offered: Offered, figures: Figures) -> Iterator[Finding]:
    """第八条（二）: 明确的收费标准，相对透明的市场价格; M7."""
    if not (offered.price_proof.strip() or offered.proof_files):
        yield Finding("PRICE_UNPROVEN", "fail", "price_proof", "没有价格依据，请说明定价或上传同类合同、报价。")
    elif not (offered.proof_files or offered.market_prices):
        yield Finding("PRICE_WORDS_ONLY", "warn", "proof_files", "价格依据只有文字，请补充证明文件或市场同类价格。")
    if len(figures.prices) < FEWEST_TO_COMPARE:
        yield Finding(
            "PRICE_NOT_COMPARED",
            "note",
            "price",
            f"同类在架产品只有{len(figures.prices)}个，少于{FEWEST_TO_COMPARE}个，未作价格比较。",
        )
        return
    usual, bound = price_bound(figures.prices)
    if offered.price > bound:
        yield Finding(
            "PRICE_HIGH",
            "warn",
            "price",
            f"标价{yuan(offered.price)}高于同类在架产品的通常范围（中位数{yuan(usual)}，上限{yuan(bound)}）。",
        )


def _scope(offered: Offered, figures: Figures) -> Iterator[Finding]:
    """第七条（一）5: 不含常规通用、强制检验项目服务."""
    for name in ("name", "aim", "functions"):
        words = excluded_words(getattr(offered, name))
        if words:
            yield Finding(
                "OUT_OF_SCOPE",
                "fail",
                name,
                f"文字中有“{'”“'.join(words)}”：常规通用、强制检验项目不在服务券使用范围（办法第七条（一）5）。",
            )


def _repeated(offered: Offered, figures: Figures) -> Iterator[Finding]:
    text = text_of(offered.aim, offered.functions, offered.deliverables)
    for other in figures.own:
        if _plain(other.name) == _plain(offered.name):
            yield Finding("NAME_REPEATED", "fail", "name", f"本机构已有同名产品“{other.name}”，请勿重复申报。")
        elif likeness(text, other.text) >= ALIKE:
            yield Finding("TEXT_REPEATED", "warn", "aim", f"内容与本机构产品“{other.name}”高度相似，请说明区别。")


RULES: Sequence[Callable[[Offered, Figures], Iterator[Finding]]] = (
    _complete,
    _measurable,
    _concrete,
    _days,
    _price,
    _scope,
    _repeated,
)


def price_bound(prices: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The median of the prices, and the most that is usual: median + 3 × median absolute deviation (M7), in 元."""
    usual = median(prices)
    deviation = median([abs(price - usual) for price in prices])
    cent = Decimal("0.01")
    return usual.quantize(cent), (usual + DEVIATIONS * deviation).quantize(cent)


def excluded_words(text: str) -> list[str]:
    """The words of a service that the 办法 excludes, unless the text says that it is not part of it."""
    return [
        found.group()
        for found in EXCLUDED.finditer(text)
        if not NEGATED.search(text[max(found.start() - 12, 0) : found.start()])
    ]


def text_of(aim: str, functions: str, deliverables: Sequence[str]) -> str:
    """What two products are compared by."""
    return "\n".join([aim, functions, *deliverables])


def likeness(one: str, other: str) -> Decimal:
    """How much two texts have in common, 0 to 1: the pairs of characters in both, twice, over all of either."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return Decimal(0)
    return Decimal(2 * len(first & second)) / (len(first) + len(second))


def _pairs(text: str) -> set[str]:
    plain = _plain(text)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
