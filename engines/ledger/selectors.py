"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable

from engines.ledger.calls import call
from engines.ledger.errors import refusal
from engines.ledger.models import Account, Entry, Line
from engines.ledger.models import Balance as Stripe
from engines.ledger.states import LIVE, Bucket

_SUMS = ", ".join(f"sum({column})" for column in ("issued", *Bucket.values))


@dataclass(frozen=True)
class Balance:
    """Where everything issued to an account stands, over all its stripes. `issued` is the sum of the rest."""

    account: int
    closed: bool
    issued: Decimal
    available: Decimal
    reserved: Decimal
    committed: Decimal
    due: Decimal
    consumed: Decimal
    expired: Decimal
    carried: Decimal


@dataclass(frozen=True)
class Difference:
    """One place where the ledger does not agree with itself; `what` is explained in sql/recompute.sql."""

    what: str
    account: int
    stripe: int | None
    bucket: str
    stands: Decimal | None
    should: Decimal
    entry: int | None

    def __str__(self) -> str:
        place = f"account {self.account} stripe {self.stripe} {self.bucket}"
        entry = f" at entry {self.entry}" if self.entry else ""
        return f"{self.what}: {place}{entry} is {self.stands}, should be {self.should}"


def account_id(book: str, owner: str, period: int) -> int | None:
    """The account of that name, or None when nobody opened it."""
    return Account.objects.filter(book=book, owner=owner, period=period).values_list("pk", flat=True).first()


def account_of(book: str, owner: Combinable, period: Combinable) -> Subquery:
    """The same inside a query; `owner` and `period` are expressions of it."""
    return Subquery(Account.objects.filter(book=book, owner=owner, period=period).values("pk"))


def available_of(book: str, owner: Combinable, period: Combinable) -> Subquery:
    """What that account has available over all its stripes, inside a query."""
    stripes = Stripe.objects.filter(account__book=book, account__owner=owner, account__period=period)
    return Subquery(stripes.order_by().values("account").annotate(left=Sum("available")).values("left"))


def balance(account: int) -> Balance:
    """The account's balance at this moment. Raises LEDGER_UNKNOWN_ACCOUNT."""
    found = _balances("account_id = %s", [account])
    if not found:
        raise refusal("LEDGER_UNKNOWN_ACCOUNT", {"account": account})
    return found[0]


def balances(book: str, period: int) -> list[Balance]:
    """The balances of all accounts of the book in the period, by account."""
    return _balances("account_id IN (SELECT id FROM ledger_account WHERE book = %s AND period = %s)", [book, period])


def owners(accounts: Iterable[int]) -> dict[int, str]:
    """Whose each of the accounts is."""
    return dict(Account.objects.filter(pk__in=list(accounts)).values_list("pk", "owner"))


def balances_of(book: str, owners: Sequence[str], period: int) -> dict[str, Balance]:
    """The balances of these owners' accounts of the book in the period, by owner; who has none is not there."""
    accounts = dict(Account.objects.filter(book=book, owner__in=owners, period=period).values_list("pk", "owner"))
    return {accounts[row.account]: row for row in _balances("account_id = ANY(%s)", [list(accounts)])}


def _balances(condition: str, params: list[object]) -> list[Balance]:
    rows = call(
        f"SELECT account_id, bool_or(closed), {_SUMS} FROM ledger_balance WHERE {condition}"  # noqa: S608 - ours
        " GROUP BY account_id ORDER BY account_id",
        params,
    )
    return [Balance(*row) for row in rows]


def lines(hold: UUID) -> QuerySet[Line]:
    """The hold's lines with their accounts, by book."""
    return Line.objects.filter(hold=hold).select_related("account").order_by("book")


def live_holds(books: Sequence[str], period: int) -> QuerySet[Line, UUID]:
    """The holds that still have something set aside in an account of one of the books in the period."""
    rows = Line.objects.filter(book__in=books, account__period=period, bucket__in=sorted(LIVE))
    return rows.values_list("hold", flat=True)


def history(hold: UUID) -> QuerySet[Entry]:
    """Everything that happened to the hold, oldest first."""
    return Entry.objects.filter(hold=hold).select_related("account").order_by("id")


def issues(account: int) -> QuerySet[Entry]:
    """What changed the account other than holds, oldest first: issued, taken back, expired, spread."""
    return Entry.objects.filter(Q(hold=None), account=account).order_by("id")


def movements(account: int) -> QuerySet[Entry]:
    """Everything that ever moved in an account of one stripe, of holds and of none, oldest first.

    Not for a striped account: its entries are found stripe by stripe only, and there are too many to read.
    """
    return Entry.objects.filter(account=account, stripe=0).order_by("id")


def periods(book: str, owner: str) -> list[int]:
    """The periods in which the owner has an account in the book, the latest first."""
    return list(Account.objects.filter(book=book, owner=owner).order_by("-period").values_list("period", flat=True))


def recompute(limit: int = 100) -> list[Difference]:
    """Every balance made again from entries and lines: the first places that differ, none when all is well."""
    return [Difference(*row) for row in call("SELECT * FROM ledger_recompute(%s)", [limit])]
