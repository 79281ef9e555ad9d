"""A session that is over: nothing typed is lost, nothing of it happens, and no cache keeps what was shown."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.states import Role
from contracts.states import State
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract
from tests.portal.parties.support import page, signed_in

pytestmark = pytest.mark.django_db
REASON = "报告第三章缺少\n改进建议“及”<附表>"


def test_what_was_typed_comes_back_and_can_be_sent_again_after_signing_in():
    deal = make_contract("delivered")
    address = f"{page(deal)}reject/"
    sent = {"once": "key-1", "version": deal.at.version, "reason": REASON, "csrfmiddlewaretoken": "x"}
    told = Client().post(address, sent)
    assert (told.status_code, deal.at.state) == (401, State.DELIVERED)
    assert dict(told.context["sent"]) == {"once": "key-1", "version": str(sent["version"]), "reason": REASON}
    assert told.context["typed"] == [REASON]
    text = told.content.decode()
    assert f'<form method="post" action="{address}">' in text
    assert "&lt;附表&gt;" in text
    signed_in(deal.parties.eo).post(address, dict(told.context["sent"]))
    assert deal.at.state == State.RECTIFY


def test_a_password_is_not_given_back():
    told = Client().post("/my/people/add/", {"once": "k", "name": "李四", "password": "Secret-1"})
    assert told.status_code == 401
    assert "Secret" not in told.content.decode()


def test_a_fragment_leads_the_whole_page_to_the_sign_in():
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/contracts/?state=draft"}
    told = Client().get("/contracts/?state=draft", headers=headers)
    assert (told.status_code, told["HX-Redirect"]) == (200, "/sign-in/?next=%2Fcontracts%2F%3Fstate%3Ddraft")
    assert told.content == b""


def test_sums_asked_for_without_a_session_leave_the_page_alone():
    deal = make_contract()
    told = Client().post(f"{page(deal)}revise/", {"_again": "1", "amount": "1"}, headers={"HX-Request": "true"})
    assert told.status_code == 401


@pytest.mark.parametrize("address", ["/contracts/", "/", "/my/account/", "/contracts/none/"])
def test_no_cache_keeps_what_somebody_saw_who_had_signed_in(address):
    client = signed_in(make_user(Role.ENTERPRISE_AGENT))
    assert client.get(address)["Cache-Control"] == "private, no-store"


def test_what_everybody_sees_may_be_kept():
    assert "Cache-Control" not in Client().get("/").headers
