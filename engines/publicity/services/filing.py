"""An objection is filed, by its real name and without an account (DOMAIN 6.11, 8-39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from engines import strangers
from engines.calendar import limits
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.publicity import papers
from engines.publicity.models import Objection, ObjectionFile, ObjectionFiler, Publicity, PublicityItem
from engines.publicity.services import common
from engines.publicity.states import (
    OBJECTION_PENDING,
    FilerKind,
    FileRole,
    ItemState,
    ObjectionState,
    PublicityState,
)
from engines.strangers import Filer, Stranger
from foundation import clock, personal
from foundation.errors import Invalid, Refused, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.models import next_number

MOST_PAPERS = 10  # beside the letter: what a case officer can read, and what a stranger may leave here


class Objector(Stranger):
    """Who objects, as an actor."""

    code = "filer"
    label = "异议人"


@dataclass(frozen=True)
class Receipt:
    """What the filer takes away: the number, and the word that opens his objection to him."""

    objection: Objection
    secret: str


def file_objection(
    *,
    publicity_id: UUID,
    item_id: UUID,
    filer: Filer,
    grounds: str,
    uploads: Mapping[FileRole, UploadedFile[Any]],
) -> Receipt:
    """The objection is filed, its filer sealed apart, and an answer on its acceptance owed.

    Only while the list is shown. A unit brings its sealed (盖章) letter. Raises NOT_FOUND, OBJECTION_EARLY,
    OBJECTION_LATE, PUBLICITY_WITHDRAWN, OBJECTION_ITEM_GONE, OBJECTION_ANONYMOUS, OBJECTION_LETTER_MISSING,
    PERSONAL_DATA where the grounds tell how to reach somebody, and what `papers.keep` raises.
    """
    _check_named(filer, FileRole.LETTER in uploads)
    refuse_personal(grounds)
    kept = [papers.keep(upload, role) for role, upload in uploads.items()]
    try:
        with unit_of_work():
            publicity = common.lock_publicity(publicity_id)
            _check_running(publicity)
            item = _item(publicity, item_id)
            objection = _new(item, filer, grounds)
            facts = {
                "publicity": str(publicity.pk),
                "item": item.position,
                "grounds": chain.sm3(grounds.encode()),
                "accept_due": str(objection.accept_due),
                "files": [paper.sm3 for paper in kept],
            }
            evidence.record(objection, act="file", by=Objector(objection.number), facts=facts)
            receipt = _seal(objection, filer)
            _insert(objection, kept)
    except BaseException:
        for paper in kept:
            papers.drop(paper)
        raise
    return receipt


def attach(*, receipt: str, secret: str, upload: UploadedFile[Any]) -> Objection:
    """One more paper of the filer's. Raises RECEIPT_UNKNOWN, WRONG_STATE once decided, OBJECTION_FILES_FULL."""
    found = by_receipt(receipt, secret)
    paper = papers.keep(upload, FileRole.EVIDENCE)
    try:
        with unit_of_work():
            objection = lock(Objection.objects.all(), found.pk)
            if objection.state not in OBJECTION_PENDING or objection.state == ObjectionState.REVIEW:
                raise wrong_state("补充证据材料", str(objection.state), objection.get_state_display())
            if objection.files.filter(role=FileRole.EVIDENCE).count() >= MOST_PAPERS:
                raise Refused(
                    "OBJECTION_FILES_FULL",
                    f"证据材料最多{MOST_PAPERS}份，已达上限；请合并为一个文件或联系受理单位。",
                    most=MOST_PAPERS,
                )
            facts = {"files": [paper.sm3]}
            evidence.record(objection, act="attach", by=Objector(objection.number), facts=facts, fields=[])
            _insert(objection, [paper])
    except BaseException:
        papers.drop(paper)
        raise
    return objection


def by_receipt(receipt: str, secret: str) -> Objection:
    """The objection whose receipt and word these are. Raises RECEIPT_UNKNOWN, the same for either being wrong."""
    rows: QuerySet[Objection] = Objection.objects.select_related("item__publicity", "filer")
    found = rows.filter(number=receipt.strip().upper()).first()
    if found is None or not strangers.is_word(found.filer.secret, secret):
        raise strangers.receipt_unknown()
    return found


