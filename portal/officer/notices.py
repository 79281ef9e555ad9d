"""年度通知: drafted from a file or in a form, laid beside the one in force, tried on everybody, approved by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from rest_framework import serializers

from accounts.models import User
from accounts.states import Role
from contracts import replay
from enterprises import selectors as enterprises
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import Invalid, not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm, Text
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.shown import one_of, trail_of
from programmes import notice_file, policies, queues, readable, selectors, services, writing
from programmes.api import notices as bodies
from programmes.located import MAX_BYTES, NoticeFaults, Problem
from programmes.models import Notice
from programmes.notice_file import Content
from programmes.states import NoticeState
from providers import selectors as providers

S = NoticeState
TONES = {S.DRAFT: "warn", S.APPROVED: "warn", S.PUBLISHED: "ok", S.SUPERSEDED: "off"}
PROSE = ("articles",)  # tables that read better as paragraphs
MOST_FAULTS = 30  # of a file, shown at once
SHOWN_OF_A_LINE = 40  # characters
MOST_MOVED = 200  # enterprises of the preview


def tone(notice: Notice) -> str:
    return TONES[NoticeState(notice.state)]


def page(notice: Notice) -> str:
    return reverse("officer:notice", kwargs={"pk": notice.pk})


LIST = Listing(
    name="notices",
    caption="年度通知",
    columns=(
        Column(name="title", label="标题", show="title", second="doc_no", link=page, place="title"),
        Column(name="year", label="年度", show="year", kind="number", sort="year"),
        Column(name="revision", label="版次", show=lambda row: f"第{row.revision}版"),
        Column(name="from", label="有效期起", show="valid_from", kind="date", sort="valid_from"),
        Column(name="to", label="有效期止", show="valid_to", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="year", label="年度", narrow="year", kind="year"),
        Filter(name="state", label="状态", narrow="state", choices=S.choices),
    ),
    empty="还没有年度通知。厅职能处室起草，厅审定审定后发布。",
)


# --- forms


class _Nothing(serializers.Serializer[Any]):
    """A body of the form's own fields alone."""


