"""Complaints and credit records for tests, walked to the state by the services themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import Organisation, User
from accounts.states import OrganisationKind, Role
from credit.models import Complaint, CreditRecord
from credit.services import complaints, records
from credit.states import Ground
from foundation import clock
from tests.factories.accounts import make_organisation, make_user, officer
from tests.factories.providers import notice_of


class Offices:
    """One person of each office that has a part in it."""

    def __init__(self) -> None:
        self.co, self.cr = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
        self.dp, self.ap = officer(Role.DEPARTMENT), officer(Role.APPROVER)


def make_complaint(
    state: str = "filed",
    *,
    filer: User | None = None,
    against: Organisation | None = None,
    offices: Offices | None = None,
    **fields: Any,
) -> Complaint:
    """A complaint of an enterprise against a provider: filed, accepted, investigated, upheld (large effect) or not."""
    notice_of(clock.today().year)
    hands = offices or Offices()
    against = against or make_organisation(OrganisationKind.PROVIDER)
    fields = {"facts": "约定人员未到场。", **fields}
    row = complaints.file(by=filer or make_user(Role.ENTERPRISE_AGENT), uscc=against.uscc or "", **fields)
    if state != "filed":
        complaints.accept(by=hands.co, complaint_id=row.pk, version=1)
    if state in ("investigated", "upheld", "not_upheld"):
        complaints.investigate(by=hands.cr, complaint_id=row.pk, version=2, findings="双方陈述一致。")
    if state == "upheld":
        complaints.uphold(by=hands.dp, complaint_id=row.pk, version=3, result="责令整改", has_large_effect=True)
    if state == "not_upheld":
        complaints.dismiss(by=hands.dp, complaint_id=row.pk, version=3, result="不属实")
    row.refresh_from_db()
    return row


def make_record(
    state: str = "in_force",
    *,
    uscc: str | None = None,
    until: date | None = None,
    blocks: bool = True,
    offices: Offices | None = None,
    **fields: Any,
) -> CreditRecord:
    """A credit record: proposed, reviewed or in force since today; `uscc` of a registered party, else a new provider."""
    hands = offices or Offices()
    code = uscc or make_organisation(OrganisationKind.PROVIDER).uscc or ""
    fields = {"ground": Ground.SUBCONTRACTED, "facts": "现场核查发现整体转包。", **fields}
    row = records.propose(by=hands.co, uscc=code, blocks=blocks, **fields)
    if state != "proposed":
        records.review(by=hands.cr, record_id=row.pk, version=1)
    if state == "in_force":
        records.decide(
            by=hands.dp,
            record_id=row.pk,
            version=2,
            decision_no="桂工信信用〔2026〕3号",
            since=clock.today(),
            until=until,
        )
    row.refresh_from_db()
    return row
