"""Every write of the ledger: one call, one round trip, done by a function in the database.

Amounts are yuan with at most two decimals, greater than zero unless said otherwise; anything else raises
LEDGER_AMOUNT. A refusal leaves nothing behind and ends the caller's transaction, except where said. In one
transaction take from colder accounts before hotter ones and freeze an account before taking from it, not
after (docs/locking.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from engines.ledger import selectors
from engines.ledger.calls import call
from engines.ledger.errors import LedgerShort, refusal
from engines.ledger.selectors import Balance
from engines.ledger.states import Bucket
from foundation import clock
from foundation.actors import Actor
from foundation.money import ZERO

__all__ = ["LedgerShort", "Opening", "Taken"]

EXPIRE_AT_ONCE = 2_000  # balance rows per statement at the end of a period: their locks last tens of milliseconds


class Opening(NamedTuple):
    """An account wanted: its name, its rank in the order of locking, over how many rows it is spread."""

    book: str
    owner: str
    period: int
    heat: int = 0
    stripes: int = 1


class Taken(NamedTuple):
    """What a hold took from one account: `before` and `after` of what is available there.

    When not `exact`, they are those of one stripe of a hot account: at least `after` is left.
    """

    account: int
    book: str
    owner: str
    period: int
    before: Decimal
    after: Decimal
    exact: bool


def open_account(*, book: str, owner: str, period: int, heat: int = 0, stripes: int = 1) -> int:
    """The account exists, with its stripes; its id. An account that exists stays as it is."""
    return open_accounts([Opening(book, owner, period, heat, stripes)])[0]


def open_accounts(wanted: Sequence[Opening]) -> list[int]:
    """All these accounts exist; their ids in the order asked for. One round trip for all of them."""
    columns = [list(column) for column in zip(*wanted, strict=True)]
    sql = "SELECT ledger_open(%s::text[], %s::text[], %s::integer[], %s::integer[], %s::integer[])"
    ids: list[int] = call(sql, columns)[0][0]
    return ids


def issue(*, account: int, amount: Decimal, by: Actor, reference: str, reason: str) -> None:
    """The account has `amount` more available, spread evenly over its stripes; `reference` names the document.

    A negative amount is taken back. Raises LEDGER_SHORT when that is not free, LEDGER_CLOSED after the
    end of the period.
    """
    call(
        "SELECT ledger_issue(%s, %s, %s, %s, %s, %s)",
        [account, amount, reference, reason, by.actor_id, clock.now()],
    )


def hold(
    *,
    hold: UUID,
    accounts: Sequence[int],
    amount: Decimal,
    by: Actor,
    reason: str = "",
    low: Decimal = ZERO,
) -> list[Taken]:
    """`amount` is reserved on every account, or on none; hottest account last in the answer.

    Where less than `low` might be left, the figure is exact and the account stays locked until the
    transaction ends: a caller who acts on what is left gives the bound it acts on. Raises LedgerShort
    naming the first account that cannot give it, LEDGER_CLOSED, or LEDGER_HOLD_EXISTS.
    """
    ids = f"{{{','.join(map(str, accounts))}}}"  # as text: the driver's own way with a list costs 15 µs more
    try:
        rows = call(
            "SELECT * FROM ledger_hold(%s, %s::bigint[], %s, %s, %s, %s, %s)",
            [hold, ids, amount, low, reason, by.actor_id, clock.now()],
        )
    except IntegrityError as error:
        if "ledger_line_pkey" not in str(error):
            raise
        raise refusal("LEDGER_HOLD_EXISTS", {"hold": str(hold)}) from None
    return [Taken(*row) for row in rows]


def move(*, holds: Sequence[UUID], to: Bucket, by: Actor, reason: str, books: Sequence[str] | None = None) -> int:
    """The lines of the holds, of `books` only or of all, stand in `to`; how many moved.

    What is released to available after its account closed goes to expired. Raises LEDGER_WRONG_BUCKET when
    one line may not go there (a second resolution among them), LEDGER_UNKNOWN_HOLD when a hold has no line.
    """
    rows = call(
        "SELECT ledger_move(%s::uuid[], %s::text[], %s, %s, %s, %s)",
        [list(holds), None if books is None else list(books), to.value, reason, by.actor_id, clock.now()],
    )
    moved: int = rows[0][0]
    return moved


def reduce(*, hold: UUID, amount: Decimal, by: Actor, reason: str) -> int:
    """No live line of the hold is above `amount`, the rest is free again; how many lines were lowered.

    Raises LEDGER_RAISED when a line has less already, LEDGER_RESOLVED when none is live.
    """
    rows = call("SELECT ledger_reduce(%s, %s, %s, %s, %s)", [hold, amount, reason, by.actor_id, clock.now()])
    lowered: int = rows[0][0]
    return lowered


def carry(*, hold: UUID, book: str, to_account: int, funded: bool, by: Actor, reason: str) -> None:
    """The hold's line of `book` stands, in the same bucket, in the same owner's account of another period.

    Funded: the money travels, out as carried and in as issued. Not funded: it is free again where it was and
    taken where it goes. Raises LedgerShort when there is no room there; the caller's transaction can go on.
    """
    with transaction.atomic():  # its savepoint keeps the caller's work when the new period has no room
        call(
            "SELECT ledger_carry(%s, %s, %s, %s, %s, %s, %s)",
            [hold, book, to_account, funded, reason, by.actor_id, clock.now()],
        )


def expire(*, book: str, period: int, by: Actor, reason: str) -> tuple[int, Decimal]:
    """All that is free in the book's accounts of the period is expired and they are closed; how many, how much.

    Goes in steps that each commit (unless the caller has a transaction open). A second call finds nothing.
    """
    accounts, amount, after = 0, ZERO, 0
    while True:
        last, closed, expired = call(
            "SELECT * FROM ledger_expire(%s, %s, %s, %s, %s, %s, %s)",
            [book, period, after, EXPIRE_AT_ONCE, reason, by.actor_id, clock.now()],
        )[0]
        if last is None:
            return accounts, amount
        accounts, amount, after = accounts + closed, amount + expired, last


def freeze(*, account: int) -> Balance:
    """The account's exact balance, which stays so until the transaction ends: every stripe is locked.

    Not after a `hold` on the same account in the same transaction, unless that gave an exact figure: two who
    each have a stripe and want all would wait for each other. Give `low` to `hold` instead.
    """
    call("SELECT ledger_lock(%s)", [account])
    return selectors.balance(account)
