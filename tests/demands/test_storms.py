"""Two at once: one wins and the other is told."""

from __future__ import annotations

from decimal import Decimal
from unittest import mock

import pytest

from accounts.states import Role
from contracts.models import Contract
from contracts.services import drafting
from demands.models import Demand, MissedSearch, Response
from demands.services import checking, common, expiring, posting, responding, talking, words
from demands.services.responding import Quote
from demands.states import DemandState, ResponseState, SynonymState
from engines.evidence.selectors import verify
from engines.notifications.models import OutboxEvent
from foundation import clock
from tests.demands.support import again, agent_of_provider, agents
from tests.factories.accounts import TESTER, make_user, officer
from tests.factories.contracts import make_parties, make_terms
from tests.factories.demands import DemandFactory, ResponseFactory, SynonymFactory, agent_of, taken_up
from tests.factories.providers import ProviderFactory
from tests.threads import outcomes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
QUOTE = Quote(Decimal("48000.00"), 60, "方案")


def unlocked(rows, pk, **fields):
    """In place of `lock`: the same row, held by nobody."""
    return rows.get(pk=pk)


def test_two_people_of_one_provider_answer_and_one_answer_lies_there():
    demand, provider = DemandFactory(state=DemandState.PUBLISHED), ProviderFactory(listed=True)
    people = [make_user(Role.PROVIDER_AGENT, organisation=provider.organisation) for _ in range(4)]
    outcome = outcomes_of(
        *[
            lambda by=by: responding.respond(by=by, provider_id=provider.pk, demand_id=demand.pk, quote=QUOTE)
            for by in people
        ]
    )
    assert sorted(outcome) == ["RESPONSE_EXISTS"] * 3 + ["ok"]
    assert Response.objects.count() == 1


def test_without_the_lock_the_constraint_still_holds():
    """The negative control: nobody locks the demand, and the database alone says no."""
    demand, provider = DemandFactory(state=DemandState.PUBLISHED), ProviderFactory(listed=True)
    people = [make_user(Role.PROVIDER_AGENT, organisation=provider.organisation) for _ in range(4)]
    with mock.patch.object(common, "lock", unlocked):
        outcome = outcomes_of(
            *[
                lambda by=by: responding.respond(by=by, provider_id=provider.pk, demand_id=demand.pk, quote=QUOTE)
                for by in people
            ]
        )
    assert sorted(outcome) == ["RESPONSE_EXISTS"] * 3 + ["ok"]
    assert Response.objects.count() == 1


def test_one_of_many_answers_is_taken_up():
    demand = DemandFactory(state=DemandState.PUBLISHED)
    rows = [ResponseFactory(demand=demand) for _ in range(4)]
    outcome = outcomes_of(
        *[
            lambda row=row, by=by: responding.take_up(by=by, response_id=row.pk, version=row.version)
            for row, by in zip(rows, agents(demand, 4), strict=True)
        ]
    )
    assert sorted(outcome) == ["WRONG_STATE"] * 3 + ["ok"]
    assert Response.objects.filter(state=ResponseState.TAKEN_UP).count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_taken_up_or_withdrawn_by_its_provider_but_not_both(_round):
    row = ResponseFactory()
    eo, po = agent_of(row.demand), agent_of_provider(row)
    outcome = outcomes_of(
        lambda: responding.take_up(by=eo, response_id=row.pk, version=row.version),
        lambda: responding.withdraw(by=po, response_id=row.pk, version=row.version, reason="排满"),
    )
    assert sorted(outcome) == ["VERSION_CONFLICT", "ok"]
    expected = {
        0: (ResponseState.TAKEN_UP, DemandState.MATCHING),
        1: (ResponseState.WITHDRAWN, DemandState.PUBLISHED),
    }[outcome.index("ok")]
    assert (again(row).state, again(row.demand).state) == expected


@pytest.mark.parametrize("_round", range(3))
def test_taken_up_while_the_enterprise_withdraws_the_demand(_round):
    row = ResponseFactory()
    one, other = agents(row.demand, 2)
    version = row.demand.version
    outcome = outcomes_of(
        lambda: responding.take_up(by=one, response_id=row.pk, version=row.version),
        lambda: posting.withdraw(by=other, demand_id=row.demand_id, version=version, reason="停办"),
    )
    assert outcome in (
        ["ok", "VERSION_CONFLICT"],
        ["WRONG_STATE", "ok"],
        ["VERSION_CONFLICT", "ok"],
    )
    over = outcome[1] == "ok"
    assert (again(row).state, again(row.demand).state) == (
        (ResponseState.CLOSED, DemandState.WITHDRAWN) if over else (ResponseState.TAKEN_UP, DemandState.MATCHING)
    )


