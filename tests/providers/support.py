"""Shared by the tests of providers: products driven to a state, a provider that was barred, many at once."""

from __future__ import annotations

from typing import Any

from accounts.states import Role
from foundation import clock
from providers.models import Product, ProductVersion, Provider
from providers.services import offers, products, standing
from providers.services.offers import Offer
from tests.enterprises.support import yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.programmes import open_year
from tests.factories.providers import INDICATORS, ProviderFactory, signatory_of

DECISION = {"approval_no": "桂工信纪要〔2026〕3号", "reference": "厅网站公示2026-002"}


def offer(**changes: Any) -> Offer:
    """What a provider may state of a diagnosis; `changes` replace fields."""
    values: dict[str, Any] = {
        "name": "数字化转型诊断",
        "category": "diagnosis",
        "sub_type": "digital_diagnosis",
        "aim": "查明生产环节的数字化短板，给出改造方案",
        "functions": "现场调研、短板分析",
        "deliverables": ["诊断报告"],
        "indicators": INDICATORS,
        "min_days": 10,
        "max_days": 45,
        "price": yuan(12500),
        "price_proof": "同类合同均价",
        "market_prices": [{"source": "同类合同", "price": "12600.00"}],
        "team": "顾问6名",
        "cases": "诊断12家",
        **changes,
    }
    return Offer(**values)


def drafted(provider: Provider | None = None, **changes: Any) -> ProductVersion:
    """The first version of a new product."""
    open_year(clock.today().year)
    provider = provider or ProviderFactory()
    return offers.create(by=signatory_of(provider), provider_id=provider.pk, offer=offer(**changes))


def in_review(**changes: Any) -> ProductVersion:
    return products.take_up(by=TESTER, version_id=drafted(**changes).pk)


def shelved(**changes: Any) -> Product:
    return products.shelve(by=TESTER, version_id=in_review(**changes).pk, **DECISION)


def next_version(product: Product, **changes: Any) -> ProductVersion:
    """A version more, in draft."""
    row = Product.objects.get(pk=product.pk)
    by = signatory_of(row.provider)
    return offers.draft_version(by=by, product_id=row.pk, version=row.version, changes=changes)


def barred() -> Provider:
    """Listed this year, then barred for good."""
    provider = ProviderFactory(listed=True)
    bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报服务企业数")
    standing.decide_bar(by=officer(Role.APPROVER), bar_id=bar.pk, version=1, decision_no="罚2号")
    return provider
