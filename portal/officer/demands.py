"""Demands: checked by one, published by another, taken down; the words of the search; what is missing on the shelf."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse

from accounts.states import Role
from demands import policies, queues, selectors
from demands import serializers as bodies
from demands.coverage import reports
from demands.models import Demand, Synonym
from demands.services import checking, words
from demands.states import DEMAND_SHOWN, DemandState, SynonymState
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.api.fields import Versioned
from foundation.errors import DomainError, not_found
from foundation.names import masked
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Check, Chip, Link, Section, Table, acts, case_page, person
from portal.officer.enterprises_review import READERS
from portal.templatetags.portal import day
from programmes import selectors as programmes
from registry import selectors as registry

TONES = {
    DemandState.SUBMITTED: "warn",
    DemandState.PUBLISHED: "ok",
    DemandState.MATCHING: "run",
    DemandState.MATCHED: "ok",
    DemandState.TAKEN_DOWN: "bad",
}
SYNONYM_TONES = {SynonymState.PROPOSED: "warn", SynonymState.CONFIRMED: "ok"}
page = tasks.page_of("officer:demand")
synonym_page = tasks.page_of("officer:synonym")


class RemarkForm(BodyForm):
    body = bodies.DemandRemarkIn
    labels = {"reason": "意见"}


class ReasonForm(BodyForm):
    body = bodies.DemandReasonIn
    labels = {"reason": "理由"}


class SynonymForm(BodyForm):
    body = bodies.SynonymIn
    labels = {"code": "词组代码", "words": "意思相同的词"}
    helps = {"words": "一行一个词。"}


class VersionedForm(BodyForm):
    body = Versioned


def _waits(row: Demand, checked: bool) -> bool:
    return row.state == DemandState.SUBMITTED and (row.checked_at is not None) == checked


DECK = Deck(
    name="officer:demand",
    roles=READERS,
    rows=selectors.visible_demands,
    title=lambda row: row.title,
    acts=(
        Act(
            name="check",
            label="审核通过",
            tone="main",
            form=RemarkForm,
            intro="核对内容具体、不含个人信息、不涉及套现和转让。通过后由另一人发布。",
            article="18,27",
            may=lambda by, row: _waits(row, checked=False) and policies.may_check(by, row),
            run=lambda by, row, data: checking.check(by=by, demand_id=row.pk, **data),
            done="已审核，等待另一人发布。",
        ),
        Act(
            name="publish",
            label="发布",
            tone="main",
            form=RemarkForm,
            intro="发布后在需求大厅公开展示，服务商可以应答。",
            article="18",
            may=lambda by, row: _waits(row, checked=True) and policies.may_publish(by, row),
            run=lambda by, row, data: checking.publish(by=by, demand_id=row.pk, **data),
            done="已发布。",
        ),
        Act(
            name="return",
            label="退回修改",
            form=ReasonForm,
            may=lambda by, row: row.state == DemandState.SUBMITTED and policies.may_return(by, row),
            run=lambda by, row, data: checking.send_back(by=by, demand_id=row.pk, **data),
            done="已退回企业修改。",
        ),
        Act(
            name="take-down",
            label="下架",
            tone="danger",
            form=ReasonForm,
            intro="下架后不再公开展示，应答随之结束。",
            may=lambda by, row: row.state in DEMAND_SHOWN and policies.may_take_down(by, row),
            run=lambda by, row, data: checking.take_down(by=by, demand_id=row.pk, **data),
            done="已下架。",
        ),
    ),
)

LIST = Listing(
    name="demands",
    caption="企业需求",
    columns=(
        Column(name="title", label="需求", show="title", second="number", link=page, place="title"),
        Column(name="enterprise", label="企业", show="enterprise.name"),
        Column(name="answers", label="应答", show="answers", kind="number"),
        Column(name="until", label="展示至", show="shown_until", kind="date"),
        Column(name="made", label="更新", show="updated_at", kind="moment", sort="updated_at"),
        Column(
            name="state",
            label="状态",
            show="stage_label",
            kind="chip",
            tone=lambda row: TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=DemandState.choices),
        Filter(name="title", label="标题", narrow="title__icontains", kind="text"),
        Filter(name="enterprise", label="企业名称", narrow="enterprise__name__icontains", kind="text"),
    ),
    empty="还没有企业发布需求。",
)


@pages_for(*READERS)
def demands(request: Asked) -> HttpResponseBase:
    """Every demand that the reader may see."""
    rows = selectors.visible_demands(request.user)
    return LIST.answer(
        request, rows, "portal/officer/list.html", {"title": "企业需求", "under": "审核、发布由两人办理"}
    )


@pages_for(*READERS)
def demand(request: Asked, pk: str) -> HttpResponseBase:
    """One demand: its words, what the machine noticed in them, the decision."""
    rows = selectors.visible_demands(request.user)
    row = rows.select_related("submitted_by", "checked_by", "published_by").filter(pk=pk).first()
    if row is None:
        raise not_found("需求")
    facts = (
        ("企业", Link(row.enterprise.name, reverse("officer:enterprise", args=[row.enterprise_id]))),
        ("需求产品类型", _categories(row)),
        ("可接受费用", _fee(row)),
        ("期望时间", "至".join(day(one) for one in (row.starts_on, row.ends_on) if one)),
        ("联系人", f"{masked(row.contact_name)}　{masked(row.contact_phone)}"),
    )
    found = [Check("warn", one["message"], "、".join(one.get("words", []))) for one in row.findings]
    done = (
        ("提交", _by(row.submitted_by, row.submitted_at)),
        ("审核", _by(row.checked_by, row.checked_at)),
        ("发布", _by(row.published_by, row.published_at)),
        ("展示至", row.shown_until),
        ("应答", f"{getattr(row, 'answers', 0)}家"),
        ("合同", row.contract_number),
        ("退回、撤回或下架理由", row.reason),
    )
    return case_page(
        request,
        Case(
            title=row.title,
            under=f"需求编号 {row.number}",
            state=Chip(row.stage_label, TONES.get(DemandState(row.state), "off")),
            crumbs=(Link("企业需求", reverse("officer:demands")),),
            left=(Section(title="需求服务内容", text=row.content, article="18"), Section(title="要求", facts=facts)),
            right=(
                Section(title="内容提示", checks=found, empty="没有需要留意的表述。", article="27"),
                Section(title="办理情况", facts=done),
            ),
            acts=acts(DECK, request, row),
            trail=list(of_subject(row).reverse()),
        ),
    )


def _categories(row: Demand) -> list[str]:
    known = row.notice.parsed.categories
    return [known[code].name if code in known else code for code in row.categories]


def _fee(row: Demand) -> str:
    low, high = row.fee_low, row.fee_high
    if low is None and high is None:
        return ""
    if low is not None and high is not None:
        return f"{low:,.2f}元至{high:,.2f}元"
    return f"不低于{low:,.2f}元" if low is not None else f"不超过{high:,.2f}元"


def _by(user: Any, at: Any) -> str:
    return f"{person(user)}　{day(at)}" if at is not None else ""


# --- the words of the search


SYNONYMS = Deck(
    name="officer:synonym",
    roles=DECIDERS,
    rows=selectors.visible_synonyms,
    title=lambda row: "、".join(row.words),
    acts=(
        Act(
            name="confirm",
            label="复核通过并使用",
            tone="main",
            form=VersionedForm,
            may=lambda by, row: row.state == SynonymState.PROPOSED and policies.may_decide_synonym(by, row),
            run=lambda by, row, data: words.confirm(by=by, synonym_id=row.pk, **data),
            done="已开始使用。",
        ),
        Act(
            name="refuse",
            label="不采用",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == SynonymState.PROPOSED and policies.may_decide_synonym(by, row),
            run=lambda by, row, data: words.refuse(by=by, synonym_id=row.pk, **data),
            done="已决定不采用。",
        ),
        Act(
            name="retire",
            label="停用",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == SynonymState.CONFIRMED and policies.may_decide_synonym(by, row),
            run=lambda by, row, data: words.retire(by=by, synonym_id=row.pk, **data),
            done="已停用。",
        ),
    ),
)
PROPOSE = Deck(
    name="officer:synonym",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="propose",
            label="提出同义词组",
            tone="main",
            form=SynonymForm,
            intro="检索时词组中的词视为同一意思；由另一人复核后使用。",
            run=lambda by, row, data: words.propose(by=by, **data),
            goes=synonym_page,
            done="已提出，等待复核。",
        ),
    ),
)
SYNONYM_LIST = Listing(
    name="synonyms",
    caption="同义词组",
    columns=(
        Column(name="words", label="词组", show=lambda row: "、".join(row.words), link=synonym_page, place="title"),
        Column(name="code", label="代码", show="code", sort="code"),
        Column(name="by", label="提出", show="proposed_by.name"),
        Column(name="made", label="提出时间", show="created_at", kind="moment", sort="created_at"),
        Column(
            name="state",
            label="状态",
            show="get_state_display",
            kind="chip",
            tone=lambda row: SYNONYM_TONES.get(row.state, "off"),
            place="corner",
        ),
    ),
    filters=(Filter(name="state", label="状态", narrow="state", choices=SynonymState.choices),),
    empty="还没有维护同义词组；平台自带的词组照常使用。",
)


@pages_for(*DECIDERS)
def synonyms(request: Asked) -> HttpResponseBase:
    """The operators' groups, and what people looked for in vain."""
    by = request.user
    missed = [(one.text, f"{one.times}次", one.last_at) for one in selectors.visible_missed(by).order_by("-times")[:20]]
    context = {
        "title": "检索词",
        "under": "企业找服务时用的词，与产品名称不同的，在此并为同义词组",
        "acts": PROPOSE.offered(by, None) if policies.may_propose_synonym(by) else [],
        "sections": [
            Section(
                title="没有结果的检索",
                table=Table(("检索的词", "次数", "最近一次"), missed),
                empty="近期没有无结果的检索。",
            )
        ],
    }
    return SYNONYM_LIST.answer(request, selectors.visible_synonyms(by), "portal/officer/list.html", context)


