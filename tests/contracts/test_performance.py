"""A provider's contracts in public figures (第十六条): counted by hand here, by one query there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts import jobs, performance
from contracts.performance import Performance
from contracts.services import closing, endings, signing
from contracts.services import performance as work
from contracts.states import Fault, State
from foundation import clock
from foundation.locking import unit_of_work
from tests.factories.accounts import TESTER, Caller, both_sides, officer
from tests.factories.contracts import RATINGS, make_contract, make_parties
from tests.factories.credit import make_complaint
from tests.factories.providers import ProductFactory, ProviderFactory

pytestmark = pytest.mark.django_db
YEAR = clock.today().year
SMALL = {"amount": "1250.00"}


def figures(parties, year=None) -> Performance:
    return performance.performance([parties.provider], year)[parties.provider.pk]


def rated(parties, **ratings):
    deal = make_contract("paid_up", parties=parties, **SMALL)
    deal.do(work.sign_confirmation, parties.pl, content="已完成")
    deal.do(work.countersign_confirmation, parties.el, ratings={**RATINGS, **ratings})
    return deal


def terminated(parties):
    deal = make_contract("performing", parties=parties, **SMALL)
    request = deal.do(endings.request_termination, parties.el, fault=Fault.PROVIDER, reason="未能履约")
    request = endings.check_termination(
        by=officer(Role.CENTRE_CHECKER), termination_id=request.pk, version=1, fault="provider", reason="属实"
    )
    endings.decide_termination(
        by=officer(Role.CENTRE_REVIEWER), termination_id=request.pk, version=request.version, reason="同意"
    )


def test_a_provider_without_contracts_has_zeros_and_no_shares():
    parties = make_parties()
    found = figures(parties)
    assert (found.effective, found.completion_rate, found.median_days, found.rating_label) == (
        0,
        None,
        None,
        "评价不足",
    )
    assert set(found.ratings) == set(RATINGS)
    assert found.complaints == 0


def test_each_contract_is_counted_where_it_belongs():
    parties = make_parties()
    make_contract("draft", parties=parties, **SMALL)
    make_contract("signing", parties=parties, **SMALL)
    cancelled = make_contract("signing", parties=parties, **SMALL)
    cancelled.do(signing.refuse, parties.pl, reason="无法按期")
    make_contract("performing", parties=parties, **SMALL)
    disputed = make_contract("delivered", parties=parties, **SMALL)
    disputed.do(endings.open_dispute, parties.eo, reason="分歧")
    terminated(parties)
    make_contract("confirmed", parties=parties, **SMALL)
    make_contract("confirmed", parties=parties, **SMALL)
    found = figures(parties)
    assert (found.effective, found.running, found.confirmed, found.settled, found.failed, found.cancelled) == (
        5, 2, 2, 0, 1, 1,
    )  # fmt: skip
    assert found.completion_rate == Decimal("0.6667")


def test_what_gave_its_money_back_at_new_year_counts_as_cancelled_all_the_same():
    with time_machine.travel(clock.start_of(date(2026, 12, 28)), tick=False) as traveller:
        deal = make_contract("signed", **SMALL)
        traveller.move_to(clock.start_of(date(2027, 1, 1)))
        jobs.close_year(clock.today())
        assert (deal.at.hold, figures(deal.parties).cancelled) == (None, 0)
        traveller.move_to(clock.start_of(date(2027, 1, 28)))
        jobs.time_out_deposits(clock.today())
        assert (deal.at.state, figures(deal.parties).cancelled) == (State.CANCELLED, 1)
        assert [figures(deal.parties, year).cancelled for year in (2026, 2027)] == [0, 0]


def test_a_settled_contract_is_confirmed_and_settled():
    parties = make_parties()
    deal = make_contract("confirmed", parties=parties)
    with unit_of_work():
        closing.settle(closing.lock_for_settlement(deal.pk), amount=deal.at.voucher, by=TESTER, reason="x")
    assert (figures(parties).confirmed, figures(parties).settled) == (1, 1)


def test_the_median_runs_from_effect_to_confirmation():
    parties = make_parties()
    start = clock.now()
    for days in (10, 20, 60):
        with time_machine.travel(start, tick=True):
            deal = make_contract("effective", parties=parties, end_date=clock.today() + timedelta(days=30), **SMALL)
        with time_machine.travel(start + timedelta(days=days), tick=True):
            for step in ("performing", "delivered", "accepted", "paid_up", "confirmed"):
                getattr(deal, step)()
    found = figures(parties)
    assert (found.median_days, found.agreed_days) == (Decimal("20.0"), Decimal("30.0"))
    assert found.on_time_rate == Decimal("0.6667")


def test_ratings_are_means_once_there_are_enough():
    parties = make_parties()
    rated(parties, quality=5)
    rated(parties, quality=4)
    assert (figures(parties).rated, figures(parties).rating, figures(parties).ratings["quality"]) == (2, None, None)
    rated(parties, quality=3)
    found = figures(parties)
    assert (found.rated, found.ratings["quality"], found.ratings["value"]) == (3, Decimal("4.00"), Decimal("4.00"))
    assert (found.rating, found.rating_label) == (Decimal("4.40"), "4.40")


def test_rectifications_are_summed():
    parties = make_parties()
    deal = make_contract("delivered", parties=parties)
    deal.do(work.reject, parties.eo, reason="再改")
    assert figures(parties).rectifications == 1


def test_a_year_is_the_quotas_year():
    parties = make_parties()
    make_contract("performing", parties=parties)
    assert (figures(parties, YEAR).effective, figures(parties, YEAR - 1).effective) == (1, 0)


def test_another_providers_contracts_do_not_count():
    parties = make_parties()
    make_contract("performing", parties=make_parties(enterprise=parties.enterprise))
    assert figures(parties).effective == 0


def test_complaints_found_true_count_in_the_year_of_their_decision():
    parties = make_parties()
    eo, house = parties.eo, parties.provider.organisation
    make_complaint("upheld", filer=eo, against=house)
    make_complaint("not_upheld", filer=eo, against=house)
    make_complaint("investigated", filer=eo, against=house)
    make_complaint("upheld", filer=eo)  # against somebody else
    found = [figures(parties, year).complaints for year in (None, YEAR, YEAR - 1)]
    assert found == [1, 1, 0]


def test_many_providers_cost_one_query_more_than_none():
    parties = make_parties()
    make_contract("confirmed", parties=parties)
    houses = [parties.provider, *(ProviderFactory(listed=True) for _ in range(3))]
    performance.performance([])
    with CaptureQueriesContext(connection) as few:
        performance.performance([houses[0]], YEAR)
    with CaptureQueriesContext(connection) as many:
        performance.performance(houses, YEAR)
    assert len(few) == len(many) <= 3


# Over HTTP, for everybody.


def test_everybody_reads_a_listed_providers_figures(anonymous):
    parties = make_parties()
    make_contract("confirmed", parties=parties)
    found = anonymous.get(f"/api/v1/providers/{parties.provider.pk}/performance/?year={YEAR}").json()
    assert (found["name"], found["year"], found["confirmed"]) == (parties.provider.name, YEAR, 1)
    assert (found["completion_rate"], found["rating_label"]) == ("1.0000", "评价不足")
    assert found["explain"]["article"].startswith("第十六条")
    assert set(found["explain"]["formulas"]) <= set(found)
    assert not {"contact_name", "legal_representative"} & set(found)


def test_a_provider_that_is_not_listed_has_no_public_figures(anonymous):
    assert anonymous.get(f"/api/v1/providers/{ProviderFactory().pk}/performance/").status_code == 404


def test_the_list_holds_every_listed_provider_and_costs_the_same_for_more(anonymous):
    parties = make_parties()
    make_contract("confirmed", parties=parties)
    with CaptureQueriesContext(connection) as few:
        rows = anonymous.get("/api/v1/performance/").json()["results"]
    for _ in range(9):
        ProductFactory(on_shelf=True)
    with CaptureQueriesContext(connection) as many:
        more = anonymous.get(f"/api/v1/performance/?year={YEAR}").json()["results"]
    assert (len(rows), len(more), {row["confirmed"] for row in more}) == (1, 10, {0, 1})
    assert len(many) <= len(few) + 1


def test_a_complaint_found_true_is_public_with_the_figures_and_nothing_of_who_complained(anonymous):
    parties = make_parties()
    make_complaint("upheld", filer=parties.eo, against=parties.provider.organisation)
    one = anonymous.get(f"/api/v1/providers/{parties.provider.pk}/performance/").json()
    (row,) = anonymous.get(f"/api/v1/performance/?year={YEAR}").json()["results"]
    assert (one["complaints"], row["complaints"]) == (1, 1)
    assert one["explain"]["formulas"]["complaints"].startswith("投诉：针对该服务商并经查实的投诉件数")
    assert parties.enterprise.name not in str([one, row])


def test_a_year_that_cannot_be_is_refused(anonymous):
    provider = ProviderFactory(listed=True)
    answers = [
        anonymous.get(f"/api/v1/{path}?year={year}")
        for year in ("26", "2026.5")
        for path in ("performance/", f"providers/{provider.pk}/performance/")
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (400, "FILTER_INVALID"), (400, "YEAR_INVALID"),
    ] * 2  # fmt: skip


def test_a_signed_in_provider_reads_its_own_before_it_is_listed():
    provider = ProviderFactory()
    agent = both_sides(provider.organisation)[0]
    assert Caller(agent).get(f"/api/v1/providers/{provider.pk}/performance/").json()["effective"] == 0


@pytest.mark.django_db
def test_the_public_list_is_searched_by_name_and_by_code(anonymous):
    one, other = ProviderFactory(listed=True), ProviderFactory(listed=True)

    def found(asked: str) -> list[str]:
        return [row["id"] for row in anonymous.get(f"/api/v1/performance/?{asked}").json()["results"]]

    assert sorted(found("year=2026")) == sorted([str(one.pk), str(other.pk)])
    assert found(f"uscc={one.uscc}") == [str(one.pk)]
    assert found(f"name={other.name}&year=2026") == [str(other.pk)]
    assert found("uscc=91450199MA6K00014C") == []
