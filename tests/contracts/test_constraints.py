"""What the database itself refuses, by the constraint's name."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from contracts.models import (
    Contract,
    EvidenceQuery,
    Milestone,
    MilestoneEvidence,
    PaymentOrder,
    Reminder,
    Signature,
    Termination,
)
from contracts.services import reminding
from contracts.states import Document, PaymentKind, Side
from foundation import clock
from tests.factories.accounts import TESTER
from tests.factories.contracts import make_contract, make_query, upload

pytestmark = pytest.mark.django_db


@contextmanager
def violates(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        yield


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("contract_parts_sum", {"balance": Decimal("1.00")}),
        ("contract_amounts_not_negative", {"voucher": Decimal("0.00"), "balance": Decimal("10000.00")}),
        ("contract_amounts_not_negative", {"tax": Decimal("12500.01")}),
        ("contract_within_rates", {"deposit": Decimal("2500.01"), "voucher": Decimal("9999.99")}),
        ("contract_within_cap", {"cap": Decimal("9999.99")}),
        ("contract_resume_state", {"resume_state": "effective"}),
        ("contract_hold_and_year", {"quota_year": 2026}),
        ("contract_claim_of_confirmed", {"claim_stage": "office", "claim_stage_at": clock.now()}),
        ("contract_dates_in_order", {"end_date": clock.today() - timedelta(days=1)}),
        ("contract_final_parts_sum", {"accepted_amount": Decimal("1.00")}),
        ("contract_reached_by_delivery", {"reached": [{"seq": 1, "reached": "x"}]}),
    ],
)
def test_a_draft(name, changes):
    deal = make_contract(amount="12500.00")
    with violates(name):
        Contract.objects.filter(pk=deal.pk).update(**changes)


@pytest.mark.parametrize(
    ("state", "name", "changes"),
    [
        ("signing", "contract_funded", {"hold": None, "quota_year": None}),
        ("effective", "contract_effective_at", {"effective_at": None}),
        ("confirmed", "contract_confirmed_at", {"confirmed_at": None}),
        ("confirmed", "contract_claim_of_confirmed", {"claim_stage": "office"}),
        ("confirmed", "contract_final_parts_sum", {"final_voucher": Decimal("10000.01")}),
    ],
)
def test_a_later_state(state, name, changes):
    deal = make_contract(state, amount="12500.00")
    with violates(name):
        Contract.objects.filter(pk=deal.pk).update(**changes)


def test_a_contract_number_is_given_once():
    first, second = make_contract(), make_contract()
    with violates("contract_number_once"):
        Contract.objects.filter(pk=second.pk).update(number=first.at.number)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("payment_amount_positive", {"amount": Decimal("0.00")}),
        ("payment_reported_whole", {"paid_at": None}),
        ("payment_matched_whole", {"matched_at": None}),
    ],
)
def test_a_payment_order(name, changes):
    deal = make_contract("effective")
    with violates(name):
        PaymentOrder.objects.filter(contract=deal.pk).update(**changes)


def test_a_payment_is_between_two():
    deal = make_contract("effective")
    order = deal.order(PaymentKind.DEPOSIT)
    with violates("payment_between_two"):
        PaymentOrder.objects.filter(pk=order.pk).update(payee=order.payer_id)


def test_the_matcher_is_not_the_reporter():
    deal = make_contract("effective")
    order = deal.order(PaymentKind.DEPOSIT)
    with violates("payment_matched_by_other"):
        PaymentOrder.objects.filter(pk=order.pk).update(matched_by=order.reported_by_id)


def test_one_deposit_per_contract():
    deal = make_contract("effective")
    order = deal.order(PaymentKind.DEPOSIT)
    copy = PaymentOrder(
        number="X", contract=deal.at, kind=order.kind, payer=order.payer, payee=order.payee, amount=order.amount,
        created_at=clock.now(), updated_at=clock.now(), version=1,
    )  # fmt: skip
    with violates("payment_once_per_kind"):
        copy.save(force_insert=True)


def test_a_side_signs_a_text_once():
    deal = make_contract("signed")
    row = Signature.objects.get(document=Document.CONTRACT, side=Side.ENTERPRISE)
    with violates("signature_once_per_side"):
        Signature.objects.create(
            contract=deal.at, document=row.document, document_id=row.document_id, side=row.side, signer=row.signer,
            at=clock.now(), digest=row.digest,
        )  # fmt: skip


def test_a_milestone_number_is_used_once():
    deal = make_contract()
    with violates("milestone_seq_once"):
        Milestone.objects.create(contract=deal.at, seq=1, title="x", due_date=clock.today(), evidence_kinds=["report"])


def test_a_file_counts_once_for_a_milestone():
    make_contract("performing")
    row = MilestoneEvidence.objects.get()
    with violates("milestone_file_once"):
        MilestoneEvidence.objects.create(
            milestone=row.milestone, file=row.file, kind="report", by=row.by, at=clock.now()
        )


@pytest.mark.parametrize("kinds", [[], ["rumour"]])
def test_a_milestone_names_a_kind_that_there_is(kinds):
    deal = make_contract()
    with violates("milestone_kinds_known"):
        Milestone.objects.create(contract=deal.at, seq=2, title="x", due_date=clock.today(), evidence_kinds=kinds)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("evidence_kind_known", {"kind": ""}),
        ("evidence_taken_before_upload", {"kind": "report", "taken_at": clock.now() + timedelta(days=400)}),
    ],
)
def test_a_material_has_a_kind_and_was_made_before_it_was_handed_in(name, fields):
    deal = make_contract("performing")
    row = MilestoneEvidence.objects.get()
    with violates(name):
        MilestoneEvidence.objects.create(
            milestone=row.milestone, file=upload(deal.parties.po), by=row.by, at=clock.now(), **fields
        )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("query_end_both", {"ended_at": clock.now()}),
        ("query_ended_state", {"state": "withdrawn"}),
    ],
)
def test_a_query_that_has_ended_says_by_whom(name, changes):
    query = make_query(make_contract("performing"))
    with violates(name):
        EvidenceQuery.objects.filter(pk=query.pk).update(**changes)


def test_a_material_has_one_open_query():
    query = make_query(make_contract("performing"))
    again = EvidenceQuery(
        contract=query.contract, evidence=query.evidence, side=query.side, asked_by=query.asked_by, reason="x",
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    with violates("query_one_open"):
        again.save(force_insert=True)


def test_the_confirmation_adds_up():
    deal = make_contract("confirmed")
    with violates("confirmation_sum"):
        type(deal.at.confirmation).objects.update(voucher=Decimal("1.00"))


def test_two_officers_end_a_contract():
    deal = make_contract("performing")
    request = Termination(
        contract=deal.at, side=Side.ENTERPRISE, requested_by=deal.parties.el, fault="none", reason="x",
        checked_by=deal.parties.eo, decided_by=deal.parties.eo, created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    with violates("termination_two_officers"):
        request.save(force_insert=True)


@pytest.mark.parametrize("model", [Signature, MilestoneEvidence, Reminder])
def test_signatures_evidence_and_reminders_only_grow(model):
    deal = make_contract("performing")
    reminding.remind(deal.pk, deal.at.end_date, by=TESTER)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        model.objects.all()._raw_delete("default")
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {model._meta.db_table} SET id = id")


def test_a_jump_over_states_is_refused_by_the_database():
    deal = make_contract("ready")
    with (
        pytest.raises(IntegrityError, match="arc: contracts_contract may not go from ready to settled"),
        transaction.atomic(),
    ):
        Contract.objects.filter(pk=deal.pk).update(state="settled")
