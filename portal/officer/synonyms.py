"""The words of the search: groups that mean the same, proposed by one and confirmed by another."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.states import Role
from demands import policies, queues, selectors
from demands import serializers as bodies
from demands.models import Synonym
from demands.services import words
from demands.states import SynonymState
from engines.evidence.selectors import of_subject
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, person
from portal.officer.demands import ReasonForm
from portal.officer.shown import call, state_column

SYNONYM_TONES = {SynonymState.PROPOSED: "warn", SynonymState.CONFIRMED: "ok"}


synonym_page = tasks.page_of("officer:synonym")


class SynonymForm(BodyForm):
    body = bodies.SynonymIn
    labels = {"code": "词组代码", "words": "意思相同的词"}
    helps = {"words": "一行一个词。"}


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
            may=lambda by, row: row.state == SynonymState.PROPOSED and policies.may_decide_synonym(by, row),
            run=call(words.confirm, "synonym_id"),
            done="已开始使用。",
        ),
        Act(
            name="refuse",
            label="不采用",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == SynonymState.PROPOSED and policies.may_decide_synonym(by, row),
            run=call(words.refuse, "synonym_id"),
            done="已决定不采用。",
        ),
        Act(
            name="retire",
            label="停用",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: row.state == SynonymState.CONFIRMED and policies.may_decide_synonym(by, row),
            run=call(words.retire, "synonym_id"),
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
        state_column(SYNONYM_TONES),
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
            record=row,
            acts=acts(SYNONYMS, request, row),
            trail=list(of_subject(row).reverse()),
        ),
    )


tasks.register(
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
    path("synonyms/", synonyms, name="synonyms"),
    path("synonyms/<uuid:pk>/", synonym, name="synonym"),
    *PROPOSE.urls("synonyms/"),
    *SYNONYMS.urls("synonyms/"),
]
