"""No contract stays where it is for ever with public money set aside: every state has a way out that someone can take."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.states import Role
from contracts import jobs, selectors
from contracts.models import Supplement, Termination
from contracts.services import changes, closing, drafting, endings, payments, performance, signing
from contracts.states import PaymentKind, State
from enterprises import services as enterprises
from foundation import clock
from programmes import books, deadlines, notice_file
from programmes.models import Notice
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import TESTER, officer
from tests.factories.contracts import make_contract, make_parties, make_terms
from tests.factories.programmes import make_content, publish_revision

pytestmark = pytest.mark.django_db
YEAR = clock.today().year


def department():
    return officer(Role.DEPARTMENT)


def after(instant):
    return time_machine.travel(instant + timedelta(seconds=1), tick=False)


def not_found_by_the_provider():
    """A deposit that the enterprise reported and the provider has not received."""
    deal = make_contract("signed")
    deal.report(PaymentKind.DEPOSIT)
    order = deal.order(PaymentKind.DEPOSIT)
    payments.dispute(by=deal.parties.po, order_id=order.pk, version=order.version, reason="未到账")
    return deal


def propose(deal, **fields):
    contract = deal.at
    terms = {"amount": contract.amount, "voucher": contract.voucher, "end_date": contract.end_date, "reason": "调整"}
    return deal.do(changes.propose, deal.parties.el, **{**terms, **fields})


def stop(deal, act=endings.freeze, by=None):
    return deal.do(act, by or department(), reason="核查")


# The deposit.


def test_a_deposit_the_provider_did_not_find_times_out():
    deal = not_found_by_the_provider()
    with after(deal.at.deposit_due):
        assert jobs.time_out_deposits(clock.today()) == {"cancelled": 1}
    assert (deal.at.state, deal.order(PaymentKind.DEPOSIT).state) == (State.CANCELLED, "cancelled")
    assert money(deal, YEAR) == nowhere()


def test_either_side_may_back_out_of_a_deposit_that_was_not_found():
    deal = not_found_by_the_provider()
    deal.do(signing.refuse, deal.parties.pl, reason="不再合作")
    assert deal.at.state == State.CANCELLED


def test_a_deposit_not_yet_looked_at_keeps_the_contract():
    deal = make_contract("signed")
    deal.report(PaymentKind.DEPOSIT)
    with after(deal.at.deposit_due):
        assert jobs.time_out_deposits(clock.today()) == {"cancelled": 0}
    with refused("DEPOSIT_REPORTED") as caught:
        deal.do(signing.refuse, deal.parties.el, reason="不再合作")
    assert "提出争议" in caught.value.message


def test_a_deposit_nobody_answers_is_disputed_and_the_contract_ended():
    deal = make_contract("signed")
    deal.report(PaymentKind.DEPOSIT)
    stop(deal, endings.open_dispute, deal.parties.eo)
    request = deal.do(endings.request_termination, deal.parties.el, fault="provider", reason="不予核对")
    request = endings.check_termination(
        by=officer(Role.CENTRE_CHECKER),
        termination_id=request.pk,
        version=request.version,
        fault="provider",
        reason="属实",
    )
    endings.decide_termination(
        by=officer(Role.CENTRE_REVIEWER), termination_id=request.pk, version=request.version, reason="同意"
    )
    assert deal.at.state == State.TERMINATED
    assert money(deal, YEAR) == nowhere()


def test_run_for_an_earlier_day_only_what_was_due_then_times_out():
    deal = make_contract("signed")
    due = deal.at.deposit_due
    with after(due + timedelta(days=3)):
        assert jobs.time_out_deposits(clock.local_date(due) - timedelta(days=1)) == {"cancelled": 0}
        assert jobs.time_out_deposits(clock.local_date(due)) == {"cancelled": 1}


def test_the_same_for_a_contract_being_signed():
    deal = make_contract("signing")
    due = deal.at.signing_due
    with after(due + timedelta(days=3)):
        assert jobs.time_out_holds(clock.local_date(due) - timedelta(days=1)) == {"cancelled": 0}
        assert jobs.time_out_holds(clock.local_date(due)) == {"cancelled": 1}


# Stopped before it took effect.


@pytest.mark.parametrize(("until", "due"), [("signing", "signing_due"), ("signed", "deposit_due")])
def test_frozen_before_it_takes_effect_it_comes_back_with_the_whole_limit(until, due):
    deal = make_contract(until)
    before, limit = deal.at.state, getattr(deal.at, due) - clock.now()
    stop(deal)
    with after(getattr(deal.at, due)):
        assert jobs.time_out_holds(clock.today()) == jobs.time_out_deposits(clock.today()) == {"cancelled": 0}
        deal.do(endings.resume, department(), reason="查无问题")
        assert deal.at.state == before
        assert abs(getattr(deal.at, due) - clock.now() - limit) < timedelta(minutes=5)


@pytest.mark.parametrize("until", ["signing", "signed"])
def test_frozen_before_it_takes_effect_it_can_be_voided(until):
    deal = make_contract(until)
    stop(deal)
    deal.do(endings.void, department(), reason="虚假交易")
    assert deal.at.state == State.VOIDED
    assert money(deal, YEAR) == {**nowhere(), books.QUOTA: {"expired": deal.at.voucher}}


@pytest.mark.parametrize("until", ["signing", "signed"])
def test_frozen_over_new_year_it_holds_nothing_any_more(until):
    with time_machine.travel(clock.start_of(date(2026, 12, 30)), tick=False) as traveller:
        deal = make_contract(until)
        stop(deal)
        traveller.move_to(clock.start_of(date(2027, 1, 1)))
        assert jobs.close_year(clock.today())["holds_ended"] == 1
        assert (deal.at.state, deal.at.hold) == (State.FROZEN, None)
        assert "reserved" not in money(deal, 2026)[books.BUDGET]


def test_a_signing_whose_money_has_gone_back_does_not_come_back():
    with time_machine.travel(clock.start_of(date(2026, 12, 30)), tick=False) as traveller:
        deal = make_contract("signing")
        stop(deal)
        traveller.move_to(clock.start_of(date(2027, 1, 1)))
        jobs.close_year(clock.today())
        with refused("HOLD_RELEASED"):
            deal.do(endings.resume, department(), reason="查无问题")


def test_a_dispute_may_be_frozen_and_comes_back_to_where_it_began():
    deal = make_contract("performing")
    stop(deal, endings.open_dispute, deal.parties.po)
    stop(deal)
    assert (deal.at.state, deal.at.resume_state) == (State.FROZEN, State.PERFORMING)
    deal.do(endings.resume, department(), reason="查无问题")
    assert deal.at.state == State.PERFORMING


def test_an_enterprise_frozen_while_signing_does_not_sign():
    deal = make_contract("signing")
    enterprise = deal.at.enterprise
    enterprises.freeze(by=department(), enterprise_id=enterprise.pk, version=enterprise.version, reason="核查")
    with refused("ENTERPRISE_NOT_ACTIVE"):
        deal.do(signing.sign, deal.parties.el)


# A supplement nobody answers.


def test_an_unanswered_supplement_lapses_when_the_period_is_over():
    deal = make_contract("performing")
    supplement = propose(deal)
    with time_machine.travel(clock.end_of(deal.at.end_date), tick=False):
        assert jobs.mark_overdue(clock.today()) == {"overdue": 1}
    supplement.refresh_from_db()
    assert (deal.at.state, supplement.state) == (State.OVERDUE, "lapsed")


@pytest.mark.parametrize("act", [endings.freeze, endings.open_dispute])
def test_an_unanswered_supplement_does_not_stand_in_the_way(act):
    deal = make_contract("performing")
    supplement = propose(deal)
    stop(deal, act, department() if act == endings.freeze else deal.parties.po)
    supplement.refresh_from_db()
    assert (deal.at.resume_state, supplement.state) == (State.PERFORMING, "lapsed")


def test_a_contract_is_ended_although_a_supplement_waits():
    deal = make_contract("performing")
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    propose(deal)
    request = endings.check_termination(
        by=officer(Role.CENTRE_CHECKER), termination_id=request.pk, version=request.version, fault="none", reason="属实"
    )
    endings.decide_termination(
        by=officer(Role.CENTRE_REVIEWER), termination_id=request.pk, version=request.version, reason="同意"
    )
    assert deal.at.state == State.TERMINATED
    assert Supplement.objects.get(contract=deal.pk).state == "lapsed"


def test_one_supplement_at_a_time():
    deal = make_contract("performing")
    supplement = propose(deal)
    supplement.pk, supplement._state.adding = None, True
    with pytest.raises(IntegrityError, match="supplement_one_open"), transaction.atomic():
        Supplement.objects.bulk_create([supplement])


def test_after_acceptance_a_supplement_changes_no_amount():
    deal = make_contract("accepted", amount="60000.00", diagnosis=False)
    with refused("ALREADY_ACCEPTED"):
        propose(deal, voucher=Decimal("20000.00"))


def test_after_acceptance_a_supplement_may_change_the_end():
    deal = make_contract("accepted", amount="60000.00", diagnosis=False)
    later = deal.at.end_date + timedelta(days=30)
    supplement = propose(deal, end_date=later)
    changes.assent(by=deal.parties.pl, supplement_id=supplement.pk, version=supplement.version)
    assert (deal.at.state, deal.at.end_date) == (State.ACCEPTED, later)


def test_a_supplement_does_not_fall_below_the_tax():
    parties = make_parties(diagnosis=False)
    terms = replace(make_terms(parties, amount="0.09", voucher="0.01"), tax=Decimal("0.09"))
    deal = make_contract("draft", parties=parties)
    deal.do(drafting.revise, parties.eo, terms=terms)
    for step in ("ready", "signing", "signed", "effective", "performing"):
        getattr(deal, step)()
    with refused("TERMS_INVALID"):
        propose(deal, amount=Decimal("0.08"))


# The dates.


@pytest.mark.parametrize("until", ["delivered", "accepted", "paid_up"])
def test_what_is_delivered_does_not_become_overdue(until):
    deal = make_contract(until, amount="60000.00", diagnosis=False)
    with time_machine.travel(clock.end_of(deal.at.end_date), tick=False):
        assert jobs.mark_overdue(clock.today()) == {"overdue": 0}


@pytest.mark.parametrize("until", ["effective", "performing"])
def test_what_is_not_delivered_does(until):
    deal = make_contract(until)
    with time_machine.travel(clock.end_of(deal.at.end_date), tick=False):
        assert jobs.mark_overdue(clock.today()) == {"overdue": 1}


def test_a_contract_nobody_claims_lapses_and_the_department_gives_time():
    deal = make_contract("confirmed")
    closing.lapse(contract_id=deal.pk, by=TESTER, reason="未在期限内申请兑付。")
    assert (deal.at.state, deal.at.resume_state) == (State.OVERDUE, State.CONFIRMED)
    until = clock.today() + timedelta(days=20)
    end = deal.at.end_date
    deal.do(endings.extend, department(), end_date=until, reason="不可抗力")
    assert (deal.at.state, deal.at.claim_until, deal.at.end_date) == (State.CONFIRMED, until, end)


def test_a_contract_nobody_claims_may_be_voided():
    deal = make_contract("confirmed")
    closing.lapse(contract_id=deal.pk, by=TESTER, reason="未在期限内申请兑付。")
    deal.do(endings.void, department(), reason="逾期")
    assert money(deal, YEAR) == {**nowhere(), books.QUOTA: {"expired": deal.at.voucher}}


def test_only_a_confirmed_contract_lapses():
    deal = make_contract("performing")
    with refused("CONTRACT_NOT_CONFIRMED"):
        closing.lapse(contract_id=deal.pk, by=TESTER, reason="未申请")


def test_what_is_approved_for_payment_is_not_voided():
    deal = make_contract("confirmed")
    closing.approve_vouchers([deal.at], by=TESTER, reason="审定")
    stop(deal)
    with refused("SETTLEMENT_APPROVED") as caught:
        deal.do(endings.void, department(), reason="虚假交易")
    assert "已经审定" in caught.value.message


def rules_with(**limits):
    data = notice_file.shipped(f"general-{YEAR}").data
    changed = [row | limits.get(row["code"], {}) for row in data["limits"]]
    data = {**data, "limits": changed}
    return make_content(YEAR, data=data, rules=notice_file.rules_from(data))


@pytest.mark.parametrize(
    ("limit", "days"),
    [({"length": 9, "unit": "d"}, 9), ({"length": 1, "unit": "m"}, 30), ({"length": 5, "unit": "wd"}, 10)],
)
def test_a_limit_is_counted_in_its_own_unit(limit, days):
    with time_machine.travel(clock.start_of(date(2026, 9, 30)) + timedelta(hours=10), tick=False):
        parties = make_parties()
        publish_revision(2026, content=rules_with(signing_hold=limit))
        deal = make_contract("signing", parties=parties)
        # over the National Day holidays; working days end at midnight of the last
        last = date(2026, 9, 30) + timedelta(days=days)
        expected = (
            clock.end_of(date(2026, 10, 13)) if limit["unit"] == "wd" else clock.start_of(last) + timedelta(hours=10)
        )
        assert deal.at.signing_due == expected


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        ("2026-01-31", 1, "m", "2026-02-28"),
        ("2026-11-30", 3, "m", "2027-02-28"),
        ("2024-02-29", 1, "y", "2025-02-28"),
        ("2026-03-02", 7, "d", "2026-03-09"),
        ("2026-02-12", 5, "wd", "2026-02-26"),
    ],
)
def test_the_last_day_of_a_limit(start, length, unit, end):
    limit = replace(
        Notice(rules=notice_file.shipped("general-2026").data).parsed.limit("deposit"), length=length, unit=unit
    )
    assert deadlines.last_day(limit, date.fromisoformat(start)) == date.fromisoformat(end)


# The terms.


def test_a_deposit_of_nothing_is_no_deposit():
    parties = make_parties(diagnosis=False)
    with refused("TERMS_INVALID") as caught:
        make_contract("draft", parties=parties, amount="0.04", voucher="0.01")
    assert "定金不足0.01元" in caught.value.message


def test_a_service_that_has_begun_is_not_drafted():
    parties = make_parties()
    with refused("TERMS_INVALID") as caught:
        make_contract("draft", parties=parties, start_date=clock.today() - timedelta(days=1))
    assert "不得早于今天" in caught.value.message


def test_why_the_voucher_could_be_what_it_is_stays_known():
    deal = make_contract("ready", tier="5", amount="100000.00", voucher="30000.00", diagnosis=False)
    second = make_contract("ready", parties=deal.parties, amount="100000.00", voucher="20000.00")
    deal.signing()
    before = selectors.explain_voucher(second.at)
    second.signing()
    after_signing = selectors.explain_voucher(second.at)
    assert (before.smallest.code, before.result) == ("quota", Decimal("20000.00"))
    assert (after_signing.smallest.code, after_signing.result) == ("quota", Decimal("20000.00"))
    assert {bound.code for bound in after_signing.bounds} >= {"quota", "provider_cap", "budget"}
    assert money(deal, YEAR) == everywhere("reserved", "50000.00")


# Terminations.


def test_who_checked_a_termination_does_not_refuse_it():
    deal = make_contract("performing")
    both = officer(Role.CENTRE_CHECKER)
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    request = endings.check_termination(
        by=both, termination_id=request.pk, version=request.version, fault="none", reason="属实"
    )
    with refused("NOT_ALLOWED"):
        endings.refuse_termination(by=both, termination_id=request.pk, version=request.version, reason="不予")
    refused_by = officer(Role.CENTRE_REVIEWER)
    request = endings.refuse_termination(
        by=refused_by, termination_id=request.pk, version=request.version, reason="不予"
    )
    assert (request.state, request.refused_by) == ("refused", refused_by)


def test_before_it_is_checked_the_first_officer_refuses_alone():
    deal = make_contract("performing")
    first = officer(Role.CENTRE_CHECKER)
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    request = endings.refuse_termination(by=first, termination_id=request.pk, version=request.version, reason="不予")
    assert request.refused_by == first


def a_request():
    deal = make_contract("performing")
    return deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")


def test_the_database_wants_another_refuser():
    request, person = a_request(), officer(Role.CENTRE_CHECKER)
    with pytest.raises(IntegrityError, match="termination_refused_by_another"), transaction.atomic():
        Termination.objects.filter(pk=request.pk).update(
            checked_by=person, refused_by=person, state="refused", version=2
        )


def test_the_database_wants_to_know_who_refused():
    request = a_request()
    with pytest.raises(IntegrityError, match="termination_refused_by_whom"), transaction.atomic():
        Termination.objects.filter(pk=request.pk).update(state="refused", version=2)


def test_one_termination_is_open_at_a_time():
    request = a_request()
    request.pk, request._state.adding = None, True
    with pytest.raises(IntegrityError, match="termination_one_open"), transaction.atomic():
        Termination.objects.bulk_create([request])


def test_the_rating_and_the_content_are_not_asked_of_a_contract_that_is_overdue():
    deal = make_contract("performing")
    with time_machine.travel(clock.end_of(deal.at.end_date), tick=False):
        jobs.mark_overdue(clock.today())
        with refused("WRONG_STATE"):
            deal.do(performance.deliver, deal.parties.po, note="已交付")


@pytest.mark.parametrize("act", ["terminate", "void"])
def test_money_reported_before_the_end_is_still_put_on_record(act):
    deal = make_contract("accepted", amount="60000.00", diagnosis=False)
    deal.report(PaymentKind.BALANCE)
    if act == "void":
        stop(deal)
        deal.do(endings.void, department(), reason="虚假交易")
    else:
        request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
        request = endings.check_termination(
            by=officer(Role.CENTRE_CHECKER),
            termination_id=request.pk,
            version=request.version,
            fault="none",
            reason="属实",
        )
        endings.decide_termination(
            by=officer(Role.CENTRE_REVIEWER), termination_id=request.pk, version=request.version, reason="同意"
        )
    ended = deal.at.state
    order = deal.confirm(PaymentKind.BALANCE)
    assert (order.state, deal.at.state) == ("matched", ended)


def test_a_supplement_that_lowers_the_amount_says_that_the_deposit_is_the_bound():
    deal = make_contract("performing", amount="60000.00", diagnosis=False)
    with refused("DEPOSIT_OVER_RATE") as caught:
        propose(deal, amount=Decimal("50000.00"), voucher=Decimal("1.00"))
    assert "请在验收时按实际金额确认" in caught.value.message


def test_a_supplement_does_not_end_before_its_milestones():
    deal = make_contract("performing")
    with refused("TERMS_INVALID") as caught:
        propose(deal, end_date=deal.at.end_date - timedelta(days=1))
    assert "提交成果" in caught.value.message


def test_a_service_ends_while_its_voucher_can_be_claimed():
    parties = make_parties()
    last = date(YEAR + 1, 6, 30)
    assert make_contract("draft", parties=parties, end_date=last).at.end_date == last
    with refused("END_DATE_TOO_LATE"):
        make_contract("draft", parties=parties, end_date=last + timedelta(days=1))
    running = make_contract("performing", parties=parties)
    with refused("END_DATE_TOO_LATE"):
        propose(running, end_date=date(9999, 12, 31))


def test_a_draft_whose_period_has_passed_is_not_signed():
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=False) as traveller:
        deal = make_contract("ready", end_date=date(2026, 3, 2))
        traveller.move_to(clock.start_of(date(2026, 3, 3)))
        with refused("SERVICE_PERIOD_OVER"):
            deal.signing()
