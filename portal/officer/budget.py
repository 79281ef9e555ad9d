"""The year's budget: documents that made it, what contracts hold of it, pauses of signing (第二十条、第二十一条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from accounts.states import Role
from contracts import forecast
from contracts import selectors as contracts
from foundation import clock
from foundation.errors import not_found
from foundation.explain import Explanation
from foundation.money import yuan
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.overview import by_month
from programmes import explanations, policies, queues, selectors, services
from programmes.api import budget as bodies
from programmes.models import Appropriation, Suspension
from programmes.states import AppropriationKind, AppropriationState, SuspensionKind

TONES = {
    AppropriationState.RECORDED: "warn",
    AppropriationState.CONFIRMED: "ok",
    AppropriationState.REJECTED: "off",
}


def _home(row: Appropriation | Suspension) -> str:
    return reverse("officer:budget-year", kwargs={"year": row.year})


def _acts(row: Appropriation) -> list[tuple[str, str]]:
    """Links of the list cannot know who looks; the act's own page says who may."""
    if row.state != AppropriationState.RECORDED:
        return []
    return [
        (one.label, reverse("officer:appropriation-act", kwargs={"pk": row.pk, "act": one.name}))
        for one in APPROPRIATION.acts
    ]


def _listing(finance: bool) -> Listing:
    return Listing(
        name="appropriations",
        caption="预算文件",
        columns=(
            Column(name="doc", label="预算文号", show="source_doc_no", sort="source_doc_no", place="title"),
            Column(name="kind", label="类别", show="get_kind_display"),
            Column(name="effect", label="金额（元）", show="effect", kind="money"),
            Column(name="recorded", label="登记时间", show="created_at", kind="moment", sort="created_at"),
            Column(name="confirmed", label="确认时间", show="confirmed_at", kind="moment"),
            Column(
                name="state",
                label="状态",
                show="get_state_display",
                kind="chip",
                tone=lambda row: TONES[AppropriationState(row.state)],
                place="corner",
            ),
        ),
        filters=(Filter(name="state", label="状态", narrow="state", choices=AppropriationState.choices),),
        empty="本年度还没有预算文件。厅职能处室登记预算文号和金额，财政厅确认后入账。",
        acts=_acts if finance else lambda row: (),
    )


LIST, LIST_FINANCE = _listing(False), _listing(True)


class RecordForm(BodyForm):
    body = bodies.AppropriationIn
    labels = {"year": "预算年度", "amount": "金额", "kind": "类别"}
    helps = {"amount": "核减也填正数，并把类别选为“预算核减”。"}


class ConfirmForm(BodyForm):
    body = bodies.AppropriationConfirmIn


class ReasonForm(BodyForm):
    body = bodies.BudgetReasonIn


class PauseForm(BodyForm):
    body = bodies.SuspensionIn
    labels = {"year": "预算年度", "reason": "暂停的原因"}
    helps = {"reason": "公开显示，并通知全部企业、服务商和各单位。"}


def _year(by: object, row: Any) -> dict[str, Any]:
    return {"year": clock.today().year}


