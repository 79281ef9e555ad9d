"""Declarations of related parties, as they were signed, and the group that all of them make."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from enterprises import selectors
from enterprises.models import RelationDeclaration
from enterprises.states import DeclarationState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, case_page, trail
from portal.officer.registration_acts import READERS

declaration_page = tasks.page_of("officer:declaration")


DECLARATION_LIST = Listing(
    name="declarations",
    caption="关联方申报",
    columns=(
        Column(name="enterprise", label="企业", show="enterprise.name", link=declaration_page, place="title"),
        Column(name="year", label="年度", show="year", sort="year"),
        Column(name="count", label="申报的关系", show=lambda row: len(row.relations.all()), kind="number"),
        Column(name="signed", label="签署时间", show="signed_at", kind="moment", sort="signed_at"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: "ok" if row.state == DeclarationState.IN_FORCE else "off",
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=DeclarationState.choices),
        Filter(name="year", label="年度", narrow="year", kind="year"),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__name__icontains", kind="text"),
        Filter(name="related", label="关联方代码", narrow="relations__uscc", kind="text"),
    ),
    empty="还没有企业签署关联方申报。",
)


@pages_for(*READERS)
def declarations(request: Asked) -> HttpResponseBase:
    """Every declaration that the reader may see."""
    rows = selectors.visible_declarations(request.user)
    return DECLARATION_LIST.answer(
        request,
        rows,
        "portal/officer/list.html",
        {"title": "关联方申报", "under": "企业签署的关联方，签约和结算时据以识别关联交易"},
    )


@pages_for(*READERS)
def declaration(request: Asked, pk: str) -> HttpResponseBase:
    """One declaration, and for officers the group that all declarations together make."""
    by = request.user
    row = selectors.visible_declarations(by).select_related("signed_by").filter(pk=pk).first()
    if row is None:
        raise not_found("关联方申报")
    return case_page(
        request,
        Case(
            title=f"关联方申报：{row.enterprise.name}",
            under=f"{row.year}年度　由{row.signed_by.name}签署",
            state=Chip(row.get_state_display(), "ok" if row.state == DeclarationState.IN_FORCE else "off"),
            crumbs=(Link("关联方申报", reverse("officer:declarations")),),
            left=(_ties(row),),
            right=(_group(row),) if by.has(*DECIDERS) else (),
            idle="申报由企业签署，管理部门只查阅；有变化时由企业重新申报。",
            trail=trail(row) if by.has(*DECIDERS) else (),
        ),
    )


def _ties(row: RelationDeclaration) -> Section:
    lines = [
        (one.name, one.uscc, one.get_kind_display(), one.since, one.until or "至今", one.note)
        for one in row.relations.order_by("pk")
    ]
    heads = ("关联方", "统一社会信用代码", "关系", "起", "止", "说明")
    return Section(title="申报的关联方", table=Table(heads, lines), empty="企业申报没有关联方。", article="24,27")


def _group(row: RelationDeclaration) -> Section:
    found = selectors.declared_group(row.enterprise, clock.today())
    lines = [
        (
            Link(one.name, reverse("officer:enterprise", args=[one.enterprise])) if one.enterprise else one.name,
            one.uscc,
            "已注册" if one.enterprise else "未注册",
        )
        for one in found.members
    ]
    return Section(title="由申报连成的集团", table=Table(("单位", "统一社会信用代码", "在本平台"), lines))


URLS = [
    path("declarations/", declarations, name="declarations"),
    path("declarations/<uuid:pk>/", declaration, name="declaration"),
]
