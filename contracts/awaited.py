"""What each contract waits for and since when, found in the rows that tell it.

The one place that says so. `services.keeping` keeps the answer beside each contract (docs/adr/0017), `waiting` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from contracts.models import (
    Contract,
    EvidenceQuery,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    ServiceConfirmation,
    Signature,
    Supplement,
    Termination,
)
from contracts.states import (
    CLAIM_AWAITS,
    SETS_ASIDE,
    Awaited,
    Document,
    PaymentKind,
    PaymentState,
    QueryState,
    Side,
    State,
    SupplementState,
    TerminationState,
)
from foundation import clock

S, A = State, Awaited
AT_WORK = [S.EFFECTIVE, S.PERFORMING]


def found() -> models.QuerySet[Contract]:
    """Every contract with `found_awaited`, `found_since`, `found_due` and `found_what`; null where nothing is awaited any more.

    What stands above the state comes first: an open request to end the contract, then a query on its evidence, for
    neither delivery nor acceptance goes on before it.
    """
    waits = list(_waits())
    return Contract.objects.annotate(
        found_awaited=Case(
            *(When(one.when, then=Value(one.awaited)) for one in waits), output_field=models.CharField()
        ),
        found_since=Case(*(When(one.when, then=one.since_on) for one in waits), output_field=models.DateField()),
        found_due=Case(
            When(state=S.SIGNING, then=F("signing_due")), When(state=S.SIGNED_WAIT_DEPOSIT, then=F("deposit_due"))
        ),
        found_what=Case(
            When(state__in=AT_WORK, then=Coalesce(Subquery(_bare().values("title")[:1]), Value(""))),
            default=Value(""),
            output_field=models.CharField(),
        ),
    )


def _bare() -> models.QuerySet[Milestone]:
    """The contract's milestones that lack a kind of material that counts, the earliest first."""
    aside = EvidenceQuery.objects.filter(evidence=OuterRef("pk"), state__in=sorted(SETS_ASIDE))
    given = MilestoneEvidence.objects.filter(~Exists(aside), milestone=OuterRef("pk")).values("kind")
    return (
        Milestone.objects.filter(contract=OuterRef("pk"))
        .annotate(given=ArraySubquery(given))
        .exclude(evidence_kinds__contained_by=F("given"))
        .order_by("due_date", "seq")
    )


class Wait(NamedTuple):
    """One line of the table: when it holds, what is awaited then, and the civil date on which that began."""

    when: Q
    awaited: Awaited
    since_on: Any


def _waits() -> Iterable[Wait]:
    """The first line that holds tells. What no column tells began with the last act on the contract."""
    requested, examined = {"state": TerminationState.REQUESTED}, {"state": TerminationState.CHECKED}
    yield Wait(_there(Termination, **requested), A.TERMINATION_CHECK, _on(Termination, "created_at", **requested))
    yield Wait(_there(Termination, **examined), A.TERMINATION_DECIDE, _on(Termination, "updated_at", **examined))
    asked = {"state": QueryState.OPEN}
    yield Wait(
        Q(state__in=[*AT_WORK, S.RECTIFY, S.DELIVERED, S.ACCEPTED, S.PAID_UP, S.CONFIRMED])
        & _there(EvidenceQuery, **asked),
        A.EVIDENCE,
        _on(EvidenceQuery, "created_at", **asked),
    )
    yield from _before_effect()
    yield from _at_work()
    yield from _after_acceptance()
    ours, theirs = ({"state": SupplementState.PROPOSED, "side": side} for side in (Side.PROVIDER, Side.ENTERPRISE))
    changing = Q(state=S.CHANGE_PENDING)
    yield Wait(changing & _there(Supplement, **ours), A.SUPPLEMENT_ENTERPRISE, _on(Supplement, "created_at", **ours))
    yield Wait(changing, A.SUPPLEMENT_PROVIDER, _on(Supplement, "created_at", **theirs))
    for state, awaited in ((S.DISPUTED, A.MEDIATION), (S.FROZEN, A.FROZEN), (S.OVERDUE, A.OVERDUE)):
        yield Wait(Q(state=state), awaited, _day("updated_at"))


def _before_effect() -> Iterable[Wait]:
    last = _day("updated_at")
    yield Wait(Q(state=S.DRAFT, enterprise_agreed_by__isnull=False), A.AGREE_PROVIDER, last)
    yield Wait(Q(state=S.DRAFT, provider_agreed_by__isnull=False), A.AGREE_ENTERPRISE, last)
    yield Wait(Q(state=S.DRAFT), A.AGREE_BOTH, last)
    yield Wait(Q(state=S.READY), A.START_SIGNING, last)
    yield Wait(Q(state=S.SIGNING) & _signed(Side.ENTERPRISE), A.SIGN_PROVIDER, last)
    yield Wait(Q(state=S.SIGNING) & _signed(Side.PROVIDER), A.SIGN_ENTERPRISE, last)
    yield Wait(Q(state=S.SIGNING), A.SIGN_BOTH, last)
    reported = {"kind": PaymentKind.DEPOSIT, "state": PaymentState.REPORTED}
    waiting = Q(state=S.SIGNED_WAIT_DEPOSIT)
    yield Wait(waiting & _there(PaymentOrder, **reported), A.DEPOSIT_MATCH, _on(PaymentOrder, "updated_at", **reported))
    yield Wait(waiting, A.DEPOSIT, _day("signed_at"))


def _at_work() -> Iterable[Wait]:
    at_work = Q(state__in=AT_WORK)
    yield Wait(at_work & Q(Exists(_bare())), A.MILESTONE, Subquery(_bare().values("due_date")[:1]))
    yield Wait(at_work, A.DELIVERY, F("end_date"))
    yield Wait(Q(state=S.DELIVERED), A.ACCEPTANCE, _day("delivered_at"))
    yield Wait(Q(state=S.RECTIFY), A.RECTIFICATION, _day("updated_at"))


def _after_acceptance() -> Iterable[Wait]:
    reported = {"kind": PaymentKind.BALANCE, "state": PaymentState.REPORTED}
    yield Wait(
        Q(state=S.ACCEPTED) & _there(PaymentOrder, **reported),
        A.BALANCE_MATCH,
        _on(PaymentOrder, "updated_at", **reported),
    )
    yield Wait(Q(state=S.ACCEPTED), A.BALANCE, _day("accepted_at"))
    yield Wait(
        Q(state=S.PAID_UP) & _there(ServiceConfirmation), A.CONFIRM_ENTERPRISE, _on(ServiceConfirmation, "created_at")
    )
    yield Wait(Q(state=S.PAID_UP), A.CONFIRM_PROVIDER, _day("paid_up_at"))
    began = _day(Coalesce("claim_stage_at", "confirmed_at"))
    for stage, awaited in CLAIM_AWAITS.items():
        yield Wait(Q(state=S.CONFIRMED, claim_stage=stage), awaited, began)


def _day(at: Any) -> TruncDate:
    """The civil date in Shanghai."""
    return TruncDate(at, tzinfo=clock.SHANGHAI)


def _there(model: type[models.Model], **which: Any) -> Q:
    """The contract has such a row."""
    return Q(Exists(model._default_manager.filter(contract=OuterRef("pk"), **which)))


def _on(model: type[models.Model], field: str, **which: Any) -> TruncDate:
    """The civil date that such a row of the contract's tells."""
    rows = model._default_manager.filter(contract=OuterRef("pk"), **which).order_by("created_at")
    return _day(Subquery(rows.values(field)[:1]))


def _signed(side: Side) -> Q:
    return _there(Signature, document=Document.CONTRACT, side=side)
