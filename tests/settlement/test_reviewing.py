"""Formal check, review and decision: three people, three outcomes, and the way back."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.states import Role
from contracts.services import endings
from engines.evidence.selectors import of_subject
from engines.notifications.models import OutboxEvent
from settlement.services import filing, refusing, reviewing
from settlement.states import ClaimState
from tests.factories.accounts import make_user, officer
from tests.factories.settlement import CLAIM_STEPS, Desk, make_claim
from tests.settlement.support import last, lines, refused, standing

pytestmark = pytest.mark.django_db


def test_passed_by_three_people():
    case = make_claim("passed", amount="12500.00")
    claim, desk = case.at, case.desk
    assert (claim.state, claim.approved) == (ClaimState.PASSED, Decimal("10000.00"))
    assert (claim.checked_by_id, claim.reviewed_by_id, claim.decided_by_id) == (desk.co.pk, desk.cr.pk, desk.dp.pk)
    assert [record.act for record in of_subject(claim)] == ["create", "submit", "check", "review", "pass"]
    assert lines(case) == standing("committed", "committed", "committed", "10000.00")


@pytest.mark.parametrize(
    ("until", "service", "own"),
    [
        ("submitted", reviewing.check, Role.CENTRE_CHECKER),
        ("checked", reviewing.review, Role.CENTRE_REVIEWER),
        ("reviewed", reviewing.pass_whole, Role.DEPARTMENT),
    ],
)
def test_each_stage_has_its_role(until, service, own):
    case = make_claim(until)
    for role in set(Role) - {own}:
        with refused("NOT_ALLOWED"):
            case.do(service, make_user(role))


def test_one_person_with_both_roles_takes_one_stage():
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    case = make_claim("submitted", desk=Desk(co=both, cr=both))
    case.checked()
    with refused("NOT_ALLOWED"):
        case.reviewed()


def test_who_returned_it_as_checker_does_not_review_the_next_round():
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    case = make_claim("submitted")
    case.returned(by=both)
    case.submitted()
    case.checked()
    with refused("NOT_ALLOWED"):
        case.do(reviewing.review, both)
    case.reviewed()
    assert case.at.state == ClaimState.FORMAL_REVIEW


@pytest.mark.parametrize("until", CLAIM_STEPS[:3])
def test_whoevers_turn_it_is_returns_with_one_list(until):
    case = make_claim(until)
    by = {"submitted": case.desk.co, "checked": case.desk.cr, "reviewed": case.desk.dp}[until]
    items = [{"code": "F16", "text": "请补充现场照片"}, {"code": "F02", "text": "回单不清晰"}]
    case.do(reviewing.send_back, by, items=items)
    claim = case.at
    assert (claim.state, claim.returns, claim.return_items) == (ClaimState.RETURNED, 1, items)
    message = OutboxEvent.objects.get(topic="claim.returned")
    assert message.organisation_ids == [case.deal.parties.provider.organisation_id]
    assert "关键环节缺少佐证材料：请补充现场照片；材料不清晰或非原件：回单不清晰" in message.body


def test_only_whoevers_turn_it_is_returns():
    case = make_claim("checked")
    for by in (case.desk.co, case.desk.dp, case.desk.ap):
        with refused("NOT_ALLOWED"):
            case.returned(by=by)


def test_a_draft_is_not_returned():
    with refused("WRONG_STATE"):
        make_claim().returned()


def test_a_second_round_is_examined_anew():
    case = make_claim("reviewed")
    case.returned(by=case.desk.dp)
    case.submitted()
    claim = case.at
    assert (claim.state, claim.checked_by, claim.reviewed_by, claim.return_items) == (
        ClaimState.SUBMITTED,
        None,
        None,
        [],
    )
    with refused("WRONG_STATE"):
        case.passed()
    case.checked()
    case.reviewed()
    case.passed()
    assert case.at.state == ClaimState.PASSED


def test_returns_end_where_the_notice_says():
    case = make_claim("submitted")
    most = case.at.notice.parsed.max_returns
    for _ in range(most):
        case.returned()
        case.submitted()
    with refused("RETURNS_USED_UP") as caught:
        case.returned()
    assert caught.value.details == {"limit": most}
    case.checked()
    assert case.at.returns == most


def test_a_reduction_is_subtracted_and_its_money_is_free():
    case = make_claim("reviewed", amount="12500.00")
    case.reduced("0.01")
    claim = case.at
    assert (claim.state, claim.approved, claim.requested) == (
        ClaimState.REDUCED,
        Decimal("9999.99"),
        Decimal("10000.00"),
    )
    assert (claim.reduction_code, claim.reduction_reason) == ("F09", "不属于支持范围的部分")
    assert lines(case) == standing("committed", "committed", "committed", "9999.99")
    assert case.deal.at.final_voucher == Decimal("10000.00")
    facts = last(claim).facts
    assert (facts["reduction"], facts["approved"], facts["code"]) == ("0.01", "9999.99", "F09")


def test_everything_is_not_a_reduction():
    case = make_claim("reviewed", amount="12500.00")
    for reduction in ("10000.00", "10000.01"):
        with refused("REDUCTION_TOO_LARGE"):
            case.reduced(reduction)


def test_a_refusal_waits_for_the_appeal_with_the_money_set_aside():
    case = make_claim("reviewed", amount="12500.00")
    case.refused()
    claim = case.at
    assert (claim.state, claim.approved, claim.refusal_code) == (ClaimState.REFUSED, Decimal("0.00"), "F20")
    assert (claim.appeal_until, claim.final_at) == (date(2026, 3, 16), None)
    assert lines(case) == standing("committed", "committed", "committed", "10000.00")
    assert case.deal.at.state == "confirmed"
    for again in (case.submitted, case.passed, case.returned):
        with refused("WRONG_STATE"):
            again()


OPEN = ["submitted", "checked", "reviewed", "returned", "passed", "reduced"]


def ended(until, how="void"):
    """A claim brought to `until`, its contract then ended."""
    case = make_claim(until if until in CLAIM_STEPS else {"returned": "submitted", "reduced": "reviewed"}[until])
    if until not in CLAIM_STEPS:
        getattr(case, until)()
    deal = case.deal
    if how == "void":
        deal.do(endings.freeze, case.desk.dp, reason="核查")
        deal.do(endings.void, case.desk.dp, reason="查实转包")
    else:
        deal.do(endings.open_dispute, deal.parties.el, reason="对成果有异议")
        asked = endings.request_termination(
            by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault="none", reason="不再履行"
        )
        co, cr = make_user(Role.CENTRE_CHECKER), make_user(Role.CENTRE_REVIEWER)
        asked = endings.check_termination(
            by=co, termination_id=asked.pk, version=asked.version, fault="none", reason="属实"
        )
        endings.decide_termination(by=cr, termination_id=asked.pk, version=asked.version, reason="同意")
    return case


@pytest.mark.parametrize("until", OPEN)
def test_a_claim_of_a_voided_contract_is_refused_at_whatever_stage(until):
    case = ended(until)
    contract, money = case.deal.at, lines(case)
    case.refused()
    claim = case.at
    assert (claim.state, claim.approved, claim.refusal_code, claim.refusal_text) == (
        ClaimState.REFUSED,
        Decimal("0.00"),
        "F20",
        "查实转包",
    )
    assert (claim.decided_by_id, last(claim).act, last(claim).facts["contract_state"]) == (
        case.desk.dp.pk,
        "refuse",
        "voided",
    )
    # The contract is told where its claim stands, and is left alone otherwise.
    assert (last(case.deal.at).act, case.deal.at.version) == ("follow_claim", contract.version + 1)
    assert (case.deal.at.state, lines(case)) == ("voided", money)
    message = OutboxEvent.objects.get(topic="claim.refused")
    assert message.organisation_ids == [case.deal.parties.provider.organisation_id]
    assert "合同已作废，不予通过，转包、分包：查实转包" in message.body


def test_a_claim_of_a_terminated_contract_is_refused():
    case = ended("submitted", how="terminate")
    assert case.deal.at.state == "terminated"
    case.refused()
    assert (case.at.state, case.deal.at.state) == (ClaimState.REFUSED, "terminated")


def test_only_the_department_refuses_when_the_contract_has_ended():
    case = ended("submitted")
    for by in (case.desk.co, case.desk.cr, case.desk.ap, case.deal.parties.pl):
        with refused("NOT_ALLOWED"):
            case.do(refusing.refuse, by, code="F20", text="查实转包")


def test_who_checked_it_does_not_refuse_it_when_the_contract_has_ended():
    both = make_user(Role.CENTRE_CHECKER, Role.DEPARTMENT)
    case = ended("submitted")
    case.do(reviewing.check, both)
    with refused("NOT_ALLOWED"):
        case.do(refusing.refuse, both, code="F20", text="查实转包")


@pytest.mark.parametrize("until", OPEN[:2] + OPEN[3:])
def test_a_living_contracts_claim_is_refused_after_its_review_only(until):
    case = make_claim(until if until in CLAIM_STEPS else {"returned": "submitted", "reduced": "reviewed"}[until])
    if until not in CLAIM_STEPS:
        getattr(case, until)()
    with refused("WRONG_STATE"):
        case.refused()


def test_a_draft_of_an_ended_contract_is_nobodys_to_refuse():
    case = make_claim()
    case.deal.do(endings.freeze, case.desk.dp, reason="核查")
    case.deal.do(endings.void, case.desk.dp, reason="查实转包")
    with refused("WRONG_STATE"):
        case.refused()


def test_nothing_is_decided_while_the_contract_is_disputed():
    case = make_claim("reviewed")
    deal = case.deal
    endings.open_dispute(by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, reason="对成果有异议")
    for decide in (case.passed, case.reduced, case.refused):
        with refused("CONTRACT_NOT_CONFIRMED"):
            decide()


def test_no_stage_is_skipped():
    case = make_claim()
    for step in (case.checked, case.reviewed, case.passed, case.reduced, case.refused):
        with refused("WRONG_STATE"):
            step()


def test_the_second_of_two_is_told_of_the_first():
    case = make_claim("submitted")
    version = case.at.version
    reviewing.check(by=case.desk.co, claim_id=case.pk, version=version)
    with refused("VERSION_CONFLICT"):
        filing.withdraw(by=case.deal.parties.po, claim_id=case.pk, version=version, reason="撤回")


def test_the_contract_of_a_refused_claim_can_be_voided():
    case = make_claim("reviewed")
    case.refused()
    deal = case.deal
    deal.do(endings.freeze, officer(Role.DEPARTMENT), reason="核查")
    deal.do(endings.void, officer(Role.DEPARTMENT), reason="虚假交易")
    assert deal.at.state == "voided"
