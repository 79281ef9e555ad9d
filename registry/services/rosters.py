"""A roster file is brought in by one person and in force once another has confirmed it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from engines.evidence import chain
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move
from registry import policies, roster_file
from registry.models import DishonestParty, ListedEnterprise, RosterImport, TitleHolding
from registry.roster_file import Fault, RosterFaults, RosterRow
from registry.services import titles
from registry.states import RosterKind, RosterState, TitleState

WARNINGS_KEPT = 200
IN_FORCE_ONCE = (RosterKind.LISTED, RosterKind.DISHONEST)  # a later file may not be undone by an earlier one


def upload_roster(
    *, by: User, kind: str, raw: bytes, file_name: str, source_document: str, as_of: date
) -> RosterImport:
    """The file waits, cleaned, for a second person; holdings of a titles roster wait as RECORDED.

    Raises ROSTER_INVALID with every faulty line, ROSTER_TOO_LARGE, ROSTER_DATE_FUTURE, ROSTER_OUTDATED when a
    later one is in force, ROSTER_ALREADY_IMPORTED for a file that was imported before.
    """
    if not policies.may_upload_roster(by):
        raise not_allowed("导入名册")
    rows = roster_file.parse(kind, raw)
    with unit_of_work():
        _check_as_of(kind, as_of)
        _check_against_kept(kind, rows)
        roster = RosterImport(
            kind=kind,
            source_document=source_document,
            file_name=file_name[-200:],
            file_sm3=chain.sm3(raw),
            as_of=as_of,
            row_count=len(rows),
            rows=[{"line": str(row.line), **row.cells} for row in rows],
            warnings=[{"line": row.line, "message": message} for row in rows for message in row.warnings][
                :WARNINGS_KEPT
            ],
            imported_by=by,
        )
        _record_once(roster, by=by)
        if kind == RosterKind.TITLES:
            for row in rows:
                titles.record_title(by=by, roster=roster, **_holding(row.cells))
    return roster


def confirm_roster(*, by: User, roster_id: UUID, version: int, reason: str = "") -> RosterImport:
    """The lines of the roster are in force: listings and dishonesty written, its waiting titles VERIFIED."""
    with unit_of_work():
        roster = lock(RosterImport.objects.all(), roster_id, version=version)
        if not policies.may_confirm_roster(by, roster):
            raise not_allowed("复核名册")
        move(roster, "confirm", "复核名册")(by, clock.now())
        if roster.kind == RosterKind.TITLES:
            _verify_all(roster, by)
        else:
            _check_as_of(roster.kind, roster.as_of)
            _apply(roster)
        evidence.record(
            roster,
            act="confirm_roster",
            by=by,
            reason=reason,
            facts={"rows": roster.row_count, "file_sm3": roster.file_sm3},
            fields=["state", "confirmed_by", "confirmed_at"],
        )
    return roster


def reject_roster(*, by: User, roster_id: UUID, version: int, reason: str) -> RosterImport:
    """The roster will never be in force; its waiting titles are REJECTED."""
    with unit_of_work():
        roster = lock(RosterImport.objects.all(), roster_id, version=version)
        if not policies.may_confirm_roster(by, roster):
            raise not_allowed("退回名册")
        move(roster, "reject", "退回名册")()
        for holding in _waiting(roster):
            holding.reject()
            evidence.record(holding, act="reject_title", by=by, reason=reason)
        evidence.record(roster, act="reject_roster", by=by, reason=reason, fields=["state"])
    return roster


def _check_as_of(kind: str, as_of: date) -> None:
    if as_of > clock.today():
        raise Invalid("ROSTER_DATE_FUTURE", f"名册截止日期{as_of}晚于今天。", as_of=str(as_of))
    later = (
        RosterImport.objects.filter(kind=kind, state=RosterState.CONFIRMED, as_of__gt=as_of)
        .order_by("-as_of")
        .values_list("as_of", flat=True)
        .first()
    )
    if later and kind in IN_FORCE_ONCE:
        raise Refused("ROSTER_OUTDATED", f"截止{later}的名册已生效，不能再用截止{as_of}的旧名册。", in_force=str(later))


def _check_against_kept(kind: str, rows: list[RosterRow]) -> None:
    """What only the database knows is told by line too."""
    faults: list[Fault] = []
    if kind == RosterKind.LISTED:
        opened = dict(ListedEnterprise.objects.filter(removed_on=None).values_list("uscc", "listed_since"))
        closed_here = {(row.cells["uscc"], row.cells["listed_since"]) for row in rows if row.cells["removed_on"]}
        faults = [
            Fault(row.line, "入规日期", f"该企业已于{kept}在册且未退规")
            for row in rows
            if not row.cells["removed_on"]
            and (kept := opened.get(row.cells["uscc"]))
            and str(kept) != row.cells["listed_since"]
            and (row.cells["uscc"], str(kept)) not in closed_here
        ]
    elif kind == RosterKind.TITLES:
        kept_titles = set(titles.live_titles().values_list("uscc", "title_code", "valid_from"))
        faults = [
            Fault(row.line, "称号", "该称号已登记")
            for row in rows
            if (row.cells["uscc"], row.cells["title_code"], _day(row.cells["valid_from"])) in kept_titles
        ]
    if faults:
        raise RosterFaults(faults)


def _record_once(roster: RosterImport, *, by: User) -> None:
    refusal = Refused(
        "ROSTER_ALREADY_IMPORTED", "该文件已经导入过（按内容比对），不能重复导入。", file_sm3=roster.file_sm3
    )
    known = RosterImport.objects.filter(kind=roster.kind, file_sm3=roster.file_sm3).exclude(state=RosterState.REJECTED)
    if known.exists():
        raise refusal
    facts = {
        "kind": roster.kind,
        "source_document": roster.source_document,
        "file_sm3": roster.file_sm3,
        "as_of": str(roster.as_of),
        "rows": roster.row_count,
    }
    try:
        evidence.record(roster, act="upload_roster", by=by, facts=facts)
    except IntegrityError as error:  # two at once: the constraint's word counts
        if "roster_file_once" not in str(error):
            raise
        raise refusal from None


def _apply(roster: RosterImport) -> None:
    """Lines already known are corrected, new ones added. Endings go first: they make room for a new listing."""
    rows = sorted(roster.rows, key=lambda row: not (row.get("removed_on") or row.get("until")))
    if roster.kind == RosterKind.LISTED:
        _upsert(
            ListedEnterprise,
            [
                ListedEnterprise(
                    uscc=row["uscc"],
                    name=row["name"],
                    listed_since=date.fromisoformat(row["listed_since"]),
                    removed_on=_day(row["removed_on"]),
                    roster=roster,
                )
                for row in rows
            ],
            ["uscc", "listed_since"],
            ["name", "removed_on", "roster"],
        )
    else:
        _upsert(
            DishonestParty,
            [
                DishonestParty(
                    uscc=row["uscc"],
                    since=date.fromisoformat(row["since"]),
                    until=_day(row["until"]),
                    source=row["source"],
                    roster=roster,
                )
                for row in rows
            ],
            ["uscc", "since"],
            ["until", "source", "roster"],
        )


def _upsert(model: Any, rows: list[Any], key: list[str], changing: list[str]) -> None:
    try:
        model.objects.bulk_create(
            rows, batch_size=1000, update_conflicts=True, unique_fields=key, update_fields=changing
        )
    except IntegrityError as error:  # another roster came in force between upload and confirmation
        if "listed_one_open" not in str(error):
            raise
        raise Refused("ROSTER_CONFLICT", "名册与其后生效的名册冲突（同一企业两条在册记录），请重新导入。") from None


def _waiting(roster: RosterImport) -> list[TitleHolding]:
    return list(
        TitleHolding.objects.select_for_update(of=("self",), no_key=True)
        .filter(roster=roster, state=TitleState.RECORDED)
        .order_by("pk")
    )


def _verify_all(roster: RosterImport, by: User) -> None:
    for holding in _waiting(roster):
        holding.verify(by, clock.now())
        evidence.record(holding, act="verify_title", by=by, facts=holding.as_facts())


def _holding(cells: dict[str, str]) -> dict[str, Any]:
    return {
        "uscc_code": cells["uscc"],
        "title_code": cells["title_code"],
        "certificate_no": cells["certificate_no"],
        "issued_by": cells["issued_by"],
        "doc_no": cells["doc_no"],
        "valid_from": _day(cells["valid_from"]),
        "valid_to": _day(cells["valid_to"]),
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
