"""docs/articles.md is whole: every article of the general voucher names tests that exist."""

from __future__ import annotations

from tests import articles

ROW = "| 第7条 | 使用范围 | `providers/` | `tests/programmes/test_rules.py::test_the_figures_of_article_11` |"


def test_every_article_names_tests_that_exist():
    assert articles.faults(articles.PAGE.read_text("utf-8")) == []


def test_an_article_without_a_test_is_named():
    assert "第8条没有列出测试" in articles.faults(ROW)
    assert "第7条没有列出测试" not in articles.faults(ROW)


def test_a_test_that_is_not_there_is_named():
    wrong = ROW.replace("test_the_figures_of_article_11", "test_gone")
    assert "第7条所列测试不存在：tests/programmes/test_rules.py::test_gone" in articles.faults(wrong)
    assert articles.functions("tests/nowhere.py") == set()
