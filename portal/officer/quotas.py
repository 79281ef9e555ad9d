"""Providers' caps of the year, and the accounts that they are paid on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.states import Role
from foundation import clock
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.shown import one_of, trail_of
from programmes import selectors as programmes
from providers import policies as provider_policies
from providers import queues as provider_queues
from providers import selectors as providers
from providers import serializers as provider_bodies
from providers.models import Provider, SettlementAccount
from providers.services import accounts
from providers.states import AccountState

ACCOUNT_TONES = {AccountState.REQUESTED: "warn", AccountState.APPROVED: "ok"}


def _with_caps(rows: list[Any]) -> list[Any]:
    found = providers.caps_of([row.pk for row in rows], clock.today().year)
    for row in rows:
        row.figures = found[row.pk]
    return rows


def _named(rows: models.QuerySet[Any], name: str) -> models.QuerySet[Any]:
    return rows.filter(name__icontains=name)


def _near(rows: models.QuerySet[Any], value: str) -> models.QuerySet[Any]:
    notice = programmes.notice_of_year(clock.today().year)
    return rows.filter(pk__in=providers.near_cap(notice) if notice is not None else [])


CAPS = Listing(
    name="caps",
    caption="服务商年度结算上限",
    columns=(
        Column(
            name="name",
            label="服务商",
            show="name",
            sort="name",
            link=lambda row: reverse("officer:provider-file", kwargs={"pk": row.pk}),
            place="title",
        ),
        Column(name="cap", label="年度上限（元）", show="figures.cap", kind="money"),
        Column(name="used", label="已用（元）", show="figures.used", kind="money"),
        Column(name="left", label="剩余（元）", show="figures.left", kind="money"),
        Column(name="share", label="已用比例", show="figures.share", kind="percent"),
    ),
    filters=(
        Filter(name="name", label="服务商名称", narrow=_named, kind="text"),
        Filter(name="near", label="已用比例", narrow=_near, choices=(("1", "达到预警线"),)),
    ),
    empty="本年度还没有列入名录的服务商。",
    prepare=_with_caps,
)


@pages_for(*DECIDERS)
def caps(request: Asked) -> HttpResponseBase:
    """Each provider's cap of this year and how much of it is taken (第十一条)."""
    rows: models.QuerySet[Provider] = providers.visible_profiles(request.user)
    return CAPS.answer(request, rows, "portal/officer/caps.html", {"year": clock.today().year})


# --- where providers are paid


class AccountRemarkForm(BodyForm):
    body = provider_bodies.ProviderRemarkIn


class AccountReasonForm(BodyForm):
    body = provider_bodies.ProviderReasonIn


def account_page(row: SettlementAccount) -> str:
    return reverse("officer:settlement-account", kwargs={"pk": row.pk})


ACCOUNTS = Listing(
    name="settlement-accounts",
    caption="收款账户",
    columns=(
        Column(name="provider", label="服务商", show="provider.name", link=account_page, place="title"),
        Column(name="name", label="户名", show="account_name", place="wide"),
        Column(name="number", label="账号", show="masked_number"),
        Column(name="bank", label="开户行", show="bank_name", place="wide"),
        Column(name="asked", label="申请时间", show="created_at", kind="moment", sort="created_at"),
        Column(name="effective", label="生效日期", show="effective_on", kind="date"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: ACCOUNT_TONES.get(AccountState(row.state), "off"),
            place="corner",
        ),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=AccountState.choices),),
    empty="还没有登记收款账户。服务商签署人在机构资料中申请后，由促进中心复核。",
)
ACCOUNT_DECK = Deck(
    name="officer:settlement-account",
    roles=DECIDERS,
    rows=providers.visible_accounts,
    title=lambda row: f"{row.provider.name}收款账户",
    acts=(
        Act(
            name="approve",
            label="复核通过",
            tone="main",
            icon="check",
            intro="首个账户即日生效；变更的账户经过通知规定的等待期后生效，其间各方可以核对。",
            form=AccountRemarkForm,
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: row.state == AccountState.REQUESTED and provider_policies.may_review_account(by, row),
            run=lambda by, row, data: accounts.approve_account(by=by, account_id=row.pk, **data),
            done="收款账户已复核。",
        ),
        Act(
            name="refuse",
            label="不予通过",
            tone="danger",
            icon="close",
            form=AccountReasonForm,
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: row.state == AccountState.REQUESTED and provider_policies.may_review_account(by, row),
            run=lambda by, row, data: accounts.refuse_account(by=by, account_id=row.pk, **data),
            done="收款账户未通过复核，服务商已收到理由。",
        ),
    ),
)


@pages_for(*DECIDERS)
def settlement_accounts(request: Asked) -> HttpResponseBase:
    """Every account and change of account, the newest first (8-48)."""
    rows = providers.visible_accounts(request.user)
    return ACCOUNTS.answer(request, rows, "portal/officer/settlement_accounts.html", {})


@pages_for(*DECIDERS)
def settlement_account(request: Asked, pk: UUID) -> HttpResponseBase:
    """One account beside the one now in use."""
    row = one_of(providers.visible_accounts(request.user), pk, "收款账户")
    context = {
        "account": row,
        "tone": ACCOUNT_TONES.get(AccountState(row.state), "off"),
        "current": providers.settlement_account(row.provider_id, clock.today()),
        "acts": ACCOUNT_DECK.offered(request.user, row),
        **trail_of(row),
    }
    return render(request, "portal/officer/settlement_account.html", context)


tasks.register(
    tasks.Kind(
        code="account-review",
        label="收款账户复核",
        group="资金",
        roles=(Role.CENTRE_REVIEWER,),
        rows=provider_queues.accounts_to_review,
        subject=lambda row: str(row.provider.name),
        below=lambda row: f"{row.bank_name}　{row.masked_number}",
        since="created_at",
        url=account_page,
    )
)
