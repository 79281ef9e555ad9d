"""Contract inspection: every contract by state, what stands still and of whom it is awaited, with days and money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import models
from django.http import HttpResponseBase
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from contracts import desk, selectors, waiting
from contracts.desk import Desk
from contracts.states import STANDING, Awaited, State
from foundation import clock
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts import lists
from portal.parties.contracts.looks import name, page
from registry import reference

INSPECTORS = (*DECIDERS, Role.CITY)
WAITS = ((7, "7天以上"), (15, "15天以上"), (30, "30天以上"), (60, "60天以上"))
PARTIES = Column(
    name="parties",
    label="企业与服务商",
    show="enterprise.organisation.name",
    second="provider.organisation.name",
)


def _city(row: Any) -> str:
    region = reference.regions().get(row.enterprise.organisation.city)
    return region.name if region is not None else str(row.enterprise.organisation.city)


CITY = Column(name="city", label="设区市", show=_city, place="code")
COMMON = (
    Filter(name="number", label="合同编号", narrow="number__icontains", kind="text"),
    Filter(name="enterprise", label="企业名称", narrow="enterprise__organisation__name__icontains", kind="text"),
    Filter(name="provider", label="服务商名称", narrow="provider__organisation__name__icontains", kind="text"),
    Filter(
        name="city",
        label="设区市",
        narrow=lambda rows, code: rows.filter(enterprise__organisation__city__startswith=code[:4]),
        choices=lambda: sorted(
            (one.code, one.name) for one in reference.regions().values() if one.code == one.city_code
        ),
    ),
)
ALL = Listing(
    name="contracts",
    caption="合同巡查",
    columns=(
        Column(
            name="number", label="合同编号", show="number", second=name, sort="number", link=page, place="title at-code"
        ),
        PARTIES,
        CITY,
        lists.AMOUNT,
        replace(lists.VOUCHER, sort=""),  # most are the same: at the most one project gets
        lists.STEP,
        lists.STATE,
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=State.choices),
        *COMMON,
        Filter(name="year", label="额度年度", narrow="quota_year", kind="year", hint="例如 2026"),
    ),
    empty="还没有合同。企业和服务商起草后，会出现在这里。",
    prepare=lists.with_steps,
    flag=lambda row: bool(row.step and row.step.late),
)
STILL = Listing(
    name="contracts",
    caption="停滞合同",
    columns=(
        Column(name="number", label="合同编号", show="number", second=name, link=page, place="title at-code"),
        PARTIES,
        CITY,
        Column(name="why", label="等待事项", show=lists.awaited),
        Column(name="since", label="起算日期", show="since_on", kind="date", sort="wait__since_on"),
        Column(name="days", label="已等天数", show="step.days", kind="number"),
        Column(name="due", label="期限", show=lists.due, kind="date"),
        Column(name="reminded", label="已提醒（次）", show="reminded", kind="number"),
        Column(name="held", label="占用资金（元）", show="held", kind="money"),
        lists.STATE,
    ),
    filters=(
        Filter(
            name="reason",
            label="等待事项",
            narrow="awaited",
            choices=[(one.value, one.label) for one in Awaited if one in STANDING],
        ),
        Filter(
            name="days",
            label="已等",
            narrow=lambda rows, days: rows.filter(since_on__lte=clock.today() - timedelta(days=int(days))),
            choices=[(str(days), label) for days, label in WAITS],
        ),
        *COMMON,
    ),
    sort="since",  # the longest wait first
    empty="没有停滞的合同：所有合同都在期限内办理。",
    prepare=lists.with_steps,
)
OVERDUE = replace(ALL, caption="逾期合同", filters=COMMON, empty="没有逾期的合同。")


def _tabs(by: User, here: str, counts: dict[str, int | None]) -> list[dict[str, Any]]:
    """What waits for the reader is a tab of those alone for whom something may wait."""
    names = (
        ("officer:contracts", "全部"),
        *((("officer:contracts-mine", "待我办理"),) if desk.asked_of(by) else ()),
        ("officer:contracts-still", "停滞"),
        ("officer:contracts-overdue", "逾期"),
    )
    return [
        {"label": label, "count": counts.get(url), "address": reverse(url), "here": url == here} for url, label in names
    ]


@pages_for(*INSPECTORS)
def contracts(request: Asked) -> HttpResponseBase:
    """Every contract that the reader may see: the city its own enterprises'."""
    rows = waiting.annotated(selectors.visible_to(request.user))
    return _answer(request, "officer:contracts", ALL, rows)


@pages_for(*INSPECTORS)
def mine(request: Asked) -> HttpResponseBase:
    """Those that wait for the reader's own house."""
    rows = desk.on(Desk.MINE, selectors.visible_to(request.user), request.user)
    listing = replace(ALL, empty="没有等待您单位办理的合同。")
    return _answer(request, "officer:contracts-mine", listing, rows)


@pages_for(*INSPECTORS)
def still(request: Asked) -> HttpResponseBase:
    """What stands still longer than its limit, with the reason, the days and the money it holds."""
    today = clock.today()
    rows = selectors.standing(request.user, today)
    more = {"sums": waiting.sums(rows, today)}
    return _answer(request, "officer:contracts-still", STILL, rows, more)


@pages_for(*INSPECTORS)
def overdue(request: Asked) -> HttpResponseBase:
    """Past the end of the service, or of the time to claim: the department gives time or voids them."""
    rows = waiting.annotated(selectors.visible_to(request.user).filter(state=State.OVERDUE))
    return _answer(request, "officer:contracts-overdue", OVERDUE, rows)


def _answer(
    request: Asked, here: str, listing: Listing, rows: models.QuerySet[Any], more: dict[str, Any] | None = None
) -> HttpResponseBase:
    counts: dict[str, int | None] = {
        "officer:contracts-overdue": selectors.visible_to(request.user).filter(state=State.OVERDUE).count()
    }
    context = {"tabs": _tabs(request.user, here, counts), **(more or {})}
    return listing.answer(request, rows, "portal/officer/contracts.html", context)
