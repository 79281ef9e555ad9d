"""Bars for false material (第十六条): proposed by 厅职能处室, decided by 厅审定."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, acts, case_page, person, said, trail
from portal.officer.shown import call, state_column
from providers import policies, queues, selectors
from providers import serializers as bodies
from providers.services import standing
from providers.states import BarState

TONES = {BarState.PROPOSED: "warn", BarState.DECIDED: "bad"}
MOST_CHOICES = 5_000  # every provider there can be: one that is not offered could not be barred
page = tasks.page_of("officer:bar")


class ProposeForm(BodyForm):
    body = bodies.BarIn
    labels = {"provider": "服务商", "grounds": "瞒报、虚报的事实和依据"}


class DecideForm(BodyForm):
    body = bodies.BarDecideIn
    only = ("version", "decision_no", "reason")
    labels = {"decision_no": "决定文号", "reason": "意见"}


class ReasonForm(BodyForm):
    body = bodies.ProviderReasonIn
    labels = {"reason": "理由"}


def _providers(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    found = selectors.visible_providers(by).select_related("organisation").order_by("organisation__name")[:MOST_CHOICES]
    return {"provider": [(str(one.pk), f"{one.organisation.name}（{one.uscc}）") for one in found]}


PROPOSE = Deck(
    name="officer:bar",
    roles=(Role.DEPARTMENT,),
    acts=(
        Act(
            name="propose",
            label="提出禁止申报",
            tone="main",
            form=ProposeForm,
            intro="瞒报、虚报资质或申报材料的，由厅审定决定后，该单位不得重新申报认定。",
            article="16",
            choices=_providers,
            run=lambda by, row, data: standing.propose_bar(
                by=by, provider_id=data["provider"], grounds=data["grounds"]
            ),
            goes=page,
            done="已提出，报厅审定。",
        ),
    ),
)
DECK = Deck(
    name="officer:bar",
    roles=DECIDERS,
    rows=selectors.visible_bars,
    title=lambda row: row.provider.name,
    acts=(
        Act(
            name="decide",
            label="决定禁止申报",
            tone="danger",
            form=DecideForm,
            intro="该单位的年度资格即时终止，以后不得申报；履行中的合同逐件处理。",
            article="16",
            may=lambda by, row: row.state == BarState.PROPOSED and policies.may_decide_bar(by, row),
            run=call(standing.decide_bar, "bar_id"),
            done="已决定禁止申报。",
        ),
        Act(
            name="decline",
            label="不予禁止",
            form=ReasonForm,
            may=lambda by, row: row.state == BarState.PROPOSED and policies.may_decide_bar(by, row),
            run=call(standing.decline_bar, "bar_id"),
            done="已决定不予禁止。",
        ),
    ),
)
LIST = Listing(
    name="bars",
    caption="禁止申报",
    columns=(
        Column(name="provider", label="服务商", show="provider.name", second="uscc", link=page, place="title"),
        Column(name="no", label="决定文号", show="decision_no"),
        Column(name="made", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        state_column(TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=BarState.choices),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc__startswith", kind="text"),
    ),
    empty="没有禁止申报的单位。",
)


@pages_for(*DECIDERS)
def bar_list(request: Asked) -> HttpResponseBase:
    """Every bar, proposed or decided."""
    by = request.user
    context = {
        "title": "禁止申报",
        "under": "瞒报、虚报的，不得重新申报认定",
        "acts": PROPOSE.offered(by, None) if policies.may_propose_bar(by) else [],
    }
    rows = selectors.visible_bars(by).select_related("provider__organisation")
    return LIST.answer(request, rows, "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def bar(request: Asked, pk: str) -> HttpResponseBase:
    """One bar."""
    rows = selectors.visible_bars(request.user)
    row = rows.select_related("provider__organisation", "proposed_by", "decided_by").filter(pk=pk).first()
    if row is None:
        raise not_found("禁止申报")
    facts = (
        ("服务商", row.provider.name),
        ("统一社会信用代码", row.uscc),
        ("提出", person(row.proposed_by)),
        ("决定", person(row.decided_by)),
        ("决定文号", row.decision_no),
        ("决定时间", row.decided_at),
    )
    return case_page(
        request,
        Case(
            title=f"禁止申报：{row.provider.name}",
            under=row.uscc,
            state=Chip(row.get_state_display(), TONES.get(BarState(row.state), "off")),
            crumbs=(Link("禁止申报", reverse("officer:bars")),),
            left=(Section(title="事实和依据", text=row.grounds, article="16"),),
            right=(Section(title="办理情况", facts=said(facts)),),
            record=row,
            acts=acts(DECK, request, row),
            trail=trail(row),
        ),
    )


tasks.register(
    tasks.Kind(
        code="bar-decide",
        label="禁止申报决定",
        group="认定",
        roles=(Role.APPROVER,),
        rows=queues.bars_to_decide,
        subject=lambda row: str(row.provider.name),
        below=lambda row: str(row.uscc),
        since="created_at",
        url=page,
    )
)

URLS = [
    path("bars/", bar_list, name="bars"),
    path("bars/<uuid:pk>/", bar, name="bar"),
    *PROPOSE.urls("bars/"),
    *DECK.urls("bars/"),
]
