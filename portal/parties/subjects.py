"""Where people read about what a message speaks of. The API's addresses stand in the rooms' topics; pages have these."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from engines.notifications.models import OutboxEvent
from portal.kit.access import ENTERPRISE, OFFICES, PROVIDER

# table -> the pages by area; "=" before the name: the page is one for the whole house and takes no key
_EVERYBODY = {
    "contracts_contract": "contract",
    "contracts_relatedpermit": "permit",
    "notifications_webhookendpoint": "webhook",
    "programmes_notice": "notice",
    "programmes_suspension": "=budget-now",
    "publicity_publicity": "publicity",
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
    "accreditation_application": "officer:application",
    "accreditation_scoresheet": "officer:sheet",
    "contracts_contract": "contract",
    "contracts_relatedpermit": "permit",
    "credit_complaint": "officer:complaint",
    "credit_creditrecord": "officer:credit-record",
    "demands_demand": "officer:demand",
    "enterprises_enterprise": "officer:enterprise",
    "enterprises_passportdispute": "officer:dispute",
    "notifications_webhookendpoint": "webhook",
    "programmes_notice": "officer:notice",
    "programmes_suspension": "=budget-now",
    "providers_settlementaccount": "officer:settlement-account",
    "publicity_objection": "officer:objection",
    "publicity_publicity": "officer:publicity",
    "settlement_appeal": "officer:appeal",
    "settlement_batch": "officer:batch",
    "settlement_claim": "officer:claim",
}


def page_of(user: User, event: OutboxEvent) -> str:
    """The address of the page, or "" where the person's area has none for it."""
    if event.subject_id is None:
        return ""
    name = _pages(user).get(event.subject_type, "")
    if not name or name.startswith("="):
        return reverse(name[1:]) if name else ""
    return reverse(name, kwargs={"pk": event.subject_id})


def _pages(user: User) -> dict[str, str]:
    if user.has(*ENTERPRISE):
        return {**_EVERYBODY, **_ENTERPRISE}
    if user.has(*PROVIDER):
        return {**_EVERYBODY, **_PROVIDER}
    return _OFFICER if user.has(*OFFICES) else {}
