"""The pages of accreditation: where the qualification stands, a round, one application (第九条、第十三至十六条)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accreditation import form as paper
from accreditation import gathering, progress, requirements, selectors
from accreditation.models import Application
from accreditation.states import EDITABLE, ENDED, CaseKind
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import PROVIDER, Asked, pages_for
from portal.kit.acts import Act
from portal.provider.accreditation.conditions import kept, live
from portal.provider.accreditation.deck import DECK, ROUND_DECK
from portal.provider.accreditation.rows import LIST, STEPS, own_cases, subject_of
from portal.provider.common import steps_of, tone
from providers import selectors as providers
from providers.serializers import ListingOut

BESIDE = {
    "paper_acts": ("edit",),
    "material_acts": ("attach", "detach"),
    "client_acts": ("client", "clients", "unlist"),
}


@pages_for(*PROVIDER)
def cases(request: Asked) -> HttpResponseBase:
    """Where the qualification stands, which rounds are open, and every application."""
    by, today = request.user, clock.today()
    provider = providers.own(by)
    listings = list(providers.visible_listings(by).filter(provider=provider).order_by("-year")[:5])
    renewal = ListingOut()
    context = {
        "listings": [(one, tone(one), renewal.get_renewal(one)) for one in listings],
        "rounds": [
            (one, reverse("provider:round", kwargs={"pk": one.pk}), ROUND_DECK.offered(by, one))
            for one in selectors.open_rounds(by, today)
        ],
        "bar": selectors.bar_on(provider.uscc),
    }
    return LIST.answer(request, own_cases(by), "portal/provider/applications.html", context)


@pages_for(*PROVIDER)
def a_round(request: Asked, pk: str) -> HttpResponseBase:
    """What a round asks: conditions, materials, the experts' score sheet, how many are taken."""
    by = request.user
    row = selectors.visible_rounds(by).filter(pk=pk).first()
    if row is None:
        raise not_found("征集批次")
    is_open = selectors.open_rounds(by, clock.today()).filter(pk=row.pk).exists()
    context = {
        "round": row,
        "open": is_open,
        "asked": requirements.of_round(row),
        "acts": ROUND_DECK.offered(by, row) if is_open else [],
    }
    return render(request, "portal/provider/round.html", context)


@pages_for(*PROVIDER)
def case(request: Asked, pk: str) -> HttpResponseBase:
    """One application: where it is, what is missing, what was found, what was returned."""
    by = request.user
    row = own_cases(by).filter(pk=pk).first()
    if row is None:
        raise not_found("认定申请")
    editable = row.state in EDITABLE
    lacking = gathering.missing(row) if editable else []
    attached = list(selectors.materials(row))
    told = paper.of(row)
    lines, blank = paper.split(told["lines"])
    context = {
        "case": row,
        "lines": lines,
        "blank": blank,
        "of": subject_of(row),
        "tone": tone(row),
        "steps": steps_of(STEPS, row.state, ended=row.state in ENDED),
        "progress": _progress(row, lacking),
        "editable": editable,
        "conditions": live(row) if editable else kept(row),
        "required": _required(row, attached),
        "materials": attached,
        "clients": selectors.clients(row) if row.kind == CaseKind.PROVIDER else (),
        "asks": selectors.asks(row) if row.returns else (),
        "paper": told,
        **_acts(by, row),
        "trail": of_subject(row),
    }
    return render(request, "portal/provider/application.html", context)


def _acts(by: User, row: Application) -> dict[str, list[tuple[Act, str]]]:
    """What may be done, each beside what it changes: the whole at the top, the rest with its card."""
    offered = DECK.offered(by, row)
    beside = {place: [one for one in offered if one[0].name in names] for place, names in BESIDE.items()}
    placed = {name for names in BESIDE.values() for name in names}
    return {"acts": [one for one in offered if one[0].name not in placed], **beside}


def _progress(row: Application, lacking: list[str]) -> progress.Progress:
    return progress.of(
        row.state,
        closes_on=row.round.closes_on,
        check_due=row.check_due,
        correction_due=row.correction_due,
        shown_until=row.publicity.last if row.publicity else None,
        missing=lacking,
        reason=row.reason,
    )


def _required(row: Application, attached: Sequence[Any]) -> list[tuple[str, int]]:
    """Each required kind with how many are there."""
    given = [one.kind for one in attached]
    return [(str(kind.label), given.count(kind.value)) for kind in gathering.required(row)]
