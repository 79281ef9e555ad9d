"""What messages speak of and where people read about it: no table that is none, no page that is none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.states import Role
from engines.evidence.selectors import subject_models
from engines.notifications.models import OutboxEvent
from foundation.ids import new_id
from portal.parties import subjects
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
MAPS = (subjects._EVERYBODY, subjects._ENTERPRISE, subjects._PROVIDER, subjects._OFFICER)


def test_every_table_is_one_and_every_page_is_there():
    tables = {model._meta.db_table for model in subject_models()}
    for pages in MAPS:
        assert set(pages) <= tables
        for name in pages.values():
            assert reverse(name[1:]) if name.startswith("=") else reverse(name, kwargs={"pk": new_id()})


@pytest.mark.parametrize(
    ("role", "table", "page"),
    [
        (Role.ENTERPRISE_AGENT, "contracts_relatedpermit", "permit"),
        (Role.PROVIDER_AGENT, "programmes_notice", "notice"),
        (Role.CENTRE_CHECKER, "enterprises_passportdispute", "officer:dispute"),
    ],
)
def test_each_side_is_led_to_its_own_page(role, table, page):
    event = OutboxEvent(subject_type=table, subject_id=new_id())
    assert subjects.page_of(make_user(role), event) == reverse(page, kwargs={"pk": event.subject_id})


def test_what_has_no_page_leads_nowhere():
    event = OutboxEvent(subject_type="accounts_organisation", subject_id=new_id())
    assert subjects.page_of(make_user(Role.ENTERPRISE_AGENT), event) == ""