def draft(parties, demand: Demand, by) -> Contract:
    return drafting.draft(
        by=by,
        enterprise_id=parties.enterprise.pk,
        product_id=parties.product.pk,
        demand_id=demand.pk,
        terms=make_terms(parties),
    )


def test_many_contracts_on_one_demand_and_one_is_drawn_up():
    parties = make_parties()
    demand = DemandFactory(enterprise=parties.enterprise, state=DemandState.PUBLISHED)
    outcome = outcomes_of(*[lambda by=by: draft(parties, demand, by) for by in agents(demand, 4)])
    assert sorted(outcome) == ["DEMAND_HAS_CONTRACT"] * 3 + ["ok"]
    assert Contract.objects.get().pk == again(demand).contract


def test_drafted_while_the_job_expires_it():
    parties = make_parties()
    demand = DemandFactory(enterprise=parties.enterprise, state=DemandState.PUBLISHED, shown_for=91)
    outcome = outcomes_of(
        lambda: draft(parties, demand, parties.eo),
        lambda: expiring.expire(by=TESTER, demand_id=demand.pk, day=clock.today()),
    )
    assert outcome in (["ok", "ok"], ["WRONG_STATE", "ok"])
    expected = DemandState.MATCHING if outcome[0] == "ok" else DemandState.EXPIRED
    assert again(demand).state == expected


def test_the_job_from_many_sides_expires_and_tells_once():
    row = taken_up(ResponseFactory(demand=DemandFactory(state=DemandState.PUBLISHED, shown_for=91)))
    before = OutboxEvent.objects.count()
    assert (
        outcomes_of(*[lambda: expiring.expire(by=TESTER, demand_id=row.demand_id, day=clock.today())] * 4) == ["ok"] * 4
    )
    assert again(row.demand).state == DemandState.EXPIRED
    assert OutboxEvent.objects.count() == before + 2  # the enterprise and the provider, once each


def test_two_officers_publish_and_one_does():
    demand = DemandFactory(state=DemandState.SUBMITTED)
    checked = checking.check(by=officer(Role.CENTRE_CHECKER), demand_id=demand.pk, version=demand.version)
    outcome = outcomes_of(
        *[
            lambda by=by: checking.publish(by=by, demand_id=demand.pk, version=checked.version)
            for by in [officer(Role.CENTRE_CHECKER) for _ in range(3)]
        ]
    )
    assert sorted(outcome) == ["VERSION_CONFLICT", "VERSION_CONFLICT", "ok"]


def test_many_messages_at_once_are_all_kept_and_told_once():
    row = ResponseFactory()
    people = agents(row.demand, 4)
    before = OutboxEvent.objects.count()
    assert (
        outcomes_of(*[lambda by=by: talking.say(by=by, response_id=row.pk, text="在吗？") for by in people])
        == ["ok"] * 4
    )
    assert row.messages.count() == 4
    assert OutboxEvent.objects.count() == before + 1


def test_a_group_is_confirmed_once_by_two():
    row = SynonymFactory()
    reviewers = [officer(Role.CENTRE_REVIEWER) for _ in range(2)]
    outcome = outcomes_of(*[lambda by=by: words.confirm(by=by, synonym_id=row.pk, version=1) for by in reviewers])
    assert sorted(outcome) == ["VERSION_CONFLICT", "ok"]
    assert again(row).state == SynonymState.CONFIRMED


def test_a_search_in_vain_by_many_is_one_line_with_its_count():
    assert outcomes_of(*[lambda: words.note_missed("量子炼丹")] * 6) == ["ok"] * 6
    assert MissedSearch.objects.get().times == 6


def test_every_chain_is_whole_after_a_storm():
    demand = DemandFactory(state=DemandState.PUBLISHED)
    rows = [ResponseFactory(demand=demand) for _ in range(3)]
    (eo,) = agents(demand)
    outcomes_of(
        lambda: responding.take_up(by=eo, response_id=rows[0].pk, version=1),
        lambda: responding.decline(by=eo, response_id=rows[1].pk, version=1, reason="价高"),
        lambda: responding.withdraw(by=agent_of_provider(rows[2]), response_id=rows[2].pk, version=1, reason="排满"),
    )
    assert verify()[1] == []
