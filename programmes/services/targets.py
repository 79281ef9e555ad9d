"""绩效目标 of a year: the 处室 drafts them by a document, 厅审定 confirms; a later set takes the place of the earlier."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes import policies
from programmes.models import TargetSet
from programmes.states import TargetState
from programmes.targets import MEASURES, Indicator, written


def draft_targets(*, by: User, year: int, doc_no: str, targets: Mapping[str, Decimal]) -> TargetSet:
    """The targets wait for 厅审定; what is in force stays so until then.

    `targets` by indicator, in its unit (元, %, 份 …), at least one. Raises NOT_ALLOWED, TARGETS_EMPTY,
    TARGET_OUT_OF_RANGE, TARGETS_WAITING when the year has a draft already.
    """
    if not policies.may_draft_targets(by):
        raise not_allowed("起草绩效目标")
    kept = _checked(targets)
    row = TargetSet(year=year, doc_no=doc_no, targets=kept, drafted_by=by)
    with unit_of_work():
        try:
            with transaction.atomic():
                evidence.record(row, act="draft_targets", by=by, facts=_facts(row))
        except IntegrityError as error:
            if "targets_one_draft" not in str(error):
                raise
            raise Refused(
                "TARGETS_WAITING", f"{year}年度已有待审定的绩效目标，请先审定或退回后再起草。", year=year
            ) from None
    return row


def confirm_targets(*, by: User, targets_id: UUID, version: int, reason: str = "") -> TargetSet:
    """The year is measured by these from now on; those before are superseded. Raises NOT_ALLOWED, WRONG_STATE."""
    with unit_of_work():
        row = lock(TargetSet.objects.all(), targets_id, version=version)
        if not policies.may_confirm_targets(by, row):
            raise not_allowed("审定绩效目标")
        move(row, "confirm", "审定绩效目标")(by, clock.now())
        old = TargetSet.objects.filter(year=row.year, state=TargetState.CONFIRMED).first()
        if old is not None:
            old = lock(TargetSet.objects.all(), old.pk)
            move(old, "supersede", "替代绩效目标")()
            evidence.record(old, act="supersede_targets", by=by, facts={"by": row.doc_no})
        evidence.record(row, act="confirm_targets", by=by, reason=reason, facts=_facts(row))
    return row


def reject_targets(*, by: User, targets_id: UUID, version: int, reason: str) -> TargetSet:
    """They never count; another set may be drafted. Raises NOT_ALLOWED, WRONG_STATE."""
    with unit_of_work():
        row = lock(TargetSet.objects.all(), targets_id, version=version)
        if not policies.may_confirm_targets(by, row):
            raise not_allowed("退回绩效目标")
        move(row, "reject", "退回绩效目标")()
        evidence.record(row, act="reject_targets", by=by, reason=reason, facts=_facts(row))
    return row


def _checked(targets: Mapping[str, Decimal]) -> dict[str, str]:
    if not targets:
        raise Invalid("TARGETS_EMPTY", "没有设定任何绩效目标，请至少填写一项。")
    kept = {}
    for code in Indicator:
        if code.value not in targets:
            continue
        value, most = targets[code.value], MEASURES[code].most
        if value <= 0 or (most is not None and value > most):
            bound = "须大于0" if most is None else f"须大于0、不超过{most}"
            raise Invalid(
                "TARGET_OUT_OF_RANGE",
                f"{code.label}的目标{bound}{MEASURES[code].unit}，收到的是{value}，请更正。",
                field=code.value,
                value=str(value),
                most=None if most is None else str(most),
            )
        kept[code.value] = written(code, value)
    return kept


def _facts(row: TargetSet) -> dict[str, object]:
    return {"year": str(row.year), "doc_no": row.doc_no, "targets": row.targets}
