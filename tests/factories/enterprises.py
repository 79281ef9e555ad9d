"""Enterprises for tests: a draft, or active with a tier, made in the state itself with the evidence that backs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast
from uuid import UUID

from factory.base import Factory

from accounts.models import Organisation, User
from accounts.states import OrganisationKind, Role
from engines.evidence import services as evidence
from enterprises.models import Enterprise, PassportDispute, QuotaGrant, RelationDeclaration
from enterprises.services import Tie, disputes, quota, relations, standing
from enterprises.states import DisputeKind, DisputeState, RelationKind, State
from foundation import clock
from registry.models import ListedEnterprise, RosterImport, TitleHolding
from registry.states import RosterKind, RosterState, TitleState
from tests.factories.accounts import TESTER, make_organisation, make_user
from tests.factories.programmes import open_year
from tests.factories.registry import make_title

TITLE_OF_TIER = {"5": "", "10": "innovative_sme", "20": "region_champion", "30": "little_giant"}
LISTED_LONG_AGO = date(2015, 1, 1)
CLEAR = [
    {"code": code, "label": code, "value": "", "source": "测试", "result": "ok", "message": ""}
    for code in ("uscc", "industry", "region", "listed", "dishonest")
]


class _EnterpriseFactory(Factory[Any]):
    """A draft; `active=True` an active one on the roster, of tier "5", "10", "20" or "30", with the year's quota.

    `organisation`, or its `uscc` and `name`, and any field may be given; `listed=False` keeps it off the roster.
    """

    class Meta:
        model = Enterprise

    active = False
    tier = "5"
    listed = True
    industry_code = "3670"
    region_code = "450103"
    address = "南宁市青秀区测试路1号"
    registered_on = date(2012, 5, 8)
    listed_since = LISTED_LONG_AGO
    legal_representative = "张三"
    contact_name = "李四"
    contact_phone = "10012345678"
    contact_email = "lisi@example.com"
    bank_name = "测试银行南宁分行"
    bank_account = "0000001234567890"

    @classmethod
    def _create(
        cls, model_class: type[Enterprise], *args: Any, active: bool, tier: str, listed: bool, **fields: Any
    ) -> Enterprise:
        named = {key: fields.pop(key) for key in ("uscc", "name") if key in fields}
        organisation = fields.pop("organisation", None) or make_organisation(OrganisationKind.ENTERPRISE, **named)
        fields |= {"organisation": organisation, "name": organisation.name, "uscc": organisation.uscc}
        row = model_class(**fields, **(confirmed(organisation) if active else {}))
        if listed:
            put_on_roster(row)
        evidence.record(row, act="confirm" if active else "register", by=TESTER)
        if active:
            _grant(row, tier)
        return row


EnterpriseFactory = cast(
    "Callable[..., Enterprise]", _EnterpriseFactory
)  # factory-boy tells mypy nothing of its answer


def confirmed(organisation: Organisation) -> dict[str, Any]:
    """Fields of a registration that has passed, with who did it."""
    at = clock.now()
    return {
        "state": State.ACTIVE,
        "checks": CLEAR,
        "auto_checked_at": at,
        "committed_at": at,
        "committed_by": make_user(Role.ENTERPRISE_SIGNATORY, organisation=organisation),
        "checked_by": shared_officer(Role.CENTRE_CHECKER),
        "checked_at": at,
        "confirmed_by": shared_officer(Role.CENTRE_REVIEWER),
        "confirmed_at": at,
    }


def _grant(row: Enterprise, tier: str) -> None:
    open_year(clock.today().year)
    if TITLE_OF_TIER[tier]:
        give_title(row, TITLE_OF_TIER[tier])
    quota.bring_up_to_date(row, by=TESTER, day=clock.today())


def grant_year(enterprise: Enterprise, year: int) -> QuotaGrant:
    """The enterprise has that year's quota, as the nightly job of 1 January gives it."""
    standing.watch(by=TESTER, enterprise_id=enterprise.pk, day=date(year, 1, 1))
    return QuotaGrant.objects.filter(enterprise=enterprise, year=year).latest("pk")


def put_on_roster(enterprise: Enterprise, since: date = LISTED_LONG_AGO) -> ListedEnterprise:
    """The enterprise stands in the 规上 roster."""
    return ListedEnterprise.objects.create(
        uscc=enterprise.uscc, name=enterprise.name, listed_since=since, roster=shared_roster(RosterKind.LISTED)
    )


