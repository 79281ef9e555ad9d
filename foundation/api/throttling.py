"""How often one address may write without signing in."""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle


class Stranger(AnonRateThrottle):
    """By address (settings NUM_PROXIES says which of X-Forwarded-For counts), counted in each web process.

    It slows down who floods or guesses; it is no bound anything else leans on.
    """

    scope = "public_writes"
