"""Where a provider is paid: its own name, two people, and a pause before a change takes effect (8-48, 8-49)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from accounts.states import Role
from foundation import clock
from providers import selectors
from providers.models import Provider, SettlementAccount
from providers.services import accounts
from tests.enterprises.support import fresh, refused
from tests.factories.accounts import make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db

ACCOUNT = {"account_number": "0000001111222233", "bank_name": "测试银行", "line_no": "000000000002"}


def request(provider: Provider, by: User | None = None, **changes: Any) -> SettlementAccount:
    values: dict[str, Any] = {**ACCOUNT, "account_name": provider.name, **changes}
    return accounts.request_account(by=by or signatory_of(provider), provider_id=provider.pk, **values)


def approve(account: SettlementAccount, by: User | None = None) -> SettlementAccount:
    by = by or officer(Role.CENTRE_REVIEWER)
    return accounts.approve_account(by=by, account_id=account.pk, version=account.version)


def test_the_first_account_is_in_effect_at_once() -> None:
    provider = ProviderFactory()
    account = approve(request(provider))
    assert selectors.settlement_account(provider.pk, clock.today()) == account


def test_a_requested_account_is_not_paid_to() -> None:
    provider = ProviderFactory()
    request(provider)
    assert selectors.settlement_account(provider.pk, clock.today()) is None


def test_a_change_takes_effect_after_the_notices_pause_and_the_old_row_stays() -> None:
    with time_machine.travel(clock.start_of(date(2026, 5, 4)), tick=True):
        open_year(2026)
        provider = ProviderFactory()
        old = approve(request(provider))
        new = approve(request(provider, account_number="0000004444555566"))
        assert new.effective_on == date(2026, 5, 7)
        assert selectors.settlement_account(provider.pk, date(2026, 5, 6)) == old
        assert selectors.settlement_account(provider.pk, date(2026, 5, 7)) == new
        assert SettlementAccount.objects.filter(provider=provider).count() == 2


def test_an_account_is_put_right_while_no_notice_is_in_force() -> None:
    """8-53: whoever is still owed last year's money may change the account before this year's notice is out."""
    with time_machine.travel(clock.start_of(date(2026, 5, 4)), tick=True) as traveller:
        open_year(2026)
        provider = ProviderFactory()
        approve(request(provider))
        traveller.move_to(clock.start_of(date(2027, 1, 20)))
        new = approve(request(provider, account_number="0000004444555566"))
        assert new.effective_on == date(2027, 1, 23)


def test_the_exact_name_is_kept_but_compared_alike() -> None:
    provider = ProviderFactory(name="广西测试（南宁）服务有限公司")
    assert request(provider, account_name="广西测试(南宁)服务有限公司").account_name == "广西测试(南宁)服务有限公司"


def test_another_name_is_refused() -> None:
    provider = ProviderFactory()
    user = signatory_of(provider)
    with refused("ACCOUNT_NAME_DIFFERS"):
        request(provider, user, account_name="王五")


def test_one_request_at_a_time() -> None:
    provider = ProviderFactory()
    request(provider)
    with refused("ACCOUNT_OPEN"):
        request(provider)


def test_only_the_signatory_asks() -> None:
    provider = ProviderFactory()
    for by in (make_user(Role.PROVIDER_AGENT, organisation=provider.organisation), make_user(Role.PROVIDER_SIGNATORY)):
        with refused("NOT_ALLOWED"):
            request(provider, by)


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.PROVIDER_SIGNATORY])
def test_only_the_reviewer_approves(role: str) -> None:
    account, by = request(ProviderFactory()), make_user(role)
    with refused("NOT_ALLOWED"):
        approve(account, by)


def test_a_refused_account_is_never_used() -> None:
    provider = ProviderFactory()
    account = request(provider)
    accounts.refuse_account(by=officer(Role.CENTRE_REVIEWER), account_id=account.pk, version=1, reason="证明不符")
    assert fresh(account).state == "refused"
    assert selectors.settlement_account(provider.pk, clock.today() + timedelta(days=30)) is None


def test_it_is_approved_once() -> None:
    account, by = approve(request(ProviderFactory())), officer(Role.CENTRE_REVIEWER)
    with refused("WRONG_STATE"):
        approve(account, by)
