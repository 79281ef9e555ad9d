"""Signing in and out, 关怀版, and where one may be led afterwards."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.states import Role
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "https://example.invalid/",
    "//example.invalid/",
    "/\\example.invalid",
    "javascript:alert(1)",
    "http:e.invalid",
]


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.ENTERPRISE_AGENT, "/e/"),
        (Role.ENTERPRISE_SIGNATORY, "/e/"),
        (Role.PROVIDER_AGENT, "/s/"),
        (Role.CENTRE_CHECKER, "/o/"),
        (Role.EXPERT, "/o/"),
        (Role.AUDITOR, "/o/"),
    ],
)
def test_everybody_begins_at_the_start_of_their_work(client, role, home):
    user = make_user(role)
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert client.get(home).status_code == 200


def test_whoever_was_led_to_the_sign_in_comes_back_to_the_page(client):
    user = make_user(Role.ENTERPRISE_AGENT)
    asked = client.get("/contracts/?state=DRAFT")
    assert asked["Location"] == "/sign-in/?next=/contracts/%3Fstate%3DDRAFT"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/contracts/?state=DRAFT"' in page
    sent = {"username": user.username, "password": PASSWORD, "next": "/contracts/?state=DRAFT"}
    assert client.post("/sign-in/", sent)["Location"] == "/contracts/?state=DRAFT"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_out_of_the_house(client, wanted):
    user = make_user(Role.ENTERPRISE_AGENT)
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD, "next": wanted})
    assert answer["Location"] == "/e/"
    assert client.post("/care/", {"next": wanted})["Location"] == "/"


def test_a_wrong_password_is_a_sentence_and_no_session(client):
    user = make_user(Role.ENTERPRISE_AGENT)
    answer = client.post("/sign-in/", {"username": user.username, "password": "wrong-password"})
    assert (answer.status_code, "用户名或密码不正确。" in answer.content.decode()) == (422, True)
    assert "sessionid" not in client.cookies
    assert "wrong-password" not in answer.content.decode()


def test_an_unknown_name_reads_the_same_as_a_wrong_password(client):
    answer = client.post("/sign-in/", {"username": "nobody", "password": "wrong-password"})
    assert (answer.status_code, "用户名或密码不正确。" in answer.content.decode()) == (422, True)


def test_an_empty_form_says_what_is_missing(client):
    text = client.post("/sign-in/", {}).content.decode()
    assert "请填写“用户名”。" in text
    assert "请填写“密码”。" in text


def test_whoever_has_signed_in_is_led_on(client):
    client.force_login(make_user(Role.PROVIDER_AGENT))
    assert client.get("/sign-in/")["Location"] == "/s/"


def test_signing_out_ends_the_session_and_needs_a_post(client):
    client.force_login(make_user(Role.PROVIDER_AGENT))
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/s/").status_code == 200
    assert client.post("/sign-out/")["Location"] == "/"
    assert client.get("/s/").status_code == 302


def test_care_is_remembered_and_drawn_by_the_server(client):
    assert 'data-care="on"' not in client.get("/").content.decode()
    answer = client.post("/care/", {"next": "/style/"})
    cookie = answer.cookies["care"]
    assert (answer["Location"], cookie.value, cookie["samesite"]) == ("/style/", "1", "Lax")
    assert 'data-care="on"' in client.get("/").content.decode()
    client.post("/care/", {})
    assert 'data-care="on"' not in client.get("/").content.decode()


def test_switching_care_needs_the_csrf_token():
    assert Client(enforce_csrf_checks=True).post("/care/", {}).status_code == 403


def test_the_password_is_never_shown_again(client):
    text = client.post("/sign-in/", {"username": "", "password": "secret-password"}).content.decode()
    assert "secret-password" not in text
