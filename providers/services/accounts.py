"""Where a provider is paid: asked for by its signatory, reviewed by another house, effective after a pause (8-48)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.names import same_name
from foundation.states import move
from programmes import selectors as programmes
from providers import policies
from providers.models import Provider, SettlementAccount
from providers.states import AccountState

COOL_DOWN = "account_change"


def request_account(
    *, by: User, provider_id: UUID, account_name: str, account_number: str, bank_name: str, line_no: str
) -> SettlementAccount:
    """A new account waits for review; the present one stays in use.

    The name is kept exactly as given, and must be the provider's own. Raises ACCOUNT_NAME_DIFFERS, ACCOUNT_OPEN.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id)
        if not policies.may_sign(by, provider):
            raise not_allowed("申请变更收款账户")
        _check_name(account_name, provider)
        if SettlementAccount.objects.filter(provider=provider, state=AccountState.REQUESTED).exists():
            raise _open()
        account = SettlementAccount(
            provider=provider,
            account_name=account_name,
            account_number=account_number,
            bank_name=bank_name,
            line_no=line_no,
            requested_by=by,
        )
        try:
            evidence.record(account, act="request", by=by, facts={"number": account.masked_number, "line_no": line_no})
        except IntegrityError as error:  # two at once: the database's word counts
            if "settlement_account_one_request" not in str(error):
                raise
            raise _open() from error
        _tell(
            account,
            "收款账户变更申请",
            f"收到变更为{account.masked_number}的申请。如非本单位所为，请立即联系促进中心。",
        )
    return account


def approve_account(*, by: User, account_id: UUID, version: int, reason: str = "") -> SettlementAccount:
    """The account is approved: in effect today when it is the first, else after the latest notice's cool-down.

    An account can be put right at any time, also when no notice is in force: its owner may still be owed money.
    """
    with unit_of_work():
        account = lock(SettlementAccount.objects.select_related("provider"), account_id, version=version)
        if not policies.may_review_account(by, account):
            raise not_allowed("复核收款账户（申请人不得复核）")
        effective_on = _effective_on(account)
        move(account, "approve", "复核")(by, clock.now(), effective_on)
        evidence.record(account, act="approve", by=by, reason=reason, facts={"effective_on": str(effective_on)})
        _tell(account, "收款账户已复核", f"账户{account.masked_number}自{effective_on}起用于收款。")
    return account


def refuse_account(*, by: User, account_id: UUID, version: int, reason: str) -> SettlementAccount:
    """The account is never used; the present one stays."""
    with unit_of_work():
        account = lock(SettlementAccount.objects.select_related("provider"), account_id, version=version)
        if not policies.may_review_account(by, account):
            raise not_allowed("复核收款账户（申请人不得复核）")
        move(account, "refuse", "不予变更")(by, clock.now())
        evidence.record(account, act="refuse", by=by, reason=reason)
        _tell(account, "收款账户未通过复核", f"账户{account.masked_number}未通过。理由：{reason}")
    return account


def _effective_on(account: SettlementAccount) -> date:
    today = clock.today()
    known = SettlementAccount.objects.filter(provider=account.provider, state=AccountState.APPROVED)
    if not known.exclude(pk=account.pk).exists():
        return today
    limit = programmes.latest_notice(today).parsed.limit(COOL_DOWN)
    if limit.unit != "d":
        raise Invalid("LIMIT_UNIT", f"{limit.label}须以天为单位，通知中为“{limit}”。", unit=limit.unit)
    return today + timedelta(days=limit.length)


def _check_name(account_name: str, provider: Provider) -> None:
    """One is paid under one's own name only (8-49)."""
    if not same_name(account_name, provider.name):
        raise Invalid(
            "ACCOUNT_NAME_DIFFERS",
            f"户名“{account_name}”与机构名称“{provider.name}”不一致，只能使用本机构账户。",
            account_name=account_name,
            name=provider.name,
        )


def _open() -> Refused:
    return Refused("ACCOUNT_OPEN", "已有待复核的收款账户，请等待复核后再申请。")


def _tell(account: SettlementAccount, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[account.provider.organisation_id], topic="account", title=title, body=body, subject=account
    )
