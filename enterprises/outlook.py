"""What stands between the tier that was read and the quota that is granted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from enterprises.eligibility import FAIL, OK, Check
from enterprises.states import REOPENABLE, State

NOT_CONFIRMED, NOT_ELIGIBLE, DOUBTFUL = "NOT_CONFIRMED", "NOT_ELIGIBLE", "DOUBTFUL"
RESTRICTED, NOT_ACTIVE, NOT_YET_ISSUED = "RESTRICTED", "NOT_ACTIVE", "NOT_YET_ISSUED"


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way; `point` is the code of the automatic check's point that is behind it, if one is."""

    code: str
    message: str
    point: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "point": self.point}


@dataclass(frozen=True)
class Case:
    """A registration on the day; `confirmed` is one that needs no further confirmation.

    `checks` is the automatic check as it would be now, `answered` the codes of the doubts that the first officer has
    looked into, `restricted` the number of the decision that keeps the party out: of one not confirmed only.
    """

    state: str
    label: str
    confirmed: bool
    checks: Sequence[Check] = ()
    answered: frozenset[str] = frozenset()
    restricted: str = ""


def obstacles(case: Case) -> tuple[Obstacle, ...]:
    """Why the quota that the tier stands for is not granted, never empty: to be asked only while it is not."""
    if case.confirmed and case.state == State.ACTIVE:
        return (Obstacle(NOT_YET_ISSUED, "额度尚未按此下达，平台每日核对划型，届时下达或调整。"),)
    if case.confirmed:
        return (Obstacle(NOT_ACTIVE, f"企业为“{case.label}”，恢复有效后才按此下达或调整额度。"),)
    again = "须重新办理登记，" if case.state in REOPENABLE else ""
    first = Obstacle(NOT_CONFIRMED, f"企业登记为“{case.label}”，{again}复核通过后才下达额度。")
    return (
        first,
        *_restricted(case),
        *(_point(one) for one in case.checks if one.result != OK and not _seen(one, case)),
    )


def told(why: str, found: Sequence[Obstacle]) -> str:
    """The sentence about the tier; what is not granted is told as what it would be, with what is in the way."""
    return f"预计：{why}尚未下达：{''.join(one.message for one in found)}" if found else why


def inputs(found: Sequence[Obstacle]) -> dict[str, Any]:
    """For an explanation: granted or not, and what is in the way."""
    return {"granted": not found, "obstacles": [one.as_dict() for one in found]}


def _seen(check: Check, case: Case) -> bool:
    return check.result != FAIL and check.code in case.answered


def _restricted(case: Case) -> tuple[Obstacle, ...]:
    if not case.restricted:
        return ()
    return (Obstacle(RESTRICTED, f"依据{case.restricted}，该单位被限制参与（办法第二十七条），期间不予登记。"),)


def _point(check: Check) -> Obstacle:
    return Obstacle(NOT_ELIGIBLE if check.result == FAIL else DOUBTFUL, check.message, check.code)
