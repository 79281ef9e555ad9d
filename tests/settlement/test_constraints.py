"""Each constraint by name, tried past the services; and the guard against change without evidence."""

from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from engines.evidence import services as evidence
from settlement.models import Appeal, Batch, BatchExport, Claim, PayoutOrder
from settlement.services import exports
from settlement.states import ExportKind
from tests.factories.accounts import TESTER
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout

pytestmark = pytest.mark.django_db

CLAIM = {
    "draft": [
        ("claim_parts_sum", {"deposit": "2499.99"}),
        ("claim_parts_sum", {"deposit": "-0.01", "accepted_amount": "9999.99"}),
        ("claim_requested_within_voucher", {"requested": "10000.01"}),
        ("claim_requested_within_voucher", {"requested": "0.00"}),
        ("claim_submit_both", {"submitted_at": "2026-03-02T00:00:00Z"}),
        ("claim_check_both", {"checked_at": "2026-03-02T00:00:00Z"}),
        ("claim_review_both", {"reviewed_at": "2026-03-02T00:00:00Z"}),
        ("claim_paid_whole", {"paid_on": "2026-03-02"}),
        ("claim_years_both", {"budget_year": 2026}),
        ("claim_appeal_when_refused", {"appeal_until": "2026-03-16"}),
        ("claim_refile_after_correction", {"refile_until": "2026-06-30"}),
        ("claim_refusal_final_or_dated", {"final_at": "2026-03-02T00:00:00Z"}),
        ("claim_cleared_state", {"cleared_at": "2026-03-02T00:00:00Z"}),
        ("claim_carried_state", {"carried_into": 2027}),
    ],
    "passed": [
        ("claim_approved_within_requested", {"approved": "10000.01"}),
        ("claim_approved_within_requested", {"approved": "-0.01"}),
        ("claim_three_people", {"decided_by": F("checked_by")}),
        ("claim_three_people", {"decided_by": F("reviewed_by")}),
        ("claim_decided_state", {"decided_by": None, "decided_at": None, "approved": None}),
        ("claim_passed_whole", {"approved": "9999.99", "reduction_code": "F25", "reduction_reason": "无"}),
        ("claim_gap_has_reason", {"approved": "9999.99"}),
        ("claim_gap_has_reason", {"approved": "9999.99", "reduction_code": "F25"}),
        ("claim_gap_has_reason", {"approved": "9999.99", "reduction_code": "F99", "reduction_reason": "无"}),
        ("claim_refused_with_code", {"refusal_code": "F20", "refusal_text": "转包"}),
        ("claim_budgeted_state", {"cap_year": 2026, "budget_year": 2026}),
        ("claim_paid_state", {"paid": "10000.00", "paid_on": "2026-03-02"}),
    ],
    "reviewed": [
        ("claim_decide_whole", {"approved": "10000.00"}),
        ("claim_three_people", {"reviewed_by": F("checked_by")}),
        ("claim_reviewed_state", {"reviewed_by": None, "reviewed_at": None}),
    ],
    "submitted": [
        ("claim_submitted_state", {"digest": ""}),
        ("claim_submitted_state", {"account": None}),
        ("claim_submitted_state", {"first_submitted_at": None}),
        ("claim_submitted_state", {"submitted_by": None, "submitted_at": None}),
    ],
    "checked": [
        ("claim_checked_state", {"checked_by": None, "checked_at": None}),
    ],
}
DECIDED = {
    "reduced": [
        ("claim_reduced_lower", {"approved": F("requested")}),
        ("claim_reduced_lower", {"approved": "0.00"}),
    ],
    "refused": [
        ("claim_refused_with_code", {"refusal_code": "", "reduction_code": "F25", "reduction_reason": "无"}),
        ("claim_refused_with_code", {"refusal_code": "F99"}),
        ("claim_refused_with_code", {"refusal_text": ""}),
        ("claim_refused_with_code", {"approved": "1.00"}),
        ("claim_refile_after_correction", {"refile_until": "2026-06-30"}),
        ("claim_refusal_final_or_dated", {"appeal_until": None}),
    ],
}
BATCH = {
    "planned": [
        ("batch_plan_both", {"planned_at": None}),
        ("batch_approve_both", {"approved_at": "2026-03-02T00:00:00Z"}),
        ("batch_plan_review_both", {"plan_reviewed_at": "2026-03-02T00:00:00Z"}),
        ("batch_fund_both", {"funded_at": "2026-03-02T00:00:00Z"}),
        ("batch_funded_within_requested", {"funded": "1.00"}),
        ("batch_mark_both", {"marked_at": "2026-03-02T00:00:00Z"}),
        ("batch_close_both", {"closed_at": "2026-03-02T00:00:00Z"}),
        ("batch_planned_state", {"claim_count": 0}),
        ("batch_planned_state", {"total": "0.00"}),
    ],
    "approved": [
        ("batch_plan_three_people", {"approved_by": F("planned_by")}),
        ("batch_plan_three_people", {"approved_by": F("plan_reviewed_by")}),
        ("batch_reviewed_state", {"plan_reviewed_by": None, "plan_reviewed_at": None}),
        ("batch_approved_state", {"approval_no": ""}),
        ("batch_approved_state", {"digest": ""}),
    ],
    "open": [
        ("batch_total_not_negative", {"total": "-0.01"}),
        ("batch_intake_in_order", {"intake_from": "2026-03-03"}),
        ("batch_issue_both", {"issued_at": "2026-03-02T00:00:00Z"}),
    ],
    "publicised": [
        ("batch_publicity_state", {"publicity": None}),
    ],
    "issued": [
        ("batch_notice_two_people", {"issued_by": F("opened_by")}),
    ],
    "marked": [
        ("batch_requested_state", {"marked_by": None, "marked_at": None}),
        ("batch_requested_state", {"cleared_at": None}),
        ("batch_requested_state", {"request_no": ""}),
        ("batch_requested_state", {"requested": "0.00"}),
    ],
    "paying": [
        ("batch_funded_state", {"funding_no": ""}),
        ("batch_funded_state", {"funded_by": None, "funded_at": None}),
        ("batch_funded_within_requested", {"funded": "10000.01"}),
    ],
}
PAYOUT = {
    "created": [
        ("payout_amount_positive", {"amount": "0.00"}),
        ("payout_payee_whole", {"payee_name": ""}),
        ("payout_payee_whole", {"account_number": ""}),
        ("payout_payee_whole", {"bank_name": ""}),
        ("payout_payee_whole", {"line_no": "00000000001"}),
        ("payout_check_both", {"checked_at": "2026-03-02T00:00:00Z"}),
        ("payout_send_both", {"sent_at": "2026-03-02T00:00:00Z"}),
        ("payout_end_both", {"ended_at": "2026-03-02T00:00:00Z"}),
        ("payout_paid_both", {"paid_on": "2026-03-02"}),
        ("payout_paid_state", {"voucher_no": "GK0001", "paid_on": "2026-03-02"}),
        ("payout_returned_with_code", {"return_code": "name"}),
    ],
    "checked": [
        ("payout_three_people", {"checked_by": F("created_by")}),
        ("payout_checked_state", {"checked_by": None, "checked_at": None}),
    ],
    "sent": [
        ("payout_three_people", {"sent_by": F("created_by")}),
        ("payout_three_people", {"sent_by": F("checked_by")}),
        ("payout_sent_state", {"sent_by": None, "sent_at": None}),
    ],
    "paid": [
        ("payout_ended_state", {"ended_by": None, "ended_at": None}),
        ("payout_paid_state", {"voucher_no": None, "paid_on": None}),
    ],
}


