"""Files that come with a message over a response: whose they must be, who reads them, what is refused."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.selectors import visible_files
from accounts.states import Role
from demands import selectors
from demands.models import DemandMessage, DemandMessageFile
from demands.services import talking
from demands.states import Side
from foundation import clock
from foundation.ids import new_id
from tests.demands.support import agent_of_provider, agents, refusal
from tests.factories.accounts import make_user, officer
from tests.factories.contracts import picture
from tests.factories.demands import ResponseFactory, agent_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return ResponseFactory()


@pytest.fixture
def eo(row):
    return agent_of(row.demand)


def refused(code, row, by, **said):
    """Nothing was said, no file was attached, nobody reads more than before."""
    refusal(code, row, talking.say, by=by, response_id=row.pk, **said)
    assert not DemandMessage.objects.exists()
    assert not DemandMessageFile.objects.exists()


def test_a_message_brings_its_files_in_the_order_they_were_named(row, eo):
    drawing, sheet = picture(eo, "图纸.png"), picture(eo, "报价单.png")
    talking.say(by=eo, response_id=row.pk, text="请看附件。", file_ids=[sheet.pk, drawing.pk, sheet.pk])
    (said,) = selectors.messages(row)
    assert (said.text, said.attached) == ("请看附件。", 2)
    assert [one.file.name for one in said.files.all()] == ["报价单.png", "图纸.png"]


def test_files_need_no_words(row, eo):
    talking.say(by=eo, response_id=row.pk, file_ids=[picture(eo).pk])
    assert DemandMessage.objects.get().text == ""


def test_the_other_side_and_the_officers_read_the_file_and_nobody_else(row, eo):
    file, other = picture(eo), agent_of_provider(row)
    rival = agent_of_provider(ResponseFactory(demand=row.demand))
    assert not visible_files(other).filter(pk=file.pk).exists()
    talking.say(by=eo, response_id=row.pk, file_ids=[file.pk])
    readers = (eo, other, officer(Role.CENTRE_CHECKER), rival, make_user(Role.ENTERPRISE_AGENT))
    assert [visible_files(one).filter(pk=file.pk).exists() for one in readers] == [True, True, True, False, False]


def test_a_message_without_words_and_files_is_refused(row, eo):
    refused("MESSAGE_EMPTY", row, eo, text="")


def test_the_file_of_another_organisation_is_refused_although_it_may_be_read(row, eo):
    theirs = picture(agent_of_provider(row))
    talking.say(by=agent_of_provider(row), response_id=row.pk, file_ids=[theirs.pk])
    refusal("NOT_FOUND", row, talking.say, by=eo, response_id=row.pk, file_ids=[picture(eo).pk, theirs.pk])
    assert DemandMessage.objects.filter(side=Side.ENTERPRISE).count() == 0


def test_a_file_that_is_not_there_is_refused(row, eo):
    refused("NOT_FOUND", row, eo, text="见附件", file_ids=[new_id()])


def test_the_talk_costs_the_same_for_one_file_and_for_many(row, eo):
    def cost():
        with CaptureQueriesContext(connection) as made:
            [[one.file.name for one in said.files.all()] for said in selectors.messages(row)]
        return len(made)

    talking.say(by=eo, response_id=row.pk, file_ids=[picture(eo).pk])
    few = cost()
    for _ in range(4):
        talking.say(by=eo, response_id=row.pk, text="再附两份", file_ids=[picture(eo).pk, picture(eo).pk])
    assert cost() == few == 2


def test_the_database_keeps_no_message_that_says_nothing(row):
    (by,) = agents(row.demand)
    with pytest.raises(IntegrityError, match="demand_message_not_empty"), transaction.atomic():
        DemandMessage.objects.create(response=row, side=Side.ENTERPRISE, author=by, at=clock.now())


@pytest.mark.parametrize("how", ["update", "delete"])
def test_what_was_attached_stays_attached(row, eo, how):
    talking.say(by=eo, response_id=row.pk, file_ids=[picture(eo).pk])
    rows = DemandMessageFile.objects.all()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        rows.update(file=picture(eo)) if how == "update" else rows.delete()
