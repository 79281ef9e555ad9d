"""What comes to light after the draw: until he has signed, a tie keeps the expert from judging (DOMAIN 4, rule 2)."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from accreditation.models import Expert
from accreditation.services import experts, scoring
from accreditation.states import SheetState
from providers.services import registration
from tests.accreditation.support import refused
from tests.factories.accounts import Caller, make_uscc, officer
from tests.factories.accreditation import make_call, make_case, make_expert, make_experts, opened, signed, under_review
from tests.factories.providers import ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    """A case with five sheets, one more expert in the pool, and the first sheet."""
    _, [case] = under_review(experts_too=6)
    return case, case.sheets()[0]


def enter_tie(sheet, uscc: str, nature: str = "employed") -> None:
    """促进中心 finds it out and enters it."""
    expert = Expert.objects.get(pk=sheet.expert_id)
    experts.add_tie(
        by=officer(Role.CENTRE_CHECKER), expert_id=expert.pk, version=expert.version, name="某机构", uscc=uscc,
        nature=nature,
    )  # fmt: skip


def retire(sheet) -> None:
    expert = Expert.objects.get(pk=sheet.expert_id)
    experts.retire(by=officer(Role.DEPARTMENT), expert_id=expert.pk, version=expert.version, reason="违反评审纪律")


def test_who_is_tied_cannot_declare_that_he_is_free(review):
    case, sheet = review
    enter_tie(sheet, case.at.provider.uscc)
    with refused("EXPERT_UNFIT") as caught:
        opened(sheet)
    assert caught.value.message == (f"您不能评审申请{case.at.number}（任职：某机构），请声明回避，由其他专家递补。")


def test_nor_sign_what_he_had_opened_before_it_was_found(review):
    case, sheet = review
    opened(sheet)
    enter_tie(sheet, case.at.provider.uscc, "owns")
    with refused("EXPERT_UNFIT"):
        signed(sheet)


def test_he_steps_back_and_the_next_one_judges(review):
    case, sheet = review
    opened(sheet)
    enter_tie(sheet, case.at.provider.uscc)
    sheet.refresh_from_db()
    where = f"accreditation/score-sheets/{sheet.pk}/declare/"
    body = {"version": sheet.version, "conflict": True, "reason": "曾在该机构任职"}
    answer = Caller(sheet.expert.user).act(where, body)
    assert (answer.status_code, answer.json()["state"]) == (200, SheetState.RECUSED)
    signed_by = [one for one in case.sheets() if one.state == SheetState.ASSIGNED]
    assert (len(signed_by), sheet.expert_id in {one.expert_id for one in signed_by}) == (5, False)
    case.scored()
    assert case.at.votes == 5


def test_a_tie_to_another_body_keeps_him_from_nothing(review):
    _, sheet = review
    enter_tie(sheet, make_uscc())
    opened(sheet)
    signed(sheet)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.SIGNED


def test_a_retired_expert_signs_nothing_more_and_is_replaced(review):
    case, sheet = review
    opened(sheet)
    retire(sheet)
    with refused("EXPERT_UNFIT") as caught:
        signed(sheet)
    assert caught.value.details["why"] == "专家已出库"
    sheet.refresh_from_db()
    scoring.release(by=case.desk.dp, sheet_id=sheet.pk, version=sheet.version, reason="专家已出库")
    assert sum(one.state == SheetState.ASSIGNED for one in case.sheets()) == 5


def test_the_parent_that_was_submitted_keeps_him_away_also_when_it_is_edited_away():
    parent = make_uscc()
    provider = ProviderFactory(
        parent_name="广东示例集团", parent_uscc=parent, parent_founded_on=date(2010, 1, 1), founded_on=date(2015, 1, 1)
    )
    call = make_call()
    case = make_case("accepted", call=call, provider=provider)
    gone = {"parent_name": "", "parent_uscc": "", "parent_founded_on": None}
    provider = case.at.provider
    registration.edit(by=case.pl, provider_id=provider.pk, version=provider.version, changes=gone)
    make_experts(5)
    of_parent = make_expert(unit_uscc=parent)
    call.closed()
    panel = call.drawn()
    assert panel.excluded == [[str(of_parent.pk), str(case.pk), "所在单位即申请机构或其母公司"]]
