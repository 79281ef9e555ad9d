"""When the money of a claim may be expected, or why no day can be said yet, in one sentence (第二十条、第二十一条)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from foundation.money import yuan
from settlement import gathering
from settlement.models import Claim
from settlement.states import ClaimState

C = ClaimState


@dataclass(frozen=True)
class Standing:
    """What the sentence is made of: the claim, the batch it is in or may be in, its place in the queue, the day."""

    claim: Claim
    batch: str
    place: int | None
    today: date

    @property
    def at(self) -> str:
        """Its place as part of a sentence."""
        return f"，现排第{self.place}位" if self.place else ""


def sentence(standing: Standing) -> str:
    """What the provider may expect and until when it must do what; empty for states that no claim stays in."""
    told = _OF.get(C(standing.claim.state))
    return told(standing) if told is not None else ""


def _draft(of: Standing) -> str:
    last = gathering.last_day(of.claim.contract, of.claim)
    if last < of.today:
        return f"申报期已于{last}截止，没有提交的不能兑付。"
    return f"尚未提交，还没有到账日期；请在{last}前（含当日）由签署人提交，提交后按提交时间排队。"


def _returned(of: Standing) -> str:
    last = gathering.last_day(of.claim.contract, of.claim)
    return f"退回补正期间不计到账日期；请在{last}前（含当日）补正并重新提交，按重新提交的时间排队。"


def _examined(of: Standing) -> str:
    return f"审核通过后预计列入{of.batch}；审定并公示后支付，到账日期要到那时才能确定。"


def _passed(of: Standing) -> str:
    return f"审核已通过，等待列入{of.batch}{of.at}；审定并公示后支付。"


def _held(of: Standing) -> str:
    return f"本服务年度结算上限已满，本年度不支付；预计列入{of.batch}{of.at}，无需重新申请。"


def _batched(of: Standing) -> str:
    return f"已列入{of.batch}，等待厅审定；审定后公示，公示期满无异议即确认兑付。"


def _shown(of: Standing) -> str:
    publicity = of.claim.batch.publicity if of.claim.batch is not None else None
    until = f"公示至{publicity.last}" if publicity is not None else "正在公示"
    return f"{until}，期满无异议的确认兑付，财政厅落实资金后支付。"


def _payable(of: Standing) -> str:
    return f"资金已落实，等待制作支付单{of.at}；国库支付后告知到账日期。"


def _carried(of: Standing) -> str:
    return f"上年度未能支付，已转入{of.claim.carried_into}年度优先支付{of.at}；该年度预算落实后制作支付单。"


def _bounced(of: Standing) -> str:
    until = f"在{of.claim.step_due}前（含当日）" if of.claim.step_due else "尽快"
    return f"支付被退回，款项未到账；请{until}更正收款账户并由签署人确认，确认后重新支付。"


def _refused(of: Standing) -> str:
    if of.claim.final_at is not None:
        return "不予通过已经生效，不再支付。"
    if of.claim.appeal_until is not None:
        return f"不予通过，不支付；可在{of.claim.appeal_until}前（含当日）申诉，申诉成立的重新审核。"
    return f"逾期未补正，不支付；可在{of.claim.refile_until}前（含当日）重新申报，列入以后的批次。"


def _paid(of: Standing) -> str:
    return f"已于{of.claim.paid_on}支付{yuan(of.claim.paid)}。" if of.claim.paid is not None else "已支付。"


_OF: Mapping[ClaimState, Callable[[Standing], str]] = {
    C.DRAFT: _draft,
    C.RETURNED: _returned,
    C.SUBMITTED: _examined,
    C.FORMAL_CHECK: _examined,
    C.FORMAL_REVIEW: _examined,
    C.APPEAL: lambda of: f"申诉正在答复；申诉成立的重新审核，预计列入{of.batch}，不成立的不支付。",
    C.PASSED: _passed,
    C.REDUCED: _passed,
    C.CAP_HELD: _held,
    C.IN_BATCH: _batched,
    C.APPROVED: lambda of: "已审定，等待公示；公示起止日期确定后即显示在此。",
    C.PUBLICITY: _shown,
    C.OBJECTION_HOLD: lambda of: "公示期内收到异议，核查结论作出前没有到账日期；结论作出后告知。",
    C.CLEARED: lambda of: f"公示无异议，等待标记确认{of.at}；财政厅落实资金后支付。",
    C.MARKED: lambda of: f"已标记确认，等待财政厅落实资金{of.at}；资金落实后制作支付单。",
    C.PAYABLE: _payable,
    C.CARRIED_OVER: _carried,
    C.PAYING: lambda of: "支付单已送国库，收到国库回执后即显示到账日期。",
    C.BOUNCED: _bounced,
    C.REFUSED: _refused,
    C.PAID: _paid,
    C.CLAWBACK_PARTIAL: lambda of: "已支付的款项部分追回。",
    C.CLAWBACK_FULL: lambda of: "已支付的款项全部追回。",
}
