"""Panels: one draw of experts each, drawn again from its seed as proof, confirmed or void."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Application, Expert
from accreditation.services import panels
from accreditation.states import PanelState
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, person, said, trail
from portal.officer.round_acts import ReasonForm, panel_page, round_page
from portal.officer.shown import call

PANEL_TONES = {PanelState.DRAWN: "warn", PanelState.APPROVED: "ok"}


PANELS = Deck(
    name="officer:panel",
    roles=DECIDERS,
    rows=selectors.visible_panels,
    title=lambda row: row.number,
    acts=(
        Act(
            name="approve",
            label="确认专家组",
            tone="main",
            intro="确认后向专家分发评分表。",
            article="9,15",
            may=lambda by, row: row.state == PanelState.DRAWN and policies.may_decide_draw(by, row),
            run=call(panels.approve, "panel_id"),
            done="已确认，评分表已分发。",
        ),
        Act(
            name="cancel",
            label="作废重抽",
            tone="danger",
            form=ReasonForm,
            intro="作废后由促进中心重新抽取，两次抽取都留存记录。",
            may=lambda by, row: row.state == PanelState.DRAWN and policies.may_decide_draw(by, row),
            run=call(panels.cancel, "panel_id"),
            done="已作废。",
        ),
    ),
)


@pages_for(*DECIDERS)
def panel(request: Asked, pk: str) -> HttpResponseBase:
    """One draw: who was drawn for which case, who was kept away and why; drawn again from its seed as proof."""
    rows = selectors.visible_panels(request.user)
    row = rows.select_related("drawn_by", "approved_by").filter(pk=pk).first()
    if row is None:
        raise not_found("专家组")
    again = [str(one) for one in panels.redraw(row)]
    same = again == row.order
    people = {str(one.pk): one for one in Expert.objects.select_related("user").filter(pk__in=row.order)}
    cases = {
        str(one.pk): one
        for one in Application.objects.filter(pk__in=list(row.seats)).select_related("provider", "product_version")
    }
    facts = (
        ("征集批次", Link(row.round.number, round_page(row.round))),
        ("类别", row.get_kind_display()),
        ("每项人数", f"{row.size}名"),
        ("在库专家", f"{len(row.order)}名"),
        ("随机种子", row.seed),
        ("抽取记录SM3", row.digest),
        ("抽取", person(row.drawn_by)),
        ("确认", person(row.approved_by)),
        ("作废理由", row.reason),
    )
    seats = [
        (
            Link(f"{cases[key].number} {cases[key].subject_name}", reverse("officer:application", args=[key])),
            "、".join(_name(people, one) for one in drawn),
        )
        for key, drawn in row.seats.items()
        if key in cases
    ]
    kept_away = [
        (_name(people, expert), cases[key].number if key in cases else "", why) for expert, key, why in row.excluded
    ]
    proof = Section(
        title="重新计算核对",
        text=(
            "按种子重新计算的次序与抽取记录一致。"
            if same
            else "按种子重新计算的次序与抽取记录不一致，请作废并查明原因。"
        ),
        table=Table(
            ("次序", "专家", "单位"),
            [
                (f"{place}", _name(people, one), people[one].unit_name if one in people else "")
                for place, one in enumerate(row.order, start=1)
            ],
        ),
        article="9",
    )
    return case_page(
        request,
        Case(
            title=f"专家组 {row.number}",
            under=row.get_kind_display(),
            state=Chip(row.get_state_display(), PANEL_TONES.get(PanelState(row.state), "off")),
            crumbs=(Link(row.round.title, round_page(row.round)),),
            left=(
                Section(title="抽取", facts=said(facts), article="9,15"),
                Section(title="抽取结果", table=Table(("申请", "专家"), seats)),
            ),
            right=(
                Section(
                    title="回避和排除",
                    table=Table(("专家", "申请", "原因"), kept_away),
                    empty="没有须回避的专家。",
                ),
            ),
            below=(proof,),
            record=row,
            acts=acts(PANELS, request, row),
            trail=trail(row),
        ),
    )


def _name(people: dict[str, Expert], key: str) -> str:
    return people[key].user.name if key in people else key


tasks.register(
    tasks.Kind(
        code="panel-decide",
        label="专家组确认",
        group="认定",
        roles=(Role.DEPARTMENT,),
        rows=queues.panels_to_decide,
        subject=lambda row: str(row.number),
        below=lambda row: f"{row.round.title}　{row.get_kind_display()}",
        url=panel_page,
    ),
)


URLS = [
    path("panels/<uuid:pk>/", panel, name="panel"),
    *PANELS.urls("panels/"),
]
