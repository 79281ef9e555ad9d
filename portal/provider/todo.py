"""What waits for the provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accreditation import selectors as accreditation
from accreditation.states import EDITABLE, ApplicationState
from contracts import selectors as contracts
from contracts import waiting
from contracts.states import ABOUT_CLAIM, Of
from demands.states import RESPONSE_LIVE
from portal.parties import responses
from portal.parties.todo import (
    MOST,
    Source,
    ToDo,
    Waiting,
    all_told,
    counted,
    letters_running_out,
    must_read,
    of_contracts,
    pressing,
)
from portal.provider.accreditation.deck import ROUND_DECK
from portal.provider.claims import begin_page, claim_page, own_claims
from portal.provider.demands import own_offers
from settlement import gathering, progress, selectors
from settlement.models import Claim
from settlement.states import ClaimState

OURS = (Of.PROVIDER, Of.BOTH)
ON_PROVIDER = (ClaimState.DRAFT, ClaimState.RETURNED, ClaimState.BOUNCED)


def waiting_for(by: User, today: date) -> Waiting:
    """Everything that waits for the caller's house."""
    return pressing(_sources(by, today))


def _sources(by: User, today: date) -> Iterator[Source]:
    yield must_read(by)
    yield letters_running_out(by, today)
    mine = contracts.visible_to(by).filter(provider__organisation=by.organisation_id)
    # those about a claim the claims themselves tell
    yield of_contracts(by, waiting.on_turn(mine, *OURS).exclude(awaited__in=sorted(ABOUT_CLAIM)), today)
    yield _claimable(by, today)
    yield _claims(by, today)
    yield _cases(by, today)
    yield all_told("征集", reverse("provider:applications"), _rounds(by, today))
    yield _offers(by)


def _claimable(by: User, today: date) -> Source:
    rows = selectors.claimable(by)
    things = [
        ToDo("发起兑付申请", f"{row.product.name}，{row.number}", begin_page(row), until, until < today)
        for row in rows[:MOST]
        for until in (gathering.last_day(row),)
    ]
    return counted("可以申请兑付的合同", reverse("provider:claims"), rows, things)


def _claims(by: User, today: date) -> Source:
    refused = Q(state=ClaimState.REFUSED, final_at=None)
    rows = own_claims(by).filter(Q(state__in=ON_PROVIDER) | refused).order_by("pk")
    things = []
    for row in rows[:MOST]:
        what, due = _asked(row)
        late = due is not None and due < today
        things.append(ToDo(what, f"{row.number}（{row.get_state_display()}）", claim_page(row), due, late))
    return counted("兑付申请", reverse("provider:claims"), rows, things)


def _asked(row: Claim) -> tuple[str, date | None]:
    """What the house is to do about a claim, and until when."""
    match row.state:
        case ClaimState.BOUNCED:
            return "更正并确认收款账户", row.step_due
        case ClaimState.REFUSED:
            return ("决定是否申诉", row.appeal_until) if row.appeal_until else ("重新申报兑付", row.refile_until)
    return f"{progress.waiting_for(row).removeprefix('服务商')}兑付申请", gathering.last_day(row.contract, row)


def _cases(by: User, today: date) -> Source:
    rows = accreditation.visible_applications(by).filter(state__in=sorted(EDITABLE)).order_by("pk")
    things = []
    for row in rows[:MOST]:
        returned = row.state == ApplicationState.RETURNED
        due = row.correction_due if returned else row.round.closes_on
        what = "补正认定申请" if returned else "填报并提交认定申请"
        page = reverse("provider:application", kwargs={"pk": row.pk})
        about = f"{row.get_kind_display()}申请 {row.number}"
        things.append(ToDo(what, about, page, due, due is not None and due < today))
    return counted("认定申请", reverse("provider:applications"), rows, things)


def _rounds(by: User, today: date) -> Iterator[ToDo]:
    """The rounds in which the house may still apply for its qualification."""
    for row in accreditation.open_rounds(by, today):
        for act, address in ROUND_DECK.offered(by, row):
            yield ToDo(act.label, row.title, address, row.closes_on)


def _offers(by: User) -> Source:
    rows = own_offers(by).filter(state__in=sorted(RESPONSE_LIVE), unread__gt=0).order_by("pk")
    things = [
        ToDo("回复企业消息", f"{row.demand.title}（{row.unread}条未读）", responses.page(row)) for row in rows[:MOST]
    ]
    return counted("企业留言", reverse("responses"), rows, things)
