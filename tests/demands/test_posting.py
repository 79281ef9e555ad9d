"""A demand's way to the board and off it (第十八条第（三）项; DOMAIN 6.4, row 13)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.states import Role
from demands import selectors
from demands.models import Demand
from demands.services import checking, posting
from demands.services.posting import Wish
from demands.states import DemandState, ResponseState
from engines.evidence import selectors as evidence
from engines.notifications.models import OutboxEvent
from enterprises.services import standing
from foundation import clock
from foundation.errors import DomainError
from tests.demands.support import again, agents, refusal
from tests.factories.accounts import make_user, officer
from tests.factories.demands import DemandFactory, ResponseFactory, agent_of
from tests.factories.enterprises import EnterpriseFactory

pytestmark = pytest.mark.django_db

WISH = Wish(
    title="数字化转型诊断",
    content="机加工企业，两条产线，想查明质量环节的短板，给出改造方案。",
    contact_name="李四",
    contact_phone="10012345678",
)


def refused(code: str, row: Demand, act, **fields) -> DomainError:
    """The act is refused with the code, and the row is as it was."""
    return refusal(code, row, act, demand_id=row.pk, version=row.version, **fields)


def checked(row: Demand) -> Demand:
    return checking.check(by=officer(Role.CENTRE_CHECKER), demand_id=row.pk, version=row.version)


def test_a_draft_is_numbered_and_pins_the_notice():
    enterprise = EnterpriseFactory(active=True)
    by = make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation)
    row = posting.create(by=by, enterprise_id=enterprise.pk, wish=WISH)
    assert row.number == f"XQ-{clock.today().year}-000001"
    assert row.notice.year == clock.today().year
    assert (row.state, row.categories) == (DemandState.DRAFT, [])


def test_categories_are_those_of_the_notice_each_once():
    enterprise = EnterpriseFactory(active=True)
    by = make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation)
    wish = Wish(**{**WISH.__dict__, "categories": ("testing", "diagnosis", "testing")})
    assert posting.create(by=by, enterprise_id=enterprise.pk, wish=wish).categories == ["diagnosis", "testing"]
    with pytest.raises(DomainError, match="UNKNOWN_CATEGORY"), transaction.atomic():
        posting.create(by=by, enterprise_id=enterprise.pk, wish=Wish(**{**WISH.__dict__, "categories": ("nails",)}))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fee_low": Decimal("5.00"), "fee_high": Decimal("4.00")}, "FEES_ORDER"),
        ({"starts_on": "later", "ends_on": "sooner"}, "DATES_ORDER"),
        ({}, "NOTHING_TO_CHANGE"),
        ({"title": "求环境影响评价服务"}, "NOTHING_TO_CHANGE"),
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(changes, code):
    today = clock.today()
    days = {"later": today + timedelta(days=9), "sooner": today}
    row = DemandFactory()
    given = {name: days.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}
    refused(code, row, posting.edit, by=agent_of(row), changes=given)


def test_a_draft_is_edited_and_the_chain_says_what():
    row = DemandFactory()
    row = posting.edit(by=agent_of(row), demand_id=row.pk, version=1, changes={"fee_high": Decimal("60000.00")})
    assert row.fee_high == Decimal("60000.00")
    assert evidence.of_subject(row).last().facts["fields"] == ["fee_high"]


def test_what_is_submitted_is_fixed():
    row = DemandFactory(state=DemandState.SUBMITTED)
    refused("WRONG_STATE", row, posting.edit, by=agent_of(row), changes={"title": "别的"})


@pytest.mark.parametrize("field", ["title", "content"])
def test_personal_data_is_refused_with_the_field_and_the_kind(field):
    row = DemandFactory(**{field: "请联系13800138000，需要环境影响评价服务一项"})
    error = refused("PERSONAL_DATA", row, posting.submit, by=agent_of(row))
    assert error.details["found"] == [{"field": field, "kind": "phone"}]
    assert f"{posting.LABELS[field]}中有电话号码（138…）" in error.message


def test_findings_are_kept_for_the_officer():
    enterprise = EnterpriseFactory(active=True)
    DemandFactory(enterprise=enterprise, state=DemandState.PUBLISHED, number="XQ-1", title="做环评")
    row = DemandFactory(enterprise=enterprise, title="做环评", content="短")
    row = posting.submit(by=agent_of(row), demand_id=row.pk, version=1)
    assert [finding["code"] for finding in row.findings] == ["too_short", "same_title"]


def test_only_an_active_enterprise_submits():
    row = DemandFactory(enterprise=EnterpriseFactory())
    error = refused("ENTERPRISE_NOT_ACTIVE", row, posting.submit, by=agent_of(row))
    assert "填报中" in error.message


def test_a_frozen_enterprises_demand_is_not_published_and_leaves_the_board():
    waiting = checked(DemandFactory(state=DemandState.SUBMITTED))
    shown = DemandFactory(enterprise=waiting.enterprise, state=DemandState.PUBLISHED)
    assert selectors.board().filter(pk=shown.pk).exists()
    enterprise = waiting.enterprise
    standing.freeze(
        by=officer(Role.DEPARTMENT), enterprise_id=enterprise.pk, version=again(enterprise).version, reason="核查"
    )
    refused("ENTERPRISE_NOT_ACTIVE", again(waiting), checking.publish, by=officer(Role.CENTRE_CHECKER))
    assert not selectors.board().exists()
    assert again(shown).state == DemandState.PUBLISHED


def test_published_is_shown_as_long_as_the_notice_says():
    row = checked(DemandFactory(state=DemandState.SUBMITTED))
    row = checking.publish(by=officer(Role.CENTRE_CHECKER), demand_id=row.pk, version=row.version)
    assert row.shown_until == clock.today() + timedelta(days=90)
    assert list(selectors.board()) == [row]
    assert OutboxEvent.objects.latest("pk").title.startswith("需求已发布")


def test_unchecked_is_not_published():
    row = DemandFactory(state=DemandState.SUBMITTED)
    refused("DEMAND_NOT_CHECKED", row, checking.publish, by=officer(Role.CENTRE_CHECKER))


def test_checked_once():
    row = checked(DemandFactory(state=DemandState.SUBMITTED))
    refused("DEMAND_CHECKED", row, checking.check, by=officer(Role.CENTRE_CHECKER))


def test_who_checked_does_not_publish_nor_take_down():
    row = DemandFactory(state=DemandState.SUBMITTED)
    first, second = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_CHECKER)
    row = checking.check(by=first, demand_id=row.pk, version=row.version)
    refused("NOT_ALLOWED", row, checking.publish, by=first)
    row = checking.publish(by=second, demand_id=row.pk, version=row.version)
    refused("NOT_ALLOWED", row, checking.take_down, by=first, reason="不实")
    assert checking.take_down(by=second, demand_id=row.pk, version=row.version, reason="不实").state == "taken_down"


def test_who_checked_an_earlier_round_does_not_publish_a_later_one():
    row = DemandFactory(state=DemandState.SUBMITTED)
    first = officer(Role.CENTRE_CHECKER)
    row = checking.send_back(by=first, demand_id=row.pk, version=row.version, reason="请写明规模")
    assert row.reason == "请写明规模"
    row = posting.submit(by=agent_of(row), demand_id=row.pk, version=row.version)
    row = checked(row)
    refused("NOT_ALLOWED", row, checking.publish, by=first)


def test_after_the_check_only_another_one_returns_it():
    row = DemandFactory(state=DemandState.SUBMITTED)
    first = officer(Role.CENTRE_CHECKER)
    row = checking.check(by=first, demand_id=row.pk, version=row.version)
    refused("NOT_ALLOWED", row, checking.send_back, by=first, reason="改主意了")
    row = checking.send_back(by=officer(Role.CENTRE_CHECKER), demand_id=row.pk, version=row.version, reason="含糊")
    assert row.state == DemandState.RETURNED


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR])
def test_other_officers_only_look(role):
    by, row = officer(role), DemandFactory(state=DemandState.SUBMITTED)
    assert selectors.visible_demands(by).filter(pk=row.pk).exists()
    refused("NOT_ALLOWED", row, checking.check, by=by)
    refused("NOT_ALLOWED", row, checking.send_back, by=by, reason="不实")


def test_another_enterprise_can_do_nothing_with_it():
    row, stranger = DemandFactory(), agent_of(DemandFactory())
    refused("NOT_ALLOWED", row, posting.submit, by=stranger)
    refused("NOT_ALLOWED", row, posting.edit, by=stranger, changes={"title": "别的"})
    refused("NOT_ALLOWED", row, posting.withdraw, by=stranger, reason="试试")


def test_withdrawn_closes_what_was_answered_and_tells():
    response = ResponseFactory()
    row = response.demand
    posting.withdraw(by=agent_of(row), demand_id=row.pk, version=row.version, reason="项目暂缓")
    assert (again(row).state, again(response).state) == (DemandState.WITHDRAWN, ResponseState.CLOSED)
    assert OutboxEvent.objects.latest("pk").organisation_ids == [response.provider.organisation_id]


def test_taken_down_leaves_the_board():
    row = DemandFactory(state=DemandState.PUBLISHED)
    checking.take_down(by=officer(Role.CENTRE_CHECKER), demand_id=row.pk, version=row.version, reason="不实")
    assert not selectors.board().exists()


def test_a_city_sees_its_own_enterprises_demands():
    here = DemandFactory()
    DemandFactory(enterprise=EnterpriseFactory(active=True, region_code="450203"))
    city = make_user(Role.CITY)
    assert list(selectors.visible_demands(city)) == [here]


def test_a_provider_reads_the_board_and_not_the_file():
    row = DemandFactory(state=DemandState.PUBLISHED)
    provider = make_user(Role.PROVIDER_AGENT)
    assert not selectors.visible_demands(provider).filter(pk=row.pk).exists()


def test_a_colleague_may_go_on_with_it():
    row = DemandFactory()
    (colleague,) = agents(row)
    assert posting.submit(by=colleague, demand_id=row.pk, version=1).state == DemandState.SUBMITTED
