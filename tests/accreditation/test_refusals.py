"""Whoever may not do an act is told so, and what is out of its turn changes nothing: act by act."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from accreditation.models import Panel
from accreditation.services import deciding, experts, filing, panels, rounds, scoring
from accreditation.states import CaseKind, MaterialKind, RoundState
from foundation import clock
from tests.accreditation.support import refused
from tests.factories.accounts import make_uscc, make_user, officer
from tests.factories.accreditation import make_call, make_case, make_expert, make_experts, opened, under_review

pytestmark = [pytest.mark.django_db, pytest.mark.long]
OFFICES = (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR)


def others(*roles: Role) -> list[Role]:
    return [role for role in OFFICES if role not in roles]


@pytest.mark.parametrize(
    ("service", "fields", "may"),
    [
        (rounds.review, {}, Role.CENTRE_REVIEWER),
        (rounds.cancel, {"reason": "调整"}, Role.DEPARTMENT),
        (rounds.publish, {}, Role.DEPARTMENT),
    ],
)
def test_a_planned_round_moves_by_its_own_office(service, fields, may):
    call = make_call(RoundState.PLANNED)
    for role in others(may):
        with refused("NOT_ALLOWED"):
            call.do(service, officer(role), **fields)


def test_a_round_is_decided_by_the_approver_alone():
    call = make_call(RoundState.PLANNED)
    call.do(rounds.review, call.desk.cr)
    for role in others(Role.APPROVER):
        with refused("NOT_ALLOWED"):
            call.do(rounds.approve, officer(role), approval_no="文号")


def test_it_is_decided_once():
    call = make_call(RoundState.PLANNED)
    call.do(rounds.review, call.desk.cr)
    call.do(rounds.approve, call.desk.ap, approval_no="桂工信签〔2026〕1号")
    with refused("ROUND_APPROVED") as caught:
        call.do(rounds.approve, officer(Role.APPROVER), approval_no="桂工信签〔2026〕2号")
    assert caught.value.message == f"征集批次{call.at.number}已审定（桂工信签〔2026〕1号），请由处室发布。"


def test_it_is_not_published_after_its_last_day(travel):
    call = make_call(RoundState.PLANNED, closes_on=date(2026, 3, 10))
    call.do(rounds.review, call.desk.cr)
    call.do(rounds.approve, call.desk.ap, approval_no="文号")
    travel.move_to(clock.start_of(date(2026, 3, 11)))
    with refused("ROUND_OVER"):
        call.do(rounds.publish, call.desk.dp)


def test_it_is_not_published_into_a_year_whose_calendar_is_missing(travel):
    """Who submits on the last day is owed a date: the office hears of the missing year, not the applicant."""
    travel.move_to(clock.start_of(date(2026, 12, 1)))
    call = make_call(RoundState.PLANNED, closes_on=date(2026, 12, 18))
    call.do(rounds.review, call.desk.cr)
    call.do(rounds.approve, call.desk.ap, approval_no="文号")
    with refused("CALENDAR_MISSING") as caught:
        call.do(rounds.publish, call.desk.dp)
    assert caught.value.details["year"] == 2027
    assert "请先导入国务院办公厅关于2027年部分节假日安排的通知" in caught.value.message


def test_nor_is_a_case_returned_for_a_correction_whose_check_nobody_could_date(travel):
    travel.move_to(clock.start_of(date(2026, 12, 4)))
    case = make_case("submitted", call=make_call(closes_on=date(2026, 12, 16)))
    with refused("CALENDAR_MISSING"):
        case.returned()


@pytest.mark.parametrize("role", others(Role.CENTRE_CHECKER, Role.DEPARTMENT))
def test_only_centre_and_department_close_a_round(role):
    call = make_call()
    with refused("NOT_ALLOWED"):
        call.do(rounds.close, officer(role), day=date(2026, 5, 1))


@pytest.mark.parametrize("role", others(Role.DEPARTMENT))
def test_only_the_department_ends_one(role):
    call, _ = under_review()
    with refused("NOT_ALLOWED"):
        call.do(rounds.end, officer(role))


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        (filing.edit, {"changes": {"public_platform": "平台"}}),
        (filing.attach, {"kind": MaterialKind.OTHER, "reference": "共享"}),
        (filing.detach, {"material_id": 1}),
        (filing.list_clients, {"clients": []}),
        (filing.submit, {}),
        (filing.withdraw, {"reason": "改报"}),
    ],
)
def test_nobody_acts_for_another_provider(service, fields):
    case = make_case("filled")
    for user in (make_user(Role.PROVIDER_SIGNATORY), case.desk.co, case.desk.dp):
        with refused("NOT_ALLOWED"):
            case.do(service, user, **fields)


def test_an_edit_that_changes_nothing_is_told_so():
    case = make_case("filled")
    with refused("NOTHING_TO_CHANGE"):
        case.do(filing.edit, case.po, changes={"categories": ["diagnosis", "digitalisation"]})


def test_a_material_that_is_not_there_is_not_taken_down():
    case, other = make_case("filled"), make_case("filled")
    theirs = other.at.materials.first()
    with refused("NOT_FOUND"):
        case.do(filing.detach, case.po, material_id=theirs.pk)


def test_only_the_centre_draws_and_only_the_department_voids_a_draw():
    call = make_call()
    make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    for role in others(Role.CENTRE_CHECKER):
        with refused("NOT_ALLOWED"):
            call.do(panels.draw, officer(role), kind=CaseKind.PROVIDER)
    panel = call.drawn()
    for role in others(Role.DEPARTMENT):
        with refused("NOT_ALLOWED"):
            panels.cancel(by=officer(role), panel_id=panel.pk, version=1, reason="重抽")
    panels.cancel(by=call.desk.dp, panel_id=panel.pk, version=1, reason="重抽")
    with refused("WRONG_STATE"):
        panels.approve(by=call.desk.dp, panel_id=panel.pk, version=2)
    assert Panel.objects.get().reason == "重抽"


def test_the_register_of_experts_has_its_hands():
    row = make_expert(active=False)
    for role in others(Role.DEPARTMENT):
        with refused("NOT_ALLOWED"):
            experts.confirm(by=officer(role), expert_id=row.pk, version=1)
        with refused("NOT_ALLOWED"):
            experts.retire(by=officer(role), expert_id=row.pk, version=1, reason="本人申请")
    tie = {"name": "某机构", "uscc": make_uscc(), "nature": "owns"}
    for user in (make_expert().user, officer(Role.DEPARTMENT)):
        with refused("NOT_ALLOWED"):
            experts.add_tie(by=user, expert_id=row.pk, version=1, **tie)


def test_a_retired_expert_has_no_ties_entered():
    row = make_expert()
    row = experts.retire(by=officer(Role.DEPARTMENT), expert_id=row.pk, version=row.version, reason="本人申请")
    with refused("EXPERT_RETIRED"):
        experts.add_tie(
            by=officer(Role.CENTRE_CHECKER), expert_id=row.pk, version=row.version, name="某机构", uscc=make_uscc(),
            nature="owns",
        )  # fmt: skip


def test_a_tie_that_is_not_there_is_not_taken_back():
    row = make_expert()
    with refused("NOT_FOUND"):
        experts.remove_tie(
            by=officer(Role.CENTRE_CHECKER), expert_id=row.pk, version=row.version, tie_id=0, reason="误登"
        )


def test_nothing_is_scored_once_the_case_is_over():
    _, [case] = under_review()
    case.scored()
    sheet = case.sheets()[0]
    with refused("WRONG_STATE"):
        scoring.release(by=case.desk.dp, sheet_id=sheet.pk, version=sheet.version, reason="未到")


def test_an_open_sheet_is_not_declared_free_twice():
    _, [case] = under_review()
    sheet = case.sheets()[0]
    opened(sheet)
    with refused("WRONG_STATE"):
        opened(sheet)


def test_there_is_somebody_to_recommend():
    call, _ = under_review()
    with refused("NOTHING_TO_RECOMMEND"):
        call.recommended(CaseKind.PRODUCT)


@pytest.mark.parametrize("role", others(Role.DEPARTMENT))
def test_only_the_department_draws_up_the_list(role):
    call, [case] = under_review()
    case.scored()
    with refused("NOT_ALLOWED"):
        call.do(deciding.recommend, officer(role), kind=CaseKind.PROVIDER)


def test_only_the_approver_decides_and_only_the_department_shows():
    call, [case] = under_review()
    case.scored()
    call.recommended()
    for role in others(Role.APPROVER):
        with refused("NOT_ALLOWED"):
            call.do(deciding.approve, officer(role), kind=CaseKind.PROVIDER, approval_no="文号")
    call.decided()
    for role in others(Role.DEPARTMENT):
        with refused("NOT_ALLOWED"):
            call.do(deciding.publicise, officer(role), kind=CaseKind.PROVIDER, reference="公示1号", first=clock.today())


def test_who_is_declined_stands_on_the_list():
    call, [case] = under_review()
    case.scored()
    call.recommended()
    with refused("NOT_RECOMMENDED"):
        call.decided(declined={call.pk: "正在接受调查。"})