class FileForm(BodyForm):
    """A notice as a file, chosen or typed: read whole, with every fault told at once by line and key."""

    body: ClassVar[type[serializers.Serializer[Any]]] = _Nothing
    made: Content | None = None
    _source = ""  # what was read, to show the lines with faults

    shipped = forms.ChoiceField(
        label="平台随附的通知",
        required=False,
        choices=[("", "不选"), *((name, f"{name[-4:]}年度通知") for name in notice_file.SHIPPED)],
    )
    upload = forms.FileField(label="通知文件（YAML）", required=False)
    text = Text(
        label="或在此编辑全文", widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "mono"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self._errors:
            return cleaned
        try:
            self.made = self._read(cleaned)
        except NoticeFaults as faults:
            for one in faults.problems[:MOST_FAULTS]:
                self.add_error(None, _fault(one, self._source))
            if len(faults.lines) > MOST_FAULTS:
                self.add_error(None, f"另有{len(faults.lines) - MOST_FAULTS}处错误，请先改正以上各处。")
        except Invalid as error:
            self.add_error(None, error.message)
        self.validated["made"] = self.made
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> Content:
        upload, text, shipped = cleaned.get("upload"), cleaned.get("text"), cleaned.get("shipped")
        if upload is not None:
            raw = upload.read(MAX_BYTES + 1)
            self._source = raw.decode(errors="replace")
            return notice_file.from_yaml(raw, upload.name[:80])
        if shipped:
            return notice_file.shipped(shipped)
        if text:
            self._source = text
            return notice_file.from_yaml(text.encode(), "通知")
        raise Invalid("NOTICE_CONTENT_ONE", "请选择通知文件、平台随附的通知，或在文本框中填写通知全文。")


def _fault(one: Problem, source: str) -> str:
    """Where and what: a box for typing has no line numbers, so that the line itself stands there too."""
    lines = source.splitlines()
    text = lines[one.line - 1].strip() if one.line and one.line <= len(lines) else ""
    line = f"第{one.line}行" if one.line else ""
    shown = f"“{text[:SHOWN_OF_A_LINE]}”" if text else ""
    key = f"（{one.key}）" if one.key else ""
    return f"{line}{shown}{key}：{one.message}" if line or key else one.message


class EditForm(FileForm):
    """The same for a notice that is there: nothing ships for it, and its version stands in the page."""

    body = Versioned
    shipped = None  # type: ignore[assignment]  # Django takes a declared field away so


class MainTierForm(BodyForm):
    body = bodies.NoticeTierIn


class MainCategoryForm(BodyForm):
    body = bodies.NoticeCategoryIn


class MainLimitForm(BodyForm):
    body = bodies.NoticeLimitIn
    labels = {"label": "时限", "length": "长度", "unit": "单位"}


class MainForm(BodyForm):
    """The heading and the main figures; what the form does not show stays as it is."""

    body = bodies.NoticeMainIn
    rows = {"tiers": MainTierForm, "categories": MainCategoryForm, "limits": MainLimitForm}
    helps = {
        "tiers": "档次对应的称号在“编辑全文”中修改。",
        "cap_warning": "0与1之间的小数，例如 0.80。",
        "deposit_rate": "0与1之间的小数，例如 0.20；不得超过法定的定金上限。",
    }


class ApproveForm(BodyForm):
    body = bodies.NoticeApprovalIn


class PublishForm(BodyForm):
    body = bodies.NoticePublicationIn


def heading(notice: Notice) -> dict[str, Any]:
    """What stands over the rules."""
    return {"kind": str(notice.kind), "year": notice.year} | {key: getattr(notice, key) for key in writing.HEADING}


def text_of(notice: Notice) -> str:
    return writing.as_yaml(heading(notice), notice.rules)


def _main(by: User, row: Notice) -> dict[str, Any]:
    """What the form begins with."""
    rules = row.rules
    rows = {
        key: [{name: one[name] for name in ("code", *names)} for one in rules[key]]
        for key, names in writing.ROWS.items()
    }
    return {
        **{key: getattr(row, key) for key in writing.HEADING},
        **{key: rules[key] for key in writing.MAIN},
        "publicity_days": rules["publicity"]["days"],
        **rows,
    }


def _content(row: Notice, said: Mapping[str, Any], rules: Mapping[str, Any]) -> Content:
    """A notice of the row's year with this heading and these rules."""
    top = {"kind": str(row.kind), "year": str(row.year)} | {key: str(said[key]) for key in writing.HEADING}
    return notice_file.from_json({"notice": top, **rules})


def _with_main(by: User, row: Notice, data: dict[str, Any]) -> Notice:
    content = _content(row, data, writing.with_changes(row.rules, data))
    return services.redraft_notice(by=by, notice_id=row.pk, version=data["version"], content=content)


def _copied(by: User, row: Notice, data: dict[str, Any]) -> Notice:
    content = _content(row, heading(row), row.rules)
    return services.revise_notice(by=by, notice_id=row.pk, version=data["version"], content=content)


def _edit_page(row: Notice) -> str:
    return reverse("officer:notice-act", kwargs={"pk": row.pk, "act": "edit"})


def _text(by: User, row: Notice) -> dict[str, Any]:
    return {"text": text_of(row)}


def _beside(row: Notice, other: Notice | None) -> dict[str, Any]:
    """What it says otherwise than the other one."""
    return {"other": other, "groups": readable.revised(other, row) if other is not None else []}


def _decided_on(by: User, row: Notice) -> dict[str, Any]:
    """What stands over the approval: nobody approves lines that he has not seen."""
    return {"notice": row, **_beside(row, selectors.notice_to_compare(row))}


BEGIN = Deck(
    name="officer:notices",
    roles=(Role.DEPARTMENT,),
    crumbs=lambda row: [("年度通知", reverse("officer:notices"))],
    acts=(
        Act(
            name="new",
            label="起草年度通知",
            tone="main",
            icon="plus",
            article="17,29",
            intro="选择文件，或从平台随附的通知开始，再在草稿中修改。",
            form=FileForm,
            may=lambda by, row: policies.may_draft_notice(by),
            run=lambda by, row, data: services.draft_notice(by=by, content=data["made"]),
            goes=page,
            done="草稿已建立。",
        ),
    ),
)
DECK = Deck(
    name="officer:notice",
    roles=DECIDERS,
    rows=selectors.visible_notices,
    title=lambda row: f"{row.title}（第{row.revision}版）",
    acts=(
        Act(
            name="approve",
            label="审定",
            tone="main",
            icon="stamp",
            article="29",
            intro="起草人不得审定。下面逐项列出与现行版的不同，审定前请一并查看影响测算。",
            form=ApproveForm,
            template="portal/officer/notice_act.html",
            shown=_decided_on,
            roles=(Role.APPROVER,),
            may=lambda by, row: row.state == S.DRAFT and policies.may_approve_notice(by, row),
            run=lambda by, row, data: services.approve_notice(by=by, notice_id=row.pk, **data),
            done="通知已审定，等待发布。",
        ),
        Act(
            name="publish",
            label="发布",
            tone="main",
            icon="megaphone",
            article="17",
            intro="发布后即为本年度现行版，前一版同时失效；已签合同仍按签订时的版本。",
            form=PublishForm,
            template="portal/officer/notice_act.html",
            shown=_decided_on,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == S.APPROVED and policies.may_publish_notice(by),
            run=lambda by, row, data: services.publish_notice(by=by, notice_id=row.pk, **data),
            done="通知已发布，各方已收到通知。",
        ),
        Act(
            name="edit",
            label="修改主要规则",
            icon="pen",
            intro="在表单中修改标题、有效期、金额、比例、次数、档次、类别和时限，其余内容不变。",
            form=MainForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == S.DRAFT and policies.may_draft_notice(by),
            initial=_main,
            run=_with_main,
            done="草稿已修改，由您起草；请另一人审定。",
        ),
        Act(
            name="redraft",
            label="编辑全文",
            icon="file",
            intro="上传新的文件，或直接编辑全文。有错误时逐行指出。",
            form=EditForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == S.DRAFT and policies.may_draft_notice(by),
            initial=_text,
            run=lambda by, row, data: services.redraft_notice(
                by=by, notice_id=row.pk, version=data["version"], content=data["made"]
            ),
            done="草稿已修改，由您起草；请另一人审定。",
        ),
        Act(
            name="revise-form",
            label="修订成新版",
            tone="main",
            icon="diff",
            article="29",
            intro="以现行版为底稿建立新版草稿，接着在表单中修改；发布之前现行版继续有效。",
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == S.PUBLISHED and policies.may_draft_notice(by),
            run=_copied,
            goes=_edit_page,
            done="新版草稿已建立，内容与现行版相同。请在这里修改，其余内容在草稿的“编辑全文”中修改。",
        ),
        Act(
            name="revise",
            label="用文件修订",
            icon="file",
            article="29",
            intro="上传修改好的文件，或直接编辑现行版全文，建立新版草稿；发布之前现行版继续有效。",
            form=EditForm,
            roles=(Role.DEPARTMENT,),
            may=lambda by, row: row.state == S.PUBLISHED and policies.may_draft_notice(by),
            initial=_text,
            run=lambda by, row, data: services.revise_notice(
                by=by, notice_id=row.pk, version=data["version"], content=data["made"]
            ),
            goes=page,
            done="新版草稿已建立。",
        ),
    ),
)


# --- pages


@pages_for(*DECIDERS)
def notices(request: Asked) -> HttpResponseBase:
    """Every revision of every year, drafts among them."""
    rows = selectors.visible_notices(request.user).defer("rules")
    begin = BEGIN.offered(request.user, None) if request.user.has(*BEGIN.roles) else []
    words = {
        "title": "年度通知",
        "under": "档次、比例、上限和时限都以年度通知为准；起草和审定由两个人办理。",
        "acts": begin,
    }
    return LIST.answer(request, rows, "portal/officer/list.html", words)


@pages_for(*DECIDERS)
def notice(request: Asked, pk: UUID) -> HttpResponseBase:
    """One revision as tables, with what may be done."""
    row = one_of(selectors.visible_notices(request.user), pk, "通知")
    found = readable.tables(row.parsed)
    context = {
        "notice": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        "tables": [table for table in found if table.code not in PROSE],
        "prose": [table for table in found if table.code in PROSE],
        "others": _others(request.user, row),
        **trail_of(row),
    }
    return render(request, "portal/officer/notice.html", context)


def _others(by: User, row: Notice) -> list[Notice]:
    """Every other revision and the years around it, the latest first: what it may be laid beside."""
    rows = selectors.visible_notices(by).filter(kind=row.kind).exclude(pk=row.pk)
    return list(rows.defer("rules").order_by("-year", "-revision")[:20])


@pages_for(*DECIDERS)
def compare(request: Asked, pk: UUID) -> HttpResponseBase:
    """What it says otherwise than another revision (`?with=`), or than the one in force."""
    row = one_of(selectors.visible_notices(request.user), pk, "通知")
    others = _others(request.user, row)
    asked = request.GET.get("with", "")
    other = next((one for one in others if str(one.pk) == asked), None)
    if asked and other is None:
        raise not_found("对比的版本")
    other = other or selectors.notice_to_compare(row) or next(iter(others), None)
    context = {"notice": row, "others": others, **_beside(row, other)}
    return render(request, "portal/officer/notice_compare.html", context)


@pages_for(*DECIDERS)
def effect(request: Asked, pk: UUID) -> HttpResponseBase:
    """Whose quota, whose cap and which vouchers would be others under it, and by how much; nothing is written."""
    row = one_of(selectors.visible_notices(request.user), pk, "通知")
    found = enterprises.effect_of(row.parsed, row.year, clock.today())
    replayed_year = min(row.year, clock.today().year)  # a coming year has no contracts yet: this year's tell
    replayed = replay.replay(row.parsed, replayed_year)
    context = {
        "notice": row,
        "effect": found,
        "shown": found.moved[:MOST_MOVED],
        "most": MOST_MOVED,
        "chart": list(found.tiers.items()),
        "replayed_year": replayed_year,
        "replayed": replayed,
        "whole": replay.whole(replayed),
        "over": providers.over_cap(row.parsed.provider_cap, row.year),
    }
    return render(request, "portal/officer/notice_effect.html", context)


@pages_for(*DECIDERS)
def file(request: Asked, pk: UUID) -> HttpResponseBase:
    """The notice as the file that may be edited and handed in again."""
    row = one_of(selectors.visible_notices(request.user), pk, "通知")
    response = HttpResponse(text_of(row), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="notice-{row.year}-{row.revision}.yaml"'
    return response


def _kind(code: str, label: str, role: Role, rows: tasks.Rows) -> tasks.Kind:
    return tasks.Kind(
        code=code,
        label=label,
        group="通知",
        roles=(role,),
        rows=rows,
        subject=lambda row: str(row.title),
        below=lambda row: f"{row.year}年度第{row.revision}版",
        url=page,
    )


tasks.register(
    _kind("notice-approve", "审定年度通知", Role.APPROVER, queues.notices_to_approve),
    _kind("notice-publish", "发布年度通知", Role.DEPARTMENT, queues.notices_to_publish),
)
