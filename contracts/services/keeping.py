"""What each contract waits for stands beside it, as long as it is true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from contracts import awaited
from contracts.models import Contract, Wait
from engines.evidence.selectors import Fault
from foundation.locking import at_end, lock_all, unit_of_work
from foundation.statements import Given, Text

AT_ONCE = 500  # contracts locked together
_FOUND = ("id", "found_awaited", "found_since", "found_due", "found_what")
_KEEP = """
WITH found AS MATERIALIZED ({found}),
gone AS (
    DELETE FROM contracts_wait w USING found f WHERE w.contract_id = f.id AND f.found_awaited IS NULL RETURNING w.contract_id
),
kept AS (
    INSERT INTO contracts_wait AS w (contract_id, awaited, since_on, due_at, what)
    SELECT f.id, f.found_awaited, f.found_since, f.found_due, f.found_what FROM found f WHERE f.found_awaited IS NOT NULL
    ON CONFLICT (contract_id) DO UPDATE SET awaited = excluded.awaited, since_on = excluded.since_on,
        due_at = excluded.due_at, what = excluded.what
     WHERE (w.awaited, w.since_on, w.due_at, w.what)
           IS DISTINCT FROM (excluded.awaited, excluded.since_on, excluded.due_at, excluded.what)
    RETURNING w.contract_id
)
SELECT contract_id FROM gone UNION ALL SELECT contract_id FROM kept
"""
_DIFFERING = """
SELECT f.id FROM ({found}) f LEFT JOIN contracts_wait w ON w.contract_id = f.id
 WHERE CASE WHEN f.found_awaited IS NULL THEN w.contract_id IS NOT NULL
            ELSE (f.found_awaited, f.found_since, f.found_due, f.found_what)
                 IS DISTINCT FROM (w.awaited, w.since_on, w.due_at, w.what) END
"""


def _found(*which: Any) -> Any:
    return awaited.found().filter(*which).order_by().values(*_FOUND)


_among = Func(
    F("pk"),
    Given("pks", ArrayField(models.UUIDField())),
    template="%(expressions)s)",
    arg_joiner=" = ANY(",
    output_field=models.BooleanField(),
)
_ONE = Text(_KEEP, lambda: _found(Q(pk=Given("pk", models.UUIDField()))))  # its plan can be kept, that of some cannot
_SOME = Text(_KEEP, lambda: _found(_among))
_ALL = Text(_DIFFERING, _found)


def follow_contract(contract: Contract) -> None:
    """The contract has changed: what it waits for is found anew when its unit of work ends."""
    at_end(keep, contract.pk)


def follow_part(part: Any) -> None:
    """Something of a contract's has changed: a payment order, a supplement, a termination, a query, a confirmation."""
    at_end(keep, part.contract_id)


def keep(contract_ids: Iterable[UUID]) -> int:
    """What those contracts wait for stands beside them; of how many it was something else.

    Call it with the contracts locked, after everything else of the act is written.
    """
    pks = sorted(contract_ids)
    return len(_ONE.run(pk=pks[0]) if len(pks) == 1 else _SOME.run(pks=pks))


def put_right() -> int:
    """Beside every contract stands what it waits for; of how many something else stood. Some at a time, locked."""
    mended = 0
    left = sorted(differing())
    while left:
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        with unit_of_work():
            lock_all(
                Contract.objects.filter(pk__in=some).only("pk")
            )  # a migration calls it before later columns are there
            mended += keep(some)
    return mended


def differing() -> list[UUID]:
    """The contracts beside which something else stands than what they wait for. None, unless somebody wrote past us."""
    return [pk for (pk,) in _ALL.run()]


def faults() -> Iterable[Fault]:
    """What `differing` finds, for whoever verifies the evidence."""
    return (Fault("altered", Wait._meta.db_table, pk, 0) for pk in differing())
