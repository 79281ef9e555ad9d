"""What the pages of a provider share: the colours of its states, names of the notice, how far a thing is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from django.db import models

from accreditation.models import Application
from accreditation.states import ApplicationState, Outcome
from foundation import clock
from foundation.errors import Refused
from programmes import selectors as programmes
from programmes.rules import Category
from providers.models import Listing, Product, ProductVersion, SettlementAccount
from providers.states import AccountState, ListingState, ProductState, VersionState
from settlement.models import Claim
from settlement.states import ClaimState

# by kind of record, for two kinds may have a state of the same code; what is not here is under way
TONES: Mapping[type[models.Model], Mapping[str, str]] = {
    Application: {
        ApplicationState.DRAFT: "off",
        ApplicationState.RETURNED: "warn",
        ApplicationState.WITHDRAWN: "off",
        ApplicationState.REJECTED: "bad",
        ApplicationState.NOT_RECOMMENDED: "bad",
        ApplicationState.DECLINED: "bad",
        ApplicationState.OBJECTION_HOLD: "warn",
        ApplicationState.LISTED: "ok",
        ApplicationState.REMOVED: "bad",
    },
    Listing: {
        ListingState.LISTED: "ok",
        ListingState.SUSPENDED: "warn",
        ListingState.EXPIRED: "off",
        ListingState.TERMINATED: "bad",
        ListingState.TERMINATED_BAN: "bad",
    },
    Product: {
        ProductState.DRAFT: "off",
        ProductState.ON_SHELF: "ok",
        ProductState.SUSPENDED: "warn",
        ProductState.OFF_SHELF: "off",
        ProductState.EXPIRED: "off",
    },
    ProductVersion: {
        VersionState.DRAFT: "off",
        VersionState.RETURNED: "warn",
        VersionState.REJECTED: "bad",
        VersionState.WITHDRAWN: "off",
        VersionState.CURRENT: "ok",
        VersionState.SUPERSEDED: "off",
    },
    SettlementAccount: {
        AccountState.REQUESTED: "warn",
        AccountState.APPROVED: "ok",
        AccountState.REFUSED: "bad",
    },
    Claim: {
        ClaimState.DRAFT: "off",
        ClaimState.RETURNED: "warn",
        ClaimState.REFUSED: "bad",
        ClaimState.OBJECTION_HOLD: "warn",
        ClaimState.CAP_HELD: "warn",
        ClaimState.BOUNCED: "bad",
        ClaimState.PAID: "ok",
        ClaimState.CLAWBACK_PARTIAL: "bad",
        ClaimState.CLAWBACK_FULL: "bad",
    },
}
OF_OUTCOME: Mapping[str, str] = {Outcome.OK: "ok", Outcome.DOUBT: "warn", Outcome.FAIL: "bad"}


def tone(row: Any) -> str:
    """The colour of the row's state."""
    return TONES[type(row)].get(row.state, "run")


def categories() -> Mapping[str, Category]:
    """The service categories of the notice in force, or of the last one, by code; none before the first notice."""
    try:
        return programmes.latest_notice(clock.today()).parsed.categories
    except Refused:
        return {}


def category_choices() -> Sequence[tuple[str, str]]:
    """Code and name of each."""
    return [(code, one.name) for code, one in categories().items()]


def steps_of(steps: Sequence[tuple[str, Container[Any]]], state: Any, *, ended: bool = False) -> list[tuple[str, str]]:
    """Each step with how far it is: done, now, skipped (`ended` in it), or nothing. In no step's states: all done."""
    at = next((place for place, (_, states) in enumerate(steps) if state in states), len(steps))
    here = "skipped" if ended else "now"
    return [(label, "done" if place < at else here if place == at else "") for place, (label, _) in enumerate(steps)]
