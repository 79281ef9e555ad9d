"""Proposals: thirty services, thirty demands in other words. What was measured is asserted, a little below.

The set is small and of one author, who had written the shipped synonyms before: it shows that the parts work
together and warns when they stop, and says little about the words of real enterprises.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from demands import offers
from demands.matching import suggest
from demands.matching.index import Index
from demands.matching.tokens import GROUP, Group, Words, shipped, stop_words, terms
from demands.models import CutText, Demand
from demands.services import words as vocabulary
from demands.states import DemandState, SynonymState
from foundation.ids import new_id
from foundation.jobs import run
from providers.models import Product
from providers.services import shelf
from tests.factories.accounts import officer
from tests.factories.demands import DemandFactory, SynonymFactory
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

DATA = yaml.safe_load((Path(__file__).parent / "data" / "matching.yaml").read_text(encoding="utf-8"))


@cache
def index(*, synonyms: bool = True) -> Index[str]:
    groups = shipped().values()
    words = Words(groups if synonyms else [Group(one.code, one.words[:1]) for one in groups])
    texts = {
        code: words.cut(service["name"]) * 3 + words.cut(f"{service['aim']} {' '.join(service['deliverables'])}")
        for code, service in DATA["services"].items()
    }
    return Index(words, texts)


def hits(limit: int, *, synonyms: bool = True) -> set[str]:
    """The services that their demand finds among the first `limit`."""
    found = index(synonyms=synonyms)
    return {
        one["means"]
        for one in DATA["demands"]
        if one["means"] in [hit.key for hit in found.search(one["text"], limit=limit)]
    }


class TestQuality:
    def test_the_set_is_whole(self):
        assert len(DATA["services"]) == len(DATA["demands"]) == 30
        assert {one["means"] for one in DATA["demands"]} == set(DATA["services"])

    def test_first_and_among_the_first_five(self):
        """Measured: 30 and 30 of 30."""
        assert len(hits(1)) >= 28
        assert len(hits(5)) >= 29

    def test_what_only_the_synonyms_find(self):
        """Measured: without them 25 are first; 环评, 高企, 等保, MES and 降低能耗 need them to be."""
        assert len(hits(1, synonyms=False)) <= 26
        assert {"s02", "s03", "s06"} <= hits(1) - hits(1, synonyms=False)


class TestWords:
    def test_a_word_of_the_trade_is_not_cut_in_pieces_and_its_parts_are_found_too(self):
        cut = index().words.cut("环境影响评价")
        assert "环境影响评价" in cut
        assert f"{GROUP}eia" in cut

    def test_width_and_case_do_not_matter(self):
        assert index().words.cut("ＭＥＳ系统") == index().words.cut("mes系统")

    def test_what_says_nothing_is_left_out(self):
        assert index().words.cut("我们希望找一家机构提供服务") == []

    @pytest.mark.parametrize("text", ["", "。，！", "   ", "\u200b"])
    def test_nothing_to_look_for_finds_nothing(self, text):
        assert index().search(text, limit=5) == []

    def test_a_short_code_is_not_found_inside_another_word(self):
        assert index().words.cut("homes，themes") == ["homes", "themes"]
        assert f"{GROUP}mes" in index().words.cut("上MES系统")
        assert f"{GROUP}mlps" not in index().words.cut("同等保障")

    def test_the_files_are_folded_and_each_word_is_in_one_group(self):
        every = [word for group in shipped().values() for word in group.words]
        assert len(every) == len(set(every))
        assert len(shipped()) >= 60
        assert not set(every) & stop_words()
        assert len(terms()) == len(set(terms()))

    def test_another_vocabulary_is_another_version(self):
        assert Words([Group("a", ("甲乙", "丙丁"))]).version != Words([Group("a", ("甲乙", "戊己"))]).version


class TestReasons:
    def test_the_same_word_and_the_synonym_are_told_apart(self):
        (hit, *_) = index().search("新建铸造车间要做环评", limit=1)
        assert hit.key == "s01"
        by_name = {match.word: match for match in hit.matches}
        assert (by_name["环评"].found, by_name["环评"].synonym) == ("环境影响评价", True)
        assert by_name["新建"].synonym is False

    def test_parts_of_a_word_are_not_told_beside_it(self):
        (hit, *_) = index().search("环境影响评价报告", limit=1)
        assert [match.word for match in hit.matches if match.word in ("环境", "影响", "评价")] == []

    def test_an_empty_index_answers_nothing(self):
        assert Index(index().words, {}).search("环评", limit=5) == []
        assert Index(index().words, {"a": []}).search("环评", limit=5) == []


def products(**of: str) -> dict[str, str]:
    """Products on the shelf by name; their ids by the keys given."""
    return {
        key: str(ProductFactory(on_shelf=True, name=name, aim="专业服务。", category="innovation").pk)
        for key, name in of.items()
    }


def found(demand) -> list[str]:
    return [str(one.subject.id) for one in suggest.products_for(demand)]


@pytest.mark.django_db
class TestShelf:
    def test_a_synonym_finds_the_product_and_says_so(self):
        made = products(eia="环境影响评价报告编制", ip="专利布局")
        demand = DemandFactory(title="做环评", content="铸造车间要做环评。")
        (first, *_) = suggest.products_for(demand)
        assert str(first.subject.id) == made["eia"]
        assert (first.matches[0].word, first.matches[0].found) == ("环评", "环境影响评价")
        assert first.matches[0].synonym

    def test_the_same_category_comes_first_and_a_price_over_the_fee_later(self):
        same = ProductFactory(on_shelf=True, name="专利布局", category="innovation", price="20000.00")
        ProductFactory(on_shelf=True, name="专利布局", category="diagnosis", price="20000.00")
        dear = ProductFactory(on_shelf=True, name="专利布局", category="innovation", price="90000.00")
        demand = DemandFactory(
            title="专利布局",
            content="专利布局",
            categories=["innovation"],
            fee_low="10000.00",
            fee_high=Decimal("30000.00"),
        )
        demand.refresh_from_db()
        rows = suggest.products_for(demand)
        assert [row.fee for row in rows] == ["fits", "fits", "over"]
        assert (rows[0].subject.id, rows[-1].subject.id) == (same.pk, dear.pk)
        assert [row.same_category for row in rows] == [True, False, True]

    def test_what_leaves_the_shelf_is_not_proposed_and_what_comes_is(self):
        made = products(one="专利布局")
        demand = DemandFactory(title="专利布局", content="专利布局")
        assert found(demand) == [made["one"]]
        made |= products(two="专利布局与导航")
        assert set(found(demand)) == {made["one"], made["two"]}
        product = offers.shelf().get(pk=made["one"])
        shelf.take_off(
            by=signatory_of(product.provider), product_id=product.pk, version=product.version, reason="不再提供"
        )
        assert found(demand) == [made["two"]]

    def test_a_confirmed_group_counts_from_the_next_search_on(self):
        made = products(kaizen="合理化建议制度建设")
        demand = DemandFactory(title="改善提案", content="改善提案")
        assert found(demand) == []
        row = SynonymFactory(words=("改善提案", "合理化建议"))
        assert found(demand) == []
        row = vocabulary.confirm(by=officer(Role.CENTRE_REVIEWER), synonym_id=row.pk, version=1)
        assert found(demand) == [made["kaizen"]]
        vocabulary.retire(by=officer(Role.CENTRE_REVIEWER), synonym_id=row.pk, version=row.version, reason="误配")
        assert found(demand) == []

    def test_an_operators_group_takes_the_place_of_the_platforms(self):
        products(eia="环境影响评价报告编制")
        demand = DemandFactory(title="环评", content="环评")
        assert len(found(demand)) == 1
        SynonymFactory(code="eia", words=("环评",), state=SynonymState.CONFIRMED)
        assert found(demand) == []
        assert suggest.words_in_force().groups["eia"].source == "operator"

    def test_a_provider_is_shown_what_its_products_fit(self):
        provider = ProviderFactory(listed=True)
        ProductFactory(on_shelf=True, provider=provider, name="环境影响评价报告编制", category="innovation")
        fitting = DemandFactory(state=DemandState.PUBLISHED, title="环评", content="铸造车间要做环评。")
        DemandFactory(state=DemandState.PUBLISHED, title="直播带货", content="缺主播。")
        DemandFactory(title="环评草稿", content="环评")
        (row,) = suggest.demands_for(provider.pk)
        assert (row.subject.pk, row.product.name) == (fitting.pk, "环境影响评价报告编制")
        assert suggest.demands_for(ProviderFactory(listed=True).pk) == []

    def test_a_warm_question_costs_the_same_few_queries_for_three_products_and_thirty(self):
        demand = DemandFactory(title="专利布局", content="专利布局")
        counts = []
        for many in (3, 27):
            for _ in range(many):
                ProductFactory(on_shelf=True, name="专利布局")
            suggest.products_for(demand)
            with CaptureQueriesContext(connection) as captured:
                suggest.products_for(demand)
            counts.append(len(captured))
        assert counts == [3, 3]  # the synonyms, whether the shelf has changed, the products shown


@pytest.mark.django_db
class TestKept:
    """What was cut once is not cut again by the next process."""

    def cut_by_a_new_process(self, monkeypatch, words) -> dict[UUID, list[str]]:
        def refuse(self, text: str) -> list[str]:
            raise AssertionError(text)

        wanted = [row.pk for row in Product.objects.all()], [row.pk for row in Demand.objects.all()]
        with monkeypatch.context() as patched:
            patched.setattr(Words, "cut", refuse)
            held = suggest._load_offers(words, wanted[0]) | suggest._load_demands(words, wanted[1])
        return {pk: entry.words for pk, entry in held.items()}

    def test_a_process_that_starts_finds_the_words_as_they_would_be_cut(self, monkeypatch):
        product, demand = ProductFactory(on_shelf=True), DemandFactory(state=DemandState.PUBLISHED)
        words = suggest.words_in_force()
        cut = {pk: suggest._load_offers(words, [pk])[pk].words for pk in [product.pk]}
        cut |= {pk: suggest._load_demands(words, [pk])[pk].words for pk in [demand.pk]}
        assert run("keep_words") == {"kept": 2, "let_go": 0}
        assert self.cut_by_a_new_process(monkeypatch, words) == cut
        assert run("keep_words") == {"kept": 0, "let_go": 0}

    def test_what_has_changed_since_is_cut_anew(self):
        demand = DemandFactory(state=DemandState.PUBLISHED)
        run("keep_words")
        words = suggest.words_in_force()
        CutText.objects.update(words=["旧词"], head="f" * 64)
        assert "旧词" not in suggest._load_demands(words, [demand.pk])[demand.pk].words
        CutText.objects.update(head=demand.head, version="another")
        assert "旧词" not in suggest._load_demands(words, [demand.pk])[demand.pk].words
        assert run("keep_words") == {"kept": 1, "let_go": 0}
        assert "旧词" not in CutText.objects.get(pk=demand.pk).words

    def test_what_left_the_board_is_let_go(self):
        CutText.objects.create(subject=new_id(), head="0" * 64, version="0", words=["词"])
        assert run("keep_words") == {"kept": 0, "let_go": 1}
        assert not CutText.objects.exists()
