"""Two at once: one wins, the other is told, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Barrier
from typing import Any

import pytest
import time_machine

from accreditation.models import Application, Panel, ScoreSheet
from accreditation.services import checking, common, deciding, filing, panels, rounds, scoring
from accreditation.states import ApplicationState, CaseKind, RoundState, SheetState
from engines.publicity.models import Publicity
from foundation import clock
from providers.models import Listing
from tests.accreditation.conftest import MORNING
from tests.accreditation.support import acts
from tests.factories.accounts import TESTER
from tests.factories.accreditation import make_call, make_case, make_experts, opened, signed, under_review
from tests.factories.credit import make_record
from tests.factories.providers import ProviderFactory, signatory_of
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture(autouse=True)
def travel():
    """Started before the threads, so that they live in March too."""
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


def test_one_application_a_year_by_many():
    call, pl = make_call(), signatory_of(ProviderFactory())
    outcome = at_once([lambda: filing.apply(by=pl, round_id=call.pk, kind=CaseKind.PROVIDER)] * 4)
    assert outcome == ["APPLICATION_EXISTS"] * 3 + ["ok"]
    assert Application.objects.count() == 1


def test_two_draws_for_the_same_cases():
    call = make_call()
    case = make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    version = call.at.version
    draws = [lambda: panels.draw(by=call.desk.co, round_id=call.pk, version=version, kind=CaseKind.PROVIDER)] * 4
    assert at_once(draws) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert Panel.objects.count() == 1
    assert case.at.panel_id == Panel.objects.get().pk


def test_a_draw_is_confirmed_once():
    call = make_call()
    case = make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    panel = call.drawn()
    outcome = at_once([lambda: panels.approve(by=call.desk.dp, panel_id=panel.pk, version=1)] * 4)
    assert outcome == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert len(case.sheets()) == 5


def test_a_list_is_decided_once():
    call, [case] = under_review()
    case.scored()
    call.recommended()
    version = call.at.version

    def approve() -> None:
        deciding.approve(by=call.desk.ap, round_id=call.pk, version=version, kind=CaseKind.PROVIDER, approval_no="文号")

    assert at_once([approve] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert case.at.state == ApplicationState.APPROVED


def test_the_two_last_signatures_see_each_other():
    """The sheet that comes second finds the first one signed, because both hold the application while they count."""
    _, [case] = under_review()
    sheets = case.sheets()
    for sheet in sheets:
        opened(sheet)
    for sheet in sheets[:3]:
        signed(sheet)
    outcome = at_once([lambda: signed(sheets[3]), lambda: signed(sheets[4])])
    assert outcome == ["ok", "ok"]
    assert (case.at.state, case.at.votes) == (ApplicationState.SCORED, 5)


def test_without_the_applications_lock_neither_would_score_it(monkeypatch):
    """The negative control: the sheets alone are locked, and both may find the other one not yet signed."""
    _, [case] = under_review()
    sheets = case.sheets()
    for sheet in sheets:
        opened(sheet)
    for sheet in sheets[:3]:
        signed(sheet)
    both_signed, both_counted = Barrier(2, timeout=30), Barrier(2, timeout=30)
    count = scoring._count

    def unlocked(sheet_id, version):
        found = ScoreSheet.objects.select_related("expert__user", "panel").get(pk=sheet_id)
        found.application = Application.objects.select_related("notice", "provider").get(pk=found.application_id)
        return found

    def together(application):
        both_signed.wait()
        count(application)
        both_counted.wait()  # neither commits before the other has counted

    monkeypatch.setattr(scoring, "_locked", unlocked)
    monkeypatch.setattr(scoring, "_count", together)
    at_once([lambda: signed(sheets[3]), lambda: signed(sheets[4])])
    assert ScoreSheet.objects.filter(state=SheetState.SIGNED).count() == 5
    assert case.at.state == ApplicationState.EXPERT_REVIEW


def test_two_conflicts_at_once_find_two_different_replacements():
    _, [case] = under_review(experts_too=8)
    sheets = case.sheets()

    def step_back(sheet):
        return lambda: scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=1, conflict=True)

    assert at_once([step_back(sheets[0]), step_back(sheets[1])]) == ["ok", "ok"]
    live = [one.expert_id for one in case.sheets() if one.state == SheetState.ASSIGNED]
    assert len(live) == len(set(live)) == 5


def test_put_right_or_lapsed_but_not_both(travel):
    case = make_case("submitted")
    case.returned()
    calls = [
        lambda: case.submitted(answers={1: "已补充"}),
        lambda: checking.lapse(by=TESTER, application_id=case.pk, day=date(2026, 3, 17)),
    ]
    outcome = at_once(calls)
    assert outcome in (["ok", "ok"], ["VERSION_CONFLICT", "ok"], ["WRONG_STATE", "ok"])
    assert case.at.state in (ApplicationState.SUBMITTED, ApplicationState.REJECTED)


def test_a_list_on_show_is_closed_once(travel):
    call, [case] = under_review()
    case.scored()
    call.recommended()
    call.decided()
    call.shown()
    travel.move_to(clock.end_of(date(2026, 3, 6)))
    outcome = at_once([call.listed] * 3)
    assert outcome.count("ok") == 1
    assert Listing.objects.count() == 1


def test_the_job_that_closes_rounds_runs_beside_itself(travel):
    call = make_call()
    make_case("draft", call=call)
    day = date(2026, 5, 1)
    outcome = at_once([lambda: rounds.close(by=TESTER, round_id=call.pk, day=day)] * 3)
    assert outcome == ["ok"] * 3
    assert call.at.state == "ended"


def two_last_cases() -> tuple[Any, list[Callable[[], Any]]]:
    """A closed round that waits for two cases, and the act that ends each."""
    call = make_call()
    cases = [make_case("checked", call=call) for _ in range(2)]
    call.closed()
    return call, [lambda case=case: case.do(checking.reject, case.desk.dp, reason="不在区内登记。") for case in cases]


def test_the_two_last_cases_of_a_round_see_each_other_end():
    call, ends = two_last_cases()
    assert at_once(ends) == ["ok", "ok"]
    assert call.at.state == RoundState.ENDED


def test_without_the_rounds_lock_the_round_would_wait_for_ever(monkeypatch):
    """The negative control: each may find the other's case not yet ended."""
    call, ends = two_last_cases()
    both_ended, both_followed = Barrier(2, timeout=30), Barrier(2, timeout=30)
    follow = checking.follow

    def unlocked(application_id, version=None):
        found = common.lock_application(application_id, version)
        return found.round, found

    def together(row, by):
        both_ended.wait()
        follow(row, by)
        both_followed.wait()  # neither commits before the other has looked

    monkeypatch.setattr(common, "lock_with_round", unlocked)
    monkeypatch.setattr(checking, "follow", together)
    assert at_once(ends) == ["ok", "ok"]
    assert call.at.state == RoundState.CLOSED


