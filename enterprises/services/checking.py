"""The officers' side of a registration: first check, confirmation by another person, return, refusal."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from credit import services as credit
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from enterprises import policies
from enterprises.models import Enterprise
from enterprises.services import clocks, quota
from foundation import clock
from foundation.errors import not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move


def check(*, by: User, enterprise_id: UUID, version: int, reason: str = "") -> Enterprise:
    """促进中心经办 has checked the facts; the confirmation by another person is awaited."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_check(by, enterprise):
            raise not_allowed("初核企业资料（本次登记中作过复核的人不得初核）")
        move(enterprise, "check_facts", "初核")(by, clock.now())
        doubts = [row["code"] for row in enterprise.checks if row["result"] != "ok"]
        evidence.record(
            enterprise, act="check", by=by, reason=reason, facts={"doubts": doubts, "stage": policies.CHECK}
        )
    return enterprise


def send_back(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """Returned to the enterprise to be put right, with the reason and a last day; a first check already made is void."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_return(by, enterprise):
            raise not_allowed("退回企业资料")
        stage = policies.stage_now(enterprise)
        move(enterprise, "send_back", "退回")(reason)
        enterprise.due_on = due = clocks.last_day(clocks.CORRECTION, clock.today())
        facts = {"stage": stage, "due_on": str(due or "")}
        evidence.record(enterprise, act="return", by=by, reason=reason, facts=facts)
        until = f"在{due}前" if due else ""
        _tell(enterprise, "退回补正", f"贵企业的注册资料被退回，请{until}补正后重新提交。理由：{reason}")
    return enterprise


def reject(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """The registration is refused for good, with the reason."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_reject(by, enterprise):
            raise not_allowed("不予通过企业注册")
        move(enterprise, "reject", "不予通过")(reason)
        evidence.record(enterprise, act="reject", by=by, reason=reason, facts={"stage": policies.CHECK})
        _tell(enterprise, "注册不予通过", f"贵企业的注册未予通过。理由：{reason}")
    return enterprise


def confirm(*, by: User, enterprise_id: UUID, version: int, reason: str = "") -> Enterprise:
    """The enterprise is active, its tier is computed and the year's quota granted (第十条, 第十八条).

    While no notice of the year is published there is no quota yet (8-53); the nightly job grants it later.
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_confirm(by, enterprise):
            raise not_allowed("复核企业资料（本次登记中作过初核的人不得复核）")
        credit.refuse_restricted(enterprise.uscc, "复核通过")
        move(enterprise, "confirm", "复核")(by, clock.now())
        evidence.record(enterprise, act="confirm", by=by, reason=reason, facts={"stage": policies.DECIDE})
        quota.bring_up_to_date(enterprise, by=by, day=clock.today())
        _tell(enterprise, "注册成功", "贵企业注册已通过，可在平台查看划型结果和年度额度。")
    return enterprise


def close(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """Withdrawn by the enterprise while returned, or closed by 促进中心复核 (deregistered, merged)."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_close(by, enterprise):
            raise not_allowed("关闭该企业")
        move(enterprise, "close", "关闭")()
        evidence.record(enterprise, act="close", by=by, reason=reason)
        _tell(enterprise, "企业登记已关闭", f"贵企业在平台的登记已关闭。理由：{reason}")
    return enterprise


def _tell(enterprise: Enterprise, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[enterprise.organisation_id], topic="enterprise", title=title, body=body, subject=enterprise
    )
