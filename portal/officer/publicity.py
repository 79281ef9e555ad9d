"""公示 as the offices run it: the lists on show, how long still, what is held, closing and withdrawing."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from engines.publicity import kinds
from engines.publicity.models import Publicity
from engines.publicity.states import ItemState, PublicityState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_context, said, trail
from portal.officer.shown import call, state_column
from portal.parties.publicity import body_columns
from programmes import policies, queues, selectors
from programmes.api.publicities import PublicityWithdrawIn
from programmes.services import publicities

TONES = {
    PublicityState.OPEN: "run",
    PublicityState.CLOSED_CLEAR: "ok",
    PublicityState.CLOSED_WITH_HOLD: "warn",
    PublicityState.DONE: "ok",
    PublicityState.WITHDRAWN: "off",
}
ITEM_TONES = {
    ItemState.ON_SHOW: "run",
    ItemState.HELD: "warn",
    ItemState.CLEARED: "ok",
    ItemState.REMOVED: "bad",
    ItemState.WITHDRAWN: "off",
}
SHOWN = 50  # objections on the page, the latest first; their own list has all
page = tasks.page_of("officer:publicity")


class WithdrawForm(BodyForm):
    body = PublicityWithdrawIn
    labels = {"reason": "撤回理由"}
    helps = {"reason": "公开显示。"}


DECK = Deck(
    name="officer:publicity",
    roles=DECIDERS,
    rows=selectors.visible_publicities,
    title=lambda row: row.title,
    acts=(
        Act(
            name="close",
            label="登记期满",
            tone="main",
            intro="公示期已过。没有异议的事项即时生效；异议核查中的继续等待结果。",
            article="9,15,21",
            may=lambda by, row: queues.publicities_to_close(by).filter(pk=row.pk).exists(),
            run=call(publicities.close_period, "publicity_id"),
            done="已登记期满，无异议的事项已生效。",
        ),
        Act(
            name="withdraw",
            label="撤回名单",
            tone="danger",
            form=WithdrawForm,
            intro="名单作废；更正后重新公示，须公示满全部期限。",
            may=lambda by, row: row.state == PublicityState.OPEN and policies.may_publish_list(by),
            run=call(publicities.withdraw, "publicity_id"),
            done="名单已撤回。",
        ),
    ),
)


def countdown(row: Publicity) -> str:
    """How long it is still on show, while it is."""
    if row.state != PublicityState.OPEN:
        return ""
    days, before = (row.last - clock.today()).days, (row.first - clock.today()).days
    if before > 0:
        return f"{before}天后开始"
    return "期满待登记" if days < 0 else "今天结束" if days == 0 else f"还有{days}天"


LIST = Listing(
    name="publicities",
    caption="公示",
    columns=(
        Column(name="title", label="名单", show="title", second="reference", link=page, place="title"),
        Column(name="kind", label="类别", show=lambda row: kinds.known().get(row.kind, row.kind)),
        Column(name="items", label="项数", show="item_count", kind="number", sort="item_count"),
        Column(name="first", label="公示开始", show="first", kind="date", sort="first"),
        Column(name="last", label="公示结束", show="last", kind="date", sort="last", second=countdown),
        state_column(TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=PublicityState.choices),
        Filter(name="kind", label="类别", narrow="kind", choices=lambda: list(kinds.known().items())),
        Filter(name="title", label="名单", narrow="title__icontains", kind="text"),
    ),
    empty="还没有公示。名单审定后，在征集批次或结算批次页面公示。",
    flag=lambda row: row.state == PublicityState.OPEN and row.last < clock.today(),
)


@pages_for(*DECIDERS)
def publicity_list(request: Asked) -> HttpResponseBase:
    """Every list, also those whose period has not begun."""
    rows = selectors.visible_publicities(request.user)
    return LIST.answer(
        request,
        rows,
        "portal/officer/list.html",
        {"title": "公示名单", "under": "服务商、产品、兑付名单的公示、期满和撤回"},
    )


@pages_for(*DECIDERS)
def publicity(request: Asked, pk: str) -> HttpResponseBase:
    """One list: its period, what stands in it, the objections against it."""
    by = request.user
    row = selectors.visible_publicities(by).select_related("restarts").filter(pk=pk).first()
    if row is None:
        raise not_found("公示")
    left = countdown(row)
    facts = (
        ("类别", kinds.known().get(row.kind, row.kind)),
        ("公示文号或网址", row.reference),
        ("依据", row.basis),
        ("公示期", f"{day(row.first)}至{day(row.last)}（不少于{row.days}个工作日）"),
        ("项数", f"{row.item_count}项"),
        ("名单SM3", row.digest),
        ("重新公示前的名单", Link(row.restarts.title, page(row.restarts)) if row.restarts is not None else ""),
        ("期满登记", row.closed_at),
        ("撤回", row.withdrawn_reason),
    )
    case = Case(
        title=row.title,
        under=left,
        state=Chip(row.get_state_display(), TONES.get(PublicityState(row.state), "off")),
        crumbs=(Link("公示名单", reverse("officer:publicities")),),
        left=(Section(title="名单", facts=said(facts), article="9,15,21"),),
        right=(_counts(by, row), *_objections(by, row)),
        record=row,
        acts=acts(DECK, request, row),
        trail=trail(row),
    )
    rows = selectors.visible_items(by).filter(publicity=row)
    return _items(row).answer(request, rows, "portal/officer/publicity.html", case_context(request, case))


def _counts(by: User, row: Publicity) -> Section:
    found = Counter(selectors.visible_items(by).filter(publicity=row).values_list("state", flat=True))
    facts = [(state.label, f"{found[state]}项") for state in ItemState if found[state]]
    return Section(title="各项状态", facts=facts)


def _objections(by: User, row: Publicity) -> list[Section]:
    if not policies.may_see_objections(by):
        return []
    rows = selectors.visible_objections(by).filter(item__publicity=row).order_by("-pk")
    lines = [
        (Link(one.number, reverse("officer:objection", args=[one.pk])), one.item.label, one.get_state_display())
        for one in rows[:SHOWN]
    ]
    count = rows.count() if len(lines) == SHOWN else len(lines)
    return [
        Section(
            title="异议",
            text=f"共{count}件，列出最近{SHOWN}件，其余见“公示异议”。" if count > SHOWN else "",
            table=Table(("回执号", "事项", "状态"), lines),
            empty="没有收到异议。",
            article="15",
        )
    ]


def _items(row: Publicity) -> Listing:
    """All that stands on the list, in pages; as a sheet the whole of it."""
    return Listing(
        name="items",
        caption=row.title,
        columns=(
            Column(name="position", label="序号", show="position", kind="number", sort="position"),
            Column(name="label", label="名称", show="label", place="title"),
            *body_columns(row, codes=True),
            state_column(ITEM_TONES),
        ),
        filters=(
            Filter(name="state", label="状态", narrow="state", choices=ItemState.choices),
            Filter(name="label", label="名称中的字", narrow="label__icontains", kind="text"),
        ),
        sort="position",
        empty="名单中没有事项。",
    )


tasks.register(
    tasks.Kind(
        code="publicity-close",
        label="公示期满登记",
        group="公示",
        roles=(Role.DEPARTMENT,),
        rows=queues.publicities_to_close,
        subject=lambda row: str(row.title),
        below=lambda row: str(row.reference),
        since="created_at",
        due="last",
        url=page,
    )
)

URLS = [
    path("publicities/", publicity_list, name="publicities"),
    path("publicities/<uuid:pk>/", publicity, name="publicity"),
    *DECK.urls("publicities/"),
]
