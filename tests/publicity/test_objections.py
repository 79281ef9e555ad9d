"""An objection from filing to its last word: only its item waits (DOMAIN 6.11, 8-39)."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from engines.notifications.models import OutboxEvent
from engines.publicity.models import Objection
from engines.publicity.states import FilerKind, ItemState, ObjectionState, Outcome, PublicityState, Unaccepted
from programmes.services import objections, publicities
from tests.factories.accounts import make_organisation, officer
from tests.factories.publicity import file_one, items, make_case, make_entry, make_publicity, upload
from tests.publicity.support import at, refused

pytestmark = pytest.mark.django_db
UPHELD, NOT_UPHELD = Outcome.UPHELD, Outcome.NOT_UPHELD


def close(publicity):
    return publicities.close_period(by=officer(Role.DEPARTMENT), publicity_id=publicity.pk, version=1)


def states(publicity) -> list[str]:
    return [str(item.state) for item in items(publicity)]


def test_an_objection_is_filed_with_a_receipt_and_the_day_of_its_acceptance():
    receipt = file_one(items(make_publicity(1))[0])
    assert receipt.objection.number == "YY-2026-00001"
    assert (receipt.objection.state, receipt.objection.accept_due) == (ObjectionState.FILED, date(2026, 3, 9))
    assert len(receipt.secret) == 20


def test_filing_holds_nothing(told):
    publicity = make_publicity(2)
    file_one(items(publicity)[0])
    assert states(publicity) == ["on_show", "on_show"]
    assert told.said == []


def test_an_accepted_objection_on_one_of_two_hundred_holds_only_that_one(travel, told):
    publicity = make_publicity(200)
    disputed = items(publicity)[136]
    make_case(disputed, "accepted")
    travel.move_to(at(2026, 3, 9, 2))
    closed = close(publicity)
    assert closed.state == PublicityState.CLOSED_WITH_HOLD
    assert states(publicity).count("cleared") == 199
    assert items(publicity)[136].state == ItemState.HELD
    assert told.said[0] == ("hold", disputed.label)
    assert len(told.said[1][1]) == 199


def test_acceptance_sets_the_clock_of_the_answer():
    case = make_case(step="accepted")
    assert case.at.result_due == date(2026, 4, 1)


def test_one_not_upheld_while_the_list_is_shown_goes_back_to_it(told):
    case = make_case(step="decided")
    assert (case.at.state, case.at.item.state) == (ObjectionState.NOT_UPHELD, ItemState.ON_SHOW)
    assert told.said[-1] == ("release", case.at.item.label, "on_show")


def test_one_not_upheld_after_the_period_is_cleared_and_the_list_is_done(travel, told):
    case = make_case(step="accepted")
    publicity = case.at.item.publicity
    travel.move_to(at(2026, 3, 9, 2))
    close(publicity)
    for act, by, given in (
        (objections.investigate, case.investigator, {}),
        (objections.report, case.investigator, {"findings": "不属实。"}),
        (objections.decide, case.decider, {"outcome": NOT_UPHELD, "answer": "异议不成立。"}),
    ):
        case.do(act, by, **given)
    assert case.at.item.state == ItemState.CLEARED
    assert case.at.item.publicity.state == PublicityState.DONE
    assert told.said[-1] == ("release", case.at.item.label, "cleared")


def test_one_upheld_leaves_the_list(told):
    case = make_case()
    case.bring("decided", UPHELD)
    assert (case.at.state, case.at.item.state) == (ObjectionState.UPHELD, ItemState.REMOVED)
    assert told.said[-1] == ("remove", case.at.item.label)


def test_a_removed_item_is_shown_again_on_a_new_list_for_the_full_time(travel):
    one = make_organisation()
    case = make_case(items(make_publicity(entries=[make_entry(one)]))[0])
    case.bring("decided", UPHELD)
    travel.move_to(at(2026, 3, 5, 2))
    assert make_publicity(entries=[make_entry(one)]).last == date(2026, 3, 11)


def test_with_two_objections_the_item_waits_for_both(told):
    item = items(make_publicity(1))[0]
    one, other = make_case(item, "accepted"), make_case(item, "accepted")
    one.do(objections.investigate, one.investigator)
    one.do(objections.report, one.investigator, findings="不属实。")
    one.do(objections.decide, one.decider, outcome=NOT_UPHELD, answer="不成立。")
    assert one.at.item.state == ItemState.HELD
    other.do(objections.investigate, other.investigator)
    other.do(objections.report, other.investigator, findings="不属实。")
    other.do(objections.decide, other.decider, outcome=NOT_UPHELD, answer="不成立。")
    assert one.at.item.state == ItemState.ON_SHOW
    assert [what[0] for what in told.said] == ["hold", "release"]


def test_an_objection_nobody_has_looked_at_holds_its_item_when_the_period_ends(travel, told):
    publicity = make_publicity(2)
    case = make_case(items(publicity)[0])
    travel.move_to(at(2026, 3, 9, 2))
    assert close(publicity).state == PublicityState.CLOSED_WITH_HOLD
    assert states(publicity) == ["held", "cleared"]
    case.do(objections.turn_down, case.checker, why=Unaccepted.OUT_OF_SCOPE, answer="不属于公示内容。")
    assert states(publicity) == ["cleared", "cleared"]
    assert [what[0] for what in told.said] == ["hold", "close", "release"]


@pytest.mark.parametrize(("moment", "code"), [((2026, 3, 6, 15, 59), None), ((2026, 3, 6, 16, 0), "OBJECTION_LATE")])
def test_filing_ends_with_the_last_day(travel, moment, code):
    item = items(make_publicity(1))[0]
    travel.move_to(at(*moment))
    if code is None:
        file_one(item)
        return
    error = refused(code, file_one, item)
    assert "公示期为2026-03-02至2026-03-06，今天为2026-03-07" in error.message
    assert "0771-0000000" in error.message


def test_filing_does_not_begin_before_the_first_day():
    item = items(make_publicity(1, first=date(2026, 3, 3)))[0]
    refused("OBJECTION_EARLY", file_one, item)


@pytest.mark.parametrize("missing", ["name", "phone"])
def test_an_anonymous_objection_is_refused(missing):
    refused("OBJECTION_ANONYMOUS", file_one, items(make_publicity(1))[0], **{missing: " "})


def test_a_persons_identity_number_must_hold():
    refused("IDENTITY_INVALID", file_one, items(make_publicity(1))[0], identity_number="459900198501010038")


def test_a_unit_names_its_code_and_brings_its_letter():
    item = items(make_publicity(1))[0]
    refused("USCC_INVALID", file_one, item, kind=FilerKind.UNIT, identity_number="91450199MA6K000140")
    refused("OBJECTION_LETTER_MISSING", file_one, item, kind=FilerKind.UNIT, uploads={})
    assert file_one(item, kind=FilerKind.UNIT).objection.files.get().name == "盖章异议函.pdf"


def test_a_withdrawn_list_takes_no_objection_and_ends_those_under_way(told):
    case = make_case(step="accepted")
    item = case.at.item
    publicities.withdraw(by=officer(Role.DEPARTMENT), publicity_id=item.publicity_id, version=1, reason="有误")
    refused("PUBLICITY_WITHDRAWN", file_one, item)
    assert (case.at.state, case.at.item.state) == (ObjectionState.LAPSED, ItemState.WITHDRAWN)


def test_a_removed_item_takes_no_further_objection():
    case = make_case()
    case.bring("decided", UPHELD)
    refused("OBJECTION_ITEM_GONE", file_one, case.at.item)


def test_an_item_of_another_list_is_not_found():
    one, other = make_publicity(1), make_publicity(1)
    refused("NOT_FOUND", file_one, items(one)[0], publicity_id=other.pk)


def test_a_decision_needs_the_findings():
    case = make_case(step="investigating")
    refused("OBJECTION_NOT_REPORTED", case.do, objections.decide, case.decider, outcome=UPHELD, answer="成立。")


def test_the_answer_is_put_off_once_to_ninety_days_from_acceptance():
    case = make_case(step="investigating")
    assert case.do(objections.extend, case.decider, reason="须外调").result_due == date(2026, 5, 31)
    refused("OBJECTION_EXTENDED", case.do, objections.extend, case.decider, reason="再延")


def test_the_answer_is_not_put_off_once_it_is_late(travel):
    case = make_case(step="investigating")
    travel.move_to(at(2026, 4, 2, 2))
    refused("OBJECTION_OVERDUE", case.do, objections.extend, case.decider, reason="须外调")


# (act, what else it takes, the step before it, roles that may)
ACTS = [
    ("accept", {}, None, {Role.CENTRE_CHECKER}),
    ("turn_down", {"why": "late", "answer": "已过期限。"}, None, {Role.CENTRE_CHECKER}),
    ("investigate", {}, "accepted", {Role.DEPARTMENT}),
    ("report", {"findings": "查明。"}, "investigating", {Role.DEPARTMENT}),
    ("extend", {"reason": "外调"}, "accepted", {Role.APPROVER}),
    ("decide", {"outcome": "upheld", "answer": "成立。"}, "reported", {Role.DEPARTMENT, Role.APPROVER}),
    ("notify", {"how": "电话"}, "decided", {Role.DEPARTMENT, Role.CENTRE_CHECKER}),
    ("register_review", {"asked_by": "party", "grounds": "补充"}, "notified", {Role.CENTRE_CHECKER}),
    ("open_identity", {"reason": "核实"}, None, {Role.DEPARTMENT, Role.APPROVER}),
]
OFFICE = [
    Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER, Role.FINANCE, Role.SUPERVISOR, Role.SYSTEM_ADMIN,
]  # fmt: skip


@pytest.mark.parametrize(("act", "given", "step", "roles"), ACTS, ids=[one[0] for one in ACTS])
def test_each_act_is_its_roles_alone(act, given, step, roles):
    for role in OFFICE:
        case = make_case(step=step)
        if role in roles:
            case.do(getattr(objections, act), officer(role), **given)
        else:
            refused("NOT_ALLOWED", case.do, getattr(objections, act), officer(role), **given)


def test_nobody_takes_two_stages():
    both = officer(Role.DEPARTMENT)
    case = make_case(step="accepted")
    case.investigator = both
    case.do(objections.investigate, both)
    case.do(objections.report, both, findings="查明。")
    refused("NOT_ALLOWED", case.do, objections.decide, both, outcome=UPHELD, answer="成立。")


def test_whoever_once_investigated_does_not_decide_though_another_took_over():
    first = officer(Role.DEPARTMENT)
    case = make_case(step="accepted")
    case.do(objections.investigate, first)
    case.do(objections.report, case.investigator, findings="查明。")
    assert case.at.investigated_by == case.investigator.actor_id
    refused("NOT_ALLOWED", case.do, objections.decide, first, outcome=UPHELD, answer="成立。")


def test_an_older_version_is_told_so():
    case = make_case(step="accepted")
    refused("VERSION_CONFLICT", objections.investigate, by=case.investigator, objection_id=case.row.pk, version=1)


def review(case, grounds="未回应附件。") -> Objection:
    return objections.ask_review(receipt=case.at.number, secret=case.receipt.secret, grounds=grounds)


def test_the_filer_asks_once_for_another_look_and_the_item_waits_again(told):
    case = make_case(step="notified")
    assert case.at.review_until == date(2026, 3, 16)
    assert review(case).review_due == date(2026, 3, 23)
    assert case.at.item.state == ItemState.HELD
    case.do(objections.conclude, case.reviewer, outcome=NOT_UPHELD, answer="维持。")
    assert (case.at.state, case.at.item.state) == (ObjectionState.CLOSED, ItemState.ON_SHOW)
    refused("WRONG_STATE", review, case)


def test_the_grounds_of_a_review_tell_no_telephone_either():
    error = refused("PERSONAL_DATA", review, make_case(step="notified"), grounds="请打13712345678核实。")
    assert error.details == {"found": [{"field": "grounds", "kind": "phone"}]}


def test_a_review_is_by_somebody_who_has_taken_no_stage():
    case = make_case(step="notified")
    review(case)
    for person in (case.investigator, case.decider):
        refused("NOT_ALLOWED", case.do, objections.conclude, person, outcome=UPHELD, answer="成立。")


def test_a_review_that_upholds_takes_the_waiting_item_off_the_list():
    case = make_case(step="notified")
    review(case)
    case.do(objections.conclude, case.reviewer, outcome=UPHELD, answer="成立。")
    assert case.at.item.state == ItemState.REMOVED


def test_a_review_of_what_is_through_leaves_it_and_tells_the_department(travel, told):
    case = make_case(step="notified")
    travel.move_to(at(2026, 3, 9, 2))
    close(case.at.item.publicity)
    review(case)
    case.do(objections.conclude, case.reviewer, outcome=UPHELD, answer="成立。")
    assert case.at.item.state == ItemState.CLEARED
    assert "已公示通过，请按监督检查程序处理" in OutboxEvent.objects.filter(topic="objection.turned").get().body
    assert [what[0] for what in told.said] == ["hold", "release", "close"]


def test_a_review_is_asked_for_in_time(travel):
    case = make_case(step="notified")
    travel.move_to(at(2026, 3, 17, 2))
    error = refused("REVIEW_LATE", review, case)
    assert error.details["until"] == date(2026, 3, 16)


def test_papers_are_added_until_the_decision():
    case = make_case(step="reported")
    secret = case.receipt.secret
    objections.attach(receipt=case.at.number, secret=secret, upload=upload("张三的合同.pdf"))
    assert [paper.name for paper in case.at.files.all()] == ["证据材料1.pdf"]
    case.do(objections.decide, case.decider, outcome=UPHELD, answer="成立。")
    refused("WRONG_STATE", objections.attach, receipt=case.at.number, secret=secret, upload=upload())


def test_papers_have_an_end():
    case = make_case()
    given = {"receipt": case.at.number, "secret": case.receipt.secret}
    for _ in range(10):
        objections.attach(**given, upload=upload())
    refused("OBJECTION_FILES_FULL", objections.attach, **given, upload=upload())


@pytest.mark.parametrize(("receipt", "secret"), [("YY-2026-99999", None), (None, "0" * 20)])
def test_a_wrong_receipt_and_a_wrong_secret_are_told_alike(receipt, secret):
    case = make_case()
    error = refused(
        "RECEIPT_UNKNOWN",
        objections.ask_review,
        receipt=receipt or case.at.number,
        secret=secret or case.receipt.secret,
        grounds="再看",
    )
    assert error.message == "回执号或查询码不正确，请核对后重新填写。"
