"""What a provider drafts: a product, its versions, and what the notice says of them (第八条)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import Role
from engines.evidence import chain
from engines.evidence import selectors as evidence
from engines.evidence import services as records
from engines.files import services as files
from engines.files.models import StoredFile
from foundation import clock
from providers import selectors
from providers.models import Product, Provider
from providers.services import offers, products, shelf
from tests.enterprises.support import fresh, refused, yuan
from tests.factories.accounts import TESTER, make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory, make_version, signatory_of
from tests.providers.support import drafted, in_review, next_version, offer, shelved

pytestmark = pytest.mark.django_db


def proof(provider: Provider) -> StoredFile:
    upload = SimpleUploadedFile("合同.pdf", b"%PDF-1.7\n%%EOF\n" + str(provider.pk).encode())
    by = signatory_of(provider)
    return files.store(upload=upload, by=by, organisation_id=by.organisation_id, purpose="proof")


def edit(version: Any, **changes: Any) -> Any:
    by = signatory_of(version.product.provider)
    return offers.edit(by=by, version_id=version.pk, version=fresh(version).version, changes=changes)


def test_a_new_product_has_its_first_version_in_draft() -> None:
    version = drafted()
    assert (version.state, version.number, version.notice.year) == ("draft", 1, clock.today().year)
    product = fresh(version.product)
    assert (product.state, product.revision, product.current, product.name) == ("draft", 0, None, "数字化转型诊断")


@pytest.mark.parametrize(
    ("category", "sub_type", "named", "diagnosis", "training"),
    [
        ("diagnosis", "digital_diagnosis", "数字化转型诊断", True, False),
        ("diagnosis", "benchmark_visit", "标杆研学", True, True),
        ("diagnosis", "executive_training", "企业高管深修", True, True),
        ("financing", "valuation", "资产评估、融资质押抵押评估", False, False),
        ("other", "绿色工厂创建辅导", "绿色工厂创建辅导", False, False),
    ],
)
def test_what_kind_it_is_follows_from_the_notice(
    category: str, sub_type: str, named: str, diagnosis: bool, training: bool
) -> None:
    version = drafted(category=category, sub_type=sub_type)
    assert (version.sub_type_name, version.is_diagnosis, version.is_training) == (named, diagnosis, training)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "nonsense"}, "UNKNOWN_CATEGORY"),
        ({"sub_type": "valuation"}, "UNKNOWN_SUB_TYPE"),
        ({"sub_type": ""}, "UNKNOWN_SUB_TYPE"),
        ({"category": "other", "sub_type": " "}, "UNKNOWN_SUB_TYPE"),
        ({"min_days": 46}, "DAYS_ORDER"),
    ],
)
def test_create_refused(changes: dict[str, Any], code: str) -> None:
    open_year(clock.today().year)
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused(code):
        offers.create(by=user, provider_id=provider.pk, offer=offer(**changes))


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    open_year(clock.today().year)
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused("UNKNOWN_SUB_TYPE") as caught:
        offers.create(by=user, provider_id=provider.pk, offer=offer(category="testing", sub_type="x"))
    assert caught.value.details == {"known": ["smart_testing", "digital_measurement"]}
    assert "可选：smart_testing（定制化智能制造检验检测）、digital_measurement（数字测量）" in caught.value.message


def test_no_product_before_a_notice() -> None:
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused("NOTICE_NOT_PUBLISHED"):
        offers.create(by=user, provider_id=provider.pk, offer=offer())


@pytest.mark.parametrize("role", [Role.PROVIDER_SIGNATORY, Role.ENTERPRISE_SIGNATORY, Role.DEPARTMENT])
def test_nobody_offers_for_another_provider(role: str) -> None:
    provider, stranger = ProviderFactory(), make_user(role)
    open_year(clock.today().year)
    with refused("NOT_ALLOWED"):
        offers.create(by=stranger, provider_id=provider.pk, offer=offer())


def test_proof_files_stand_with_their_digest() -> None:
    provider = ProviderFactory()
    file = proof(provider)
    version = drafted(provider, proof_files=[file.pk])
    assert version.proof_files == [{"file": str(file.pk), "name": "合同.pdf", "sm3": file.sm3}]


def test_somebody_elses_file_proves_nothing() -> None:
    provider, other = ProviderFactory(), ProviderFactory()
    open_year(clock.today().year)
    user, file = signatory_of(provider), proof(other)
    with refused("NOT_FOUND"):
        offers.create(by=user, provider_id=provider.pk, offer=offer(proof_files=[file.pk]))


def test_the_chain_digests_every_term() -> None:
    version = drafted()
    (record,) = evidence.of_subject(version)
    assert record.facts["content_sm3"] == chain.sm3(chain.canonical(version.terms))
    assert set(version.terms) >= offers.FIELDS


def test_edit_reads_the_category_again_and_renames_what_was_never_shelved() -> None:
    version = edit(drafted(), category="market", sub_type="brand", name="品牌策划", price=yuan(1))
    assert (version.category, version.is_diagnosis, version.price) == ("market", False, yuan(1))
    product = fresh(version.product)
    assert (product.category, product.name) == ("market", "品牌策划")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "NOTHING_TO_CHANGE"),
        ({"price": yuan(12500)}, "NOTHING_TO_CHANGE"),
        ({"category": "nonsense"}, "UNKNOWN_CATEGORY"),
        ({"category": "market"}, "UNKNOWN_SUB_TYPE"),
        ({"max_days": 1}, "DAYS_ORDER"),
    ],
)
def test_edit_refused(changes: dict[str, Any], code: str) -> None:
    version = drafted()
    signatory_of(version.product.provider)
    with refused(code):
        edit(version, **changes)


def test_nothing_is_edited_or_withdrawn_once_in_review() -> None:
    version = in_review()
    by = signatory_of(version.product.provider)
    with refused("WRONG_STATE"):
        edit(version, price=yuan(1))
    with refused("WRONG_STATE"):
        offers.withdraw(by=by, version_id=version.pk, version=version.version, reason="x")


def test_withdrawn_and_drafted_anew() -> None:
    version = drafted()
    by = signatory_of(version.product.provider)
    version = offers.withdraw(by=by, version_id=version.pk, version=1, reason="改报其他产品")
    assert (version.state, version.reason) == ("withdrawn", "改报其他产品")
    again = next_version(version.product)
    assert (again.state, again.number, again.price) == ("draft", 2, yuan(12500))


@pytest.mark.parametrize("service", [offers.edit, offers.withdraw])
def test_only_the_provider_itself_touches_a_draft(service: Callable[..., Any]) -> None:
    version = drafted()
    fields: dict[str, Any] = {"changes": {"price": yuan(1)}} if service is offers.edit else {"reason": "x"}
    for by in (make_user(Role.PROVIDER_SIGNATORY), officer(Role.DEPARTMENT)):
        with refused("NOT_ALLOWED"):
            service(by=by, version_id=version.pk, version=1, **fields)


def test_a_version_more_starts_from_the_terms_on_the_shelf() -> None:
    product = shelved()
    version = next_version(product, price=yuan(15000))
    assert (version.number, version.price, version.aim) == (2, yuan(15000), offer().aim)
    shown = fresh(product)
    assert (shown.state, shown.revision, shown.current.price) == ("on_shelf", 1, yuan(12500))


def test_one_version_under_way_at_a_time() -> None:
    product = shelved()
    next_version(product)
    with refused("VERSION_OPEN"):
        next_version(product)


def test_a_shelved_product_keeps_its_category() -> None:
    product = shelved()
    with refused("CATEGORY_FIXED"):
        next_version(product, category="market", sub_type="brand")


def test_a_refused_product_may_be_drafted_again() -> None:
    version = in_review()
    products.dismiss(by=TESTER, version_id=version.pk, reason="价格依据不足")
    assert next_version(version.product, price=yuan(9000)).number == 2


def test_a_product_taken_off_has_no_further_version() -> None:
    product = shelved()
    by = signatory_of(product.provider)
    shelf.take_off(by=by, product_id=product.pk, version=product.version, reason="不再提供")
    with refused("WRONG_STATE"):
        next_version(product)


def test_a_stale_version_of_the_row_is_refused() -> None:
    row = ProductFactory(on_shelf=True)
    by = signatory_of(row.provider)
    with refused("VERSION_CONFLICT"):
        offers.draft_version(by=by, product_id=row.pk, version=row.version + 1, changes={})


def test_the_factorys_versions_are_like_the_services() -> None:
    row = ProductFactory()
    assert make_version(row, state="withdrawn", number=2).terms.keys() == drafted().terms.keys()
    assert Product.objects.filter(current__isnull=False).count() == 0


PHONE = "请打13900001111"
PERSONAL = {
    "name": PHONE,
    "aim": PHONE,
    "functions": PHONE,
    "deliverables": ["诊断报告", PHONE],
    "indicators": [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": PHONE}],
    "price_unit": PHONE,
    "discount": PHONE,
    "qualification": PHONE,
}


@pytest.mark.parametrize("field", PERSONAL)
def test_what_the_public_will_read_of_a_product_has_no_personal_data(field: str) -> None:
    draft = drafted()
    found = {"found": [{"field": field, "kind": "phone"}]}
    with refused("PERSONAL_DATA") as caught:
        edit(draft, **{field: PERSONAL[field]})
    assert caught.value.details == found
    assert getattr(fresh(draft), field) != PERSONAL[field]
    with refused("PERSONAL_DATA") as caught:
        drafted(**{field: PERSONAL[field]})
    assert caught.value.details == found
    assert Product.objects.count() == 1


def test_the_words_of_a_sub_type_that_the_notice_leaves_open_have_none_either() -> None:
    with refused("PERSONAL_DATA"):
        drafted(category="other", sub_type=PHONE)


def test_a_draft_with_personal_data_is_not_taken_up() -> None:
    draft = drafted()
    draft.aim = PHONE
    records.record(draft, act="edit", by=TESTER)
    with refused("PERSONAL_DATA"):
        products.take_up(by=TESTER, version_id=draft.pk)
    assert fresh(draft).state == "draft"


def test_what_only_officers_read_may_name_people() -> None:
    assert drafted(team="组长赵六13900001111").team == "组长赵六13900001111"


def test_the_version_under_way_is_found_until_it_is_withdrawn() -> None:
    draft = drafted()
    assert selectors.open_version(draft.product) == draft
    offers.withdraw(by=signatory_of(draft.product.provider), version_id=draft.pk, version=draft.version, reason="")
    assert selectors.open_version(draft.product) is None
