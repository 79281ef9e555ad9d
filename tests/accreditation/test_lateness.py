"""The ten working days of an application's formal check: whose turn it is hears once (DOMAIN section 9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import Organisation
from accreditation.jobs import warn_overdue_applications
from engines.notifications.models import OutboxEvent
from foundation import clock
from tests.factories.accreditation import make_case

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 16)


@pytest.mark.parametrize(("state", "office"), [("submitted", "centre"), ("checked", "department")])
def test_the_office_whose_turn_it_is_hears_once(state: str, office: str, travel):
    case = make_case(state)
    assert case.at.check_due == DUE
    travel.move_to(clock.start_of(DUE))
    assert warn_overdue_applications(DUE) == {"warned": 0}
    travel.move_to(clock.start_of(DUE + timedelta(days=1)))
    assert [warn_overdue_applications(clock.today())["warned"] for _ in range(2)] == [1, 0]
    event = OutboxEvent.objects.get(topic="accreditation.overdue")
    kinds = set(Organisation.objects.filter(pk__in=event.organisation_ids).values_list("kind", flat=True))
    assert (kinds, event.subject_id) == ({office}, case.pk)
    assert f"应于{DUE}前审查完毕" in event.body


@pytest.mark.parametrize("state", ["filled", "accepted"])
def test_of_what_waits_for_nobody_in_the_office_nobody_hears(state: str, travel):
    make_case(state)
    travel.move_to(clock.start_of(date(2026, 3, 30)))
    assert warn_overdue_applications(clock.today()) == {"warned": 0}


def test_the_next_step_is_warned_of_anew(travel):
    case = make_case("submitted")
    travel.move_to(clock.start_of(DUE + timedelta(days=1)))
    warn_overdue_applications(clock.today())
    case.checked()
    assert warn_overdue_applications(clock.today()) == {"warned": 1}
