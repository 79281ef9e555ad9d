"""The clock of each step, what becomes of corrections that never come, and filing again (8-40, section 9)."""

from datetime import date, timedelta

import pytest

from accounts.models import Organisation
from engines.notifications.models import OutboxEvent
from foundation import clock
from settlement import jobs
from settlement.services import filing
from settlement.states import ClaimState
from tests.factories.accounts import Caller
from tests.factories.calendar import know
from tests.factories.settlement import make_claim, make_payout
from tests.settlement.support import last, lines, refused, standing

pytestmark = pytest.mark.django_db


def day_after(day):
    return clock.start_of(day) + timedelta(days=1, hours=2)


@pytest.mark.parametrize(
    ("until", "due"),
    [
        ("draft", date(2026, 4, 1)),
        ("submitted", date(2026, 3, 16)),
        ("checked", date(2026, 3, 16)),
        ("reviewed", date(2026, 3, 23)),
        ("passed", None),
    ],
)
def test_each_step_has_its_last_day(until, due):
    assert make_claim(until).at.step_due == due


def test_check_and_review_share_one_limit(travel):
    case = make_claim("submitted")
    travel.move_to(clock.start_of(date(2026, 3, 10)) + timedelta(hours=10))
    case.checked()
    assert case.at.step_due == date(2026, 3, 16)


def test_a_bounced_payment_is_to_be_put_right_in_five_working_days():
    pay = make_payout("sent")
    pay.returned()
    assert pay.case.at.step_due == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("until", "office"), [("submitted", "centre"), ("checked", "centre"), ("reviewed", "department")]
)
def test_the_office_is_told_once_that_its_time_has_passed(until, office, travel):
    case = make_claim(until)
    due = case.at.step_due
    assert jobs.warn_overdue_claims(due) == {"dated": 0, "warned": 0, "unfixed": 0}
    travel.move_to(day_after(due))
    assert jobs.warn_overdue_claims(clock.today()) == {"dated": 0, "warned": 1, "unfixed": 0}
    assert jobs.warn_overdue_claims(clock.today()) == {"dated": 0, "warned": 0, "unfixed": 0}
    event = OutboxEvent.objects.get(topic="claim.step_overdue")
    assert set(Organisation.objects.filter(pk__in=event.organisation_ids).values_list("kind", flat=True)) == {office}
    assert last(case.at).act == "warn_overdue"


def test_the_next_step_is_warned_of_anew(travel):
    case = make_claim("submitted")
    travel.move_to(day_after(case.at.step_due))
    jobs.warn_overdue_claims(clock.today())
    case.checked()
    assert jobs.warn_overdue_claims(clock.today()) == {"dated": 0, "warned": 1, "unfixed": 0}


def test_overdue_claims_are_found_by_a_filter(travel):
    late, fresh = make_claim("submitted"), None
    travel.move_to(day_after(date(2026, 3, 16)))
    fresh = make_claim("submitted", desk=late.desk)
    client = Caller(late.desk.co)
    found = {
        word: {row["id"] for row in client.get(f"/api/v1/claims/?overdue={word}").json()["results"]}
        for word in ("true", "false")
    }
    assert found == {"true": {str(late.pk)}, "false": {str(fresh.pk)}}
    assert client.get("/api/v1/claims/?overdue=maybe").status_code == 400


def test_a_claim_goes_its_way_before_next_years_holidays_are_out(travel):
    """Ten working days from 28 December end in a year nobody has imported: the date follows when it is there."""
    travel.move_to(clock.start_of(date(2026, 12, 28)) + timedelta(hours=10))
    case = make_claim("submitted")
    assert case.at.step_due is None
    assert jobs.warn_overdue_claims(clock.today()) == {"dated": 0, "warned": 0, "unfixed": 0}
    know(2027)
    assert jobs.warn_overdue_claims(clock.today()) == {"dated": 1, "warned": 0, "unfixed": 0}
    assert case.at.step_due == date(2027, 1, 11)


