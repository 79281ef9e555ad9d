"""The inbox of one's organisation: read, acknowledged, chosen; and posted to its own systems."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.states import Role
from engines.notifications import selectors as notices
from engines.notifications import services as notifications
from engines.notifications.models import Delivery, Message, WebhookEndpoint
from engines.notifications.states import EndpointState
from foundation.ids import new_id
from tests.factories.accounts import both_sides, make_organisation, make_user
from tests.factories.contracts import make_contract
from tests.factories.notifications import make_delivery, make_endpoint, say
from tests.portal.enterprise.support import act, begin, offered, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Agent and signatory of an enterprise."""
    return both_sides(make_organisation())


def told(user, **fields) -> Message:
    """Something that lies in the person's inbox."""
    say([user.organisation_id], **fields)
    notifications.relay()
    return Message.objects.filter(organisation_id=user.organisation_id).latest("pk")


def test_the_list_shows_what_is_unread_and_what_must_be_acknowledged(house):
    told(house[0], title="新的合同草稿")
    told(house[0], topic="signing_suspended", title="暂停签约", must_read=True)
    answer = signed_in(house[0]).get("/my/messages/")
    assert [row.event.title for row in answer.context["list"].rows] == ["暂停签约", "新的合同草稿"]
    assert (answer.context["waiting"].unread, answer.context["waiting"].must_read) == (2, 1)


@pytest.mark.parametrize(("standing", "titles"), [("unread", {"甲", "乙"}), ("waiting", {"乙"}), ("read", set())])
def test_it_can_be_narrowed_by_what_is_to_do(house, standing, titles):
    told(house[0], title="甲")
    told(house[0], topic="signing_suspended", title="乙", must_read=True)
    rows = signed_in(house[0]).get("/my/messages/", {"standing": standing}).context["list"].rows
    assert {row.event.title for row in rows} == titles


def test_a_message_leads_to_what_it_is_about():
    deal = make_contract("draft")
    row = told(deal.parties.eo, subject=deal.at)
    answer = signed_in(deal.parties.eo).get(f"/my/messages/{row.pk}/")
    assert answer.context["about"] == reverse("contract", kwargs={"pk": deal.pk})


def test_days_in_a_message_are_written_as_people_do(house):
    row = told(house[0], topic="signing_suspended", must_read=True, body="自2026-03-02至2026-03-09公示：第1号名单")
    client = signed_in(house[0])
    for address in ("/my/messages/", f"/my/messages/{row.pk}/"):
        assert "自2026年3月2日至2026年3月9日公示" in said(client.get(address))


def test_opening_changes_nothing_and_the_page_posts_that_it_was_read(house):
    row = told(house[0])
    client = signed_in(house[0])
    client.get(f"/my/messages/{row.pk}/")
    row.refresh_from_db()
    assert row.read_at is None
    answer = client.post(f"/my/messages/{row.pk}/read/", HTTP_HX_REQUEST="true")
    row.refresh_from_db()
    assert row.read_by == house[0]
    assert f"{house[0].name}于" in said(answer)


def test_without_a_script_the_button_leads_back(house):
    row = told(house[0])
    assert signed_in(house[0]).post(f"/my/messages/{row.pk}/read/").headers["Location"] == f"/my/messages/{row.pk}/"


def test_all_that_was_seen_is_read_but_what_must_be_acknowledged(house):
    must = told(house[0], topic="signing_suspended", must_read=True)
    seen = told(house[0])
    later = told(house[0])
    signed_in(house[0]).post("/my/messages/read-all/", {"up_to": str(seen.pk)})
    for row in (must, seen, later):
        row.refresh_from_db()
    assert (must.read_at, seen.read_at is not None, later.read_at) == (None, True, None)


def test_what_must_be_read_is_acknowledged_once_by_name(house):
    row = told(house[0], topic="signing_suspended", must_read=True)
    assert offered(signed_in(house[0]).get(f"/my/messages/{row.pk}/")) == ["acknowledge"]
    act(house[0], row, "acknowledge", "message")
    row.refresh_from_db()
    assert row.acknowledged_by == house[0]
    assert offered(signed_in(house[1]).get(f"/my/messages/{row.pk}/")) == []


def test_what_needs_none_is_not_acknowledged(house):
    row = told(house[0])
    assert offered(signed_in(house[0]).get(f"/my/messages/{row.pk}/")) == []
    assert act(house[0], row, "acknowledge", "message").status_code == 409
    row.refresh_from_db()
    assert row.acknowledged_at is None


def test_anothers_message_is_not_there(house):
    row = told(house[0])
    client = signed_in(both_sides(make_organisation())[0])
    assert client.get(f"/my/messages/{row.pk}/").status_code == 404
    assert client.post(f"/my/messages/{row.pk}/read/").status_code == 404
    assert client.post("/my/messages/read-all/", {"up_to": str(row.pk)}).status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.PROVIDER_AGENT, Role.EXPERT, Role.SYSTEM_ADMIN])
def test_everybody_who_is_somebody_has_an_inbox(role):
    user = make_user(role)
    told(user, title="给您的")
    assert "给您的" in said(signed_in(user).get("/my/messages/"))


