"""Registrations of enterprises: the list, one of them with what was handed in and what the machine found."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from enterprises import queues, selectors, services
from enterprises.models import Enterprise
from enterprises.states import CLOCKED, State
from foundation.errors import not_found
from portal.kit.access import Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, acts, case_page, trail
from portal.officer.registration_acts import DECK, READERS, doubts
from portal.officer.registration_sections import industry, machine, people, quota, reasons, region, roster, stated

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


page = tasks.page_of("officer:enterprise")


def tone(row: Enterprise) -> str:
    """The colour of its state."""
    return TONES.get(State(row.state), "run")


LIST = Listing(
    name="enterprises",
    caption="企业",
    columns=(
        Column(name="name", label="企业", show="name", second="uscc", sort="name", link=page, place="title"),
        Column(name="region", label="所在地", show=lambda row: region(row.region_code)),
        Column(name="industry", label="行业", show=lambda row: industry(row.industry_code)),
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
    return LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "企业登记", "under": "注册、核验与管理状态"}
    )


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
            crumbs=(Link("企业登记", reverse("officer:enterprises")),),
            left=(stated(row), people(row), *reasons(row)),
            right=(machine(row), roster(row), *quota(row)),
            record=row,
            acts=acts(DECK, request, row),
            trail=trail(row),
        ),
    )


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
