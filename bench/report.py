"""The cells, the table and the figures of PERFORMANCE.md's targets 1 to 5."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from functools import partial
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - the models need Django to be set up
from django.db import connection  # noqa: E402

from bench import floor, loads, signing  # noqa: E402
from bench.rounds import Rounds, others_busy  # noqa: E402
from bench.workers import Pool  # noqa: E402
from engines.ledger import selectors  # noqa: E402

PROCESSES = (1, 4, 8)
CONNECTIONS = 32
SIGNING = {4: 0.25}
UNIFORM, SKEW, HORDAK = {1: 0.60, 4: 0.50, 8: 0.45}, 0.85, (2.5, 6.0)


def measure(url: str, *, quick: bool) -> dict[str, Any]:
    """Everything once around; prints the table, returns what the last line says."""
    call_command("migrate", "hordak", verbosity=0)  # alone first: its many migrations then know of no other models
    call_command("migrate", verbosity=0)
    floor.load(url, "floor.sql")
    floor.execute(url, f"SELECT floor.fill({loads.ENTERPRISES}, {loads.PROVIDERS})")
    floor.load(url, "signing.sql", "sign_here.sql")
    loads.prepare()
    signing.prepare()
    pool = Pool(max(PROCESSES), {**loads.LOADS, "signing_act": signing.signing_act})
    number, seconds = int(os.environ.get("ROUNDS", "5")), float(os.environ.get("SECONDS") or (0.15 if quick else 3.0))
    rounds = Rounds(number, seconds, more=0 if quick else number)
    print(
        f"{os.cpu_count()} cores, others use {others_busy(0.5):.2f} of one; {rounds.rounds} rounds of {rounds.seconds} s a cell"
    )
    cells = {**hold_cells(url, pool), **signing_cells(url, pool)}
    for cell in cells.values():  # first calls plan and connect; the planner then learns that no table is empty
        cell(0.2)
    floor.execute(url, "VACUUM ANALYZE")
    rate = rounds.run(cells)
    result = {"hold": report_holds(rate), "signing": report_signing(rate), "exhaustion": race(pool)}
    differences = selectors.recompute()
    result["ledger_balanced"] = not differences
    result["repeated_rounds"] = rounds.repeated
    print(
        f"ledger recomputed: {'balanced' if not differences else differences[:3]}; rounds repeated: {rounds.repeated}"
    )
    pool.close()
    connection.close()
    return result


def hold_cells(url: str, pool: Pool) -> dict[str, Any]:
    """Neighbours in the order of running are compared with each other."""
    yardstick = floor.Floor(url, "hold.pgbench", enterprises=loads.ENTERPRISES, providers=loads.PROVIDERS)
    function = floor.Floor(url, "our_function.pgbench", enterprises=loads.ENTERPRISES, providers=loads.PROVIDERS)
    cells: dict[str, Any] = {}
    for n in PROCESSES:
        cells[f"floor {n}"] = partial(yardstick.run, n)
        cells[f"hold {n}"] = partial(pool.rate, "hold_uniform", n)
        cells[f"skew {n}"] = partial(pool.rate, "hold_skew", n)
        cells[f"function {n}"] = partial(function.run, n)
    cells["hordak"] = partial(pool.rate, "hordak_transfer", 4)
    cells["hordak limited"] = partial(pool.rate, "hordak_limited", 4)
    return cells


def signing_cells(url: str, pool: Pool) -> dict[str, Any]:
    """The whole act, and the same rows written by one function: in our tables, and in leaner ones."""
    here = signing.InOurTables(url, "sign_here.pgbench")
    yardstick = floor.Floor(url, "sign.pgbench", enterprises=loads.ENTERPRISES, providers=loads.PROVIDERS)
    deals = signing.Deals(pool)
    cells: dict[str, Any] = {}
    for n in PROCESSES:
        cells[f"sign here {n}"] = partial(here.run, n)
        cells[f"sign floor {n}"] = partial(yardstick.run, n)
        cells[f"sign {n}"] = partial(deals.run, n)
    return cells


def report_signing(rate: dict[str, float]) -> dict[str, Any]:
    """Target 5: what Python and its statements cost beside one function that writes the same rows in the same tables."""
    heading("whole signing act through its service, per second", "ours", "beside", "ratio", "target")
    result = {}
    for n in PROCESSES:
        ours, here, lean = rate[f"sign {n}"], rate[f"sign here {n}"], rate[f"sign floor {n}"]
        result[str(n)] = {"ours": round(ours), "floor": round(here), "ratio": ratio(ours, here)}
        result[str(n)] |= {"lean": round(lean), "ratio_lean": ratio(ours, lean)}
        row(f"{n} processes; pgbench, same rows in our tables (sign_here.sql)", ours, here, SIGNING.get(n))
        row(f"{n} processes; pgbench, leaner tables without guards (signing.sql)", ours, lean)
    return result


def report_holds(rate: dict[str, float]) -> dict[str, Any]:
    """Targets 2 to 4.

    Target 2 asks what our Python costs: pgbench calls the same function. How good the function is shows beside the
    plain SQL, which keeps no lines, buckets or receipts.
    """
    result: dict[str, Any] = {"uniform": {}, "skew": {}}
    heading("ledger hold through its service, per second", "ours", "beside", "ratio", "target")
    for n in PROCESSES:
        ours, under, lean = rate[f"hold {n}"], rate[f"function {n}"], rate[f"floor {n}"]
        result["uniform"][str(n)] = {"ours": round(ours), "floor": round(under), "ratio": ratio(ours, under)}
        result["uniform"][str(n)] |= {"lean": round(lean), "ratio_lean": ratio(ours, lean)}
        row(f"uniform, {n} processes; pgbench with the same function", ours, under, UNIFORM[n])
    for n in PROCESSES:
        row(f"uniform, {n} processes; pgbench, leaner tables (floor.sql)", rate[f"hold {n}"], rate[f"floor {n}"])
    for n in PROCESSES:
        skew, uniform = rate[f"skew {n}"], rate[f"hold {n}"]
        result["skew"][str(n)] = {"ours": round(skew), "uniform": round(uniform), "ratio": ratio(skew, uniform)}
        row(f"90 % on one provider, {n} processes; our uniform", skew, uniform, SKEW)
    ours = rate["hold 4"]
    result["hordak"] = {
        "processes": 4,
        "ours": round(ours),
        "transfer": round(rate["hordak"]),
        "ratio": ratio(ours, rate["hordak"]),
        "limited": round(rate["hordak limited"]),
        "ratio_limited": ratio(ours, rate["hordak limited"]),
    }
    row("4 processes; django-hordak transfer, nothing checked", ours, rate["hordak"], HORDAK[0])
    row("4 processes; django-hordak transfer with a limit", ours, rate["hordak limited"], HORDAK[1])
    return result


def race(pool: Pool) -> dict[str, Any]:
    """Target 1: 32 sessions take until each bound is refused; nothing is left and nothing too much was taken."""
    print(f"\n{CONNECTIONS} connections until refused             held      over    unused   other errors")
    result = {}
    for turn, short in enumerate(loads.BOOKS):
        funds = loads.AMOUNT * 600
        accounts = loads.open_race(short, funds, turn)
        connection.close()
        outcomes: Counter[str] = Counter()
        for answer in pool.once("exhaust", CONNECTIONS // loads.THREADS):
            outcomes.update(answer)
        account = accounts[loads.BOOKS.index(short)]
        balance = selectors.balance(account)
        over = max(Decimal(0), outcomes["held"] * loads.AMOUNT - funds)
        errors = CONNECTIONS - outcomes[f"short:{short}"]
        result[short] = {
            "held": outcomes["held"],
            "over": float(over),
            "unused": float(balance.available),
            "errors": errors,
        }
        print(f"{short:<34} {outcomes['held']:>10,} {over:>9.2f} {balance.available:>9.2f} {errors:>14}")
        if errors:
            print({key: n for key, n in outcomes.items() if key.startswith("error")})
    return result


def ratio(ours: float, other: float) -> float:
    return round(ours / other, 3)


def heading(title: str, *columns: str) -> None:
    print(f"\n{title:<66}" + "".join(f"{column:>9}" for column in columns))


def row(name: str, ours: float, other: float, target: float | None = None) -> None:
    """One line of the table; a missed target is marked."""
    aim = "" if target is None else f"{target:>9.2f}{'' if ours / other >= target else '  MISSED'}"
    print(f"{name:<66}{ours:>9,.0f}{other:>9,.0f}{ours / other:>9.2f}{aim}")