def test_a_case_is_returned_once_by_two_at_once():
    """Two lists would count as two returns: the second officer is told that the case has moved on."""
    case = make_case("submitted")
    version = case.at.version
    item = {"kind": "material", "code": "tax", "what": "补充纳税登记表", "why": "文件不清晰"}

    def give_back() -> None:
        checking.send_back(by=case.desk.co, application_id=case.pk, version=version, items=[item])

    assert at_once([give_back] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert (case.at.returns, case.at.asks.count()) == (1, 1)


def test_a_list_is_drawn_up_and_shown_once(travel):
    call, [case] = under_review()
    case.scored()
    version = call.at.version

    def recommend() -> None:
        deciding.recommend(by=call.desk.dp, round_id=call.pk, version=version, kind=CaseKind.PROVIDER)

    assert at_once([recommend] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    call.decided()
    shown = call.at.version

    def publicise() -> None:
        deciding.publicise(
            by=call.desk.dp, round_id=call.pk, version=shown, kind=CaseKind.PROVIDER, reference="公示1号",
            first=clock.today(),
        )  # fmt: skip

    assert at_once([publicise] * 4) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert Publicity.objects.count() == 1


def test_a_case_of_a_barred_provider_ends_once_beside_its_withdrawal():
    case = make_case("submitted")
    make_record(uscc=case.at.provider.uscc)
    ends = [lambda: checking.end_barred(by=TESTER, application_id=case.pk)] * 3
    outcome = at_once([*ends, lambda: case.do(filing.withdraw, case.po, reason="改报")])
    assert outcome.count("ok") >= 3
    assert case.at.state in (ApplicationState.REJECTED, ApplicationState.WITHDRAWN)
    assert sum(act in ("end_barred", "withdraw") for act in acts(case.at)) == 1
