"""The conditions of 第十三条 for a provider and of 第八条 for a product, each checked by itself. No ORM, no clock.

A machine's `ok` still waits for a person; its `fail` on a hard condition cannot be overruled, its `doubt` only with a
note (services.checking).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from accreditation.states import MaterialKind, Outcome, Source
from foundation.money import yuan
from programmes.deadlines import last_day
from programmes.rules import Admission, Limit
from registry import uscc as uscc_rules

ENTERPRISE_PREFIX = "91"  # 市场监管 + 企业 (GB 32100)


@dataclass(frozen=True)
class Parent:
    """The body outside the region that set up the applicant (第十三条第（三）（四）项). Revenue in 元, of last year."""

    name: str
    uscc: str
    founded_on: date
    core_staff: int = 0
    clients: int = 0
    revenue: Decimal = Decimal("0.00")
    dishonest: str = ""

    @property
    def is_outside(self) -> bool:
        """By its code it is registered outside 广西: only such a parent counts."""
        return not self.uscc[2:].startswith(uscc_rules.REGION_PREFIX)


@dataclass(frozen=True)
class Profile:
    """What an applicant states, and what the platform knows of it. Revenue in 元, of last year.

    `proven` and `proven_by_parent` are enterprises served last year of which a contract is attached; `dishonest`
    is the source of an entry on the 严重失信主体名单, `bad_record` names the platform's own 不良信用记录; both are
    empty when there is none.
    """

    uscc: str
    region: str
    address: str
    founded_on: date
    core_staff: int
    clients: int
    revenue: Decimal
    categories: Mapping[str, str]
    materials: frozenset[str]
    commitment: bool = False
    proven: int = 0
    proven_by_parent: int = 0
    parent: Parent | None = None
    dishonest: str = ""
    public_platform: str = ""
    bad_record: str = ""


@dataclass(frozen=True)
class Offer:
    """What a product says of itself. Price in 元."""

    category: str
    aim: str
    deliverables: Sequence[str]
    indicators: Sequence[Mapping[str, Any]]
    price: Decimal
    price_proof: str
    min_days: int
    max_days: int
    standing: str = ""  # how its provider stands: listed, applying in this round, or neither (empty)
    known: Mapping[str, str] = field(default_factory=dict)  # the notice's categories: code and name


@dataclass(frozen=True)
class Condition:
    """One condition with what is asked, what was found, where it comes from and what it came to."""

    code: str
    label: str
    article: str
    asked: str
    value: str
    source: Source
    result: Outcome
    why: str = ""
    hard: bool = True

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {name: str(value) if name != "hard" else value for name, value in asdict(self).items()}


def of_provider(who: Profile, asked: Admission, day: date) -> list[Condition]:
    """Every condition of 第十三条 for an application submitted on `day`, in the order of the article."""
    found = [
        _commitment(who),
        _legal_form(who),
        _registered_here(who),
        _tax(who),
        _place(who),
        _scope(who),
        _years(who, asked, day),
        _staff(who, asked, day),
        _clients(who, asked, day),
        _revenue(who, asked, day),
        _credit(who, day, asked),
    ]
    return [*found, _platform(who)] if who.public_platform else found


def of_product(offer: Offer) -> list[Condition]:
    """Every condition of 第八条, and that its provider is listed or applies in the same round."""
    return [
        _category(offer),
        _service(offer),
        _content_and_price(offer),
        _measurable(offer),
        _effect(offer),
        _by_whom(offer),
    ]


def is_new_body(founded_on: date, asked: Admission, day: date) -> bool:
    """Younger than `new_body_years` on `day`: its parent's figures of last year may count."""
    return day < years_after(founded_on, asked.new_body_years)


def uses_parent(who: Profile, asked: Admission, day: date) -> bool:
    """Whether any of the parent's years or figures is needed: then the tie to it has to be proven."""
    if who.parent is None:
        return False
    own_years = day >= years_after(who.founded_on, asked.years)
    return not own_years or is_new_body(who.founded_on, asked, day)


