"""Demands: found with a reason, and answered."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demands.models import Response
from demands.states import DemandState
from tests.factories.demands import DemandFactory, ResponseFactory
from tests.factories.providers import ProductFactory, ProviderFactory
from tests.portal.provider.support import agent_of, browser, done, read, refused

pytestmark = pytest.mark.django_db
QUOTE = {"price": "48,000.00", "days": "60", "proposal": "现场踏勘后编制报告。"}


def on_board(**fields):
    return DemandFactory(state=DemandState.PUBLISHED, **fields)


def test_a_demand_that_fits_is_shown_first_with_why():
    product = ProductFactory(on_shelf=True)
    row = on_board(title="求数字化转型诊断", content="离散制造车间需要数字化诊断。", categories=["diagnosis"])
    page = read(agent_of(product.provider), "/s/demands/")
    assert page.count(row.title) == 2
    assert "命中：" in page
    assert "类别一致" in page


def test_the_board_is_filtered_by_category_city_and_words():
    by = agent_of(ProviderFactory(listed=True))
    row = on_board(title="求环评", categories=["innovation"])
    other = on_board(title="求精益培训", content="两天的现场课程。", categories=["diagnosis"])
    for query in ("category=innovation", "q=环评"):
        page = read(by, f"/s/demands/?{query}")
        assert row.title in page
        assert other.title not in page
    assert "筛选条件有误" in read(by, "/s/demands/?category=nonsense", status=400)


def test_a_listed_provider_answers_once_with_its_product():
    product = ProductFactory(on_shelf=True)
    by, row = agent_of(product.provider), on_board()
    address = f"/s/demands/{row.pk}/offer/"
    assert address in read(by, f"/s/demands/{row.pk}/")
    to = done(by, address, **QUOTE, product=str(product.pk))
    made = Response.objects.get()
    assert (to, made.price, made.product_id) == (f"/my/responses/{made.pk}/", Decimal("48000.00"), product.pk)
    page = read(by, f"/s/demands/{row.pk}/")
    assert address not in page
    assert "贵机构已应答" in page
    assert "RESPONSE_EXISTS" in refused(by, address, 409, **QUOTE)
    assert Response.objects.count() == 1


def test_who_is_not_listed_reads_why_it_cannot_answer():
    by, row = agent_of(ProviderFactory()), on_board()
    page = read(by, f"/s/demands/{row.pk}/")
    assert "不能应答（办法第十五条）" in page
    assert f"/s/demands/{row.pk}/offer/" not in page
    assert "PROVIDER_NOT_LISTED" in refused(by, f"/s/demands/{row.pk}/offer/", 409, **QUOTE)
    assert not Response.objects.exists()


def queries(by, address):
    client = browser(by)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_board_and_offers_cost_the_same_for_two_and_ten():
    provider = ProviderFactory(listed=True)
    by = agent_of(provider)
    for _ in range(2):
        ResponseFactory(provider=provider)
    few = queries(by, "/s/demands/?q=环境"), queries(by, "/my/responses/")
    for _ in range(8):
        ResponseFactory(provider=provider)
    assert (queries(by, "/s/demands/?q=环境"), queries(by, "/my/responses/")) == few
