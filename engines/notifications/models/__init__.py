"""Outbox and inbox; endpoints; deliveries and preferences."""

from engines.notifications.models.deliveries import Attempt, Delivery, Preference
from engines.notifications.models.outbox import Message, OutboxEvent
from engines.notifications.models.webhooks import EndpointHealth, WebhookEndpoint

__all__ = ["Attempt", "Delivery", "EndpointHealth", "Message", "OutboxEvent", "Preference", "WebhookEndpoint"]
