"""One file for each enterprise and provider: who it is, what it may use, its contracts, claims, credit, and its trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import User
from accounts.states import OFFICERS, Role
from contracts import performance
from contracts import selectors as contracts
from credit import selectors as credit
from enterprises import explains as enterprise_explains
from enterprises import selectors as enterprises
from enterprises.models import Enterprise
from enterprises.states import State
from foundation import clock
from foundation.errors import Refused
from foundation.explain import Explanation
from foundation.names import masked
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.days import day
from portal.kit.lists import Column, Filter, Listing
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, case_page, file_address
from portal.officer.claims import lists as claims
from portal.officer.shown import one_of, trail_of
from portal.parties.letters import TONES as TONES_OF_LETTERS
from providers import explains as provider_explains
from providers import selectors as providers
from providers.models import Provider
from registry import selectors as registry
from settlement import selectors as settlement

READERS = (*DECIDERS, Role.CITY)
FEW = 20  # rows of a table on the file; the list itself has all
TONES = {State.ACTIVE: "ok", State.FROZEN: "bad", State.DISQUALIFIED: "bad", State.CLOSED: "off", State.DRAFT: "off"}


def enterprise_page(row: Enterprise) -> str:
    return reverse("officer:enterprise-file", kwargs={"pk": row.pk})


def provider_page(row: Provider) -> str:
    return reverse("officer:provider-file", kwargs={"pk": row.pk})


def place(code: str) -> str:
    """The name of a county or city by its code."""
    found = registry.region(code)
    return found.name if found is not None else code


def _with_quotas(rows: list[Any]) -> list[Any]:
    found = enterprises.figures_of([row.pk for row in rows], clock.today().year)
    for row in rows:
        row.quota = found[row.pk]
    return rows


def _with_caps(rows: list[Any]) -> list[Any]:
    found = providers.caps_of([row.pk for row in rows], clock.today().year)
    for row in rows:
        row.cap = found[row.pk]
    return rows


NAME = Filter(name="name", label="名称", narrow="name__icontains", kind="text")
CODE = Filter(name="uscc", label="统一社会信用代码", narrow="uscc", kind="text")
ENTERPRISES = Listing(
    name="enterprise-files",
    caption="企业档案",
    columns=(
        Column(name="name", label="企业", show="name", second="uscc", sort="name", link=enterprise_page, place="title"),
        Column(name="region", label="所在地", show=lambda row: place(row.region_code)),
        Column(name="quota", label="年度额度（元）", show="quota.quota", kind="money"),
        Column(name="left", label="可用（元）", show="quota.left", kind="money"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: TONES.get(State(row.state), "run"),
            place="corner",
        ),
    ),
    filters=(NAME, CODE, Filter(name="state", label="状态", narrow="state", choices=State.choices)),
    empty="还没有企业注册。",
    prepare=_with_quotas,
)
PROVIDERS = Listing(
    name="provider-files",
    caption="服务商档案",
    columns=(
        Column(name="name", label="服务商", show="name", second="uscc", sort="name", link=provider_page, place="title"),
        Column(name="region", label="所在地", show=lambda row: place(row.region_code)),
        Column(name="cap", label="年度上限（元）", show="cap.cap", kind="money"),
        Column(name="left", label="剩余（元）", show="cap.left", kind="money"),
        Column(
            name="listed",
            label="本年度名录",
            show=lambda row: f"有效至{day(row.listed_until)}" if row.listed_until else "未列入",
            kind="chip",
            tone=lambda row: "ok" if row.listed_until else "off",
            place="corner",
        ),
    ),
    filters=(NAME, CODE),
    empty="还没有服务机构登记。",
    prepare=_with_caps,
)


@pages_for(*READERS)
def enterprise_files(request: Asked) -> HttpResponseBase:
    """Every enterprise that the reader may see, with its quota of this year."""
    rows = enterprises.visible_to(request.user)
    words = {"title": "企业档案", "under": "每家企业一份：额度、合同、兑付、信用和全部经过。", "article": "10,19"}
    return ENTERPRISES.answer(request, rows, "portal/officer/list.html", words)


@pages_for(*READERS)
def provider_files(request: Asked) -> HttpResponseBase:
    """Every provider that the reader may see, with its cap of this year."""
    rows = providers.with_listing(providers.visible_profiles(request.user))
    words = {
        "title": "服务商档案",
        "under": "每家服务商一份：名录、上限、产品、合同、兑付、信用和全部经过。",
        "article": "11",
    }
    return PROVIDERS.answer(request, rows, "portal/officer/list.html", words)


@pages_for(*READERS)
def enterprise_file(request: Asked, pk: UUID) -> HttpResponseBase:
    """All that the platform knows of one enterprise."""
    by, today = request.user, clock.today()
    row = one_of(enterprises.visible_to(by), pk, "企业")
    figures = enterprises.figures(row.pk, today.year)
    case = Case(
        title=row.name,
        under=row.uscc,
        state=Chip(row.get_state_display(), TONES.get(State(row.state), "run")),
        crumbs=(Link("企业档案", reverse("officer:enterprise-files")),),
        left=(
            Section(
                title="基本情况",
                facts=(
                    ("所在地", place(row.region_code)),
                    ("注册地址", row.address),
                    ("行业", _industry(row.industry_code)),
                    ("成立日期", row.registered_on),
                    ("自报入规日期", row.listed_since),
                    ("法定代表人", row.legal_representative),
                    ("联系人", f"{masked(row.contact_name)}，{masked(row.contact_phone)}"),
                    ("注册和初核", Link("查看", reverse("officer:enterprise", kwargs={"pk": row.pk}))),
                ),
                article="3,6",
            ),
            _tier(row),
            _contracts(by, contracts.visible_to(by).filter(enterprise=row)),
            _claims(settlement.visible_claims(by).filter(contract__enterprise=row)),
        ),
        right=(
            Section(
                title=f"{today.year}年度额度",
                facts=(
                    ("现额度", figures.quota),
                    ("签约占用和已承诺", figures.reserved + figures.committed),
                    ("应付和已使用", figures.due + figures.consumed),
                    ("已失效", figures.expired),
                    ("可用", figures.left),
                ),
                why=_quota_why(row, today.year),
                article="10,19",
            ),
            _credit(by, row.uscc),
            *_letters(by, row.organisation_id),
        ),
        below=(_history(row, today.year),),
    )
    return _page(request, case, row)


@pages_for(*READERS)
def provider_file(request: Asked, pk: UUID) -> HttpResponseBase:
    """All that the platform knows of one provider."""
    by, today = request.user, clock.today()
    row: Any = one_of(providers.with_listing(providers.visible_profiles(by)), pk, "服务商")
    figures = providers.cap_figures(row.pk, today.year)
    notice = enterprises.notice_on(today)
    done = performance.performance([row], today.year)[row.pk]
    case = Case(
        title=row.name,
        under=row.uscc,
        state=Chip(f"本年度名录有效至{day(row.listed_until)}", "ok") if row.listed_until else Chip("未列入本年度名录"),
        crumbs=(Link("服务商档案", reverse("officer:provider-files")),),
        left=(
            Section(
                title="基本情况",
                facts=(
                    ("所在地", place(row.region_code)),
                    ("服务场所", row.address),
                    ("成立日期", row.founded_on),
                    ("法定代表人", row.legal_representative),
                    ("核心业务专职人员", f"{row.core_staff}名"),
                    ("上年服务企业", f"{row.clients_last_year}家"),
                    ("上年营业收入", row.revenue_last_year),
                    ("联系人", f"{masked(row.contact_name)}，{masked(row.contact_phone)}"),
                ),
                article="13",
            ),
            _listings(by, row),
            _products(by, row),
            _contracts(by, contracts.visible_to(by).filter(provider=row)),
            _claims(settlement.visible_claims(by).filter(provider=row)),
        ),
        right=(
            Section(
                title=f"{today.year}年度结算上限",
                facts=(
                    ("年度上限", figures.cap),
                    ("签约占用和已承诺", figures.reserved + figures.committed),
                    ("应付和已结算", figures.due + figures.consumed),
                    ("剩余", figures.left),
                ),
                why=provider_explains.cap(figures, notice) if notice is not None else None,
                article="11",
            ),
            Section(
                title=f"{today.year}年度执行情况",
                facts=(
                    ("已生效合同", done.effective),
                    ("履行中", done.running),
                    ("已确认", done.confirmed),
                    ("未履约", done.failed),
                    ("查实的投诉", done.complaints),
                    ("满意度", done.rating_label),
                ),
                article="16",
            ),
            _accounts(by, row),
            *_letters(by, row.organisation_id),
            _credit(by, row.uscc),
        ),
    )
    return _page(request, case, row)


def _page(request: Asked, case: Case, row: Enterprise | Provider) -> HttpResponseBase:
    more = trail_of(row)
    return case_page(request, case, "portal/officer/file.html", **more)


def _industry(code: str) -> str:
    found = registry.industry(code)
    return f"{found.name}（{code}）" if found is not None else code


def _tier(row: Enterprise) -> Section:
    """The lines of its passport of which a register knows, and the tier that follows from them."""
    try:
        shown = enterprises.show_passport(row, clock.today())
    except Refused as error:  # no notice is in force
        return Section(title="划型依据", text=error.message)
    lines = [line for line in shown.passport.lines if line.held or line.papers]
    marks = [
        Check("ok" if line.held else "todo", line.name, line.says, f"对应“{line.tier.name}”档" if line.tier else "")
        for line in lines
    ]
    return Section(title=f"划型依据：{shown.grade.tier.name}", text=shown.grade.why, checks=marks, article="10")


def _quota_why(row: Enterprise, year: int) -> Explanation | None:
    grants = list(enterprises.grants(row.pk).filter(year=year))
    if not grants:
        return None
    return enterprise_explains.quota(enterprises.figures(row.pk, year), grants[0].notice, [])


def _history(row: Enterprise, year: int) -> Section:
    moved = enterprises.quota_history(row.pk, year).movements
    lines = [
        (one.entry.at, f"{one.entry.act_label}{_in(one.entry.contract)}", one.change, one.after["available"])
        for one in moved
    ]
    heads = ("时间", "事项", "可用额度变动", "变动后可用")
    return Section(
        title="额度流水", table=Table(heads, lines[-FEW:][::-1], frozenset({2, 3})), empty="本年度额度还没有变动。"
    )


def _in(contract: str) -> str:
    return f"（{contract}）" if contract else ""


def _contracts(by: User, rows: models.QuerySet[Any]) -> Section:
    lines = [
        (
            Link(one.number, reverse("contract", kwargs={"pk": one.pk})),
            one.product.name,
            one.amount,
            one.final_voucher or one.voucher,
            one.get_state_display(),
        )
        for one in rows.order_by("-pk")[:FEW]
    ]
    heads = ("合同", "服务产品", "合同金额", "服务券", "状态")
    return Section(title="合同", table=Table(heads, lines, frozenset({2, 3})), empty="还没有合同。", article="18")


def _claims(rows: models.QuerySet[Any]) -> Section:
    lines = [
        (
            Link(one.number, claims.page(one)),
            one.requested,
            one.approved,
            one.paid,
            Chip(one.get_state_display(), claims.tone(one)),
        )
        for one in rows.order_by("-pk")[:FEW]
    ]
    heads = ("申请编号", "申请金额", "核定金额", "已付金额", "状态")
    return Section(
        title="兑付", table=Table(heads, lines, frozenset({1, 2, 3})), empty="还没有兑付申请。", article="21"
    )


def _credit(by: User, uscc: str) -> Section:
    """Records decided and complaints accepted; an officer reads them all, a city those of its own."""
    records = credit.visible_records(by).filter(uscc=uscc).order_by("-pk")[:FEW]
    complaints = credit.visible_complaints(by).filter(uscc=uscc).order_by("-pk")[:FEW]
    checks = [
        Check(
            "bad" if one.blocks else "warn",
            f"信用记录 {one.number}：{one.get_ground_display()}",
            one.get_state_display(),
            one.decision_no,
        )
        for one in records
    ]
    checks += [Check("warn", f"投诉 {one.number}", one.get_state_display()) for one in complaints]
    return Section(title="信用", checks=checks, empty="没有信用记录和投诉。", article="24,27")


def _listings(by: User, row: Provider) -> Section:
    lines = [
        (one.year, one.approval_no, f"{day(one.valid_from)}至{day(one.valid_to)}", one.get_state_display())
        for one in providers.visible_listings(by).filter(provider=row).order_by("-year")
    ]
    heads = ("年度", "审定文号", "有效期", "状态")
    return Section(title="历年名录", table=Table(heads, lines), empty="还没有列入过名录。", article="15")


def _products(by: User, row: Provider) -> Section:
    rows: Iterable[Any] = providers.visible_products(by).filter(provider=row).order_by("-pk")[:FEW]
    lines = [(one.name, one.current.price if one.current else None, one.get_state_display()) for one in rows]
    heads = ("产品", "标价（元）", "状态")
    return Section(title="服务产品", table=Table(heads, lines, frozenset({1})), empty="还没有服务产品。", article="7,8")


def _letters(by: User, organisation_id: UUID) -> list[Section]:
    """Who may act for the house on whose word; nothing for a reader who may not open the letters."""
    if not by.has(*OFFICERS):
        return []
    today = clock.today()
    rows = accounts.visible_letters(by).filter(person__organisation_id=organisation_id, withdrawn_at=None)[:FEW]
    lines = [
        (
            Link(one.person.name, file_address(one.file)),
            one.get_role_display(),
            one.valid_until or "未载明",
            Chip(str((standing := one.standing(today)).label), TONES_OF_LETTERS[standing]),
        )
        for one in rows
    ]
    table = Table(("授权书", "授权角色", "有效期至", "状态"), lines)
    return [Section(title="签署人授权书", table=table, empty="没有登记授权书。", article="18,26")]


def _accounts(by: User, row: Provider) -> Section:
    lines = [
        (one.account_name, one.masked_number, one.effective_on, one.get_state_display())
        for one in providers.visible_accounts(by).filter(provider=row).order_by("-pk")[:FEW]
    ]
    heads = ("户名", "账号", "生效", "状态")
    return Section(title="收款账户", table=Table(heads, lines), empty="还没有登记收款账户。")
