"""What the database itself refuses, whoever writes. Each constraint by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.states import Role
from engines.evidence import services as record
from foundation import clock
from providers.models import Bar, Listing, Product, ProductVersion, Provider
from providers.services import standing
from providers.states import ListingState as S
from tests.enterprises.support import yuan
from tests.factories.accounts import TESTER, make_organisation, officer
from tests.factories.providers import (
    ListingFactory,
    ProductFactory,
    ProviderFactory,
    SettlementAccountFactory,
    make_version,
)

pytestmark = pytest.mark.django_db

NOW = clock.now()
DAY = date(2026, 6, 1)


def violates(name: str, change: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"approval_no": ""}, "listing_by_document"),
        ({"reference": ""}, "listing_by_document"),
        ({"valid_from": date(2000, 1, 1)}, "listing_within_its_year"),
        ({"valid_to": F("valid_from") - timedelta(days=1)}, "listing_within_its_year"),
        ({"state": S.SUSPENDED}, "listing_reason_given"),
        ({"state": S.TERMINATED, "reason": "转包"}, "listing_ended_by_decision"),
        ({"state": S.TERMINATED_BAN, "reason": "虚报"}, "listing_ended_by_decision"),
    ],
    ids=str,
)
def test_listing(change: dict[str, Any], name: str) -> None:
    row = ListingFactory()
    violates(name, lambda: Listing.objects.filter(pk=row.pk).update(**change))


def test_one_listing_a_year() -> None:
    row = ListingFactory()
    violates("listing_once_a_year", lambda: ListingFactory(provider=row.provider, year=row.year))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"current": None}, "product_shelf_state"),
        ({"revision": 0}, "product_shelf_state"),
        ({"notice": None}, "product_shelf_state"),
        ({"shelf_to": None}, "product_shelf_state"),
        ({"shelf_to": F("shelf_from") - timedelta(days=1)}, "product_shelf_state"),
        ({"state": "off_shelf"}, "product_reason_given"),
        ({"state": "suspended"}, "product_reason_given"),
    ],
    ids=str,
)
def test_product(change: dict[str, Any], name: str) -> None:
    row = ProductFactory(on_shelf=True)
    violates(name, lambda: Product.objects.filter(pk=row.pk).update(**change))


def test_a_product_never_shelved_has_no_shelf() -> None:
    row = ProductFactory()
    violates("product_not_yet_shelved", lambda: Product.objects.filter(pk=row.pk).update(revision=1))


@pytest.mark.parametrize(
    ("state", "change", "name"),
    [
        ("draft", {"price": yuan(0)}, "version_price_positive"),
        ("draft", {"min_days": 0}, "version_days_in_order"),
        ("draft", {"max_days": 1}, "version_days_in_order"),
        ("in_review", {"submitted_at": None}, "version_checked"),
        ("in_review", {"precheck_result": None}, "version_checked"),
        ("returned", {"reason": ""}, "version_reason_given"),
        ("rejected", {"reason": ""}, "version_reason_given"),
        ("current", {"approval_no": ""}, "version_shelved_by_document"),
        ("current", {"reference": ""}, "version_shelved_by_document"),
        ("current", {"shelved_at": None}, "version_shelved_by_document"),
        ("current", {"superseded_at": NOW}, "version_superseded_at"),
        ("superseded", {"superseded_at": None}, "version_superseded_at"),
        ("draft", {"origin": "lowered"}, "version_lowered_is_shelved"),
    ],
)
def test_version(state: str, change: dict[str, Any], name: str) -> None:
    row = make_version(ProductFactory(drafted=False), state=state)
    violates(name, lambda: ProductVersion.objects.filter(pk=row.pk).update(**change))


@pytest.mark.parametrize(
    ("state", "number", "name"),
    [
        ("draft", 2, "version_one_open"),
        ("in_review", 2, "version_one_open"),
        ("withdrawn", 1, "version_number_once"),
    ],
)
def test_versions_of_one_product(state: str, number: int, name: str) -> None:
    product = ProductFactory()
    violates(name, lambda: make_version(product, state=state, number=number))


def test_one_current_version() -> None:
    product = ProductFactory(on_shelf=True)
    violates("version_one_current", lambda: make_version(product, state="current", number=2))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"revenue_last_year": yuan(-1)}, "provider_revenue_not_negative"),
        ({"parent_name": "母公司"}, "provider_parent_whole"),
    ],
)
def test_provider(change: dict[str, Any], name: str) -> None:
    row = ProviderFactory()
    violates(name, lambda: Provider.objects.filter(pk=row.pk).update(**change))


def test_a_code_stands_once() -> None:
    known = ProviderFactory()
    copied = {
        field.name: getattr(known, field.name)
        for field in Provider._meta.fields
        if field.name not in ("id", "version", "head", "organisation", "created_at", "updated_at")
    }
    other = Provider(organisation=make_organisation("provider"), **copied)
    violates("provider_uscc_once", lambda: record.record(other, act="register", by=TESTER))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"line_no": "12345678901x"}, "settlement_account_line_no"),
        ({"account_number": "12-34"}, "settlement_account_number"),
        ({"reviewed_at": NOW}, "settlement_account_review_both"),
        ({"effective_on": DAY}, "settlement_account_effective_when_approved"),
        ({"state": "approved"}, "settlement_account_effective_when_approved"),
    ],
)
def test_account(fields: dict[str, Any], name: str) -> None:
    provider = ProviderFactory()
    violates(name, lambda: SettlementAccountFactory(provider=provider, **fields))


def test_nobody_reviews_his_own_account() -> None:
    provider, by = ProviderFactory(), officer(Role.CENTRE_REVIEWER)
    violates(
        "settlement_account_two_people",
        lambda: SettlementAccountFactory(provider=provider, requested_by=by, reviewed_by=by, reviewed_at=NOW),
    )


def test_one_open_request() -> None:
    provider = ProviderFactory()
    SettlementAccountFactory(provider=provider)
    violates("settlement_account_one_request", lambda: SettlementAccountFactory(provider=provider))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"decided_by": None}, "bar_decision_both"),
        ({"decided_by": F("proposed_by")}, "bar_two_people"),
        ({"decision_no": ""}, "bar_decided_by_document"),
    ],
)
def test_bar(change: dict[str, Any], name: str) -> None:
    provider = ProviderFactory()
    bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报")
    bar = standing.decide_bar(by=officer(Role.APPROVER), bar_id=bar.pk, version=1, decision_no="罚1号")
    violates(name, lambda: Bar.objects.filter(pk=bar.pk).update(**change))


def test_one_bar_a_code() -> None:
    provider, by = ProviderFactory(), officer(Role.DEPARTMENT)
    standing.propose_bar(by=by, provider_id=provider.pk, grounds="虚报")
    second = Bar(provider=provider, uscc=provider.uscc, grounds="虚报", proposed_by=by)
    violates("bar_once", lambda: record.record(second, act="propose", by=by))
