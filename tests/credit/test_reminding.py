"""The clocks of a complaint: 10 working days to take it up, 30 days to answer, 90 at most (8-39, DOMAIN section 9)."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import OrganisationKind
from credit import jobs
from credit.services import complaints
from engines.notifications.models import OutboxEvent
from tests.factories.credit import Offices, make_complaint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]


def told() -> list[str]:
    return list(OutboxEvent.objects.filter(topic="complaint.due").order_by("pk").values_list("title", flat=True))


def test_the_centre_hears_once_before_the_last_day_to_take_it_up_and_once_after(travel) -> None:
    row, hands = make_complaint(), Offices()
    assert row.accept_due == date(2026, 3, 16)
    for day, reminded in ((12, 0), (13, 1), (16, 0), (17, 1), (18, 0)):
        travel(date(2026, 3, day))
        assert [jobs.watch_complaints(date(2026, 3, day)) for _ in range(2)] == [
            {"reminded": reminded},
            {"reminded": 0},
        ]
    assert told() == [f"投诉办理期限将至：{row.number}", f"投诉已超过办理期限：{row.number}"]
    [event, _] = OutboxEvent.objects.filter(topic="complaint.due").order_by("pk")
    assert event.organisation_ids == [hands.co.organisation_id] or hands.co.organisation_id in event.organisation_ids
    assert event.body == f"投诉{row.number}（已收到待受理）应于2026-03-16前作出是否受理的决定，请尽快办理。"


def test_whose_turn_it_is_hears_of_the_answer_and_of_the_day_it_was_put_off_to(travel) -> None:
    hands = Offices()
    row = make_complaint("investigated", offices=hands)
    assert row.result_due == date(2026, 4, 1)
    travel(date(2026, 4, 2))
    assert jobs.watch_complaints(date(2026, 4, 2)) == {"reminded": 1}
    [event] = OutboxEvent.objects.filter(topic="complaint.due")
    assert hands.dp.organisation_id in event.organisation_ids
    assert hands.dp.organisation.kind == OrganisationKind.DEPARTMENT
    complaints.extend(by=hands.ap, complaint_id=row.pk, version=3, until=date(2026, 4, 20), reason="须鉴定")
    assert jobs.watch_complaints(date(2026, 4, 2)) == {"reminded": 0}
    travel(date(2026, 4, 21))
    assert jobs.watch_complaints(date(2026, 4, 21)) == {"reminded": 1}


@pytest.mark.parametrize("state", ["upheld", "not_upheld"])
def test_of_what_is_decided_nobody_hears(travel, state: str) -> None:
    make_complaint(state)
    travel(date(2026, 9, 1))
    assert (jobs.watch_complaints(date(2026, 9, 1)), told()) == ({"reminded": 0}, [])


def test_a_day_that_has_not_come_reminds_nobody_early() -> None:
    make_complaint()
    assert (jobs.watch_complaints(date(2026, 9, 1)), told()) == ({"reminded": 0}, [])
