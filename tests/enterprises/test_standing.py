"""Freeze, lift, disqualify; and the nightly job: 失信, 出库, the new year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.states import Role
from engines.evidence import selectors as evidence
from enterprises import policies, services
from enterprises.jobs import regrade_enterprises
from enterprises.models import Enterprise, QuotaGrant
from enterprises.states import State
from foundation import clock
from registry.models import DishonestParty, ListedEnterprise
from tests.enterprises.support import fresh, picture, quota_balance, refused, signatory, yuan
from tests.factories.accounts import officer
from tests.factories.credit import make_record
from tests.factories.enterprises import EnterpriseFactory, give_title, shared_roster
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db

NOTHING = {"frozen": 0, "renewed": 0, "granted": 0, "regraded": 0, "unchanged": 0}
Y = 2026
NEW_YEAR = date(Y + 1, 1, 1)


@pytest.fixture
def december() -> Any:
    with time_machine.travel(clock.start_of(date(Y, 12, 20)), tick=True) as moved:
        yield moved


def freeze(row: Enterprise, reason: str = "投诉核查") -> Enterprise:
    by = officer(Role.DEPARTMENT)
    return services.freeze(by=by, enterprise_id=row.pk, version=fresh(row).version, reason=reason)


def put_on_dishonest_list(row: Enterprise) -> DishonestParty:
    return DishonestParty.objects.create(
        uscc=row.uscc, since=date(2020, 1, 1), source="（2020）桂01执1号", roster=shared_roster("dishonest")
    )


def take_off_roster(row: Enterprise) -> None:
    ListedEnterprise.objects.filter(uscc=row.uscc).update(removed_on=clock.today())


def run(day: date | None = None) -> dict[str, Any]:
    return regrade_enterprises(day or clock.today())


def test_freeze_stops_new_contracts_with_the_reason() -> None:
    row = EnterpriseFactory(active=True)
    assert policies.may_start_contract(row)
    frozen = fresh(freeze(row))
    assert (frozen.state, frozen.frozen_reason) == (State.FROZEN, "投诉核查")
    assert not policies.may_start_contract(frozen)


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER, Role.SUPERVISOR])
def test_only_the_department_freezes(role: str) -> None:
    row, by = EnterpriseFactory(active=True), officer(role)
    with refused("NOT_ALLOWED"):
        services.freeze(by=by, enterprise_id=row.pk, version=row.version, reason="核查")


def test_a_draft_is_not_frozen() -> None:
    row, by = EnterpriseFactory(), officer(Role.DEPARTMENT)
    with refused("WRONG_STATE"):
        services.freeze(by=by, enterprise_id=row.pk, version=1, reason="核查")


def test_lift_examines_anew_and_brings_the_quota_up_to_date() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    freeze(row)
    give_title(row, "region_champion")
    by = officer(Role.DEPARTMENT)
    lifted = services.lift(by=by, enterprise_id=row.pk, version=fresh(row).version, reason="不成立")
    assert (lifted.state, lifted.frozen_reason, quota_balance(row).issued) == (State.ACTIVE, "", yuan(200000))


def test_nothing_is_lifted_while_on_the_dishonest_list() -> None:
    row = freeze(EnterpriseFactory(active=True))
    put_on_dishonest_list(row)
    by = officer(Role.DEPARTMENT)
    with refused("STILL_NOT_ELIGIBLE"):
        services.lift(by=by, enterprise_id=row.pk, version=row.version, reason="不成立")


@pytest.mark.parametrize("frozen", [False, True])
def test_disqualify_until_the_day_of_the_decision(frozen: bool) -> None:
    row = EnterpriseFactory(active=True)
    if frozen:
        freeze(row)
    until = clock.today() + timedelta(days=800)
    done = services.disqualify(
        by=officer(Role.APPROVER),
        enterprise_id=row.pk,
        version=fresh(row).version,
        until=until,
        decision_no="桂工信罚〔2026〕1号",
        reason="虚假交易",
    )
    assert (done.state, done.disqualified_until, done.decision_no) == (State.DISQUALIFIED, until, "桂工信罚〔2026〕1号")


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.CENTRE_REVIEWER, Role.FINANCE])
def test_only_the_approver_disqualifies(role: str) -> None:
    row, by = EnterpriseFactory(active=True), officer(role)
    with refused("NOT_ALLOWED"):
        services.disqualify(
            by=by,
            enterprise_id=row.pk,
            version=row.version,
            until=clock.today() + timedelta(days=1),
            decision_no="x",
            reason="x",
        )


def test_the_end_of_a_disqualification_lies_ahead() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.APPROVER)
    with refused("UNTIL_NOT_IN_FUTURE"):
        services.disqualify(
            by=by, enterprise_id=row.pk, version=row.version, until=clock.today(), decision_no="x", reason="x"
        )


def test_the_job_freezes_who_came_on_the_dishonest_list() -> None:
    row, clean = EnterpriseFactory(active=True), EnterpriseFactory(active=True)
    put_on_dishonest_list(row)
    assert run() == {**NOTHING, "frozen": 1, "unchanged": 1}
    assert (fresh(row).state, fresh(clean).state) == (State.FROZEN, State.ACTIVE)
    record = evidence.of_subject(row).last()
    assert record is not None
    assert (record.act, record.actor) == ("freeze", "system:regrade_enterprises")
    assert "失信" in record.reason


def test_the_job_freezes_who_left_the_roster() -> None:
    row = EnterpriseFactory(active=True)
    take_off_roster(row)
    assert run() == {**NOTHING, "frozen": 1}
    assert "规上" in fresh(row).frozen_reason


def test_one_let_in_without_the_roster_stays() -> None:
    row = services.submit(by=signatory(draft := EnterpriseFactory(listed=False)), enterprise_id=draft.pk, version=1)
    answered = [{"code": "listed", "note": "统计局复函确认已入库。"}]
    row = services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version, findings=answered)
    services.confirm(by=officer(Role.CENTRE_REVIEWER), enterprise_id=row.pk, version=row.version)
    assert run() == {**NOTHING, "unchanged": 1}


def test_one_lifted_though_off_the_roster_is_not_frozen_again_the_next_night() -> None:
    row = EnterpriseFactory(active=True)
    take_off_roster(row)
    run()
    services.lift(
        by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=fresh(row).version, reason="名录有误，已核实"
    )
    assert run() == {**NOTHING, "unchanged": 1}


def test_the_job_grants_once_the_notice_is_out() -> None:
    draft = EnterpriseFactory()
    row = services.submit(by=signatory(draft), enterprise_id=draft.pk, version=1)
    row = services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version)
    services.confirm(by=officer(Role.CENTRE_REVIEWER), enterprise_id=row.pk, version=row.version)
    assert run() == {**NOTHING, "unchanged": 1}
    open_year(clock.today().year)
    assert run() == {**NOTHING, "granted": 1}
    assert quota_balance(row).available == yuan(50000)


def test_the_job_regrades_a_title_that_came_by_a_roster() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    give_title(row, "little_giant")
    assert run() == {**NOTHING, "regraded": 1}
    assert quota_balance(row).issued == yuan(300000)


def test_a_second_run_changes_not_a_row() -> None:
    row, other = EnterpriseFactory(active=True), EnterpriseFactory(active=True)
    put_on_dishonest_list(other)
    give_title(row, "little_giant")
    run()
    before = picture()
    assert run() == {**NOTHING, "unchanged": 1}
    assert picture() == before


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_run_for_another_day_than_today_changes_not_a_row(days: int) -> None:
    row = EnterpriseFactory(active=True, tier="5")
    give_title(row, "little_giant", valid_from=clock.today())
    put_on_dishonest_list(EnterpriseFactory(active=True))
    open_year(clock.today().year + 1)
    before = picture()
    assert run(clock.today() + timedelta(days=days)) == NOTHING
    assert picture() == before


def test_the_new_year_renews_who_is_still_eligible(december: Any) -> None:
    row = EnterpriseFactory(active=True, tier="10")
    open_year(Y + 1)
    december.move_to(clock.start_of(NEW_YEAR))
    assert run() == {**NOTHING, "renewed": 1}
    grant = QuotaGrant.objects.latest("pk")
    assert (grant.kind, grant.year, grant.amount) == ("renewal", Y + 1, yuan(100000))
    assert [quota_balance(row, year).issued for year in (Y, Y + 1)] == [yuan(100000), yuan(100000)]
    assert list(evidence.of_subject(row).values_list("act", flat=True))[-3:] == [
        "begin_renewal",
        "renew",
        "quota_renewal",
    ]
    assert run() == {**NOTHING, "unchanged": 1}


def test_a_new_year_waits_for_one_that_a_credit_record_keeps_out(december: Any) -> None:
    row = EnterpriseFactory(active=True, tier="10")
    make_record(uscc=row.uscc, until=NEW_YEAR)
    open_year(Y + 1)
    december.move_to(clock.start_of(NEW_YEAR))
    before = picture()
    assert run() == {**NOTHING, "unchanged": 1}
    assert picture() == before
    december.move_to(clock.start_of(NEW_YEAR + timedelta(days=1)))
    assert run() == {**NOTHING, "renewed": 1}
    assert quota_balance(row, Y + 1).issued == yuan(100000)


def test_a_lost_title_is_taken_back_also_from_one_that_a_credit_record_keeps_out() -> None:
    row = EnterpriseFactory(active=True, tier="5")
    title = give_title(row, "little_giant")
    run()
    make_record(uscc=row.uscc)
    services.revoke_title(
        by=officer(Role.CENTRE_REVIEWER),
        title_id=title.pk,
        version=title.version,
        revoked_on=clock.today(),
        reason="撤销",
    )
    assert quota_balance(row).issued == yuan(50000)


def test_nothing_is_granted_before_the_new_notice(december: Any) -> None:
    row = EnterpriseFactory(active=True)
    december.move_to(clock.start_of(NEW_YEAR))
    assert run() == {**NOTHING, "unchanged": 1}
    assert fresh(row).state == State.ACTIVE


def test_the_new_year_freezes_who_is_not_on_the_roster(december: Any) -> None:
    row = EnterpriseFactory(active=True)
    row = services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="名录核实")
    take_off_roster(row)
    services.lift(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="已核实")
    open_year(Y + 1)
    december.move_to(clock.start_of(NEW_YEAR))
    assert run() == {**NOTHING, "frozen": 1}
    assert fresh(row).frozen_reason.startswith("年度复核未通过")
    assert QuotaGrant.objects.filter(year=Y + 1).count() == 0


def test_one_lifted_in_the_new_year_gets_its_quota(december: Any) -> None:
    row = freeze(EnterpriseFactory(active=True, tier="20"))
    open_year(Y + 1)
    december.move_to(clock.start_of(NEW_YEAR))
    assert run() == NOTHING
    services.lift(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="不成立")
    assert QuotaGrant.objects.get(year=Y + 1).kind == "renewal"
    assert run() == {**NOTHING, "unchanged": 1}
