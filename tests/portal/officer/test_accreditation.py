"""Accreditation from the plan of a round to the list on show, every act through its page; refusals change nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.states import Role
from accreditation.models import Application, Ask, Expert, Panel, Round, ScoreSheet
from accreditation.states import ApplicationState, CaseKind, ExpertState, PanelState, RoundKind, RoundState, SheetState
from engines.publicity.models import Publicity
from foundation import clock
from portal.officer import tasks, urls
from tests.factories.accounts import make_identity, make_uscc, make_user, officer
from tests.factories.accreditation import POINTS, make_call, make_case, make_experts, opened, signed, under_review
from tests.factories.accreditation import Desk as Hands
from tests.factories.calendar import know
from tests.factories.programmes import open_year
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


def kinds(user: object) -> set[str]:
    return {one.kind.code for one in tasks.inbox(user).tallies}


def state(row: Application | Round) -> str:
    return type(row).objects.get(pk=row.pk).state


# --- rounds


def test_a_round_is_planned_reviewed_approved_and_published_by_four() -> None:
    today = clock.today()
    know(today.year, today.year + 1)
    open_year(today.year)
    hands = Hands()
    answer = Desk(hands.co).act(
        "/o/rounds/plan/",
        year=str(today.year),
        kind=RoundKind.PROVIDERS,
        title="征集通知",
        opens_on=str(today),
        closes_on=str(today + timedelta(days=20)),
    )
    row = Round.objects.get()
    assert answer.headers["Location"] == f"/o/rounds/{row.pk}/"
    for by, kind, act, fields in (
        (hands.cr, "round-review", "review", {}),
        (hands.ap, "round-approve", "approve", {"approval_no": "桂工信签〔2026〕1号"}),
        (hands.dp, "round-publish", "publish", {}),
    ):
        assert kinds(by) == {kind}
        Desk(by).act(f"/o/rounds/{row.pk}/{act}/", **fields)
        assert kinds(by) == set()
    assert state(row) == RoundState.OPEN


def test_a_round_whose_last_day_has_passed_waits_to_be_closed() -> None:
    call = make_call(kind=RoundKind.PROVIDERS)
    make_case("accepted", call=call)
    with time_machine.travel(clock.end_of(call.at.closes_on) + timedelta(hours=9), tick=True):
        checker = officer(Role.CENTRE_CHECKER)
        assert "round-close" in kinds(checker)
        Desk(checker).act(f"/o/rounds/{call.pk}/close/")
    assert call.at.state == RoundState.CLOSED


# --- applications


def test_an_application_is_checked_by_one_and_accepted_by_another() -> None:
    case = make_case("submitted")
    checker, department = officer(Role.CENTRE_CHECKER), officer(Role.DEPARTMENT)
    assert "application-check" in kinds(checker)
    fields: dict[str, str] = {}
    for one in case.findings():
        fields |= {f"findings-{one['code']}-result": one["result"], f"findings-{one['code']}-note": one["note"]}
    answer = Desk(checker).act(f"/o/applications/{case.pk}/check/", note="材料齐全", **fields)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert case.at.state == ApplicationState.FORMAL_CHECK
    assert "application-accept" in kinds(department)
    Desk(department).act(f"/o/applications/{case.pk}/accept/", opinion="符合条件")
    assert case.at.state == ApplicationState.DEPT_ACCEPTED


def test_a_condition_without_a_finding_is_named_and_nothing_is_checked() -> None:
    case = make_case("submitted")
    answer = Desk(officer(Role.CENTRE_CHECKER)).act(f"/o/applications/{case.pk}/check/", note="x")
    assert answer.status_code == 422
    assert "请改正下列各项" in answer.content.decode()
    assert case.at.state == ApplicationState.SUBMITTED


def test_who_checked_is_not_offered_to_accept() -> None:
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    case = make_case("checked")
    assert "/accept/" in Desk(both).read(f"/o/applications/{case.pk}/")
    assert "/accept/" not in Desk(case.desk.co).read(f"/o/applications/{case.pk}/")


def test_it_is_returned_with_one_list_of_what_to_put_right() -> None:
    case = make_case("submitted")
    know(clock.today().year, clock.today().year + 1)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    address = f"/o/applications/{case.pk}/return/"
    answer = desk.act(address, **{"items-0-target": "", "items-0-what": "补充明细", "items-0-why": "不能证明"})
    assert answer.status_code == 422
    assert case.at.state == ApplicationState.SUBMITTED
    desk.act(
        address,
        **{
            "items-0-target": "material:social_insurance",
            "items-0-what": "补充12月明细",
            "items-0-why": "不能证明满一年",
            "items-1-target": "condition:years",
            "items-1-what": "补充登记证明",
            "items-1-why": "成立日期不一致",
        },
    )
    assert case.at.state == ApplicationState.RETURNED
    asked = list(Ask.objects.order_by("position").values_list("kind", "code"))
    assert asked == [("material", "social_insurance"), ("condition", "years")]


def test_it_is_turned_away_with_a_reason() -> None:
    case = make_case("checked")
    Desk(officer(Role.DEPARTMENT)).act(f"/o/applications/{case.pk}/reject/", reason="不在区内登记")
    assert case.at.state == ApplicationState.REJECTED


def test_an_expert_reads_the_case_only_once_he_declared_himself_free() -> None:
    _, [case] = under_review()
    sheet = case.sheets()[0]
    desk = Desk(sheet.expert.user)
    assert desk.get(f"/o/applications/{case.pk}/").status_code == 404
    opened(sheet)
    said = desk.read(f"/o/applications/{case.pk}/")
    assert "申报材料" in said
    assert "办理经过" not in said
    others = [one.expert.user.name for one in case.sheets()[1:]]
    assert not [name for name in others if f">{name}<" in said]


# --- experts and sheets


def test_an_expert_is_proposed_by_the_centre_and_confirmed_by_the_department() -> None:
    open_year(clock.today().year)
    Desk(officer(Role.CENTRE_CHECKER)).act(
        "/o/experts/propose/",
        username="zhuanjia9",
        password="Guangxi-voucher-2026",
        name="陈专家",
        identity_number=make_identity(),
        title="正高级工程师",
        fields_known=["diagnosis"],
        unit_name="广西示例大学",
        unit_uscc=make_uscc(),
    )
    row = Expert.objects.get()
    department = officer(Role.DEPARTMENT)
    assert "expert-confirm" in kinds(department)
    Desk(department).act(f"/o/experts/{row.pk}/confirm/")
    assert Expert.objects.get().state == ExpertState.ACTIVE
    desk = Desk(row.user)
    desk.act(f"/o/experts/{row.pk}/add-tie/", name="广西某公司", uscc=make_uscc(), nature="served")
    assert "广西某公司" in desk.read(f"/o/experts/{row.pk}/")


def test_an_expert_declares_himself_scores_and_signs() -> None:
    _, [case] = under_review()
    sheet = case.sheets()[0]
    by = sheet.expert.user
    desk = Desk(by)
    assert kinds(by) == {"sheet-sign"}
    desk.act(f"/o/sheets/{sheet.pk}/begin/")
    given = {f"points-{code}-points": points for code, points in POINTS[CaseKind.PROVIDER].items()}
    address = f"/o/sheets/{sheet.pk}/sign/"
    assert "满分" in desk.read(address)
    answer = desk.act(address, comment="真实", **given)
    assert answer.status_code == 422  # nobody votes by leaving it out
    assert "表决" in answer.content.decode()
    answer = desk.act(address, vote="true", comment="真实", **{**given, "points-record-points": "99"})
    refused(answer, 400, "SCORE_OUT_OF_RANGE")
    assert ScoreSheet.objects.get(pk=sheet.pk).state == SheetState.OPEN
    desk.act(address, vote="false", comment="真实", **given)
    now = ScoreSheet.objects.get(pk=sheet.pk)
    assert (now.state, now.vote, str(now.total)) == (SheetState.SIGNED, False, "86.5")
    assert kinds(by) == set()


def test_an_expert_with_a_tie_steps_back_and_is_replaced() -> None:
    _, [case] = under_review(experts_too=6)
    sheet = case.sheets()[0]
    Desk(sheet.expert.user).act(f"/o/sheets/{sheet.pk}/recuse/", reason="曾任顾问")
    assert ScoreSheet.objects.get(pk=sheet.pk).state == SheetState.RECUSED
    assert len(case.sheets()) == 6


def test_nobody_reads_a_sheet_before_all_are_signed() -> None:
    _, [case] = under_review()
    first = case.sheets()[0]
    opened(first)
    signed(first)
    said = Desk(officer(Role.SUPERVISOR)).read(f"/o/sheets/{first.pk}/")
    assert "全部专家签署后方可查看" in said
    assert "材料属实" not in said
    stranger = case.sheets()[1].expert.user
    assert Desk(stranger).get(f"/o/sheets/{first.pk}/").status_code == 404


# --- from the draw to the list on show


def test_from_the_draw_to_the_list_on_show() -> None:
    today = clock.today()
    know(today.year, today.year + 1)
    call = make_call(kind=RoundKind.PROVIDERS)
    good, poor = make_case("accepted", call=call), make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    hands = call.desk
    assert "draw-provider" in kinds(hands.co)
    Desk(hands.co).act(f"/o/rounds/{call.pk}/draw-provider/")
    panel = Panel.objects.get()
    assert "draw-provider" not in kinds(hands.co)
    desk = Desk(hands.dp)
    assert "与抽取记录一致" in desk.read(f"/o/panels/{panel.pk}/")
    assert kinds(hands.dp) == {"panel-decide"}
    desk.act(f"/o/panels/{panel.pk}/approve/")
    assert Panel.objects.get().state == PanelState.APPROVED
    good.scored()
    poor.scored((True, False, False, False, False))
    assert kinds(hands.dp) == {"recommend-provider"}
    assert "评审排名" in desk.read(f"/o/rounds/{call.pk}/")
    desk.act(f"/o/rounds/{call.pk}/recommend-provider/")
    assert (good.at.state, poor.at.state) == (ApplicationState.RECOMMENDED, ApplicationState.NOT_RECOMMENDED)
    assert kinds(hands.ap) == {"approve-provider"}
    Desk(hands.ap).act(f"/o/rounds/{call.pk}/approve-provider/", approval_no="桂工信纪要〔2026〕3号")
    assert good.at.state == ApplicationState.APPROVED
    assert kinds(hands.dp) == {"publicise-provider"}
    answer = desk.act(f"/o/rounds/{call.pk}/publicise-provider/", reference="厅网站公示1号", first=str(today))
    shown = Publicity.objects.get()
    assert answer.headers["Location"] == f"/o/publicities/{shown.pk}/"
    assert "还有" in desk.read(f"/o/publicities/{shown.pk}/")
    with time_machine.travel(clock.end_of(shown.last) + timedelta(hours=9), tick=True):
        assert "publicity-close" in kinds(hands.dp)
        Desk(hands.dp).act(f"/o/publicities/{shown.pk}/close/")
    assert good.at.state == ApplicationState.LISTED


def test_an_exception_of_the_list_needs_its_reason_and_keeps_it() -> None:
    call, [first, second] = under_review(2)
    first.scored()
    second.scored()
    Desk(call.desk.dp).act(
        f"/o/rounds/{call.pk}/recommend-provider/", **{f"left_out-{first.pk}-reason": "正在接受调查"}
    )
    assert (first.at.state, second.at.state) == (ApplicationState.NOT_RECOMMENDED, ApplicationState.RECOMMENDED)
    assert "正在接受调查" in first.at.reason


def test_a_draw_is_void_with_its_reason_and_can_be_made_anew() -> None:
    call = make_call(kind=RoundKind.PROVIDERS)
    make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    panel = call.drawn()
    Desk(call.desk.dp).act(f"/o/panels/{panel.pk}/cancel/", reason="一名专家出差")
    assert Panel.objects.get().state == PanelState.CANCELLED
    assert "draw-provider" in kinds(call.desk.co)


def test_who_drew_does_not_confirm() -> None:
    both = make_user(Role.CENTRE_CHECKER)
    call = make_call(kind=RoundKind.PROVIDERS)
    make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    panel = call.drawn()
    assert "/approve/" not in Desk(both).read(f"/o/panels/{panel.pk}/")
    refused(Desk(both).act(f"/o/panels/{panel.pk}/approve/"), 403, "NOT_ALLOWED")
    assert Panel.objects.get().state == PanelState.DRAWN
