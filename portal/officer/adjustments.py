"""Adjustments of a quota by hand: proposed, reviewed and decided by three people."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import policies, queues, selectors, services
from enterprises import serializers as bodies
from enterprises.models import QuotaAdjustment
from enterprises.states import AdjustmentState
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, acts, case_page, person, trail
from portal.officer.shown import call, state_column

ADJUSTMENT_TONES = {AdjustmentState.DECIDED: "ok", AdjustmentState.DECLINED: "off"}


adjustment_page = tasks.page_of("officer:adjustment")


class RemarkForm(BodyForm):
    body = bodies.EnterpriseRemarkIn
    labels = {"reason": "意见"}


class ReasonForm(BodyForm):
    body = bodies.EnterpriseReasonIn
    labels = {"reason": "理由"}


class DecideForm(BodyForm):
    body = bodies.AdjustmentDecideIn
    only = ("version", "decision_no", "reason")
    labels = {"decision_no": "决定文号", "reason": "意见"}


ADJUSTMENTS = Deck(
    name="officer:adjustment",
    roles=DECIDERS,
    rows=selectors.visible_adjustments,
    title=lambda row: f"{row.enterprise.name}额度调整",
    acts=(
        Act(
            name="review",
            label="复核通过",
            tone="main",
            form=RemarkForm,
            article="10",
            may=lambda by, row: row.state == AdjustmentState.PROPOSED and policies.may_review_adjustment(by, row),
            run=call(services.review_adjustment, "adjustment_id"),
            done="已复核，等待处室核准。",
        ),
        Act(
            name="decide",
            label="核准调整",
            tone="main",
            form=DecideForm,
            intro="核准后额度即时增减，并记入企业额度流水。",
            article="10",
            may=lambda by, row: row.state == AdjustmentState.REVIEWED and policies.may_decide_adjustment(by, row),
            run=call(services.decide_adjustment, "adjustment_id"),
            done="已核准，额度已调整。",
        ),
        Act(
            name="decline",
            label="不予调整",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: (
                (row.state == AdjustmentState.PROPOSED and policies.may_review_adjustment(by, row))
                or (row.state == AdjustmentState.REVIEWED and policies.may_decide_adjustment(by, row))
            ),
            run=call(services.decline_adjustment, "adjustment_id"),
            done="已决定不予调整。",
        ),
    ),
)


ADJUSTMENT_LIST = Listing(
    name="adjustments",
    caption="额度人工调整",
    columns=(
        Column(name="enterprise", label="企业", show="enterprise.name", link=adjustment_page, place="title"),
        Column(name="year", label="年度", show="year", sort="year"),
        Column(name="amount", label="增减（元）", show="amount", kind="money", sort="amount"),
        Column(name="made", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        state_column(ADJUSTMENT_TONES, "run"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=AdjustmentState.choices),
        Filter(name="year", label="年度", narrow="year", kind="year"),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__name__icontains", kind="text"),
    ),
    empty="还没有人工调整。促进中心经办在企业页面提出。",
)


@pages_for(*DECIDERS)
def adjustments(request: Asked) -> HttpResponseBase:
    """Every adjustment."""
    rows = selectors.visible_adjustments(request.user)
    return ADJUSTMENT_LIST.answer(
        request,
        rows,
        "portal/officer/list.html",
        {"title": "额度调整", "under": "提出、复核、核准由三人办理", "article": "10"},
    )


@pages_for(*DECIDERS)
def adjustment(request: Asked, pk: str) -> HttpResponseBase:
    """One adjustment with the enterprise's figures of the year."""
    rows = selectors.visible_adjustments(request.user)
    row = rows.select_related("proposed_by", "reviewed_by", "decided_by").filter(pk=pk).first()
    if row is None:
        raise not_found("额度调整")
    return case_page(
        request,
        Case(
            title=f"额度调整：{row.enterprise.name}",
            under=f"{row.year}年度",
            state=Chip(row.get_state_display(), ADJUSTMENT_TONES.get(AdjustmentState(row.state), "run")),
            crumbs=(Link("额度调整", reverse("officer:adjustments")),),
            left=(
                Section(
                    title="调整内容",
                    facts=(
                        ("企业", Link(row.enterprise.name, reverse("officer:enterprise", args=[row.enterprise_id]))),
                        ("增减", row.amount),
                        ("理由", row.reason),
                        ("提出", person(row.proposed_by)),
                        ("复核", person(row.reviewed_by)),
                        ("核准", person(row.decided_by)),
                        ("决定文号", row.decision_no),
                    ),
                    article="10",
                ),
            ),
            right=(_figures(row),),
            record=row,
            acts=acts(ADJUSTMENTS, request, row),
            trail=trail(row),
        ),
    )


def _figures(row: QuotaAdjustment) -> Section:
    held = selectors.figures(row.enterprise_id, row.year)
    facts = (
        ("现额度", held.quota),
        ("已使用", held.used),
        ("剩余", held.left),
        ("已核准的人工调整合计", selectors.adjusted(row.enterprise_id, row.year)),
    )
    return Section(title=f"{row.year}年度额度", facts=facts)


tasks.register(
    tasks.Kind(
        code="adjustment-review",
        label="额度调整复核",
        group="企业",
        roles=(Role.CENTRE_REVIEWER,),
        rows=queues.adjustments_to_review,
        subject=lambda row: str(row.enterprise.name),
        below=lambda row: f"{row.year}年度 {row.amount:+,.2f}元",
        url=adjustment_page,
    ),
    tasks.Kind(
        code="adjustment-decide",
        label="额度调整核准",
        group="企业",
        roles=(Role.DEPARTMENT,),
        rows=queues.adjustments_to_decide,
        subject=lambda row: str(row.enterprise.name),
        below=lambda row: f"{row.year}年度 {row.amount:+,.2f}元",
        url=adjustment_page,
    ),
)


URLS = [
    path("adjustments/", adjustments, name="adjustments"),
    path("adjustments/<uuid:pk>/", adjustment, name="adjustment"),
    *ADJUSTMENTS.urls("adjustments/"),
]
