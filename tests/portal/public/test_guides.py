"""办事指南: words as data, figures of the notice, links into the 办法; and the API's documents."""

from __future__ import annotations

import pytest

from portal.kit import articles
from portal.public import guides
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["enterprise", "provider", "staff"])
def test_every_figure_of_a_guide_is_the_notices(read, code):
    open_year(2026)
    page = read(f"/guides/{code}/")
    assert "以年度通知为准" not in page
    assert "{" not in page.partition("<main")[2].partition("</main>")[0]


def test_before_the_first_notice_a_guide_says_that_figures_are_to_come(read):
    assert "（以年度通知为准）" in read("/guides/enterprise/")


def test_a_guide_follows_the_notice(read):
    open_year(2026)
    page = read("/guides/enterprise/")
    assert "签署后10天内支付合同金额20%的定金" in page
    assert "从50,000.00元到300,000.00元分四档" in page


def test_every_article_that_a_guide_names_is_one_of_the_measures():
    for guide in guides._guides().values():
        for part in (*guide["steps"], *guide["questions"]):
            assert [articles.article(number) for number in part["articles"]]


def test_there_is_no_other_guide(client):
    assert client.get("/guides/magic/").status_code == 404


def test_the_measures_are_whole_and_each_article_has_an_address(read):
    page = read("/measures/")
    for number, article in articles.measures().items():
        assert f'id="a{number}"' in page
        assert article.name in page
    assert "桂工信规范〔2024〕9号" in page


@pytest.mark.parametrize(("address", "worker"), [("/api/docs/", False), ("/api/redoc/", True)])
def test_the_api_documents_have_exceptions_of_their_own(client, address, worker):
    policy = client.get(address).headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy + ";"
    assert ("worker-src blob:" in policy) == worker
    assert "unsafe-inline" not in client.get("/").headers["Content-Security-Policy"]


def test_a_personal_page_says_how_long_things_are_kept(read):
    open_year(2026)
    page = read("/privacy/")
    assert "业务资料留存（合同终了之后）：10年" in page
