"""Quotes, who sees them, and the choice among them (第十八条第（四）项; DOMAIN row 14)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.states import Role
from demands import policies, selectors
from demands.models import DemandMessage, Response
from demands.services import checking, posting, responding, talking
from demands.services.responding import Quote
from demands.states import DemandState, ResponseState
from engines.evidence import services as evidence
from engines.notifications.models import OutboxEvent
from foundation.errors import DomainError
from providers.services import shelf, standing
from tests.demands.support import again, agent_of_provider, agents, refusal
from tests.factories.accounts import TESTER, make_organisation, make_user, officer
from tests.factories.demands import DemandFactory, ResponseFactory, agent_of, said, taken_up
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

pytestmark = pytest.mark.django_db
QUOTE = Quote(price=Decimal("48000.00"), days=60, proposal="现场踏勘、监测、编制并陪同报批。")


def respond(demand, provider=None, quote=QUOTE) -> Response:
    provider = provider or ProviderFactory(listed=True)
    by = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    return responding.respond(by=by, provider_id=provider.pk, demand_id=demand.pk, quote=quote)


def refused(code: str, row: Response, act, **fields) -> DomainError:
    return refusal(code, row, act, response_id=row.pk, version=row.version, **fields)


@pytest.fixture
def shown():
    return DemandFactory(state=DemandState.PUBLISHED)


def no_answer(code: str, demand, provider=None, quote=QUOTE) -> None:
    before = Response.objects.count()
    refusal(code, demand, lambda: respond(demand, provider, quote))
    assert Response.objects.count() == before


def test_a_quote_lies_with_the_enterprise_which_is_told(shown):
    row = respond(shown)
    assert (row.state, row.price) == (ResponseState.OFFERED, Decimal("48000.00"))
    told = OutboxEvent.objects.latest("pk")
    assert told.organisation_ids == [shown.enterprise.organisation_id]
    assert "48,000.00元" in told.body
    assert selectors.board().get().answers == 1


def test_the_product_named_keeps_its_name_and_list_price(shown):
    product = ProductFactory(on_shelf=True)
    quote = Quote(Decimal("9000.00"), 30, "方案", product.pk)
    row = respond(shown, product.provider, quote)
    assert (row.product_name, row.list_price) == (product.name, Decimal("12500.00"))


def test_another_providers_product_is_not_found(shown):
    no_answer("NOT_FOUND", shown, quote=Quote(Decimal("1.00"), 1, "方案", ProductFactory(on_shelf=True).pk))


def test_a_product_off_the_shelf_is_not_found(shown):
    product = ProductFactory(on_shelf=True)
    shelf.take_off(by=signatory_of(product.provider), product_id=product.pk, version=product.version, reason="不再提供")
    no_answer("NOT_FOUND", shown, product.provider, Quote(Decimal("1.00"), 1, "方案", product.pk))


def test_only_a_listed_provider_answers(shown):
    no_answer("PROVIDER_NOT_LISTED", shown, ProviderFactory())


@pytest.mark.parametrize(
    "state", [DemandState.DRAFT, DemandState.SUBMITTED, DemandState.WITHDRAWN, DemandState.EXPIRED]
)
def test_what_is_not_on_the_board_is_not_there(state):
    no_answer("NOT_FOUND", DemandFactory(state=state))


def test_what_is_past_its_days_is_not_there_before_the_job_has_run():
    no_answer("NOT_FOUND", DemandFactory(state=DemandState.PUBLISHED, shown_for=91))


def test_nobody_answers_his_own_demand(shown):
    organisation = make_organisation("provider", uscc=shown.enterprise.uscc)
    no_answer("SAME_PARTY", shown, ProviderFactory(listed=True, organisation=organisation))


def test_one_live_answer_each(shown):
    row = respond(shown)
    no_answer("RESPONSE_EXISTS", shown, row.provider)
    responding.withdraw(by=agent_of_provider(row), response_id=row.pk, version=row.version, reason="改价")
    assert respond(shown, row.provider, Quote(Decimal("40000.00"), 60, "方案")).price == Decimal("40000.00")


def test_a_demand_being_matched_takes_no_more(shown):
    taken_up(ResponseFactory(demand=shown))
    no_answer("DEMAND_MATCHING", shown)


def test_another_provider_sees_neither_quote_nor_talk(shown):
    row = ResponseFactory(demand=shown)
    rival = ResponseFactory(demand=shown)
    assert list(selectors.visible_responses(agent_of_provider(rival))) == [rival]
    assert set(selectors.visible_responses(agent_of(shown))) == {row, rival}
    assert set(selectors.visible_responses(officer(Role.DEPARTMENT))) == {row, rival}
    assert not selectors.visible_responses(agent_of(DemandFactory())).exists()


def test_taken_up_the_demand_is_being_matched(shown):
    row = taken_up(ResponseFactory(demand=shown))
    assert (row.state, again(shown).state) == (ResponseState.TAKEN_UP, DemandState.MATCHING)
    assert selectors.board().filter(pk=shown.pk).exists()


def test_only_one_is_taken_up(shown):
    first, second = ResponseFactory(demand=shown), ResponseFactory(demand=shown)
    taken_up(first)
    refused("WRONG_STATE", second, responding.take_up, by=agent_of(shown))


def test_the_provider_does_not_choose_itself(shown):
    row = ResponseFactory(demand=shown)
    by = agent_of_provider(row)
    refused("NOT_ALLOWED", row, responding.take_up, by=by)
    refused("NOT_ALLOWED", row, responding.shortlist, by=by)
    refused("NOT_ALLOWED", row, responding.decline, by=by, reason="不")
    refused("NOT_ALLOWED", row, responding.withdraw, by=agent_of(shown), reason="不")


@pytest.mark.parametrize("how", ["decline", "withdraw"])
def test_when_the_one_taken_up_falls_out_the_demand_is_open_again(shown, how):
    row = taken_up(ResponseFactory(demand=shown))
    by = agent_of(shown) if how == "decline" else agent_of_provider(row)
    getattr(responding, how)(by=by, response_id=row.pk, version=row.version, reason="谈不拢")
    assert again(shown).state == DemandState.PUBLISHED
    assert again(row).state in (ResponseState.DECLINED, ResponseState.WITHDRAWN)
    assert respond(shown).state == ResponseState.OFFERED


def test_out_of_its_days_it_expires_instead(shown):
    old = DemandFactory(state=DemandState.PUBLISHED, shown_for=91)
    row, other = ResponseFactory(demand=old), ResponseFactory(demand=old)
    row = taken_up(row)
    responding.decline(by=agent_of(old), response_id=row.pk, version=row.version, reason="谈不拢")
    assert again(old).state == DemandState.EXPIRED
    assert (again(row).state, again(other).state) == (ResponseState.DECLINED, ResponseState.CLOSED)


def test_shortlisted_once(shown):
    row = ResponseFactory(demand=shown)
    row = responding.shortlist(by=agent_of(shown), response_id=row.pk, version=row.version)
    refused("WRONG_STATE", row, responding.shortlist, by=agent_of(shown))
    assert taken_up(row).state == ResponseState.TAKEN_UP


@pytest.mark.parametrize("end", ["withdraw", "take_down"])
def test_a_demand_that_ends_closes_the_one_taken_up_too(shown, end):
    row = taken_up(ResponseFactory(demand=shown))
    demand = again(shown)
    fields = {"demand_id": demand.pk, "version": demand.version, "reason": "停办"}
    if end == "withdraw":
        posting.withdraw(by=agent_of(shown), **fields)
    else:
        checking.take_down(by=officer(Role.CENTRE_CHECKER), **fields)
    assert again(row).state == ResponseState.CLOSED


def test_an_old_version_is_a_conflict(shown):
    row = ResponseFactory(demand=shown)
    evidence.record(again(row), act="touch", by=TESTER)
    refused("VERSION_CONFLICT", row, responding.take_up, by=agent_of(shown))


class TestTalk:
    def test_both_sides_write_and_nobody_else(self):
        row = ResponseFactory()
        said(row)
        talking.say(by=agent_of_provider(row), response_id=row.pk, text="三条。")
        assert [(m.side, m.text) for m in selectors.messages(row)] == [
            ("enterprise", "请问共有几条产线？"),
            ("provider", "三条。"),
        ]
        refusal("NOT_ALLOWED", row, talking.say, by=officer(Role.DEPARTMENT), response_id=row.pk, text="你好")
        rival = agent_of_provider(ResponseFactory(demand=row.demand))
        refusal("NOT_ALLOWED", row, talking.say, by=rival, response_id=row.pk, text="你好")

    def test_the_other_side_is_told_once_until_it_has_read(self):
        row = ResponseFactory()
        before = OutboxEvent.objects.count()
        for _ in range(3):
            said(row)
        assert OutboxEvent.objects.count() == before + 1
        talking.read(by=agent_of_provider(row), response_id=row.pk)
        said(row)
        assert OutboxEvent.objects.count() == before + 2

    def test_unread_is_counted_for_each_side(self):
        row = ResponseFactory()
        po, eo = agent_of_provider(row), agent_of(row.demand)
        said(row)
        said(row)
        counts = [selectors.visible_responses(user).get(pk=row.pk).unread for user in (po, eo)]
        assert counts == [2, 0]
        talking.read(by=po, response_id=row.pk)
        said(row)
        assert selectors.visible_responses(po).get(pk=row.pk).unread == 1
        assert selectors.visible_responses(officer(Role.DEPARTMENT)).get(pk=row.pk).unread == 0

    def test_reading_twice_changes_nothing(self):
        row = ResponseFactory()
        said(row)
        po = agent_of_provider(row)
        talking.read(by=po, response_id=row.pk)
        at = row.marks.get().at
        talking.read(by=po, response_id=row.pk)
        assert row.marks.get().at == at

    def test_a_talk_ends_with_its_answer(self):
        row = ResponseFactory()
        responding.withdraw(by=agent_of_provider(row), response_id=row.pk, version=row.version, reason="排满")
        refusal("WRONG_STATE", row, talking.say, by=agent_of(row.demand), response_id=row.pk, text="在吗")
        assert not DemandMessage.objects.exists()


def test_a_suspended_provider_cannot_answer(shown):
    provider = ProviderFactory(listed=True)
    listing = provider.listings.get()
    standing.suspend(by=officer(Role.DEPARTMENT), listing_id=listing.pk, version=listing.version, reason="核查")
    no_answer("PROVIDER_NOT_LISTED", shown, provider)


def test_two_agents_of_one_enterprise_choose_together(shown):
    first, second = ResponseFactory(demand=shown), ResponseFactory(demand=shown)
    one, other = agents(shown, 2)
    responding.shortlist(by=one, response_id=first.pk, version=first.version)
    responding.decline(by=other, response_id=second.pk, version=second.version, reason="价高")
    assert (again(first).state, again(second).state) == (ResponseState.SHORTLISTED, ResponseState.DECLINED)


def test_the_contact_is_for_the_two_sides_once_the_quote_was_taken_up():
    response = ResponseFactory()
    provider, enterprise = agent_of_provider(response), agent_of(response.demand)
    assert not policies.sees_contact(provider, response)
    response = taken_up(response)
    assert policies.sees_contact(provider, response)
    assert policies.sees_contact(enterprise, response)
    assert not policies.sees_contact(officer(Role.DEPARTMENT), response)
