"""What the acts on a contract share: locking, telling both sides, recording assent, the hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts import selectors as accounts
from accounts.models import User
from contracts.models import Contract, Signature
from contracts.states import Document, Side
from engines.files import services as files
from engines.ledger import services as ledger
from engines.ledger.services import LedgerShort
from engines.notifications import services as notifications
from enterprises import services as enterprises
from foundation import clock
from foundation.actors import Actor, SystemActor
from foundation.errors import Refused
from foundation.ids import new_id
from foundation.locking import lock, locked
from foundation.money import yuan
from programmes import books
from programmes.services import suspension

# Of the rows it joins, only what the acts look at: the notice's rules, kept parsed in the process, are large.
_JOINED = {
    "enterprise": ("state", "uscc", "organisation"),
    "provider": ("name", "uscc", "organisation"),
    "product": ("state", "revision", "category", "shelf_from"),
    "notice": ("head", "doc_no", "year", "revision", "state", "valid_from", "valid_to"),
}
ROWS = Contract.objects.select_related(*_JOINED).only(
    *(field.name for field in Contract._meta.concrete_fields),
    *(f"{path}__{name}" for path, names in _JOINED.items() for name in names),
)
LOCKED = locked(ROWS)

WATCH = SystemActor("signing")

SHORT = {
    books.QUOTA: ("QUOTA_SHORT", "企业{period}年度服务券额度不足", "请减少服务券金额，或等待额度调整。"),
    books.CAP: ("PROVIDER_CAP_SHORT", "服务商{period}年度结算上限余额不足", "请减少服务券金额，或选择其他服务商。"),
    books.BUDGET: ("BUDGET_SHORT", "{period}年度预算剩余资金不足", "请减少服务券金额，或等待预算落实后恢复签约。"),
}


def lock_contract(contract_id: UUID, version: int | None = None) -> Contract:
    """The contract with its parties, locked. The contract is always the first row an act locks."""
    return lock(LOCKED, contract_id, version=version)


def require_hold(contract: Contract) -> UUID:
    """The hold of a contract that must have one."""
    if contract.hold is None:
        raise Refused("HOLD_MISSING", f"合同{contract.number}没有锁定的额度。", state=contract.state)
    return contract.hold


def parties(contract: Contract) -> list[UUID]:
    """The two organisations, enterprise first."""
    return [contract.enterprise.organisation_id, contract.provider.organisation_id]


def tell_parties(contract: Contract, topic: str, title: str, body: str) -> None:
    """Both sides read it in their inboxes once this commits."""
    notifications.tell(
        organisation_ids=parties(contract),
        topic=topic,
        title=title,
        body=f"合同{contract.number}：{body}",
        subject=contract,
    )


def record_assent(
    contract: Contract, *, document: Document, document_id: UUID, side: Side, by: User, digest: str
) -> Signature:
    """The signatory's assent to the text told by `digest` is on record, once per side.

    So is the letter under which he signs, if his house has recorded one (第十八条第（一）项): the other side may read it.
    """
    letter = accounts.letter_in_force(by, clock.today())
    if letter is not None:
        files.share(files=[letter.file], organisation_ids=parties(contract))
    try:
        return Signature.objects.create(
            contract=contract,
            document=document,
            document_id=document_id,
            side=side,
            signer=by,
            at=clock.now(),
            digest=digest,
            letter=letter,
        )
    except IntegrityError as error:
        if "signature_once_per_side" not in str(error):
            raise
        raise Refused("ALREADY_SIGNED", f"{side.label}已签署，无需重复签署。") from error


def take_hold(
    contract: Contract, *, day: date, by: Actor, accounts: Sequence[int] | None = None, covered: bool = False
) -> list[ledger.Taken]:
    """V is set aside on quota, provider cap and budget of the year of `day`, all or nothing.

    Sets `hold` and `quota_year` on the locked contract (the caller saves). Raises QUOTA_SHORT,
    PROVIDER_CAP_SHORT or BUDGET_SHORT with what is left on the bound that failed, and SIGNING_SUSPENDED.
    Suspends signing when what is left afterwards carries no further voucher (第二十一条).

    A caller who has read them with the contract gives the three `accounts` (quota, cap, budget), and whether all
    the enterprise was issued is `covered` by its titles.
    """
    year = day.year
    smallest = contract.notice.parsed.smallest_voucher
    if not covered:
        enterprises.take_back_excess(by=by, enterprise_id=contract.enterprise_id, year=year)
    contract.hold = new_id()
    contract.quota_year = year
    try:
        taken = ledger.hold(
            hold=contract.hold,
            accounts=accounts or books.signing_accounts(contract.enterprise_id, contract.provider_id, year),
            amount=contract.voucher,
            by=by,
            reason=contract.number,
            low=smallest,
        )
    except LedgerShort as short:
        raise bound_failed(short) from short
    # Read after the hold: whoever suspends holds the budget account's rows while writing that it did, so a
    # signing that waited for them sees the suspension here and undoes itself.
    suspension.require_open(year=year)
    suspension.suspend_if_short(year=year, by=WATCH, stripe_after=taken[-1].after, smallest=smallest)
    return taken


def bound_failed(short: LedgerShort) -> Refused:
    """The ledger's refusal in the words of the 办法, with the numbers and what to do."""
    code, what, advice = SHORT[short.book]
    return Refused(
        code,
        f"{what.format(period=short.period)}：需{yuan(short.wanted)}，尚余{yuan(short.left)}。{advice}",
        bound=short.book,
        year=short.period,
        wanted=f"{short.wanted:.2f}",
        left=f"{short.left:.2f}",
    )


def receipt(taken: list[ledger.Taken]) -> list[dict[str, Any]]:
    """资金锁定凭证: before and after on each account, for the trail."""
    return [
        {"book": one.book, "period": one.period, "before": f"{one.before:.2f}", "after": f"{one.after:.2f}"}
        for one in taken
    ]
