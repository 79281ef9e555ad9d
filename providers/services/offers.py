"""What a provider drafts: a product with its first version, a version more, and what becomes of a draft (第八条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from credit import services as credit
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from foundation import clock, personal
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.states import move
from programmes import selectors as programmes
from programmes.models import Notice
from programmes.rules import Category
from providers import policies
from providers.models import Product, ProductVersion, Provider
from providers.states import VERSION_EDITABLE, VERSION_OPEN, ProductState, VersionState


@dataclass(frozen=True)
class Offer:
    """What a product says of itself. Prices in 元, days in calendar days; files of the provider's own by id."""

    name: str
    category: str
    sub_type: str
    aim: str
    deliverables: Sequence[str]
    indicators: Sequence[dict[str, str]]
    min_days: int
    max_days: int
    price: Decimal
    price_proof: str
    functions: str = ""
    price_unit: str = "项"
    proof_files: Sequence[UUID] = ()
    market_prices: Sequence[dict[str, str]] = field(default_factory=tuple)
    discount: str = ""
    team: str = ""
    cases: str = ""
    qualification: str = ""


FIELDS = frozenset(Offer.__dataclass_fields__)
TERMS = FIELDS - {"proof_files"}
PUBLIC_WORDS = {  # what anybody reads of a product on the shelf, in the provider's own words
    "name": "产品名称",
    "sub_type": "细分类型",
    "aim": "服务目的",
    "functions": "功能内容",
    "deliverables": "交付成果",
    "indicators": "绩效指标",
    "price_unit": "计价单位",
    "discount": "优惠说明",
    "qualification": "所需资质",
}


def create(*, by: User, provider_id: UUID, offer: Offer) -> ProductVersion:
    """A product that was never on the shelf, with its first version in draft.

    Raises PARTY_RESTRICTED, UNKNOWN_CATEGORY, UNKNOWN_SUB_TYPE, DAYS_ORDER, PERSONAL_DATA, NOTICE_NOT_PUBLISHED, and
    NOT_FOUND for a file.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        if not policies.may_edit(by, provider):
            raise not_allowed("申报产品")
        credit.refuse_restricted(provider.uscc, "申报产品")
        product = Product(provider=provider, name=offer.name, category=offer.category)
        version = ProductVersion(product=product, number=1, **{name: _plain(getattr(offer, name)) for name in TERMS})
        version.proof_files = files_of(by, offer.proof_files)
        fit(version, programmes.current_notice(clock.today()))
        evidence.record(product, act="create", by=by, facts={"name": product.name, "category": product.category})
        evidence.record(version, act="draft", by=by, facts=facts(version))
    return version


def draft_version(*, by: User, product_id: UUID, version: int, changes: Mapping[str, Any]) -> ProductVersion:
    """A version more in draft: the latest terms with the named fields as given; none means the same again.

    The one on the shelf stays there until the new one is approved: for a price that rises, another content, or
    the next year. Raises VERSION_OPEN, WRONG_STATE, CATEGORY_FIXED and as `create`.
    """
    with unit_of_work():
        product = lock(Product.objects.select_related("provider", "current"), product_id, version=version)
        if not policies.may_edit(by, product.provider):
            raise not_allowed("修改产品")
        credit.refuse_restricted(product.provider.uscc, "申报产品新版本")
        if product.state == ProductState.OFF_SHELF:
            raise wrong_state("申报新版本", product.state, product.get_state_display())
        refuse_open(product)
        latest = product.versions.order_by("-number")[0]
        base = product.current or latest
        made = ProductVersion(product=product, number=latest.number + 1)
        for name in TERMS | {"proof_files"}:
            setattr(made, name, getattr(base, name))
        _apply(made, changes, by)
        fit(made, programmes.current_notice(clock.today()))
        _keep_identity(product, made, by)
        evidence.record(made, act="draft", by=by, facts={"from": base.number, **facts(made)})
    return made


def edit(*, by: User, version_id: UUID, version: int, changes: Mapping[str, Any]) -> ProductVersion:
    """The named fields of a draft or returned version are as given. Raises NOTHING_TO_CHANGE and as `create`."""
    with unit_of_work():
        draft = locked_version(version_id, version)
        if not policies.may_edit(by, draft.product.provider):
            raise not_allowed("修改产品")
        if draft.state not in VERSION_EDITABLE:
            raise wrong_state("修改产品", draft.state, draft.get_state_display())
        changed = _apply(draft, changes, by)
        if not changed:
            raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
        fit(draft, programmes.current_notice(clock.today()))
        _keep_identity(draft.product, draft, by)
        evidence.record(draft, act="edit", by=by, facts={"fields": changed, **facts(draft)})
    return draft


def withdraw(*, by: User, version_id: UUID, version: int, reason: str) -> ProductVersion:
    """The draft goes no further; the version on the shelf, if any, is untouched and another may be drafted."""
    with unit_of_work():
        draft = locked_version(version_id, version)
        if not policies.may_edit(by, draft.product.provider):
            raise not_allowed("撤回产品版本")
        move(draft, "withdraw", "撤回产品版本")(reason)
        evidence.record(draft, act="withdraw", by=by, reason=reason)
    return draft


def locked_version(version_id: UUID, version: int | None = None) -> ProductVersion:
    """The version, locked after its product: whoever touches a version holds the product first."""
    product_id = ProductVersion.objects.filter(pk=version_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise not_found("产品版本")
    product = lock(Product.objects.select_related("provider", "current"), product_id)
    row = lock(ProductVersion.objects.select_related("notice"), version_id, version=version)
    row.product = product
    return row


def refuse_open(product: Product) -> None:
    """Raises VERSION_OPEN while a version of the product is under way."""
    known = product.versions.filter(state__in=sorted(VERSION_OPEN)).first()
    if known is not None:
        advice = "请等待审核结果" if known.state == VersionState.IN_REVIEW else "请先修改或撤回该版本"
        raise Refused(
            "VERSION_OPEN",
            f"第{known.number}版（{known.get_state_display()}）尚未办结，{advice}。",
            number=known.number,
            state=known.state,
            version_id=str(known.pk),
        )


def fit(version: ProductVersion, notice: Notice) -> None:
    """Category, sub-type, 诊断 or training or not, and days agree with the notice, which is pinned; nothing that
    the public will read tells how to reach a person.

    Raises UNKNOWN_CATEGORY, UNKNOWN_SUB_TYPE with the known codes, DAYS_ORDER, PERSONAL_DATA.
    """
    category = notice.parsed.category(version.category)
    version.notice, version.is_diagnosis = notice, category.is_diagnosis
    version.sub_type_name = _sub_type(category, version.sub_type)
    version.is_training = version.sub_type in category.training
    if version.max_days < version.min_days:
        raise Invalid(
            "DAYS_ORDER",
            f"最长服务天数{version.max_days}少于最短{version.min_days}，请改正其一。",
            min_days=version.min_days,
            max_days=version.max_days,
        )
    personal.refuse(
        {name: _words(getattr(version, name)) for name in PUBLIC_WORDS},
        labels=PUBLIC_WORDS,
        because="产品上架后向社会公开展示",
        instead="请删去；服务团队和服务案例不公开，企业可在平台上与贵机构联系。",
    )


def facts(version: ProductVersion) -> dict[str, Any]:
    """What the chain says of the terms, with a digest of them all."""
    terms = version.terms
    return {
        "number": version.number,
        "category": version.category,
        "price": terms["price"],
        "notice": version.notice.label,
        "content_sm3": chain.sm3(chain.canonical(terms)),
    }


def files_of(by: User, ids: Sequence[UUID]) -> list[dict[str, str]]:
    """The caller's own uploads as they are kept with the terms. Raises NOT_FOUND."""
    rows = {row.pk: row for row in StoredFile.objects.filter(pk__in=ids, organisation_id=by.organisation_id)}
    if len(rows) != len(set(ids)):
        raise not_found("价格证明文件")
    return [{"file": str(pk), "name": rows[pk].name, "sm3": rows[pk].sm3} for pk in dict.fromkeys(ids)]


