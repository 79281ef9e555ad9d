"""Disputes of a passport's line: handled by one officer, decided by another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from enterprises import policies, queues, selectors, services
from enterprises import serializers as bodies
from enterprises.eligibility import DISHONEST, LISTED
from enterprises.models import PassportDispute
from enterprises.services.disputes import line_name
from enterprises.states import HANDLED, DisputeState
from foundation.errors import not_found
from portal.kit.access import Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.adjustments import ReasonForm
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, beside, case_page, files, person, trail
from portal.officer.registration_acts import READERS
from portal.officer.shown import call, state_column
from registry import selectors as registry
from registry.reference import NEWLY_LISTED
from registry.states import RosterState, TitleState

DISPUTE_TONES = {
    DisputeState.OPEN: "warn",
    DisputeState.UPHELD: "ok",
    DisputeState.REJECTED: "off",
    DisputeState.WITHDRAWN: "off",
}


dispute_page = tasks.page_of("officer:dispute")


MOST_CHOICES = 30  # titles and rosters to choose a correction from, the latest first


class AcceptForm(BodyForm):
    body = bodies.DisputeAcceptIn
    helps = {
        "title": "先在“称号与名册”中登记正确的称号，再在此选择。",
        "roster": "名录或失信名单有误的，先导入更正的名册，再在此选择。",
    }


class OpinionForm(BodyForm):
    body = bodies.DisputeOpinionIn


class DecisionForm(BodyForm):
    body = bodies.DisputeDecisionIn


def _corrections(by: User, row: PassportDispute) -> dict[str, list[tuple[str, str]]]:
    waiting = registry.visible_titles(by).filter(
        uscc=row.enterprise.uscc, state__in=(TitleState.RECORDED, TitleState.VERIFIED)
    )
    titles = waiting.order_by("-pk")[:MOST_CHOICES]
    rosters = registry.visible_rosters(by).exclude(state=RosterState.REJECTED).order_by("-pk")[:MOST_CHOICES]
    return {
        "title": [
            (str(one.pk), f"{line_name(one.title_code)}，{one.certificate_no or one.doc_no}，自{day(one.valid_from)}")
            for one in titles
        ],
        "roster": [
            (str(one.pk), f"{one.get_kind_display()}，{one.source_document}，截止{day(one.as_of)}") for one in rosters
        ],
    }


DISPUTES = Deck(
    name="officer:dispute",
    roles=READERS,
    rows=selectors.visible_disputes,
    title=lambda row: f"{row.enterprise.name}：{line_name(row.line)}",
    acts=beside(
        lambda by, row: [*_claimed(row), _line_now(row)],
        Act(
            name="accept",
            label="登记更正，提请审定",
            tone="main",
            form=AcceptForm,
            choices=_corrections,
            article="10",
            may=lambda by, row: row.state == DisputeState.OPEN and policies.may_handle_dispute(by, row),
            run=lambda by, row, data: services.accept_dispute(
                by=by,
                dispute_id=row.pk,
                version=data["version"],
                opinion=data["opinion"],
                title_id=data["title"],
                roster_id=data["roster"],
            ),
            done="已登记更正，等待审定。",
        ),
        Act(
            name="find-unfounded",
            label="拟不支持，提请审定",
            form=OpinionForm,
            may=lambda by, row: row.state == DisputeState.OPEN and policies.may_handle_dispute(by, row),
            run=call(services.find_unfounded, "dispute_id"),
            done="已提出不予支持的意见，等待审定。",
        ),
        Act(
            name="uphold",
            label="异议成立",
            tone="main",
            form=DecisionForm,
            intro="更正即时生效，企业重新划型，额度随之增减。",
            article="10",
            may=lambda by, row: row.state == DisputeState.ACCEPTED and policies.may_decide_dispute(by, row),
            run=call(services.uphold_dispute, "dispute_id"),
            done="异议成立，更正已生效。",
        ),
        Act(
            name="reject",
            label="异议不成立",
            tone="danger",
            form=DecisionForm,
            may=lambda by, row: row.state in HANDLED and policies.may_decide_dispute(by, row),
            run=call(services.reject_dispute, "dispute_id"),
            done="已决定异议不成立。",
        ),
        Act(
            name="return",
            label="退回重办",
            form=ReasonForm,
            may=lambda by, row: row.state in HANDLED and policies.may_decide_dispute(by, row),
            run=call(services.return_dispute, "dispute_id"),
            done="已退回经办人重办。",
        ),
    ),
)


DISPUTE_LIST = Listing(
    name="disputes",
    caption="划型异议",
    columns=(
        Column(
            name="enterprise",
            label="企业",
            show="enterprise.name",
            second=lambda row: line_name(row.line),
            link=dispute_page,
            place="title",
        ),
        Column(name="kind", label="类别", show="get_kind_display"),
        Column(name="due", label="办理期限", show="due_on", kind="date"),
        Column(name="made", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        state_column(DISPUTE_TONES, "run"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=DisputeState.choices),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__name__icontains", kind="text"),
    ),
    empty="还没有划型异议。企业在“划型依据”页面提出。",
)


@pages_for(*READERS)
def disputes(request: Asked) -> HttpResponseBase:
    """Every dispute that the reader may see."""
    rows = selectors.visible_disputes(request.user)
    return DISPUTE_LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "划型异议", "under": "企业对划型依据中一项提出的异议"}
    )


@pages_for(*READERS)
def dispute(request: Asked, pk: str) -> HttpResponseBase:
    """One dispute: what is said to be wrong, what the registers say, the correction."""
    rows = selectors.visible_disputes(request.user)
    row = rows.select_related("filed_by", "handled_by", "decided_by", "title", "roster").filter(pk=pk).first()
    if row is None:
        raise not_found("划型异议")
    return case_page(
        request,
        Case(
            title=f"划型异议：{row.enterprise.name}",
            under=f"{line_name(row.line)}（{row.get_kind_display()}）",
            state=Chip(row.get_state_display(), DISPUTE_TONES.get(DisputeState(row.state), "run")),
            due=row.due_on if row.decided_at is None else None,
            crumbs=(Link("划型异议", reverse("officer:disputes")),),
            left=_claimed(row),
            right=(
                _line_now(row),
                Section(
                    title="经办与审定",
                    facts=(
                        ("经办", person(row.handled_by)),
                        ("经办意见", row.opinion),
                        ("更正的称号", line_name(row.title.title_code) if row.title is not None else ""),
                        ("更正的名册", str(row.roster) if row.roster is not None else ""),
                        ("审定", person(row.decided_by)),
                        ("审定意见", row.decision),
                    ),
                ),
            ),
            record=row,
            acts=acts(DISPUTES, request, row),
            trail=trail(row),
        ),
    )


def _claimed(row: PassportDispute) -> list[Section]:
    """What the enterprise says, with its proofs."""
    proofs = files([one.file for one in row.files.select_related("file")])
    return [
        Section(title="企业的说法", text=row.claim, article="10"),
        Section(title="证明材料", links=proofs, empty="没有附证明材料。"),
    ]


def _line_now(row: PassportDispute) -> Section:
    """What the registers say of the disputed line today."""
    records = registry.title_records(row.enterprise.uscc).filter(title_code=row.line)
    lines: list[Sequence[Any]] = [
        (
            one.get_state_display(),
            one.issued_by,
            one.certificate_no or one.doc_no,
            one.valid_from,
            one.valid_to or "长期",
        )
        for one in records
    ]
    if row.line == DISHONEST:
        lines += [
            ("列入", one.source, one.roster.source_document, one.since, one.until or "")
            for one in registry.dishonesty(row.enterprise.uscc)
        ]
    elif row.line in (LISTED, NEWLY_LISTED):
        lines += [
            ("在名录", one.name, one.roster.source_document, one.listed_since, one.removed_on or "")
            for one in registry.listings(row.enterprise.uscc)
        ]
    heads = ("状态", "认定机关或名称", "证书、文号或来源", "起", "止")
    return Section(title="名册现有记录", table=Table(heads, lines), empty="名册中没有这一项的记录。")


tasks.register(
    tasks.Kind(
        code="dispute-handle",
        label="划型异议经办",
        group="企业",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.disputes_to_handle,
        subject=lambda row: str(row.enterprise.name),
        below=lambda row: f"{line_name(row.line)}（{row.get_kind_display()}）",
        due="due_on",
        url=dispute_page,
    ),
    tasks.Kind(
        code="dispute-decide",
        label="划型异议审定",
        group="企业",
        roles=(Role.CENTRE_REVIEWER, Role.DEPARTMENT),
        rows=queues.disputes_to_decide,
        subject=lambda row: str(row.enterprise.name),
        below=lambda row: f"{line_name(row.line)}（{row.get_state_display()}）",
        due="due_on",
        url=dispute_page,
    ),
)


URLS = [
    path("disputes/", disputes, name="disputes"),
    path("disputes/<uuid:pk>/", dispute, name="dispute"),
    *DISPUTES.urls("disputes/"),
]
