"""Where people read about what a message speaks of. The API's addresses stand in the rooms' topics; pages have these."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from engines.notifications.models import OutboxEvent
from portal.kit.access import ENTERPRISE, OFFICES, PROVIDER

# table -> the pages by area; "=" before the name: the page is one for the whole house and takes no key
_EVERYBODY = {
    "contracts_contract": "contract",
    "credit_complaint": "own-complaint",
    "credit_creditrecord": "credit-record",
    "demands_response": "response",
}
_ENTERPRISE = {
    "demands_demand": "enterprise:demand",
    "enterprises_enterprise": "=enterprise:profile",
    "enterprises_passportdispute": "enterprise:dispute",
}
_PROVIDER = {
    "demands_demand": "=responses",
    "accreditation_application": "provider:application",
    "settlement_claim": "provider:claim",
    "providers_product": "provider:product",
}
_OFFICER = {
    "contracts_contract": "contract",
    "enterprises_enterprise": "officer:enterprise",
    "accreditation_application": "officer:application",
    "settlement_claim": "officer:claim",
}


def page_of(user: User, event: OutboxEvent) -> str:
    """The address of the page, or "" where the person's area has none for it."""
    if event.subject_id is None:
        return ""
    name = _pages(user).get(event.subject_type, "")
    try:
        return reverse(name[1:]) if name.startswith("=") else reverse(name, kwargs={"pk": event.subject_id})
    except NoReverseMatch:
        return ""


def _pages(user: User) -> dict[str, str]:
    if user.has(*ENTERPRISE):
        return {**_EVERYBODY, **_ENTERPRISE}
    if user.has(*PROVIDER):
        return {**_EVERYBODY, **_PROVIDER}
    return _OFFICER if user.has(*OFFICES) else {}
