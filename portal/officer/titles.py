"""Titles of enterprises: recorded by one person, verified by another, revoked."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import serializers as bodies
from enterprises import services
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.officer.registry_acts import ReasonForm, RemarkForm, begin, graded_anew, roster_page, title_page
from portal.officer.shown import call, state_column
from registry import policies, queues, reference, selectors
from registry import services as registry
from registry.models import TitleHolding
from registry.states import TitleState

TITLE_TONES = {TitleState.RECORDED: "warn", TitleState.VERIFIED: "ok", TitleState.REVOKED: "bad"}


class RevokeForm(BodyForm):
    body = bodies.TitleRevokeIn
    only = ("version", "revoked_on", "reason")
    labels = {"revoked_on": "自何日起不再有效", "reason": "理由"}


def title_name(code: str) -> str:
    """The title as 第十条 calls it."""
    kind = selectors.title_kind(code)
    return kind.name if kind is not None else code


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
            run=call(services.verify_title, "title_id"),
            done="已核验，称号生效。",
        ),
        Act(
            name="reject",
            label="核验不通过",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == TitleState.RECORDED and policies.may_verify_title(by, row),
            run=call(registry.reject_title, "title_id"),
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
            run=call(services.revoke_title, "title_id"),
            done="已撤销。",
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
        state_column(TITLE_TONES),
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


@pages_for(*DECIDERS)
def titles(request: Asked) -> HttpResponseBase:
    """Every title on record."""
    context = {
        "title": "企业称号",
        "under": "划型所依据的称号，登记和核验由两人办理",
        "acts": begin(request.user),
        "sections": [],
    }
    return TITLE_LIST.answer(request, selectors.visible_titles(request.user), "portal/officer/list.html", context)


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
            right=(_others(row), graded_anew([row.uscc])),
            record=row,
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


tasks.register(
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
]
