"""Who is silent is told at 5, 10 and 15 days; the third time the centre is told too, and nothing else happens (8-34)."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from accounts.selectors import organisation_ids
from accounts.states import OrganisationKind
from contracts import jobs
from contracts.models import Reminder
from contracts.services import performance, reminding
from contracts.states import Awaited, PaymentKind, State
from engines.notifications.models import OutboxEvent
from foundation import clock
from tests.contracts.support import refused
from tests.contracts.test_constraints import violates
from tests.factories.accounts import TESTER, make_organisation
from tests.factories.contracts import make_contract, make_parties
from tests.factories.programmes import make_content, publish_revision

pytestmark = pytest.mark.django_db


def on(day, times=1):
    """What the job did on `day`, the last of so many runs."""
    with time_machine.travel(clock.start_of(day) + timedelta(hours=8), tick=False):
        for _ in range(times):
            result = jobs.remind_waiting(day)
    return result


def told(topic="contract.reminder"):
    return list(OutboxEvent.objects.filter(topic=topic).order_by("pk"))


def sent():
    return [(row.awaited, row.nth) for row in Reminder.objects.order_by("at", "pk")]


def delivered():
    """A delivered contract, and the day it was delivered."""
    deal = make_contract("delivered")
    return deal, clock.local_date(deal.at.delivered_at)


def test_the_enterprise_is_reminded_three_times_and_no_more():
    deal, day = delivered()
    sums = [on(day + timedelta(days=n))["reminded"] for n in range(1, 20)]
    assert [n for n, number in enumerate(sums, start=1) if number] == [5, 10, 15]
    assert sent() == [("acceptance", 1), ("acceptance", 2), ("acceptance", 3)]
    assert [event.organisation_ids for event in told()] == [[deal.parties.enterprise.organisation_id]] * 3
    assert told()[0].title == "待办第1次提醒"
    assert told()[0].body == (
        f"合同{deal.at.number}：等待企业验收，已等5天，期限为5天（{day + timedelta(days=5)}）。请尽快办理。"
    )


def test_the_third_goes_to_the_centre_and_nothing_is_accepted():
    centre = make_organisation(OrganisationKind.CENTRE)
    deal, day = delivered()
    before = deal.at.version
    on(day + timedelta(days=10))
    assert told("contract.silent") == []
    assert on(day + timedelta(days=15)) == {"reminded": 1, "to_centre": 1}
    (event,) = told("contract.silent")
    assert centre.pk in event.organisation_ids
    assert set(event.organisation_ids) == set(organisation_ids([OrganisationKind.CENTRE]))
    assert "平台不会自动验收" in event.body
    assert (deal.at.state, deal.at.version) == (State.DELIVERED, before)


def test_run_twice_and_again_changes_nothing_more():
    _, day = delivered()
    assert on(day + timedelta(days=5), times=3) == {"reminded": 0, "to_centre": 0}
    assert sent() == [("acceptance", 1)]
    assert len(told()) == 1


def test_after_missed_days_one_reminder_is_sent_not_three():
    _, day = delivered()
    on(day + timedelta(days=12))
    assert sent() == [("acceptance", 2)]
    on(day + timedelta(days=13))
    assert sent() == [("acceptance", 2)]
    on(day + timedelta(days=40))
    assert sent() == [("acceptance", 2), ("acceptance", 3)]


def test_a_second_delivery_is_waited_for_anew():
    deal, day = delivered()
    on(day + timedelta(days=5))
    with time_machine.travel(clock.start_of(day + timedelta(days=6)), tick=True):
        deal.do(performance.reject, deal.parties.eo, reason="再改")
        deal.delivered()
    on(day + timedelta(days=11))
    assert sent() == [("acceptance", 1), ("acceptance", 1)]
    assert Reminder.objects.values("since_on").distinct().count() == 2


def test_what_happened_in_time_is_not_reminded_of():
    deal, day = delivered()
    deal.accepted()
    assert on(day + timedelta(days=4))["reminded"] == 0


WAITS = {
    "signing": ("both", lambda: make_contract("signing")),
    "deposit": ("enterprise", lambda: make_contract("signed")),
    "deposit_match": ("provider", lambda: _reported("signed", PaymentKind.DEPOSIT)),
    "balance": ("enterprise", lambda: make_contract("accepted", amount="60000.00", diagnosis=False)),
    "balance_match": ("provider", lambda: _reported("accepted", PaymentKind.BALANCE)),
    "confirm_provider": ("provider", lambda: make_contract("paid_up")),
}


def _reported(until, kind):
    deal = make_contract(until, amount="60000.00", diagnosis=False)
    deal.report(kind)
    return deal


@pytest.mark.parametrize("wait", WAITS)
def test_whoever_is_silent_is_told(wait):
    whom, make = WAITS[wait]
    deal = make()
    on(clock.today() + timedelta(days=5))
    enterprise, provider = deal.parties.enterprise.organisation_id, deal.parties.provider.organisation_id
    people = {"both": [enterprise, provider], "enterprise": [enterprise], "provider": [provider]}
    assert [event.organisation_ids for event in told()] == [people[whom]]


def test_before_a_planned_day_one_word_and_after_it_three():
    due = clock.today() + timedelta(days=30)
    make_contract("effective", milestones=[("现场诊断", due)], end_date=due + timedelta(days=60))
    days = [n for n in range(-10, 20) if on(due + timedelta(days=n))["reminded"]]
    assert days == [-5, 5, 10, 15]
    assert [nth for _, nth in sent()] == [0, 1, 2, 3]
    assert told()[0].title == "待办到期前提醒"
    assert f"“现场诊断”，计划日期{due}，还有5天。" in told()[0].body


def test_drafts_and_claims_are_nobodys_reminder():
    parties = make_parties()
    for state in ("draft", "ready", "confirmed"):
        make_contract(state, parties=parties, amount="1250.00")
    assert on(clock.today() + timedelta(days=15)) == {"reminded": 0, "to_centre": 0}


def test_the_intervals_are_the_notices():
    content = make_content(clock.today().year)
    limits = [{**one, "length": 2} if one["code"] == "acceptance_reminder_1" else one for one in content.data["limits"]]
    parties = make_parties()
    publish_revision(clock.today().year, content=replace(content, data={**content.data, "limits": limits}))
    deal = make_contract("delivered", parties=parties)
    assert on(clock.local_date(deal.at.delivered_at) + timedelta(days=2))["reminded"] == 1


# The rows.


def reminder(deal, **fields):
    day = clock.today()
    values = {"awaited": Awaited.ACCEPTANCE, "since_on": day - timedelta(days=5), "nth": 1, "on": day}
    return Reminder.objects.create(contract=deal.at, at=clock.now(), actor="system:tests", **{**values, **fields})


def test_a_reminder_is_sent_once():
    deal = make_contract("delivered")
    reminder(deal)
    with violates("reminder_once"):
        reminder(deal)


def test_only_a_party_is_reminded():
    deal = make_contract("delivered")
    with violates("reminder_of_a_party"):
        reminder(deal, awaited=Awaited.MEDIATION)


@pytest.mark.parametrize(("nth", "ago"), [(0, 1), (1, 0)])
def test_a_reminder_is_on_the_right_side_of_its_day(nth, ago):
    deal = make_contract("delivered")
    with violates("reminder_day_fits"):
        reminder(deal, nth=nth, since_on=clock.today() - timedelta(days=ago))


def test_a_reminder_of_an_hour_ago_is_seen_by_the_next_run():
    deal, day = delivered()
    with transaction.atomic():
        assert reminding.remind(deal.pk, day + timedelta(days=5), by=TESTER) == 1
    assert reminding.remind(deal.pk, day + timedelta(days=5), by=TESTER) is None
    with refused("NOT_FOUND"):
        reminding.remind(deal.parties.eo.pk, day, by=TESTER)
