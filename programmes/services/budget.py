"""Budget money comes in by documents: the 处室 records one, 财政厅 confirms it, the ledger has it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from engines.evidence import services as evidence
from engines.ledger import services as ledger
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.money import yuan
from foundation.states import move
from programmes import books, policies
from programmes.models import Appropriation
from programmes.services import suspension
from programmes.states import AppropriationKind, AppropriationState


def record_appropriation(
    *, by: User, year: int, source_doc_no: str, amount: Decimal, kind: str = AppropriationKind.APPROPRIATION
) -> Appropriation:
    """The document waits for 财政厅. `amount` in 元, above zero also for a reduction. Raises APPROPRIATION_EXISTS."""
    if not policies.may_record_appropriation(by):
        raise not_allowed("登记预算")
    if amount <= 0:
        raise Invalid("AMOUNT_NOT_POSITIVE", "金额须大于0；核减请选择“预算核减”。", amount=str(amount))
    entry = Appropriation(year=year, kind=kind, source_doc_no=source_doc_no, amount=amount, recorded_by=by)
    exists = Refused(
        "APPROPRIATION_EXISTS", f"文号“{source_doc_no}”在{year}年度已登记。", source_doc_no=source_doc_no, year=year
    )
    with unit_of_work():
        same = Appropriation.objects.filter(year=year, source_doc_no=source_doc_no)
        if same.exclude(state=AppropriationState.REJECTED).exists():
            raise exists
        try:
            evidence.record(entry, act="record_appropriation", by=by, facts=_facts(entry))
        except IntegrityError as error:  # two at once: the constraint's word counts
            if "appropriation_document_once" not in str(error):
                raise
            raise exists from None
    return entry


def confirm_appropriation(*, by: User, appropriation_id: UUID, version: int, reason: str = "") -> Appropriation:
    """The budget of the year has the money (or no longer has it, for a reduction), and signing goes on if that
    suffices, or pauses if what is left does not. Raises LEDGER_SHORT when a reduction takes more than is free.
    """
    with unit_of_work():
        entry = lock(Appropriation.objects.all(), appropriation_id, version=version)
        if not policies.may_confirm_appropriation(by, entry):
            raise not_allowed("确认预算")
        move(entry, "confirm", "确认预算")(by, clock.now())
        ledger.issue(
            account=books.budget(entry.year),
            amount=entry.effect,
            by=by,
            reference=entry.source_doc_no,
            reason=f"{entry.get_kind_display()} {yuan(entry.amount)}",
        )
        evidence.record(entry, act="confirm_appropriation", by=by, reason=reason, facts=_facts(entry))
        if entry.kind == AppropriationKind.APPROPRIATION:
            suspension.resume_if_funded(year=entry.year, by=by)
        else:
            suspension.suspend_if_short(year=entry.year, by=by)
    return entry


def reject_appropriation(*, by: User, appropriation_id: UUID, version: int, reason: str) -> Appropriation:
    """The document is never entered; it may be recorded again, corrected."""
    with unit_of_work():
        entry = lock(Appropriation.objects.all(), appropriation_id, version=version)
        if not policies.may_confirm_appropriation(by, entry):
            raise not_allowed("退回预算登记")
        move(entry, "reject", "退回预算登记")()
        evidence.record(entry, act="reject_appropriation", by=by, reason=reason, facts=_facts(entry))
    return entry


def _facts(entry: Appropriation) -> dict[str, str]:
    return {
        "year": str(entry.year),
        "kind": str(entry.kind),
        "source_doc_no": entry.source_doc_no,
        "amount": f"{entry.amount:.2f}",
    }
