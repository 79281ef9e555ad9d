"""The offices' side: every condition verified by a person, one list a return, at most two, three people."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Membership, User
from accounts.states import Role
from accreditation.services import checking
from accreditation.states import ApplicationState
from foundation import clock, jobs
from providers.services import standing
from tests.accreditation.support import last, refused
from tests.factories.accounts import make_user, officer
from tests.factories.accreditation import make_case, make_product_case, under_review
from tests.factories.providers import ProviderFactory
from tests.factories.registry import dishonest

pytestmark = pytest.mark.django_db
ASK = {"kind": "material", "code": "tax", "what": "补充纳税登记表", "why": "文件不清晰"}


def test_a_check_needs_a_person_for_every_condition():
    case = make_case("submitted")
    findings = [one for one in case.findings() if one["code"] not in ("years", "credit")]
    with refused("CONDITIONS_UNVERIFIED") as caught:
        case.do(checking.check, case.desk.co, findings=findings)
    assert caught.value.details["conditions"] == ["years", "credit"]
    case.checked()
    row = case.at.checks.get(code="years")
    assert (row.finding, row.verified_by, case.at.state) == ("ok", case.desk.co, ApplicationState.FORMAL_CHECK)


def test_a_hard_condition_that_failed_is_not_overruled():
    case = make_case("submitted", provider=ProviderFactory(core_staff=7))
    with refused("OVERRIDE_NOT_ALLOWED"):
        case.checked(core_staff="ok")


def test_a_case_that_fails_a_condition_is_not_accepted_and_told_which():
    case = make_case("submitted", provider=ProviderFactory(core_staff=7))
    case.checked()
    with refused("CONDITION_NOT_MET") as caught:
        case.accepted()
    assert caught.value.details["conditions"] == ["core_staff"]
    assert "核心业务专职人员（第十三条第（四）项）要求缴纳社保满12个月的8名以上，实际7名" in caught.value.message


def test_what_the_machine_passed_a_person_may_fail_with_a_note():
    case = make_case("submitted")
    with refused("NOTE_NEEDED"):
        case.do(checking.check, case.desk.co, findings=[{"code": "place", "result": "fail", "note": " "}])
    case.checked(place="fail")
    with refused("CONDITION_NOT_MET"):
        case.accepted()


def test_a_doubt_is_cleared_only_with_a_note():
    case = make_case("submitted", provider=ProviderFactory(clients_last_year=5))
    assert case.at.checks.get(code="clients").result == "doubt"
    plain = [{**one, "note": ""} for one in case.findings()]
    with refused("NOTE_NEEDED"):
        case.do(checking.check, case.desk.co, findings=plain)
    case.checked()
    case.accepted()
    assert case.at.state == ApplicationState.DEPT_ACCEPTED


def test_a_dishonest_body_is_found_on_the_roster():
    provider = ProviderFactory()
    dishonest(provider.uscc)
    case = make_case("submitted", provider=provider)
    row = case.at.checks.get(code="credit")
    assert (row.result, row.source) == ("fail", "registry")


def test_a_condition_nobody_knows_is_refused():
    case = make_case("submitted")
    with refused("UNKNOWN_CONDITION"):
        case.do(checking.check, case.desk.co, findings=[{"code": "beauty", "result": "ok", "note": ""}])


def test_what_was_verified_and_did_not_change_need_not_be_verified_again():
    case = make_case("submitted")
    case.checked()
    case.returned(by=case.desk.dp)
    case.submitted(answers={1: "已补充"})
    assert case.at.checks.filter(submission=2, verified_by=case.desk.co).count() == 11
    case.do(checking.check, case.desk.co)
    assert case.at.state == ApplicationState.FORMAL_CHECK


def test_what_changed_is_verified_again():
    case = make_case("submitted")
    case.checked()
    case.returned(by=case.desk.dp)
    case.with_clients(12)
    case.submitted(answers={1: "已补充"})
    with refused("CONDITIONS_UNVERIFIED") as caught:
        case.do(checking.check, case.desk.co)
    assert caught.value.details["conditions"] == ["clients"]


def test_it_is_returned_twice_and_no_more():
    case = make_case("submitted")
    for answer in ("一", "二"):
        case.returned()
        case.submitted(answers={1: answer})
    with refused("RETURNS_USED_UP") as caught:
        case.returned()
    assert caught.value.details["limit"] == 2
    assert [(ask.round_no, ask.answer) for ask in case.at.asks.all()] == [(1, "一"), (2, "二")]


def test_a_return_is_one_list_with_a_date():
    case = make_case("submitted")
    case.returned(items=[ASK, {"kind": "clients", "code": "clients", "what": "补两家合同", "why": "不足十家"}])
    assert (case.at.state, case.at.returns, case.at.correction_due) == ("returned", 1, date(2026, 3, 16))
    assert case.at.reason == "1. 纳税登记表：补充纳税登记表（文件不清晰）；2. 上年服务企业清单：补两家合同（不足十家）"
    assert last(case.at).facts["items"][0] == ASK


@pytest.mark.parametrize(("kind", "code"), [("field", "contact_phone"), ("material", "photo"), ("condition", "beauty")])
def test_what_is_asked_back_is_something_the_application_has(kind, code):
    case = make_case("submitted")
    with refused("ASK_UNKNOWN"):
        case.returned(items=[{**ASK, "kind": kind, "code": code}])


def test_before_the_check_only_the_centre_returns_it():
    case = make_case("submitted")
    with refused("NOT_ALLOWED"):
        case.returned(by=case.desk.dp)


def test_nobody_does_two_stages_of_one_case_in_whatever_submission():
    case = make_case("submitted")
    both = make_user(Role.CENTRE_CHECKER, Role.DEPARTMENT)
    case.returned(by=both)
    case.submitted(answers={1: "已补充"})
    case.checked()
    with refused("NOT_ALLOWED"):
        case.do(checking.accept, both, opinion="同意")
    with refused("NOT_ALLOWED"):
        case.do(checking.reject, both, reason="不符合")


def test_who_reviewed_it_once_does_not_check_it_in_another_office_later():
    case = make_case("submitted")
    mover = officer(Role.DEPARTMENT)
    case.checked()
    case.do(checking.send_back, mover, items=[ASK])
    case.submitted(answers={1: "已补充"})
    Membership.objects.filter(user=mover).update(ended_at=clock.now())
    Membership.objects.create(user=mover, role=Role.CENTRE_CHECKER, since=clock.now())
    with refused("NOT_ALLOWED"):
        case.do(checking.check, User.objects.get(pk=mover.pk), findings=case.findings())


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR])
def test_only_the_centres_checker_checks(role):
    case = make_case("submitted")
    with refused("NOT_ALLOWED"):
        case.do(checking.check, officer(role), findings=case.findings())


def test_it_is_not_accepted_before_the_check():
    case = make_case("submitted")
    with refused("WRONG_STATE"):
        case.accepted()


def test_a_rejected_case_says_why():
    case = make_case("checked")
    case.do(checking.reject, case.desk.dp, reason="不在区内登记。")
    assert (case.at.state, case.at.reason) == (ApplicationState.REJECTED, "不在区内登记。")


def test_once_accepted_it_is_not_rejected_by_hand():
    case = make_case("accepted")
    with refused("WRONG_STATE"):
        case.do(checking.reject, case.desk.dp, reason="不在区内登记。")


def test_what_is_not_put_right_in_time_is_over(travel):
    case = make_product_case("submitted")
    case.returned(items=[{"kind": "field", "code": "price", "what": "核对标价", "why": "高于同类"}])
    travel.move_to(clock.start_of(date(2026, 3, 16)))
    assert jobs.run("lapse_corrections") == {"lapsed": 0}
    travel.move_to(clock.start_of(date(2026, 3, 17)))
    assert jobs.run("lapse_corrections") == {"lapsed": 1}
    assert jobs.run("lapse_corrections") == {"lapsed": 0}
    assert (case.at.state, case.at.reason) == ("rejected", "补正期限2026-03-16已过，未补正。")
    assert case.at.product_version.state == "returned"  # the provider's to edit, for another round


def bar(provider):
    row = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报上年服务企业数")
    return standing.decide_bar(
        by=officer(Role.APPROVER), bar_id=row.pk, version=row.version, decision_no="桂工信罚〔2026〕3号"
    )


@pytest.mark.parametrize("state", ["draft", "filled", "submitted", "checked"])
def test_a_barred_code_goes_no_further(state):
    case = make_case(state)
    bar(case.at.provider)
    act = {"draft": "filled", "filled": "submitted", "submitted": "checked", "checked": "accepted"}[state]
    with refused("USCC_BARRED"):
        getattr(case, act)()


@pytest.mark.parametrize("state", ["draft", "submitted", "checked", "accepted"])
def test_its_cases_end_by_that_decision(state):
    case, other = make_case(state), make_case("submitted")
    bar(case.at.provider)
    assert jobs.run("end_barred_applications") == {"ended": 1}
    assert jobs.run("end_barred_applications") == {"ended": 0}
    assert (case.at.state, case.at.decision_no) == (ApplicationState.REJECTED, "桂工信罚〔2026〕3号")
    assert other.at.state == ApplicationState.SUBMITTED


def test_one_that_is_on_show_is_removed_and_the_rest_of_the_list_goes_on():
    call, [case, other] = under_review(2)
    for one in (case, other):
        one.scored()
    call.recommended()
    call.decided()
    call.shown()
    bar(case.at.provider)
    call.listed()
    assert (case.at.state, other.at.state) == (ApplicationState.REMOVED, ApplicationState.LISTED)
    assert case.at.reason == "依据桂工信罚〔2026〕3号，该机构因申报材料不实不得申报认定（办法第十六条）。"
