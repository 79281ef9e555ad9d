"""Rosters: imported by one person, looked through beside what is in force, confirmed by another."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import services
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.officer.registry_acts import BEGIN, SHOWN, ReasonForm, RemarkForm, begin, graded_anew, roster_page
from portal.templatetags.portal import day
from registry import policies, queues, selectors
from registry import services as registry
from registry.differences import What, differences
from registry.models import RosterImport
from registry.states import RosterKind, RosterState

ROSTER_TONES = {RosterState.UPLOADED: "warn", RosterState.CONFIRMED: "ok"}


WHAT = {What.NEW: Chip("新增", "run"), What.CHANGED: Chip("变更", "warn"), What.SAME: Chip("不变", "off")}


ROSTERS = Deck(
    name="officer:roster",
    roles=DECIDERS,
    rows=selectors.visible_rosters,
    title=str,
    acts=(
        Act(
            name="confirm",
            label="复核生效",
            tone="main",
            form=RemarkForm,
            intro="生效后，名册所涉的有效企业即时重新划型。",
            article="6,10",
            may=lambda by, row: row.state == RosterState.UPLOADED and policies.may_confirm_roster(by, row),
            run=lambda by, row, data: services.confirm_roster(by=by, roster_id=row.pk, **data),
            done="名册已生效。",
        ),
        Act(
            name="reject",
            label="退回名册",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == RosterState.UPLOADED and policies.may_confirm_roster(by, row),
            run=lambda by, row, data: registry.reject_roster(by=by, roster_id=row.pk, **data),
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
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: ROSTER_TONES.get(row.state, "off"),
            place="corner",
        ),
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
    return case_page(
        request,
        Case(
            title=f"{row.get_kind_display()}：{row.source_document}",
            under=f"截止{day(row.as_of)}",
            state=Chip(row.get_state_display(), ROSTER_TONES.get(RosterState(row.state), "off")),
            crumbs=(Link("名册导入", reverse("officer:rosters")),),
            left=(Section(title="名册", facts=facts),),
            right=(
                Section(title="提示", checks=hints, empty="没有需要留意的行。"),
                *((graded_anew(selectors.usccs_in(row)),) if waits else ()),
            ),
            below=_changes(row) if waits else (_lines(row),),
            record=row,
            acts=acts(ROSTERS, request, row),
            trail=trail(row),
        ),
    )


def _changes(row: RosterImport) -> list[Section]:
    found = differences(row)
    counts = Counter(one.what for one in found)
    said = f"新增{counts[What.NEW]}行，变更{counts[What.CHANGED]}行，不变{counts[What.SAME]}行。"
    first = sorted(found, key=lambda one: one.what == What.SAME)[:SHOWN]
    more = f"以下列出前{SHOWN}行，变动的在前。" if len(found) > SHOWN else ""
    lines = [(one.uscc, f"第{one.line}行", WHAT[one.what], one.before, one.after) for one in first]
    heads = ("统一社会信用代码", "文件行", "变化", "现在", "生效后")
    return [Section(title="与现行名册的差异", text=said + more, table=Table(heads, lines))]


def _lines(row: RosterImport) -> Section:
    columns = [name for name in (row.rows[0] if row.rows else {}) if name not in ("line", "uscc")]
    heads = ("统一社会信用代码", *(_HEADS.get(name, name) for name in columns))
    lines = [(one["uscc"], *(one[name] for name in columns)) for one in row.rows[:SHOWN]]
    more = f"共{row.row_count}行，列出前{SHOWN}行。" if row.row_count > SHOWN else ""
    return Section(title="名册内容", text=more, table=Table(heads, lines))


_HEADS = {
    "name": "名称",
    "listed_since": "入规日期",
    "removed_on": "退规日期",
    "title_code": "称号代码",
    "certificate_no": "证书编号",
    "issued_by": "认定机关",
    "doc_no": "认定文号",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "since": "列入日期",
    "until": "移出前最后一日",
    "source": "列入机关及文号",
}


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
