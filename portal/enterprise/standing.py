"""What keeps an enterprise from using vouchers today, in a sentence each, with where to go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from enterprises.models import Enterprise
from enterprises.selectors import QuotaFigures, Shown
from enterprises.states import State
from foundation.names import sentence
from portal.kit.days import day
from programmes import selectors as programmes

BAD, WARN = "error", "warning"


@dataclass(frozen=True)
class Notice:
    """One line over the dashboard: how grave, what is the matter, what to do and where."""

    tone: str
    text: str
    act: str
    address: str


def notices(enterprise: Enterprise, shown: Shown | None, figures: QuotaFigures, today: date) -> list[Notice]:
    """The gravest first; none for an enterprise that can begin a contract today."""
    return [*of_registration(enterprise), *_credit(shown), *_money(enterprise, figures, today)]


def of_registration(row: Enterprise) -> Iterator[Notice]:
    """What of its registration keeps it from new contracts, whatever is left of its quota."""
    profile = reverse("enterprise:profile")
    if row.state == State.REJECTED:
        yield Notice(BAD, f"注册未通过审核：{sentence(row.return_reason)}", "修改资料后重新办理", profile)
    elif row.state == State.CLOSED:
        why = f"：{sentence(row.return_reason)}" if row.return_reason else "。"
        yield Notice(WARN, f"企业登记已关闭，不能签订新合同{why}", "重新办理登记", profile)
    elif row.state == State.DISQUALIFIED:
        until = f"至{day(row.disqualified_until)}" if row.disqualified_until else ""
        text = f"依据{row.decision_no}，领券资格已取消{until}，期满次日起可以重新办理。"
        yield Notice(BAD, text, "查看决定和经过", profile)
    elif row.state == State.FROZEN:
        text = f"企业已冻结，暂不能签订新合同：{sentence(row.frozen_reason)}名录或称号有误的，可以提出异议。"
        yield Notice(BAD, text, "查看依据、提出异议", reverse("enterprise:passport"))


def _credit(shown: Shown | None) -> Iterator[Notice]:
    if shown is not None and shown.restriction is not None:
        text = f"{shown.restriction.says}，暂不能办理新的服务券业务。"
        yield Notice(BAD, text, "查看记录和修复办法", reverse("credit-record", kwargs={"pk": shown.restriction.pk}))


def _money(row: Enterprise, figures: QuotaFigures, today: date) -> Iterator[Notice]:
    if row.state != State.ACTIVE:
        return
    pause = programmes.suspensions(today.year).filter(ended_at=None).first()
    if pause is not None:
        why = sentence(pause.reason)
        text = f"{today.year}年度已暂停签订新合同：{why}合同可以先起草，恢复后再签署，届时平台会通知。"
        yield Notice(WARN, text, "查看预算剩余", reverse("budget-now"))
    if figures.tier_code and not figures.left:
        text = f"{today.year}年度额度已用完。合同取消或终止后退回的额度可以再用。"
        yield Notice(WARN, text, "看看上一档还差什么", reverse("enterprise:passport"))