def broken(model, name, change):
    with pytest.raises(IntegrityError, match=f'"{name}"'), transaction.atomic():
        model.objects.update(**change)


@pytest.mark.parametrize("until", CLAIM)
def test_claim(until):
    make_claim(until)
    for name, change in CLAIM[until]:
        broken(Claim, name, change)


@pytest.mark.parametrize("decide", DECIDED)
def test_decided_claim(decide):
    getattr(make_claim("reviewed"), decide)()
    for name, change in DECIDED[decide]:
        broken(Claim, name, change)


def test_a_returned_claim_has_a_date_to_be_put_right_by():
    make_claim("submitted").returned()
    broken(Claim, "claim_returned_state", {"correction_due": None})
    broken(Claim, "claim_returned_state", {"returns": 0})


REFUSAL = {
    "state": "refused",
    "approved": "0.00",
    "refusal_code": "F20",
    "refusal_text": "转包",
    "appeal_until": "2026-03-16",
}
DECISION = {"decided_by": F("submitted_by"), "decided_at": F("submitted_at")}


@pytest.mark.parametrize("until", ["submitted", "checked", "passed"])
def test_a_claim_is_not_refused_before_its_review_while_the_contract_lives(until):
    make_claim(until)
    change = REFUSAL if until == "passed" else {**REFUSAL, **DECISION}
    with pytest.raises(IntegrityError, match="is refused before its review"), transaction.atomic():
        Claim.objects.update(**change)


def test_a_refusal_keeps_its_review_while_the_contract_lives():
    make_claim("reviewed")
    with pytest.raises(IntegrityError, match="stage:"), transaction.atomic():
        Claim.objects.update(**REFUSAL, **DECISION, reviewed_by=None, reviewed_at=None)


@pytest.mark.parametrize("examiner", ["co", "cr", "dp"])
def test_no_examiner_of_a_claim_approves_its_batch(examiner):
    case = make_claim("passed", desk=Desk())
    make_batch("planned", cases=[case], desk=Desk())
    with pytest.raises(IntegrityError, match="separation: batch"), transaction.atomic():
        Batch.objects.update(approved_by=getattr(case.desk, examiner), approved_at="2026-03-02T00:00:00Z")


def test_a_claim_in_no_batch_names_none():
    batch = make_batch(cases=[make_claim("passed")])
    broken(Claim, "claim_batched_state", {"batch": batch.pk})