def give_title(enterprise: Enterprise, code: str, **fields: Any) -> TitleHolding:
    """A verified title; the quota is not touched, so that a test can watch it being re-graded."""
    values: dict[str, Any] = {
        "certificate_no": f"证{code}",
        "issued_by": "测试认定机关",
        "valid_from": date(2020, 1, 1),
        "recorded_by": shared_officer(Role.CENTRE_CHECKER),
        "verified_by": shared_officer(Role.CENTRE_REVIEWER),
        "verified_at": clock.now(),
        **fields,
    }
    holding = TitleHolding(uscc=enterprise.uscc, title_code=code, state=TitleState.VERIFIED, **values)
    evidence.record(holding, act="verify_title", by=TESTER)
    return holding


def shared_officer(role: str) -> User:
    """The same made-up officer of a role throughout a test."""
    known = User.objects.filter(username=f"shared-{role.lower()}").first()
    return known or make_user(role, username=f"shared-{role.lower()}")


def shared_roster(kind: str) -> RosterImport:
    """One roster in force that every made-up line may come from."""
    known = RosterImport.objects.filter(kind=kind, file_name="测试名册").first()
    if known is not None:
        return known
    roster = RosterImport(
        kind=kind,
        source_document="测试名册",
        file_name="测试名册",
        file_sm3=f"{kind:0<64}",
        as_of=date(2015, 1, 1),
        row_count=0,
        rows=[],
        imported_by=shared_officer(Role.CENTRE_CHECKER),
        confirmed_by=shared_officer(Role.CENTRE_REVIEWER),
        confirmed_at=clock.now(),
        state=RosterState.CONFIRMED,
    )
    evidence.record(roster, act="confirm_roster", by=TESTER)
    return roster


def make_dispute(
    enterprise: Enterprise, *, state: str = DisputeState.OPEN, by: User | None = None, **fields: Any
) -> PassportDispute:
    """A dispute of the title line 专精特新“小巨人” unless `line` and `kind` say otherwise, brought to `state` by two officers.

    Where it is accepted, the correction is a title that waits to be verified, or `title_id`, `roster_id`.
    """
    values: dict[str, Any] = {"line": "little_giant", "kind": DisputeKind.MISSING, "claim": "已获评，平台未匹配。"}
    correction = {key: fields.pop(key) for key in ("title_id", "roster_id") if key in fields}
    by = by or make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation)
    row = disputes.file_dispute(by=by, enterprise_id=enterprise.pk, **(values | fields))
    if state == DisputeState.OPEN:
        return row
    if state == DisputeState.WITHDRAWN:
        return disputes.withdraw_dispute(by=by, dispute_id=row.pk, version=row.version)
    if state in (DisputeState.UNFOUNDED, DisputeState.REJECTED):
        row = disputes.find_unfounded(
            by=shared_officer(Role.CENTRE_CHECKER), dispute_id=row.pk, version=row.version, opinion="未获评"
        )
    else:
        correction = correction or {"title_id": make_title(enterprise.uscc, row.line, state=TitleState.RECORDED).pk}
        row = disputes.accept_dispute(
            by=shared_officer(Role.CENTRE_CHECKER),
            dispute_id=row.pk,
            version=row.version,
            opinion="已登记",
            **correction,
        )
    ends = {DisputeState.UPHELD: disputes.uphold_dispute, DisputeState.REJECTED: disputes.reject_dispute}
    end = ends.get(DisputeState(state))
    if end is None:
        return row
    return end(by=shared_officer(Role.CENTRE_REVIEWER), dispute_id=row.pk, version=row.version, decision="经核实")


def declare(enterprise: Enterprise, *ties: Tie, replaces: UUID | None = None) -> RelationDeclaration:
    """The enterprise's signatory declares these ties for the year, and no others."""
    by = make_user(Role.ENTERPRISE_SIGNATORY, organisation=enterprise.organisation)
    return relations.declare_relations(by=by, enterprise_id=enterprise.pk, ties=ties, replaces=replaces)


def tie(uscc: str, kind: str = RelationKind.PARENT, **fields: Any) -> Tie:
    """A tie with the body of that code since long ago."""
    return Tie(**{"name": f"关联{uscc[-6:]}有限公司", "uscc": uscc, "kind": kind, "since": LISTED_LONG_AGO, **fields})
