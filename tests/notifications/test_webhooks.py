"""Signed webhooks: the signature, the post, two secrets for a day, and switching off by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from engines.notifications import services, signing
from engines.notifications.models import Delivery, EndpointHealth, OutboxEvent, WebhookEndpoint
from engines.notifications.services import endpoints, sending
from foundation import jobs, sealed
from foundation.errors import Invalid, Refused
from tests.factories.accounts import TESTER, make_organisation
from tests.factories.notifications import make_delivery, make_endpoint, say
from tests.notifications.vectors import VECTORS
from tests.platform.helpers import ROOT

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_the_document(vector):
    signed = signing.signature(
        vector["secret"], number=vector["id"], timestamp=vector["timestamp"], body=vector["body"].encode()
    )
    assert signed == vector["signature"]


def test_the_document_has_the_same_vectors():
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    for vector in VECTORS:
        assert all(str(value) in text for value in vector.values())


OTHER = {
    "secret": VECTORS[0]["secret"],
    "id": "0198c0de-0000-7000-8000-000000000001",
    "timestamp": 1772416801,
    "body": VECTORS[1]["body"] + " ",
}


@pytest.mark.parametrize("changed", OTHER)
def test_whatever_is_changed_changes_the_signature(changed):
    other = {**VECTORS[1], changed: OTHER[changed]}
    signed = signing.signature(
        other["secret"], number=other["id"], timestamp=other["timestamp"], body=other["body"].encode()
    )
    assert signed != VECTORS[1]["signature"]


@pytest.fixture
def organisation():
    return make_organisation("provider")


def verify(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """What a receiver does."""
    expected = signing.signature(
        secret, number=headers["webhook-id"], timestamp=int(headers["webhook-timestamp"]), body=body
    )
    return expected in headers["webhook-signature"].split(" ")


def test_a_notice_is_posted_signed_and_says_what_the_inbox_says(organisation, receiver):
    endpoint = make_endpoint(organisation, receiver.url)
    [secret] = endpoints.valid_secrets(endpoint)
    event = say(
        [organisation.pk],
        topic="signing_suspended",
        title="暂停签约",
        body="请知悉。",
        must_read=True,
        data={"year": 2026},
    )
    services.relay()
    assert jobs.run("send_webhooks") == {"sent": 1}
    [(path, headers, body)] = receiver.posts
    row = Delivery.objects.get()
    assert path == "/hook?for=us"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["webhook-id"] == str(row.pk)
    assert verify(headers, body, secret)
    assert not verify(headers, body + b" ", secret)
    assert not verify(headers, body, signing.new_secret())
    said = json.loads(body)
    assert (said["type"], datetime.fromisoformat(said["timestamp"])) == (
        "signing_suspended", event.created_at.replace(microsecond=event.created_at.microsecond // 1000 * 1000),
    )  # fmt: skip
    assert said["data"] == {
        "organisation_id": str(organisation.pk), "title": "暂停签约", "body": "请知悉。", "must_read": True,
        "subject_type": "", "subject_id": None, "link": "", "figures": {"year": 2026},
    }  # fmt: skip
    assert (row.state, row.tries.get().status, row.body_hash != "") == ("sent", 204, True)


def test_a_repetition_has_the_same_id_and_body_and_a_new_time(organisation, receiver):
    endpoint = make_endpoint(organisation, receiver.url)
    receiver.status = 500
    with time_machine.travel(MORNING, tick=False) as now:
        make_delivery(endpoint)
        assert sending.send_webhooks() == {"failed": 1}
        assert sending.send_webhooks() == {}
        now.shift(timedelta(minutes=1))
        receiver.status = 200
        assert sending.send_webhooks() == {"sent": 1}
    (_, first, body), (_, second, again) = receiver.posts
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60
    assert list(Delivery.objects.get().tries.values_list("ok", "status", "error")) == [
        (False, 500, "应答 500"),
        (True, 200, ""),
    ]


@pytest.mark.parametrize(("status", "error"), [(301, "应答为重定向，不予跟随"), (404, "应答 404"), (503, "应答 503")])
def test_only_2xx_counts(organisation, receiver, status, error):
    make_delivery(make_endpoint(organisation, receiver.url))
    receiver.status, receiver.location = status, "http://169.254.169.254/" if status == 301 else ""
    assert sending.send_webhooks() == {"failed": 1}
    assert Delivery.objects.get().last_error == error


def test_one_that_fails_is_passed_over_for_the_rest_of_the_run(organisation, receiver):
    make_endpoint(organisation, receiver.url)
    dead = make_endpoint(organisation, "http://127.0.0.1:9/")
    for _ in range(3):
        say([organisation.pk])
    services.relay()
    assert sending.send_webhooks() == {"failed": 1, "sent": 3}
    assert sorted(Delivery.objects.filter(endpoint=dead).values_list("attempts", flat=True)) == [0, 0, 1]


def test_an_address_that_has_come_to_lead_inside_is_not_posted_to(organisation, settings, receiver):
    make_delivery(make_endpoint(organisation, receiver.url.replace("127.0.0.1", "localhost")))
    settings.WEBHOOK_LOOPBACK = False
    assert sending.send_webhooks() == {"failed": 1}
    assert receiver.posts == []


def test_a_replaced_secret_is_good_for_a_day(organisation):
    with time_machine.travel(MORNING, tick=False) as now:
        endpoint = make_endpoint(organisation)
        [old] = endpoints.valid_secrets(endpoint)
        endpoint = endpoints.rotate_secret(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
        new, before = endpoints.valid_secrets(endpoint)
        assert (before, new != old) == (old, True)
        signed = signing.headers(number="x", at=MORNING, body=b"{}", secrets=[new, before])
        assert verify(signed, b"{}", old)
        assert verify(signed, b"{}", new)
        now.shift(timedelta(days=1))
        assert endpoints.valid_secrets(endpoint) == [new]


def test_a_secret_nobody_was_shown_does_not_drive_out_the_one_in_use(organisation):
    endpoint = make_endpoint(organisation)
    [in_use] = endpoints.valid_secrets(endpoint)
    for _ in range(2):  # the first answer was lost on its way
        endpoint = endpoints.rotate_secret(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
    assert endpoints.valid_secrets(endpoint)[1] == in_use


def test_the_secret_is_shown_once_and_kept_sealed(organisation):
    endpoint = make_endpoint(organisation, shown=False)
    endpoint, secret = endpoints.show_secret(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
    assert secret.startswith("whsec_")
    assert secret.encode() not in bytes(endpoint.secret)
    with pytest.raises(Refused) as refusal, transaction.atomic():
        endpoints.show_secret(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
    assert refusal.value.code == "SECRET_SHOWN"
    other = make_endpoint(organisation)
    other.secret = endpoint.secret
    with pytest.raises(sealed.SealBroken):  # bound to its row
        endpoints.valid_secrets(other)


def test_a_secret_that_opens_no_more_fails_in_words(organisation, receiver, settings):
    make_delivery(make_endpoint(organisation, receiver.url))
    settings.SEALING_SECRETS = {**settings.SEALING_SECRETS, "webhook": "another key"}
    assert sending.send_webhooks() == {"failed": 1}
    assert Delivery.objects.get().last_error == "密钥无法启封，请更换密钥"
    assert receiver.posts == []


def test_twenty_failures_in_a_row_switch_it_off_and_its_owner_is_told(organisation):
    endpoint = make_endpoint(organisation, "http://127.0.0.1:9/")
    EndpointHealth.objects.filter(pk=endpoint.pk).update(failures=endpoints.FAILURES - 2)
    for failures, state in [(19, "active"), (20, "disabled")]:
        make_delivery(endpoint)
        sending.send_webhooks()
        endpoint = WebhookEndpoint.objects.get()
        assert (endpoint.health.failures, endpoint.state) == (failures, state)
    assert endpoint.disabled_reason == "连续20次未能送达"
    told = OutboxEvent.objects.get(topic="webhook.disabled")
    assert (told.organisation_ids, told.title) == ([organisation.pk], "回调地址“办公系统”已自动停用")
    make_delivery(endpoint)
    assert sending.send_webhooks() == {}
    endpoint = endpoints.enable(by=TESTER, endpoint_id=endpoint.pk, version=endpoint.version)
    assert EndpointHealth.objects.get().failures == 0
    assert sending.send_webhooks() == {"failed": 1}


def test_a_success_ends_the_row_of_failures(organisation, receiver):
    endpoint = make_endpoint(organisation, receiver.url)
    EndpointHealth.objects.filter(pk=endpoint.pk).update(failures=19)
    make_delivery(endpoint)
    sending.send_webhooks()
    health = EndpointHealth.objects.get()
    assert (health.failures, health.last_success_at is not None) == (0, True)


def test_one_that_says_it_is_gone_is_switched_off_at_once(organisation, receiver):
    receiver.status = 410
    make_delivery(make_endpoint(organisation, receiver.url))
    sending.send_webhooks()
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, endpoint.disabled_reason) == ("disabled", "对方应答 410，表示该地址不再接收")


def test_what_is_given_up_is_told_to_whose_endpoint_it_is(organisation):
    endpoint = make_endpoint(organisation, "http://127.0.0.1:9/")
    make_delivery(endpoint, attempts=sending.TRIES - 1)
    assert sending.send_webhooks() == {"given_up": 1}
    told = OutboxEvent.objects.get(topic="delivery.given_up")
    assert (told.organisation_ids, told.subject_id) == ([organisation.pk], endpoint.pk)


def test_an_organisation_has_five_endpoints_and_each_address_once(organisation):
    first = make_endpoint(organisation)
    with pytest.raises(Refused) as refusal, transaction.atomic():
        make_endpoint(organisation, first.url)
    assert refusal.value.code == "WEBHOOK_EXISTS"
    for _ in range(4):
        make_endpoint(organisation)
    with pytest.raises(Refused, match="最多登记5个") as refusal, transaction.atomic():
        make_endpoint(organisation)
    assert (refusal.value.code, WebhookEndpoint.objects.count()) == ("WEBHOOK_LIMIT", 5)


@pytest.mark.parametrize("url", ["https://10.0.0.1/x", "http://example.com/x", "https://u:p@example.com/"])
def test_an_address_that_may_not_be_is_not_registered(organisation, url):
    with pytest.raises(Invalid) as refusal:
        make_endpoint(organisation, url)
    assert (refusal.value.code, WebhookEndpoint.objects.count()) == ("URL_BLOCKED", 0)


def test_an_unknown_group_is_not_registered(organisation):
    with pytest.raises(Invalid, match="没有主题类别“weather”"):
        make_endpoint(organisation, groups=("weather",))
    assert not WebhookEndpoint.objects.exists()
