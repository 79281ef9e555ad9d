"""The history of a year's quota, from the ledger's own entries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from engines.ledger import selectors as ledger
from engines.ledger.models import Entry as LedgerEntry
from engines.ledger.states import OUTSIDE, Kind
from enterprises import history
from enterprises.history import Entry, Movement, Sum
from enterprises.models import QuotaGrant
from enterprises.selectors.enterprises import QuotaFigures, figures
from foundation.actors import SystemActor
from programmes import books

GRANT = "grant:"  # how the ledger refers to a QuotaGrant (services.quota)
PERSON, JOB = "user:", "system:"


@dataclass(frozen=True)
class History:
    """All movements of one year's quota, what they sum to, and where it stands after them."""

    year: int
    movements: Sequence[Movement]
    sums: Sequence[Sum]
    closing: Mapping[str, Decimal]


def quota_history(enterprise_id: UUID, year: int) -> History:
    """Every movement of the year's quota, oldest first; none before anything was granted."""
    account = ledger.account_id(books.QUOTA, str(enterprise_id), year)
    entries = [] if account is None else list(ledger.movements(account))
    movements = history.run(_in_words(entries, enterprise_id, year))
    return History(year, movements, history.sums(movements), history.closing(movements))


def quota_years(enterprise_id: UUID) -> list[QuotaFigures]:
    """The figures of every year in which the enterprise had a quota, the latest first."""
    return [figures(enterprise_id, year) for year in ledger.periods(books.QUOTA, str(enterprise_id))]


def held_by_month(found: History) -> list[tuple[int, Decimal]]:
    """What contracts took into reserve in each month of the history's year, in 元 (history.held_by_month)."""
    return history.held_by_month(found.movements)


def _in_words(entries: Sequence[LedgerEntry], enterprise_id: UUID, year: int) -> list[Entry]:
    contracts = {entry.hold: entry.reason for entry in entries if entry.kind == Kind.HOLD}
    kinds = {
        f"{GRANT}{grant.pk}": (grant.kind, grant.get_kind_display())
        for grant in QuotaGrant.objects.filter(enterprise_id=enterprise_id, year=year)
    }
    names = _labels({entry.actor for entry in entries})
    found = []
    for entry in entries:
        act, label = kinds.get(entry.reference, (str(entry.kind), _label(entry)))
        found.append(
            Entry(
                at=entry.at,
                act=act,
                act_label=label,
                source=str(entry.source),
                target=str(entry.target),
                amount=entry.amount,
                hold=entry.hold,
                contract=contracts.get(entry.hold, "") if entry.hold else "",
                reason=entry.reason,
                by=names.get(entry.actor, entry.actor),
            )
        )
    return found


def _label(entry: LedgerEntry) -> str:
    if entry.kind == Kind.ISSUE:
        return "收回" if entry.target == OUTSIDE else "下达"
    return str(Kind(entry.kind).label)


def _labels(actors: Collection[str]) -> dict[str, str]:
    """What people read in place of an actor's id."""
    jobs = {actor: SystemActor(actor.removeprefix(JOB)).actor_label for actor in actors if actor.startswith(JOB)}
    ids = [actor.removeprefix(PERSON) for actor in actors if actor.startswith(PERSON)]
    return jobs | {user.actor_id: user.actor_label for user in User.objects.filter(pk__in=ids)}
