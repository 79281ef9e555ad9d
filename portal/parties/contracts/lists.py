"""The list of contracts: all of them, those that wait for the reader, those under way, those that are over."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse, reverse_lazy

from accounts.models import User
from contracts import desk, selectors, waiting
from contracts.desk import Desk
from contracts.states import State
from foundation import clock
from portal.kit.access import ENTERPRISE, PARTIES, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.parties.contracts.looks import name, page, tone


def with_steps(found: list[Any]) -> list[Any]:
    """Each row told what it waits for."""
    today = clock.today()
    for row in found:
        row.step = waiting.step_of(row, today)
    return found


def awaited(row: Any) -> str:
    """What it waits for, in words; nothing once it is over."""
    if row.step is None:
        return ""
    what = f"“{row.step.what}”" if row.step.what else ""
    return f"{row.step.awaited.label}{what}"


def waited(row: Any) -> str:
    """How long it has waited, and whether that is too long."""
    if row.step is None:
        return ""
    if row.step.days < 0:
        return f"还有{-row.step.days}天"
    late = "，已超期" if row.step.late else ""
    return f"已等{row.step.days}天{late}" if row.step.days else f"今天开始{late}"


def due(row: Any) -> Any:
    """The last day of what is awaited."""
    return row.step.limit_on if row.step is not None else None


NUMBER = Column(name="number", label="合同编号", show="number", sort="number", link=page, place="code")
STATE = Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner")
STEP = Column(name="step", label="下一步", show=awaited, second=waited, place="step")
DUE = Column(name="due", label="期限", show=due, kind="date", place="code")
AMOUNT = Column(name="amount", label="合同金额（元）", show="amount", kind="money", sort="amount")
VOUCHER = Column(name="voucher", label="服务券（元）", show="voucher", kind="money", sort="voucher")
FILTERS = (
    Filter(name="state", label="状态", narrow="state", choices=State.choices),
    Filter(name="number", label="合同编号", narrow="number__icontains", kind="text"),
    Filter(name="year", label="额度年度", narrow="quota_year", kind="year", hint="例如 2026"),
)


def _listing(other: str, label: str, narrow: str) -> Listing:
    """The list of one side, which shows the other."""
    return Listing(
        name="contracts",
        caption="服务合同",
        columns=(
            Column(name="product", label="服务产品", show=name, second=other, link=page, place="title"),
            NUMBER,
            AMOUNT,
            VOUCHER,
            STEP,
            DUE,
            STATE,
        ),
        filters=(*FILTERS, Filter(name="party", label=label, narrow=narrow, kind="text")),
        empty="这里还没有合同。选好产品后即可起草。",
        empty_link=("起草合同", reverse_lazy("contract-new")),  # type: ignore[arg-type]  # resolved when shown
        prepare=with_steps,
        flag=lambda row: bool(row.step and row.step.late),
    )


OF_ENTERPRISE = _listing("provider.organisation.name", "服务商", "provider__organisation__name__icontains")
OF_PROVIDER = _listing("enterprise.organisation.name", "用券企业", "enterprise__organisation__name__icontains")
ADDRESSES = {
    Desk.ALL: "contracts",
    Desk.MINE: "contracts-mine",
    Desk.RUNNING: "contracts-running",
    Desk.OVER: "contracts-over",
}


@pages_for(*PARTIES)
def contracts(request: Asked, desk_name: str = Desk.ALL.value) -> HttpResponseBase:
    """Every contract of the caller's organisation, or those on one desk."""
    by, chosen = request.user, Desk(desk_name)
    rows = selectors.visible_to(by)
    listing = OF_ENTERPRISE if by.has(*ENTERPRISE) else OF_PROVIDER
    context = {"tabs": tabs(by, rows, chosen)}
    return listing.answer(request, desk.on(chosen, rows, by), "portal/parties/contracts/list.html", context)


def tabs(by: User, rows: Any, chosen: Desk | None = None) -> list[dict[str, Any]]:
    """The desks with how many contracts lie on each, and which one is looked at."""
    counted = desk.counts(rows, by)
    return [
        {"label": one.label, "count": counted[one], "address": reverse(ADDRESSES[one]), "here": one == chosen}
        for one in Desk
    ]
