"""What is done to a round: planned, published, closed; experts drawn, lists recommended, approved, put on show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from accreditation import policies, queues, selectors
from accreditation.models import Application, Round
from accreditation.serializers import bodies as b
from accreditation.services import deciding, panels, rounds
from accreditation.states import ApplicationState, CaseKind, RoundState
from foundation import clock
from portal.kit.access import DECIDERS
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.kit.items import ItemsForm
from portal.officer import tasks
from portal.officer.shown import call

ENDABLE = (RoundState.CLOSED, RoundState.REVIEWING, RoundState.DECIDED, RoundState.LISTED)


round_page = tasks.page_of("officer:round")


panel_page = tasks.page_of("officer:panel")


class RoundForm(BodyForm):
    body = b.RoundIn
    labels = {"kind": "征集内容", "title": "征集通知的标题", "opens_on": "开始申报", "closes_on": "截止申报"}
    helps = {"provider_seats": "不限的留空。", "product_seats": "不限的留空。", "closes_on": "含当日。"}
    uploads = {"notice_file": "other"}


class NoteForm(BodyForm):
    body = b.AccreditationNoteIn
    labels = {"note": "意见"}


class ReasonForm(BodyForm):
    body = b.AccreditationReasonIn
    labels = {"reason": "理由"}


class ApproveForm(BodyForm):
    body = b.RoundApproveIn


class DrawForm(BodyForm):
    body = b.DrawIn
    omit = ("applications",)


class ExceptionForm(BodyForm):
    body = b.ExceptionIn
    labels = {"reason": "不列入的理由"}
    helps = {"reason": "照评审结论办理的留空。"}
    kinds = {"reason": forms.TextInput(attrs={"maxlength": 500})}


class RecommendForm(ItemsForm):
    body = b.RecommendListIn
    items = "left_out"
    entry = ExceptionForm
    key = "application"
    sparse = True


class DeclineForm(ExceptionForm):
    labels = {"reason": "不予审定的理由"}
    helps = {"reason": "予以审定的留空。"}


class ApproveListForm(ItemsForm):
    body = b.ApproveListIn
    items = "declined"
    entry = DeclineForm
    key = "application"
    sparse = True
    labels = {"approval_no": "审定文号"}
    helps = {"approval_no": "会议纪要或签报的文号。"}


class PubliciseForm(BodyForm):
    body = b.PubliciseListIn
    labels = {"reference": "公示文号或网址", "first": "公示第一天", "last": "公示最后一天"}
    helps = {"last": "不填则为满足公示期限的最早日期。"}


def _ranked(kind: CaseKind) -> Callable[[User, Round], dict[str, list[tuple[str, str, str]]]]:
    def choices(by: User, row: Round) -> dict[str, list[tuple[str, str, str]]]:
        lines = [
            (str(one.pk), f"{place_of(placed.rank)}　{one.subject_name}", _verdict(one, placed.why_not))
            for one, placed in deciding.preview(row, kind)
            if one.state in (ApplicationState.SCORED, ApplicationState.RECOMMENDED)
        ]
        return {"left_out": lines, "declined": lines}

    return choices


def place_of(rank: int | None) -> str:
    return f"第{rank}名" if rank is not None else "未通过表决"


def _verdict(one: Application, why_not: str) -> str:
    said = f"{one.number}，平均{one.mean}分，{one.votes_for}/{one.votes}票赞成"
    return f"{said}。不列入：{why_not}" if why_not else f"{said}，列入名单。"


def _waits(queue: Callable[[User, CaseKind], Any], kind: CaseKind) -> Callable[[User, Round], bool]:
    return lambda by, row: queue(by, kind).filter(pk=row.pk).exists()


def _of_kind(kind: CaseKind) -> tuple[Act, ...]:
    """The acts on the round's list of one kind."""
    given = {"kind": kind.value}
    word = "服务商" if kind == CaseKind.PROVIDER else "产品"
    return (
        Act(
            name=f"draw-{kind}",
            label=f"抽取{word}评审专家",
            tone="main",
            icon="draw",
            form=DrawForm,
            intro="按随机种子从在库专家中抽取，自动排除须回避的；抽取记录任何人可以重算核对。由处室确认后生效。",
            article="9,15",
            given=lambda by, row: given,
            may=lambda by, row: (
                policies.may_draw(by)
                and row.state in panels.REVIEWABLE
                and row.calls_for(kind)
                and queues.short_of_experts(row, kind)
            ),
            run=lambda by, row, data: panels.draw(by=by, round_id=row.pk, version=data["version"], kind=kind),
            goes=panel_page,
            done="已抽取，等待处室确认。",
        ),
        Act(
            name=f"recommend-{kind}",
            label=f"拟定{word}推荐名单",
            tone="main",
            form=RecommendForm,
            intro="通过专家表决的按排名列入，至名额为止；不照评审结论的，逐项写明理由。",
            article="9,15",
            given=lambda by, row: given,
            choices=_ranked(kind),
            may=_waits(queues.rounds_to_recommend, kind),
            run=lambda by, row, data: deciding.recommend(
                by=by,
                round_id=row.pk,
                version=data["version"],
                kind=kind,
                left_out=b.as_reasons(data["left_out"]),
            ),
            done="推荐名单已拟定，报厅审定。",
        ),
        Act(
            name=f"approve-{kind}",
            label=f"审定{word}名单",
            tone="main",
            form=ApproveListForm,
            intro="一个文号审定整份名单；个别不予审定的，逐项写明理由。",
            article="9,15",
            given=lambda by, row: given,
            choices=_ranked(kind),
            may=_waits(queues.rounds_to_approve_list, kind),
            run=lambda by, row, data: deciding.approve(
                by=by,
                round_id=row.pk,
                version=data["version"],
                kind=kind,
                approval_no=data["approval_no"],
                declined=b.as_reasons(data["declined"]),
            ),
            done="名单已审定，由处室公示。",
        ),
        Act(
            name=f"publicise-{kind}",
            label=f"公示{word}名单",
            tone="main",
            icon="megaphone",
            form=PubliciseForm,
            article="9,15",
            given=lambda by, row: given,
            initial=lambda by, row: {"first": clock.today()},
            may=_waits(queues.rounds_to_publicise, kind),
            run=call(deciding.publicise, "round_id"),
            goes=lambda made: reverse("officer:publicity", args=[made.pk]),
            done="名单已公示。",
        ),
    )


