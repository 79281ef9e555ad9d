"""The officers' side of a registration: first check, confirmation by another person, return, refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from credit import services as credit
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from enterprises import eligibility, policies
from enterprises.models import Enterprise
from enterprises.services import clocks, quota
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.states import move


def check(
    *, by: User, enterprise_id: UUID, version: int, findings: Sequence[Mapping[str, str]] = (), reason: str = ""
) -> Enterprise:
    """促进中心经办 has checked the facts; the confirmation by another person is awaited.

    `findings` answers every doubt of the automatic check, {code, note}: the notes stand in `checks` for whoever
    confirms. Raises DOUBTS_UNANSWERED naming those without an answer, DOUBT_UNKNOWN, DOUBT_TWICE.
    """
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_check(by, enterprise):
            raise not_allowed("初核企业资料（本次登记中作过复核的人不得初核）", Role.CENTRE_CHECKER)
        move(enterprise, "check_facts", "初核")(by, clock.now())
        enterprise.checks = _answered(enterprise.checks, findings)
        facts = {"doubts": _doubts(enterprise), "stage": policies.CHECK}
        evidence.record(enterprise, act="check", by=by, reason=reason, facts=facts)
    return enterprise


def send_back(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """Returned to the enterprise to be put right, with the reason and a last day; a first check already made is void."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_return(by, enterprise):
            raise not_allowed("退回企业资料", policies.ROLE_OF[policies.stage_now(enterprise)])
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
            raise not_allowed("不予通过企业注册", Role.CENTRE_CHECKER)
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
            raise not_allowed("复核企业资料（本次登记中作过初核的人不得复核）", Role.CENTRE_REVIEWER)
        credit.refuse_restricted(enterprise.uscc, "复核通过")
        move(enterprise, "confirm", "复核")(by, clock.now())
        facts = {"doubts": _doubts(enterprise), "stage": policies.DECIDE}
        evidence.record(enterprise, act="confirm", by=by, reason=reason, facts=facts)
        quota.bring_up_to_date(enterprise, by=by, day=clock.today())
        _tell(enterprise, "注册成功", "贵企业注册已通过，可在平台查看划型结果和年度额度。")
    return enterprise


def close(*, by: User, enterprise_id: UUID, version: int, reason: str) -> Enterprise:
    """Withdrawn by the enterprise while returned, or closed by 促进中心复核 (deregistered, merged)."""
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id, version=version)
        if not policies.may_close(by, enterprise):
            raise not_allowed("关闭该企业", *policies.who_closes(enterprise))
        move(enterprise, "close", "关闭")()
        evidence.record(enterprise, act="close", by=by, reason=reason)
        _tell(enterprise, "企业登记已关闭", f"贵企业在平台的登记已关闭。理由：{reason}")
    return enterprise


def _answered(checks: list[dict[str, Any]], findings: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The points of the automatic check, each doubt with the officer's note."""
    doubts = {row["code"]: row for row in checks if row["result"] != eligibility.OK}
    codes = [one["code"] for one in findings]
    if unknown := sorted(set(codes) - set(doubts)):
        raise Invalid(
            "DOUBT_UNKNOWN", f"自动核验没有这些疑点：{'、'.join(unknown)}。", unknown=unknown, known=sorted(doubts)
        )
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise Invalid("DOUBT_TWICE", f"同一疑点只答复一次，以下重复：{'、'.join(twice)}。", codes=twice)
    notes = {one["code"]: one["note"].strip() for one in findings}
    if open_ones := [row for code, row in doubts.items() if not notes.get(code)]:
        listed = "；".join(f"{row['label']}（{row['code']}）：{row['message']}" for row in open_ones)
        raise Refused(
            "DOUBTS_UNANSWERED",
            f"自动核验有{len(doubts)}处疑点，还有{len(open_ones)}处没有核实情况：{listed}"
            "请在 findings 中逐项写明 code 和核实情况 note；核实不符的，退回补正或不予通过。",
            doubts=[row["code"] for row in open_ones],
        )
    return [row | {"note": notes[row["code"]]} if row["code"] in doubts else row for row in checks]


def _doubts(enterprise: Enterprise) -> dict[str, str]:
    """The doubts of the automatic check by their code, each with what the first officer answered."""
    return {row["code"]: row["note"] for row in enterprise.checks if row["result"] != eligibility.OK}


def _tell(enterprise: Enterprise, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[enterprise.organisation_id], topic="enterprise", title=title, body=body, subject=enterprise
    )
