"""What the pages of a provider share: the colours of its states, names of the notice, figures in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from accreditation.states import ApplicationState, Outcome
from contracts.states import State as ContractState
from credit.states import ComplaintState
from demands.states import ResponseState
from foundation import clock
from foundation.errors import Refused
from foundation.explain import Explanation
from foundation.money import percent, yuan
from programmes import selectors as programmes
from programmes.rules import Category
from providers.states import AccountState, ListingState, ProductState, VersionState
from settlement.states import ClaimState

# what is neither waited for nor ended is under way
TONES: Mapping[Any, str] = {
    ApplicationState.DRAFT: "off",
    ApplicationState.RETURNED: "warn",
    ApplicationState.WITHDRAWN: "off",
    ApplicationState.REJECTED: "bad",
    ApplicationState.NOT_RECOMMENDED: "bad",
    ApplicationState.DECLINED: "bad",
    ApplicationState.OBJECTION_HOLD: "warn",
    ApplicationState.LISTED: "ok",
    ApplicationState.REMOVED: "bad",
    Outcome.OK: "ok",
    Outcome.DOUBT: "warn",
    Outcome.FAIL: "bad",
    ListingState.LISTED: "ok",
    ListingState.SUSPENDED: "warn",
    ListingState.EXPIRED: "off",
    ListingState.TERMINATED: "bad",
    ListingState.TERMINATED_BAN: "bad",
    ProductState.ON_SHELF: "ok",
    ProductState.OFF_SHELF: "off",
    VersionState.IN_REVIEW: "run",
    VersionState.CURRENT: "ok",
    VersionState.SUPERSEDED: "off",
    AccountState.REQUESTED: "warn",
    AccountState.APPROVED: "ok",
    AccountState.REFUSED: "bad",
    ResponseState.OFFERED: "run",
    ResponseState.SHORTLISTED: "warn",
    ResponseState.TAKEN_UP: "ok",
    ResponseState.DECLINED: "off",
    ResponseState.CLOSED: "off",
    ComplaintState.ACCEPTED: "warn",
    ComplaintState.UPHELD: "bad",
    ComplaintState.NOT_UPHELD: "ok",
    ClaimState.REFUSED: "bad",
    ClaimState.BOUNCED: "bad",
    ClaimState.CAP_HELD: "warn",
    ClaimState.PAID: "ok",
    ContractState.DRAFT: "off",
    ContractState.SIGNING: "warn",
    ContractState.SIGNED_WAIT_DEPOSIT: "warn",
    ContractState.SETTLED: "ok",
    ContractState.ARCHIVED: "ok",
    ContractState.OVERDUE: "bad",
    ContractState.DISPUTED: "bad",
    ContractState.CANCELLED: "off",
    ContractState.VOIDED: "off",
}


def tone(row: Any) -> str:
    """The colour of the row's state."""
    return TONES.get(row.state, "run")


def categories() -> Mapping[str, Category]:
    """The service categories of the notice in force, or of the last one, by code; none before the first notice."""
    try:
        return programmes.latest_notice(clock.today()).parsed.categories
    except Refused:
        return {}


def category_choices() -> Sequence[tuple[str, str]]:
    """Code and name of each."""
    return [(code, one.name) for code, one in categories().items()]


# what the inputs of an explanation are called
_INPUTS = {
    "year": "服务年度",
    "cap": "年度上限",
    "cap_of_notice": "年度通知规定的上限",
    "reserved": "签署中占用",
    "committed": "已生效合同占用",
    "consumed": "已核销",
    "used": "已用合计",
    "share": "已用比例",
    "warning_from": "预警比例",
    "warning": "预警",
    "contract": "合同编号",
    "accepted_amount": "验收金额",
    "deposit": "定金",
    "balance": "余款",
    "requested": "申请金额",
    "reduction": "核减金额",
    "reduction_code": "核减原因代码",
    "reduction_reason": "核减理由",
}
_SHARES = frozenset({"share", "warning_from"})
_UNTOLD = frozenset({"due"})  # of the budget's account alone: always nothing here


def in_words(explanation: Explanation) -> Explanation:
    """The explanation as people read it: its inputs by their names, amounts with thousands, nothing that is empty."""
    inputs = {
        _INPUTS.get(name, name): _told(name, value)
        for name, value in explanation.inputs.items()
        if value not in ("", None) and name not in _UNTOLD
    }
    return replace(explanation, inputs=inputs, result=_told("", explanation.result))


def _told(name: str, value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return percent(value) if name in _SHARES else yuan(value)