def test_the_list_costs_the_same_for_many(house):
    for _ in range(3):
        told(house[0])
    few = queries_of(house[0], "/my/messages/")
    for _ in range(9):
        told(house[0])
    assert queries_of(house[0], "/my/messages/") == few


def choice(user, group: str):
    found = notices.choices(person_id=user.pk, organisation_id=user.organisation_id)
    return next(one for one in found if one.group == group)


def test_what_one_chooses_is_ones_own_and_the_house_has_a_default(house):
    eo, el = house
    begin(eo, "preferences-mine", **{"group-contract": "daily"})
    begin(el, "preferences-house", **{"group-contract": "off", "group-credit": "at_once"})
    assert (choice(eo, "contract").own, choice(eo, "contract").in_force) == ("daily", "daily")
    assert choice(el, "contract").in_force == "off"
    assert choice(eo, "credit").in_force == "at_once"


def test_a_choice_can_be_taken_back(house):
    begin(house[0], "preferences-mine", **{"group-contract": "daily"})
    begin(house[0], "preferences-mine", **{"group-contract": ""})
    assert choice(house[0], "contract").own is None


def test_the_default_of_the_house_is_not_an_agents_to_choose(house):
    assert offered(signed_in(house[0]).get("/my/messages/preferences/")) == ["mine"]
    assert begin(house[0], "preferences-house", **{"group-contract": "off"}).status_code == 403
    assert choice(house[0], "contract").organisation is None


def test_an_endpoint_is_registered_by_who_answers_for_the_house(house):
    eo, el = house
    fields = {"label": "办公系统", "url": "https://oa.example.com/hooks", "groups": ["contract"]}
    assert begin(eo, "webhooks-new", **fields).status_code == 403
    assert WebhookEndpoint.objects.count() == 0
    answer = begin(el, "webhooks-new", **fields)
    row = WebhookEndpoint.objects.get()
    assert answer.headers["Location"] == f"/my/webhooks/{row.pk}/"
    assert (row.url, row.groups) == ("https://oa.example.com/hooks", ["contract"])


def test_the_secret_is_shown_once_and_in_no_cache(house):
    row = make_endpoint(house[1].organisation, shown=False)
    client = signed_in(house[1])
    first = client.post(f"/my/webhooks/{row.pk}/secret/", {"version": row.version})
    assert "whsec_" in said(first)
    assert first.headers["Cache-Control"] == "no-store"
    assert "whsec_" not in said(client.get(f"/my/webhooks/{row.pk}/"))
    row.refresh_from_db()
    again = client.post(f"/my/webhooks/{row.pk}/secret/", {"version": row.version})
    assert again.status_code == 409
    assert "whsec_" not in said(again)


def test_an_endpoint_is_stopped_with_a_reason_and_started_again(house):
    row = make_endpoint(house[1].organisation)
    assert act(house[1], row, "disable", "webhook", reason="").status_code == 422
    act(house[1], row, "disable", "webhook", reason="停机维护")
    row.refresh_from_db()
    assert row.state == EndpointState.DISABLED
    assert offered(signed_in(house[1]).get(f"/my/webhooks/{row.pk}/")) == ["enable", "rotate"]
    act(house[1], row, "enable", "webhook")
    row.refresh_from_db()
    assert row.state == EndpointState.ACTIVE


def test_a_test_post_is_listed(house):
    row = make_endpoint(house[1].organisation)
    act(house[1], row, "ping", "webhook")
    assert [one["topic"] for one in signed_in(house[1]).get(f"/my/webhooks/{row.pk}/").context["deliveries"]] == [
        "连通测试"
    ]


def test_anothers_endpoint_and_deliveries_are_not_there(house):
    row = make_endpoint(make_organisation())
    sent = make_delivery(row)
    client = signed_in(house[1])
    assert client.get(f"/my/webhooks/{row.pk}/").status_code == 404
    assert client.post(f"/my/webhooks/{row.pk}/secret/", {"version": row.version}).status_code == 404
    assert client.post(f"/my/deliveries/{sent.pk}/resend/").status_code == 404
    assert client.get(f"/my/webhooks/{new_id()}/").status_code == 404
    assert Delivery.objects.get(pk=sent.pk).state == sent.state


def test_what_is_picked_counts_as_read_but_what_must_be_acknowledged(house):
    picked, left, must = (
        told(house[0], title="甲"),
        told(house[0], title="乙"),
        told(house[0], topic="signing_suspended", title="丙", must_read=True),
    )
    client = signed_in(house[0])
    answer = client.post("/my/messages/read-some/", {"message": [str(picked.pk), str(must.pk)]}, follow=True)
    assert "已标为已读1条" in said(answer)
    assert [Message.objects.get(pk=one.pk).read_by for one in (picked, left, must)] == [house[0], None, None]


def test_messages_of_others_are_not_read_by_picking_them(house):
    stranger = told(both_sides(make_organisation())[0])
    client = signed_in(house[0])
    client.post("/my/messages/read-some/", {"message": [str(stranger.pk)]})
    assert client.post("/my/messages/read-some/", {"message": ["x"]}).status_code == 404
    assert client.post("/my/messages/read-some/").status_code == 400
    assert Message.objects.get(pk=stranger.pk).read_at is None
