"""What the workers run: our services and the peer's."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connections, transaction
from hordak.models import Account, AccountType
from moneyed import Money

from engines.ledger import services as ledger
from engines.ledger.services import LedgerShort, Opening
from foundation.actors import SystemActor
from foundation.ids import new_id

BY = SystemActor("bench")
AMOUNT = Decimal("10.00")
YEAR = 2026
ENTERPRISES, PROVIDERS = 2000, 200
BUDGET = ENTERPRISES + PROVIDERS + 1  # accounts are opened first of all, so that ids are 1, 2, 3 as in floor.sql
FULL = Decimal("900000000.00")
THREADS = 4  # connections of each worker in the race to exhaustion
BOOKS = ("quota", "cap", "budget")


def opening(book: str, owner: str) -> Opening:
    """An account as the platform opens it (programmes.books)."""
    return Opening(book, owner, YEAR, heat=BOOKS.index(book), stripes=1 if book == "quota" else 64)


def prepare() -> None:
    """The accounts of the holds and of the peer exist and are rich."""
    ids = ledger.open_accounts([opening("quota", f"e{n}") for n in range(ENTERPRISES)])
    ids += ledger.open_accounts([opening("cap", f"p{n}") for n in range(PROVIDERS)])
    ids += ledger.open_accounts([opening("budget", "bench")])
    assert max(ids) == BUDGET, "the ledger was not empty"
    with transaction.atomic():
        for account in ids:
            ledger.issue(account=account, amount=FULL, by=BY, reference="bench", reason="")
    Account.objects.bulk_create(  # its save() renumbers the whole tree each time
        Account(
            name=f"a{n}", type=AccountType.asset, currencies=["CNY"], code=str(n), tree_id=n, lft=1, rght=2, level=0
        )
        for n in range(ENTERPRISES + PROVIDERS)
    )


def hold(pick_provider: Callable[[], int]) -> Any:
    """One hold on a random enterprise's quota, a provider's cap and the budget, through the service."""
    accounts = [random.randint(1, ENTERPRISES), pick_provider(), BUDGET]
    return ledger.hold(hold=new_id(), accounts=accounts, amount=AMOUNT, by=BY, reason="HT-2026-000001")


def any_provider() -> int:
    return random.randint(ENTERPRISES + 1, ENTERPRISES + PROVIDERS)


def popular_provider() -> int:
    """Nine times of ten the same."""
    return ENTERPRISES + 1 if random.random() < 0.9 else any_provider()


def hold_uniform(number: int) -> Any:
    random.seed(number)
    return lambda: hold(any_provider)


def hold_skew(number: int) -> Any:
    random.seed(number)
    return lambda: hold(popular_provider)


def hordak_transfer(number: int) -> Any:
    """django-hordak's own transfer between two of many accounts, nothing checked."""
    accounts, money = list(Account.objects.order_by("pk")), Money(AMOUNT, "CNY")
    random.seed(number)

    def act() -> None:
        with transaction.atomic():
            random.choice(accounts[:ENTERPRISES]).transfer_to(random.choice(accounts[ENTERPRISES:]), money)

    return act


def hordak_limited(number: int) -> Any:
    """The same with a limit: the paying account is locked and its balance looked at first."""
    keys, money = list(Account.objects.order_by("pk").values_list("pk", flat=True)), Money(AMOUNT, "CNY")
    random.seed(number)

    def act() -> None:
        with transaction.atomic():
            payer = Account.objects.select_for_update().get(pk=random.choice(keys[:ENTERPRISES]))
            if payer.get_balance()["CNY"].amount < -FULL:
                raise LedgerShort(book="", owner="", period=0, left=AMOUNT, wanted=AMOUNT)
            payer.transfer_to(Account.objects.get(pk=random.choice(keys[ENTERPRISES:])), money)

    return act


def exhaust(number: int) -> Any:
    """THREADS sessions hold on the three accounts named in `race` until refused; what each outcome came to."""
    return lambda: _in_threads(number)


def _in_threads(number: int) -> dict[str, int]:
    accounts = race_accounts()
    outcomes: dict[str, int] = {}
    lock = threading.Lock()

    def run() -> None:
        held, last = 0, ""
        try:
            while True:
                ledger.hold(hold=new_id(), accounts=accounts, amount=AMOUNT, by=BY)
                held += 1
        except LedgerShort as short:
            last = f"short:{short.book}"
        except DatabaseError as error:
            last = f"error:{error}"
        finally:
            connections.close_all()
        with lock:
            outcomes["held"] = outcomes.get("held", 0) + held
            outcomes[last] = outcomes.get(last, 0) + 1

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def race_accounts() -> list[int]:
    """The newest account of each book: the race's own, opened by `open_race`."""
    rows = ledger.selectors.Account.objects.filter(owner__startswith="race").order_by("-pk")[:3]
    return [row.pk for row in rows]


def open_race(short: str, funds: Decimal, turn: int) -> list[int]:
    """Three new accounts of which `short` has `funds` and the others plenty."""
    ids = ledger.open_accounts([opening(book, f"race{turn}") for book in BOOKS])
    for book, account in zip(BOOKS, ids, strict=True):
        amount = funds if book == short else FULL
        ledger.issue(account=account, amount=amount, by=BY, reference="bench", reason="")
    return ids


LOADS = {
    "hold_uniform": hold_uniform,
    "hold_skew": hold_skew,
    "hordak_transfer": hordak_transfer,
    "hordak_limited": hordak_limited,
    "exhaust": exhaust,
}