def _sub_type(category: Category, given: str) -> str:
    """The name of the sub-type. A category that names none takes any words (第七条（一）7)."""
    if not category.sub_types:
        if not given.strip():
            raise Invalid("UNKNOWN_SUB_TYPE", f"“{category.name}”请用文字写明细分类型。", known=[])
        return given
    if given not in category.sub_types:
        known = "、".join(f"{code}（{name}）" for code, name in category.sub_types.items())
        raise Invalid(
            "UNKNOWN_SUB_TYPE",
            f"“{category.name}”没有细分类型“{given}”，可选：{known}。",
            known=list(category.sub_types),
        )
    return category.sub_types[given]


def _apply(version: ProductVersion, changes: Mapping[str, Any], by: User) -> list[str]:
    """The changes are on the version; the names of those that changed it."""
    given = {name: _plain(value) for name, value in changes.items() if name in TERMS}
    if "proof_files" in changes:
        given["proof_files"] = files_of(by, changes["proof_files"])
    changed = sorted(name for name, value in given.items() if getattr(version, name) != value)
    for name in changed:
        setattr(version, name, given[name])
    return changed


def _keep_identity(product: Product, version: ProductVersion, by: User) -> None:
    """A product on the shelf keeps its category; one that never was goes by its latest draft."""
    if product.current is not None:
        if version.category != product.category:
            raise Refused(
                "CATEGORY_FIXED",
                "上过架的产品不能改变服务类别（补贴标准随之不同），请另行申报新产品。",
                category=product.category,
            )
        return
    if (product.name, product.category) != (version.name, version.category):
        product.name, product.category = version.name, version.category
        evidence.record(product, act="rename", by=by, facts={"name": product.name, "category": product.category})


def _words(value: Any) -> str:
    """A text, a list of texts or of what has texts, as one text; what stands between keeps their digits apart."""
    if isinstance(value, dict):
        value = list(value.values())
    return "；".join(_words(one) for one in value) if isinstance(value, list) else str(value)


def _plain(value: Any) -> Any:
    """Sequences as the lists that JSON has."""
    return list(value) if isinstance(value, tuple) else value


def price_text(version: ProductVersion) -> str:
    """12,500.00元/项."""
    return f"{yuan(version.price)}/{version.price_unit}"
