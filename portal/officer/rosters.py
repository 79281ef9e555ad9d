"""Rosters: imported by one person, looked through beside what is in force, confirmed by another."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import services
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.days import day, days
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, acts, case_page, person, trail
from portal.officer.registry_acts import BEGIN, ReasonForm, RemarkForm, begin, graded_anew, roster_page
from portal.officer.roster_lines import Lines
from portal.officer.shown import call, state_column
from registry import policies, queues, selectors
from registry import services as registry
from registry.states import RosterKind, RosterState

ROSTER_TONES = {RosterState.UPLOADED: "warn", RosterState.CONFIRMED: "ok"}


ROSTERS = Deck(
    name="officer:roster",
    roles=DECIDERS,
    rows=selectors.visible_rosters,
    title=days,
    acts=(
        Act(
            name="confirm",
            label="复核生效",
            tone="main",
            form=RemarkForm,
            intro="生效后，名册所涉的有效企业即时重新划型。",
            article="6,10",
            may=lambda by, row: row.state == RosterState.UPLOADED and policies.may_confirm_roster(by, row),
            run=call(services.confirm_roster, "roster_id"),
            done="名册已生效。",
        ),
        Act(
            name="reject",
            label="退回名册",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == RosterState.UPLOADED and policies.may_confirm_roster(by, row),
            run=call(registry.reject_roster, "roster_id"),
            done="名册已退回，更正后可重新导入。",
        ),
    ),
)


ROSTER_LIST = Listing(
    name="rosters",
    caption="名册",
    columns=(
        Column(
            name="source",
            label="来源",
            show="source_document",
            second="file_name",
            link=roster_page,
            place="title",
        ),
        Column(name="kind", label="名册", show="get_kind_display"),
        Column(name="as_of", label="截止日期", show="as_of", kind="date", sort="as_of"),
        Column(name="rows", label="行数", show="row_count", kind="number", sort="row_count"),
        Column(name="made", label="导入时间", show="created_at", kind="moment", sort="created_at"),
        state_column(ROSTER_TONES),
    ),
    filters=(
        Filter(name="kind", label="名册", narrow="kind", choices=RosterKind.choices),
        Filter(name="state", label="状态", narrow="state", choices=RosterState.choices),
    ),
    empty="还没有导入名册。",
)


@pages_for(*DECIDERS)
def rosters(request: Asked) -> HttpResponseBase:
    """Every roster that was imported."""
    context = {
        "title": "名册导入",
        "under": "规上企业名录、称号名单、严重失信主体名单；导入和复核由两人办理",
        "acts": begin(request.user),
    }
    return ROSTER_LIST.answer(request, selectors.visible_rosters(request.user), "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def roster(request: Asked, pk: str) -> HttpResponseBase:
    """One import: what it would change beside what is in force, and whom that grades anew."""
    rows = selectors.visible_rosters(request.user).defer(None)
    row = rows.select_related("imported_by", "confirmed_by").filter(pk=pk).first()
    if row is None:
        raise not_found("名册")
    waits = row.state == RosterState.UPLOADED
    facts = (
        ("名册", row.get_kind_display()),
        ("来源文件", row.source_document),
        ("文件", row.file_name),
        ("文件SM3", row.file_sm3),
        ("截止日期", row.as_of),
        ("行数", f"{row.row_count}行"),
        ("导入", person(row.imported_by)),
        ("复核", person(row.confirmed_by)),
        ("生效时间", row.confirmed_at),
    )
    hints = [Check("warn", f"第{one['line']}行", one["message"]) for one in row.warnings]
    lines = Lines(request, row, waits=waits)
    if request.GET.get("export") == "xlsx":
        return lines.sheet()
    case = Case(
        title=f"{row.get_kind_display()}：{row.source_document}",
        under=f"截止{day(row.as_of)}",
        state=Chip(row.get_state_display(), ROSTER_TONES.get(RosterState(row.state), "off")),
        crumbs=(Link("名册导入", reverse("officer:rosters")),),
        left=(Section(title="名册", facts=facts),),
        right=(
            Section(title="提示", checks=hints, empty="没有需要留意的行。"),
            *((graded_anew(selectors.usccs_in(row)),) if waits else ()),
        ),
        record=row,
        acts=acts(ROSTERS, request, row),
        trail=trail(row),
    )
    return case_page(request, case, "portal/officer/roster.html", lines=lines)


tasks.register(
    tasks.Kind(
        code="roster-confirm",
        label="名册复核",
        group="企业",
        roles=(Role.CENTRE_REVIEWER, Role.DEPARTMENT),
        rows=queues.rosters_to_confirm,
        subject=lambda row: str(row.source_document),
        below=lambda row: f"{row.get_kind_display()}　{row.row_count}行",
        url=roster_page,
    ),
)


URLS = [
    path("rosters/", rosters, name="rosters"),
    path("rosters/<uuid:pk>/", roster, name="roster"),
    *ROSTERS.urls("rosters/"),
    *BEGIN.urls("registry/"),
]
