"""A round stands where its cases stand, whoever ended the last one it waited for."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from accreditation.services import checking, filing
from accreditation.states import RoundState
from foundation import clock, jobs
from providers.services import standing
from tests.accreditation.support import acts
from tests.factories.accounts import officer
from tests.factories.accreditation import make_call, make_case, make_product_case, under_review
from tests.factories.publicity import make_case as make_objection

pytestmark = pytest.mark.django_db


def bar(provider) -> None:
    row = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报上年服务企业数")
    standing.decide_bar(by=officer(Role.APPROVER), bar_id=row.pk, version=1, decision_no="桂工信罚〔2026〕3号")


def closed_with(state: str):
    """A closed round with one case."""
    call = make_call()
    case = make_case(state, call=call)
    call.closed()
    assert call.at.state == RoundState.CLOSED
    return call, case


def test_the_last_case_is_rejected():
    call, case = closed_with("checked")
    case.do(checking.reject, case.desk.dp, reason="不在区内登记。")
    assert (call.at.state, acts(call.at)[-1]) == (RoundState.ENDED, "end")


def test_the_last_case_is_withdrawn():
    call, case = closed_with("submitted")
    case.do(filing.withdraw, case.po, reason="改报下一批次")
    assert call.at.state == RoundState.ENDED


def test_the_last_case_lapses(travel):
    call, case = closed_with("submitted")
    case.returned()
    travel.move_to(clock.start_of(date(2026, 3, 17)))
    assert jobs.run("lapse_corrections") == {"lapsed": 1}
    assert call.at.state == RoundState.ENDED


def test_the_last_case_is_of_a_barred_provider():
    call, case = closed_with("accepted")
    bar(case.at.provider)
    assert jobs.run("end_barred_applications") == {"ended": 1}
    assert call.at.state == RoundState.ENDED


def test_while_it_takes_applications_nothing_moves_it():
    case = make_case("checked")
    case.do(checking.reject, case.desk.dp, reason="不在区内登记。")
    assert case.call.at.state == RoundState.OPEN


def test_an_open_product_no_longer_keeps_a_decided_round_back(travel):
    """The providers' list is decided while a product's case is still returned; that lapses: decided it is."""
    call = make_call()
    waiting = make_product_case("submitted", call=call)
    waiting.returned(items=[{"kind": "field", "code": "price", "what": "核对标价", "why": "高于同类"}])
    call, [case] = under_review(call=call)
    case.scored()
    call.recommended()
    call.decided()
    assert (case.at.state, call.at.state) == ("approved", RoundState.REVIEWING)
    travel.move_to(clock.start_of(date(2026, 3, 17)))
    jobs.run("lapse_corrections")
    assert (waiting.at.state, call.at.state) == ("rejected", RoundState.DECIDED)


def test_a_barred_provider_under_objection_does_not_keep_its_round_on_show(travel):
    """The item waits for its objection, the case is over by the bar: the round is listed with the others."""
    call, [case, other] = under_review(2)
    for one in (case, other):
        one.scored()
    call.recommended()
    call.decided()
    item = call.shown().items.get(subject_id=case.pk)
    objection = make_objection(item, "accepted")
    call.listed()
    assert (case.at.state, other.at.state, call.at.state) == ("objection_hold", "listed", RoundState.PUBLICITY)
    bar(case.at.provider)
    jobs.run("end_barred_applications")
    assert (case.at.state, call.at.state) == ("removed", RoundState.LISTED)
    travel.move_to(clock.start_of(date(2026, 3, 10)))
    objection.bring_on("decided", "upheld")  # the answer comes all the same, and has nothing left to remove
    assert (case.at.decision_no, call.at.state) == ("桂工信罚〔2026〕3号", RoundState.LISTED)
