"""Endpoints and the log of what went out, over the API."""

from __future__ import annotations

import pytest

from accounts.states import Role
from engines.notifications.models import Delivery, WebhookEndpoint
from engines.notifications.services import endpoints, sending
from engines.notifications.states import DeliveryState
from foundation.models import KeptAnswer
from tests.factories.accounts import Caller, make_organisation, make_user
from tests.factories.notifications import make_delivery, make_endpoint, reachable
from tests.notifications.test_webhooks import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_user(Role.PROVIDER_SIGNATORY)


def refused(answer, code: str, status: int) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_whole_story_of_an_endpoint(boss, receiver):
    caller = Caller(boss)
    made = caller.act("webhooks/", {"label": "办公系统", "url": receiver.url, "groups": ["contract"]})
    assert (made.status_code, made.json()["state"], made.json()["secret_shown_at"]) == (201, "active", None)
    path = f"webhooks/{made.json()['id']}/"
    shown = caller.post(f"/api/v1/{path}show-secret/", {"version": 1}, format="json")
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    secret = shown.json()["secret"]
    assert "secret" not in caller.get(f"/api/v1/{path}").json()

    ping = caller.act(f"{path}ping/")
    assert (ping.status_code, ping.json()["content"], ping.json()["state"]) == (201, "ping", "queued")
    refused(caller.act(f"{path}ping/"), "PING_WAITING", 409)
    sending.send_webhooks()
    [(_, headers, body)] = receiver.posts
    assert verify(headers, body, secret)
    log = caller.get("/api/v1/deliveries/?channel=webhook&state=sent").json()["results"]
    assert [(row["id"], row["attempts"]) for row in log] == [(ping.json()["id"], 1)]
    tries = caller.get(f"/api/v1/deliveries/{ping.json()['id']}/tries/").json()
    assert [(one["ok"], one["status"]) for one in tries] == [(True, 204)]
    assert caller.act(f"deliveries/{ping.json()['id']}/resend/").json()["state"] == "queued"
    sending.send_webhooks()
    assert {one[1]["webhook-id"] for one in receiver.posts} == {ping.json()["id"]}

    rotated = caller.act(f"{path}rotate-secret/", {"version": 2}).json()
    assert (rotated["version"], rotated["previous_until"] is not None) == (3, True)
    off = caller.act(f"{path}disable/", {"version": 3, "reason": "停机维护"}).json()
    assert (off["state"], off["disabled_reason"]) == ("disabled", "停机维护")
    refused(caller.act(f"{path}ping/"), "WRONG_STATE", 409)
    assert caller.act(f"{path}enable/", {"version": 4}).json()["state"] == "active"
    assert [row["act"] for row in caller.get(f"/api/v1/{path}trail/").json()] == [
        "register", "show_secret", "rotate_secret", "disable", "enable",
    ]  # fmt: skip


def test_no_kept_answer_has_a_secret_in_it(boss):
    caller = Caller(boss)
    made = caller.act("webhooks/", {"label": "办公系统", "url": "https://oa.example.com/x"}).json()
    caller.post(f"/api/v1/webhooks/{made['id']}/show-secret/", {"version": 1}, format="json")
    caller.act(f"webhooks/{made['id']}/rotate-secret/", {"version": 2})
    assert KeptAnswer.objects.count() == 2
    assert not KeptAnswer.objects.filter(body__icontains="whsec_").exists()


def test_the_secret_is_shown_once(boss):
    endpoint = make_endpoint(boss.organisation)
    answer = Caller(boss).post(
        f"/api/v1/webhooks/{endpoint.pk}/show-secret/", {"version": endpoint.version}, format="json"
    )
    refused(answer, "SECRET_SHOWN", 409)


ACTS = ["show-secret", "rotate-secret", "disable", "enable", "ping"]


@pytest.mark.parametrize("act", ACTS)
def test_an_agent_manages_no_endpoint(boss, act):
    endpoint = make_endpoint(boss.organisation)
    agent = Caller(make_user(Role.PROVIDER_AGENT, organisation=boss.organisation))
    refused(
        agent.act(f"webhooks/{endpoint.pk}/{act}/", {"version": endpoint.version, "reason": "x"}), "NOT_ALLOWED", 403
    )
    refused(agent.act("webhooks/", {"label": "x", "url": "https://oa.example.com/x"}), "NOT_ALLOWED", 403)
    after = WebhookEndpoint.objects.get()
    assert (after.version, after.state, Delivery.objects.count()) == (endpoint.version, "active", 0)


@pytest.mark.parametrize("url", ["https://169.254.169.254/latest", "http://oa.example.com/x", "ftp://x.example.com/"])
def test_an_address_inside_is_refused_in_words(boss, url):
    answer = Caller(boss).act("webhooks/", {"label": "x", "url": url})
    assert answer.status_code == 400
    assert answer.json()["code"] in ("URL_BLOCKED", "INVALID_FIELDS")
    assert not WebhookEndpoint.objects.exists()


def test_an_old_version_is_a_conflict(boss):
    endpoint = make_endpoint(boss.organisation)
    refused(Caller(boss).act(f"webhooks/{endpoint.pk}/rotate-secret/", {"version": 1}), "VERSION_CONFLICT", 409)
    assert endpoints.valid_secrets(WebhookEndpoint.objects.get()) == endpoints.valid_secrets(endpoint)


def test_the_log_is_of_ones_own_mails_and_ones_organisations_posts(boss):
    colleague = reachable(Role.PROVIDER_AGENT, organisation=boss.organisation)
    post = make_delivery(make_endpoint(boss.organisation))
    mail = make_delivery(person=colleague)
    make_delivery(make_endpoint(make_organisation("provider")))
    make_delivery()

    def seen(user) -> set[str]:
        return {row["id"] for row in Caller(user).get("/api/v1/deliveries/").json()["results"]}

    assert seen(boss) == {str(post.pk)}
    assert seen(colleague) == {str(post.pk), str(mail.pk)}
    assert len(seen(make_user(Role.SYSTEM_ADMIN))) == 4
    assert seen(make_user(Role.AUDITOR)) == set()


def test_who_may_send_again(boss):
    post = make_delivery(make_endpoint(boss.organisation), state=DeliveryState.GIVEN_UP)
    agent = make_user(Role.PROVIDER_AGENT, organisation=boss.organisation)
    refused(Caller(agent).act(f"deliveries/{post.pk}/resend/"), "NOT_ALLOWED", 403)
    post.refresh_from_db()
    assert post.state == "given_up"
    assert Caller(boss).act(f"deliveries/{post.pk}/resend/").json()["state"] == "queued"
    mine = make_delivery(person=agent, state=DeliveryState.NO_ADDRESS)
    assert Caller(agent).act(f"deliveries/{mine.pk}/resend/").json()["state"] == "queued"
    refused(Caller(agent).act(f"deliveries/{mine.pk}/resend/"), "WRONG_STATE", 409)
    other = make_delivery(state=DeliveryState.GIVEN_UP)
    assert Caller(make_user(Role.SYSTEM_ADMIN)).act(f"deliveries/{other.pk}/resend/").json()["state"] == "queued"
