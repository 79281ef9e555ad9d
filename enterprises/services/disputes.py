"""A line of the passport disputed in one step, answered by two officers, corrected in the registry (第十条; DOMAIN 4, action 4).

Order of locks: dispute, then title or roster, then enterprise, then ledger. Filing locks the enterprise alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OrganisationKind, Role
from credit import selectors as credit
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from enterprises import passport, policies, selectors
from enterprises.models import DisputeFile, Enterprise, PassportDispute
from enterprises.services import clocks, quota
from enterprises.states import UNDECIDED, DisputeKind, State
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.names import sentence
from foundation.states import move
from programmes import selectors as programmes
from registry import selectors as registry_rows
from registry import services as registry
from registry.models import RosterImport, TitleHolding
from registry.reference import NEWLY_LISTED, title_kinds
from registry.states import RosterKind, RosterState, TitleState

FILED_IN = (State.ACTIVE, State.FROZEN)
# What can be wrong with a line, and which roster puts it right.
_ROSTERS = {
    passport.LISTED: RosterKind.LISTED,
    NEWLY_LISTED: RosterKind.LISTED,
    passport.DISHONEST: RosterKind.DISHONEST,
}
_KINDS = {
    RosterKind.LISTED: (DisputeKind.LISTING, DisputeKind.OTHER),
    RosterKind.DISHONEST: (DisputeKind.DISHONEST, DisputeKind.OTHER),
    RosterKind.TITLES: (DisputeKind.MISSING, DisputeKind.DATES, DisputeKind.OTHER),
}


def file_dispute(
    *, by: User, enterprise_id: UUID, line: str, kind: str, claim: str, file_ids: Sequence[UUID] = ()
) -> PassportDispute:
    """What the enterprise says is wrong is before the officers, who have the notice's `enterprise_check` for it.

    Raises LINE_UNKNOWN, DISPUTE_KIND_UNFIT, WRONG_STATE unless it is active or frozen, DISPUTE_OPEN while an
    earlier one of the line is undecided, NOT_FOUND for a file that is not its own, NOTICE_NOT_PUBLISHED.
    """
    _check_line(line, kind)
    with unit_of_work():
        enterprise = lock(Enterprise.objects.all(), enterprise_id)
        if not policies.may_dispute(by, enterprise):
            raise not_allowed("提出划型异议", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        if enterprise.state not in FILED_IN:
            raise wrong_state("提出划型异议", enterprise.state, enterprise.get_state_display())
        _refuse_second(enterprise, line)
        files = selectors.own_files(by, file_ids)
        if len(files) != len(set(file_ids)):
            raise not_found("文件")
        today = clock.today()
        dispute = PassportDispute(
            enterprise=enterprise,
            notice=programmes.latest_notice(today),
            line=line,
            kind=kind,
            claim=claim,
            filed_by=by,
            due_on=clocks.last_day(clocks.CHECK, today),
        )
        facts = {"line": line, "kind": kind, "sm3": [file.sm3 for file in files], "due_on": str(dispute.due_on or "")}
        evidence.record(dispute, act="file_dispute", by=by, reason=claim, facts=facts)
        DisputeFile.objects.bulk_create([DisputeFile(dispute=dispute, file=file) for file in files])
        notifications.tell(
            organisation_ids=accounts.organisation_ids([OrganisationKind.CENTRE]),
            topic="enterprise.dispute",
            title=f"划型异议：{enterprise.name}",
            body=f"{enterprise.name}对“{line_name(line)}”提出异议（{dispute.get_kind_display()}）：{claim}",
            subject=dispute,
        )
    return dispute


def withdraw_dispute(*, by: User, dispute_id: UUID, version: int, reason: str = "") -> PassportDispute:
    """The enterprise says it no more, while nobody has handled it."""
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_dispute(by, dispute.enterprise):
            raise not_allowed("撤回划型异议", Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        move(dispute, "withdraw", "撤回异议")()
        evidence.record(dispute, act="withdraw_dispute", by=by, reason=reason)
    return dispute


def accept_dispute(
    *,
    by: User,
    dispute_id: UUID,
    version: int,
    opinion: str,
    title_id: UUID | None = None,
    roster_id: UUID | None = None,
) -> PassportDispute:
    """促进中心经办 finds it right: the correction is on record as a title or in a roster, another person decides.

    Raises CORRECTION_MISSING (not for the kind 其他), CORRECTION_ONE when both are given, NOT_FOUND, and
    CORRECTION_UNFIT when it is not of this enterprise and line, or will never count.
    """
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_handle_dispute(by, dispute):
            raise not_allowed("经办划型异议（本异议中作过审定的人不得经办）", Role.CENTRE_CHECKER)
        title, roster = _correction(dispute, title_id, roster_id)
        move(dispute, "accept", "登记更正")(by, clock.now(), opinion, title, roster)
        facts = {
            "stage": policies.CHECK,
            "title": str(title.pk) if title else "",
            "roster": str(roster.pk) if roster else "",
        }
        evidence.record(dispute, act="accept_dispute", by=by, reason=opinion, facts=facts)
    return dispute


def find_unfounded(*, by: User, dispute_id: UUID, version: int, opinion: str) -> PassportDispute:
    """促进中心经办 finds nothing to correct; another person decides."""
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_handle_dispute(by, dispute):
            raise not_allowed("经办划型异议（本异议中作过审定的人不得经办）", Role.CENTRE_CHECKER)
        move(dispute, "find_unfounded", "提出不予支持的意见")(by, clock.now(), opinion)
        evidence.record(dispute, act="find_unfounded", by=by, reason=opinion, facts={"stage": policies.CHECK})
    return dispute


def return_dispute(*, by: User, dispute_id: UUID, version: int, reason: str) -> PassportDispute:
    """The decider wants it handled anew; the first handling stays in the chain."""
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_decide_dispute(by, dispute):
            raise not_allowed("退回划型异议（经办人不得审定）", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
        move(dispute, "send_back", "退回重办")()
        evidence.record(dispute, act="return_dispute", by=by, reason=reason, facts={"stage": policies.DECIDE})
    return dispute


def uphold_dispute(*, by: User, dispute_id: UUID, version: int, decision: str) -> PassportDispute:
    """The correction counts and the enterprise is graded anew at once (8-06, 8-07).

    One that is frozen, or kept out by its credit file, is granted nothing more until that is over, and told so.
    A title that was only recorded is verified by this act; a roster must be in force already. Raises
    CORRECTION_NOT_IN_FORCE, and NOT_ALLOWED for who recorded the title.
    """
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_decide_dispute(by, dispute):
            raise not_allowed("审定划型异议（经办人不得审定）", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
        _put_in_force(dispute, by, decision)
        grant = quota.regrade(by=by, enterprise_id=dispute.enterprise_id)
        move(dispute, "uphold", "认定异议成立")(by, clock.now(), decision, grant)
        facts = {"stage": policies.DECIDE, "grant": str(grant.pk) if grant else ""}
        evidence.record(dispute, act="uphold_dispute", by=by, reason=decision, facts=facts)
        _tell(dispute, "异议成立", f"已更正，{_follows(dispute)}{sentence(decision)}")
    return dispute


def reject_dispute(*, by: User, dispute_id: UUID, version: int, decision: str) -> PassportDispute:
    """The line stays as it is, with the reason; the enterprise may file again with new proof."""
    with unit_of_work():
        dispute = _lock(dispute_id, version)
        if not policies.may_decide_dispute(by, dispute):
            raise not_allowed("审定划型异议（经办人不得审定）", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
        move(dispute, "reject", "认定异议不成立")(by, clock.now(), decision)
        evidence.record(dispute, act="reject_dispute", by=by, reason=decision, facts={"stage": policies.DECIDE})
        _tell(dispute, "异议不成立", f"{sentence(decision)}有新的证明材料时可再次提出。")
    return dispute


def line_name(line: str) -> str:
    """What people call the line."""
    return passport.LINE_NAMES.get(line) or title_kinds()[line].name


def _lock(dispute_id: UUID, version: int) -> PassportDispute:
    rows = PassportDispute.objects.select_related("enterprise__organisation", "title", "notice")
    return lock(rows, dispute_id, version=version)


def _roster_kind(line: str) -> RosterKind:
    return _ROSTERS.get(line, RosterKind.TITLES)


def _check_line(line: str, kind: str) -> None:
    if line not in passport.LINE_NAMES and line not in title_kinds():
        known = [*passport.LINE_NAMES, *sorted(title_kinds())]
        raise Invalid("LINE_UNKNOWN", f"没有代码为“{line[:48]}”的名单或称号，请照抄划型依据中的代码。", known=known)
    allowed = _KINDS[_roster_kind(line)]
    if kind not in allowed:
        labels = "、".join(f"{one.label}（{one.value}）" for one in allowed)
        raise Invalid(
            "DISPUTE_KIND_UNFIT",
            f"对“{line_name(line)}”的异议，类别须为：{labels}。",
            kind=kind,
            allowed=[one.value for one in allowed],
        )


def _refuse_second(enterprise: Enterprise, line: str) -> None:
    """The enterprise's row is locked, so no second one can slip in between."""
    if PassportDispute.objects.filter(enterprise=enterprise, line=line, state__in=sorted(UNDECIDED)).exists():
        raise Refused("DISPUTE_OPEN", f"对“{line_name(line)}”已有办理中的异议，请等待办结或先撤回。", line=line)


