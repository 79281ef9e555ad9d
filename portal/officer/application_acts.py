"""The offices' decisions on an application: checked, returned with one list, accepted, turned away."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from accreditation import policies, selectors
from accreditation.models import Application
from accreditation.serializers import bodies as b
from accreditation.services import checking
from accreditation.states import REJECTABLE, ApplicationState, Outcome
from credit import selectors as credit
from engines.evidence.selectors import stages_done
from foundation import clock
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.days import days
from portal.kit.forms import BodyForm, One
from portal.kit.items import ItemsForm
from portal.kit.rows import RowsField
from portal.officer import tasks
from portal.officer.application_sections import asks, checks, clients, materials, stated_form
from portal.officer.cases import beside
from portal.officer.shown import call

BY_HAND = (ApplicationState.SUBMITTED, ApplicationState.FORMAL_CHECK)


page = tasks.page_of("officer:application")


class FindingForm(BodyForm):
    body = b.FindingIn
    labels = {"result": "核实结论", "note": "核实说明"}
    kinds = {"note": forms.TextInput(attrs={"maxlength": 500})}


class CheckForm(ItemsForm):
    body = b.FormalCheckIn
    items = "findings"
    entry = FindingForm
    labels = {"note": "形式审查意见"}


class AskRow(BodyForm):
    """One thing to be put right: chosen from what the case consists of."""

    body = b.AskIn
    only = ("what", "why")
    targets: tuple[tuple[str, str], ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = One(choices=[("", "请选择"), *self.targets], label="补正的对象", required=False)
        target.widget.is_required = True
        self.fields = {"target": target, **self.fields}

    def clean(self) -> dict[str, Any]:
        """The thing is named, and what of it and why."""
        if not self.cleaned_data.get("target"):
            self.add_error("target", "请选择补正的对象。")
        return super().clean()

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        kind, _, code = (cleaned.get("target") or "").partition(":")
        return {"kind": kind, "code": code, "what": cleaned.get("what"), "why": cleaned.get("why")}


class AskBackForm(BodyForm):
    body = b.AskBackIn
    labels = {"items": "须补正的事项"}
    helps = {"items": "一次列明全部事项；机构在补正期限内一次补齐、逐项说明。"}

    def _field(self, name: str, choices: Any) -> forms.Field:
        if name == "items":
            return RowsField(type("AskRowOfCase", (AskRow,), {"targets": tuple(choices or ())}))
        return super()._field(name, choices)


class AcceptForm(BodyForm):
    body = b.AcceptApplicationIn


class ReasonForm(BodyForm):
    body = b.AccreditationReasonIn
    labels = {"reason": "理由"}


def _stages(by: User, row: Application) -> frozenset[str]:
    return stages_done([row], by)


def _conditions(by: User, row: Application) -> dict[str, list[tuple[str, str, str]]]:
    return {"findings": [(one.code, f"{one.label}（{one.article}）", _asked(one)) for one in selectors.checks(row)]}


def _asked(one: Any) -> str:
    why = f"：{one.why}" if one.why else ""
    found = f"填报和数据：{one.value}（{one.get_source_display()}）\n自动核对：{one.get_result_display()}{why}"
    return days(f"要求：{one.asked}\n{found}")


def _found(by: User, row: Application) -> dict[str, Any]:
    """What a person found before, or what the machine is sure of; a doubt is left open."""
    sure = {
        one.code: one.finding or (one.result if one.result != Outcome.DOUBT else "") for one in selectors.checks(row)
    }
    notes = {one.code: one.note for one in selectors.checks(row)}
    return {"findings": {code: {"result": result, "note": notes[code]} for code, result in sure.items()}}


def _targets(by: User, row: Application) -> dict[str, list[tuple[str, str]]]:
    return {
        "items": [
            (f"{kind}:{code}", f"{kind.label}：{label}")
            for kind, known in checking.targets(row).items()
            for code, label in known.items()
        ]
    }


def _may_reject(by: User, row: Application) -> bool:
    if not policies.may_review(by, row, _stages(by, row)):
        return False
    kept_out = row.state in REJECTABLE and credit.restriction(row.provider.uscc, clock.today()) is not None
    return row.state in BY_HAND or kept_out


DECK = Deck(
    name="officer:application",
    roles=DECIDERS,
    rows=selectors.visible_applications,
    title=lambda row: f"{row.number} {row.subject_name}",
    acts=(
        *beside(
            lambda by, row: (stated_form(row), materials(row), *clients(row)),  # the form asks for the conditions
            Act(
                name="check",
                label="形式审查通过",
                tone="main",
                form=CheckForm,
                intro="逐项核实条件。自动核对不符合的必备条件不能核实为符合；数据有误的请退回补正。",
                article="13,14,15",
                choices=_conditions,
                initial=_found,
                may=lambda by, row: (
                    row.state == ApplicationState.SUBMITTED and policies.may_check(by, _stages(by, row))
                ),
                run=lambda by, row, data: checking.check(
                    by=by,
                    application_id=row.pk,
                    version=data["version"],
                    note=data["note"],
                    findings=[dict(one) for one in data["findings"]],
                ),
                done="已完成形式审查，等待处室受理。",
            ),
        ),
        *beside(
            lambda by, row: (stated_form(row), materials(row), *clients(row), checks(row), *asks(row)),
            Act(
                name="accept",
                label="受理",
                tone="main",
                form=AcceptForm,
                intro="受理后进入专家评审。",
                article="15",
                may=lambda by, row: (
                    row.state == ApplicationState.FORMAL_CHECK and policies.may_review(by, row, _stages(by, row))
                ),
                run=call(checking.accept, "application_id"),
                done="已受理。",
            ),
            Act(
                name="return",
                label="退回补正",
                form=AskBackForm,
                choices=_targets,
                article="15",
                may=lambda by, row: (
                    row.state in BY_HAND and policies.stage_of_return(by, row, _stages(by, row)) is not None
                ),
                run=lambda by, row, data: checking.send_back(
                    by=by, application_id=row.pk, version=data["version"], items=[dict(one) for one in data["items"]]
                ),
                done="已退回补正。",
            ),
            Act(
                name="reject",
                label="不予受理",
                tone="danger",
                form=ReasonForm,
                article="13,15",
                may=_may_reject,
                run=call(checking.reject, "application_id"),
                done="已作出不予受理的决定。",
            ),
        ),
    ),
)
