"""Freeze, lift, disqualify, and the re-check at the start of a year (DOMAIN 6.1; 第六条, 第二十七条)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from credit import selectors as credit_file
from credit import services as credit
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from enterprises import eligibility, policies, selectors
from enterprises.models import Enterprise, QuotaGrant
from enterprises.services import quota
from enterprises.states import State
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move


def freeze(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """No new contract; those that run go on (8-09). By 厅职能处室, with the reason."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_freeze(by, enterprise):
            raise not_allowed("冻结企业", Role.DEPARTMENT)
        _freeze(enterprise, by=by, reason=reason)
    return enterprise


def lift(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """Active again, examined anew, and its quota brought up to date. Raises STILL_NOT_ELIGIBLE
    while a point of the automatic check fails, the 失信 list above all."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_freeze(by, enterprise):
            raise not_allowed("解除冻结", Role.DEPARTMENT)
        credit.refuse_restricted(enterprise.uscc, "解除冻结")
        checks = selectors.examine(enterprise, clock.today())
        if failing := eligibility.failing(checks):
            raise Refused(
                "STILL_NOT_ELIGIBLE",
                "不能解除冻结：" + " ".join(check.message for check in failing),
                failing=[check.as_dict() for check in failing],
            )
        move(enterprise, "lift", "解除冻结")()
        _keep(enterprise, checks)
        evidence.record(enterprise, act="lift", by=by, reason=reason)
        quota.bring_up_to_date(enterprise, by=by, day=clock.today())
        _tell(enterprise, "已解除冻结", f"贵企业已恢复，可签订新合同。{reason}")
    return enterprise


def disqualify(
    *, by: User, enterprise_id: UUID, version: int, until: date, decision_no: str, reason: str
) -> Enterprise:
    """No voucher until the day named in the decision (第二十七条, 8-41). Raises UNTIL_NOT_IN_FUTURE."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_disqualify(by, enterprise):
            raise not_allowed("取消企业领券资格", Role.APPROVER)
        if until <= clock.today():
            raise Invalid("UNTIL_NOT_IN_FUTURE", f"取消资格的截止日期须晚于今天，现为{until}。", until=str(until))
        move(enterprise, "disqualify", "取消领券资格")(until, decision_no)
        evidence.record(
            enterprise, act="disqualify", by=by, reason=reason, facts={"until": str(until), "decision_no": decision_no}
        )
        _tell(enterprise, "取消领券资格", f"依据{decision_no}，贵企业领券资格取消至{until}。{reason}")
    return enterprise


def watch(*, by: Actor, enterprise_id: UUID, day: date) -> str:
    """One enterprise as of `day`: frozen if it may not go on, renewed if a new year opened, else re-graded.

    Returns what was done: frozen, renewed, granted, regraded, or nothing ("").
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        if enterprise.state != State.ACTIVE:
            return ""
        if reason := _must_freeze(enterprise, day):
            _freeze(enterprise, by=by, reason=reason)
            return "frozen"
        if quota.awaits_renewal(enterprise, day):
            if credit_file.restriction(enterprise.uscc, day) is not None:
                return ""  # no new year's quota while it is kept out; the night after the record's end renews it
            return _renew(enterprise, by=by, day=day)
        grant = quota.bring_up_to_date(enterprise, by=by, day=day)
        return _done(grant)


def _done(grant: QuotaGrant | None) -> str:
    if grant is None:
        return ""
    return "granted" if grant.opens_year else "regraded"


def _must_freeze(enterprise: Enterprise, day: date) -> str:
    """On the 失信 list, or gone from the 规上 roster it once stood in (8-09). One that officers let in without
    being on the roster stays until the year's re-check."""
    found = {check.code: check for check in selectors.examine(enterprise, day)}
    if found[eligibility.DISHONEST].result == eligibility.FAIL:
        return found[eligibility.DISHONEST].message
    stood = any(row["code"] == eligibility.LISTED and row["result"] == eligibility.OK for row in enterprise.checks)
    if stood and found[eligibility.LISTED].result != eligibility.OK:
        return "已不在规上企业名录中，暂停签订新合同，已签合同继续履行结算。"
    return ""


def _renew(enterprise: Enterprise, *, by: Actor, day: date) -> str:
    checks = selectors.examine(enterprise, day)
    move(enterprise, "begin_renewal", "年度复核")()
    evidence.record(enterprise, act="begin_renewal", by=by)
    _keep(enterprise, checks)
    listed = any(check.code == eligibility.LISTED and check.result == eligibility.OK for check in checks)
    if eligibility.failing(checks) or not listed:
        bad = [check.message for check in checks if check.code in (eligibility.LISTED, eligibility.DISHONEST)]
        _freeze(enterprise, by=by, reason="年度复核未通过：" + " ".join(bad))
        return "frozen"
    move(enterprise, "renew", "年度复核")()
    evidence.record(enterprise, act="renew", by=by)
    quota.bring_up_to_date(enterprise, by=by, day=day)
    return "renewed"


def _freeze(enterprise: Enterprise, *, by: Actor, reason: str) -> None:
    move(enterprise, "freeze", "冻结")(reason)
    evidence.record(enterprise, act="freeze", by=by, reason=reason)
    _tell(enterprise, "企业已冻结", f"贵企业暂不能签订新合同，已签合同继续履行。理由：{reason}")


def _keep(enterprise: Enterprise, checks: list[eligibility.Check]) -> None:
    enterprise.checks = [check.as_dict() for check in checks]
    enterprise.auto_checked_at = clock.now()


def _tell(enterprise: Enterprise, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[enterprise.organisation_id], topic="enterprise", title=title, body=body, subject=enterprise
    )
