"""Registrations of enterprises: the list, one of them with what was handed in and what the machine found, the acts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from enterprises import policies, queues, selectors, services
from enterprises import serializers as bodies
from enterprises.models import Enterprise
from enterprises.states import CLOCKED, UNCHECKED, State
from foundation import clock
from foundation.errors import DomainError, not_found
from foundation.names import masked
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.items import ItemsForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.templatetags.portal import day
from registry import selectors as registry

READERS = (*DECIDERS, Role.CITY)
TONES = {
    State.ACTIVE: "ok",
    State.RENEW_CHECK: "run",
    State.DRAFT: "off",
    State.CLOSED: "off",
    State.REJECTED: "off",
    State.FROZEN: "bad",
    State.DISQUALIFIED: "bad",
    State.AUTO_DOUBT: "warn",
    State.RETURNED: "warn",
}
CHECK_TONES = {"ok": "ok", "warning": "warn", "fail": "bad"}
page = tasks.page_of("officer:enterprise")


def tone(row: Enterprise) -> str:
    """The colour of its state."""
    return TONES.get(State(row.state), "run")


def doubts(row: Enterprise) -> list[dict[str, Any]]:
    """What the machine could not clear."""
    return [one for one in row.checks if one["result"] == "warning"]


# --- acts


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
    acts=(
        Act(
            name="check",
            label="初核通过",
            tone="main",
            form=CheckForm,
            intro="核对企业填报与名册；自动核验存疑的，逐项写明核实情况。通过后由复核人确认。",
            article="6",
            choices=_doubt_choices,
            may=lambda by, row: row.state in UNCHECKED and policies.may_check(by, row),
            run=lambda by, row, data: services.check(by=by, enterprise_id=row.pk, **data),
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
            run=lambda by, row, data: services.confirm(by=by, enterprise_id=row.pk, **data),
            done="已复核通过，额度已按档次匹配。",
        ),
        Act(
            name="return",
            label="退回补正",
            form=ReturnForm,
            may=lambda by, row: row.state in UNCHECKED | {State.CHECKED} and policies.may_return(by, row),
            run=lambda by, row, data: services.send_back(by=by, enterprise_id=row.pk, **data),
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
            run=lambda by, row, data: services.reject(by=by, enterprise_id=row.pk, **data),
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
            run=lambda by, row, data: services.freeze(by=by, enterprise_id=row.pk, **data),
            done="已冻结。",
        ),
        Act(
            name="lift",
            label="解除冻结",
            tone="main",
            form=ReasonForm,
            may=lambda by, row: row.state == State.FROZEN and policies.may_freeze(by, row),
            run=lambda by, row, data: services.lift(by=by, enterprise_id=row.pk, **data),
            done="已解除冻结。",
        ),
        Act(
            name="disqualify",
            label="取消领券资格",
            tone="danger",
            form=DisqualifyForm,
            article="27",
            may=lambda by, row: row.state in (State.ACTIVE, State.FROZEN) and policies.may_disqualify(by, row),
            run=lambda by, row, data: services.disqualify(by=by, enterprise_id=row.pk, **data),
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
            run=lambda by, row, data: services.close(by=by, enterprise_id=row.pk, **data),
            done="已关闭。",
        ),
    ),
    crumbs=lambda row: (("企业", reverse("officer:enterprises")),),
)


# --- pages

LIST = Listing(
    name="enterprises",
    caption="企业",
    columns=(
        Column(name="name", label="企业", show="name", second="uscc", sort="name", link=page, place="title"),
        Column(name="region", label="所在地", show=lambda row: _region(row.region_code)),
        Column(name="industry", label="行业", show=lambda row: _industry(row.industry_code)),
        Column(name="due", label="办理期限", show="due_on", kind="date"),
        Column(name="updated", label="更新", show="updated_at", kind="moment", sort="updated_at"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", tone=tone, place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=State.choices),
        Filter(name="name", label="企业名称", narrow="name__icontains", kind="text"),
        Filter(name="uscc", label="统一社会信用代码", narrow="uscc__startswith", kind="text"),
    ),
    empty="还没有企业注册。企业在首页点“企业注册”后，会出现在这里。",
)


@pages_for(*READERS)
def enterprises(request: Asked) -> HttpResponseBase:
    """Every enterprise that the reader may see."""
    rows = selectors.visible_to(request.user)
    return LIST.answer(request, rows, "portal/officer/list.html", {"title": "企业", "under": "注册、核验与管理状态"})


@pages_for(*READERS)
def enterprise(request: Asked, pk: str) -> HttpResponseBase:
    """One enterprise: what it stated, what the registers say, the decision."""
    row = (
        selectors.visible_to(request.user)
        .select_related("committed_by", "checked_by", "confirmed_by")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise not_found("企业")
    return case_page(
        request,
        Case(
            title=row.name,
            under=f"统一社会信用代码 {row.uscc}",
            state=Chip(row.get_state_display(), tone(row)),
            due=row.due_on if row.state in CLOCKED else None,
            crumbs=(Link("企业", reverse("officer:enterprises")),),
            left=(_stated(row), _people(row), *_reasons(row)),
            right=(_machine(row), _roster(row), *_quota(row)),
            acts=acts(DECK, request, row),
            trail=trail(row),
        ),
    )


def _stated(row: Enterprise) -> Section:
    return Section(
        title="企业填报",
        facts=(
            ("企业名称", row.name),
            ("行业", f"{row.industry_code} {_industry(row.industry_code)}"),
            ("所在地", f"{row.region_code} {_region(row.region_code)}"),
            ("注册地址", row.address),
            ("成立日期", row.registered_on),
            ("自报入规年月", row.listed_since),
            ("法定代表人", row.legal_representative),
            ("联系人", masked(row.contact_name)),
            ("联系电话", masked(row.contact_phone)),
            ("付款开户行", row.bank_name),
            ("付款账号", masked(row.bank_account)),
        ),
        article="6",
    )


def _people(row: Enterprise) -> Section:
    return Section(
        title="经办人员",
        facts=(
            ("信用承诺签署", f"{person(row.committed_by)}　{_at(row.committed_at)}"),
            ("初核", f"{person(row.checked_by)}　{_at(row.checked_at)}"),
            ("复核", f"{person(row.confirmed_by)}　{_at(row.confirmed_at)}"),
        ),
        article="18,24",
    )


def _reasons(row: Enterprise) -> list[Section]:
    said = (
        ("退回或不予通过的理由", row.return_reason),
        ("冻结理由", row.frozen_reason),
        ("取消资格", f"至{day(row.disqualified_until)}，{row.decision_no}" if row.disqualified_until else ""),
    )
    return [Section(title=title, text=text) for title, text in said if text]


def _machine(row: Enterprise) -> Section:
    checks = [
        Check(
            CHECK_TONES.get(one["result"], "todo"),
            f"{one['label']}：{one['value']}",
            f"{one['message']}（{one['source']}）",
            f"核实情况：{one['note']}" if one.get("note") else "",
        )
        for one in row.checks
    ]
    return Section(title="自动核验", checks=checks, empty="尚未提交，还没有核验结果。", article="6")


def _roster(row: Enterprise) -> Section:
    held = registry.titles(row.uscc, clock.today())
    names = {one.title_code: registry.title_kind(one.title_code) for one in held}
    rows = [
        (
            kind.name if (kind := names[one.title_code]) else one.title_code,
            one.issued_by,
            one.valid_from,
            one.valid_to or "长期",
        )
        for one in held
    ]
    heads = ("称号", "认定机关", "有效期起", "有效期止")
    return Section(title="有效称号", table=Table(heads, rows), empty="没有已核验的称号，按入规年限划型。", article="10")


def _quota(row: Enterprise) -> list[Section]:
    """The passport's result and the year's figures, once there is a notice to read it by."""
    if row.state not in (State.ACTIVE, State.FROZEN, State.RENEW_CHECK, State.CHECKED):
        return []
    try:
        read = selectors.show_passport(row, clock.today())
    except DomainError as error:
        return [Section(title="档次与额度", text=error.message)]
    figures = read.figures
    facts = (
        ("按今日名册应获档次", read.grade.tier.name),
        ("本年度额度", figures.quota),
        ("已使用", figures.used),
        ("剩余", figures.left),
        ("人工调整", read.adjusted),
    )
    return [Section(title="档次与额度", facts=facts, article="10")]


def _at(moment: Any) -> str:
    return day(moment) if moment is not None else ""


def _region(code: str) -> str:
    found = registry.region(code)
    return found.name if found is not None else code


def _industry(code: str) -> str:
    found = registry.industry(code)
    return found.name if found is not None else code


# --- what waits


tasks.register(
    tasks.Kind(
        code="enterprise-check",
        label="企业注册初核",
        group="企业",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.registrations_to_check,
        subject=lambda row: str(row.name),
        below=lambda row: f"{row.uscc}　{row.get_state_display()}",
        since="auto_checked_at",
        due="due_on",
        url=page,
        bulk=tasks.Bulk(
            label="初核通过",
            intro="自动核验全部通过的可以批量初核；有疑点的须单独核实。",
            ready=lambda row: "自动核验存疑，须逐项写明核实情况" if doubts(row) else "",
            run=lambda by, row, seen: services.check(by=by, enterprise_id=row.pk, version=seen),
        ),
    ),
    tasks.Kind(
        code="enterprise-confirm",
        label="企业注册复核",
        group="企业",
        roles=(Role.CENTRE_REVIEWER,),
        rows=queues.registrations_to_confirm,
        subject=lambda row: str(row.name),
        below=lambda row: str(row.uscc),
        since="checked_at",
        due="due_on",
        url=page,
        bulk=tasks.Bulk(
            label="复核通过",
            intro="自动核验全部通过的可以批量复核；初核曾写明疑点的须单独复核。",
            ready=lambda row: "自动核验曾存疑，须核对初核人写明的情况" if doubts(row) else "",
            run=lambda by, row, seen: services.confirm(by=by, enterprise_id=row.pk, version=seen),
        ),
    ),
)

URLS = [
    path("enterprises/", enterprises, name="enterprises"),
    path("enterprises/<uuid:pk>/", enterprise, name="enterprise"),
    *DECK.urls("enterprises/"),
]
