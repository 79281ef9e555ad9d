"""From a draft to a submitted registration (第十八条第（一）、（二）项)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts import services as accounts
from accounts.models import Organisation, User
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from credit import services as credit
from engines.evidence import chain
from engines.evidence import services as evidence
from enterprises import eligibility, policies, selectors
from enterprises.models import Enterprise
from enterprises.services import clocks
from enterprises.states import CORRECTABLE, EDITABLE
from foundation import clock
from foundation.actors import Actor, SystemActor
from foundation.errors import Invalid, Refused, not_allowed, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.states import move
from registry import uscc as uscc_rules

AUTO_CHECK = SystemActor("auto_check")


@dataclass(frozen=True)
class Profile:
    """What an enterprise tells of itself beside its name and code."""

    industry_code: str
    region_code: str
    address: str
    registered_on: date
    legal_representative: str
    contact_name: str
    contact_phone: str
    bank_name: str
    bank_account: str
    contact_email: str = ""
    listed_since: date | None = None


EDITABLE_FIELDS = frozenset(Profile.__dataclass_fields__) | {"name"}
CONTACT_FIELDS = frozenset({"contact_name", "contact_phone", "contact_email", "bank_name", "bank_account"})


def register(*, name: str, uscc: str, profile: Profile, people: Sequence[Person]) -> Enterprise:
    """Organisation, accounts and a draft exist: open registration, no sign-in needed.

    Raises USCC_INVALID, SIGNATORY_MISSING (nobody among `people` could sign), and what
    `accounts.services.register_party` raises.
    """
    code = uscc_rules.check(uscc).code
    if not any(Role.ENTERPRISE_SIGNATORY in person.roles for person in people):
        raise Invalid("SIGNATORY_MISSING", "注册人员中至少须有一名企业授权签署人（EL），否则无人可签署信用承诺。")
    with unit_of_work():
        credit.refuse_restricted(code, "注册")
        organisation = accounts.register_party(
            kind=OrganisationKind.ENTERPRISE, name=name, uscc=code, city=_city(profile.region_code), people=people
        )
        return _draft(organisation, profile, by=accounts.REGISTRATION)


def register_own(*, by: User, profile: Profile) -> Enterprise:
    """The caller's organisation, which has accounts already, has a draft. Raises ENTERPRISE_EXISTS."""
    if not policies.may_register(by):
        raise not_allowed("登记企业", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
    with unit_of_work():
        if Enterprise.objects.filter(organisation=by.organisation).exists():
            raise Refused("ENTERPRISE_EXISTS", f"{by.organisation.name}已登记，请在原记录上修改。")
        credit.refuse_restricted(by.organisation.uscc or "", "登记企业")
        accounts.relocate(by=by, organisation_id=by.organisation_id, city=_city(profile.region_code))
        return _draft(by.organisation, profile, by=by)


def edit(*, by: User, enterprise_id: UUID, version: int, changes: Mapping[str, Any]) -> Enterprise:
    """The named fields of a draft or returned registration are as given. Raises NOTHING_TO_CHANGE."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_edit(by, enterprise):
            raise not_allowed("修改企业资料", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        if enterprise.state not in EDITABLE:
            raise wrong_state("修改资料", enterprise.state, enterprise.get_state_display())
        changed = _change(enterprise, changes, EDITABLE_FIELDS)
        if "name" in changed:
            accounts.rename(by=by, organisation_id=enterprise.organisation_id, name=enterprise.name)
        if "region_code" in changed:
            city = _city(enterprise.region_code)
            accounts.relocate(by=by, organisation_id=enterprise.organisation_id, city=city)
        evidence.record(
            enterprise, act="edit", by=by, facts={"fields": changed, "content_sm3": content_sm3(enterprise)}
        )
    return enterprise


def correct(*, by: User, enterprise_id: UUID, version: int, changes: Mapping[str, Any]) -> Enterprise:
    """Whom to reach and the account it pays from are as given, whatever was confirmed: nothing is decided by them.

    What officers have examined (name, code, trade, place) is not touched. Raises NOTHING_TO_CHANGE.
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_edit(by, enterprise):
            raise not_allowed("更正联系信息", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        if enterprise.state not in CORRECTABLE:
            raise wrong_state("更正联系信息", enterprise.state, enterprise.get_state_display())
        changed = _change(enterprise, changes, CONTACT_FIELDS)
        evidence.record(
            enterprise, act="correct", by=by, facts={"fields": changed, "content_sm3": content_sm3(enterprise)}
        )
    return enterprise


def _change(enterprise: Enterprise, changes: Mapping[str, Any], allowed: frozenset[str]) -> list[str]:
    """The row holds the new values of the allowed fields; which ones those are."""
    wanted = {name: value for name, value in changes.items() if name in allowed}
    changed = {name: value for name, value in wanted.items() if getattr(enterprise, name) != value}
    if not changed:
        raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
    for name, value in changed.items():
        setattr(enterprise, name, value)
    return sorted(changed)


def submit(*, by: User, enterprise_id: UUID, version: int) -> Enterprise:
    """The signatory signs the credit commitment over the present content and the automatic check is done.

    AUTO_OK, or AUTO_DOUBT when a point needs a person; `due_on` is the officers' last day. Raises
    ENTERPRISE_NOT_ELIGIBLE, naming every failing point, when the code is wrong, the trade is not manufacturing
    or the party is on the 失信 list; PARTY_RESTRICTED when its credit file keeps it out (第二十七条).
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_submit(by, enterprise):
            raise not_allowed("签署信用承诺并提交", Role.ENTERPRISE_SIGNATORY)
        credit.refuse_restricted(enterprise.uscc, "提交注册")
        checks = selectors.examine(enterprise, clock.today())
        _refuse_ineligible(checks)
        move(enterprise, "submit", "提交")(by, clock.now())
        enterprise.due_on = clocks.last_day(clocks.CHECK, clock.today())
        signed = credit.commit(by=by)
        evidence.record(
            enterprise,
            act="submit",
            by=by,
            facts={
                "commitment": True,
                "commitment_version": signed.text_version,
                "commitment_sm3": signed.text_sm3,
                "content_sm3": content_sm3(enterprise),
            },
        )
        _auto_check(enterprise, checks)
    return enterprise


def reopen(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """A refused, closed or once disqualified registration is a draft again, and the whole path runs anew.

    What was granted and signed stays as it is. Raises STILL_DISQUALIFIED until the day named in the
    decision has passed (第二十七条, 8-41).
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_reopen(by, enterprise):
            raise not_allowed("重新办理企业登记", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        credit.refuse_restricted(enterprise.uscc, "重新办理登记")
        before = {
            "before": str(enterprise.state),
            "until": str(enterprise.disqualified_until or ""),
            "decision_no": enterprise.decision_no,
        }
        _refuse_disqualified(enterprise)
        move(enterprise, "reopen", "重新办理")()
        evidence.record(enterprise, act="reopen", by=by, reason=reason, facts=before)
    return enterprise


def _refuse_disqualified(enterprise: Enterprise) -> None:
    until, today = enterprise.disqualified_until, clock.today()
    if until is not None and today <= until:
        raise Refused(
            "STILL_DISQUALIFIED",
            f"依据{enterprise.decision_no}，贵企业领券资格取消至{until}（今天是{today}），期满次日起可重新办理。",
            until=str(until),
            today=str(today),
            decision_no=enterprise.decision_no,
        )


def content_sm3(enterprise: Enterprise) -> str:
    """The digest of everything the enterprise stated: what was signed can be shown without being told here."""
    stated = {name: str(getattr(enterprise, name) or "") for name in sorted(EDITABLE_FIELDS)}
    return chain.sm3(chain.canonical({**stated, "uscc": enterprise.uscc}))


def _draft(organisation: Organisation, profile: Profile, *, by: Actor) -> Enterprise:
    enterprise = Enterprise(
        organisation=organisation, name=organisation.name, uscc=organisation.uscc or "", **asdict(profile)
    )
    try:
        evidence.record(enterprise, act="register", by=by, facts={"content_sm3": content_sm3(enterprise)})
    except IntegrityError as error:  # two requests at once: the database's word counts
        if "enterprise_uscc_once" not in str(error) and "organisation_id" not in str(error):
            raise
        raise Refused("ENTERPRISE_EXISTS", f"{organisation.name}已登记。") from error
    return enterprise


def _auto_check(enterprise: Enterprise, checks: list[eligibility.Check]) -> None:
    enterprise.checks = [check.as_dict() for check in checks]
    doubtful = eligibility.is_doubtful(checks)
    move(enterprise, "find_doubtful" if doubtful else "find_clear", "自动核验")(clock.now())
    results = {check.code: check.result for check in checks}
    evidence.record(enterprise, act="auto_check", by=AUTO_CHECK, facts={"checks": results})


def _refuse_ineligible(checks: list[eligibility.Check]) -> None:
    failing = eligibility.failing(checks)
    if failing:
        sentences = " ".join(check.message for check in failing)
        raise Refused(
            "ENTERPRISE_NOT_ELIGIBLE",
            f"不符合注册条件：{sentences}",
            failing=[check.as_dict() for check in failing],
        )


def _city(region_code: str) -> str:
    return f"{region_code[:4]}00"
