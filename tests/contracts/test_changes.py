"""Supplements, disputes, freezes, terminations: what happens to the contract and to its money."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.states import Role
from contracts import jobs
from contracts.models import Supplement, Termination
from contracts.services import changes, endings
from contracts.states import PaymentKind, State
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from foundation import clock
from programmes import books
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import officer
from tests.factories.contracts import make_contract

pytestmark = pytest.mark.django_db
YEAR = clock.today().year


def propose(deal, **fields):
    contract = deal.at
    values = {
        "amount": contract.amount,
        "voucher": contract.voucher,
        "end_date": contract.end_date,
        "reason": "范围缩小",
    }
    return deal.do(changes.propose, deal.parties.el, **{**values, **fields})


def test_a_supplement_lowers_the_voucher_and_frees_the_rest():
    deal = make_contract("performing", amount="60000.00", diagnosis=False)
    supplement = propose(deal, voucher=Decimal("20000.00"))
    assert deal.at.state == State.CHANGE_PENDING
    changes.assent(by=deal.parties.pl, supplement_id=supplement.pk, version=supplement.version)
    contract = deal.at
    assert (contract.state, contract.voucher, contract.balance) == (
        State.PERFORMING, Decimal("20000.00"), Decimal("28000.00"),
    )  # fmt: skip
    assert money(deal, YEAR) == everywhere("committed", "20000.00")


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_a_supplement_not_agreed_changes_nothing(end):
    deal = make_contract("performing", amount="60000.00", diagnosis=False)
    supplement = propose(deal, voucher=Decimal("20000.00"))
    by = deal.parties.pl if end == "refuse" else deal.parties.el
    getattr(changes, end)(by=by, supplement_id=supplement.pk, version=supplement.version, reason="不变")
    assert (deal.at.state, deal.at.voucher) == (State.PERFORMING, Decimal("30000.00"))
    assert money(deal, YEAR) == everywhere("committed", "30000.00")


@pytest.mark.parametrize(
    ("end", "said"), [("refuse", "服务商（乙方）不同意：不变。"), ("withdraw", "提出方撤回：不变。")]
)
def test_both_sides_read_why_a_supplement_came_to_nothing(end, said):
    deal = make_contract("performing")
    supplement = propose(deal)
    by = deal.parties.pl if end == "refuse" else deal.parties.el
    getattr(changes, end)(by=by, supplement_id=supplement.pk, version=supplement.version, reason="不变")
    assert of_subject(deal.at).last().reason == "不变"
    told = OutboxEvent.objects.filter(subject_id=deal.pk).latest("pk")
    assert told.body == f"合同{deal.at.number}：{said}合同恢复为“履行中”。"


def test_the_proposer_cannot_assent_for_the_other_side():
    deal = make_contract("performing")
    supplement = propose(deal)
    with refused("NOT_ALLOWED"):
        changes.assent(by=deal.parties.el, supplement_id=supplement.pk, version=supplement.version)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"voucher": Decimal("10000.01")}, "VOUCHER_MAY_NOT_RISE"),
        ({"amount": Decimal("12499.99")}, "DEPOSIT_OVER_RATE"),
        ({"voucher": Decimal("0.00")}, "TERMS_INVALID"),
    ],
)
def test_terms_a_supplement_may_not_have(fields, code):
    deal = make_contract("performing", amount="12500.00")
    with refused(code):
        propose(deal, **fields)


def terminate(deal, fault, *, checker=None, decider=None):
    request = deal.do(endings.request_termination, deal.parties.el, fault=fault, reason="无法继续。")
    request = endings.check_termination(
        by=checker or officer(Role.CENTRE_CHECKER), termination_id=request.pk, version=request.version, fault=fault,
        reason="属实",
    )  # fmt: skip
    return endings.decide_termination(
        by=decider or officer(Role.CENTRE_REVIEWER),
        termination_id=request.pk,
        version=request.version,
        reason="同意终止。",
    )


@pytest.mark.parametrize("fault", ["provider", "none"])
def test_termination_without_the_enterprises_fault_gives_everything_back(fault):
    deal = make_contract("performing")
    terminate(deal, fault)
    assert deal.at.state == State.TERMINATED
    assert money(deal, YEAR) == nowhere()


@pytest.mark.parametrize("fault", ["enterprise", "both"])
def test_termination_by_the_enterprises_fault_forfeits_its_quota(fault):
    deal = make_contract("performing", amount="12500.00")
    terminate(deal, fault)
    assert money(deal, YEAR) == {**nowhere(), books.QUOTA: {"expired": Decimal("10000.00")}}


def test_termination_cancels_what_was_still_owed():
    deal = make_contract("accepted", amount="60000.00", diagnosis=False)
    terminate(deal, "provider")
    assert deal.order(PaymentKind.BALANCE).state == "cancelled"


def test_the_reviewer_is_not_the_checker():
    deal = make_contract("performing")
    both = officer(Role.CENTRE_CHECKER)
    both.memberships.create(role=Role.CENTRE_REVIEWER, since=clock.now())
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="x")
    request = endings.check_termination(
        by=both, termination_id=request.pk, version=request.version, fault="none", reason="x"
    )
    with refused("NOT_ALLOWED"):
        endings.decide_termination(
            by=type(both).objects.get(pk=both.pk), termination_id=request.pk, version=request.version, reason="x"
        )


def test_one_open_termination_at_a_time():
    deal = make_contract("performing")
    deal.do(endings.request_termination, deal.parties.el, fault="none", reason="x")
    with refused("TERMINATION_OPEN"):
        deal.do(endings.request_termination, deal.parties.pl, fault="none", reason="x")


def test_a_refused_termination_lets_the_contract_go_on():
    deal = make_contract("performing")
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="x")
    endings.refuse_termination(
        by=officer(Role.CENTRE_CHECKER), termination_id=request.pk, version=request.version, reason="理由不足"
    )
    assert (deal.at.state, Termination.objects.get().state) == (State.PERFORMING, "refused")


@pytest.mark.parametrize("state", ["draft", "signing", "signed", "confirmed"])
def test_only_running_contracts_are_terminated(state):
    deal = make_contract(state)
    with refused("WRONG_STATE"):
        deal.do(endings.request_termination, deal.parties.el, fault="none", reason="x")


@pytest.mark.parametrize(
    ("stop", "by", "resumed_by"),
    [("open_dispute", "eo", Role.CENTRE_CHECKER), ("freeze", Role.DEPARTMENT, Role.DEPARTMENT)],
)
def test_an_interruption_comes_back_to_where_it_was(stop, by, resumed_by):
    deal = make_contract("delivered")
    user = deal.parties.eo if by == "eo" else officer(by)
    deal.do(getattr(endings, stop), user, reason="核查")
    assert deal.at.resume_state == State.DELIVERED
    with refused("WRONG_STATE"):
        deal.accepted()
    deal.do(endings.resume, officer(resumed_by), reason="已解决")
    assert (deal.at.state, deal.at.resume_state) == (State.DELIVERED, "")


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.FINANCE, Role.SUPERVISOR])
def test_only_the_department_freezes(role):
    deal = make_contract("performing")
    with refused("NOT_ALLOWED"):
        deal.do(endings.freeze, officer(role), reason="x")


def test_voiding_a_frozen_contract_forfeits_the_quota():
    deal = make_contract("performing", amount="12500.00")
    department = officer(Role.DEPARTMENT)
    deal.do(endings.freeze, department, reason="x")
    deal.do(endings.void, department, reason="查实虚假交易")
    assert deal.at.state == State.VOIDED
    assert money(deal, YEAR) == {**nowhere(), books.QUOTA: {"expired": Decimal("10000.00")}}


def test_an_overdue_contract_waits_for_the_department():
    deal = make_contract("performing", end_date=clock.today() + timedelta(days=10))
    with time_machine.travel(clock.end_of(deal.at.end_date), tick=False):
        assert jobs.mark_overdue(clock.today()) == {"overdue": 1}
        assert jobs.mark_overdue(clock.today()) == {"overdue": 0}
        deal.do(
            endings.extend, officer(Role.DEPARTMENT), end_date=clock.today() + timedelta(days=30), reason="同意延期"
        )
    assert deal.at.state == State.PERFORMING


def test_on_its_last_day_a_contract_is_not_overdue():
    deal = make_contract("performing", end_date=clock.today() + timedelta(days=10))
    with time_machine.travel(clock.start_of(deal.at.end_date), tick=False):
        assert jobs.mark_overdue(clock.today()) == {"overdue": 0}


def test_a_supplement_stays_single():
    deal = make_contract("performing")
    propose(deal)
    with refused("WRONG_STATE"):
        propose(deal)
    assert Supplement.objects.count() == 1
