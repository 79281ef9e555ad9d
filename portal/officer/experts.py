"""The register of experts: proposed, confirmed, the bodies each keeps away from."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import path, reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Expert, Tie
from accreditation.serializers import bodies as b
from accreditation.services import experts
from accreditation.states import ExpertState
from foundation import clock
from foundation.errors import not_found
from portal.kit.access import DECIDERS, Asked, pages_for
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.lists import Column, Filter, Listing
from portal.officer import tasks
from portal.officer.cases import Case, Chip, Link, Section, Table, acts, case_page, person, trail
from portal.officer.shown import call, state_column
from programmes import selectors as programmes

READERS = (*DECIDERS, Role.EXPERT)


EXPERT_TONES = {ExpertState.PROPOSED: "warn", ExpertState.ACTIVE: "ok"}


expert_page = tasks.page_of("officer:expert")


sheet_page = tasks.page_of("officer:sheet")


class ExpertForm(BodyForm):
    body = b.ExpertIn
    labels = {"fields_known": "专业领域", "password": "初始密码", "unit_uscc": "单位统一社会信用代码"}


class ReasonForm(BodyForm):
    body = b.AccreditationReasonIn
    labels = {"reason": "理由"}


class TieForm(BodyForm):
    body = b.TieIn
    labels = {"name": "机构名称", "uscc": "统一社会信用代码", "nature": "关系", "ended_on": "关系结束日期"}


class TieRemoveForm(BodyForm):
    body = b.TieRemoveIn
    labels = {"tie": "登记有误的机构", "reason": "理由"}


def _fields(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    known = programmes.current_notice(clock.today()).parsed.categories
    return {"fields_known": [(code, one.name) for code, one in known.items()]}


def _ties(row: Expert) -> Any:
    return Tie.objects.filter(expert=row, removed_at=None).order_by("pk")


REGISTER = Deck(
    name="officer:expert",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="propose",
            label="登记专家",
            tone="main",
            form=ExpertForm,
            intro="登记即建立专家账号；由处室确认后入库，方可抽取。",
            article="9,15",
            choices=_fields,
            run=lambda by, row, data: experts.propose(by=by, fields=data.pop("fields_known"), **data),
            goes=expert_page,
            done="已登记，等待处室确认。",
        ),
    ),
)


EXPERTS = Deck(
    name="officer:expert",
    roles=READERS,
    rows=selectors.visible_experts,
    title=lambda row: row.user.name,
    acts=(
        Act(
            name="confirm",
            label="确认入库",
            tone="main",
            may=lambda by, row: (
                row.state in (ExpertState.PROPOSED, ExpertState.RETIRED) and policies.may_confirm_expert(by, row)
            ),
            run=call(experts.confirm, "expert_id"),
            done="已入库。",
        ),
        Act(
            name="add-tie",
            label="登记应回避机构",
            form=TieForm,
            intro="任职、持股、提供过服务的机构，抽取和评审时自动回避。",
            article="15",
            may=lambda by, row: row.state != ExpertState.RETIRED and policies.may_declare_tie(by, row),
            run=call(experts.add_tie, "expert_id"),
            done="已登记。",
        ),
        Act(
            name="remove-tie",
            label="撤下登记有误的机构",
            form=TieRemoveForm,
            choices=lambda by, row: {"tie": [(str(one.pk), f"{one.name}（{one.uscc}）") for one in _ties(row)]},
            may=lambda by, row: (
                row.state != ExpertState.RETIRED and policies.may_propose_expert(by) and _ties(row).exists()
            ),
            run=lambda by, row, data: experts.remove_tie(by=by, expert_id=row.pk, tie_id=data.pop("tie"), **data),
            done="已撤下。",
        ),
        Act(
            name="retire",
            label="出库",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: (
                row.state in (ExpertState.PROPOSED, ExpertState.ACTIVE) and policies.may_retire_expert(by)
            ),
            run=call(experts.retire, "expert_id"),
            done="已出库。",
        ),
    ),
)


EXPERT_LIST = Listing(
    name="experts",
    caption="评审专家",
    columns=(
        Column(name="name", label="专家", show="user.name", second="title", link=expert_page, place="title"),
        Column(name="unit", label="所在单位", show="unit_name", sort="unit_name"),
        Column(name="made", label="登记时间", show="created_at", kind="moment", sort="created_at"),
        state_column(EXPERT_TONES),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=ExpertState.choices),
        Filter(name="name", label="姓名", narrow="user__name__icontains", kind="text"),
        Filter(name="unit", label="所在单位", narrow="unit_name__icontains", kind="text"),
    ),
    empty="还没有专家。由促进中心经办登记，处室确认。",
)


@pages_for(*DECIDERS)
def expert_list(request: Asked) -> HttpResponseBase:
    """The register."""
    by = request.user
    context = {
        "title": "专家库",
        "under": "登记、确认由两人办理；只有在库专家参加抽取，不向服务商公开",
        "acts": REGISTER.offered(by, None) if policies.may_propose_expert(by) else [],
    }
    return EXPERT_LIST.answer(request, selectors.visible_experts(by), "portal/officer/list.html", context)


@pages_for(*READERS)
def expert(request: Asked, pk: str) -> HttpResponseBase:
    """One expert: fields, unit, the bodies he keeps away from, his sheets."""
    by = request.user
    row = selectors.visible_experts(by).select_related("proposed_by", "confirmed_by").filter(pk=pk).first()
    if row is None:
        raise not_found("评审专家")
    ties = [(one.name, one.uscc, one.get_nature_display(), one.ended_on or "存续", one.reason) for one in _ties(row)]
    sheets = selectors.visible_sheets(by).filter(expert=row).order_by("-pk")[:20]
    lines = [
        (Link(one.application.number, sheet_page(one)), one.application.subject_name, one.get_state_display())
        for one in sheets
    ]
    facts = (
        ("姓名", row.user.name),
        ("职称", row.title),
        ("所在单位", f"{row.unit_name}　{row.unit_uscc}"),
        ("专业领域", _field_names(row)),
        ("登记", person(row.proposed_by)),
        ("确认", person(row.confirmed_by)),
        ("出库理由", row.reason),
    )
    heads = ("机构", "统一社会信用代码", "关系", "结束日期", "说明")
    return case_page(
        request,
        Case(
            title=row.user.name,
            under=row.unit_name,
            state=Chip(row.get_state_display(), EXPERT_TONES.get(ExpertState(row.state), "off")),
            crumbs=(Link("专家库", reverse("officer:experts")),) if by.has(*DECIDERS) else (),
            left=(Section(title="专家", facts=facts, article="9,15"),),
            right=(
                Section(title="应回避机构", table=Table(heads, ties), empty="没有登记应回避机构。"),
                Section(title="评分表", table=Table(("申请", "名称", "状态"), lines), empty="还没有评分表。"),
            ),
            record=row,
            acts=acts(EXPERTS, request, row),
            trail=trail(row) if by.has(*DECIDERS) else (),
        ),
    )


def _field_names(row: Expert) -> list[str]:
    notice = programmes.notice_of_year(clock.today().year)
    known = notice.parsed.categories if notice is not None else {}
    return [known[code].name if code in known else code for code in row.fields]


tasks.register(
    tasks.Kind(
        code="expert-confirm",
        label="专家入库确认",
        group="认定",
        roles=(Role.DEPARTMENT,),
        rows=queues.experts_to_confirm,
        subject=lambda row: str(row.user.name),
        below=lambda row: str(row.unit_name),
        since="created_at",
        url=expert_page,
    ),
)


URLS = [
    path("experts/", expert_list, name="experts"),
    path("experts/<uuid:pk>/", expert, name="expert"),
    *REGISTER.urls("experts/"),
    *EXPERTS.urls("experts/"),
]