def _correction(
    dispute: PassportDispute, title_id: UUID | None, roster_id: UUID | None
) -> tuple[TitleHolding | None, RosterImport | None]:
    if title_id and roster_id:
        raise Invalid("CORRECTION_ONE", "更正的称号和名册只能填写一项。")
    if title_id:
        return _title(dispute, title_id), None
    if roster_id:
        return None, _roster(dispute, roster_id)
    if dispute.kind != DisputeKind.OTHER:
        raise Invalid(
            "CORRECTION_MISSING",
            "请先在名册管理中登记更正（称号或名册），再填写其编号；无须更正的请提出不予支持的意见。",
        )
    return None, None


def _title(dispute: PassportDispute, title_id: UUID) -> TitleHolding:
    title = TitleHolding.objects.filter(pk=title_id).first()
    if title is None:
        raise not_found("称号")
    counts = title.state in (TitleState.RECORDED, TitleState.VERIFIED)
    if (title.uscc, title.title_code) != (dispute.enterprise.uscc, dispute.line) or not counts:
        raise _unfit(f"须为{dispute.enterprise.name}待核验或已核验的“{line_name(dispute.line)}”")
    return title


def _roster(dispute: PassportDispute, roster_id: UUID) -> RosterImport:
    roster = RosterImport.objects.filter(pk=roster_id).first()
    if roster is None:
        raise not_found("名册")
    kind = _roster_kind(dispute.line)
    named = dispute.enterprise.uscc in registry_rows.usccs_in(roster)
    if roster.kind != kind or not named or roster.state == RosterState.REJECTED:
        raise _unfit(f"须为列有{dispute.enterprise.name}（{dispute.enterprise.uscc}）的{kind.label}，且未被退回")
    return roster


