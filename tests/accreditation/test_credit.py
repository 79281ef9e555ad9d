"""Credit at every step: what stands in the files when it is checked, and what comes to light later (第十三条第（一）（五）项)."""

from __future__ import annotations

import pytest

from accreditation.states import ApplicationState, RoundState
from credit.states import Ground
from foundation import jobs
from providers.models import Listing
from tests.accreditation.support import last, refused
from tests.factories.accreditation import make_case, under_review
from tests.factories.credit import make_record
from tests.factories.providers import ProviderFactory
from tests.factories.registry import dishonest

pytestmark = pytest.mark.django_db


def scored(count: int):
    call, cases = under_review(count)
    for case in cases:
        case.scored()
    return call, cases


def test_a_record_in_the_platforms_file_is_doubted_and_a_person_says_whether_it_matters():
    provider = ProviderFactory()
    record = make_record(uscc=provider.uscc, blocks=False, ground=Ground.UNCOOPERATIVE)
    case = make_case("submitted", provider=provider)
    row = case.at.checks.get(code="credit")
    assert (row.result, row.value) == ("doubt", "有不良信用记录")
    assert row.why == f"平台记录：{record.number}（不配合监督和检查（第二十七条第六项）），请核实是否影响申报。"
    case.checked(credit="fail")
    with refused("CONDITION_NOT_MET") as caught:
        case.accepted()
    assert caught.value.details["conditions"] == ["credit"]


def test_a_record_that_blocks_lets_nobody_apply():
    provider = ProviderFactory()
    make_record(uscc=provider.uscc)
    with refused("PARTY_RESTRICTED"):
        make_case("draft", provider=provider)


@pytest.mark.parametrize("state", ["draft", "submitted", "checked", "accepted"])
def test_a_case_under_way_ends_by_the_decision_that_blocks(state):
    case = make_case(state)
    make_record(uscc=case.at.provider.uscc)
    assert jobs.run("end_barred_applications") == {"ended": 1}
    assert jobs.run("end_barred_applications") == {"ended": 0}
    assert (case.at.state, case.at.decision_no) == (ApplicationState.REJECTED, "桂工信信用〔2026〕3号")
    assert case.at.reason == "依据桂工信信用〔2026〕3号，该机构被限制参与（办法第二十七条）。"
    assert "credit_record" in last(case.at).facts


def test_the_others_do_not_wait_for_a_case_nobody_may_judge():
    call, [case, other] = under_review(2)
    other.scored()
    make_record(uscc=case.at.provider.uscc)
    with refused("APPLICATIONS_PENDING"):
        call.recommended()
    jobs.run("end_barred_applications")
    call.recommended()
    assert (case.at.state, other.at.state) == ("rejected", "recommended")


def test_a_record_that_does_not_block_ends_nothing():
    case = make_case("submitted")
    make_record(uscc=case.at.provider.uscc, blocks=False)
    assert jobs.run("end_barred_applications") == {"ended": 0}


def test_who_came_onto_the_roster_since_the_check_is_not_put_forward():
    call, [case, other] = scored(2)
    found = dishonest(case.at.provider.uscc)
    call.recommended()
    assert (case.at.state, other.at.state) == ("not_recommended", "recommended")
    assert case.at.reason == f"机构已列入严重失信主体名单（{found.source}），不符合办法第十三条第（五）项。"


def test_nor_listed_when_it_happens_during_the_show():
    call, [case, other] = scored(2)
    call.recommended()
    call.decided()
    call.shown()
    dishonest(case.at.provider.uscc)
    call.listed()
    assert (case.at.state, other.at.state, call.at.state) == ("removed", "listed", RoundState.LISTED)
    assert list(Listing.objects.values_list("provider_id", flat=True)) == [other.at.provider_id]