@pages_for(*DECIDERS)
def synonym(request: Asked, pk: str) -> HttpResponseBase:
    """One group of words."""
    row: Synonym | None = selectors.visible_synonyms(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("同义词组")
    facts = (
        ("词", list(row.words)),
        ("代码", row.code),
        ("说明", row.note),
        ("提出", person(row.proposed_by)),
        ("复核", person(row.decided_by)),
        ("理由", row.reason),
    )
    return case_page(
        request,
        Case(
            title="、".join(row.words),
            state=Chip(row.get_state_display(), SYNONYM_TONES.get(SynonymState(row.state), "off")),
            crumbs=(Link("检索词", reverse("officer:synonyms")),),
            left=(Section(title="词组", facts=facts),),
            acts=acts(SYNONYMS, request, row),
            trail=list(of_subject(row).reverse()),
        ),
    )


# --- what is missing


@pages_for(*READERS)
def coverage(request: Asked) -> HttpResponseBase:
    """Tier by category what is on the shelf, and the demands that nobody answers."""
    by = request.user
    city = "" if by.has(*DECIDERS) else by.organisation.city[:4]
    sections = [*_supply(), _silence(city)]
    return render(request, "portal/officer/coverage.html", {"sections": sections, "days": reports.SILENT_DAYS})


def _supply() -> list[Section]:
    try:
        found = reports.supply_today()
    except DomainError as error:
        return [Section(title="各档次可用的产品", text=error.message)]
    heads = ("类别", "档次", "年度额度", "在架产品", "服务商", "额度内可用", "用券中位数", "每年可做")
    lines = [
        (
            one.category_name,
            one.tier_name,
            one.quota,
            f"{one.products}个",
            f"{one.providers}家",
            Chip("没有", "bad") if one.empty else f"{one.affordable}个",
            one.middle_voucher,
            f"{one.projects}项",
        )
        for one in found.cells
    ]
    missing = [(one["category_name"], one["name"]) for one in found.without_product]
    return [
        Section(
            title="各档次在各类别可用的产品",
            text=f"按{found.notice}，在架产品{found.products}个。",
            table=Table(heads, lines, frozenset({2, 6})),
            article="7,10,11",
        ),
        Section(
            title="没有产品的服务类型",
            table=Table(("类别", "服务类型"), missing),
            empty="每种服务类型都有在架产品。",
            article="7",
        ),
    ]


def _silence(city: str) -> Section:
    notice = programmes.notice_of_year(clock.today().year)
    known = notice.parsed.categories if notice is not None else {}
    lines = [
        (
            found.name if (found := registry.region(one.city)) is not None else one.city,
            known[one.category].name if one.category in known else one.category or "未填类别",
            f"{one.demands}项",
            f"{one.longest_days}天",
        )
        for one in reports.silence_today(reports.SILENT_DAYS, city)
    ]
    return Section(
        title=f"发布满{reports.SILENT_DAYS}天无人应答的需求",
        table=Table(("市", "类别", "需求", "最长已等"), lines),
        empty="没有长期无人应答的需求。",
        article="18",
    )


tasks.register(
    tasks.Kind(
        code="demand-check",
        label="需求审核",
        group="需求",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.to_check,
        subject=lambda row: str(row.title),
        below=lambda row: f"{row.enterprise.name}　{row.number}",
        since="submitted_at",
        url=page,
        bulk=tasks.Bulk(
            label="审核通过",
            intro="内容没有提示的可以批量审核；有提示的须单独审核。",
            ready=lambda row: "、".join(one["message"] for one in row.findings),
            run=lambda by, row, seen: checking.check(by=by, demand_id=row.pk, version=seen),
        ),
    ),
    tasks.Kind(
        code="demand-publish",
        label="需求发布",
        group="需求",
        roles=(Role.CENTRE_CHECKER,),
        rows=queues.to_publish,
        subject=lambda row: str(row.title),
        below=lambda row: f"{row.enterprise.name}　{row.number}",
        since="checked_at",
        url=page,
        bulk=tasks.Bulk(
            label="发布",
            intro="已审核的可以批量发布。",
            run=lambda by, row, seen: checking.publish(by=by, demand_id=row.pk, version=seen),
        ),
    ),
    tasks.Kind(
        code="synonym-decide",
        label="同义词组复核",
        group="需求",
        roles=(Role.CENTRE_REVIEWER,),
        rows=queues.synonyms_to_decide,
        subject=lambda row: "、".join(row.words),
        url=synonym_page,
    ),
)

URLS = [
    path("demands/", demands, name="demands"),
    path("demands/<uuid:pk>/", demand, name="demand"),
    *DECK.urls("demands/"),
    path("synonyms/", synonyms, name="synonyms"),
    path("synonyms/<uuid:pk>/", synonym, name="synonym"),
    *PROPOSE.urls("synonyms/"),
    *SYNONYMS.urls("synonyms/"),
    path("coverage/", coverage, name="coverage"),
]
