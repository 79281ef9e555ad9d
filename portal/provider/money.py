"""Where the provider is paid: the account in use, a change of it, what became of earlier ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Listing
from portal.provider.common import tone
from providers import policies, selectors
from providers import serializers as bodies
from providers.services import accounts
from providers.states import AccountState

LIST = Listing(
    name="accounts",
    caption="收款账户申请",
    columns=(
        Column(
            name="number",
            label="账号",
            show="masked_number",
            second="account_name",
            place="title",
            link=lambda row: reverse("provider:account", kwargs={"pk": row.pk}),
        ),
        Column(name="bank", label="开户行", show="bank_name", second="line_no"),
        Column(name="asked", label="申请时间", show="created_at", kind="moment"),
        Column(name="from", label="生效日期", show="effective_on", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    empty="还没有登记收款账户。没有已生效的同名账户不能提交兑付申请，请由签署人申请登记。",
    export=False,
)


class AccountForm(BodyForm):
    body = bodies.AccountIn
    labels = {"account_name": "户名", "account_number": "账号", "bank_name": "开户银行", "line_no": "联行号"}
    helps = {
        "account_name": "与开户证明完全一致，须为本机构名称。",
        "account_number": "6至32位半角数字，不含空格。",
        "bank_name": "写到支行，例如：示例银行南宁分行营业部。",
        "line_no": "12位数字，可向开户行查询。",
    }


def _may_ask(by: Any, row: Any) -> bool:
    provider = selectors.own(by)
    waiting = selectors.visible_accounts(by).filter(provider=provider, state=AccountState.REQUESTED)
    return policies.may_sign(by, provider) and not waiting.exists()


ASK = Deck(
    name="provider:account-ask",
    roles=PROVIDER,
    home=lambda row: reverse("provider:accounts"),
    acts=(
        Act(
            name="request",
            label="申请收款账户",
            tone="main",
            icon="bank",
            intro="登记或变更均由签署人申请、促进中心另一人复核；变更的账户在冷静期满后生效，其间仍用原账户。",
            article="21",
            form=AccountForm,
            may=_may_ask,
            initial=lambda by, row: {"account_name": selectors.own(by).name},
            run=lambda by, row, data: accounts.request_account(by=by, provider_id=selectors.own(by).pk, **data),
            done="账户申请已提交，等待促进中心复核。",
        ),
    ),
)


@pages_for(*PROVIDER)
def accounts_page(request: Asked) -> HttpResponseBase:
    """The account that is paid to today, what waits for review, and the history."""
    by = request.user
    provider = selectors.own(by)
    rows = selectors.visible_accounts(by).filter(provider=provider)
    context = {"used": selectors.settlement_account(provider.pk, clock.today()), "acts": ASK.offered(by, None)}
    return LIST.answer(request, rows, "portal/provider/accounts.html", context)


@pages_for(*PROVIDER)
def account_page(request: Asked, pk: str) -> HttpResponseBase:
    """One account, and what was done about it."""
    row = selectors.visible_accounts(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("收款账户")
    context = {"account": row, "tone": tone(row), "trail": of_subject(row)}
    return render(request, "portal/provider/account.html", context)