def materials_of_provider(*, with_parent: bool, public_platform: bool) -> tuple[MaterialKind, ...]:
    """What 第十四条 asks to be attached; the form is generated, the contracts stand in the list of clients."""
    kinds = [MaterialKind.LICENCE, MaterialKind.QUALIFICATION, MaterialKind.SOCIAL_INSURANCE, MaterialKind.TAX]
    kinds += [MaterialKind.PARENT] if with_parent else []
    return (*kinds, MaterialKind.PLATFORM) if public_platform else tuple(kinds)


MATERIALS_OF_PRODUCT = (MaterialKind.PRODUCT_QUALIFICATION, MaterialKind.PRICE)  # 第九条: 资质、内容、价格


def years_after(start: date, years: int) -> date:
    """The day on which so many whole years are full."""
    return last_day(Limit("", "", years, "y", ""), start)


def _commitment(who: Profile) -> Condition:
    done = who.commitment
    return Condition(
        "commitment", "接受监督的承诺", "第十三条第（一）项", "签署承诺", "已签署" if done else "未签署", Source.PLATFORM,
        Outcome.OK if done else Outcome.FAIL, "" if done else "须由服务商签署人签署承诺。",
    )  # fmt: skip


def _legal_form(who: Profile) -> Condition:
    fits = who.uscc.startswith(ENTERPRISE_PREFIX)
    return Condition(
        "legal_form", "独立法人企业或合伙制企业", "第十三条第（二）项", "企业法人或合伙企业", who.uscc, Source.DECLARED,
        Outcome.OK if fits else Outcome.DOUBT,
        "" if fits else "统一社会信用代码前两位不是91（企业），请核对证照上的主体类型。",
    )  # fmt: skip


def _registered_here(who: Profile) -> Condition:
    if not who.region:
        result, why = Outcome.FAIL, "登记地不在广西的县（市、区）。"
    elif warnings := [one.message for one in uscc_rules.check(who.uscc).warnings]:
        result, why = Outcome.DOUBT, "".join(warnings)
    else:
        result, why = Outcome.OK, ""
    return Condition(
        "registered_here",
        "区内注册登记",
        "第十三条第（二）项",
        "广西",
        who.region or "不在区内",
        Source.DECLARED,
        result,
        why,
    )


def _tax(who: Profile) -> Condition:
    shown = MaterialKind.TAX in who.materials
    return Condition(
        "tax", "依法纳税", "第十三条第（二）项", "有纳税登记", "已提供" if shown else "未提供", Source.UPLOAD,
        Outcome.OK if shown else Outcome.FAIL, "" if shown else "缺少纳税登记表。",
    )  # fmt: skip


def _place(who: Profile) -> Condition:
    given = who.address.strip()
    return Condition(
        "place", "区内固定经营场地", "第十三条第（三）项", "有固定场地", given or "未填写", Source.DECLARED,
        Outcome.OK if given else Outcome.FAIL, "" if given else "未填写经营场地。",
    )  # fmt: skip


def _scope(who: Profile) -> Condition:
    named = "、".join(who.categories.values())
    return Condition(
        "scope", "服务符合使用范围", "第十三条第（三）项", "年度通知中的服务类别", named or "未选择", Source.DECLARED,
        Outcome.OK if named else Outcome.FAIL, "" if named else "未选择任何服务类别。",
    )  # fmt: skip


def _years(who: Profile, asked: Admission, day: date) -> Condition:
    own, parent = who.founded_on, who.parent
    enough = day >= years_after(own, asked.years)
    if enough or parent is None:
        value, source = f"{own}成立，满{_full_years(own, day)}年", Source.DECLARED
        result = Outcome.OK if enough else Outcome.FAIL
        why = "" if enough else f"须依法经营满{asked.years}年；区外机构新设的主体可以填报母公司。"
    else:
        value = f"{own}成立；母公司{parent.name}{parent.founded_on}成立，满{_full_years(parent.founded_on, day)}年"
        source = Source.PARENT
        result, why = _by_parent(
            parent, day >= years_after(parent.founded_on, asked.years), f"母公司经营也未满{asked.years}年。"
        )
    return Condition("years", "依法经营年限", "第十三条第（三）项", f"{asked.years}年以上", value, source, result, why)


