"""第二十一条: a pause of signing, and its end, reach every enterprise and provider, and it is known who has taken note."""

from __future__ import annotations

import pytest

from accounts.models import Organisation
from accounts.states import OFFICES, PARTIES, OrganisationKind, Role
from engines.notifications.models import Message, OutboxEvent
from foundation import jobs
from programmes import services as programmes
from tests.factories.accounts import Caller, make_organisation, make_user, officer
from tests.factories.notifications import reachable
from tests.factories.programmes import appropriate

pytestmark = pytest.mark.django_db
YEAR = 2026


def rows(user, path: str) -> list[dict]:
    return Caller(user).get(f"/api/v1/{path}").json()["results"]


def everybody() -> int:
    """The registered enterprises and providers, and the offices."""
    return Organisation.objects.filter(kind__in=(*PARTIES, *OFFICES)).count()


def test_the_whole_story_of_a_pause(postmaster):
    appropriate(YEAR, "1000000.00")
    enterprise, provider = make_user(Role.ENTERPRISE_AGENT), reachable(Role.PROVIDER_AGENT, email="po@example.com")
    silent = make_organisation(OrganisationKind.ENTERPRISE)
    department = officer(Role.DEPARTMENT)
    suspension = programmes.suspend_manually(by=department, year=YEAR, reason="资金调度")
    jobs.run("relay_outbox")
    jobs.run("send_mail")

    assert postmaster.to == ["po@example.com"]
    assert postmaster.letters[0]["Subject"].strip() == "【重要·请确认收悉】2026年度服务券暂停签约"

    [announced] = rows(department, "announcements/?topic=signing_suspended")
    assert announced["link"] == f"/api/v1/suspensions/{suspension.pk}/"
    assert (announced["told"], announced["reached"], announced["read"], announced["acknowledged"]) == (
        everybody(),
        everybody(),
        0,
        0,
    )

    for user in (enterprise, provider):
        [pressing] = Caller(user).get("/api/v1/messages/summary/").json()["pressing"]
        assert Caller(user).act(f"messages/{pressing['id']}/acknowledge/").status_code == 200
    one = Caller(department).get(f"/api/v1/announcements/{announced['id']}/").json()
    assert (one["told"], one["read"], one["acknowledged"]) == (everybody(), 2, 2)

    query = f"announcement-receivers/?event={announced['id']}&acknowledged=false&organisation_kind=enterprise"
    assert [(row["organisation_id"], row["organisation"]) for row in rows(department, query)] == [
        (str(silent.pk), silent.name)
    ]
    programmes.resume_manually(by=department, suspension_id=suspension.pk, version=1, reason="资金到位")
    jobs.run("relay_outbox")
    [resumed] = rows(department, "announcements/?topic=signing_resumed")
    assert (resumed["told"], resumed["acknowledged"]) == (everybody(), 0)


def test_both_notices_of_a_pause_must_be_read_and_carry_their_figures():
    appropriate(YEAR, "1000000.00")
    department = officer(Role.DEPARTMENT)
    suspension = programmes.suspend_manually(by=department, year=YEAR, reason="资金调度")
    programmes.resume_manually(by=department, suspension_id=suspension.pk, version=1, reason="资金到位")
    told = OutboxEvent.objects.filter(must_read=True).order_by("pk")
    assert [(one.topic, one.data) for one in told] == [
        ("signing_suspended", {"year": YEAR, "left": "1000000.00"}),
        ("signing_resumed", {"year": YEAR, "left": "1000000.00"}),
    ]


@pytest.mark.parametrize("role", [Role.ENTERPRISE_SIGNATORY, Role.PROVIDER_AGENT, Role.CITY, Role.SYSTEM_ADMIN])
def test_how_far_it_got_is_for_officers(role):
    programmes.suspend_manually(by=officer(Role.DEPARTMENT), year=funded(), reason="资金调度")
    jobs.run("relay_outbox")
    user = make_user(role)
    assert rows(user, "announcements/") == rows(user, "announcement-receivers/") == []
    event = OutboxEvent.objects.get(must_read=True)
    assert Caller(user).get(f"/api/v1/announcements/{event.pk}/").status_code == 404
    assert Message.objects.count() > 0


def funded() -> int:
    appropriate(YEAR, "1000000.00")
    return YEAR