# Corrections that never come.


@pytest.fixture
def returned():
    """Returned on 2 March, to be put right by the 16th."""
    case = make_claim("submitted")
    case.returned()
    return case


def test_what_is_not_put_right_in_time_is_refused_and_the_money_stays(returned, travel):
    assert jobs.time_out_corrections(date(2026, 3, 16)) == {"refused": 0}
    travel.move_to(day_after(date(2026, 3, 16)))
    assert jobs.time_out_corrections(clock.today()) == {"refused": 1}
    assert jobs.time_out_corrections(clock.today()) == {"refused": 0}
    claim = returned.at
    assert (claim.state, claim.refusal_code, claim.refusal_text) == (
        ClaimState.REFUSED, "F23", "逾期未补正（补正截止2026-03-16）",
    )  # fmt: skip
    assert (claim.decided_by_id, claim.refile_until, claim.final_at) == (None, date(2027, 6, 30), None)
    assert lines(returned) == standing("committed", "committed", "committed", "10000.00")


def test_it_is_filed_again_for_the_next_round(returned, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.time_out_corrections(clock.today())
    parties = returned.deal.parties
    filing.refile(by=parties.po, claim_id=returned.pk, version=returned.at.version)
    claim = returned.at
    assert (claim.state, claim.returns, claim.refilings, claim.due, claim.correction_due) == (
        ClaimState.DRAFT, 0, 1, date(2027, 6, 30), None,
    )  # fmt: skip
    for step in ("submitted", "checked", "reviewed", "passed"):
        getattr(returned, step)()
    assert returned.at.state == ClaimState.PASSED


def test_nobody_files_again_and_the_money_is_free(returned, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.time_out_corrections(clock.today())
    assert jobs.finish_refusals(date(2027, 6, 30)) == {"final": 0}
    travel.move_to(day_after(date(2027, 6, 30)))
    assert jobs.finish_refusals(clock.today()) == {"final": 1}
    assert lines(returned) == standing("expired", "available", "available", "10000.00")
    with refused("NOT_REFILABLE"):
        filing.refile(by=returned.deal.parties.po, claim_id=returned.pk, version=returned.at.version)


def test_what_is_not_put_right_is_not_appealed_but_filed_again(returned, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.time_out_corrections(clock.today())
    with refused("NOT_APPEALABLE"):
        returned.appealed()


def test_a_refusal_by_decision_is_not_filed_again():
    case = make_claim("reviewed")
    case.refused()
    with refused("NOT_REFILABLE"):
        filing.refile(by=case.deal.parties.po, claim_id=case.pk, version=case.at.version)


def test_a_correction_given_more_time_is_not_refused(returned, travel):
    returned.do(filing.extend, returned.desk.dp, until=date(2026, 4, 30), reason="系统升级")
    travel.move_to(day_after(date(2026, 3, 16)))
    assert jobs.time_out_corrections(clock.today()) == {"refused": 0}


def test_only_the_provider_files_again(returned, travel):
    travel.move_to(day_after(date(2026, 3, 16)))
    jobs.time_out_corrections(clock.today())
    for by in (returned.deal.parties.el, returned.desk.dp):
        with refused("NOT_ALLOWED"):
            filing.refile(by=by, claim_id=returned.pk, version=returned.at.version)


def test_a_provider_that_has_not_put_its_account_right_in_time_hears_once(travel):
    pay = make_payout("sent")
    pay.returned()
    due = pay.case.at.step_due
    travel.move_to(clock.start_of(due))
    assert jobs.warn_overdue_claims(due)["unfixed"] == 0
    travel.move_to(day_after(due))
    assert [jobs.warn_overdue_claims(clock.today())["unfixed"] for _ in range(2)] == [1, 0]
    event = OutboxEvent.objects.get(topic="claim.fix_overdue")
    assert event.organisation_ids == [pay.case.at.provider.organisation_id]
    assert f"收款账户应于{due}前更正" in event.body
