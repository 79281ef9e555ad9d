"""A complaint from its filing to its decision. Each act by another person; the clocks are the notice's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts import selectors as accounts
from accounts.models import Organisation, User
from accounts.states import OrganisationKind
from credit import policies, selectors
from credit.models import Complaint
from credit.states import COMPLAINT_OPEN, ComplaintState, Refusal
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.files.models import StoredFile
from engines.notifications import services as notifications
from foundation import clock, personal
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import lock, unit_of_work
from foundation.models import next_number
from foundation.states import move
from programmes import selectors as programmes
from programmes.deadlines import last_day
from registry import uscc as uscc_rules

CENTRE = (OrganisationKind.CENTRE,)
LABELS = {"facts": "事实", "wish": "诉求", "contract_number": "所涉合同编号", "told": "告知被投诉单位的事实"}
ROWS = Complaint.objects.select_related("notice", "filer", "organisation")


def file(
    *, by: User, uscc: str, facts: str, wish: str = "", contract_number: str = "", file_ids: Sequence[UUID] = ()
) -> Complaint:
    """The centre has the complaint and until when it must say whether it takes it up.

    Raises USCC_INVALID, PARTY_UNKNOWN, COMPLAINT_AGAINST_ONESELF, COMPLAINT_OPEN while the same house has one
    against the same party about the same contract, PERSONAL_DATA, NOT_FOUND for a file that is not the caller's.
    """
    if not policies.may_complain(by):
        raise not_allowed("提出投诉（须为已注册的企业或服务商）")
    party = party_of(uscc)
    if party.pk == by.organisation_id:
        raise Invalid("COMPLAINT_AGAINST_ONESELF", "不能投诉本单位。", uscc=party.uscc)
    with unit_of_work():
        lock(Organisation.objects.all(), by.organisation_id)  # one house files one thing at a time
        _require_new(by, party.pk, contract_number)
        found = files_of(by, file_ids)
        complaint = new(party, contract_number=contract_number, facts=facts, wish=wish)
        complaint.filer, complaint.filed_by = by.organisation, by
        evidence.record(
            complaint,
            act="file",
            by=by,
            facts={
                "against": complaint.uscc,
                "contract": contract_number,
                "accept_due": str(complaint.accept_due),
                "files": sorted(one.sm3 for one in found),
            },
        )
        complaint.files.set(found)
        tell_centre(complaint)
    return complaint


def accept(*, by: User, complaint_id: UUID, version: int, note: str = "", told: str = "") -> Complaint:
    """Taken up: the result is due by the notice's limit, and both sides know.

    `told` is the wording that the party complained of reads in place of facts and wish, where these would tell who
    complained; empty: as they are. Raises PERSONAL_DATA.
    """
    refuse_personal(told=told)
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_accept(by):
            raise not_allowed("受理投诉")
        today, rules = clock.today(), complaint.notice.parsed
        due, longest = (last_day(rules.limit(f"complaint_{name}"), today) for name in ("result", "longest"))
        move(complaint, "accept", "受理投诉")(by, clock.now(), due, longest, told.strip())
        given = {"result_due": str(due)}
        if complaint.told:
            given["told"] = chain.sm3(complaint.told.encode())
        evidence.record(complaint, act="accept", by=by, reason=note, facts=given)
        _tell(complaint, [complaint.filer_id], "投诉已受理", f"将在{due}前答复。")
        _tell(complaint, [complaint.organisation_id], "有针对贵单位的投诉", "请配合核查，可在平台提交说明和材料。")
    return complaint


def refuse(*, by: User, complaint_id: UUID, version: int, code: str, text: str) -> Complaint:
    """Not taken up, with the reason; the party complained of is not told."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_accept(by):
            raise not_allowed("不予受理投诉")
        move(complaint, "refuse", "不予受理投诉")(code, text)
        evidence.record(complaint, act="refuse", by=by, reason=text, facts={"code": code})
        _tell(complaint, [complaint.filer_id], "投诉不予受理", f"{Refusal(code).label}：{text}")
    return complaint


def withdraw(*, by: User, complaint_id: UUID, version: int, reason: str) -> Complaint:
    """The filer takes it back before it was investigated."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_withdraw(by, complaint):
            raise not_allowed("撤回投诉（须为投诉单位）")
        was_accepted = complaint.state == ComplaintState.ACCEPTED
        move(complaint, "withdraw", "撤回投诉")()
        evidence.record(complaint, act="withdraw", by=by, reason=reason)
        if was_accepted:
            _tell(complaint, [complaint.organisation_id], "投诉已撤回", "投诉单位已撤回投诉。")
    return complaint


def investigate(*, by: User, complaint_id: UUID, version: int, findings: str) -> Complaint:
    """促进中心复核 has heard both sides and says what it found."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_investigate(by, complaint):
            raise not_allowed("核查投诉（受理人不得核查）")
        move(complaint, "investigate", "核查投诉")(by, clock.now(), findings)
        evidence.record(complaint, act="investigate", by=by, reason=findings)
    return complaint


