"""Senders: each takes one delivery that is due, sends it outside any transaction, and notes how it ended.

At least once: a sender that dies after the server took the mail and before it was noted leaves its lease to run
out, and the delivery is sent again under the same id. Rows that others hold are passed over (SKIP LOCKED).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from engines.evidence import chain
from engines.notifications import directory, mail, outgoing, signing
from engines.notifications.models import Attempt, Delivery, EndpointHealth, OutboxEvent, WebhookEndpoint
from engines.notifications.services import endpoints
from engines.notifications.services.telling import tell
from engines.notifications.states import DUE, ENDED, Channel, Content, DeliveryState, EndpointState
from foundation import clock, sealed
from foundation.errors import Refused, wrong_state
from foundation.ids import new_id
from foundation.locking import lock, unit_of_work

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
TRIES = len(RETRIES) + 1
LEASE = timedelta(minutes=5)  # longer than any one sending can take: EMAIL_TIMEOUT for each of a dozen steps
RUN_SECONDS = 60.0  # then the next run goes on: a job is not held up all day by slow servers
SLOW_MILLISECONDS = 1_000  # an endpoint that takes longer, or fails, waits for the next run: others come first
GIVEN_UP = "delivery.given_up"


@dataclass(frozen=True)
class Outcome:
    """How one sending ended. `tried` is false where nothing was sent at all."""

    state: DeliveryState
    error: str = ""
    status: int | None = None
    milliseconds: int = 0
    body_hash: str = ""
    tried: bool = True
    away: bool = False
    gone: bool = False


def send_mail() -> dict[str, int]:
    """Every mail that is due has been tried, until the server is away or the time is up; how many ended how."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + RUN_SECONDS
    with mail.Mailer() as mailer:
        while time.monotonic() < until and (delivery := claim(Channel.EMAIL)) is not None:
            outcome = _mail(delivery, mailer)
            counts[note(delivery, outcome)] += 1
            if outcome.away:  # the others would fail as it did
                break
    return dict(counts)


