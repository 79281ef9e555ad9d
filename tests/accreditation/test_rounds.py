"""A round is opened by four people's acts and takes applications between its days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.states import Role
from accreditation.models import Round
from accreditation.selectors import earlier_rounds
from accreditation.services import filing, rounds
from accreditation.states import CaseKind, RoundKind, RoundState
from foundation import clock, jobs
from tests.accreditation.support import acts, refused
from tests.factories.accounts import make_user, officer
from tests.factories.accreditation import Desk, make_call, make_case, under_review
from tests.factories.programmes import open_year
from tests.factories.providers import ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db


def plan(**fields):
    given = {
        "year": 2026,
        "kind": "both",
        "title": "征集通知",
        "opens_on": date(2026, 3, 2),
        "closes_on": date(2026, 3, 31),
    }
    return rounds.create(by=fields.pop("by", None) or officer(Role.CENTRE_CHECKER), **{**given, **fields})


def test_a_round_is_planned_reviewed_decided_and_published():
    call = make_call()
    assert (call.at.state, call.at.number, call.at.seq) == (RoundState.OPEN, "ZJ-2026-01", 1)
    assert acts(call.at) == ["create", "review", "approve", "publish"]
    assert call.at.approval_no == "桂工信签〔2026〕1号"


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.PROVIDER_SIGNATORY])
def test_only_the_centre_draws_it_up(role):
    open_year(2026)
    with refused("NOT_ALLOWED"):
        plan(by=make_user(role))


def test_who_drew_it_up_neither_reviews_nor_decides():
    open_year(2026)
    many = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER)
    row = plan(by=many)
    with refused("NOT_ALLOWED"):
        rounds.review(by=many, round_id=row.pk, version=1)
    row = rounds.review(by=officer(Role.CENTRE_REVIEWER), round_id=row.pk, version=1)
    with refused("NOT_ALLOWED"):
        rounds.approve(by=many, round_id=row.pk, version=2, approval_no="文号")


def test_it_is_decided_after_the_review_and_published_after_the_decision():
    call = make_call(RoundState.PLANNED)
    with refused("ROUND_NOT_REVIEWED"):
        call.do(rounds.approve, call.desk.ap, approval_no="文号")
    with refused("ROUND_NOT_APPROVED"):
        call.do(rounds.publish, call.desk.dp)
    call.do(rounds.review, call.desk.cr)
    with refused("ROUND_REVIEWED"):
        call.do(rounds.review, call.desk.cr)


def test_it_is_of_this_year_or_the_next():
    open_year(2026)
    for year in (2025, 2028):
        with refused("YEAR_OUT_OF_RANGE"):
            plan(year=year)
    assert plan(year=2027).notice.year == 2026  # the notice of 2027 is not out yet


@pytest.mark.parametrize(
    ("opens_on", "closes_on"),
    [(date(2026, 3, 31), date(2026, 3, 2)), (date(2026, 2, 1), date(2026, 3, 1)), (date(2026, 3, 2), date(2027, 1, 1))],
)
def test_its_days_are_in_order_and_end_in_its_year(opens_on, closes_on):
    open_year(2026)
    with refused("ROUND_DAYS"):
        plan(opens_on=opens_on, closes_on=closes_on)


def test_a_planned_round_is_cancelled_with_a_reason_and_a_published_one_is_not():
    call = make_call(RoundState.PLANNED)
    call.do(rounds.cancel, call.desk.dp, reason="方案调整")
    assert (call.at.state, call.at.reason) == (RoundState.CANCELLED, "方案调整")
    with refused("WRONG_STATE"):
        make_call().do(rounds.cancel, officer(Role.DEPARTMENT), reason="方案调整")


def test_applications_are_taken_between_its_days_only(travel):
    call = make_call(opens_on=date(2026, 3, 10), closes_on=date(2026, 3, 20))
    provider = ProviderFactory()
    pl = signatory_of(provider)
    for day, hour, code in ((9, 23, "ROUND_NOT_OPEN"), (21, 0, "ROUND_NOT_OPEN")):
        travel.move_to(clock.start_of(date(2026, 3, day)) + timedelta(hours=hour))
        with refused(code):
            filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PROVIDER)
    travel.move_to(clock.end_of(date(2026, 3, 20)) - timedelta(seconds=1))
    assert filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PROVIDER).state == "draft"


def test_it_takes_only_what_it_calls_for():
    call = make_call(kind=RoundKind.PRODUCTS)
    pl = signatory_of(ProviderFactory())
    with refused("ROUND_KIND") as caught:
        filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PROVIDER)
    assert caught.value.message == f"征集批次{call.at.number}只征集服务券产品。"


def test_a_planned_round_is_not_there_for_a_provider():
    call = make_call(RoundState.PLANNED)
    with refused("NOT_FOUND"):
        filing.apply(by=signatory_of(ProviderFactory()), round_id=call.pk, kind=CaseKind.PROVIDER)


def test_an_officer_closes_it_only_once_its_last_day_has_passed(travel):
    call = make_call()
    with refused("ROUND_STILL_OPEN"):
        call.do(rounds.close, call.desk.dp, day=clock.today())
    travel.move_to(clock.end_of(call.at.closes_on))
    make = call.do(rounds.close, call.desk.dp, day=clock.today())
    assert make.state == RoundState.ENDED  # nobody had applied


def test_the_third_round_of_a_year_is_warned_of():
    desk = Desk()
    calls = [make_call(desk=desk) for _ in range(3)]
    assert [earlier_rounds(call.at) for call in calls] == [0, 1, 2]


def test_the_job_closes_what_is_due_and_a_second_run_changes_nothing(travel):
    call, other = make_call(), make_call(closes_on=date(2026, 6, 30))
    make_case("submitted", call=call)
    travel.move_to(clock.end_of(call.at.closes_on))
    assert jobs.run("close_rounds") == {"closed": 1, "ended": 0}
    assert jobs.run("close_rounds") == {"closed": 0, "ended": 0}
    assert (call.at.state, other.at.state) == (RoundState.CLOSED, RoundState.OPEN)


def test_what_is_listed_ends_with_its_year(travel):
    call, [case] = under_review()
    case.scored()
    call.recommended()
    call.decided()
    call.shown()
    call.listed()
    travel.move_to(clock.start_of(date(2027, 1, 1)))
    assert jobs.run("close_rounds") == {"closed": 0, "ended": 1}
    assert call.at.state == RoundState.ENDED


def test_a_round_with_a_case_under_way_is_not_ended(travel):
    call, _ = under_review()
    with refused("APPLICATIONS_PENDING"):
        call.do(rounds.end, call.desk.dp)
    travel.move_to(clock.start_of(date(2027, 1, 1)))
    assert jobs.run("close_rounds") == {"closed": 0, "ended": 0}
    assert Round.objects.get(pk=call.pk).state == RoundState.REVIEWING
