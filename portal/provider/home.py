"""The provider's desk: what is to be done, how much of the cap is used, where the money is, what fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accreditation import selectors as accreditation
from accreditation.states import EDITABLE, ApplicationState
from contracts import performance, waiting
from contracts import selectors as contracts
from contracts.states import ABOUT_CLAIM, Of
from demands.states import RESPONSE_LIVE
from foundation import clock
from foundation.errors import Refused
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.parties import responses
from portal.parties.contracts import looks
from portal.parties.contracts.turns import to_do
from portal.provider.accreditation.deck import ROUND_DECK
from portal.provider.claims import claim_page, claimable, own_claims
from portal.provider.common import tone
from portal.provider.demands import own_offers, suited
from portal.provider.products.rows import own_products, own_versions
from portal.provider.profile import REGISTER_OWN
from programmes import selectors as programmes
from providers import explains, selectors
from providers.models import Provider
from providers.states import ProductState, VersionState
from settlement import gathering, progress
from settlement.models import Claim
from settlement.states import ClaimState

FEW = 5  # lines of each card
CLOCKS = 3  # claims whose clock is read in full
ENDED = (ClaimState.PAID, ClaimState.CLAWBACK_FULL, ClaimState.CLAWBACK_PARTIAL)
CAP_TONES = {explains.CapLevel.FREE: "run", explains.CapLevel.NEAR: "warn", explains.CapLevel.FULL: "bad"}
ON_PROVIDER = (ClaimState.DRAFT, ClaimState.RETURNED, ClaimState.BOUNCED)


@dataclass(frozen=True)
class Task:
    """One thing to do: what, about what, where, until when."""

    what: str
    about: str
    page: str
    due: date | None = None
    late: bool = False


@pages_for(*PROVIDER)
def home(request: Asked) -> HttpResponseBase:
    """Where a provider's work begins."""
    by, today = request.user, clock.today()
    provider = selectors.visible_profiles(by).first()
    if provider is None:
        return render(request, "portal/provider/home_new.html", {"acts": REGISTER_OWN.offered(by, None)})
    tasks = tasks_of(by, today)
    figures = performance.performance([provider])[provider.pk]
    context = {
        "provider": provider,
        "listing": selectors.listing(provider.pk, today),
        "tasks": tasks[: FEW + 2],
        "more_tasks": max(0, len(tasks) - FEW - 2),
        "cap": _cap(provider, today.year),
        "clocks": _clocks(by),
        "contracts": _contracts(by, today),
        "suited": suited(provider.pk, 3),
        "figures": figures,
        "shelved": own_products(by).filter(state=ProductState.ON_SHELF).count(),
        "pending": own_versions(by).filter(state=VersionState.IN_REVIEW).count(),
    }
    return render(request, "portal/provider/home.html", context)


def _cap(provider: Provider, year: int) -> dict[str, Any]:
    """The year's cap with its explanation and its warning; without a notice, the bare figures."""
    figures = selectors.cap_figures(provider.pk, year)
    try:
        notice = programmes.notice_of_year(year) or programmes.latest_notice(clock.today())
    except Refused:
        return {"figures": figures, "set": False, "explanation": None, "warning": "", "tone": "run"}
    return {
        "figures": figures,
        "set": notice.year == year,
        "explanation": explains.cap(figures, notice),
        "warning": explains.warning(figures, notice),
        "tone": CAP_TONES[explains.level(figures, notice)],
    }


def _clocks(by: User) -> list[dict[str, Any]]:
    """The claims on their way, the oldest first, each with its clock."""
    rows = own_claims(by).exclude(state__in=ENDED).filter(final_at=None).order_by("pk")[:CLOCKS]
    return [{"claim": row, "clock": progress.clock_of(row), "page": claim_page(row), "tone": tone(row)} for row in rows]


def _contracts(by: User, today: date) -> list[dict[str, Any]]:
    rows = waiting.annotated(contracts.visible_to(by)).order_by("-pk")[:FEW]
    return [
        {"contract": row, "step": waiting.step_of(row, today), "page": looks.page(row), "tone": looks.tone(row)}
        for row in rows
    ]


def tasks_of(by: User, today: date) -> list[Task]:
    """Everything that waits for the caller's house, what is due first at the top."""
    found = [
        *_of_contracts(by, today),
        *_of_claims(by, today),
        *_of_cases(by, today),
        *_of_rounds(by, today),
        *_of_offers(by),
    ]
    return sorted(found, key=lambda one: (one.due is None, one.due or today))


def _of_contracts(by: User, today: date) -> list[Task]:
    mine = contracts.visible_to(by).filter(provider__organisation=by.organisation_id)
    found = []
    for row in waiting.on_turn(mine, Of.PROVIDER, Of.BOTH)[:20]:
        step = waiting.step_of(row, today)
        if step is not None and step.awaited not in ABOUT_CLAIM:  # those the claims themselves tell
            what = to_do(by, step.awaited)
            found.append(Task(what, f"{row.product.name}（{row.number}）", looks.page(row), step.limit_on, step.late))
    return found


def _of_claims(by: User, today: date) -> list[Task]:
    """What may be claimed, and the claims that wait for the house."""
    found = [
        Task("发起兑付申请", f"{row.product.name}（{row.number}）", page, until, until < today)
        for row, until, page in claimable(by)
    ]
    refused = Q(state=ClaimState.REFUSED, final_at=None)
    for row in own_claims(by).filter(Q(state__in=ON_PROVIDER) | refused).order_by("pk")[:20]:
        what, due = _asked(row)
        late = due is not None and due < today
        found.append(Task(what, f"{row.number}（{row.get_state_display()}）", claim_page(row), due, late))
    return found


def _asked(row: Claim) -> tuple[str, date | None]:
    """What the house is to do about a claim, and until when."""
    match row.state:
        case ClaimState.BOUNCED:
            return "更正并确认收款账户", row.step_due
        case ClaimState.REFUSED:
            return ("决定是否申诉", row.appeal_until) if row.appeal_until else ("重新申报兑付", row.refile_until)
    return f"{progress.waiting_for(row).removeprefix('服务商')}兑付申请", gathering.last_day(row.contract, row)


def _of_cases(by: User, today: date) -> list[Task]:
    rows = accreditation.visible_applications(by).filter(state__in=sorted(EDITABLE)).order_by("pk")[:10]
    found = []
    for row in rows:
        returned = row.state == ApplicationState.RETURNED
        due = row.correction_due if returned else row.round.closes_on
        about = f"{row.get_kind_display()}申请 {row.number}"
        page = reverse("provider:application", kwargs={"pk": row.pk})
        what = "补正认定申请" if returned else "填报并提交认定申请"
        found.append(Task(what, about, page, due, due is not None and due < today))
    return found


def _of_rounds(by: User, today: date) -> list[Task]:
    """The rounds in which the house may still apply for its qualification."""
    found = []
    for row in accreditation.open_rounds(by, today):
        for act, address in ROUND_DECK.offered(by, row):
            found.append(Task(act.label, row.title, address, row.closes_on))
    return found


def _of_offers(by: User) -> list[Task]:
    rows = own_offers(by).filter(state__in=sorted(RESPONSE_LIVE), unread__gt=0).order_by("pk")[:10]
    return [Task("回复企业消息", f"{row.demand.title}（{row.unread}条未读）", responses.page(row)) for row in rows]
