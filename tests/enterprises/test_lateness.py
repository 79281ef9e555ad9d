"""The five working days of a check: the centre hears once when they are over (DOMAIN section 9)."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Organisation
from accounts.states import OrganisationKind, Role
from engines.notifications.models import OutboxEvent
from enterprises import services
from enterprises.jobs import warn_overdue_checks
from enterprises.states import DisputeState
from foundation import clock
from tests.enterprises.test_lapsing import CHECK_DUE, MONDAY, at, submitted
from tests.factories.accounts import officer
from tests.factories.enterprises import EnterpriseFactory, make_dispute
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def march():
    with at(MONDAY):
        open_year(2026)
        officer(Role.CENTRE_CHECKER)
        yield


def run(day: date, *, asked: date | None = None) -> dict[str, int]:
    with at(day):
        return warn_overdue_checks(asked or clock.today())


def test_the_centre_hears_once_of_a_registration_that_waits_too_long():
    row = submitted()
    assert run(CHECK_DUE) == {"registrations": 0, "disputes": 0}
    late = date(2026, 3, 10)
    assert [run(late)["registrations"] for _ in range(2)] == [1, 0]
    event = OutboxEvent.objects.get(topic="enterprise.overdue")
    kinds = set(Organisation.objects.filter(pk__in=event.organisation_ids).values_list("kind", flat=True))
    assert (kinds, event.subject_id) == ({OrganisationKind.CENTRE}, row.pk)
    assert event.body == f"{row.name}（{row.get_state_display()}）的注册应于{CHECK_DUE}前审核完毕，请尽快办理。"


def test_what_was_returned_waits_for_the_enterprise_and_nobody_is_warned():
    row = submitted()
    by = officer(Role.CENTRE_CHECKER)
    services.send_back(by=by, enterprise_id=row.pk, version=row.version, reason="地址不符")
    assert run(date(2026, 3, 16)) == {"registrations": 0, "disputes": 0}


@pytest.mark.parametrize(
    ("state", "warned"),
    [(DisputeState.OPEN, 1), (DisputeState.UNFOUNDED, 1), (DisputeState.WITHDRAWN, 0), (DisputeState.REJECTED, 0)],
)
def test_a_dispute_is_warned_of_once_while_it_is_undecided(state: str, warned: int):
    if state == DisputeState.UNFOUNDED:
        dispute = make_dispute(EnterpriseFactory(active=True))
        by = officer(Role.CENTRE_CHECKER)
        services.find_unfounded(by=by, dispute_id=dispute.pk, version=dispute.version, opinion="未获评")
    else:
        make_dispute(EnterpriseFactory(active=True), state=state)
    assert [run(date(2026, 3, 10))["disputes"] for _ in range(2)] == [warned, 0]


def test_a_day_that_has_not_come_warns_of_nothing_early():
    submitted()
    assert run(MONDAY, asked=date(2026, 12, 31)) == {"registrations": 0, "disputes": 0}