BEGIN = Deck(
    name="officer:budget",
    roles=(Role.DEPARTMENT,),
    crumbs=lambda row: [("预算台账", reverse("officer:budget"))],
    acts=(
        Act(
            name="record",
            label="登记预算",
            tone="main",
            icon="plus",
            article="20",
            intro="登记后由财政厅确认，确认后入账。",
            form=RecordForm,
            may=lambda by, row: policies.may_record_appropriation(by),
            initial=lambda by, row: {"year": clock.today().year, "kind": AppropriationKind.APPROPRIATION},
            run=lambda by, row, data: services.record_appropriation(by=by, **data),
            goes=_home,
            done="预算文件已登记，等待财政厅确认。",
        ),
        Act(
            name="pause",
            label="暂停签约",
            tone="danger",
            icon="pause",
            article="21",
            intro="暂停签订新合同，已签合同不受影响。暂停和恢复都通知各方。",
            form=PauseForm,
            may=lambda by, row: policies.may_suspend(by),
            initial=_year,
            run=lambda by, row, data: services.suspend_manually(by=by, **data),
            goes=_home,
            done="已暂停签约，各方已收到通知。",
        ),
    ),
)
APPROPRIATION = Deck(
    name="officer:appropriation",
    roles=DECIDERS,
    rows=selectors.visible_appropriations,
    title=lambda row: f"{row.source_doc_no}（{row.get_kind_display()}）",
    home=_home,
    acts=(
        Act(
            name="confirm",
            label="确认入账",
            tone="main",
            article="20",
            intro="与下达文件核对一致后确认，金额即时计入预算。",
            form=ConfirmForm,
            roles=(Role.FINANCE,),
            template="portal/officer/appropriation_act.html",
            may=lambda by, row: (
                row.state == AppropriationState.RECORDED and policies.may_confirm_appropriation(by, row)
            ),
            run=lambda by, row, data: services.confirm_appropriation(by=by, appropriation_id=row.pk, **data),
            done="预算已入账。",
        ),
        Act(
            name="reject",
            label="退回",
            tone="danger",
            intro="不入账；更正后可以重新登记。",
            form=ReasonForm,
            roles=(Role.FINANCE,),
            template="portal/officer/appropriation_act.html",
            may=lambda by, row: (
                row.state == AppropriationState.RECORDED and policies.may_confirm_appropriation(by, row)
            ),
            run=lambda by, row, data: services.reject_appropriation(by=by, appropriation_id=row.pk, **data),
            done="预算登记已退回。",
        ),
    ),
)
PAUSE = Deck(
    name="officer:suspension",
    roles=(Role.DEPARTMENT,),
    rows=lambda by: selectors.every_suspension(),
    title=lambda row: f"{row.year}年度暂停签约",
    home=_home,
    acts=(
        Act(
            name="resume",
            label="恢复签约",
            tone="main",
            icon="play",
            article="21",
            intro="预算落实后恢复签订新合同，并通知各方。",
            form=ReasonForm,
            may=lambda by, row: row.ended_at is None and policies.may_suspend(by),
            run=lambda by, row, data: services.resume_manually(by=by, suspension_id=row.pk, **data),
            done="已恢复签约，各方已收到通知。",
        ),
    ),
)


NAMES = {"total": "预算总额", "committed": "已占用", "approved": "已审定未支付", "paid": "已支付", "left": "剩余"}


def _explained(figures: selectors.BudgetFigures, entries: list[Appropriation]) -> list[tuple[Explanation, str]]:
    made = explanations.of_budget(figures, selectors.notice_of_year(figures.year), entries)
    return [(one, f"{NAMES.get(one.figure, one.figure)}怎么算出来的") for one in made]


@pages_for(*DECIDERS)
def budget(request: Asked, year: int | None = None) -> HttpResponseBase:
    """One year: where its money stands, how it came, what holds it, and whether signing goes on."""
    by = request.user
    year = year or clock.today().year
    if not bodies.FIRST_YEAR <= year <= bodies.LAST_YEAR:
        raise not_found("年度")
    figures = selectors.figures(year)
    entries = selectors.visible_appropriations(by).filter(year=year)
    suspension = selectors.open_suspension(year)
    pauses = list(selectors.suspensions(year))
    begin = BEGIN.offered(by, None) if by.has(*BEGIN.roles) else []
    context = {
        "year": year,
        "years": sorted({*selectors.years(), clock.today().year}, reverse=True),
        "figures": figures,
        "explanations": _explained(figures, list(entries.order_by("pk"))),
        "movements": selectors.budget_movements(year),
        "commitments": contracts.commitments(year),
        "forecast": forecast.of_year(year, by_month),
        "suspension": suspension,
        "pauses": pauses,
        "manual": SuspensionKind.MANUAL,
        "acts": [one for one in begin if suspension is None or one[0].name != "pause"]
        + (PAUSE.offered(by, suspension) if suspension is not None and by.has(*PAUSE.roles) else []),
    }
    listing = LIST_FINANCE if by.has(Role.FINANCE) else LIST
    return listing.answer(request, entries, "portal/officer/budget.html", context)


tasks.register(
    tasks.Kind(
        code="appropriation-confirm",
        label="预算确认入账",
        group="资金",
        roles=(Role.FINANCE,),
        rows=queues.appropriations_to_confirm,
        subject=lambda row: str(row.source_doc_no),
        below=lambda row: f"{row.year}年度{row.get_kind_display()}{yuan(row.amount)}",
        since="created_at",
        url=_home,
    )
)
