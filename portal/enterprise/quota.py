"""用券额度: what was granted, what contracts hold, every movement with what it left, year by year (第十条, 第十九条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from enterprises import reasons, selectors
from enterprises.history import Movement
from foundation import clock
from foundation.api.fields import year_of
from foundation.errors import DomainError
from foundation.explain import Explanation
from portal import acts
from portal.enterprise import own, standing, wording
from portal.kit.access import ENTERPRISE, Asked, pages_for
from portal.kit.lists import plain
from portal.kit.sheets import spreadsheet
from programmes import selectors as programmes

HEADS = ("序号", "时间", "事项", "合同编号", "金额（元）", "可用增减（元）", "可用（元）", "预占（元）", "已承诺（元）",
         "已核销（元）", "已作废（元）", "经办", "说明")  # fmt: skip


@pages_for(*ENTERPRISE)
def quota(request: Asked) -> HttpResponseBase:
    """The year's figures, each explained, and the ledger behind them; `?export=xlsx` gives it as a spreadsheet."""
    enterprise = own.mine(request.user)
    year = year_of(request.GET.get("year"))
    history = selectors.quota_history(enterprise.pk, year)
    if request.GET.get("export") == "xlsx":
        return spreadsheet(f"{year}年用券额度流水", HEADS, (_line(one) for one in history.movements))
    act = request.GET.get("act", "")
    years = selectors.quota_years(enterprise.pk)
    notice = programmes.notice_of_year(year)
    context = {
        "enterprise": enterprise,
        "notices": list(standing.of_registration(enterprise)),
        "year": year,
        "years": sorted({clock.today().year, year, *(one.year for one in years)}, reverse=True),
        "figures": selectors.figures(enterprise.pk, year),
        "explained": _explained(enterprise.pk, year),
        "past": years,
        "history": history,
        "act": act,
        "movements": [one for one in reversed(history.movements) if act in ("", one.entry.act)],
        "grants": [one for one in selectors.grants(enterprise.pk) if one.year == year],
        "notice": notice,
        "claim_end": notice.parsed.year_end.claim_end(year) if notice else None,
        "months": [(f"{month}月", amount) for month, amount in selectors.held_by_month(history)],
    }
    return render(request, "portal/enterprise/quota.html", context)


def _explained(enterprise_id: Any, year: int) -> Explanation | None:
    try:
        return wording.told(reasons.quota_of_year(enterprise_id, year), wording.QUOTA)
    except DomainError:  # no notice stands behind that year: there is nothing to explain
        return None


def _line(one: Movement) -> list[str]:
    after = one.after
    shown = [one.seq, one.entry.at, one.entry.act_label, one.entry.contract, one.entry.amount, one.change]
    balances = [after[name] for name in ("available", "reserved", "committed", "consumed", "expired")]
    return [plain(value) for value in (*shown, *balances, acts.actor(one.entry.by), one.entry.reason)]
