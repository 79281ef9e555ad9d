"""Whose turn it is, told to each reader in his own words: what he is to do, by when, or whom he waits for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import ROLES_OF, OrganisationKind, Role
from contracts import desk, waiting
from contracts.desk import Turn
from contracts.models import Contract
from contracts.states import OF, PLANNED, Awaited, PaymentState, State
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject
from foundation import clock
from portal.parties.contracts import moments
from programmes import selectors as programmes

# what somebody else said that whoever is to go on has to know: the state, the act that led there, how it is called
_BECAUSE = {
    State.RECTIFY: ("reject", "退回理由"),
    State.DISPUTED: ("dispute", "争议事由"),
    State.FROZEN: ("freeze", "冻结事由"),
}
_OURS = {OrganisationKind.ENTERPRISE: "企业", OrganisationKind.PROVIDER: "服务商"}


def turn(by: User, row: Contract, trail: list[EvidenceRecord]) -> dict[str, Any] | None:
    """For the top of the contract's page; None once nothing is awaited."""
    step = waiting.of(row.pk)
    if step is None:
        return None
    whose = desk.turn_of(by, step.awaited)
    until = _until(row, step)
    return {
        "head": _head(by, step.awaited, whose),
        "mine": whose == Turn.OWN,
        "late": step.late,
        "what": _what(step, whose),
        "planned": step.awaited in PLANNED,
        "until": until,
        "left": _left(step.limit_on),
        "lapses": step.awaited in waiting.DUE_ON_ROW,
        "reasons": [*_reason(row, trail), *_overdue(row), *_mismatches(row), *_suspended(step), *_lacking(row)],
    }


def to_do(by: User, awaited: Awaited) -> str:
    """What a party's desk says of it: 验收, and 请授权签署人验收 to whose house it is but not he himself."""
    label = str(awaited.label).removeprefix(_OURS.get(OrganisationKind(by.organisation.kind), ""))
    roles = desk.takers(awaited)
    if not roles or desk.turn_of(by, awaited) != Turn.HOUSE:
        return label
    return f"请{_role(by, roles)}{label}"


def _head(by: User, awaited: Awaited, whose: Turn) -> str:
    if whose == Turn.OWN:
        return "请您办理"
    roles = desk.takers(awaited)
    if whose == Turn.OTHERS or not roles:
        return f"等待{OF[awaited].label}"
    people = accounts.colleagues(by, *roles)
    names = f"（{'、'.join(one.name for one in people)}）" if people else ""
    return f"请本单位{_role(by, roles)}办理{names}"


def _role(by: User, roles: tuple[Role, ...]) -> str:
    """企业授权签署人 is 授权签署人 to the enterprise itself; of several houses' roles those of the reader's own."""
    kind = OrganisationKind(by.organisation.kind)
    return "或".join(str(role.label).removeprefix(_OURS.get(kind, "")) for role in roles if role in ROLES_OF[kind])


def _what(step: waiting.Step, whose: Turn) -> str:
    """企业支付并登记定金 is 支付并登记定金 to who does it, and to who reads 等待企业 before it."""
    label = str(step.awaited.label).removeprefix(OF[step.awaited].label)
    return f"{label}“{step.what}”" if step.what else label


def _until(row: Contract, step: waiting.Step) -> date | datetime | None:
    """The moment where the contract has one, else the day."""
    if step.awaited in waiting.SIGNATURES:
        return row.signing_due
    return row.deposit_due if step.awaited == Awaited.DEPOSIT else step.limit_on


def _left(limit_on: date | None) -> str:
    if limit_on is None:
        return ""
    days = (limit_on - clock.today()).days
    return f"还有{days}天" if days > 0 else "今天到期" if days == 0 else f"已超期{-days}天"


def _reason(row: Contract, trail: list[EvidenceRecord]) -> list[tuple[str, str]]:
    act, label = _BECAUSE.get(State(row.state), ("", ""))
    found = [one.reason for one in trail if one.act == act and one.reason]
    return [(label, found[-1])] if found else []


def _lacking(row: Contract) -> list[tuple[str, str]]:
    """What has to be put right before the act that is not offered yet."""
    act = "提交交付" if row.state in moments.TO_DELIVER else "验收" if row.state == State.DELIVERED else ""
    found = moments.lacks(row).sentences if act else []
    return [(f"{act}前须补齐", "；".join(found) + "。")] if found else []


def _overdue(row: Contract) -> list[tuple[str, str]]:
    """What was not done in time, and how it goes on."""
    if row.state != State.OVERDUE:
        return []
    claim = row.resume_state == State.CONFIRMED
    missed = "未在期限内申请兑付" if claim else f"服务期限至{_day(row.end_date)}，未交付"
    return [
        ("逾期事由", f"{missed}。厅职能处室可以给予新的期限，也可以作废合同；企业或服务商请说明情况，联系厅职能处室。")
    ]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _suspended(step: waiting.Step) -> list[tuple[str, str]]:
    """Why nothing can be signed at present (第二十一条)."""
    found = programmes.open_suspension(clock.today().year) if step.awaited == Awaited.START_SIGNING else None
    return [("平台已暂停签订新合同", found.reason)] if found is not None else []


def _mismatches(row: Contract) -> list[tuple[str, str]]:
    """What the payee found wrong with a payment that was reported."""
    found = []
    for order in row.payments.all():
        if order.state == PaymentState.MISMATCH:
            said = [one.reason for one in of_subject(order) if one.act == "mismatch"]
            found.append((f"{order.get_kind_display()}核对不符", said[-1] if said else ""))
    return found
