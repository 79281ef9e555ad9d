"""Paying: three people, one live order, and the way round a bounced payment."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.states import Role
from contracts.services import endings
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from foundation import clock
from providers.models import SettlementAccount
from providers.services import accounts as account_services
from settlement import jobs as settlement_jobs
from settlement.models import Claim, PayoutOrder
from settlement.services import batches, payouts, settling
from settlement.states import BatchState, ClaimState, PayoutState
from tests.factories.accounts import TESTER, make_user
from tests.factories.settlement import Desk, Pay, make_batch, make_claim, make_payout
from tests.settlement.support import last, lines, refused, standing

pytestmark = pytest.mark.django_db


def change_account(case, number="6217000000000001"):
    """The provider's signatory asks for another account and the centre approves; it takes effect in some days."""
    provider = case.deal.parties.provider
    asked = account_services.request_account(
        by=case.deal.parties.pl,
        provider_id=provider.pk,
        account_name=provider.name,
        account_number=number,
        bank_name="测试银行柳州分行",
        line_no="000000000002",
    )
    return account_services.approve_account(by=case.desk.cr, account_id=asked.pk, version=asked.version)


def test_an_order_copies_amount_and_payee():
    pay = make_payout()
    order, case = pay.at, pay.case
    account = SettlementAccount.objects.get(provider=case.deal.parties.provider)
    assert order.number == "ZF-2026-000001"
    assert (order.amount, order.amount_words) == (Decimal("10000.00"), "人民币壹万元整")
    assert (order.payee_name, order.account_number, order.bank_name, order.line_no) == (
        account.account_name,
        account.account_number,
        account.bank_name,
        account.line_no,
    )
    assert (order.state, case.at.state) == (PayoutState.CREATED, ClaimState.PAYING)


def test_paid_settles_contract_budget_and_batch():
    pay = make_payout("sent")
    pay.paid("GK2026000001")
    case, order = pay.case, pay.at
    assert (order.state, order.voucher_no, order.paid_on) == (PayoutState.PAID, "GK2026000001", date(2026, 3, 2))
    assert (case.at.state, case.at.paid, case.at.paid_on, case.at.budget_year) == (
        ClaimState.PAID,
        Decimal("10000.00"),
        date(2026, 3, 2),
        2026,
    )
    assert case.deal.at.state == "settled"
    assert lines(case) == standing("consumed", "consumed", "consumed", "10000.00")
    assert case.batch.state == BatchState.PAID_ALL
    assert [record.act for record in of_subject(order)] == ["create", "check", "send", "paid"]


def test_a_batch_is_paid_when_its_last_claim_is():
    desk = Desk()
    batch = make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(2)])
    make_payout("paid", case=batch.cases[0])
    assert batch.at.state == BatchState.PAYING
    make_payout("paid", case=batch.cases[1])
    assert batch.at.state == BatchState.PAID_ALL


def test_only_the_centre_makes_orders():
    case = make_batch("paying").cases[0]
    for role in (Role.CENTRE_REVIEWER, Role.FINANCE, Role.DEPARTMENT, Role.PROVIDER_SIGNATORY):
        with refused("NOT_ALLOWED"):
            payouts.create(by=make_user(role), claim_id=case.pk)


@pytest.mark.parametrize(
    ("until", "service", "roles"),
    [
        ("created", payouts.check, [Role.CENTRE_CHECKER, Role.FINANCE]),
        ("checked", payouts.send, [Role.CENTRE_REVIEWER, Role.DEPARTMENT]),
    ],
)
def test_each_step_has_its_role(until, service, roles):
    pay = make_payout(until)
    for role in roles:
        with refused("NOT_ALLOWED"):
            pay.do(service, make_user(role))


def test_maker_and_checker_are_two_people():
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    case = make_batch("paying").cases[0]
    pay = Pay(case, payouts.create(by=both, claim_id=case.pk).pk)
    with refused("NOT_ALLOWED"):
        pay.do(payouts.check, both)


def test_a_claim_in_no_batch_is_not_paid():
    case = make_claim("passed")
    with refused("CLAIM_NOT_IN_BATCH"):
        case.ordered()


