"""Contracts ready to be signed, in any number, and the act on them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from bench.floor import Floor
from bench.workers import Pool
from contracts.models import Contract
from contracts.services import signing
from engines.evidence.models import EvidenceRecord
from foundation import clock
from tests.factories.contracts import make_contract, make_parties
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory

ENTERPRISES, PROVIDERS = 32, 4  # each worker signs for enterprises of its own, all for the same providers
SPARE = 1.5  # contracts made, as a multiple of what is expected to be signed


class Deals:
    """Signs at a given number of processes; makes the contracts it will need before the clock runs."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.ready: list[list[tuple[UUID, UUID, int]]] = [[] for _ in pool.pipes]
        self.pace: dict[int, float] = {}  # per second and worker, by workers

    def run(self, workers: int, seconds: float) -> float:
        """start_signing per second over all workers."""
        need = int(self.pace.get(workers, 200) * seconds * SPARE) + 20
        if any(len(waiting) < need for waiting in self.ready[:workers]):
            self._make(need)
        feeds = [waiting[:need] for waiting in self.ready[:workers]]
        rate, counts = self.pool.rate_of(signing_act.__name__, workers, seconds, feeds)
        for waiting, count in zip(self.ready, counts, strict=False):
            del waiting[:count]
        self.pace[workers] = rate / workers
        return rate

    def _make(self, each: int) -> None:
        """`each` more for every worker, copied from the templates with the evidence that backs them."""
        for contract, drafter, version, slot in copy(each * len(self.ready)):
            self.ready[slot % len(self.ready)].append((contract, drafter, version))


class InOurTables(Floor):
    """The same rows in the same tables, written by one function."""

    def prepare(self, operations: int) -> None:
        contracts = [contract for contract, *_ in copy(operations)]
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO floor.queue (contract) SELECT unnest(%s)", [contracts])
        connection.close()


def prepare() -> None:
    """A contract, ready for signing, between each of the enterprises and one of the providers."""
    open_year(clock.today().year, budget=Decimal("900000000.00"))
    providers = [ProviderFactory(listed=True) for _ in range(PROVIDERS)]
    products = [ProductFactory(on_shelf=True, provider=row, category="diagnosis") for row in providers]
    for n in range(ENTERPRISES):
        provider, product = providers[n % PROVIDERS], products[n % PROVIDERS]
        parties = make_parties(enterprise=EnterpriseFactory(active=True, tier="30"), provider=provider, product=product)
        make_contract("ready", parties=parties, amount="1000.00", voucher="10.00")


def copy(number: int) -> list[tuple[UUID, UUID, int, int]]:
    """`number` copies of the templates in turn: id, drafter, version and the template's place of each."""
    columns = [field.column for field in Contract._meta.concrete_fields]
    own = {"id": "k.id", "number": "'BENCH-' || k.n"}
    values = ", ".join(own.get(column, f't."{column}"') for column in columns)
    record = [field.column for field in EvidenceRecord._meta.concrete_fields if field.column != "id"]
    copied = ", ".join("m.id" if column == "subject_id" else f'e."{column}"' for column in record)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH t AS (
                SELECT c.*, row_number() OVER (ORDER BY c.number) - 1 AS slot FROM contracts_contract c
                 WHERE c.state = 'ready' AND c.number NOT LIKE 'BENCH-%%'
            ), k AS MATERIALIZED (
                SELECT nextval('floor.copies') AS n, floor.new_id() AS id FROM generate_series(1, %s)
            ), made AS (
                INSERT INTO contracts_contract ({", ".join(columns)})
                SELECT {values} FROM k JOIN t ON t.slot = k.n %% (SELECT count(*) FROM t) RETURNING *
            ), backed AS (
                INSERT INTO evidence_evidencerecord ({", ".join(record)})
                SELECT {copied} FROM made m JOIN k USING (id) JOIN t ON t.slot = k.n %% (SELECT count(*) FROM t)
                  JOIN evidence_evidencerecord e
                    ON e.subject_type = 'contracts_contract' AND e.subject_id = t.id AND e.seq = t.version
            )
            SELECT m.id, m.drafted_by_id, m.version, t.slot FROM made m JOIN k USING (id)
              JOIN t ON t.slot = k.n %% (SELECT count(*) FROM t) ORDER BY k.n
            """,
            [number],
        )
        rows: list[tuple[UUID, UUID, int, int]] = cursor.fetchall()
    connection.close()
    return rows


def signing_act(number: int) -> Callable[[Any], Any]:
    """The whole act, through the service, by the enterprise's agent."""
    people = {user.pk: user for user in User.objects.filter(pk__in=Contract.objects.values("drafted_by"))}

    def act(item: tuple[UUID, UUID, int]) -> Contract:
        contract, drafter, version = item
        return signing.start_signing(by=people[drafter], contract_id=contract, version=version)

    return act
