"""What stands at the end of the journey, read over HTTP once for all the invariants."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from tests.journey.cast import Party
from tests.journey.play import Play

YEARS = (2026, 2027)


class Seen:
    """What an officer and the public are shown at the end, read once."""

    def __init__(self, play: Play) -> None:
        self.play, self.cast = play, play.cast
        officer = self.cast.dp
        self.contracts = {code: officer.get(f"contracts/{deal.id}/") for code, deal in play.deals.items()}
        self.trails = {code: officer.get(f"contracts/{deal.id}/trail/") for code, deal in play.deals.items()}
        self.claims = {code: officer.get(f"claims/{deal.claim}/") for code, deal in play.deals.items() if deal.claim}
        self.batches = {row["id"]: row for row in officer.pages("batches/")}
        self.payouts = officer.pages("payouts/")
        self.budgets = {year: play.budget(year) for year in YEARS}

    @property
    def listed(self) -> list[Party]:
        """The providers of 2027's list: all but p6."""
        return [party for code, party in self.cast.providers.items() if code != "p6"]

    @property
    def paid(self) -> dict[str, Any]:
        """The paid claims by the code of their deal."""
        return {code: claim for code, claim in self.claims.items() if claim["state"] == "paid"}

    @cached_property
    def quotas(self) -> dict[tuple[str, int], Any]:
        """Every enterprise's quota of both years, as it sees it."""
        return {
            (code, year): party.agent.get(f"enterprises/{party.id}/quota/?year={year}")
            for code, party in self.cast.enterprises.items()
            for year in YEARS
        }

    @property
    def carried(self) -> set[str]:
        """Contracts whose money went from one year into the next, told by their trails."""
        return {code for code, trail in self.trails.items() if any(one["act"] == "roll_over" for one in trail)}
