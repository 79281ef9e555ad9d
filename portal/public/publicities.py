"""公示: lists on show with everything on them, and how to object (第九条, 第十五条, 第二十一条)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from engines.publicity import kinds
from engines.publicity import selectors as engine
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.states import ItemState, PublicityState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import public
from portal.kit.lists import Column, Filter, Listing
from portal.parties.publicity import body_columns
from portal.public import common
from programmes import selectors

TONES = {
    PublicityState.OPEN: "run",
    PublicityState.CLOSED_CLEAR: "ok",
    PublicityState.DONE: "ok",
    PublicityState.CLOSED_WITH_HOLD: "warn",
    PublicityState.WITHDRAWN: "off",
    ItemState.ON_SHOW: "run",
    ItemState.HELD: "warn",
    ItemState.CLEARED: "ok",
    ItemState.REMOVED: "bad",
}


def state(publicity: Publicity) -> str:
    return engine.state_label(publicity, clock.today())


def tone(row: Publicity | PublicityItem) -> str:
    return TONES.get(row.state, "off")


def page(publicity: Publicity) -> str:
    """The list's page."""
    return reverse("publicity", kwargs={"pk": publicity.pk})


def left(publicity: Publicity) -> str:
    """How much of the period is left, in words."""
    days = engine.days_left(publicity, clock.today())
    return f"还有{days}天" if days else "—"


def kind(publicity: Publicity) -> str:
    return kinds.known().get(publicity.kind, publicity.kind)


LIST = Listing(
    name="publicities",
    caption="公示名单",
    columns=(
        Column(name="title", label="名单", show="title", second="reference", link=page, place="title"),
        Column(name="kind", label="类别", show=kind),
        Column(name="first", label="开始", show="first", kind="date", sort="first"),
        Column(name="last", label="结束", show="last", kind="date", sort="last"),
        Column(name="left", label="剩余", show=left),
        Column(name="count", label="项数", show="item_count", kind="number"),
        Column(name="state", label="状态", show=state, kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="kind", label="类别", narrow="kind", choices=lambda: list(kinds.known().items())),
        Filter(name="state", label="状态", narrow="state", choices=PublicityState.choices),
        Filter(name="title", label="名单名称", narrow="title__icontains", kind="text"),
    ),
    sort="-first",
    empty="目前没有公示名单。服务商、产品和兑付方案审定后在此公示。",
)


@public
def publicities(request: HttpRequest) -> HttpResponseBase:
    """Every list whose period has begun."""
    rows = selectors.visible_publicities(common.READER)
    return LIST.answer(request, rows, "portal/public/publicities.html", {})


@public
def publicity(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One list as it was put up: what stands on it, until when, by which digest, and whom to turn to."""
    row = found(pk)
    rows = selectors.visible_items(common.READER).filter(publicity=row)
    is_open = engine.takes_objections(row, clock.today())
    context = {
        "publicity": row,
        "kind": kind(row),
        "state": state(row),
        "tone": tone(row),
        "left": engine.days_left(row, clock.today()),
        "is_open": is_open,
        "restarted_as": getattr(row, "restarted_as", None),
    }
    return _items(row, is_open).answer(request, rows, "portal/public/publicity.html", context)


def _items(row: Publicity, is_open: bool) -> Listing:
    """The columns follow from what this kind of list shows of a thing: the labels are its own."""

    def objecting(item: PublicityItem) -> list[tuple[str, str]]:
        open_to = is_open and item.state != ItemState.REMOVED
        address = reverse("objection", kwargs={"pk": row.pk, "item": item.pk})
        return [("提出异议", address)] if open_to else []

    def named(rows: models.QuerySet[Any], text: str) -> models.QuerySet[Any]:
        return common.words_in(rows, text, "label")

    return Listing(
        name="items",
        caption=row.title,
        columns=(
            Column(name="position", label="序号", show="position", sort="position"),
            Column(name="label", label="名称", show="label", place="title"),
            *body_columns(row, codes=False),
            Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
        ),
        filters=(Filter(name="label", label="名称中的字", narrow=named, kind="text", hint="例如企业或机构名称"),),
        sort="position",
        acts=objecting,
        empty="名单中没有事项。",
    )


def found(pk: UUID) -> Publicity:
    """The list that everybody may see. Raises NOT_FOUND."""
    rows = selectors.visible_publicities(common.READER).select_related("restarted_as", "restarts")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise not_found("公示名单")
    return row
