"""A demand and the contract that answers it (第十八条第（四）项; DOMAIN 6.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from accounts.states import Role
from contracts.models import Contract
from contracts.services import drafting, endings, signing
from demands.models import Demand
from demands.services import checking, posting, responding
from demands.states import DemandState, ResponseState
from foundation import clock
from foundation.errors import DomainError
from foundation.jobs import run
from tests.demands.support import again, refusal
from tests.factories.accounts import Caller, officer
from tests.factories.contracts import Deal, make_parties, make_terms
from tests.factories.demands import DemandFactory, ResponseFactory, taken_up
from tests.factories.providers import ProductFactory

pytestmark = pytest.mark.django_db


class Pair:
    """A demand on the board and the two parties that may sign over it."""

    def __init__(self, **fields) -> None:
        self.parties = make_parties()
        self.demand = DemandFactory(
            enterprise=self.parties.enterprise, state=DemandState.PUBLISHED, categories=["diagnosis"], **fields
        )

    def draft(self, by=None, product=None) -> Deal:
        contract = drafting.draft(
            by=by or self.parties.eo,
            enterprise_id=self.parties.enterprise.pk,
            product_id=(product or self.parties.product).pk,
            demand_id=self.demand.pk,
            terms=make_terms(self.parties),
        )
        return Deal(self.parties, contract.pk)

    def answered(self):
        return taken_up(ResponseFactory(demand=self.demand, provider=self.parties.provider, offered_by=self.parties.po))

    @property
    def at(self) -> Demand:
        return again(self.demand)

    def refused(self, code: str, **fields) -> None:
        before = Contract.objects.count()
        refusal(code, self.demand, self.draft, **fields)
        assert Contract.objects.count() == before


def test_drafted_it_is_being_matched_and_signed_it_is_matched():
    pair = Pair()
    answer, rival = pair.answered(), ResponseFactory(demand=pair.demand)
    deal = pair.draft()
    assert (pair.at.state, pair.at.contract_number) == (DemandState.MATCHING, deal.at.number)
    deal.ready()
    deal.signing()
    assert pair.at.state == DemandState.MATCHING
    deal.signed()
    assert (pair.at.state, pair.at.contract) == (DemandState.MATCHED, deal.pk)
    assert (again(answer).state, again(rival).state) == (ResponseState.TAKEN_UP, ResponseState.CLOSED)
    assert deal.at.demand_id == pair.demand.pk


def test_the_enterprise_may_draft_without_any_answer():
    pair = Pair()
    pair.draft()
    assert pair.at.state == DemandState.MATCHING


def test_the_provider_drafts_only_once_it_was_taken_up():
    pair = Pair()
    pair.refused("DEMAND_NOT_OFFERED", by=pair.parties.po)
    pair.answered()
    pair.draft(by=pair.parties.po)
    assert pair.at.contract is not None


def test_not_with_another_than_the_one_taken_up():
    pair = Pair()
    pair.answered()
    pair.refused("DEMAND_WITH_OTHER", product=ProductFactory(on_shelf=True))


def test_one_contract_at_a_time():
    pair = Pair()
    pair.draft()
    pair.refused("DEMAND_HAS_CONTRACT")


def test_another_enterprises_demand_is_not_found():
    pair = Pair()
    pair.demand = DemandFactory(state=DemandState.PUBLISHED)
    pair.refused("NOT_FOUND")


@pytest.mark.parametrize("state", [DemandState.DRAFT, DemandState.SUBMITTED, DemandState.EXPIRED])
def test_only_what_is_shown_is_contracted(state):
    pair = Pair()
    pair.demand = DemandFactory(enterprise=pair.parties.enterprise, state=state)
    pair.refused("WRONG_STATE")


@pytest.mark.parametrize("until", ["draft", "signing", "signed"])
def test_cancelled_before_effect_it_is_open_again_and_the_answer_shortlisted(until):
    pair = Pair()
    answer = pair.answered()
    deal = pair.draft()
    for step in ("ready", "signing", "signed")[: ("draft", "x", "signing", "signed").index(until)]:
        getattr(deal, step)()
    act, by = (drafting.withdraw, pair.parties.eo) if until == "draft" else (signing.refuse, pair.parties.el)
    deal.do(act, by, reason="价格未谈妥")
    assert (pair.at.state, pair.at.contract, pair.at.contract_number) == (DemandState.PUBLISHED, None, "")
    assert again(answer).state == ResponseState.SHORTLISTED
    assert pair.draft().at.demand_id == pair.demand.pk


def test_timed_out_signing_frees_it_and_past_its_days_it_expires():
    pair = Pair(shown_for=88)
    deal = pair.draft()
    deal.ready()
    deal.signing()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        run("time_out_holds")
        assert (deal.at.state, pair.at.state) == ("cancelled", DemandState.EXPIRED)


def test_frozen_from_signing_and_voided_frees_it():
    pair = Pair()
    deal = pair.draft()
    deal.ready()
    deal.signing()
    deal.do(endings.freeze, officer(Role.DEPARTMENT), reason="核查")
    deal.do(endings.void, officer(Role.DEPARTMENT), reason="虚假交易")
    assert pair.at.state == DemandState.PUBLISHED


def test_in_effect_it_stays_matched_whatever_becomes_of_the_contract():
    pair = Pair()
    deal = pair.draft()
    for step in ("ready", "signing", "signed", "effective"):
        getattr(deal, step)()
    deal.do(endings.freeze, officer(Role.DEPARTMENT), reason="核查")
    deal.do(endings.void, officer(Role.DEPARTMENT), reason="虚假交易")
    assert pair.at.state == DemandState.MATCHED


def test_with_a_contract_on_it_it_is_not_withdrawn_nor_expired_nor_let_go():
    pair = Pair(shown_for=91)
    pair.demand.refresh_from_db()
    answer = pair.answered()
    pair.draft()
    row = pair.at
    refusal(
        "DEMAND_HAS_CONTRACT",
        row,
        posting.withdraw,
        by=pair.parties.eo,
        demand_id=row.pk,
        version=row.version,
        reason="停",
    )
    for act, by in ((responding.decline, pair.parties.eo), (responding.withdraw, pair.parties.po)):
        refusal("DEMAND_HAS_CONTRACT", answer, act, by=by, response_id=answer.pk, version=answer.version, reason="停")
    assert run("expire_demands") == {"expired": 0, "reminded": 0}


def test_taken_down_the_contract_goes_on_by_itself():
    pair = Pair()
    deal = pair.draft()
    row = pair.at
    checking.take_down(by=officer(Role.CENTRE_CHECKER), demand_id=row.pk, version=row.version, reason="不实")
    for step in ("ready", "signing", "signed"):
        getattr(deal, step)()
    assert (deal.at.state, pair.at.state) == ("signed_wait_deposit", DemandState.TAKEN_DOWN)


def test_over_the_api_the_contract_names_its_demand():
    pair = Pair()
    terms = {
        "amount": "12500.00",
        "voucher": "10000.00",
        "start_date": str(clock.today()),
        "end_date": str(clock.today() + timedelta(days=60)),
        "milestones": [{"title": "提交诊断报告", "due_date": str(clock.today() + timedelta(days=50))}],
    }
    body = {"enterprise": pair.parties.enterprise.pk, "product": pair.parties.product.pk, "demand": pair.demand.pk}
    answer = Caller(pair.parties.eo).act("contracts/", {**terms, **{k: str(v) for k, v in body.items()}})
    assert answer.status_code == 201, answer.content
    assert answer.json()["demand_id"] == str(pair.demand.pk)
    shown = Caller(pair.parties.eo).get(f"/api/v1/demands/{pair.demand.pk}/").json()
    assert (shown["state"], shown["contract_number"]) == ("matching", answer.json()["number"])


def test_the_database_holds_one_contract_a_demand():
    pair = Pair()
    deal = pair.draft()
    with pytest.raises(Exception, match="contract_demand_once"), transaction.atomic():
        other = Deal(pair.parties, drafting.draft(
            by=pair.parties.eo, enterprise_id=pair.parties.enterprise.pk, product_id=pair.parties.product.pk,
            terms=make_terms(pair.parties),
        ).pk).at  # fmt: skip
        other.demand_id = deal.at.demand_id
        other.save()


def test_a_draft_that_fails_binds_nothing():
    pair = Pair()
    with pytest.raises(DomainError, match="VOUCHER_OVER_BOUND"), transaction.atomic():
        drafting.draft(
            by=pair.parties.eo,
            enterprise_id=pair.parties.enterprise.pk,
            product_id=pair.parties.product.pk,
            demand_id=pair.demand.pk,
            terms=make_terms(pair.parties, voucher="99999.00"),
        )
    assert (pair.at.state, pair.at.contract) == (DemandState.PUBLISHED, None)
