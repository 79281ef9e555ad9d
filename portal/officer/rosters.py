"""Titles and rosters: recorded or imported by one person, looked through beside what is in force, confirmed by another."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from enterprises import selectors as enterprises
from enterprises import serializers as bodies
from enterprises import services
from foundation.errors import TooLarge, not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.templatetags.portal import day
from registry import api, policies, queues, reference, roster_file, selectors
from registry import services as registry
from registry.differences import What, differences
from registry.models import RosterImport, TitleHolding
from registry.states import RosterKind, RosterState, TitleState

TITLE_TONES = {TitleState.RECORDED: "warn", TitleState.VERIFIED: "ok", TitleState.REVOKED: "bad"}
ROSTER_TONES = {RosterState.UPLOADED: "warn", RosterState.CONFIRMED: "ok"}
SHOWN = 200  # lines of a roster on its page; all of them stand in the file
WHAT = {What.NEW: Chip("新增", "run"), What.CHANGED: Chip("变更", "warn"), What.SAME: Chip("不变", "off")}
title_page = tasks.page_of("officer:title")
roster_page = tasks.page_of("officer:roster")


class TitleForm(BodyForm):
    body = api.TitleIn
    labels = {"title_code": "称号", "doc_no": "认定文号"}
    helps = {"certificate_no": "证书编号和认定文号至少填一项。"}


class ReasonForm(BodyForm):
    body = api.RegistryReasonIn
    labels = {"reason": "理由"}


class RemarkForm(BodyForm):
    body = bodies.EnterpriseRemarkIn
    labels = {"reason": "意见"}


class RevokeForm(BodyForm):
    body = bodies.TitleRevokeIn
    only = ("version", "revoked_on", "reason")
    labels = {"revoked_on": "自何日起不再有效", "reason": "理由"}


class UploadForm(BodyForm):
    """The file itself goes with the form: what is kept is its cleaned lines, not the file."""

    body = api.RosterIn
    only = ("kind", "source_document", "as_of", "file")
    file = forms.FileField(label="名册文件", help_text="CSV，UTF-8或GBK，第一行为表头。")
    labels = {"kind": "名册", "source_document": "来源文件或文号", "as_of": "截止日期", "file": "名册文件"}
    kinds = {"file": forms.FileInput(attrs={"accept": ".csv,text/csv"})}


def title_name(code: str) -> str:
    """The title as 第十条 calls it."""
    kind = selectors.title_kind(code)
    return kind.name if kind is not None else code


def _title_choices(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    return {"title_code": [(one.code, one.name) for one in reference.title_kinds().values() if not one.derived]}


def _upload(by: User, row: Any, data: dict[str, Any]) -> RosterImport:
    upload = data["file"]
    if upload.size > roster_file.MAX_BYTES:
        raise TooLarge("ROSTER_TOO_LARGE", "名册文件超过5MB，请拆分。", limit=roster_file.MAX_BYTES)
    return registry.upload_roster(
        by=by,
        kind=data["kind"],
        raw=upload.read(),
        file_name=upload.name,
        source_document=data["source_document"],
        as_of=data["as_of"],
    )


BEGIN = Deck(
    name="officer:registry",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="record-title",
            label="登记称号",
            tone="main",
            icon="award",
            form=TitleForm,
            intro="登记后由另一人核验；核验后持有企业即时重新划型。",
            article="10",
            choices=_title_choices,
            run=lambda by, row, data: registry.record_title(by=by, uscc_code=data.pop("uscc"), **data),
            goes=title_page,
            done="已登记，等待核验。",
        ),
        Act(
            name="upload-roster",
            label="导入名册",
            icon="upload",
            form=UploadForm,
            intro="导入后由另一人比对差异并复核，复核后才生效。有一行错误，整份不导入。",
            article="6,10",
            run=_upload,
            goes=roster_page,
            done="已导入，等待另一人复核。",
        ),
    ),
)

TITLES = Deck(
    name="officer:title",
    roles=DECIDERS,
    rows=selectors.visible_titles,
    title=lambda row: title_name(row.title_code),
    acts=(
        Act(
            name="verify",
            label="核验通过",
            tone="main",
            form=RemarkForm,
            intro="核验后称号生效，持有企业即时重新划型。",
            article="10",
            may=lambda by, row: row.state == TitleState.RECORDED and policies.may_verify_title(by, row),
            run=lambda by, row, data: services.verify_title(by=by, title_id=row.pk, **data),
            done="已核验，称号生效。",
        ),
        Act(
            name="reject",
            label="核验不通过",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == TitleState.RECORDED and policies.may_verify_title(by, row),
            run=lambda by, row, data: registry.reject_title(by=by, title_id=row.pk, **data),
            done="已作出核验不通过的结论。",
        ),
        Act(
            name="revoke",
            label="撤销称号",
            tone="danger",
            form=RevokeForm,
            intro="撤销后企业即时重新划型：未用的额度收回，已用的不收回。",
            article="10",
            may=lambda by, row: row.state == TitleState.VERIFIED and policies.may_revoke_title(by),
            run=lambda by, row, data: services.revoke_title(by=by, title_id=row.pk, **data),
            done="已撤销。",
        ),
    ),
)

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

TITLE_LIST = Listing(
    name="titles",
    caption="企业称号",
    columns=(
        Column(
            name="title",
            label="称号",
            show=lambda row: title_name(row.title_code),
            second=lambda row: row.certificate_no or row.doc_no,
            link=title_page,
            place="title",
        ),
        Column(name="uscc", label="统一社会信用代码", show="uscc", sort="uscc"),
        Column(name="from", label="有效期起", show="valid_from", kind="date", sort="valid_from"),
        Column(name="to", label="有效期止", show=lambda row: row.valid_to or "长期"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: TITLE_TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=TitleState.choices),
        Filter(
            name="title",
            label="称号",
            narrow="title_code",
            choices=lambda: [(one.code, one.name) for one in reference.title_kinds().values() if not one.derived],
        ),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc__startswith", kind="text"),
    ),
    empty="还没有登记称号。由促进中心经办登记，或导入称号名单。",
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
def titles(request: Asked) -> HttpResponseBase:
    """Every title on record."""
    context = {
        "title": "企业称号",
        "under": "划型所依据的称号，登记和核验由两人办理",
        "acts": _begin(request.user),
        "sections": [],
    }
    return TITLE_LIST.answer(request, selectors.visible_titles(request.user), "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def rosters(request: Asked) -> HttpResponseBase:
    """Every roster that was imported."""
    context = {
        "title": "名册导入",
        "under": "规上企业名录、称号名单、严重失信主体名单；导入和复核由两人办理",
        "acts": _begin(request.user),
    }
    return ROSTER_LIST.answer(request, selectors.visible_rosters(request.user), "portal/officer/list.html", context)


def _begin(by: User) -> list[tuple[Act, str]]:
    return BEGIN.offered(by, None) if policies.may_record_title(by) else []


@pages_for(*DECIDERS)
def title(request: Asked, pk: str) -> HttpResponseBase:
    """One title with its proof, and whom it grades."""
    rows = selectors.visible_titles(request.user)
    row = rows.select_related("recorded_by", "verified_by", "revoked_by", "roster").filter(pk=pk).first()
    if row is None:
        raise not_found("企业称号")
    facts = (
        ("统一社会信用代码", row.uscc),
        ("称号", title_name(row.title_code)),
        ("认定机关", row.issued_by),
        ("证书编号", row.certificate_no),
        ("认定文号", row.doc_no),
        ("有效期", f"自{day(row.valid_from)}" + (f"至{day(row.valid_to)}" if row.valid_to else "，长期")),
        ("撤销日期", row.revoked_on),
        ("来源名册", Link(str(row.roster), roster_page(row.roster)) if row.roster is not None else ""),
        ("登记", person(row.recorded_by)),
        ("核验", person(row.verified_by)),
    )
    return case_page(
        request,
        Case(
            title=title_name(row.title_code),
            under=row.uscc,
            state=Chip(row.get_state_display(), TITLE_TONES.get(TitleState(row.state), "off")),
            crumbs=(Link("企业称号", reverse("officer:titles")),),
            left=(Section(title="登记内容", facts=facts, article="10"),),
            right=(_others(row), _graded([row.uscc])),
            acts=acts(TITLES, request, row),
            trail=trail(row),
        ),
    )


def _others(row: TitleHolding) -> Section:
    """What else is on record for the same code: doubles show here."""
    lines = [
        (title_name(one.title_code), one.certificate_no or one.doc_no, one.valid_from, one.get_state_display())
        for one in selectors.title_records(row.uscc).exclude(pk=row.pk)
    ]
    heads = ("称号", "证书或文号", "有效期起", "状态")
    return Section(title="该企业的其他称号", table=Table(heads, lines), empty="没有其他称号记录。")


def _graded(usccs: list[str]) -> Section:
    found = list(enterprises.active_among(usccs)[:SHOWN])
    links = [Link(one.name, reverse("officer:enterprise", args=[one.pk])) for one in found]
    return Section(title="生效后重新划型的企业", links=links, empty="所涉代码中没有已注册的有效企业。", article="10")


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
                *((_graded(selectors.usccs_in(row)),) if waits else ()),
            ),
            below=_changes(row) if waits else (_lines(row),),
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
    tasks.Kind(
        code="title-verify",
        label="称号核验",
        group="企业",
        roles=(Role.CENTRE_REVIEWER, Role.DEPARTMENT),
        rows=queues.titles_to_verify,
        subject=lambda row: title_name(row.title_code),
        below=lambda row: f"{row.uscc}　{row.certificate_no or row.doc_no}",
        url=title_page,
        bulk=tasks.Bulk(
            label="核验通过",
            intro="核对证书或文号后批量核验。",
            run=lambda by, row, seen: services.verify_title(by=by, title_id=row.pk, version=seen),
        ),
    ),
)

URLS = [
    path("titles/", titles, name="titles"),
    path("titles/<uuid:pk>/", title, name="title"),
    *TITLES.urls("titles/"),
    path("rosters/", rosters, name="rosters"),
    path("rosters/<uuid:pk>/", roster, name="roster"),
    *ROSTERS.urls("rosters/"),
    *BEGIN.urls("registry/"),
]