def _planned(row: Round) -> bool:
    return bool(row.state == RoundState.PLANNED)


ROUNDS = Deck(
    name="officer:round",
    roles=DECIDERS,
    rows=lambda by: selectors.visible_rounds(by).defer(None),
    title=lambda row: row.title,
    acts=(
        Act(
            name="review",
            label="复核通过",
            tone="main",
            form=NoteForm,
            may=lambda by, row: _planned(row) and row.reviewed_at is None and policies.may_review_round(by, row),
            run=call(rounds.review, "round_id"),
            done="已复核，报厅审定。",
        ),
        Act(
            name="approve",
            label="审定批次",
            tone="main",
            form=ApproveForm,
            article="9",
            may=lambda by, row: (
                _planned(row)
                and row.reviewed_at is not None
                and row.approved_at is None
                and policies.may_approve_round(by, row)
            ),
            run=call(rounds.approve, "round_id"),
            done="已审定，由处室发布。",
        ),
        Act(
            name="publish",
            label="发布",
            tone="main",
            icon="megaphone",
            intro="发布后公开，开始申报日起接收申请。",
            article="9",
            may=lambda by, row: _planned(row) and row.approved_at is not None and policies.may_publish_round(by),
            run=call(rounds.publish, "round_id"),
            done="已发布。",
        ),
        Act(
            name="close",
            label="截止征集",
            tone="main",
            intro="截止日已过，不再接收申请；未提交的草稿随之结束。",
            may=lambda by, row: queues.rounds_to_close(by).filter(pk=row.pk).exists(),
            run=lambda by, row, data: (
                rounds.close(by=by, round_id=row.pk, day=clock.today(), version=data["version"]) or row
            ),
            done="征集已截止。",
        ),
        *_of_kind(CaseKind.PROVIDER),
        *_of_kind(CaseKind.PRODUCT),
        Act(
            name="cancel",
            label="取消批次",
            tone="danger",
            form=ReasonForm,
            may=lambda by, row: _planned(row) and policies.may_publish_round(by),
            run=call(rounds.cancel, "round_id"),
            done="已取消。",
        ),
        Act(
            name="end",
            label="办结批次",
            intro="没有在办的申请时办结。",
            may=lambda by, row: row.state in ENDABLE and policies.may_publish_round(by),
            run=call(rounds.end, "round_id"),
            done="已办结。",
        ),
    ),
)


PLAN = Deck(
    name="officer:round",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="plan",
            label="拟定征集批次",
            tone="main",
            form=RoundForm,
            intro="拟定、复核、审定、发布由四人办理。",
            article="9,16",
            initial=lambda by, row: {"year": clock.today().year},
            run=lambda by, row, data: rounds.create(by=by, **data),
            goes=round_page,
            done="已拟定，等待复核。",
        ),
    ),
)