@pytest.mark.parametrize("until", ["planned", "approved", "publicised", "cleared"])
def test_nothing_is_paid_before_it_is_marked(until):
    case = make_batch(until).cases[0]
    with refused("WRONG_STATE"):
        case.ordered()


@pytest.mark.parametrize("until", ["created", "checked", "sent", "paid"])
def test_there_is_no_second_order_before_the_first_has_ended(until):
    case = make_payout(until).case
    with refused("CONTRACT_NOT_CONFIRMED" if until == "paid" else "WRONG_STATE"):
        case.ordered()


def test_an_unknown_claim_is_not_paid():
    with refused("NOT_FOUND"):
        payouts.create(by=make_user(Role.CENTRE_CHECKER), claim_id=make_user(Role.CITY).pk)


def test_an_ended_order_does_not_move():
    pay = make_payout("sent")
    pay.returned()
    for step in (pay.checked, pay.sent, pay.paid, pay.returned):
        with refused("WRONG_STATE"):
            step()


def test_no_step_is_skipped():
    pay = make_payout()
    for step in (pay.sent, pay.paid, pay.returned):
        with refused("WRONG_STATE"):
            step()


def test_one_payment_voucher_pays_one_order():
    desk = Desk()
    batch = make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(2)])
    make_payout("sent", case=batch.cases[0]).paid("GK2026000001")
    second = make_payout("sent", case=batch.cases[1])
    with refused("VOUCHER_NO_USED"):
        second.paid("GK2026000001")


def test_the_payment_lies_between_sending_and_today():
    pay = make_payout("sent")
    for days in (-1, 1):
        with refused("PAID_ON_INVALID"):
            pay.do(payouts.paid, pay.case.desk.fn, voucher_no="GK1234", paid_on=clock.today() + timedelta(days=days))


def test_only_finance_reports_the_outcome():
    pay = make_payout("sent")
    pay.case.desk.fn = make_user(Role.CENTRE_REVIEWER)
    for report in (pay.paid, pay.returned):
        with refused("NOT_ALLOWED"):
            report()


def test_a_bounced_payment_goes_round_with_a_new_order(travel):
    first = make_payout("sent")
    case = first.case
    first.returned("name")
    assert (case.at.state, case.batch.state) == (ClaimState.BOUNCED, BatchState.PAID_PART)
    assert lines(case) == standing("consumed", "consumed", "due", "10000.00")
    message = OutboxEvent.objects.get(topic="claim.bounced")
    assert message.organisation_ids == [case.deal.parties.provider.organisation_id]
    assert "户名不符" in message.body
    assert "请更正收款账户" in message.body
    with refused("WRONG_STATE"):
        case.ordered()
    account = change_account(case)
    with refused("ACCOUNT_NOT_FIXED"):
        case.do(payouts.fix_account, case.deal.parties.pl)
    travel.move_to(clock.start_of(account.effective_on))
    case.do(payouts.fix_account, case.deal.parties.pl)
    assert (case.at.state, case.at.payee["number"]) == (ClaimState.PAYABLE, "6217000000000001")
    second = make_payout("paid", case=case)
    assert (second.at.number, second.at.account_number) == ("ZF-2026-000002", "6217000000000001")
    assert (first.at.state, case.at.state, case.batch.state) == (
        PayoutState.RETURNED,
        ClaimState.PAID,
        BatchState.PAID_ALL,
    )
    assert PayoutOrder.objects.filter(claim=case.pk, state=PayoutState.PAID).count() == 1


def test_after_a_fault_of_the_channel_the_same_account_is_confirmed():
    pay = make_payout("sent")
    case = pay.case
    pay.returned("channel")
    case.do(payouts.fix_account, case.deal.parties.pl)
    make_payout("paid", case=case)
    assert case.at.state == ClaimState.PAID


def test_only_the_signatory_confirms_the_account():
    pay = make_payout("sent")
    pay.returned("channel")
    for by in (pay.case.deal.parties.po, pay.case.desk.co, make_user(Role.PROVIDER_SIGNATORY)):
        with refused("NOT_ALLOWED"):
            pay.case.do(payouts.fix_account, by)


