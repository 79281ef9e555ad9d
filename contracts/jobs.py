"""What beat does to contracts. Each job is idempotent and takes one contract per transaction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contracts.services import keeping, reminding, year_end
from engines.ledger import services as ledger
from foundation import clock
from foundation.actors import SystemActor
from foundation.jobs import job
from foundation.money import fen
from programmes import books


@job("time_out_holds", "签署期限检查")
def time_out_holds(day: date) -> dict[str, Any]:
    """Contracts not signed in time are cancelled and their money is free."""
    by, until = SystemActor("time_out_holds"), _until(day)
    due = year_end.due_for_signing_time_out(until)
    return {"cancelled": sum(year_end.time_out_signing(pk, until=until, by=by) for pk in due)}


@job("time_out_deposits", "定金期限检查")
def time_out_deposits(day: date) -> dict[str, Any]:
    """Contracts without their deposit in time are cancelled and their money is free."""
    by, until = SystemActor("time_out_deposits"), _until(day)
    due = year_end.due_for_deposit_time_out(until)
    return {"cancelled": sum(year_end.time_out_deposit(pk, until=until, by=by) for pk in due)}


@job("mark_overdue", "逾期合同检查")
def mark_overdue(day: date) -> dict[str, Any]:
    """Contracts at work past their end date are overdue."""
    by = SystemActor("mark_overdue")
    return {"overdue": sum(year_end.mark_overdue(pk, day, by=by) for pk in year_end.overdue_on(day))}


@job("remind_waiting", "待办提醒")
def remind_waiting(day: date) -> dict[str, Any]:
    """Whoever a contract has waited for is told, at the notice's three intervals and before a planned day."""
    by = SystemActor("remind_waiting")
    sent = [nth for pk in reminding.due_on(day) if (nth := reminding.remind(pk, day, by=by)) is not None]
    return {"reminded": len(sent), "to_centre": sent.count(reminding.LAST)}


@job("keep_waits", "合同等待事项核对")
def keep_waits(day: date) -> dict[str, Any]:
    """What stands beside each contract is what it waits for. Anything mended was written past the services."""
    return {"mended": keeping.put_right()}


@job("close_year", "年度结转")
def close_year(day: date) -> dict[str, Any]:
    """The year before `day`'s is closed: unsigned holds end, free quota expires, what runs rolls over.

    Run every night: after the first time it finds nothing left to do.
    """
    by, year = SystemActor("close_year"), day.year - 1
    holding = year_end.holding_of_year(year)
    ended = sum(year_end.end_hold_of_year(pk, year, by=by) for pk in holding)
    carried = sum(year_end.roll_over(pk, year, by=by) for pk in holding)
    result: dict[str, Any] = {"year": year, "holds_ended": ended, "carried_over": carried}
    for book in (books.QUOTA, books.CAP, books.BUDGET):
        accounts, amount = ledger.expire(book=book, period=year, by=by, reason=f"{year}年度结束")
        result[f"{book}_accounts"], result[f"{book}_expired_fen"] = accounts, fen(amount)
    return result


def _until(day: date) -> datetime:
    """What a run for `day` may look at: that day, and of today what has passed of it."""
    return min(clock.now(), clock.end_of(day))
