"""`make bench`, second part: list pages when there are a hundred thousand contracts.

Every page of the portal that shows a list, opened by one of each area that may: how many queries it needs when
the sample's rows are copied until there are a thousand contracts and when there are all, how long the server takes, and
how long the same queries take by hand. A party then has some fifty to a hundred contracts (tests/e2e/extremes.py).
QUICK=1: a fifth of the contracts. The ratio is what counts; milliseconds depend on the machine and on who else uses it.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import server

FEW, MANY = 4_000, 100_000  # of few a party has more than a page: whether there is a next one is asked of both
FEW_TIMES, TIMES = 3, 40
MOST_OF_A_PARTY = 1_000  # contracts of one enterprise or provider on average
NEARLY = 0.99  # of the second copying a few meet copies of the first
SLOWEST = 60.0  # ms at the 95th percentile, on an idle machine


def main() -> None:
    started = time.monotonic()
    with server.running(flush_us=200) as url:
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "voucher_platform.settings",
            "VOUCHER_ENV": "development",
            "STATIC_FROM_SOURCE": "true",
        }
        import django

        django.setup()
        result = measure(quick=os.environ.get("QUICK", "") not in ("", "0"))
    result["seconds"] = round(time.monotonic() - started)
    print(json.dumps(result))


@dataclass
class Cost:
    """What one page costs."""

    queries: int
    page: float  # ms, median
    slow: float  # ms, 95th percentile
    by_hand: float  # ms, median of all its queries together


def measure(*, quick: bool) -> dict[str, Any]:
    """Prints a line a page; returns what the last line says."""
    from django.core.management import call_command

    from contracts.models import Contract

    call_command("migrate", verbosity=0)
    call_command("load_sample", verbosity=0)
    copy(FEW)  # a page is full
    asked = list(_lists())
    few = {name: _cost(ask, FEW_TIMES) for name, ask in asked}
    number = MANY // 5 if quick else MANY
    copy(number)
    print(f"{Contract.objects.count():,} contracts; ms of the server, median and 95th percentile of {TIMES}")
    many = {name: _cost(ask, TIMES) for name, ask in asked}
    for name, one in many.items():
        told = f"queries {few[name].queries} → {one.queries}  page {one.page:.1f}  p95 {one.slow:.1f}"
        print(f"{name:<44} {told}  by hand {one.by_hand:.1f}  ratio {one.page / max(one.by_hand, 0.01):.1f}")
    return {
        "contracts": number,
        "constant_queries": all(few[name].queries == one.queries for name, one in many.items()),
        "slowest_p95_ms": round(max(one.slow for one in many.values()), 1),
        "within": all(one.slow <= SLOWEST for one in many.values()),
        "ratio": round(statistics.median(one.page / max(one.by_hand, 0.01) for one in many.values()), 1),
    }


def copy(contracts: int) -> None:
    """There are so many contracts, and of the rest in proportion."""
    from contracts.models import Contract
    from enterprises.models import Enterprise
    from providers.models import Provider
    from tests.e2e.extremes import multiply

    refused = multiply(contracts)
    parties = min(Enterprise.objects.count(), Provider.objects.count())
    if refused or Contract.objects.count() < contracts * NEARLY or parties * MOST_OF_A_PARTY < contracts:
        raise RuntimeError(f"{Contract.objects.count()} contracts of {parties} parties; not copied: {refused}")


def _lists() -> Any:
    """Every page with a list, as somebody who has contracts, and its contracts sorted and narrowed in other ways."""
    from django.test import Client

    from accounts.models import User
    from accounts.states import Role
    from sample.cast import ENTERPRISE, EXPERTS, OFFICES, PROVIDER
    from tests.factories.accounts import make_user
    from tests.portal.pages import pages
    from tests.portal.world import AREAS

    cast = [*ENTERPRISE, *PROVIDER, *EXPERTS, *(one for _, accounts in OFFICES.values() for one in accounts)]
    people = {one.role: User.objects.get(username=one.username) for one in reversed(cast)}
    for page in pages():
        if page.needs or not page.is_read:
            continue
        firsts = [next((role for role in page.roles or () if role in area), None) for area in AREAS]
        for role in [None] if page.roles is None else [one for one in firsts if one is not None]:
            client = Client(headers={"host": "localhost"})
            if role is not None:
                client.force_login(people.get(Role(role)) or make_user(role))
            text = client.get(page.url()).content.decode(errors="replace")
            if 'class="listing"' not in text:
                continue
            yield from _ways(str(page), role, client, page.url(), text)


def _ways(name: str, role: Any, client: Any, url: str, text: str) -> Any:
    """The page as it opens, and sorted by each head that sorts."""
    sorts = sorted(set(re.findall(r"[?;]sort=-?([a-z_]+)", text)))
    for query in ["", *(f"?sort=-{one}" for one in sorts)]:
        yield f"{name} {role or ''}{query}", lambda query=query: client.get(url + query)


def _cost(ask: Callable[[], Any], times: int) -> Cost:
    from django.db import connection

    queries: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append((sql, params))
        return execute(sql, params, many, context)

    ask()
    with connection.execute_wrapper(note):
        assert ask().status_code == 200
    pages = [_timed(ask) for _ in range(times)]
    hand = [_timed(lambda: _by_hand(queries)) for _ in range(times)]
    slow = statistics.quantiles(pages, n=20)[-1]
    return Cost(len(queries), statistics.median(pages), slow, statistics.median(hand))


def _by_hand(queries: list[tuple[str, Any]]) -> None:
    """What the page reads, past Django."""
    from django.db import connection

    with connection.cursor() as cursor:
        for sql, params in queries:
            if sql.startswith("SELECT"):
                cursor.cursor.execute(sql, params)
                cursor.cursor.fetchall()


def _timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
