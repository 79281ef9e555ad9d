"""绩效目标 of a year: drafted by the 处室, confirmed by 厅审定, shown beside what was reached (第五条、第二十八条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.urls import reverse

from accounts.models import User
from accounts.states import OFFICERS, Role
from foundation import clock
from foundation.money import yuan
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.officer import tasks
from programmes import policies, queues, selectors, services
from programmes.api import targets as bodies
from programmes.models import TargetSet
from programmes.states import TargetState
from programmes.targets import MEASURES, Indicator
from settlement.attainment import Attained, attained

TONES = {
    TargetState.DRAFT: "warn",
    TargetState.CONFIRMED: "ok",
    TargetState.SUPERSEDED: "off",
    TargetState.REJECTED: "off",
}
OF_MONEY = frozenset(one for one in Indicator if MEASURES[one].unit == "元")  # their fields say the unit themselves
HEADS = ("绩效指标", "单位", "目标", "已完成", "完成率（%）", "口径")


def _home(row: TargetSet) -> str:
    return reverse("officer:statistics-year", kwargs={"year": row.year})


class DraftForm(BodyForm):
    """Each indicator with its unit; an empty one is not measured against a target."""

    body = bodies.TargetsIn
    labels = {
        "year": "年度",
        "doc_no": "依据文号",
        **{one.value: str(one.label) + ("" if one in OF_MONEY else f"（{MEASURES[one].unit}）") for one in Indicator},
    }
    helps: ClassVar = {one.value: f"{MEASURES[one].counted}。" for one in Indicator}
    kinds: ClassVar = {
        one.value: forms.TextInput(attrs={"inputmode": "decimal"}) for one in Indicator if one not in OF_MONEY
    }


class ConfirmForm(BodyForm):
    body = bodies.TargetsConfirmIn


class ReasonForm(BodyForm):
    body = bodies.TargetsReasonIn


def _start(by: User, row: Any) -> dict[str, Any]:
    """This year's, beginning with what is in force."""
    year = clock.today().year
    found = selectors.targets_in_force(year)
    return {"year": year, **(found.targets if found is not None else {})}


def _draft(by: User, row: Any, data: dict[str, Any]) -> TargetSet:
    targets = bodies.TargetsIn.targets(data)
    return services.draft_targets(by=by, year=data["year"], doc_no=data["doc_no"], targets=targets)


def _waits(by: User, row: TargetSet) -> bool:
    return row.state == TargetState.DRAFT and policies.may_confirm_targets(by, row)


BEGIN = Deck(
    name="officer:targets",
    roles=(Role.DEPARTMENT,),
    crumbs=lambda row: [("统计与绩效", reverse("officer:statistics"))],
    acts=(
        Act(
            name="draft",
            label="起草绩效目标",
            icon="plus",
            article="5,28",
            intro="由厅审定后生效，替代本年度现行的绩效目标。不设目标的指标留空。",
            form=DraftForm,
            may=lambda by, row: policies.may_draft_targets(by),
            initial=_start,
            run=_draft,
            goes=_home,
            done="绩效目标已起草，等待厅审定。",
        ),
    ),
)
DECK = Deck(
    name="officer:target",
    roles=DECIDERS,
    rows=selectors.visible_targets,
    title=lambda row: f"{row.year}年度绩效目标（{row.doc_no}）",
    home=_home,
    acts=(
        Act(
            name="confirm",
            label="审定绩效目标",
            tone="main",
            article="5",
            intro="与依据文件核对一致后审定，即时成为本年度的考核口径。",
            form=ConfirmForm,
            roles=(Role.APPROVER,),
            template="portal/officer/target_act.html",
            may=_waits,
            shown=lambda by, row: {"lines": words(row)},
            run=lambda by, row, data: services.confirm_targets(by=by, targets_id=row.pk, **data),
            done="绩效目标已审定。",
        ),
        Act(
            name="reject",
            label="退回绩效目标",
            tone="danger",
            intro="不作为考核口径；更正后可以重新起草。",
            form=ReasonForm,
            roles=(Role.APPROVER,),
            template="portal/officer/target_act.html",
            may=_waits,
            shown=lambda by, row: {"lines": words(row)},
            run=lambda by, row, data: services.reject_targets(by=by, targets_id=row.pk, **data),
            done="绩效目标已退回。",
        ),
    ),
)


def words(row: TargetSet) -> list[tuple[str, str]]:
    """Each target of the set, and what it replaces."""
    before = selectors.targets_in_force(row.year)
    old = before.targets if before is not None and before.pk != row.pk else {}
    lines = []
    for one in Indicator:
        new, was = row.targets.get(one.value), old.get(one.value)
        if new is None and was is None:
            continue
        told = _figure(one, new) if new is not None else "不再设目标"
        if old and new != was:
            told += f"（现行：{_figure(one, was) if was is not None else '未设'}）"
        lines.append((str(one.label), told))
    return lines


def _figure(one: Indicator, value: str | Decimal) -> str:
    unit = MEASURES[one].unit
    if unit == "元":
        return yuan(Decimal(value))
    return f"{value}{unit}" if unit == "%" else f"{value} {unit}"


def shown(by: User, year: int) -> dict[str, Any]:
    """What the page of the year says of its targets; nothing for a reader of one city."""
    if not by.has(*OFFICERS):
        return {"targets": None}
    found = selectors.targets_in_force(year)
    lines = attained(by, year, found)
    sets = list(selectors.visible_targets(by).filter(year=year).order_by("-pk"))
    return {
        "targets": found,
        "attained": [_line(one) for one in lines],
        "bars": [(str(one.indicator.label), one.rate) for one in lines if one.rate is not None],
        "target_sets": [(one, TONES[TargetState(one.state)], DECK.offered(by, one)) for one in sets],
        "target_acts": BEGIN.offered(by, None) if by.has(*BEGIN.roles) else [],
    }


def cells(by: User, year: int) -> list[list[str]]:
    """The targets' lines of the exported table, its heads first; none for a reader of one city."""
    if not by.has(*OFFICERS):
        return []
    return [list(HEADS), *(_cells(one) for one in attained(by, year, selectors.targets_in_force(year)))]


def _line(one: Attained) -> dict[str, Any]:
    return {
        "label": one.indicator.label,
        "target": "未设" if one.target is None else _figure(one.indicator, _kept(one, one.target)),
        "reached": "—" if one.reached is None else _figure(one.indicator, _kept(one, one.reached)),
        "rate": one.rate,
        "counted": one.measure.counted,
    }


def _kept(one: Attained, value: Decimal) -> Decimal:
    """With the indicator's own decimals."""
    return round(value, one.measure.places) if one.measure.places else Decimal(int(value))


def _cells(one: Attained) -> list[str]:
    figures = ["" if value is None else str(_kept(one, value)) for value in (one.target, one.reached)]
    rate = "" if one.rate is None else str(one.rate)
    return [str(one.indicator.label), one.measure.unit, *figures, rate, one.measure.counted]


tasks.register(
    tasks.Kind(
        code="targets-confirm",
        label="绩效目标审定",
        group="资金",
        roles=(Role.APPROVER,),
        rows=queues.targets_to_confirm,
        subject=lambda row: f"{row.year}年度绩效目标",
        below=lambda row: str(row.doc_no),
        since="created_at",
        url=_home,
    )
)