def send_webhooks() -> dict[str, int]:
    """Every post that is due has been tried, until the time is up; how many ended how."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + RUN_SECONDS
    waits: set[UUID] = set()
    while time.monotonic() < until and (delivery := claim(Channel.WEBHOOK, without=waits)) is not None:
        outcome = _post(delivery)
        counts[note(delivery, outcome)] += 1
        if outcome.state != DeliveryState.SENT or outcome.milliseconds > SLOW_MILLISECONDS:
            waits.add(delivery.endpoint_id)  # type: ignore[arg-type]  # a webhook's delivery has one
    return dict(counts)


def claim(channel: str, *, without: Collection[UUID] = ()) -> Delivery | None:
    """The next delivery that is due, held for this caller until LEASE is over; None when there is none.

    One whose senders died as often as it may be tried is given up. `without` are endpoints passed over.
    """
    while True:
        with transaction.atomic():
            row = _due(channel, without).first()
            if row is None:
                return None
            lost = row.attempts >= TRIES
            row.state, row.lease, row.next_at = DeliveryState.SENDING, new_id(), clock.now() + LEASE
            row.attempts += not lost
            row.save(update_fields=["state", "lease", "next_at", "attempts"])
        if not lost:
            return row
        note(row, Outcome(DeliveryState.GIVEN_UP, "发送进程多次中断", tried=False))


def _due(channel: str, without: Collection[UUID]) -> models.QuerySet[Delivery]:
    open_to = Q(endpoint=None) | Q(endpoint__state=EndpointState.ACTIVE)
    return (
        Delivery.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("event", "endpoint")
        .filter(open_to, channel=channel, state__in=DUE, next_at__lte=clock.now())
        .exclude(endpoint_id__in=list(without))
        .order_by("next_at", "pk")
    )


def note(delivery: Delivery, outcome: Outcome) -> str:
    """The outcome is on record and what follows from it; the state it left, or `lost` when the lease had gone to another."""
    at = clock.now()
    with transaction.atomic():
        held = _held(delivery)
        if held is None:
            return "lost"
        state = outcome.state
        if state == DeliveryState.FAILED and held.attempts >= TRIES:
            state = DeliveryState.GIVEN_UP
        held.state, held.lease, held.last_error = state, None, outcome.error[:300]
        held.body_hash = outcome.body_hash or held.body_hash
        held.next_at = at + RETRIES[held.attempts - 1] if state == DeliveryState.FAILED else at
        held.sent_at = at if state == DeliveryState.SENT else held.sent_at
        held.save(update_fields=["state", "lease", "last_error", "body_hash", "next_at", "sent_at"])
        if outcome.tried:
            _note_attempt(held, outcome)
        if state == DeliveryState.GIVEN_UP:
            _tell_given_up(held)
    if held.endpoint_id and outcome.state != DeliveryState.SENT:
        endpoints.disable_if_failing(endpoint_id=held.endpoint_id, gone=outcome.gone)
    return str(state)


def _held(delivery: Delivery) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("event", "endpoint")
    return rows.filter(pk=delivery.pk, lease=delivery.lease, state=DeliveryState.SENDING).first()


def _note_attempt(held: Delivery, outcome: Outcome) -> None:
    at, ok = clock.now(), outcome.state == DeliveryState.SENT
    Attempt.objects.create(
        delivery=held, at=at, ok=ok, status=outcome.status, error=outcome.error[:300], milliseconds=outcome.milliseconds
    )
    if held.endpoint_id:
        health = EndpointHealth.objects.select_for_update(no_key=True).get(pk=held.endpoint_id)
        health.note(ok=ok, at=at)
        health.save()


def _tell_given_up(held: Delivery) -> None:
    """The operators know, and the organisation whose endpoint it is; once a day for each channel and endpoint."""
    if held.event is not None and held.event.topic == GIVEN_UP:  # or it would tell of itself for ever
        return
    today = clock.start_of(clock.today())
    told = OutboxEvent.objects.filter(topic=GIVEN_UP, created_at__gte=today, data__channel=held.channel)
    if told.filter(subject_id=held.endpoint_id).exists():
        return
    to = directory.known().operators()
    if held.endpoint_id:
        to = [held.organisation_id, *to]
    where = f"回调地址“{held.endpoint}”" if held.endpoint else "电子邮件"
    tell(
        organisation_ids=to,
        topic=GIVEN_UP,
        title=f"{where}有通知未能送出",
        body=f"已尝试{held.attempts}次后放弃：{held.last_error}。当日同类情形不再另行通知，详见外发通知列表，排除原因后可重新发送。",
        subject=held.endpoint,
        data={"channel": str(held.channel)},
    )


def resend(*, delivery_id: UUID) -> Delivery:
    """What has ended, or waits for its next try, is due now, under the same id and with all its tries. Raises WRONG_STATE."""
    with unit_of_work():
        row = lock(Delivery.objects.all(), delivery_id)
        if row.state not in (*ENDED, DeliveryState.FAILED):
            raise wrong_state("重新发送", row.state, row.get_state_display())
        row.state, row.attempts, row.next_at = DeliveryState.QUEUED, 0, clock.now()
        row.save(update_fields=["state", "attempts", "next_at"])
    return row


def _mail(delivery: Delivery, mailer: mail.Mailer) -> Outcome:
    if not mail.configured():
        return Outcome(DeliveryState.NOT_CONFIGURED, tried=False)
    addressed = _addressed(delivery)
    if addressed is None:
        return Outcome(DeliveryState.NO_ADDRESS, "收件人已停用，或没有经验证的邮箱", tried=False)
    address, letter = addressed
    digest, begun = chain.sm3(letter.text.encode()), time.monotonic()
    try:
        mailer.send(letter, to=address, number=str(delivery.pk))
    except mail.Undeliverable as error:
        state = DeliveryState.GIVEN_UP if error.final else DeliveryState.FAILED
        return Outcome(state, str(error), milliseconds=_since(begun), body_hash=digest, away=error.away)
    return Outcome(DeliveryState.SENT, milliseconds=_since(begun), body_hash=digest)


def _addressed(delivery: Delivery) -> tuple[str, mail.Letter] | None:
    """To whom, and what; None when there is nobody any more."""
    book, person_id = directory.known(), delivery.person_id
    if person_id is None:
        return None
    if delivery.content == Content.VERIFICATION:
        asked = book.verification(person_id)
        return (asked.address, mail.of_verification(asked)) if asked else None
    address = book.address(person_id)
    if address is None:
        return None
    if delivery.event is not None:
        return address, mail.of_notice(delivery.event)
    return address, mail.of_digest(delivery, OutboxEvent.objects.filter(deliveries__digest=delivery))


def _post(delivery: Delivery) -> Outcome:
    endpoint = delivery.endpoint
    if endpoint is None:
        raise ValueError("a webhook's delivery has an endpoint")
    body = signing.payload(delivery)
    digest, begun = chain.sm3(body), time.monotonic()
    try:
        valid = endpoints.valid_secrets(endpoint)
    except sealed.SealBroken:  # WEBHOOK_KEY was changed
        return Outcome(DeliveryState.FAILED, "密钥无法启封，请更换密钥", body_hash=digest)
    headers = signing.headers(number=str(delivery.pk), at=clock.now(), body=body, secrets=valid)
    try:
        status = outgoing.post(endpoint.url, body, headers)
    except (outgoing.Blocked, outgoing.Unreachable) as error:
        return Outcome(DeliveryState.FAILED, str(error), milliseconds=_since(begun), body_hash=digest)
    if 200 <= status < 300:
        return Outcome(DeliveryState.SENT, status=status, milliseconds=_since(begun), body_hash=digest)
    said = "应答为重定向，不予跟随" if 300 <= status < 400 else f"应答 {status}"
    return Outcome(
        DeliveryState.FAILED, said, status=status, milliseconds=_since(begun), body_hash=digest, gone=status == 410
    )


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


def verify_address(*, organisation_id: UUID, person_id: UUID) -> Delivery:
    """A mail with the token is on its way to the address that the person has given."""
    at = clock.now()
    state = DeliveryState.QUEUED if mail.configured() else DeliveryState.NOT_CONFIGURED
    return Delivery.objects.create(
        channel=Channel.EMAIL,
        content=Content.VERIFICATION,
        organisation_id=organisation_id,
        person_id=person_id,
        state=state,
        next_at=at,
        created_at=at,
    )


def ping(*, endpoint: WebhookEndpoint) -> Delivery:
    """A test post is on its way to the locked endpoint. Raises WRONG_STATE when it is off, PING_WAITING while the last one waits."""
    if endpoint.state != EndpointState.ACTIVE:
        raise wrong_state("测试回调", endpoint.state, endpoint.get_state_display())
    if Delivery.objects.filter(endpoint=endpoint, content=Content.PING, state__in=DUE).exists():
        raise Refused("PING_WAITING", "上一次测试回调尚未完成，请在外发通知列表查看结果后再试。")
    at = clock.now()
    return Delivery.objects.create(
        channel=Channel.WEBHOOK,
        content=Content.PING,
        organisation_id=endpoint.organisation_id,
        endpoint=endpoint,
        next_at=at,
        created_at=at,
    )