def test_an_account_is_not_confirmed_while_an_order_is_out():
    case = make_payout("sent").case
    with refused("WRONG_STATE"):
        case.do(payouts.fix_account, case.deal.parties.pl)


def test_an_account_changed_before_the_order_is_confirmed_first(travel):
    case = make_batch("paying").cases[0]
    account = change_account(case)
    travel.move_to(clock.start_of(account.effective_on))
    with refused("PAYEE_ACCOUNT_CHANGED"):
        case.ordered()
    case.do(payouts.fix_account, case.deal.parties.pl)
    assert case.ordered().at.account_number == "6217000000000001"


def test_a_provider_renamed_since_is_not_paid_to_the_old_name():
    case = make_batch("paying").cases[0]
    with refused("PAYEE_NAME_DIFFERS"):
        type(case.deal.parties.provider).objects.filter(pk=case.deal.parties.provider.pk).update(name="另一机构")
        case.ordered()


@pytest.mark.parametrize("until", ["created", "checked"])
def test_an_unsent_order_is_given_back_by_whoevers_turn_it_is(until):
    pay = make_payout(until)
    case = pay.case
    by, other = (case.desk.cr, case.desk.fn) if until == "created" else (case.desk.fn, case.desk.cr)
    for wrong in (case.desk.co, other):
        with refused("NOT_ALLOWED"):
            pay.do(payouts.reject, wrong, reason="用途有误")
    pay.do(payouts.reject, by, reason="用途有误")
    assert (pay.at.state, pay.at.return_code, case.at.state) == (PayoutState.RETURNED, "not_sent", ClaimState.PAYABLE)
    assert case.ordered().at.state == PayoutState.CREATED


def test_a_sent_order_is_not_given_back():
    pay = make_payout("sent")
    with refused("WRONG_STATE"):
        pay.do(payouts.reject, pay.case.desk.fn, reason="用途有误")


TAMPERING = [
    (Claim, {"approved": "9999.99", "reduction_code": "F25", "reduction_reason": "篡改"}, "BATCH_CONTENT_CHANGED"),
    (Claim, {"account": {"number": "1"}}, "BATCH_CONTENT_CHANGED"),
    (PayoutOrder, {"amount": "10000.01"}, "ORDER_CONTENT_CHANGED"),
    (PayoutOrder, {"account_number": "6217000000000009"}, "ORDER_CONTENT_CHANGED"),
    (PayoutOrder, {"payee_name": "另一公司"}, "ORDER_CONTENT_CHANGED"),
]


@pytest.mark.parametrize("until", ["created", "checked"])
def test_what_differs_from_the_approval_is_not_paid(until):
    pay = make_payout(until)
    for model, change, code in TAMPERING:
        with refused(code):
            model.objects.update(**change)
            pay.checked() if until == "created" else pay.sent()


def test_an_order_is_not_made_of_a_changed_batch():
    desk = Desk()
    batch = make_batch("paying", cases=[make_claim("passed", desk=desk) for _ in range(2)])
    with refused("BATCH_CONTENT_CHANGED"):
        Claim.objects.filter(pk=batch.cases[1].pk).update(
            approved="9999.99", reduction_code="F25", reduction_reason="篡改"
        )
        batch.cases[0].ordered()


@pytest.mark.parametrize(("until", "step"), [("created", "checked"), ("checked", "sent")])
def test_a_disputed_contract_stops_the_payment(until, step):
    pay = make_payout(until)
    deal = pay.case.deal
    endings.open_dispute(by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, reason="对成果有异议")
    with refused("CONTRACT_NOT_CONFIRMED"):
        getattr(pay, step)()


def test_a_bounce_is_recorded_whatever_became_of_the_contract():
    pay = make_payout("sent")
    deal = pay.case.deal
    endings.open_dispute(by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, reason="对成果有异议")
    pay.returned()
    assert pay.case.at.state == ClaimState.BOUNCED


INTERRUPTIONS = {"disputed": endings.open_dispute, "frozen": endings.freeze}


@pytest.fixture(params=INTERRUPTIONS)
def paid_while_interrupted(request):
    """A contract interrupted after its order was sent; the treasury has paid meanwhile."""
    pay = make_payout("sent")
    deal = pay.case.deal
    deal.do(
        INTERRUPTIONS[request.param],
        deal.parties.el if request.param == "disputed" else pay.case.desk.dp,
        reason="核查",
    )
    return pay, request.param


