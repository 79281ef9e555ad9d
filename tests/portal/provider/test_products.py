"""Products: drafted, changed, sent to review, lowered, taken off."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accreditation.models import Application
from providers.models import Product, ProductVersion
from providers.states import ProductState, VersionState
from tests.factories.accreditation import make_call
from tests.factories.contracts import upload
from tests.factories.providers import ProductFactory, ProviderFactory
from tests.portal.provider.support import agent_of, browser, done, read, refused, signatory_of

pytestmark = pytest.mark.django_db

TERMS = {
    "name": "数字化转型诊断（离散制造）",
    "kind": "diagnosis:digital_diagnosis",
    "aim": "查明生产环节的数字化短板，给出分步改造方案。",
    "functions": "现场调研、短板分析。",
    "deliverables": "诊断报告\n改造路线图",
    "indicators-0-name": "覆盖产线",
    "indicators-0-unit": "条",
    "indicators-0-target": "≥2",
    "indicators-0-method": "现场记录核对",
    "market_prices-0-source": "同类合同",
    "market_prices-0-price": "12,600",
    "min_days": "10",
    "max_days": "45",
    "price": "12,500.00",
    "price_proof": "近两年同类合同均价。",
}


def test_a_product_is_drafted_with_its_rows_and_leads_to_its_version():
    provider = ProviderFactory(listed=True)
    by = agent_of(provider)
    proof = upload(by, "material")
    address = done(by, "/s/products/new/", **TERMS, proof_files=str(proof.pk))
    made = ProductVersion.objects.get()
    assert address == f"/s/versions/{made.pk}/"
    assert (made.category, made.sub_type, made.price, made.deliverables) == (
        "diagnosis", "digital_diagnosis", Decimal("12500.00"), ["诊断报告", "改造路线图"],
    )  # fmt: skip
    assert made.indicators == [{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场记录核对"}]
    assert made.market_prices == [{"source": "同类合同", "price": "12600.00"}]
    assert [one["file"] for one in made.proof_files] == [str(proof.pk)]
    page = read(by, address)
    assert "预审意见" in page
    assert "规则预审" in page
    assert "12,500.00" in page


def test_a_form_with_faults_names_each_and_makes_nothing():
    by = agent_of(ProviderFactory(listed=True))
    page = refused(by, "/s/products/new/", 422, **{**TERMS, "name": "", "kind": "", "indicators-0-target": ""})
    assert "请填写“产品名称”。" in page
    assert "请选择“服务类别和细分类型”。" in page
    assert "请填写“目标值”。" in page
    assert not Product.objects.exists()


def test_a_service_refusal_stands_on_the_form_and_changes_nothing():
    by = agent_of(ProviderFactory(listed=True))
    page = refused(by, "/s/products/new/", 400, **{**TERMS, "min_days": "90"})
    assert "最长服务天数45少于最短90，请改正其一。" in page
    assert "DAYS_ORDER" in page
    assert not Product.objects.exists()


def test_a_row_more_is_shown_without_a_script_and_without_faults():
    by = agent_of(ProviderFactory(listed=True))
    answer = browser(by).post("/s/products/new/", {"name": "", "indicators-0-name": "一", "_add": "indicators"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="indicators-1-name"' in page
    assert "请填写" not in page


def test_a_draft_is_edited_and_keeps_its_proof():
    provider = ProviderFactory(listed=True)
    by = agent_of(provider)
    proof = upload(by, "material")
    done(by, "/s/products/new/", **TERMS, proof_files=str(proof.pk))
    version = ProductVersion.objects.get()
    address = f"/s/versions/{version.pk}/edit/"
    assert f'value="{proof.pk}"' in read(by, address)
    done(by, address, **{**TERMS, "price": "11000"}, proof_files=str(proof.pk), version=version.version)
    version.refresh_from_db()
    assert (version.price, len(version.proof_files)) == (Decimal("11000.00"), 1)


def test_an_edit_over_somebody_elses_is_refused_and_says_what_happened_meanwhile():
    provider = ProviderFactory(listed=True)
    by, other = agent_of(provider), agent_of(provider)
    done(by, "/s/products/new/", **TERMS)
    version = ProductVersion.objects.get()
    address = f"/s/versions/{version.pk}/edit/"
    done(other, address, **{**TERMS, "price": "11000"}, version=version.version)
    page = refused(by, address, 409, **{**TERMS, "price": "10000"}, version=version.version)
    assert other.name in page
    assert "修改" in page
    version.refresh_from_db()
    assert version.price == Decimal("11000.00")


def test_the_signatory_lowers_the_price_at_once_and_cannot_raise_it():
    product = ProductFactory(on_shelf=True)
    by = signatory_of(product.provider)
    address = f"/s/products/{product.pk}/lower-price/"
    page = refused(by, address, 400, price="99999", version=product.version)
    assert "提高价格请申报新版本" in page
    done(by, address, price="9,800.00", version=product.version, reason="让利")
    product.refresh_from_db()
    assert (product.current.price, product.revision) == (Decimal("9800.00"), 2)
    assert "价格历史" in read(by, f"/s/products/{product.pk}/")


def test_what_only_the_signatory_does_is_not_offered_to_the_agent():
    product = ProductFactory(on_shelf=True)
    mine, theirs = (
        read(by, f"/s/products/{product.pk}/") for by in (agent_of(product.provider), signatory_of(product.provider))
    )
    assert ("申报新版本" in mine, "/lower-price/" in mine, "/take-off/" in mine) == (True, False, False)
    assert ("/lower-price/" in theirs, "/take-off/" in theirs) == (True, True)


def test_a_product_is_taken_off_the_shelf_with_a_reason():
    product = ProductFactory(on_shelf=True)
    by = signatory_of(product.provider)
    address = f"/s/products/{product.pk}/take-off/"
    assert "请填写“理由”。" in refused(by, address, 422, version=product.version)
    done(by, address, reason="不再提供", version=product.version)
    product.refresh_from_db()
    assert product.state == ProductState.OFF_SHELF
    assert "不再提供" in read(by, f"/s/products/{product.pk}/")


def test_a_new_version_begins_with_the_terms_on_the_shelf():
    product = ProductFactory(on_shelf=True)
    by = agent_of(product.provider)
    address = f"/s/products/{product.pk}/version/"
    assert "诊断报告\n改造路线图" in read(by, address)
    kind = f"{product.category}:{product.current.sub_type}"
    to = done(by, address, **{**TERMS, "kind": kind, "price": "15000"}, version=product.version)
    made = ProductVersion.objects.get(product=product, state=VersionState.DRAFT)
    assert (to, made.number, made.price) == (f"/s/versions/{made.pk}/", 2, Decimal("15000.00"))


def test_a_version_goes_into_an_open_round_once():
    call = make_call()
    product = ProductFactory(provider=ProviderFactory(listed=True))
    version, by = product.versions.get(), agent_of(product.provider)
    address = f"/s/versions/{version.pk}/apply/"
    assert call.at.title in read(by, address)
    to = done(by, address, round=str(call.pk))
    case = Application.objects.get()
    assert (to, case.product_version_id, case.kind) == (f"/s/applications/{case.pk}/", version.pk, "product")
    page = read(by, f"/s/versions/{version.pk}/")
    assert case.number in page
    assert "/apply/" not in page


def test_without_an_open_round_there_is_nothing_to_apply_to():
    product = ProductFactory(provider=ProviderFactory(listed=True))
    assert "/apply/" not in read(agent_of(product.provider), f"/s/versions/{product.versions.get().pk}/")


def test_another_houses_product_is_not_there():
    product = ProductFactory(on_shelf=True)
    stranger = agent_of(ProviderFactory(listed=True))
    for address in (f"/s/products/{product.pk}/", f"/s/versions/{product.current_id}/"):
        assert "不存在，或您无权查看" in read(stranger, address, status=404)


def queries(by, address):
    client = browser(by)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_costs_the_same_for_three_and_thirty():
    provider = ProviderFactory(listed=True)
    by = agent_of(provider)
    for _ in range(3):
        ProductFactory(on_shelf=True, provider=provider)
    few = queries(by, "/s/products/")
    for _ in range(15):
        ProductFactory(on_shelf=True, provider=provider)
    assert queries(by, "/s/products/") == few
