"""Every address answers in one shape, and the API explains itself without the internet."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.states import Role
from programmes.models import Suspension
from tests.factories.accounts import make_user


@pytest.mark.django_db
def test_the_root_is_the_home_page(client: Client):
    answer = client.get("/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("address", "asset"),
    [
        ("/api/docs/", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"),
        ("/api/redoc/", "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"),
    ],
)
def test_the_docs_are_served_by_ourselves(client: Client, address, asset):
    answer = client.get(address)
    assert answer.status_code == 200
    assert f"/static/{asset}" in answer.content.decode()
    assert not re.search("(src|href)=.?(https?:)?//", answer.content.decode())
    assert finders.find(asset)


def test_the_schema_is_served(client: Client):
    answer = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.parametrize("address", ["/api/nowhere", "/api/v1/nowhere/", "/api/v2/contracts/"])
def test_an_unknown_address_answers_in_our_shape(client: Client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"


def test_a_host_name_we_do_not_serve_is_refused_in_our_shape(client: Client):
    answer = client.get("/api/docs/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "BAD_REQUEST"


def test_a_defect_of_ours_shows_no_trace(client: Client, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    client.raise_request_exception = False
    monkeypatch.setattr("django.views.generic.RedirectView.get_redirect_url", broken)
    answer = client.get("/api/docs")
    assert answer.status_code == 500
    assert answer.json()["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_without_its_slash_is_not_led_elsewhere_but_told(client: Client, method):
    answer = getattr(client, method)("/api/v1/contracts")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert answer.json()["message"] == "没有此地址，地址须以“/”结尾，请改用 /api/v1/contracts/ 。"
    assert "Location" not in answer.headers


@pytest.mark.parametrize("address", ["/api/docs", "/api/redoc", "/sign-in"])
def test_a_page_for_people_is_found_without_its_slash(client: Client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"{address}/")


def test_what_is_posted_without_its_slash_is_not_led_on(client: Client):
    assert client.post("/sign-in").status_code == 404


def test_the_pages_of_errors_are_readable_chinese(client: Client):
    answer = client.get("/nowhere/")
    assert (answer.status_code, "没有这个页面，或您无权查看。" in answer.content.decode()) == (404, True)
    assert "对象不存在" in client.get("/api/nowhere/").content.decode()


@pytest.mark.django_db
def test_a_session_without_its_csrf_token_is_told_how_to_get_one():
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/api/v1/auth/session/", {"username": "x", "password": "y"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_FAILED")
    assert "X-CSRFToken" in answer.json()["message"]


@pytest.mark.django_db
def test_a_signed_in_session_without_its_csrf_token_moves_nothing():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.DEPARTMENT))
    body = {"year": 2026, "reason": "暂停"}
    answer = client.post(
        "/api/v1/suspensions/", body, content_type="application/json", headers={"idempotency-key": "k"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_FAILED")
    assert Suspension.objects.count() == 0


@pytest.mark.django_db
def test_a_session_with_its_token_is_served():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.DEPARTMENT))
    token = client.get("/api/v1/auth/session/").cookies["csrftoken"].value
    assert client.delete("/api/v1/auth/session/", headers={"x-csrftoken": token}).status_code == 204