def _staff(who: Profile, asked: Admission, day: date) -> Condition:
    parents = who.parent.core_staff if who.parent else 0
    return _figure(
        who, asked, day, "core_staff", "核心业务专职人员",
        f"缴纳社保满{asked.insured_months}个月的{asked.core_staff}名以上",
        (Decimal(who.core_staff), Decimal(parents), Decimal(asked.core_staff)), lambda n: f"{n:.0f}名",
    )  # fmt: skip


def _revenue(who: Profile, asked: Admission, day: date) -> Condition:
    parents = who.parent.revenue if who.parent else Decimal("0.00")
    return _figure(
        who,
        asked,
        day,
        "revenue",
        "上年营业收入",
        f"不低于{yuan(asked.revenue)}",
        (who.revenue, parents, asked.revenue),
        yuan,
    )


def _clients(who: Profile, asked: Admission, day: date) -> Condition:
    """Declared by number, proven by contracts: the two must agree that there are enough."""
    parents = who.parent.clients if who.parent else 0
    found = _figure(
        who, asked, day, "clients", "上年服务企业", f"{asked.clients}家以上",
        (Decimal(who.clients), Decimal(parents), Decimal(asked.clients)), lambda n: f"{n:.0f}家",
    )  # fmt: skip
    counts_parent = who.parent is not None and is_new_body(who.founded_on, asked, day)
    proven = who.proven + (who.proven_by_parent if counts_parent else 0)
    value = f"{found.value}；附合同证明{proven}家"
    result, why = found.result, found.why
    if result == Outcome.OK and proven < asked.clients:
        result, why = Outcome.DOUBT, f"填报数达到要求，但附有上年合同的只有{proven}家，少于{asked.clients}家。"
    elif result == Outcome.FAIL and proven >= asked.clients:
        result, why = Outcome.DOUBT, f"附有上年合同的有{proven}家，多于填报数，请核对填报数。"
    return Condition(found.code, found.label, found.article, found.asked, value, found.source, result, why)


def _figure(
    who: Profile, asked: Admission, day: date, code: str, label: str, wanted: str,
    figures: tuple[Decimal, Decimal, Decimal], shown: Any,
) -> Condition:  # fmt: skip
    """`figures`: own, parent's, asked. The parent's is taken, not added, so that nobody counts twice."""
    own, parents, least = figures
    article = "第十三条第（四）项"
    if own >= least or who.parent is None:
        result = Outcome.OK if own >= least else Outcome.FAIL
        why = "" if own >= least else f"低于要求，差{shown(least - own)}。"
        return Condition(code, label, article, wanted, shown(own), Source.DECLARED, result, why)
    if not is_new_body(who.founded_on, asked, day):
        why = f"低于要求，差{shown(least - own)}；主体成立已满{asked.new_body_years}年，母公司指标不再计入。"
        return Condition(code, label, article, wanted, shown(own), Source.DECLARED, Outcome.FAIL, why)
    result, why = _by_parent(who.parent, parents >= least, f"母公司指标也低于要求，差{shown(least - parents)}。")
    value = f"{shown(own)}；母公司{shown(parents)}"
    return Condition(code, label, article, wanted, value, Source.PARENT, result, why)


def _by_parent(parent: Parent, enough: bool, otherwise: str) -> tuple[Outcome, str]:
    if not enough:
        return Outcome.FAIL, otherwise
    if not parent.is_outside:
        return Outcome.DOUBT, "母公司代码显示在区内登记；办法只规定区外服务商新设主体可以计入母公司，请核实。"
    return Outcome.OK, "按区外母公司计入，请核对母子公司关系证明。"


