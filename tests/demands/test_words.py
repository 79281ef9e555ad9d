"""The operator's synonyms and the searches that found nothing."""

from __future__ import annotations

import pytest

from accounts.states import Role
from demands import selectors
from demands.models import MissedSearch, Synonym
from demands.services import words
from demands.states import SynonymState
from tests.demands.support import again, refusal
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.demands import DemandFactory, SynonymFactory, agent_of
from tests.factories.providers import ProductFactory

pytestmark = pytest.mark.django_db


def test_proposed_words_are_folded_and_kept_once():
    row = words.propose(by=officer(Role.CENTRE_CHECKER), code="mes2", words=["ＭＥＳ", "mes", "制造执行"], note="")
    assert (row.state, row.words) == (SynonymState.PROPOSED, ["mes", "制造执行"])


@pytest.mark.parametrize(
    ("code", "given", "refused"),
    [("A1", ["甲"], "SYNONYM_CODE"), ("a", ["甲"], "SYNONYM_CODE"), ("ab", ["甲", "——"], "SYNONYM_EMPTY_WORD")],
)
def test_a_group_that_cannot_be_is_refused(code, given, refused):
    client = Caller(officer(Role.CENTRE_CHECKER))
    answer = client.act("synonyms/", {"code": code, "words": given})
    assert (answer.status_code, answer.json()["code"]) == (400, refused)
    assert not Synonym.objects.exists()


def test_one_proposal_a_code():
    client = Caller(officer(Role.CENTRE_CHECKER))
    SynonymFactory()
    answer = client.act("synonyms/", {"code": "kaizen", "words": ["改善"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "SYNONYM_PROPOSED")
    assert Synonym.objects.count() == 1


def test_who_proposed_does_not_confirm():
    row = SynonymFactory()
    fields = {"synonym_id": row.pk, "version": 1}
    both = make_user(Role.CENTRE_REVIEWER, Role.CENTRE_CHECKER)
    own = words.propose(by=both, code="own", words=["甲乙", "丙丁"])
    refusal("NOT_ALLOWED", own, words.confirm, by=both, synonym_id=own.pk, version=1)
    refusal("NOT_ALLOWED", row, words.confirm, by=officer(Role.CENTRE_CHECKER), **fields)
    refusal("NOT_ALLOWED", row, words.refuse, by=officer(Role.DEPARTMENT), reason="不", **fields)
    assert words.refuse(by=both, reason="含义不同", **fields).state == SynonymState.REFUSED


def test_a_later_group_of_the_code_retires_the_earlier():
    old = SynonymFactory(state=SynonymState.CONFIRMED)
    new = SynonymFactory(words=("改善提案", "点子"))
    words.confirm(by=officer(Role.CENTRE_REVIEWER), synonym_id=new.pk, version=1)
    assert (again(old).state, again(new).state) == (SynonymState.RETIRED, SynonymState.CONFIRMED)
    assert list(selectors.confirmed_synonyms()) == [again(new)]


def test_what_is_in_force_is_told_with_its_source():
    SynonymFactory(state=SynonymState.CONFIRMED)
    rows = Caller(officer(Role.CENTRE_CHECKER)).get("/api/v1/synonyms/in-force/").json()
    source = {row["code"]: row["source"] for row in rows}
    assert (source["kaizen"], source["eia"]) == ("operator", "platform")
    stranger = Caller(agent_of(DemandFactory())).get("/api/v1/synonyms/in-force/")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "NOT_ALLOWED")


class TestMissed:
    @pytest.fixture(autouse=True)
    def something_on_the_shelf(self):
        ProductFactory(on_shelf=True, name="专利布局")

    def test_a_search_in_vain_is_noted_once_a_wording(self):
        client = Caller(agent_of(DemandFactory()))
        for text in ("量子炼丹", " 量子炼丹 ", "专利"):
            assert client.get("/api/v1/matching/products/", {"q": text}).status_code == 200
        row = MissedSearch.objects.get()
        assert (row.text, row.times) == ("量子炼丹", 2)
        listed = Caller(officer(Role.CENTRE_CHECKER)).get("/api/v1/missed-searches/").json()["results"]
        assert [(one["text"], one["times"]) for one in listed] == [("量子炼丹", 2)]

    def test_the_public_searches_and_leaves_no_trace(self):
        assert Caller().get("/api/v1/matching/products/", {"q": "量子炼丹"}).json() == []
        assert not MissedSearch.objects.exists()

    def test_personal_data_is_not_noted(self):
        client = Caller(agent_of(DemandFactory()))
        assert client.get("/api/v1/matching/products/", {"q": "找13800138000"}).json() == []
        assert not MissedSearch.objects.exists()

    def test_a_demand_without_any_proposal_is_noted(self):
        row = DemandFactory(title="量子炼丹", content="量子炼丹炉")
        assert Caller(agent_of(row)).get(f"/api/v1/demands/{row.pk}/suggestions/").json() == []
        assert MissedSearch.objects.get().text == "量子炼丹"

    @pytest.mark.parametrize("text", ["", "  ", "长" * 61, "\u202e"])
    def test_what_is_no_question_is_refused(self, text):
        answer = Caller().get("/api/v1/matching/products/", {"q": text})
        assert (answer.status_code, answer.json()["code"]) == (400, "FILTER_INVALID")

    def test_others_do_not_see_the_list(self):
        words.note_missed("量子炼丹")
        assert Caller(agent_of(DemandFactory())).get("/api/v1/missed-searches/").json()["results"] == []
