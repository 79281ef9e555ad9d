"""Refused, closed or once disqualified: the same code is taken up again as a draft, and the whole path runs anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as evidence
from enterprises import services
from enterprises.models import Enterprise, QuotaGrant
from enterprises.states import State
from foundation import clock
from tests.enterprises.support import agent, fresh, quota_balance, refused, signatory, yuan
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.enterprises import EnterpriseFactory, give_title
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 8, 31)


@pytest.fixture
def in_march() -> Any:
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True) as moved:
        yield moved


def act(service: Any, row: Enterprise, by: User, **fields: Any) -> Enterprise:
    done: Enterprise = service(by=by, enterprise_id=row.pk, version=fresh(row).version, **fields)
    return done


def submitted() -> Enterprise:
    draft = EnterpriseFactory()
    return act(services.submit, draft, signatory(draft))


def rejected() -> Enterprise:
    return act(services.reject, submitted(), officer(Role.CENTRE_CHECKER), reason="不是独立法人")


def withdrawn() -> Enterprise:
    row = act(services.send_back, submitted(), officer(Role.CENTRE_CHECKER), reason="请补正")
    return act(services.close, row, agent(row), reason="暂不申请")


def deregistered() -> Enterprise:
    return act(services.close, EnterpriseFactory(active=True), officer(Role.CENTRE_REVIEWER), reason="企业合并")


def disqualified() -> Enterprise:
    row = act(services.freeze, EnterpriseFactory(active=True, tier="10"), officer(Role.DEPARTMENT), reason="投诉核查")
    decision = {"until": UNTIL, "decision_no": "桂工信罚〔2026〕1号", "reason": "虚假交易"}
    return act(services.disqualify, row, officer(Role.APPROVER), **decision)


@pytest.mark.parametrize("make", [rejected, withdrawn, deregistered])
def test_its_own_people_take_it_up_again_as_a_draft(make: Any) -> None:
    row = make()
    before = row.state
    row = act(services.reopen, row, agent(row), reason="补齐材料")
    row = fresh(row)
    assert row.state == State.DRAFT
    assert (row.committed_at, row.auto_checked_at, row.checked_by, row.confirmed_by) == (None, None, None, None)
    assert (row.checks, row.return_reason, row.frozen_reason) == ([], "", "")
    record = evidence.of_subject(row).last()
    assert record is not None
    assert (record.act, record.reason) == ("reopen", "补齐材料")
    assert record.facts == {"before": before, "until": "", "decision_no": "", "state": "draft"}


def test_until_the_day_of_the_decision_has_passed_it_stays_disqualified(in_march: Any) -> None:
    row = disqualified()
    by = signatory(row)
    in_march.move_to(clock.end_of(UNTIL) - timedelta(minutes=1))
    with refused("STILL_DISQUALIFIED") as caught:
        act(services.reopen, row, by, reason="期满")
    assert caught.value.message == (
        "依据桂工信罚〔2026〕1号，贵企业领券资格取消至2026-08-31（今天是2026-08-31），期满次日起可重新办理。"
    )


def test_once_it_has_passed_the_whole_path_runs_again(in_march: Any) -> None:
    row = disqualified()
    in_march.move_to(clock.end_of(UNTIL))
    row = act(services.reopen, row, signatory(row), reason="期满")
    assert (row.disqualified_until, row.decision_no) == (None, "")
    record = evidence.of_subject(row).last()
    assert record is not None
    assert (record.facts["until"], record.facts["decision_no"]) == ("2026-08-31", "桂工信罚〔2026〕1号")
    give_title(row, "region_champion")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, officer(Role.CENTRE_CHECKER))
    row = act(services.confirm, row, officer(Role.CENTRE_REVIEWER))
    assert row.state == State.ACTIVE
    grants = list(QuotaGrant.objects.filter(enterprise=row).order_by("pk").values_list("kind", "amount"))
    assert grants == [("grant", yuan(100000)), ("upgrade", yuan(100000))]  # one quota a year, not two
    assert quota_balance(row).issued == yuan(200000)


def test_in_a_later_year_it_gets_that_years_quota(in_march: Any) -> None:
    row = disqualified()
    in_march.move_to(clock.start_of(date(2027, 3, 1)))
    open_year(2027)
    row = act(services.reopen, row, signatory(row), reason="期满")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, officer(Role.CENTRE_CHECKER))
    row = act(services.confirm, row, officer(Role.CENTRE_REVIEWER))
    assert (row.state, quota_balance(row, 2027).issued) == (State.ACTIVE, yuan(100000))


def test_it_is_another_case_so_the_earlier_checker_may_decide() -> None:
    one = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = act(services.reject, submitted(), one, reason="不是独立法人")
    row = act(services.reopen, row, signatory(row), reason="补齐材料")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, officer(Role.CENTRE_CHECKER))
    assert act(services.confirm, row, one).state == State.ACTIVE


@pytest.mark.parametrize("role", [Role.ENTERPRISE_SIGNATORY, Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER])
def test_nobody_else_takes_it_up(role: str) -> None:
    row, by = rejected(), make_user(role)
    with refused("NOT_ALLOWED"):
        act(services.reopen, row, by, reason="x")


def test_what_is_under_way_or_in_force_is_not_reopened() -> None:
    frozen = act(services.freeze, EnterpriseFactory(active=True), officer(Role.DEPARTMENT), reason="x")
    for row in (EnterpriseFactory(), submitted(), EnterpriseFactory(active=True), frozen):
        by = signatory(row)
        with refused("WRONG_STATE"):
            act(services.reopen, row, by, reason="x")


def test_by_http() -> None:
    row = rejected()
    answer = Caller(signatory(row)).act(f"enterprises/{row.pk}/reopen/", {"version": row.version, "reason": "补齐材料"})
    assert (answer.status_code, answer.json()["state"]) == (200, "draft")
    stranger = Caller(make_user(Role.ENTERPRISE_SIGNATORY))
    assert stranger.act(f"enterprises/{row.pk}/reopen/", {"version": 1, "reason": "x"}).status_code == 404