def _credit(who: Profile, day: date, asked: Admission) -> Condition:
    result, why, value = Outcome.OK, "", "未列入，无记录"
    if who.dishonest:
        result, value, why = Outcome.FAIL, "已列入", f"列入依据：{who.dishonest}。"
    elif who.bad_record:
        result, value, why = Outcome.DOUBT, "有不良信用记录", f"平台记录：{who.bad_record}，请核实是否影响申报。"
    elif who.parent and who.parent.dishonest and uses_parent(who, asked, day):
        result, value, why = Outcome.DOUBT, "母公司已列入", f"计入指标的母公司列入依据：{who.parent.dishonest}。"
    return Condition(
        "credit", "无不良信用记录，未列入严重失信主体名单", "第十三条第（一）（五）项", "未列入，无记录", value,
        Source.REGISTRY, result, why,
    )  # fmt: skip


def _platform(who: Profile) -> Condition:
    shown = MaterialKind.PLATFORM in who.materials
    return Condition(
        "platform", "公共服务平台或机构（鼓励）", "第十三条第（六）项", "自治区级以上认定", who.public_platform, Source.DECLARED,
        Outcome.OK if shown else Outcome.DOUBT, "" if shown else "未附认定文件。", hard=False,
    )  # fmt: skip


def _category(offer: Offer) -> Condition:
    named = offer.known.get(offer.category, "")
    return Condition(
        "category", "属于使用范围", "第七条、第八条", "年度通知中的服务类别", named or offer.category, Source.DECLARED,
        Outcome.OK if named else Outcome.FAIL, "" if named else "年度通知中没有这一类别。",
    )  # fmt: skip


def _service(offer: Offer) -> Condition:
    whole = bool(offer.deliverables) and 0 < offer.min_days <= offer.max_days
    value = f"交付物{len(offer.deliverables)}项，服务{offer.min_days}至{offer.max_days}天"
    return Condition(
        "service", "具有完整的服务体系", "第八条第（一）项", "交付物和服务周期完整", value, Source.DECLARED,
        Outcome.OK if whole else Outcome.FAIL, "" if whole else "未写明交付物或服务周期。",
    )  # fmt: skip


def _content_and_price(offer: Offer) -> Condition:
    if offer.price <= 0 or not offer.price_proof.strip():
        result, why = Outcome.FAIL, "未写明收费标准或价格依据。"
    else:
        result, why = Outcome.OK, ""
    return Condition(
        "price", "服务内容和收费标准明确、价格透明", "第八条第（二）项", "有标价和价格依据",
        f"{yuan(offer.price)}，{offer.price_proof.strip() or '无依据'}", Source.DECLARED, result, why,
    )  # fmt: skip


def _measurable(offer: Offer) -> Condition:
    vague = [
        str(one.get("name", "")) for one in offer.indicators if not any(c.isdigit() for c in str(one.get("target", "")))
    ]
    if not offer.indicators:
        result, why = Outcome.FAIL, "没有核心指标。"
    elif vague:
        result, why = Outcome.DOUBT, f"以下指标的目标没有数值，请核实能否量化：{'、'.join(vague)}。"
    else:
        result, why = Outcome.OK, ""
    return Condition(
        "indicators", "核心指标可量化考核验证", "第八条", "指标、目标值、验证方法", f"{len(offer.indicators)}项", Source.DECLARED,
        result, why,
    )  # fmt: skip


def _effect(offer: Offer) -> Condition:
    aim = offer.aim.strip()
    return Condition(
        "effect", "助力企业降本增效、转型升级", "第八条第（三）项", "服务目的明确", aim or "未填写", Source.DECLARED,
        Outcome.OK if aim else Outcome.FAIL, "" if aim else "未写明服务目的。",
    )  # fmt: skip


def _by_whom(offer: Offer) -> Condition:
    return Condition(
        "provider", "由年度服务商或本批次申请机构提供", "第四条、第八条", "在册或同批次申请", offer.standing or "均不是",
        Source.PLATFORM, Outcome.OK if offer.standing else Outcome.FAIL,
        "" if offer.standing else "机构既不是本年度服务商，也没有在本批次申请服务商资格。",
    )  # fmt: skip


def _full_years(start: date, day: date) -> int:
    return max(0, day.year - start.year - (day < years_after(start, max(0, day.year - start.year))))