def _unfit(must: str) -> Invalid:
    return Invalid("CORRECTION_UNFIT", f"填写的更正与异议不符：{must}。")


def _put_in_force(dispute: PassportDispute, by: User, decision: str) -> None:
    title, roster = dispute.title, dispute.roster_id
    if title is not None and title.state == TitleState.RECORDED:
        registry.verify_title(by=by, title_id=title.pk, version=title.version, reason=decision)
    elif title is not None and title.state != TitleState.VERIFIED:
        raise _not_in_force(f"该称号现为“{title.get_state_display()}”")
    elif roster and not RosterImport.objects.filter(pk=roster, state=RosterState.CONFIRMED).exists():
        raise _not_in_force("更正的名册尚未复核生效")


def _follows(dispute: PassportDispute) -> str:
    if dispute.enterprise.state == State.FROZEN:
        return "企业仍在冻结中，待厅职能处室解除冻结后重新划型。"
    record = credit.restriction(dispute.enterprise.uscc, clock.today())
    if record is not None and dispute.grant is None:
        return f"{record.says}，其间不核增额度，限制解除后按更正后的名单核定。"
    return "划型和额度按更正后的名单即时核定。"


def _not_in_force(why: str) -> Refused:
    return Refused("CORRECTION_NOT_IN_FORCE", f"{why}，不能认定异议成立；请先使更正生效，或退回重办。", why=why)


def _tell(dispute: PassportDispute, title: str, body: str) -> None:
    notifications.tell(
        organisation_ids=[dispute.enterprise.organisation_id],
        topic="enterprise.dispute",
        title=f"{title}：{line_name(dispute.line)}",
        body=body,
        subject=dispute,
    )
