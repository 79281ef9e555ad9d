"""Registrations of enterprises: the list, one of them with what was handed in and what the machine found."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import queues, selectors, services
from enterprises.models import Enterprise
from enterprises.states import CLOCKED, State
from foundation import clock
from foundation.errors import DomainError, not_found
from foundation.names import masked
from portal.kit.access import Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.officer.registration_acts import DECK, READERS, doubts
from portal.templatetags.portal import day
from registry import selectors as registry

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
            record=row,
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
