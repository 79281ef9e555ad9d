"""Webhook endpoints: registered, given new secrets, switched off and on. Who may is asked by the room above."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from engines.evidence import services as evidence
from engines.notifications import outgoing, signing, topics
from engines.notifications.models import EndpointHealth, WebhookEndpoint
from engines.notifications.services.telling import tell
from engines.notifications.states import EndpointState
from foundation import clock, sealed
from foundation.actors import Actor, SystemActor
from foundation.errors import Invalid, Refused
from foundation.locking import lock, unit_of_work
from foundation.states import move

MOST = 5  # endpoints an organisation: each costs every notice a post
FAILURES = 20  # in a row; with the growing pauses between tries that is a receiver nobody looks after
OVERLAP = timedelta(days=1)  # for which a replaced secret stays valid
SENDER = SystemActor("send_webhooks")
PURPOSE = "webhook"  # of settings.SEALING_SECRETS


def register(*, by: Actor, organisation_id: UUID, label: str, url: str, groups: Collection[str]) -> WebhookEndpoint:
    """The organisation is posted its notices to this address from now on; the secret is to be asked for.

    The caller holds the lock on the organisation. Raises URL_BLOCKED, GROUP_UNKNOWN, WEBHOOK_EXISTS, WEBHOOK_LIMIT.
    """
    _require_url(url)
    unknown = sorted(set(groups) - set(topics.groups()))
    if unknown:
        known = "、".join(topics.groups())
        raise Invalid("GROUP_UNKNOWN", f"没有主题类别“{unknown[0][:40]}”；可用：{known}。", unknown=unknown)
    own = WebhookEndpoint.objects.filter(organisation_id=organisation_id)
    with unit_of_work():
        if own.filter(url=url).exists():
            raise Refused("WEBHOOK_EXISTS", "本单位已登记过该回调地址；如已停用，请重新启用。")
        if own.count() >= MOST:
            raise Refused("WEBHOOK_LIMIT", f"每个单位最多登记{MOST}个回调地址，请停用或改用已有的地址。", limit=MOST)
        endpoint = WebhookEndpoint(
            organisation_id=organisation_id,
            label=label,
            url=url,
            groups=list(dict.fromkeys(groups)),
        )
        endpoint.secret = _new_secret(endpoint)
        evidence.record(endpoint, act="register", by=by, facts={"url": url, "groups": endpoint.groups})
        EndpointHealth.objects.create(endpoint=endpoint)
    return endpoint


def show_secret(*, by: Actor, endpoint_id: UUID, version: int) -> tuple[WebhookEndpoint, str]:
    """The secret, for the only time. Raises SECRET_SHOWN."""
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id, version=version)
        if endpoint.secret_shown_at is not None:
            raise Refused("SECRET_SHOWN", "密钥只出示一次，已于此前出示。遗失的，请更换密钥后再取。")
        endpoint.secret_shown_at = clock.now()
        evidence.record(endpoint, act="show_secret", by=by)
    return endpoint, _open(endpoint, endpoint.secret)


def rotate_secret(*, by: Actor, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    """There is a new secret to be asked for; the one in use stays valid for a day.

    A secret that nobody has been shown is in nobody's use: it is replaced, and the one before it stays.
    """
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id, version=version)
        if endpoint.secret_shown_at is not None:
            endpoint.previous_secret, endpoint.previous_until = endpoint.secret, clock.now() + OVERLAP
        endpoint.secret, endpoint.secret_shown_at = _new_secret(endpoint), None
        evidence.record(endpoint, act="rotate_secret", by=by)
    return endpoint


def disable(*, by: Actor, endpoint_id: UUID, version: int, reason: str) -> WebhookEndpoint:
    """Nothing is posted there any more; what was waiting waits on."""
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id, version=version)
        _disable(endpoint, by=by, reason=reason)
    return endpoint


def enable(*, by: Actor, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    """Posts go there again, those that waited first; its failures are forgotten. Raises URL_BLOCKED."""
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id, version=version)
        _require_url(endpoint.url)
        move(endpoint, "enable", "启用回调地址")()
        evidence.record(endpoint, act="enable", by=by)
        health = EndpointHealth.objects.select_for_update(no_key=True).get(pk=endpoint_id)
        health.failures = 0
        health.save(update_fields=["failures"])
    return endpoint


def disable_if_failing(*, endpoint_id: UUID, gone: bool = False) -> bool:
    """An endpoint that failed FAILURES times in a row, or says that it is gone (410), is switched off and its owner told."""
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id)
        failures = EndpointHealth.objects.get(pk=endpoint_id).failures
        if endpoint.state != EndpointState.ACTIVE or not (gone or failures >= FAILURES):
            return False
        reason = "对方应答 410，表示该地址不再接收" if gone else f"连续{failures}次未能送达"
        _disable(endpoint, by=SENDER, reason=reason)
        tell(
            organisation_ids=[endpoint.organisation_id],
            topic="webhook.disabled",
            title=f"回调地址“{endpoint.label}”已自动停用",
            body=f"{reason}。未送出的通知予以保留，排除原因并重新启用后继续发送；站内消息不受影响。",
            subject=endpoint,
            data={"failures": failures},
        )
    return True


def valid_secrets(endpoint: WebhookEndpoint) -> list[str]:
    """The secret, and for a day the one before it."""
    secrets = [_open(endpoint, endpoint.secret)]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > clock.now():
        secrets.append(_open(endpoint, endpoint.previous_secret))
    return secrets


def _new_secret(endpoint: WebhookEndpoint) -> bytes:
    return sealed.seal(PURPOSE, signing.new_secret().encode(), about=f"webhook:{endpoint.pk}")


def _open(endpoint: WebhookEndpoint, secret: bytes | memoryview) -> str:
    return sealed.unseal(PURPOSE, bytes(secret), about=f"webhook:{endpoint.pk}").decode()


def _disable(endpoint: WebhookEndpoint, *, by: Actor, reason: str) -> None:
    move(endpoint, "disable", "停用回调地址")(reason)
    evidence.record(endpoint, act="disable", by=by, reason=reason)


def _require_url(url: str) -> None:
    try:
        outgoing.check(url)
    except outgoing.Blocked as error:
        raise Invalid("URL_BLOCKED", f"{error}。", url=url[: outgoing.LONGEST]) from None
