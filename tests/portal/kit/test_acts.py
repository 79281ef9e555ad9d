"""Acts: what a page offers, one effect however often it is sent, and what others did meanwhile."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from contracts.states import State
from engines.evidence.models import EvidenceRecord
from foundation.models import KeptAnswer
from tests.factories.contracts import Deal, make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def working_morning():
    with time_machine.travel(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def deal() -> Deal:
    """A draft that nobody has agreed to."""
    return make_contract("draft")


def enter(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(client: Client, url: str) -> dict[str, str]:
    """The hidden fields of an act's page, as a browser would send them."""
    text = client.get(url).content.decode()
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', text)
    pairs = [(re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
    return {name[1]: value[1] for name, value in pairs if name and value and name[1] != "csrfmiddlewaretoken"}


def acts(deal: Deal) -> list[str]:
    records = EvidenceRecord.objects.filter(subject_id=deal.pk)
    return list(records.order_by("seq").values_list("act", flat=True))


def test_an_act_is_done_and_the_record_says_so(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/agree/"
    answer = client.post(url, form(client, url), follow=True)
    assert answer.redirect_chain == [(f"/contracts/{deal.pk}/", 302)]
    assert "已同意草稿。" in answer.content.decode()
    assert deal.at.enterprise_agreed_by == deal.parties.eo


def test_the_same_form_sent_twice_has_one_effect(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/agree/"
    fields = form(client, url)
    client.post(url, fields)
    before = acts(deal)
    answer = client.post(url, fields, follow=True)
    assert "此前已提交，未重复办理" in answer.content.decode()
    assert acts(deal) == before


def test_a_key_that_was_used_for_something_else_is_refused(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/agree/"
    fields = form(client, url)
    client.post(url, fields)
    before = acts(deal)
    answer = client.post(f"/contracts/{deal.pk}/withdraw/", {**fields, "reason": "条款有误"})
    assert answer.status_code == 409
    assert "IDEMPOTENCY_KEY_REUSED" in answer.content.decode()
    assert acts(deal) == before


@pytest.mark.parametrize("key", ["", "x" * 129, "键", "a\nb"])
def test_a_form_without_its_key_changes_nothing(deal, key):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/agree/"
    before = acts(deal)
    answer = client.post(url, {**form(client, url), "once": key})
    assert (answer.status_code, "FORM_STALE" in answer.content.decode()) == (400, True)
    assert acts(deal) == before


def test_whoever_was_overtaken_reads_what_the_other_did(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/withdraw/"
    seen = form(client, url)
    other = enter(deal.parties.po)
    other.post(f"/contracts/{deal.pk}/agree/", form(other, f"/contracts/{deal.pk}/agree/"))
    before = acts(deal)
    answer = client.post(url, {**seen, "reason": "条款有误"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "您打开此页之后" in text
    assert deal.parties.po.name in text
    assert "条款有误" in text  # what was typed is still there
    assert acts(deal) == before
    assert deal.at.state == State.DRAFT


def test_after_being_overtaken_the_form_has_a_new_key_and_the_new_version(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/withdraw/"
    seen = form(client, url)
    other = enter(deal.parties.po)
    other.post(f"/contracts/{deal.pk}/agree/", form(other, f"/contracts/{deal.pk}/agree/"))
    overtaken = client.post(url, {**seen, "reason": "条款有误"})
    assert seen["once"] not in overtaken.content.decode()
    assert (seen["version"], overtaken.context["form"]["version"].value()) == ("1", "2")
    fields = {"once": overtaken.context["once"], "version": "2", "reason": "条款有误"}
    assert client.post(url, fields).status_code == 302
    assert deal.at.state == State.CANCELLED


def test_a_refusal_of_the_form_keeps_its_key_so_that_a_second_try_is_the_same_act(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/withdraw/"
    seen = form(client, url)
    answer = client.post(url, {**seen, "reason": ""})
    assert answer.status_code == 422
    assert f'value="{seen["once"]}"' in answer.content.decode()
    assert not KeptAnswer.objects.filter(key=seen["once"]).exists()


def test_what_is_refused_in_this_state_is_not_offered_and_changes_nothing(deal):
    client = enter(deal.parties.eo)
    url = f"/contracts/{deal.pk}/agree/"
    seen = form(client, url)
    client.post(url, seen)
    client.post(
        f"/contracts/{deal.pk}/withdraw/", {**form(client, f"/contracts/{deal.pk}/withdraw/"), "reason": "误填"}
    )
    assert f'href="{url}"' not in client.get(f"/contracts/{deal.pk}/").content.decode()
    before = acts(deal)
    answer = client.post(url, form(client, url) | {"once": str(uuid4())})
    assert answer.status_code == 409
    assert acts(deal) == before


def test_who_comes_too_late_or_in_another_role_reads_so_before_typing(deal):
    url = f"/contracts/{deal.pk}/agree/"
    client = enter(deal.parties.eo)
    assert "现在不能办理" not in client.get(url).content.decode()
    client.post(url, form(client, url))
    assert "“同意草稿”现在不能办理" in client.get(url).content.decode()


def test_an_act_that_is_none_is_not_there(deal):
    assert enter(deal.parties.eo).get(f"/contracts/{deal.pk}/explode/").status_code == 404


def test_a_post_without_the_csrf_token_is_a_page_that_says_so(deal):
    client = Client(enforce_csrf_checks=True)
    client.force_login(deal.parties.eo)
    before = acts(deal)
    answer = client.post(f"/contracts/{deal.pk}/agree/", {"once": "k", "version": deal.at.version})
    assert (answer.status_code, "CSRF_FAILED" in answer.content.decode()) == (403, True)
    assert acts(deal) == before
