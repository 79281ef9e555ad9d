"""The enterprise that the caller acts for."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import User
from enterprises import selectors
from enterprises.models import Enterprise
from enterprises.states import REOPENABLE, State
from foundation.errors import Refused

TONES = {
    State.ACTIVE: "ok",
    State.RETURNED: "warn",
    State.DRAFT: "warn",
    State.REJECTED: "bad",
    State.FROZEN: "bad",
    State.DISQUALIFIED: "bad",
    State.CLOSED: "off",
}


def rows(by: User) -> models.QuerySet[Enterprise]:
    """Of the enterprises the caller sees, his own."""
    return selectors.visible_to(by).filter(organisation_id=by.organisation_id)


def found(by: User) -> Enterprise | None:
    """His enterprise, if it is registered."""
    return rows(by).first()


def mine(by: User) -> Enterprise:
    """His enterprise. Raises ENTERPRISE_NOT_REGISTERED, with what to do."""
    row = found(by)
    if row is None:
        raise Refused("ENTERPRISE_NOT_REGISTERED", "贵单位还没有登记企业资料。请先在工作台登记本单位，再查看此页。")
    return row


def tone(row: Enterprise) -> str:
    return TONES.get(State(row.state), "run")


# 注册的四步：每一步在哪些状态下已经完成
_STEPS: tuple[tuple[str, frozenset[State]], ...] = (
    ("填报资料", frozenset()),
    ("承诺并提交", frozenset({State.DRAFT, State.RETURNED})),
    ("初核", frozenset({State.DRAFT, State.RETURNED, State.SUBMITTED, State.AUTO_OK, State.AUTO_DOUBT})),
    ("复核", frozenset({State.DRAFT, State.RETURNED, State.SUBMITTED, State.AUTO_OK, State.AUTO_DOUBT, State.CHECKED})),
)


def steps(row: Enterprise) -> list[dict[str, Any]]:
    """How far the registration has come, as steps for the page; none for one that has ended."""
    state = State(row.state)
    if state in REOPENABLE:
        return []
    done = [state not in waiting for _, waiting in _STEPS]
    now = done.index(False) if False in done else len(done)
    return [{"label": label, "done": place < now, "now": place == now} for place, (label, _) in enumerate(_STEPS)]