def secret_of(receipt: str) -> str:
    """The word that was given out with the receipt; made anew, it is kept nowhere."""
    return strangers.word(papers.PURPOSE, receipt)


def unseal_filer(objection: Objection) -> Filer:
    """Who filed. Only `open_identity` may ask. Raises SEAL_BROKEN."""
    return strangers.unseal(papers.PURPOSE, bytes(objection.filer.sealed), about=f"objection:{objection.pk}")


def refuse_personal(grounds: str) -> None:
    """Raises PERSONAL_DATA: the officers read the grounds, who filed is sealed apart and opened on record only."""
    personal.refuse(
        {"grounds": grounds},
        labels={"grounds": "事实和理由"},
        because="事实和理由由经办人员阅看，并据以向被异议单位核实",
        instead="请删去：您的身份和联系方式已在实名栏填写，另行密封保存，查看须留痕。",
    )


def _check_named(filer: Filer, has_letter: bool) -> None:
    if not filer.is_named:
        raise Invalid("OBJECTION_ANONYMOUS", "异议须实名提出：请填写姓名（名称）、证件号码和联系电话。")
    if filer.kind == FilerKind.UNIT and not has_letter:
        raise Invalid("OBJECTION_LETTER_MISSING", "以单位名义提出异议须附盖章的异议函（letter）。")


def _check_running(publicity: Publicity) -> None:
    today, phone = clock.today(), publicity.contact["phone"]
    if publicity.state == PublicityState.WITHDRAWN:
        raise Refused("PUBLICITY_WITHDRAWN", f"“{publicity}”已撤回，请在重新公示的名单上提出异议。")
    if today < publicity.first:
        raise Refused(
            "OBJECTION_EARLY", f"公示自{publicity.first}开始，现为{today}，请在公示期内提出。", first=publicity.first
        )
    if today > publicity.last or publicity.state != PublicityState.OPEN:
        raise Refused(
            "OBJECTION_LATE",
            f"公示期为{publicity.first}至{publicity.last}，今天为{today}，已过提出异议的期限；"
            f"仍要反映问题的，请向{publicity.contact['office']}投诉举报（电话{phone}）。",
            first=publicity.first,
            last=publicity.last,
            today=today,
        )


def _item(publicity: Publicity, item_id: UUID) -> PublicityItem:
    item = PublicityItem.objects.filter(pk=item_id, publicity=publicity).first()
    if item is None:
        raise not_found("公示事项")
    if item.state == ItemState.REMOVED:
        raise Refused("OBJECTION_ITEM_GONE", f"“{item.label}”已因异议成立移出名单，无须再提异议。")
    item.publicity = publicity
    return item


def _new(item: PublicityItem, filer: Filer, grounds: str) -> Objection:
    at = clock.now()
    accept = item.publicity.clocks["accept"]
    year = clock.local_date(at).year
    return Objection(
        number=f"YY-{year}-{next_number(f'objection-{year}'):05d}",
        item=item,
        filer_kind=filer.kind,
        grounds=grounds,
        filed_at=at,
        accept_due=limits.last_day(accept["length"], accept["unit"], clock.local_date(at)),
    )


def _seal(objection: Objection, filer: Filer) -> Receipt:
    secret = secret_of(objection.number)
    ObjectionFiler.objects.create(
        objection=objection,
        sealed=strangers.seal(papers.PURPOSE, filer, about=f"objection:{objection.pk}"),
        secret=strangers.digest(secret),
    )
    return Receipt(objection, secret)


def _insert(objection: Objection, kept: list[ObjectionFile]) -> None:
    known = objection.files.filter(role=FileRole.EVIDENCE).count()
    for paper in kept:
        known += paper.role == FileRole.EVIDENCE
        paper.objection, paper.name = objection, papers.name_of(paper, known)
        paper.save(force_insert=True)
