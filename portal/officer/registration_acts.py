"""The offices' decisions on an enterprise: checked, confirmed, returned, frozen, disqualified, closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from enterprises import policies, selectors, services
from enterprises import serializers as bodies
from enterprises.models import Enterprise
from enterprises.states import UNCHECKED, State
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.items import ItemsForm
from portal.officer.cases import beside
from portal.officer.registration_sections import machine, people, reasons, roster, stated
from portal.officer.shown import call

READERS = (*DECIDERS, Role.CITY)


def doubts(row: Enterprise) -> list[dict[str, Any]]:
    """What the machine could not clear."""
    return [one for one in row.checks if one["result"] == "warning"]


class NoteForm(BodyForm):
    body = bodies.DoubtFindingIn
    labels = {"note": "核实情况和依据"}


class CheckForm(ItemsForm):
    body = bodies.EnterpriseCheckIn
    items = "findings"
    entry = NoteForm
    labels = {"reason": "初核意见"}
    kinds = {"reason": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}


class ReasonForm(BodyForm):
    body = bodies.EnterpriseReasonIn
    labels = {"reason": "理由"}


class ReturnForm(ReasonForm):
    labels = {"reason": "须补正的全部事项"}
    helps = {"reason": "一次列明，逐项写清要补什么、为什么；企业在补正期限内补齐后重新提交。"}


class RemarkForm(BodyForm):
    body = bodies.EnterpriseRemarkIn
    labels = {"reason": "意见"}


class DisqualifyForm(BodyForm):
    body = bodies.DisqualifyIn
    only = ("version", "decision_no", "until", "reason")
    labels = {"until": "取消资格至", "reason": "理由"}


class AdjustForm(BodyForm):
    body = bodies.AdjustmentIn
    helps = {"increase": "增加额和减少额填且只填一项。"}


def _doubt_choices(by: User, row: Enterprise) -> dict[str, list[tuple[str, str, str]]]:
    return {"findings": [(one["code"], one["label"], f"{one['value']}。{one['message']}") for one in doubts(row)]}


DECK = Deck(
    name="officer:enterprise",
    roles=READERS,
    rows=selectors.visible_to,
    title=lambda row: row.name,
    acts=beside(
        lambda by, row: (stated(row), machine(row), roster(row), people(row), *reasons(row)),
        Act(
            name="check",
            label="初核通过",
            tone="main",
            form=CheckForm,
            intro="核对企业填报与名册；自动核验存疑的，逐项写明核实情况。通过后由复核人确认。",
            article="6",
            choices=_doubt_choices,
            may=lambda by, row: row.state in UNCHECKED and policies.may_check(by, row),
            run=call(services.check, "enterprise_id"),
            done="已初核，等待复核。",
        ),
        Act(
            name="confirm",
            label="复核通过",
            tone="main",
            form=RemarkForm,
            intro="通过后企业即为有效，平台按名册划型并匹配本年度额度。",
            article="10,18",
            may=lambda by, row: row.state == State.CHECKED and policies.may_confirm(by, row),
            run=call(services.confirm, "enterprise_id"),
            done="已复核通过，额度已按档次匹配。",
        ),
        Act(
            name="return",
            label="退回补正",
            form=ReturnForm,
            may=lambda by, row: row.state in UNCHECKED | {State.CHECKED} and policies.may_return(by, row),
            run=call(services.send_back, "enterprise_id"),
            done="已退回企业补正。",
        ),
        Act(
            name="reject",
            label="不予通过",
            tone="danger",
            form=ReasonForm,
            intro="适用于不符合第六条条件、补正也不能符合的情形。",
            article="6",
            may=lambda by, row: row.state in UNCHECKED and policies.may_reject(by, row),
            run=call(services.reject, "enterprise_id"),
            done="已作出不予通过的决定。",
        ),
        Act(
            name="adjust",
            label="提出额度调整",
            form=AdjustForm,
            roles=(Role.CENTRE_CHECKER,),
            intro="由另一人复核、处室核准后生效。",
            article="10",
            may=lambda by, row: row.state == State.ACTIVE and policies.may_propose_adjustment(by, row),
            run=lambda by, row, data: services.propose_adjustment(
                by=by, enterprise_id=row.pk, amount=data["amount"], reason=data["reason"]
            ),
            goes=lambda made: reverse("officer:adjustment", kwargs={"pk": made.pk}),
            done="已提出，等待复核。",
        ),
        Act(
            name="freeze",
            label="冻结",
            tone="danger",
            form=ReasonForm,
            intro="冻结期间不能签订新合同；履行中的合同继续。",
            article="27",
            may=lambda by, row: row.state in (State.ACTIVE, State.RENEW_CHECK) and policies.may_freeze(by, row),
            run=call(services.freeze, "enterprise_id"),
            done="已冻结。",
        ),
        Act(
            name="lift",
            label="解除冻结",
            tone="main",
            form=ReasonForm,
            may=lambda by, row: row.state == State.FROZEN and policies.may_freeze(by, row),
            run=call(services.lift, "enterprise_id"),
            done="已解除冻结。",
        ),
        Act(
            name="disqualify",
            label="取消领券资格",
            tone="danger",
            form=DisqualifyForm,
            intro="期满以前不能签订新合同，也不匹配新年度的额度；已签的合同不受影响，须停止的逐件冻结。决定即时告知企业。",
            article="27",
            may=lambda by, row: row.state in (State.ACTIVE, State.FROZEN) and policies.may_disqualify(by, row),
            run=call(services.disqualify, "enterprise_id"),
            done="已取消领券资格。",
        ),
        Act(
            name="close",
            label="关闭",
            tone="danger",
            form=ReasonForm,
            intro="企业注销、合并时关闭；履行中的合同按约办完。",
            roles=(Role.CENTRE_REVIEWER,),
            may=lambda by, row: row.state == State.ACTIVE and policies.may_close(by, row),
            run=call(services.close, "enterprise_id"),
            done="已关闭。",
        ),
    ),
    crumbs=lambda row: (("企业登记", reverse("officer:enterprises")),),
)