def resume(pay):
    pay.case.deal.do(endings.resume, pay.case.desk.dp, reason="查无问题")


def test_a_payment_is_recorded_whatever_became_of_the_contract(paid_while_interrupted):
    pay, state = paid_while_interrupted
    case, before = pay.case, pay.case.deal.at.version
    pay.paid("GK2026000001")
    assert (pay.at.state, case.at.state, case.at.paid, case.batch.state) == (
        PayoutState.PAID,
        ClaimState.PAID,
        Decimal("10000.00"),
        BatchState.PAID_ALL,
    )
    assert lines(case) == standing("consumed", "consumed", "consumed", "10000.00")
    assert (last(case.deal.at).act, case.deal.at.version) == ("follow_claim", before + 1)
    assert (case.deal.at.state, case.deal.at.settled_at) == (state, None)
    told = OutboxEvent.objects.get(topic="contract.paid")
    parties = case.deal.parties
    assert told.organisation_ids == [parties.enterprise.organisation_id, parties.provider.organisation_id]
    assert "已向服务商支付10,000.00元" in told.body


def test_what_was_paid_while_interrupted_is_settled_when_it_is_resumed(paid_while_interrupted):
    pay, _ = paid_while_interrupted
    pay.paid()
    deal = pay.case.deal
    assert settlement_jobs.settle_resumed(clock.today()) == {"settled": 0}
    resume(pay)
    assert deal.at.state == "confirmed"
    assert settlement_jobs.settle_resumed(clock.today()) == {"settled": 1}
    assert (deal.at.state, last(deal.at).act, last(deal.at).facts["paid"]) == ("settled", "settle", "10000.00")
    assert deal.at.settled_at is not None
    assert lines(pay.case) == standing("consumed", "consumed", "consumed", "10000.00")
    assert settlement_jobs.settle_resumed(clock.today()) == {"settled": 0}


def test_what_was_paid_while_frozen_is_not_voided():
    pay = make_payout("sent")
    deal, dp = pay.case.deal, pay.case.desk.dp
    deal.do(endings.freeze, dp, reason="核查")
    pay.paid()
    with refused("SETTLEMENT_APPROVED"):
        deal.do(endings.void, dp, reason="查实转包")


def test_a_contract_confirmed_and_not_paid_is_not_settled():
    pay = make_payout("sent")
    assert settlement_jobs.settle_resumed(clock.today()) == {"settled": 0}
    assert settling.settle_resumed(pay.case.deal.pk, by=TESTER) is False
    assert pay.case.deal.at.state == "confirmed"


def test_a_batch_closed_in_part_still_owes_the_rest():
    pay = make_payout("sent")
    case = pay.case
    pay.returned("channel")
    batch = case.batch
    batches.close(by=case.desk.co, batch_id=batch.pk, version=batch.version, note="另行支付")
    assert last(batch).facts["unpaid"] == [case.at.number]
    case.do(payouts.fix_account, case.deal.parties.pl)
    make_payout("paid", case=case)
    assert (case.at.state, case.batch.state) == (ClaimState.PAID, BatchState.CLOSED)


@pytest.mark.parametrize("step", ["checked", "sent"])
def test_an_account_changed_after_the_order_stops_it_until_it_is_made_anew(step, travel):
    """The old account may be closed or in wrong hands: nobody checks or sends an order to it any more."""
    pay = make_payout("created" if step == "checked" else "checked")
    case = pay.case
    account = change_account(case)
    travel.move_to(clock.start_of(account.effective_on))
    with refused("PAYEE_ACCOUNT_CHANGED"):
        getattr(pay, step)()
    giver = case.desk.cr if step == "checked" else case.desk.fn
    pay.do(payouts.reject, giver, reason="收款账户已变更")
    case.do(payouts.fix_account, case.deal.parties.pl)
    second = case.ordered()
    second.checked()
    second.sent()
    second.paid()
    assert (second.at.account_number, case.at.state) == ("6217000000000001", ClaimState.PAID)
