"""Accounts made up for a test, and many sessions at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connections

from engines.ledger import selectors
from engines.ledger import services as ledger
from engines.ledger.states import Bucket
from foundation.actors import SystemActor
from foundation.errors import DomainError
from foundation.ids import new_id

BY = SystemActor("test")
HEATS = {"quota": 0, "cap": 1, "budget": 2}
RICH = Decimal("1000000.00")


def yuan(amount: str | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


def account(
    funds: Decimal | int | str = 0,
    *,
    book: str = "quota",
    stripes: int = 1,
    period: int = 2026,
    owner: str | None = None,
) -> int:
    """A new account with `funds` available."""
    name = owner or str(uuid4())
    number = ledger.open_account(book=book, owner=name, period=period, heat=HEATS[book], stripes=stripes)
    if Decimal(funds):
        issue(number, funds)
    return number


def issue(number: int, amount: Decimal | int | str) -> None:
    ledger.issue(account=number, amount=Decimal(amount), by=BY, reference="测试〔2026〕1号", reason="下达")


def three(
    quota: Decimal | int | str = RICH,
    cap: Decimal | int | str = RICH,
    budget: Decimal | int | str = RICH,
    stripes: int = 4,
) -> list[int]:
    """The three accounts a voucher is held in."""
    return [
        account(quota),
        account(cap, book="cap", stripes=stripes),
        account(budget, book="budget", stripes=stripes),
    ]


def hold(accounts: Iterable[int], amount: Decimal | int | str, **more: Any) -> UUID:
    number = new_id()
    ledger.hold(hold=number, accounts=list(accounts), amount=Decimal(amount), by=BY, **more)
    return number


def move(number: UUID, to: Bucket, **more: Any) -> int:
    return ledger.move(holds=[number], to=to, by=BY, reason="测试", **more)


def standing(number: int) -> dict[str, Decimal]:
    """The account's buckets that are not empty."""
    balance = selectors.balance(number)
    return {bucket: amount for bucket in Bucket.values if (amount := getattr(balance, bucket))}


def at_once(sessions: int, act: Callable[[int], Any]) -> Counter[str]:
    """`act(session)` in as many threads, each with its own connection, let go together; returns each outcome's count.

    An outcome is what the act returned, the code of a refusal, or the database's own error.
    """
    gate = threading.Barrier(sessions)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def run(session: int) -> None:
        try:
            gate.wait(timeout=60)
            found = act(session)
        except (DomainError, DatabaseError, threading.BrokenBarrierError) as error:
            found = Counter([outcome(error)])
        finally:
            connections.close_all()
        with lock:
            outcomes.update(found if isinstance(found, Counter) else Counter([found]))

    threads = [threading.Thread(target=run, args=[session]) for session in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def outcome(error: Exception) -> str:
    """A refusal's code; for anything else its type and first line, so that the test fails readably."""
    return error.code if isinstance(error, DomainError) else f"{type(error).__name__}: {str(error).splitlines()[0]}"


def attempts(times: int, act: Callable[[], Any]) -> Counter[str]:
    """`act` so many times; a refusal counts as an outcome and the next try follows."""
    counted: Counter[str] = Counter()
    for _ in range(times):
        try:
            act()
            counted["held"] += 1
        except (DomainError, DatabaseError) as error:
            counted[outcome(error)] += 1
    return counted


def until_refused(act: Callable[[], Any]) -> Counter[str]:
    """`act` until it is refused; how often it went well, and the refusal."""
    counted: Counter[str] = Counter()
    while True:
        try:
            act()
        except (DomainError, DatabaseError) as error:
            counted[outcome(error)] += 1
            return counted
        counted["held"] += 1
