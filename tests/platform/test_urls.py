"""Every address answers in one shape, and the API explains itself without the internet."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


def test_the_root_leads_to_the_docs(client: Client):
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/docs/")


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


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/nowhere/", "/api/v2/contracts/"])
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
    answer = client.get("/")
    assert answer.status_code == 500
    assert answer.json()["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.content.decode()
