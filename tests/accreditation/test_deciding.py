"""One list a kind: by vote and rank, decided by somebody who had no part, shown, and what an objection does."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from accreditation.services import checking, deciding
from accreditation.states import ApplicationState, CaseKind, RoundState
from engines.publicity.models import PublicityItem
from engines.publicity.services import common as publicity_engine
from programmes.services import publicities
from providers.models import Listing
from providers.services import standing
from providers.states import ProductState
from tests.accreditation.support import last, refused
from tests.factories.accounts import make_user, officer
from tests.factories.accreditation import make_call, make_case, make_experts, make_product_case, under_review

pytestmark = pytest.mark.django_db


def scored(count: int, **fields):
    """So many scored cases; the first has the most points."""
    call, cases = under_review(count, call=make_call(kind="providers", **fields))
    for place, case in enumerate(cases):
        case.scored(qualification=str(20 - place))
    return call, cases


def states(cases):
    return [str(case.at.state) for case in cases]


def test_the_list_is_everybody_who_passed_in_order_of_the_mean():
    call, cases = scored(3)
    call.recommended()
    assert states(cases) == ["recommended"] * 3
    assert [case.at.rank for case in cases] == [1, 2, 3]
    assert last(call.at).facts["recommended"] == [case.at.number for case in cases]


def test_seats_bound_it_and_who_is_not_on_it_is_told_why():
    call, cases = scored(3, provider_seats=2)
    call.recommended()
    assert states(cases) == ["recommended", "recommended", "not_recommended"]
    assert cases[2].at.reason == "评审排名第3，本批次拟推荐2家，名额已满。"


def test_who_fails_the_vote_is_not_on_it_whatever_the_mean():
    call, [case] = under_review()
    case.scored(votes=(True, True, True, False, False))
    call.recommended()
    assert (case.at.state, case.at.rank) == ("not_recommended", None)
    assert case.at.reason == "专家赞成票3/5，未达到2/3，未通过评审。"
    assert call.at.state == RoundState.ENDED  # nothing is left to do in it


def test_four_of_five_pass():
    call, [case] = under_review()
    case.scored(votes=(True, True, True, True, False))
    call.recommended()
    assert case.at.state == ApplicationState.RECOMMENDED


def test_the_department_leaves_out_with_a_reason():
    call, cases = scored(2)
    call.recommended(left_out={cases[0].pk: "与在册机构实质相同。"})
    assert (cases[0].at.state, cases[0].at.reason) == ("not_recommended", "与在册机构实质相同。")


def test_who_is_left_out_is_one_of_the_scored():
    call, _ = scored(1)
    with refused("NOT_SCORED"):
        call.recommended(left_out={call.pk: "重复"})


def test_the_list_waits_for_every_case():
    call = make_call(kind="providers")
    late, (call, [case]) = make_case("submitted", call=call), under_review(call=call)
    case.scored()
    with refused("APPLICATIONS_PENDING") as caught:
        call.recommended()
    assert caught.value.details["applications"] == [late.at.number]


def test_who_checked_one_of_them_does_not_draw_up_the_list():
    call = make_call(kind="providers")
    both = make_user(Role.CENTRE_CHECKER, Role.DEPARTMENT)
    case = make_case("submitted", call=call)
    case.do(checking.check, both, findings=case.findings())
    case.accepted()
    make_experts(5)
    call.closed()
    call.confirmed()
    case.scored()
    with refused("NOT_ALLOWED"):
        call.do(deciding.recommend, both, kind=CaseKind.PROVIDER)


def test_who_had_a_part_in_a_case_does_not_decide_on_the_list():
    call, _ = scored(1)
    call.recommended()
    call.desk.dp.memberships.create(role=Role.APPROVER, since=call.at.created_at)
    user = type(call.desk.dp).objects.get(pk=call.desk.dp.pk)
    with refused("NOT_ALLOWED"):
        call.do(deciding.approve, user, kind=CaseKind.PROVIDER, approval_no="文号")


def test_the_decision_names_its_document_and_whom_it_declines():
    call, cases = scored(2)
    call.recommended()
    call.decided(declined={cases[1].pk: "正在接受调查。"})
    assert states(cases) == ["approved", "declined"]
    assert (cases[0].at.approval_no, cases[1].at.reason) == ("桂工信纪要〔2026〕3号", "正在接受调查。")
    with refused("NOTHING_TO_APPROVE"):
        call.decided()


def test_nothing_is_shown_that_was_not_decided():
    call, _ = scored(1)
    call.recommended()
    with refused("NOTHING_TO_PUBLICISE"):
        call.shown()


def test_what_the_public_reads_has_no_personal_data():
    call, [case] = scored(1)
    call.recommended()
    call.decided()
    call.shown()
    item = PublicityItem.objects.get()
    provider = case.at.provider
    assert (item.label, item.subject_id) == (provider.name, case.pk)
    assert item.body == {
        "机构名称": provider.name, "统一社会信用代码": provider.uscc, "所在地": "南宁市青秀区", "服务年度": "2026",
        "审定文号": "桂工信纪要〔2026〕3号", "服务类别": "企业诊断服务、数字化转型服务",
    }  # fmt: skip


def test_a_period_that_is_too_short_is_refused():
    call, _ = scored(1)
    call.recommended()
    call.decided()
    with refused("PUBLICITY_TOO_SHORT"):
        call.shown(last=date(2026, 3, 5))


@pytest.fixture
def on_show():
    call, cases = scored(2)
    call.recommended()
    call.decided()
    return call, cases, call.shown()


def item_of(case):
    return PublicityItem.objects.select_related("publicity").get(subject_id=case.pk)


def test_an_objection_holds_one_and_the_rest_goes_on(on_show):
    call, [one, other], _ = on_show
    publicity_engine.hold(item_of(one), call.desk.dp, "异议核查")
    assert states([one, other]) == ["objection_hold", "publicity"]
    call.listed()
    assert states([one, other]) == ["objection_hold", "listed"]
    assert Listing.objects.count() == 1
    assert call.at.state == RoundState.PUBLICITY


def test_not_upheld_in_the_period_it_is_shown_on(on_show):
    call, [one, _], _ = on_show
    publicity_engine.hold(item_of(one), call.desk.dp, "异议核查")
    publicity_engine.settle(item_of(one), call.desk.dp, "异议不成立")
    assert one.at.state == ApplicationState.PUBLICITY
    call.listed()
    assert one.at.state == ApplicationState.LISTED


def test_not_upheld_after_the_period_it_is_listed(on_show, travel):
    call, [one, _], _ = on_show
    publicity_engine.hold(item_of(one), call.desk.dp, "异议核查")
    item = item_of(one)
    item.publicity = call.listed()
    assert one.at.state == ApplicationState.OBJECTION_HOLD
    publicity_engine.settle(item, call.desk.dp, "异议不成立")
    assert (one.at.state, call.at.state) == (ApplicationState.LISTED, RoundState.LISTED)


def test_upheld_it_leaves_the_list(on_show):
    call, [one, other], _ = on_show
    publicity_engine.hold(item_of(one), call.desk.dp, "异议核查")
    publicity_engine.remove(item_of(one), call.desk.dp, "业绩不实")
    call.listed()
    assert (one.at.state, one.at.reason, other.at.state) == ("removed", "业绩不实", "listed")


def test_a_withdrawn_list_is_shown_anew_for_its_full_time(on_show):
    call, cases, publicity = on_show
    publicities.withdraw(by=call.desk.dp, publicity_id=publicity.pk, version=publicity.version, reason="名称有误")
    assert (states(cases), call.at.state) == (["approved"] * 2, RoundState.DECIDED)
    again = call.shown(reference="厅网站公示2026-002")
    assert (again.restarts, again.last) == (publicity, date(2026, 3, 6))
    call.listed()
    assert states(cases) == ["listed"] * 2


def test_nothing_is_listed_before_the_period_is_over(on_show):
    call, cases, publicity = on_show
    with refused("PUBLICITY_NOT_OVER"):
        publicities.close_period(by=call.desk.dp, publicity_id=publicity.pk, version=publicity.version)
    assert states(cases) == ["publicity"] * 2


def a_scored_product():
    call = make_call()
    case = make_product_case("submitted", call=call)
    case.checked()
    case.accepted()
    make_experts(5)
    call.closed()
    call.confirmed(CaseKind.PRODUCT)
    case.scored()
    return call, case


def test_a_product_whose_provider_lost_its_listing_is_not_recommended():
    call, case = a_scored_product()
    listing = Listing.objects.get()
    standing.terminate(
        by=officer(Role.APPROVER), listing_id=listing.pk, version=listing.version, decision_no="罚1号", reason="转包"
    )
    call.recommended(CaseKind.PRODUCT)
    assert (case.at.state, case.at.reason) == (
        "not_recommended",
        "机构未列入2026年度服务商，也没有在办的资格申请。",
    )
    assert case.at.product_version.state == "rejected"


def test_the_list_of_products_says_price_and_place_as_people_do():
    call, _ = a_scored_product()
    call.recommended(CaseKind.PRODUCT)
    call.decided(CaseKind.PRODUCT)
    call.shown(CaseKind.PRODUCT)
    body = PublicityItem.objects.get().body
    assert (body["标价"], body["所在地"]) == ("12,500.00元/项", "南宁市青秀区")


def test_or_does_not_come_onto_the_shelf_when_it_is_lost_during_the_show():
    call, case = a_scored_product()
    call.recommended(CaseKind.PRODUCT)
    call.decided(CaseKind.PRODUCT)
    call.shown(CaseKind.PRODUCT)
    listing = Listing.objects.get()
    standing.terminate(
        by=officer(Role.APPROVER), listing_id=listing.pk, version=listing.version, decision_no="罚1号", reason="转包"
    )
    call.listed(CaseKind.PRODUCT)
    assert (case.at.state, case.at.reason) == ("removed", "机构未列入2026年度服务商。")
    assert case.at.product_version.product.state == ProductState.DRAFT
