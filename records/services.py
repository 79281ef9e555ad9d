"""Taking the archive of a contract (第二十五条)."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from contracts import selectors as contracts
from engines.evidence.selectors import one_instant
from foundation import clock
from foundation.errors import not_allowed, not_found
from foundation.locking import unit_of_work
from records import archive, policies, sections
from records.archive import Archive
from records.models import Download


def download(*, by: User, contract_id: UUID) -> Archive:
    """The archive as the caller may have it, and on record who took it when and what its SM3 was.

    A file that is gone from disk, or not what was registered, is named in the index; the rest is there.
    Raises NOT_FOUND, NOT_ALLOWED.
    """
    with one_instant():
        contract = contracts.whole_rows().filter(pk=contract_id).first()
        if contract is None:
            raise not_found("合同")
        view = policies.view_of(by, contract)
        if view is None:
            raise not_allowed("下载合同档案")
        found = sections.contents(contract, view)
    made = archive.build(found)
    try:
        with unit_of_work():
            Download.objects.create(
                contract=contract,
                contract_version=contract.version,
                view=view,
                by=by,
                at=clock.now(),
                sm3=made.sm3,
                size=made.size,
                parts=made.parts,
                faults=made.faults,
            )
    except BaseException:
        made.file.close()
        raise
    return made