def extend(*, by: User, complaint_id: UUID, version: int, until: date, reason: str) -> Complaint:
    """厅审定 approves of a later result, at most the notice's longest. Raises DEADLINE_NOT_LATER, DEADLINE_TOO_LATE."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_extend(by):
            raise not_allowed("延长投诉答复期限（须厅审定批准）")
        due, longest = complaint.result_due, complaint.longest_due
        if complaint.state not in COMPLAINT_OPEN or due is None or longest is None:
            raise wrong_state("延长投诉答复期限", complaint.state, complaint.get_state_display())
        if until <= due:
            raise Invalid("DEADLINE_NOT_LATER", f"新的答复期限须晚于{due}，现为{until}。", due=str(due))
        if until > longest:
            raise Invalid("DEADLINE_TOO_LATE", f"答复期限最长到{longest}，现为{until}。", longest=str(longest))
        complaint.result_due = until
        evidence.record(complaint, act="extend", by=by, reason=reason, facts={"from": str(due), "to": str(until)})
        _tell(complaint, [complaint.filer_id], "投诉答复延期", f"延至{until}。{reason}")
    return complaint


def uphold(*, by: User, complaint_id: UUID, version: int, result: str, has_large_effect: bool) -> Complaint:
    """经查确认属实: it counts in the party's public figures. A credit record is proposed separately."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_decide(by, complaint):
            raise not_allowed("对投诉作出决定（受理、核查过的人不得决定）")
        move(complaint, "uphold", "认定投诉属实")(by, clock.now(), result, has_large_effect)
        evidence.record(complaint, act="uphold", by=by, reason=result, facts={"large_effect": has_large_effect})
        _tell_both(complaint, "投诉属实", result)
    return complaint


def dismiss(*, by: User, complaint_id: UUID, version: int, result: str) -> Complaint:
    """It was not so, and both sides are told why."""
    with unit_of_work():
        complaint = _locked(complaint_id, version)
        if not policies.may_decide(by, complaint):
            raise not_allowed("对投诉作出决定（受理、核查过的人不得决定）")
        move(complaint, "dismiss", "认定投诉不属实")(by, clock.now(), result)
        evidence.record(complaint, act="dismiss", by=by, reason=result)
        _tell_both(complaint, "投诉不属实", result)
    return complaint


def files_of(by: User, file_ids: Sequence[UUID]) -> list[StoredFile]:
    """The caller's files of these ids. Raises NOT_FOUND when one is not there for him."""
    found = list(accounts.visible_files(by).filter(pk__in=list(file_ids)))
    if len(found) != len(set(file_ids)):
        raise not_found("文件")
    return found


def tell_centre(complaint: Complaint) -> None:
    """促进中心 knows that there is one, and until when it must say whether it takes it up."""
    _tell(complaint, accounts.organisation_ids(CENTRE), "收到投诉", f"请在{complaint.accept_due}前决定是否受理。")


def party_of(uscc: str) -> Organisation:
    """The registered party of the code. Raises USCC_INVALID, PARTY_UNKNOWN."""
    code = uscc_rules.check(uscc).code
    party = selectors.registered(code)
    if party is None:
        raise Invalid("PARTY_UNKNOWN", f"{code}不是本平台注册的企业或服务商，请核对代码。", uscc=code)
    return party


def new(party: Organisation, *, contract_number: str, facts: str, wish: str) -> Complaint:
    """A complaint against the party, not yet saved, with its number and the day by which it is to be taken up.

    Raises PERSONAL_DATA: the other side will read it.
    """
    refuse_personal(facts=facts, wish=wish, contract_number=contract_number)
    today = clock.today()
    notice = programmes.latest_notice(today)
    return Complaint(
        number=f"TS-{today.year}-{next_number(f'complaint-{today.year}'):06d}",
        uscc=party.uscc or "",
        party_name=party.name,
        party_kind=party.kind,
        organisation=party,
        contract_number=contract_number,
        facts=facts,
        wish=wish,
        notice=notice,
        accept_due=last_day(notice.parsed.limit("complaint_transfer"), today),
    )


def refuse_personal(**texts: str) -> None:
    """Raises PERSONAL_DATA naming each field and kind: by a telephone the other side would know who complained."""
    personal.refuse(
        texts,
        labels=LABELS,
        because="投诉内容受理后由被投诉单位阅看",
        instead="请删去：投诉人的身份和联系方式由平台另行保存，不告知被投诉单位。",
    )


def _require_new(by: User, party_id: UUID, contract_number: str) -> None:
    same = Complaint.objects.filter(
        filer_id=by.organisation_id,
        organisation_id=party_id,
        contract_number=contract_number,
        state__in=sorted(COMPLAINT_OPEN),
    ).first()
    if same is not None:
        raise Refused(
            "COMPLAINT_OPEN", f"同一事项的投诉{same.number}尚未办结，请等待答复或补充材料。", complaint=same.number
        )


def _locked(complaint_id: UUID, version: int) -> Complaint:
    return lock(ROWS, complaint_id, version=version)


def _tell_both(complaint: Complaint, title: str, result: str) -> None:
    _tell(complaint, [complaint.filer_id, complaint.organisation_id], title, result)


def _tell(complaint: Complaint, organisation_ids: Sequence[UUID | None], title: str, body: str) -> None:
    """Who complained without an account has no inbox: he asks by his receipt."""
    known = [one for one in organisation_ids if one is not None]
    if not known:
        return
    notifications.tell(
        organisation_ids=known,
        topic="complaint",
        title=f"{title}：{complaint.number}",
        body=f"{complaint.party_name}：{body}",
        subject=complaint,
    )
