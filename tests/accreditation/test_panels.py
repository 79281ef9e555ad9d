"""Drawing for a round: reproducible, confirmed by another, nobody judges whom he is tied to, the next one steps in."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from accreditation import draw
from accreditation.models import Panel, ScoreSheet
from accreditation.services import experts, panels, scoring
from accreditation.states import ApplicationState, CaseKind, SheetState
from tests.accreditation.support import refused
from tests.factories.accounts import make_identity, make_uscc, make_user, officer
from tests.factories.accreditation import (
    make_call,
    make_case,
    make_expert,
    make_experts,
    make_product_case,
    opened,
    under_review,
)
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


def accepted(count: int = 1, **fields):
    call = make_call()
    cases = [make_case("accepted", call=call, **fields) for _ in range(count)]
    call.closed()
    return call, cases


def test_a_draw_can_be_drawn_again_by_anyone():
    call, [case] = accepted()
    pool = make_experts(9)
    panel = call.drawn()
    assert panel.order == [str(one) for one in draw.order(panel.seed, [expert.pk for expert in pool])]
    assert panel.seats == {str(case.pk): panel.order[:5]}
    assert [str(one) for one in panels.redraw(panel)] == panel.order


def test_two_draws_have_two_seeds():
    call, cases = accepted(2)
    make_experts(5)
    assert call.drawn(cases=cases[:1]).seed != call.drawn(cases=cases[1:]).seed


def test_the_record_of_a_draw_says_who_was_kept_away_and_why():
    call, [case] = accepted()
    make_experts(5)
    own = make_expert(unit_uscc=case.at.provider.uscc)
    served = make_expert()
    experts.add_tie(
        by=served.user, expert_id=served.pk, version=served.version, name="某机构", uscc=case.at.provider.uscc,
        nature="served", ended_on=date(2023, 3, 2), reason="顾问",
    )  # fmt: skip
    other_field = make_expert(fields=["finance"])
    make_expert(active=False)
    panel = call.drawn()
    reasons = {row[0]: row[2] for row in panel.excluded}
    assert reasons == {
        str(own.pk): "所在单位即申请机构或其母公司",
        str(served.pk): "提供服务：某机构",
        str(other_field.pk): "专业领域不符",
    }
    assert not {str(own.pk), str(served.pk), str(other_field.pk)} & set(panel.seats[str(case.pk)])


@pytest.mark.parametrize(("ended_on", "drawn"), [(date(2023, 3, 1), True), (date(2023, 3, 2), False), (None, False)])
def test_a_tie_keeps_away_for_three_years_after_it_ended(ended_on, drawn):
    call, [case] = accepted()
    pool = make_experts(5)
    experts.add_tie(
        by=pool[0].user, expert_id=pool[0].pk, version=pool[0].version, name="某机构", uscc=case.at.provider.uscc,
        nature="employed", ended_on=ended_on,
    )  # fmt: skip
    if drawn:
        assert str(pool[0].pk) in call.drawn().seats[str(case.pk)]
    else:
        with refused("EXPERTS_TOO_FEW") as caught:
            call.drawn()
        assert caught.value.details["applications"] == {case.at.number: 1}


def test_it_is_drawn_once_the_round_is_closed():
    call = make_call()
    make_case("accepted", call=call)
    make_experts(5)
    with refused("WRONG_STATE"):
        call.drawn()


def test_only_what_the_department_accepted_is_drawn_for():
    call = make_call()
    case, other = make_case("checked", call=call), make_case("accepted", call=call)
    call.closed()
    make_experts(5)
    with refused("CASE_NOT_DRAWABLE"):
        call.drawn(cases=[case])
    assert set(call.drawn().seats) == {str(other.pk)}


def test_a_case_waits_in_one_draw_at_a_time():
    call, cases = accepted()
    make_experts(5)
    call.drawn()
    with refused("PANEL_WAITING"):
        call.drawn(cases=cases)
    with refused("NOTHING_TO_DRAW"):
        call.drawn()


def test_the_drawer_does_not_confirm_and_only_the_department_does():
    call, _ = accepted()
    make_experts(5)
    both = make_user(Role.CENTRE_CHECKER, Role.DEPARTMENT)
    panel = call.do(panels.draw, both, kind=CaseKind.PROVIDER)
    for user in (both, officer(Role.APPROVER), officer(Role.CENTRE_REVIEWER)):
        with refused("NOT_ALLOWED"):
            panels.approve(by=user, panel_id=panel.pk, version=1)


def test_confirmed_the_experts_have_their_sheets():
    call, [case] = accepted()
    make_experts(7)
    panel = call.confirmed()
    assert case.at.state == ApplicationState.EXPERT_REVIEW
    assert {str(sheet.expert_id) for sheet in case.sheets()} == set(panel.seats[str(case.pk)])
    assert {sheet.state for sheet in case.sheets()} == {SheetState.ASSIGNED}


def test_a_cancelled_draw_stays_on_record_and_another_follows():
    call, [case] = accepted()
    make_experts(5)
    panel = call.drawn()
    panels.cancel(by=call.desk.dp, panel_id=panel.pk, version=1, reason="一名专家出差")
    assert (case.at.panel, case.at.state) == (None, ApplicationState.DEPT_ACCEPTED)
    call.confirmed()
    assert list(Panel.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "approved"]


def test_a_tie_found_between_draw_and_confirmation_makes_it_stale():
    call, [case] = accepted()
    pool = make_experts(5)
    panel = call.drawn()
    experts.add_tie(
        by=officer(Role.CENTRE_CHECKER), expert_id=pool[0].pk, version=pool[0].version, name="某机构",
        uscc=case.at.provider.uscc, nature="owns",
    )  # fmt: skip
    with refused("PANEL_STALE"):
        panels.approve(by=call.desk.dp, panel_id=panel.pk, version=1)


def test_who_declares_a_conflict_is_replaced_by_the_next_in_the_order():
    _, [case] = under_review(experts_too=7)
    panel = Panel.objects.get()
    sheet = case.sheets()[0]
    scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=1, conflict=True, reason="曾任该机构顾问")
    states = {str(one.expert_id): one.state for one in case.sheets()}
    assert states.pop(str(sheet.expert_id)) == SheetState.RECUSED
    assert set(states) == set(panel.order[:6]) - {str(sheet.expert_id)}
    sheet.refresh_from_db()
    assert (sheet.reason, sheet.declared_at is not None) == ("曾任该机构顾问", True)


def test_a_conflict_found_after_opening_is_declared_too():
    _, [case] = under_review(experts_too=6)
    sheet = case.sheets()[0]
    opened(sheet)
    sheet.refresh_from_db()
    scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, conflict=True)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.RECUSED
    assert sum(one.state == SheetState.ASSIGNED for one in case.sheets()) == 5


def test_who_stepped_back_from_a_body_is_drawn_for_none_of_its_cases():
    call, [case] = under_review(experts_too=6)
    sheet = case.sheets()[0]
    scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=1, conflict=True)
    assert not ScoreSheet.objects.filter(application=case.pk, expert=sheet.expert, state=SheetState.ASSIGNED).exists()
    with refused("NOTHING_TO_DRAW"):
        call.drawn()


def test_with_nobody_left_more_are_drawn_for_the_empty_seat_only():
    call, [case] = under_review(experts_too=5)
    sheet = case.sheets()[0]
    scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=1, conflict=True)
    assert sum(one.state == SheetState.ASSIGNED for one in case.sheets()) == 4
    with refused("EXPERTS_TOO_FEW"):
        call.drawn()
    late = make_expert()
    panel = call.confirmed()
    assert panel.seats == {str(case.pk): [str(late.pk)]}
    case.scored()
    assert case.at.votes == 5


def test_an_expert_who_does_not_come_is_replaced_by_the_department():
    call, [case] = under_review(experts_too=6)
    sheet = case.sheets()[0]
    with refused("NOT_ALLOWED"):
        scoring.release(by=call.desk.co, sheet_id=sheet.pk, version=1, reason="未到")
    scoring.release(by=call.desk.dp, sheet_id=sheet.pk, version=1, reason="未在规定时间内评审")
    assert sum(one.state == SheetState.ASSIGNED for one in case.sheets()) == 5


def test_products_are_drawn_for_by_their_own_category():
    call = make_call()
    case = make_product_case("accepted", call=call)
    call.closed()
    make_experts(5, fields=["digitalisation"])
    with refused("EXPERTS_TOO_FEW"):
        call.drawn(CaseKind.PRODUCT)
    make_experts(5, fields=["diagnosis"])
    assert len(call.drawn(CaseKind.PRODUCT).seats[str(case.pk)]) == 5


EXPERT = {
    "username": "zhuanjia", "password": "Guangxi-voucher-2026", "name": "陈专家", "title": "教授", "fields": ["diagnosis"],
    "unit_name": "广西测试大学",
}  # fmt: skip


def test_an_expert_is_proposed_with_an_account_and_confirmed_by_another():
    open_year(2026)
    co = officer(Role.CENTRE_CHECKER)
    row = experts.propose(by=co, **EXPERT, identity_number=make_identity(), unit_uscc=make_uscc())
    assert (row.state, row.user.name, row.user.roles) == ("proposed", "陈专家", {Role.EXPERT})
    with refused("NOT_ALLOWED"):
        experts.confirm(by=co, expert_id=row.pk, version=1)
    assert experts.confirm(by=officer(Role.DEPARTMENT), expert_id=row.pk, version=1).state == "active"


def test_an_officer_or_a_partys_man_cannot_be_an_expert_one_account_a_person():
    open_year(2026)
    co, number = officer(Role.CENTRE_CHECKER), make_identity()
    experts.propose(by=co, **EXPERT, identity_number=number, unit_uscc=make_uscc())
    with refused("IDENTITY_TAKEN"):
        experts.propose(by=co, **{**EXPERT, "username": "other"}, identity_number=number, unit_uscc=make_uscc())


def test_an_unknown_field_is_refused():
    open_year(2026)
    with refused("UNKNOWN_CATEGORY"):
        experts.propose(
            by=officer(Role.CENTRE_CHECKER), **{**EXPERT, "fields": ["catering"]}, identity_number=make_identity(),
            unit_uscc=make_uscc(),
        )  # fmt: skip


def test_nobody_clears_himself_of_a_tie():
    row = make_expert()
    row = experts.add_tie(
        by=row.user, expert_id=row.pk, version=row.version, name="某机构", uscc=make_uscc(), nature="owns"
    )
    tie = row.ties.get()
    with refused("NOT_ALLOWED"):
        experts.remove_tie(by=row.user, expert_id=row.pk, version=row.version, tie_id=tie.pk, reason="误登")
    experts.remove_tie(
        by=officer(Role.CENTRE_CHECKER), expert_id=row.pk, version=row.version, tie_id=tie.pk, reason="误登"
    )
    assert not row.ties.filter(removed_at=None).exists()


def test_a_tie_is_entered_once_and_not_in_the_future():
    row, code = make_expert(), make_uscc()
    given = {"name": "某机构", "uscc": code, "nature": "owns"}
    with refused("TIE_DATE"):
        experts.add_tie(by=row.user, expert_id=row.pk, version=row.version, **given, ended_on=date(2026, 3, 3))
    row = experts.add_tie(by=row.user, expert_id=row.pk, version=row.version, **given)
    with refused("TIE_EXISTS"):
        experts.add_tie(by=row.user, expert_id=row.pk, version=row.version, **given)


def test_a_retired_expert_is_not_drawn_and_may_come_back():
    call, _ = accepted()
    pool = make_experts(6)
    dp = officer(Role.DEPARTMENT)
    row = experts.retire(by=dp, expert_id=pool[0].pk, version=pool[0].version, reason="本人申请")
    assert str(row.pk) not in call.drawn().order
    assert experts.confirm(by=dp, expert_id=row.pk, version=row.version).state == "active"
