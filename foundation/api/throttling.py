"""How often one address may do what needs no sign-in, and one person what could be guessing (settings.REST_FRAMEWORK)."""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class Stranger(AnonRateThrottle):
    """Writing by address (settings NUM_PROXIES says which of X-Forwarded-For counts), counted in each web process.

    It slows down who floods or guesses; it is no bound anything else leans on.
    """

    scope = "public_writes"


class Follower(Stranger):
    """Asking by receipt and secret how one's own matter stands: apart from filing, so that neither uses up the other."""

    scope = "public_lookups"


class Newcomer(Stranger):
    """Registering: generous, for a town hall or a park registers many houses from one address."""

    scope = "public_registrations"


class Guesser(UserRateThrottle):
    """Naming one's own password: whoever sits down at somebody else's open session gets few tries."""

    scope = "own_password"
