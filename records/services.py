"""Taking the archive of a contract, and closing its file (第二十五条)."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from contracts import selectors as contracts
from contracts.models import Contract
from contracts.services import closing, common
from contracts.states import State
from credit import selectors as credit
from engines.evidence.selectors import one_instant
from foundation import clock
from foundation.errors import Refused, not_allowed, not_found, wrong_state
from foundation.locking import unit_of_work
from records import archive, policies, sections
from records.archive import Archive
from records.models import Download
from records.states import View


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


def close_file(*, by: User, contract_id: UUID, version: int, sm3: str) -> Contract:
    """The settled contract is archived: 促进中心经办 took the archive and looked it through, by its SM3 a second
    person confirms it, and the SM3 stands in the contract's chain.

    The archive is made anew here, so what is confirmed is what stands now. Raises NOT_FOUND, NOT_ALLOWED, WRONG_STATE
    before the voucher is paid, COMPLAINT_UNDECIDED, ARCHIVE_NOT_TAKEN when no other person of the centre took one with
    that SM3, ARCHIVE_CHANGED when something was added since, ARCHIVE_INCOMPLETE naming what is missing or altered.
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.may_close_file(by):
            raise not_allowed("合同归档（须为促进中心复核）")
        if contract.state != State.SETTLED:
            raise wrong_state("归档", contract.state, contract.get_state_display())
        if pending := credit.open_complaints(contract.number, contract.usccs):
            raise Refused(
                "COMPLAINT_UNDECIDED",
                f"针对该合同的投诉{'、'.join(pending)}尚未办结，不能归档；请在投诉办结后归档。",
                complaints=pending,
            )
        taken = _taken_by_another(contract, sm3, by)
        whole = contracts.whole_rows().get(pk=contract_id)
        made = archive.build(sections.contents(whole, View.OFFICER))
        made.file.close()
        if made.sm3 != sm3:
            raise Refused(
                "ARCHIVE_CHANGED",
                "档案下载之后合同又有新的记录，所核对的档案已不是现有内容；请由经办人重新下载核对。",
                taken=sm3,
                now=made.sm3,
            )
        if made.faults:
            raise Refused(
                "ARCHIVE_INCOMPLETE",
                f"档案中有{made.faults}件缺失或与登记不符，见目录；请先恢复原件再归档。",
                faults=made.faults,
            )
        closing.archive(contract, by=by, archive_sm3=sm3, parts=made.parts, compiled_by=str(taken.by_id))
    return contract


def _taken_by_another(contract: Contract, sm3: str, by: User) -> Download:
    """The download of that archive by 促进中心经办, another person than who confirms it."""
    rows = Download.objects.filter(contract=contract.pk, sm3=sm3, view=View.OFFICER).exclude(by=by)
    for row in rows.select_related("by").order_by("pk"):
        if policies.compiled(row.by):
            return row
    raise Refused(
        "ARCHIVE_NOT_TAKEN",
        "没有促进中心经办人下载过该SM3的档案；请先由另一名经办人下载并核对，再填写下载记录中的SM3。",
        sm3=sm3,
    )
