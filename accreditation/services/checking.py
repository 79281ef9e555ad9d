"""The offices' side: formal check, one list of what to put right, acceptance, refusal (第十三条, 第十五条第（二）项)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from accreditation import gathering, policies, selectors, states
from accreditation.models import Application, Ask, ConditionCheck
from accreditation.services import common
from accreditation.services.rounds import follow
from accreditation.states import ApplicationState, AskKind, MaterialKind, Outcome
from credit import selectors as credit
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed, wrong_state
from foundation.locking import unit_of_work
from foundation.names import sentence
from foundation.states import move
from programmes.deadlines import last_day

REJECTABLE_BY_HAND = frozenset({ApplicationState.SUBMITTED, ApplicationState.FORMAL_CHECK})


def check(
    *, by: User, application_id: UUID, version: int, findings: Sequence[Mapping[str, str]] = (), note: str = ""
) -> Application:
    """促进中心经办 has verified every condition: {code, result (ok or fail), note}.

    What was verified at an earlier submission and has not changed counts again. Raises UNKNOWN_CONDITION,
    CONDITIONS_UNVERIFIED naming those nobody verified, OVERRIDE_NOT_ALLOWED, NOTE_NEEDED.
    """
    with unit_of_work():
        application = common.lock_application(application_id, version)
        if not policies.may_check(by, common.stages(application, by)):
            raise not_allowed("形式审查", Role.CENTRE_CHECKER)
        common.refuse_barred_provider(application.provider)
        move(application, "check_form", "形式审查")(by, clock.now())
        rows = {row.code: row for row in selectors.checks(application)}
        changed = [_find(rows, one, by) for one in findings]
        unverified = [row.label for row in rows.values() if not row.finding]
        if unverified:
            raise Refused(
                "CONDITIONS_UNVERIFIED",
                f"每项条件都须由人核实，还有{len(unverified)}项没有结论：{'、'.join(unverified)}。",
                conditions=[code for code, row in rows.items() if not row.finding],
            )
        ConditionCheck.objects.bulk_update(changed, ["finding", "note", "verified_by", "verified_at"])
        facts = {"stage": policies.CHECK, "findings": {code: row.finding for code, row in rows.items()}}
        evidence.record(application, act="check", by=by, reason=note, facts=facts)
    return application


def send_back(*, by: User, application_id: UUID, version: int, items: Sequence[Mapping[str, str]]) -> Application:
    """Returned with one list of all that must be put right: {kind, code, what, why} (8-40).

    By 促进中心经办 during the formal check, by 厅职能处室 after it. Raises ASK_UNKNOWN, RETURNS_USED_UP when it was
    returned as often as the notice allows: then it is decided as it stands; CALENDAR_MISSING.
    """
    with unit_of_work():
        application = common.lock_application(application_id, version)
        stage = policies.stage_of_return(by, application, common.stages(application, by))
        if stage is None:
            raise not_allowed("退回补正", *policies.who_returns(application))
        rules = application.notice.parsed
        if application.returns >= rules.max_returns:
            raise Refused(
                "RETURNS_USED_UP",
                f"已退回补正{rules.max_returns}次，请按现有材料作出受理或不予受理的决定。",
                limit=rules.max_returns,
            )
        limit = rules.limit("correction")
        until = last_day(limit, clock.today())
        last_day(rules.limit("application_check"), until)  # who answers on the last day is not stopped by a calendar
        move(application, "send_back", "退回补正")(until)
        asks = [_ask(application, position, one) for position, one in enumerate(items, start=1)]
        Ask.objects.bulk_create(asks)
        listed = "；".join(f"{ask.position}. {ask.label}：{ask.what}（{ask.why}）" for ask in asks)
        application.reason = listed
        facts = {
            "stage": stage,
            "round": application.returns,
            "items": [dict(one) for one in items],
            "until": str(until),
        }
        evidence.record(application, act="return", by=by, reason=listed, facts=facts)
        common.free_version(application, by, listed)
        common.tell(
            application,
            "申请退回补正",
            f"第{application.returns}次退回，请在{limit}内（截至{until}）一次补齐：{listed}",
        )
    return application


def accept(*, by: User, application_id: UUID, version: int, opinion: str) -> Application:
    """处室 accepts the case for expert review with its first opinion (第十五条第（二）项). Raises CONDITION_NOT_MET."""
    with unit_of_work():
        application = common.lock_application(application_id, version)
        if not policies.may_review(by, application, common.stages(application, by)):
            raise not_allowed("受理申请（形式审查人不得受理）", Role.DEPARTMENT)
        common.refuse_barred_provider(application.provider)
        move(application, "accept", "受理")(by, clock.now(), opinion)
        failed = [row for row in selectors.checks(application) if row.hard and row.finding != Outcome.OK]
        if failed:
            listed = "；".join(f"{row.label}（{row.article}）要求{row.asked}，实际{row.value}" for row in failed)
            raise Refused(
                "CONDITION_NOT_MET",
                f"有{len(failed)}项条件不符合，不能受理：{listed}。请退回补正或不予受理。",
                conditions=[row.code for row in failed],
            )
        evidence.record(application, act="accept", by=by, reason=opinion, facts={"stage": policies.REVIEW})
        common.tell(application, "申请已受理", "征集截止后组织专家评审。")
    return application


def reject(*, by: User, application_id: UUID, version: int, reason: str) -> Application:
    """处室 does not accept it, with the reason; a later round is open to the provider.

    While the credit file keeps the provider out its case goes no further, so it may be turned away as long as no
    list was drawn up: else it would hold up everybody in the round (第二十七条).
    """
    with unit_of_work():
        row, application = common.lock_with_round(application_id, version)
        if not policies.may_review(by, application, common.stages(application, by)):
            raise not_allowed("不予受理（形式审查人不得办理）", Role.DEPARTMENT)
        kept_out = credit.restriction(application.provider.uscc, clock.today()) is not None
        if application.state not in (states.REJECTABLE if kept_out else REJECTABLE_BY_HAND):
            raise wrong_state("不予受理", application.state, application.get_state_display())
        move(application, "reject", "不予受理")(reason)
        evidence.record(application, act="reject", by=by, reason=reason, facts={"stage": policies.REVIEW})
        common.dismiss_version(application, by, reason)
        common.tell(application, "申请不予受理", f"理由：{sentence(reason)}可在以后的征集批次重新申请。")
        follow(row, by)
    return application


def lapse(*, by: Actor, application_id: UUID, day: date) -> bool:
    """A returned case that was not put right before `day` is over. Whether it was this call that ended it."""
    with unit_of_work():
        row, application = common.lock_with_round(application_id)
        due = application.correction_due
        if application.state != ApplicationState.RETURNED or due is None or due >= day:
            return False
        reason = f"补正期限{due}已过，未补正。"
        move(application, "reject", "逾期未补正")(reason)
        evidence.record(application, act="lapse", by=by, reason=reason, facts={"due": str(due)})
        common.tell(application, "申请逾期未补正", f"{reason}可在以后的征集批次重新申请。")
        follow(row, by)
    return True


def end_barred(*, by: Actor, application_id: UUID) -> bool:
    """A case under way is over once its provider may apply no more: barred (第十六条), or kept out by its credit
    file (第二十七条). Nobody waits for a case that no officer and no expert may touch.
    """
    with unit_of_work():
        row, application = common.lock_with_round(application_id)
        kept_out = gathering.kept_out(application)
        if kept_out is None or application.state not in states.LIVE:
            return False
        reason = kept_out.why
        early = application.state in states.REJECTABLE
        move(application, "reject" if early else "remove", "终止申请")(reason, kept_out.decision_no)
        facts = {kept_out.kind: kept_out.key, "decision_no": kept_out.decision_no}
        evidence.record(application, act="end_barred", by=by, reason=reason, facts=facts)
        common.dismiss_version(application, by, reason)
        common.tell(application, "申请已终止", reason)
        follow(row, by)
    return True


def _find(rows: Mapping[str, ConditionCheck], given: Mapping[str, str], by: User) -> ConditionCheck:
    row = rows.get(given["code"])
    if row is None:
        raise Invalid("UNKNOWN_CONDITION", f"没有条件“{given['code']}”。", known=sorted(rows))
    result, note = given["result"], given.get("note", "").strip()
    if result == Outcome.OK and row.result == Outcome.FAIL and row.hard:
        raise Refused(
            "OVERRIDE_NOT_ALLOWED",
            f"{row.label}自动核对为不符合（要求{row.asked}，实际{row.value}），不能核实为符合；数据有误的请退回补正。",
            condition=row.code,
        )
    if not note and (result != row.result):
        raise Invalid(
            "NOTE_NEEDED",
            f"{row.label}自动核对为“{row.get_result_display()}”，核实为“{Outcome(result).label}”须写明依据。",
            condition=row.code,
        )
    row.finding, row.note, row.verified_by, row.verified_at = result, note, by, clock.now()
    return row


def _ask(application: Application, position: int, given: Mapping[str, str]) -> Ask:
    label = _label(application, given["kind"], given["code"])
    return Ask(
        application=application,
        round_no=application.returns,
        position=position,
        kind=given["kind"],
        code=given["code"],
        label=label,
        what=given["what"],
        why=given["why"],
    )


def _label(application: Application, kind: str, code: str) -> str:
    """What people call the thing that is asked for. Raises ASK_UNKNOWN with what may be named."""
    known = targets(application)[AskKind(kind)]
    if code not in known:
        raise Invalid("ASK_UNKNOWN", f"{AskKind(kind).label}中没有“{code}”。", kind=kind, known=sorted(known))
    return known[code]


def targets(application: Application) -> dict[AskKind, dict[str, str]]:
    """Everything that a list of corrections may point at, by kind: code and name."""
    return {
        AskKind.FIELD: gathering.labels(application),
        AskKind.MATERIAL: {one.value: one.label for one in MaterialKind},
        AskKind.CLIENTS: {"clients": AskKind.CLIENTS.label},
        AskKind.CONDITION: {row.code: row.label for row in selectors.checks(application)},
    }
