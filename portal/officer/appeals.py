"""申诉 against refused claims: answered by somebody who had no hand in the case."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from engines.evidence.selectors import stages_done
from foundation import clock
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.shown import one_of, trail_of
from settlement import policies, queues, selectors
from settlement import serializers as bodies
from settlement.models import Appeal
from settlement.services import appeals as acts
from settlement.states import ENDED, AppealState

A = AppealState
TONES = {A.FILED: "warn", A.UPHELD: "ok", A.DISMISSED: "off"}


def tone(appeal: Appeal) -> str:
    return TONES[AppealState(appeal.state)]


def page(appeal: Appeal) -> str:
    return reverse("officer:appeal", kwargs={"pk": appeal.pk})


LIST = Listing(
    name="appeals",
    caption="兑付申诉",
    columns=(
        Column(name="claim", label="申请编号", show="claim.number", link=page, place="title"),
        Column(name="provider", label="服务商", show="claim.provider.organisation.name", place="wide"),
        Column(name="refusal", label="原结论", show="refusal_text", place="wide"),
        Column(name="filed", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        Column(name="due", label="答复截止", show="due", kind="date"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=A.choices),),
    empty="没有申诉。服务商对不予通过的结论提出申诉后，出现在这里。",
    flag=lambda row: row.state == A.FILED and row.due is not None and row.due < clock.today(),
)


class AnswerForm(BodyForm):
    body = bodies.AppealAnswerIn


def _may_answer(by: User, row: Appeal) -> bool:
    return row.state == A.FILED and policies.may_answer_appeal(by, stages_done([row.claim], by))


DECK = Deck(
    name="officer:appeal",
    roles=DECIDERS,
    rows=selectors.visible_appeals,
    title=lambda row: f"申诉 {row.claim.number}",
    acts=(
        Act(
            name="uphold",
            label="申诉成立",
            tone="main",
            icon="check",
            intro="撤回不予通过的结论，由其他人员重新作出审核结论。参与过该申请审核的人不得答复。",
            article="21",
            form=AnswerForm,
            roles=(Role.DEPARTMENT, Role.APPROVER),
            may=lambda by, row: _may_answer(by, row) and row.claim.contract.state not in ENDED,
            run=lambda by, row, data: acts.uphold(by=by, appeal_id=row.pk, **data),
            done="申诉成立，申请重新等待实质审核。",
        ),
        Act(
            name="dismiss",
            label="维持原结论",
            tone="danger",
            icon="gavel",
            intro="不予通过即时生效，锁定的款项释放，不再受理申诉。",
            article="21",
            form=AnswerForm,
            roles=(Role.DEPARTMENT, Role.APPROVER),
            may=_may_answer,
            run=lambda by, row, data: acts.dismiss(by=by, appeal_id=row.pk, **data),
            done="已维持原结论。",
        ),
    ),
)


@pages_for(*DECIDERS)
def appeals(request: Asked) -> HttpResponseBase:
    """Every appeal, the newest first."""
    return LIST.answer(request, selectors.visible_appeals(request.user), "portal/officer/appeals.html", {})


@pages_for(*DECIDERS)
def appeal(request: Asked, pk: UUID) -> HttpResponseBase:
    """One appeal: what was refused, on what grounds it is disputed, what was answered."""
    row = one_of(selectors.visible_appeals(request.user).select_related("against", "decided_by"), pk, "申诉")
    context = {
        "appeal": row,
        "tone": tone(row),
        "acts": DECK.offered(request.user, row),
        **trail_of(row),
    }
    return render(request, "portal/officer/appeal.html", context)


tasks.register(
    tasks.Kind(
        code="appeal-answer",
        label="答复兑付申诉",
        group="结算",
        roles=(Role.DEPARTMENT, Role.APPROVER),
        rows=queues.appeals_to_answer,
        subject=lambda row: str(row.claim.provider.organisation.name),
        below=lambda row: str(row.claim.number),
        since="created_at",
        due="due",
        url=page,
    )
)
