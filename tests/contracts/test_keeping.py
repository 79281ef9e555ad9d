"""What a contract waits for is kept beside it, in the act that changes it; what is written past the services is found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from contracts import awaited
from contracts.models import Contract, Wait
from contracts.services import keeping, signing
from contracts.states import Awaited
from engines.evidence import selectors as evidence
from engines.evidence import services as evidence_services
from foundation import jobs
from sample.deals import Deal
from tests.factories.contracts import make_contract

pytestmark = pytest.mark.django_db


def give_up(deal: Deal) -> None:
    """A signatory refuses to sign."""
    deal.do(signing.refuse, deal.parties.el, reason="不再需要")


def test_an_act_keeps_what_follows_from_it() -> None:
    deal = make_contract("signed")
    wait = Wait.objects.get(contract=deal.pk)
    assert (wait.awaited, wait.what) == (Awaited.DEPOSIT, "")


def test_one_statement_whatever_the_act_wrote(django_assert_num_queries: Any) -> None:
    deal = make_contract("signed")
    keeping.keep([deal.pk])
    with django_assert_num_queries(1):
        assert keeping.keep([deal.pk]) == 0


def test_nothing_stands_beside_what_is_over() -> None:
    deal = make_contract("signing")
    assert Wait.objects.filter(contract=deal.pk).exists()
    give_up(deal)
    assert not Wait.objects.filter(contract=deal.pk).exists()


@pytest.mark.writes_past_us
def test_without_following_it_would_stay_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of `waits_are_kept`."""
    deal = make_contract("ready")
    monkeypatch.setattr(evidence_services, "_followed", {})
    deal.signing()
    assert Wait.objects.get(contract=deal.pk).awaited == Awaited.START_SIGNING
    assert keeping.differing() == [deal.pk]


@pytest.mark.writes_past_us
@pytest.mark.parametrize("written", ["UPDATE contracts_wait SET since_on = '2026-01-01'", "DELETE FROM contracts_wait"])
def test_what_was_written_past_us_is_found_and_put_right_at_night(written: str) -> None:
    deal = make_contract("signed")
    with connection.cursor() as cursor:
        cursor.execute(written)
    assert [(one.kind, one.subject_id) for one in evidence.verify()[1]] == [("altered", deal.pk)]
    assert jobs.run("keep_waits")["mended"] == 1
    assert keeping.differing() == []
    assert jobs.run("keep_waits")["mended"] == 0


@pytest.mark.writes_past_us
def test_a_wait_too_many_is_taken_away() -> None:
    deal = make_contract("signing")
    give_up(deal)
    Wait.objects.create(contract_id=deal.pk, awaited=Awaited.DEPOSIT, since_on="2026-01-01")
    assert keeping.differing() == [deal.pk]
    assert keeping.put_right() == 1
    assert not Wait.objects.exists()


def test_every_contract_of_every_state_is_told_the_same_as_by_the_table() -> None:
    deals = [make_contract(step) for step in ("draft", "signing", "signed")]
    told = {row.pk: row.found_awaited for row in awaited.found()}
    assert dict(Wait.objects.values_list("contract", "awaited")) == told
    assert Contract.objects.count() == len(deals)
