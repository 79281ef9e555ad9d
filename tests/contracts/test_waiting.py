"""What a contract waits for, of whom and since when; and what of it stands still."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.states import OrganisationKind, Role
from contracts import desk, selectors, waiting
from contracts.services import changes, closing, drafting, endings, performance, queries, signing
from contracts.services.common import lock_contract
from contracts.states import CLAIM_AWAITS, OF, Awaited, Fault, Of, PaymentKind
from foundation import clock
from foundation.locking import unit_of_work
from programmes.rules import Limit
from tests.factories.accounts import TESTER, make_organisation, make_user, officer
from tests.factories.contracts import make_contract, make_parties, make_query
from tests.factories.enterprises import EnterpriseFactory

pytestmark = pytest.mark.django_db
A = Awaited


def big(until):
    """A deal with a balance to pay."""
    return make_contract(until, amount="60000.00", diagnosis=False)


def awaited(deal):
    step = waiting.of(deal.pk)
    return step and step.awaited


def proposing(side):
    deal = big("performing")
    row = deal.at
    who = deal.parties.el if side == "enterprise" else deal.parties.pl
    deal.do(changes.propose, who, amount=row.amount, voucher=row.voucher, end_date=row.end_date, reason="调整")
    return deal


def ending():
    deal = big("performing")
    request = deal.do(endings.request_termination, deal.parties.el, fault=Fault.NONE, reason="停产")
    return deal, request


def checked():
    deal, request = ending()
    endings.check_termination(
        by=officer(Role.CENTRE_CHECKER), termination_id=request.pk, version=request.version, fault="none", reason="属实"
    )
    return deal


def after(until, *acts):
    deal = big(until)
    for act in acts:
        act(deal)
    return deal


def do(service, who, **fields):
    return lambda deal: deal.do(service, getattr(deal.parties, who), **fields)


def by_department(service, **fields):
    return lambda deal: deal.do(service, officer(Role.DEPARTMENT), **fields)


def claimed(stage):
    """As settlement tells it."""
    deal = big("confirmed")
    with unit_of_work():
        closing.follow_claim(lock_contract(deal.pk), stage=stage, due=None, by=TESTER, reason="DF-1")
    return deal


CASES = {
    A.AGREE_BOTH: lambda: big("draft"),
    A.AGREE_PROVIDER: lambda: after("draft", do(drafting.agree, "eo")),
    A.AGREE_ENTERPRISE: lambda: after("draft", do(drafting.agree, "po")),
    A.START_SIGNING: lambda: big("ready"),
    A.SIGN_BOTH: lambda: big("signing"),
    A.SIGN_PROVIDER: lambda: after("signing", do(signing.sign, "el")),
    A.SIGN_ENTERPRISE: lambda: after("signing", do(signing.sign, "pl")),
    A.DEPOSIT: lambda: big("signed"),
    A.DEPOSIT_MATCH: lambda: after("signed", lambda deal: deal.report(PaymentKind.DEPOSIT)),
    A.MILESTONE: lambda: big("effective"),
    A.DELIVERY: lambda: big("performing"),
    A.EVIDENCE: lambda: after("delivered", make_query),
    A.ACCEPTANCE: lambda: big("delivered"),
    A.RECTIFICATION: lambda: after("delivered", do(performance.reject, "eo", reason="指标未达到")),
    A.BALANCE: lambda: big("accepted"),
    A.BALANCE_MATCH: lambda: after("accepted", lambda deal: deal.report(PaymentKind.BALANCE)),
    A.CONFIRM_PROVIDER: lambda: big("paid_up"),
    A.CONFIRM_ENTERPRISE: lambda: after("paid_up", do(performance.sign_confirmation, "pl", content="已完成")),
    A.SUPPLEMENT_PROVIDER: lambda: proposing("enterprise"),
    A.SUPPLEMENT_ENTERPRISE: lambda: proposing("provider"),
    A.TERMINATION_CHECK: lambda: ending()[0],
    A.TERMINATION_DECIDE: checked,
    A.MEDIATION: lambda: after("delivered", do(endings.open_dispute, "eo", reason="分歧")),
    A.FROZEN: lambda: after("delivered", by_department(endings.freeze, reason="核查")),
    A.OVERDUE: lambda: after("confirmed", lambda deal: closing.lapse(contract_id=deal.pk, by=TESTER, reason="逾期")),
    **{awaited: lambda stage=stage: claimed(stage) for stage, awaited in CLAIM_AWAITS.items()},
}


def test_every_wait_has_a_case_and_somebody_it_waits_for():
    assert set(CASES) == set(Awaited) == set(OF)


@pytest.mark.parametrize("expected", CASES, ids=str)
def test_what_is_awaited(expected):
    step = waiting.of(CASES[expected]().pk)
    assert step is not None
    assert step.awaited == expected
    assert step.late is False


def test_nothing_is_awaited_of_what_has_ended():
    deal = make_contract("ready")
    deal.do(drafting.withdraw, deal.parties.eo, reason="价格未谈妥")
    assert waiting.of(deal.pk) is None


def test_the_sentence_counts_the_days_and_names_the_limit():
    deal = make_contract("delivered")
    began = clock.local_date(deal.at.delivered_at)
    with time_machine.travel(clock.start_of(began + timedelta(days=6)), tick=False):
        step = waiting.of(deal.pk)
    assert step.sentence == f"等待企业验收，已等6天，已超过5天（{began + timedelta(days=5)}）。"
    assert (step.days, step.late, OF[step.awaited]) == (6, True, Of.ENTERPRISE)


def test_a_milestone_is_named_with_its_planned_day():
    due = clock.today() + timedelta(days=30)
    deal = make_contract("effective", milestones=[("现场诊断", due), ("提交报告", due + timedelta(days=30))])
    assert waiting.of(deal.pk).sentence == f"等待服务商完成关键环节“现场诊断”，计划日期{due}，还有30天。"
    with time_machine.travel(clock.end_of(due), tick=False):
        step = waiting.of(deal.pk)
    assert step.sentence == f"等待服务商完成关键环节“现场诊断”，计划日期{due}，已超过1天。"
    assert step.late is True


def test_a_milestone_whose_material_was_found_against_is_awaited_again():
    deal = make_contract("performing")
    assert awaited(deal) == A.DELIVERY
    query = make_query(deal)
    queries.reject(by=deal.parties.eo, query_id=query.pk, version=query.version, reason="不符")
    assert awaited(deal) == A.MILESTONE


@pytest.mark.parametrize(
    ("limit", "today", "start"),
    [
        (Limit("x", "x", 5, "d", "x"), date(2026, 3, 10), date(2026, 3, 4)),
        (Limit("x", "x", 5, "wd", "x"), date(2026, 3, 10), date(2026, 3, 2)),
        (Limit("x", "x", 1, "m", "x"), date(2026, 3, 31), date(2026, 2, 28)),
    ],
)
def test_the_last_day_a_wait_can_have_begun_and_be_over(limit, today, start):
    """Five days from 4 March end on 9 March, five working days from Monday 2 March too."""
    assert waiting.last_start(limit, today) == start


# Standing still.


def numbers(user, day=None):
    return [row.number for row in selectors.standing(user, day or clock.today()).order_by("number")]


def test_what_waits_longer_than_its_limit_stands_still():
    deal = make_contract("delivered")
    began = clock.local_date(deal.at.delivered_at)
    user = officer(Role.CENTRE_CHECKER)
    assert numbers(user, began + timedelta(days=5)) == []
    assert numbers(user, began + timedelta(days=6)) == [deal.at.number]


def test_a_late_milestone_stands_still_from_the_day_after():
    due = clock.today() + timedelta(days=30)
    deal = make_contract("effective", milestones=[("现场诊断", due)])
    user = officer(Role.DEPARTMENT)
    assert numbers(user, due) == []
    assert numbers(user, due + timedelta(days=1)) == [deal.at.number]


def test_drafts_and_claims_never_stand_still():
    parties = make_parties()
    for state in ("draft", "ready", "confirmed"):
        make_contract(state, parties=parties, amount="1250.00")
    assert numbers(officer(Role.DEPARTMENT), clock.today() + timedelta(days=300)) == []


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.SUPERVISOR])
def test_officers_see_all_that_stands_still(role):
    make_contract("delivered")
    assert len(numbers(officer(role), clock.today() + timedelta(days=9))) == 1


def test_a_city_sees_its_own_and_the_parties_nothing():
    deal = make_contract("delivered")
    day = clock.today() + timedelta(days=9)
    own = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450100"))
    other = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200"))
    assert (numbers(own, day), numbers(other, day), numbers(deal.parties.eo, day)) == ([deal.at.number], [], [])


def test_the_sums_by_reason_tell_the_money_that_is_held():
    parties = make_parties(diagnosis=False)
    for _ in range(2):
        make_contract("delivered", parties=parties, amount="10000.00")
    make_contract("accepted", parties=parties, amount="20000.00")
    day = clock.today() + timedelta(days=9)
    lines = waiting.sums(selectors.standing(officer(Role.DEPARTMENT), day), day)
    assert [(line["awaited"], line["of"], line["contracts"], line["held"], line["longest_days"]) for line in lines] == [
        ("acceptance", "enterprise", 2, Decimal("10000.00"), 9),
        ("balance", "enterprise", 1, Decimal("10000.00"), 9),
    ]


def test_another_enterprise_does_not_come_into_a_provider_filter():
    deal = make_contract("delivered")
    make_contract("delivered", parties=make_parties(enterprise=EnterpriseFactory(active=True)))
    rows = selectors.standing(officer(Role.DEPARTMENT), clock.today() + timedelta(days=9))
    assert rows.filter(provider=deal.parties.provider).count() == 1
    assert rows.count() == 2


def test_whose_turn_it_is_narrows_the_rows_the_longest_wait_first():
    parties = make_parties()
    performing, draft = make_contract("performing", parties=parties), make_contract(parties=parties)
    rows = selectors.visible_to(parties.po)
    assert {row.pk for row in waiting.on_turn(rows, Of.PROVIDER)} == {performing.pk}
    assert {row.pk for row in waiting.on_turn(rows, Of.PROVIDER, Of.BOTH)} == {performing.pk, draft.pk}
    assert not waiting.on_turn(rows, Of.OFFICE).exists()


def test_what_one_side_owes_is_what_waits_for_it_the_longest_first():
    parties = make_parties()
    draft = make_contract("draft", parties=parties, amount="3000.00")
    delivered = make_contract("delivered", parties=parties, amount="3000.00")
    make_contract("effective", parties=parties, amount="3000.00")
    rows = selectors.visible_to(parties.eo)
    assert {row.pk for row in waiting.on_turn(rows, Of.ENTERPRISE, Of.BOTH)} == {draft.pk, delivered.pk}
    assert [row.pk for row in waiting.on_turn(rows, Of.ENTERPRISE)] == [delivered.pk]


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.FINANCE, Role.SUPERVISOR])
def test_of_everything_awaited_each_office_is_told_whether_it_is_its_work(role):
    reader = officer(role)
    ours = {one for one in Awaited if desk.turn_of(reader, one) != desk.Turn.OTHERS}
    house = {Role.CENTRE_CHECKER: {Of.CENTRE, Of.OFFICE}, Role.DEPARTMENT: {Of.CENTRE, Of.DEPARTMENT, Of.OFFICE}}.get(
        role, set()
    )
    assert {OF[one] for one in ours} <= house
