"""Rosters and titles in force, made through the services by two made-up officers."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from accounts.models import User
from accounts.states import Role
from foundation import clock
from registry import services
from registry.models import DishonestParty, ListedEnterprise, RosterImport, TitleHolding
from registry.states import RosterKind, TitleState
from tests.factories.accounts import officer

_numbers = itertools.count(1)
HEADINGS = {
    RosterKind.LISTED: "统一社会信用代码,企业名称,入规日期,退规日期",
    RosterKind.TITLES: "统一社会信用代码,称号,证书编号,认定机关,认定文号,有效期起,有效期止",
    RosterKind.DISHONEST: "统一社会信用代码,列入日期,移出前最后一日,列入机关及文号",
}


def roster_csv(kind: str, *lines: str) -> bytes:
    """A roster file with its heading and `lines`."""
    return ("\n".join([HEADINGS[RosterKind(kind)], *lines]) + "\n").encode()


def make_roster(
    kind: str, *lines: str, confirmed: bool = True, by: User | None = None, second: User | None = None, **fields: Any
) -> RosterImport:
    """An uploaded roster, confirmed by a second person unless told otherwise."""
    values = {"file_name": "名册.csv", "source_document": "统计部门函〔2026〕1号", "as_of": clock.today(), **fields}
    roster = services.upload_roster(
        by=by or officer(Role.CENTRE_CHECKER), kind=kind, raw=roster_csv(kind, *lines), **values
    )
    if not confirmed:
        return roster
    return services.confirm_roster(
        by=second or officer(Role.CENTRE_REVIEWER), roster_id=roster.pk, version=roster.version
    )


def listed(uscc: str, *, name: str = "", since: str = "2020-01-01", removed_on: str = "") -> ListedEnterprise:
    """The enterprise stands in the 规上 roster in force."""
    make_roster(RosterKind.LISTED, f"{uscc},{name or f'广西测试企业{next(_numbers)}有限公司'},{since},{removed_on}")
    return ListedEnterprise.objects.get(uscc=uscc, listed_since=since)


def dishonest(uscc: str, *, since: str = "2025-01-01", until: str = "") -> DishonestParty:
    """The party stands on the 严重失信主体名单 in force."""
    make_roster(RosterKind.DISHONEST, f"{uscc},{since},{until},某法院（{next(_numbers)}）执字")
    return DishonestParty.objects.get(uscc=uscc, since=since)


def make_title(
    uscc: str,
    title_code: str = "little_giant",
    *,
    state: str = TitleState.VERIFIED,
    by: User | None = None,
    second: User | None = None,
    revoked_on: date | None = None,
    **fields: Any,
) -> TitleHolding:
    """A holding, verified by a second person unless `state` says otherwise."""
    values = {
        "certificate_no": f"TEST-{next(_numbers):05d}",
        "issued_by": "测试认定机关",
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        **fields,
    }
    second = second or officer(Role.CENTRE_REVIEWER)
    row = services.record_title(by=by or officer(Role.CENTRE_CHECKER), uscc_code=uscc, title_code=title_code, **values)
    if state == TitleState.REJECTED:
        return services.reject_title(by=second, title_id=row.pk, version=row.version, reason="查无此证")
    if state in (TitleState.VERIFIED, TitleState.REVOKED):
        row = services.verify_title(by=second, title_id=row.pk, version=row.version)
    if state == TitleState.REVOKED:
        row = services.revoke_title(
            by=second, title_id=row.pk, version=row.version, revoked_on=revoked_on or clock.today(), reason="复核未通过"
        )
    return row
