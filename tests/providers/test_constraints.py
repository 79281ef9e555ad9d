"""What the database itself refuses, whoever writes. Each constraint by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.states import Role
from engines.evidence import services as record
from foundation import clock
from providers.models import Application, Bar, Product, Provider
from providers.services import standing
from providers.states import ApplicationState as S
from tests.enterprises.support import yuan
from tests.factories.accounts import TESTER, make_organisation, officer
from tests.factories.providers import (
    ApplicationFactory,
    ProductFactory,
    ProviderFactory,
    SettlementAccountFactory,
)

pytestmark = pytest.mark.django_db

NOW = clock.now()
DAY = date(2026, 6, 1)


def violates(name: str, change: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def in_state(state: S) -> Application:
    if state == S.LISTED:
        return Application.objects.get(provider=ProviderFactory(listed=True))
    row: Application = ApplicationFactory(state=state)
    return row


@pytest.mark.parametrize(
    ("state", "change", "name"),
    [
        (S.DRAFT, {"submitted_at": NOW}, "application_submit_both"),
        (S.DRAFT, {"checked_at": NOW}, "application_check_both"),
        (S.DRAFT, {"accepted_at": NOW}, "application_accept_both"),
        (S.DRAFT, {"recommended_at": NOW}, "application_recommend_both"),
        (S.DRAFT, {"approved_at": NOW}, "application_approve_both"),
        (S.DRAFT, {"listed_at": NOW}, "application_list_both"),
        (S.DEPT_ACCEPTED, {"checked_by": F("accepted_by")}, "application_check_accept_differ"),
        (S.APPROVED, {"checked_by": F("approved_by")}, "application_check_approve_differ"),
        (S.APPROVED, {"accepted_by": F("approved_by")}, "application_accept_approve_differ"),
        (S.APPROVED, {"recommended_by": F("approved_by")}, "application_recommend_approve_differ"),
        (S.DEPT_ACCEPTED, {"accepted_by": None, "accepted_at": None}, "application_accepted_state"),
        (S.RECOMMENDED, {"expert_opinion": ""}, "application_recommended_state"),
        (S.APPROVED, {"approval_no": ""}, "application_approved_state"),
        (S.PUBLICITY, {"publicity_from": None, "publicity_to": None}, "application_publicity_state"),
        (S.PUBLICITY, {"publicity_to": date(2000, 1, 1)}, "application_publicity_order"),
        (S.PUBLICITY, {"publicity_from": None}, "application_publicity_(order|state)"),
        (S.LISTED, {"valid_from": F("publicity_to")}, "application_listed_state"),
        (S.LISTED, {"valid_from": None}, "application_listed_state"),
        (S.LISTED, {"valid_to": None}, "application_listed_state"),
        (S.LISTED, {"notice": None}, "application_listed_state"),
    ],
)
def test_application(state: S, change: dict[str, Any], name: str) -> None:
    row = in_state(state)
    violates(name, lambda: Application.objects.filter(pk=row.pk).update(**change))


@pytest.mark.parametrize(
    ("state", "fields", "name"),
    [
        (S.RETURNED, {}, "application_reason_given"),
        (S.SUSPENDED, {}, "application_(listed_state|reason_given)"),
        (S.TERMINATED_BAN, {"reason": "虚报"}, "application_ended_by_decision"),
    ],
)
def test_an_application_that_ended_badly_says_why(state: S, fields: dict[str, Any], name: str) -> None:
    violates(name, lambda: ApplicationFactory(state=state, **fields))


def test_one_application_a_year() -> None:
    row = ApplicationFactory()
    violates("application_once_a_year", lambda: ApplicationFactory(provider=row.provider, year=row.year))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"price": yuan(0)}, "product_price_positive"),
        ({"min_days": 0}, "product_days_in_order"),
        ({"max_days": 1}, "product_days_in_order"),
        ({"submitted_by": None}, "product_submit_both"),
        ({"checked_by": None}, "product_check_both"),
        ({"recommended_by": None}, "product_recommend_both"),
        ({"approved_by": None}, "product_approve_both"),
        ({"checked_by": F("recommended_by")}, "product_check_recommend_differ"),
        ({"checked_by": F("approved_by")}, "product_check_approve_differ"),
        ({"recommended_by": F("approved_by")}, "product_recommend_approve_differ"),
        ({"approval_no": ""}, "product_approved_state"),
        ({"recommended_by": None, "recommended_at": None}, "product_approved_state"),
        ({"publicity_reference": ""}, "product_publicity_state"),
        ({"publicity_to": date(2000, 1, 1)}, "product_publicity_order"),
        ({"shelf_from": F("publicity_to")}, "product_shelf_state"),
        ({"shelf_to": None}, "product_shelf_state"),
    ],
)
def test_product(change: dict[str, Any], name: str) -> None:
    row = ProductFactory(on_shelf=True)
    violates(name, lambda: Product.objects.filter(pk=row.pk).update(**change))


def test_a_returned_product_says_why() -> None:
    violates("product_reason_given", lambda: ProductFactory(state="returned"))


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