def test_paid_is_not_more_than_approved():
    make_payout("paid")
    broken(Claim, "claim_paid_within_approved", {"paid": "10000.01"})
    broken(Claim, "claim_paid_within_approved", {"paid": "0.00"})


@pytest.mark.parametrize("until", BATCH)
def test_batch(until):
    make_batch(until)
    for name, change in BATCH[until]:
        broken(Batch, name, change)


@pytest.mark.parametrize("until", PAYOUT)
def test_payout(until):
    make_payout(until)
    for name, change in PAYOUT[until]:
        broken(PayoutOrder, name, change)


def test_a_returned_order_has_a_code():
    make_payout("sent").returned()
    broken(PayoutOrder, "payout_returned_with_code", {"return_code": ""})
    broken(PayoutOrder, "payout_returned_with_code", {"return_code": "unknown"})


def test_an_appeal_is_answered_by_a_third_person_with_words():
    case = make_claim("reviewed")
    case.refused()
    case.appealed()
    broken(Appeal, "appeal_decide_both", {"decided_at": "2026-03-02T00:00:00Z"})
    broken(Appeal, "appeal_decided_state", {"decided_by": case.desk.ap, "decided_at": "2026-03-02T00:00:00Z"})
    case.dismissed()
    broken(Appeal, "appeal_three_people", {"decided_by": F("against")})
    broken(Appeal, "appeal_decided_with_words", {"decision": ""})


def test_what_a_full_cap_holds_names_its_year_and_what_is_carried_too():
    case = make_claim("passed")
    broken(Claim, "claim_carried_state", {"carried_into": 2027})
    make_batch("planned", cases=[case])
    broken(Claim, "claim_cap_held_state", {"state": "cap_held", "batch": None})


def test_an_export_is_known_by_its_digest():
    batch = make_batch("approved")
    exports.export(by=batch.desk.co, batch_id=batch.pk, kind=ExportKind.XLSX)
    broken(BatchExport, "export_has_digest", {"sm3": "x"})
    broken(BatchExport, "export_has_digest", {"size": 0})


def again(row, **changes):
    """The row once more, as another."""
    copy = type(row)(
        **{field.attname: getattr(row, field.attname) for field in row._meta.fields if not field.primary_key}
    )
    copy.version, copy.head = 0, ""
    for name, value in changes.items():
        setattr(copy, name, value)
    with transaction.atomic():
        evidence.record(copy, act="again", by=TESTER)


def test_a_contract_has_one_claim():
    case = make_claim()
    with pytest.raises(IntegrityError, match="settlement_claim_contract_id_key"):
        again(case.at, number="DF-2026-999999")


@pytest.mark.parametrize("until", ["created", "checked", "sent"])
def test_a_claim_has_one_order_that_is_not_returned(until):
    pay = make_payout(until)
    with pytest.raises(IntegrityError, match="payout_one_live"):
        again(pay.at, number="ZF-2026-999999")


def test_a_claim_has_one_paid_order():
    """payout_one_live holds it too, so this one is tried with the other out of the way."""
    pay = make_payout("paid")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX payout_one_live")
        with pytest.raises(IntegrityError, match="payout_one_paid"):
            again(pay.at, number="ZF-2026-999999", voucher_no="GK-OTHER")
        transaction.set_rollback(True)


def test_a_payment_voucher_is_used_once():
    pay, other = make_payout("paid"), make_payout("sent", case=make_batch("paying").cases[0])
    with pytest.raises(IntegrityError, match="voucher_no"), transaction.atomic():
        PayoutOrder.objects.filter(pk=other.pk).update(
            state="paid",
            voucher_no=pay.at.voucher_no,
            paid_on="2026-03-02",
            ended_by=F("sent_by"),
            ended_at=F("sent_at"),
        )


def test_a_rounds_number_is_used_once_a_year():
    batch = make_batch(cases=[])
    with pytest.raises(IntegrityError, match="batch_seq_once"):
        again(batch.at, number="PC-2026-99", publicity=None)


@pytest.mark.parametrize("model", [Claim, Batch, PayoutOrder])
def test_numbers_are_used_once(model):
    for _ in range(2):
        make_payout()
    first, second = model.objects.order_by("pk")
    with pytest.raises(IntegrityError, match=f"{model._meta.db_table}_number_key"), transaction.atomic():
        model.objects.filter(pk=second.pk).update(number=first.number)


@pytest.mark.parametrize("model", [Appeal, Claim, Batch, BatchExport, PayoutOrder])
def test_every_constraint_is_tried_here(model):
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [one.name for one in model._meta.constraints if one.name not in tried] == []


def test_nothing_changes_without_evidence():
    make_payout()
    for model in (Claim, Batch, PayoutOrder):
        with pytest.raises(IntegrityError, match="without a new version"), transaction.atomic():
            model.objects.update(updated_at="2026-03-02T00:00:00Z")
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nothing_is_deleted():
    make_payout()
    for model in (PayoutOrder, Claim, Batch):
        with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
            model.objects.all()._raw_delete("default")
