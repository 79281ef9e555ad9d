"""An organisation's webhook endpoints, and sending again what did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts import policies
from accounts.models import Organisation, User
from engines.notifications.models import Delivery, WebhookEndpoint
from engines.notifications.services import endpoints, sending
from foundation.errors import not_allowed, not_found
from foundation.locking import lock, unit_of_work


def register(*, by: User, label: str, url: str, groups: Sequence[str]) -> WebhookEndpoint:
    """The caller's organisation is posted its notices there. Raises as `endpoints.register`."""
    _require_manager(by)
    with unit_of_work():
        lock(Organisation.objects.all(), by.organisation_id)  # of two at once the second sees the first
        return endpoints.register(by=by, organisation_id=by.organisation_id, label=label, url=url, groups=groups)


def show_secret(*, by: User, endpoint_id: UUID, version: int) -> tuple[WebhookEndpoint, str]:
    """The secret, once. Raises SECRET_SHOWN."""
    _require_manager(by)
    return endpoints.show_secret(by=by, endpoint_id=endpoint_id, version=version)


def rotate_secret(*, by: User, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    """A new secret is to be asked for; the one in use stays valid for a day."""
    _require_manager(by)
    return endpoints.rotate_secret(by=by, endpoint_id=endpoint_id, version=version)


def disable(*, by: User, endpoint_id: UUID, version: int, reason: str) -> WebhookEndpoint:
    """Nothing is posted there any more."""
    _require_manager(by)
    return endpoints.disable(by=by, endpoint_id=endpoint_id, version=version, reason=reason)


def enable(*, by: User, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    """Posts go there again."""
    _require_manager(by)
    return endpoints.enable(by=by, endpoint_id=endpoint_id, version=version)


def ping(*, by: User, endpoint_id: UUID) -> Delivery:
    """A test post is on its way. Raises WRONG_STATE, or PING_WAITING while the last one is."""
    _require_manager(by)
    with unit_of_work():
        endpoint = lock(WebhookEndpoint.objects.all(), endpoint_id)
        return sending.ping(endpoint=endpoint)


def resend(*, by: User, delivery_id: UUID) -> Delivery:
    """What ended, or waits for its next try, is due now. Raises WRONG_STATE."""
    with unit_of_work():
        row = Delivery.objects.filter(pk=delivery_id).first()
        if row is None:
            raise not_found("外发通知")
        if not policies.may_resend(by, person_id=row.person_id, organisation_id=row.organisation_id):
            raise not_allowed("重新发送")
        return sending.resend(delivery_id=delivery_id)


def _require_manager(by: User) -> None:
    if not policies.may_manage_channels(by):
        raise not_allowed("管理本单位的回调地址")
