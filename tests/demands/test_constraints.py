"""Every rule that the tables hold by themselves, broken by its name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from demands.models import Demand, DemandMessage, MissedSearch, Response, Synonym, ThreadMark
from demands.states import DemandState, ResponseState, Side, SynonymState
from engines.evidence import services as evidence
from foundation import clock
from tests.demands.support import agents
from tests.factories.accounts import TESTER
from tests.factories.demands import DemandFactory, ResponseFactory, SynonymFactory, said

pytestmark = pytest.mark.django_db


def broken(name: str, row, **fields) -> None:
    """The row with those fields is refused by that constraint, by its name."""
    declared = {constraint.name for constraint in type(row)._meta.constraints}
    assert name in declared
    for field, value in fields.items():
        row.__dict__[field] = value
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        evidence.record(row, act="break", by=TESTER)


@pytest.mark.parametrize(
    ("name", "state", "fields"),
    [
        ("demand_fees_in_order", "draft", {"fee_low": Decimal("2.00"), "fee_high": Decimal("1.00")}),
        ("demand_fees_not_negative", "draft", {"fee_high": Decimal("0.00")}),
        ("demand_fees_not_negative", "draft", {"fee_low": Decimal("-1.00")}),
        ("demand_submit_both", "draft", {"submitted_at": clock.now()}),
        ("demand_check_both", "submitted", {"checked_at": clock.now()}),
        ("demand_publish_both", "submitted", {"published_at": clock.now()}),
        ("demand_submitted_state", "submitted", {"submitted_by_id": None, "submitted_at": None}),
        ("demand_published_state", "published", {"checked_by_id": None, "checked_at": None}),
        ("demand_contract_state", "published", {"contract": uuid4(), "contract_number": "FWQ-1"}),
        ("demand_reason_given", "returned", {"reason": ""}),
    ],
)
def test_a_demand(name, state, fields):
    broken(name, DemandFactory(state=state), **fields)


def test_a_demands_dates():
    today = clock.today()
    broken("demand_dates_in_order", DemandFactory(), starts_on=today, ends_on=today - timedelta(days=1))


def test_a_demands_number():
    row = DemandFactory()
    broken("demand_number_once", DemandFactory(), number=row.number)


def test_one_person_checks_and_publishes():
    row = DemandFactory(state=DemandState.PUBLISHED)
    broken("demand_check_publish_differ", row, published_by_id=row.checked_by_id)


def test_matched_without_a_contract():
    row = DemandFactory(state=DemandState.MATCHING)
    broken("demand_matched_state", row, state=DemandState.MATCHED)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("response_price_positive", {"price": Decimal("0.00")}),
        ("response_days_positive", {"days": 0}),
        ("response_product_whole", {"product_name": "某产品"}),
        ("response_product_whole", {"list_price": Decimal("1.00")}),
        ("response_reason_given", {"state": ResponseState.DECLINED}),
    ],
)
def test_a_response(name, fields):
    broken(name, ResponseFactory(), **fields)


def test_two_live_answers_of_one_provider():
    row = ResponseFactory()
    with pytest.raises(IntegrityError, match="response_one_live"), transaction.atomic():
        ResponseFactory(demand=row.demand, provider=row.provider)


def test_two_answers_taken_up():
    row = ResponseFactory(state=ResponseState.TAKEN_UP)
    with pytest.raises(IntegrityError, match="response_one_taken_up"), transaction.atomic():
        ResponseFactory(demand=row.demand, state=ResponseState.TAKEN_UP)


@pytest.mark.parametrize(
    ("name", "state", "fields"),
    [
        ("synonym_code_shape", "proposed", {"code": "Kaizen"}),
        ("synonym_has_words", "proposed", {"words": []}),
        ("synonym_decision_both", "proposed", {"decided_at": clock.now()}),
        ("synonym_decided_state", "proposed", {"state": SynonymState.CONFIRMED}),
        ("synonym_reason_given", "confirmed", {"state": SynonymState.RETIRED}),
    ],
)
def test_a_synonym(name, state, fields):
    broken(name, SynonymFactory(state=state), **fields)


def test_one_person_proposes_and_confirms():
    row = SynonymFactory(state=SynonymState.CONFIRMED)
    broken("synonym_two_people", row, decided_by_id=row.proposed_by_id)


@pytest.mark.parametrize(("state", "name"), [("proposed", "synonym_one_proposal"), ("confirmed", "synonym_code_once")])
def test_two_groups_of_one_code(state, name):
    SynonymFactory(state=state)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        SynonymFactory(state=state)


def test_a_message_says_something():
    row = ResponseFactory()
    (by,) = agents(row.demand)
    with pytest.raises(IntegrityError, match="demand_message_not_empty"), transaction.atomic():
        DemandMessage.objects.create(response=row, side=Side.ENTERPRISE, author=by, text="", at=clock.now())


@pytest.mark.parametrize("how", ["update", "delete"])
def test_a_message_stays_as_it_was_written(how):
    message = said(ResponseFactory())
    rows = DemandMessage.objects.filter(pk=message.pk)
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        rows.update(text="别的") if how == "update" else rows.delete()


def test_one_mark_a_side():
    row = ResponseFactory()
    values = {"response": row, "side": Side.PROVIDER, "read_to": uuid4(), "at": clock.now()}
    ThreadMark.objects.create(**values)
    with pytest.raises(IntegrityError, match="thread_mark_once"), transaction.atomic():
        ThreadMark.objects.create(**values)


def test_one_line_a_wording():
    values = {"text": "量子炼丹", "first_at": clock.now(), "last_at": clock.now()}
    MissedSearch.objects.create(**values)
    with pytest.raises(IntegrityError, match="missed_search_once"), transaction.atomic():
        MissedSearch.objects.create(**values)


def test_nothing_is_forgotten_here():
    tested = {
        "demand_fees_in_order", "demand_fees_not_negative", "demand_submit_both", "demand_check_both",
        "demand_publish_both", "demand_submitted_state", "demand_published_state", "demand_contract_state",
        "demand_reason_given", "demand_dates_in_order", "demand_number_once", "demand_check_publish_differ",
        "demand_matched_state", "response_price_positive", "response_days_positive", "response_product_whole",
        "response_reason_given", "response_one_live", "response_one_taken_up", "synonym_code_shape", "synonym_has_words",
        "synonym_decision_both", "synonym_decided_state", "synonym_reason_given", "synonym_two_people",
        "synonym_one_proposal", "synonym_code_once", "demand_message_not_empty", "thread_mark_once", "missed_search_once",
    }  # fmt: skip
    models = (Demand, Response, Synonym, DemandMessage, ThreadMark, MissedSearch)
    assert {constraint.name for model in models for constraint in model._meta.constraints} == tested
