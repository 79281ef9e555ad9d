"""A line of the passport is disputed in one step; two officers answer, and what is upheld counts at once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.states import OrganisationKind, Role
from credit.services import records as credit
from engines.evidence import selectors as evidence
from engines.notifications.models import OutboxEvent
from enterprises import services
from enterprises.jobs import regrade_enterprises
from enterprises.models import DisputeFile, Enterprise, PassportDispute, QuotaGrant
from enterprises.states import DisputeKind, DisputeState
from foundation import clock
from registry import services as registry
from registry.models import ListedEnterprise
from registry.states import RosterKind, TitleState
from tests.enterprises.support import agent, fresh, quota_balance, refused, signatory, yuan
from tests.factories.accounts import make_organisation, make_user, officer
from tests.factories.contracts import upload
from tests.factories.credit import make_record
from tests.factories.enterprises import EnterpriseFactory, make_dispute
from tests.factories.programmes import open_year
from tests.factories.registry import make_roster, make_title

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def march() -> Any:
    """A Monday whose five working days are all in one week and the next Monday."""
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True):
        yield


def file(row: Enterprise, by: Any = None, **fields: Any) -> PassportDispute:
    values = {"line": "little_giant", "kind": DisputeKind.MISSING, "claim": "已获评", **fields}
    return services.file_dispute(by=by or agent(row), enterprise_id=row.pk, **values)


def act(service: Any, row: PassportDispute, by: Any, **fields: Any) -> PassportDispute:
    return service(by=by, dispute_id=row.pk, version=fresh(row).version, **fields)


def recorded(row: Enterprise, code: str = "little_giant", **fields: Any) -> Any:
    return make_title(row.uscc, code, state=TitleState.RECORDED, **fields)


# --- filing


def test_filed_with_its_proofs_and_a_last_day() -> None:
    row = EnterpriseFactory(active=True)
    by = agent(row)
    proofs = [upload(by), upload(by)]
    found = file(row, by, file_ids=[one.pk for one in proofs])
    record = evidence.of_subject(found).get()
    assert (found.state, found.filed_by, found.notice.year) == (DisputeState.OPEN, by, 2026)
    assert found.due_on == date(2026, 3, 9)  # enterprise_check: five working days, the day itself not counted
    assert set(DisputeFile.objects.values_list("file", flat=True)) == {one.pk for one in proofs}
    assert (record.act, record.reason) == ("file_dispute", "已获评")
    assert sorted(record.facts["sm3"]) == sorted(one.sm3 for one in proofs)


def test_the_centre_is_told() -> None:
    centre = make_organisation(OrganisationKind.CENTRE)
    row = EnterpriseFactory(active=True)
    file(row)
    event = OutboxEvent.objects.latest("pk")
    assert centre.pk in event.organisation_ids
    assert event.title == f"划型异议：{row.name}"


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.ENTERPRISE_AGENT, Role.PROVIDER_AGENT])
def test_only_its_own_people_file(role: str) -> None:
    row, stranger = EnterpriseFactory(active=True), make_user(role)
    with refused("NOT_ALLOWED"):
        file(row, stranger)


def test_a_registration_that_runs_has_no_passport_to_dispute() -> None:
    row = EnterpriseFactory()
    open_year(2026)
    by = agent(row)
    with refused("WRONG_STATE"):
        file(row, by)


def test_a_frozen_enterprise_may_dispute() -> None:
    row = EnterpriseFactory(active=True)
    services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=fresh(row).version, reason="失信")
    assert file(row, line="dishonest", kind=DisputeKind.DISHONEST).state == DisputeState.OPEN


def test_one_open_dispute_of_a_line() -> None:
    row = EnterpriseFactory(active=True)
    by = agent(row)
    first = file(row, by)
    with refused("DISPUTE_OPEN"):
        file(row, by)
    assert file(row, by, line="innovative_sme").state == DisputeState.OPEN
    act(services.withdraw_dispute, first, by)
    assert file(row, by).state == DisputeState.OPEN


@pytest.mark.parametrize("state", [DisputeState.ACCEPTED, DisputeState.UNFOUNDED])
def test_a_line_that_waits_for_the_decision_is_not_disputed_again(state: str) -> None:
    row = EnterpriseFactory(active=True)
    make_dispute(row, state=state)
    by = agent(row)
    with refused("DISPUTE_OPEN"):
        file(row, by)


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("no_such_title", "missing", "LINE_UNKNOWN"),
        ("listed", "missing", "DISPUTE_KIND_UNFIT"),
        ("newly_listed", "dates", "DISPUTE_KIND_UNFIT"),
        ("dishonest", "listing", "DISPUTE_KIND_UNFIT"),
        ("little_giant", "dishonest", "DISPUTE_KIND_UNFIT"),
    ],
)
def test_the_line_is_one_of_the_passports_and_the_kind_fits_it(line: str, kind: str, code: str) -> None:
    row = EnterpriseFactory(active=True)
    by = agent(row)
    with refused(code):
        file(row, by, line=line, kind=kind)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("listed", "listing"), ("newly_listed", "listing"), ("dishonest", "other"), ("smart_factory", "dates")],
)
def test_every_kind_of_line_may_be_disputed(line: str, kind: str) -> None:
    row = EnterpriseFactory(active=True)
    assert file(row, line=line, kind=kind).line == line


def test_a_proof_of_somebody_else_is_not_there() -> None:
    row = EnterpriseFactory(active=True)
    by, theirs = agent(row), upload(agent(EnterpriseFactory()))
    for wrong in (theirs.pk, uuid4()):
        with refused("NOT_FOUND"):
            file(row, by, file_ids=[wrong])


# --- handled by the first officer


def test_accepted_with_the_recorded_title() -> None:
    row = EnterpriseFactory(active=True)
    title, by = recorded(row), officer(Role.CENTRE_CHECKER)
    found = act(services.accept_dispute, file(row), by, opinion="文件属实", title_id=title.pk)
    assert (found.state, found.title, found.handled_by, found.opinion) == ("accepted", title, by, "文件属实")
    assert quota_balance(row).issued == yuan(50000)


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.ENTERPRISE_AGENT, Role.AUDITOR])
def test_only_the_checker_handles(role: str) -> None:
    dispute, by = file(EnterpriseFactory(active=True)), make_user(role)
    with refused("NOT_ALLOWED"):
        act(services.find_unfounded, dispute, by, opinion="未获评")
    with refused("NOT_ALLOWED"):
        act(services.accept_dispute, dispute, by, opinion="属实", title_id=uuid4())


def test_a_correction_is_named() -> None:
    dispute, by = file(EnterpriseFactory(active=True)), officer(Role.CENTRE_CHECKER)
    with refused("CORRECTION_MISSING"):
        act(services.accept_dispute, dispute, by, opinion="属实")


def test_a_correction_is_one() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.CENTRE_CHECKER)
    dispute, title = file(row), recorded(row)
    with refused("CORRECTION_ONE"):
        act(services.accept_dispute, dispute, by, opinion="属实", title_id=title.pk, roster_id=uuid4())


def test_the_kind_other_may_need_no_correction() -> None:
    dispute = file(EnterpriseFactory(active=True), kind=DisputeKind.OTHER)
    found = act(services.accept_dispute, dispute, officer(Role.CENTRE_CHECKER), opinion="认定机关名称已更正")
    assert (found.state, found.title, found.roster) == ("accepted", None, None)


def test_a_title_of_another_enterprise_another_line_or_rejected_is_no_correction() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.CENTRE_CHECKER)
    dispute = file(row)
    wrong = [
        recorded(EnterpriseFactory()),
        recorded(row, "innovative_sme"),
        make_title(row.uscc, "little_giant", state=TitleState.REJECTED),
    ]
    for title in wrong:
        with refused("CORRECTION_UNFIT"):
            act(services.accept_dispute, dispute, by, opinion="属实", title_id=title.pk)
    with refused("NOT_FOUND"):
        act(services.accept_dispute, dispute, by, opinion="属实", title_id=uuid4())


def test_a_roster_of_another_kind_or_without_the_enterprise_is_no_correction() -> None:
    row, by = EnterpriseFactory(active=True), officer(Role.CENTRE_CHECKER)
    dispute = file(row, line="newly_listed", kind=DisputeKind.LISTING)
    wrong = [
        make_roster(RosterKind.DISHONEST, f"{row.uscc},2025-01-01,2025-02-01,某法院", confirmed=False),
        make_roster(
            RosterKind.LISTED, f"{EnterpriseFactory(listed=False).uscc},广西某企业有限公司,2024-05-01,", confirmed=False
        ),
    ]
    for roster in wrong:
        with refused("CORRECTION_UNFIT"):
            act(services.accept_dispute, dispute, by, opinion="属实", roster_id=roster.pk)
    with refused("NOT_FOUND"):
        act(services.accept_dispute, dispute, by, opinion="属实", roster_id=uuid4())


def test_what_is_handled_is_not_withdrawn() -> None:
    row = EnterpriseFactory(active=True)
    dispute, by = make_dispute(row, state="accepted"), agent(row)
    with refused("WRONG_STATE"):
        act(services.withdraw_dispute, dispute, by)


def test_nobody_else_withdraws() -> None:
    dispute, stranger = file(EnterpriseFactory(active=True)), make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        act(services.withdraw_dispute, dispute, stranger)


# --- decided by another


def test_upheld_verifies_the_title_and_grades_at_once() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row, state="accepted")
    by = officer(Role.CENTRE_REVIEWER)
    found = fresh(act(services.uphold_dispute, dispute, by, decision="情况属实"))
    grant = QuotaGrant.objects.filter(enterprise=row).latest("pk")
    assert (found.state, found.decided_by, found.decision) == ("upheld", by, "情况属实")
    assert (found.title.state, found.title.verified_by) == (TitleState.VERIFIED, by)
    assert (found.grant, grant.kind, grant.winning_title, grant.amount) == (
        grant,
        "upgrade",
        "little_giant",
        yuan(250000),
    )
    assert quota_balance(row).available == yuan(300000)


def test_upheld_over_a_title_already_verified_changes_nothing_more() -> None:
    row = EnterpriseFactory(active=True)
    title = recorded(row)
    dispute = make_dispute(row, state="accepted", title_id=title.pk)
    services.verify_title(by=officer(Role.CENTRE_REVIEWER), title_id=title.pk, version=1)
    found = act(services.uphold_dispute, dispute, officer(Role.DEPARTMENT), decision="情况属实")
    assert (found.state, found.grant) == ("upheld", None)
    assert quota_balance(row).available == yuan(300000)


def test_upheld_over_a_roster_in_force_grades_by_its_date() -> None:
    row = EnterpriseFactory(active=True)  # 入库 2015
    dispute = file(row, line="newly_listed", kind=DisputeKind.LISTING)
    lines = [f"{row.uscc},{row.name},2015-01-01,2015-01-02", f"{row.uscc},{row.name},2024-05-01,"]
    roster = make_roster(RosterKind.LISTED, *lines, confirmed=False)
    dispute = act(
        services.accept_dispute, dispute, officer(Role.CENTRE_CHECKER), opinion="统计部门更正", roster_id=roster.pk
    )
    by = officer(Role.DEPARTMENT)
    with refused("CORRECTION_NOT_IN_FORCE"):
        act(services.uphold_dispute, dispute, by, decision="属实")
    services.confirm_roster(by=officer(Role.CENTRE_REVIEWER), roster_id=roster.pk, version=1)
    assert act(services.uphold_dispute, dispute, by, decision="属实").state == "upheld"
    assert ListedEnterprise.objects.get(uscc=row.uscc, removed_on=None).listed_since == date(2024, 5, 1)
    assert quota_balance(row).available == yuan(100000)


def test_a_title_rejected_meanwhile_is_not_upheld() -> None:
    row = EnterpriseFactory(active=True)
    title = recorded(row)
    dispute, by = make_dispute(row, state="accepted", title_id=title.pk), officer(Role.DEPARTMENT)
    registry.reject_title(by=officer(Role.CENTRE_REVIEWER), title_id=title.pk, version=1, reason="查无此证")
    with refused("CORRECTION_NOT_IN_FORCE"):
        act(services.uphold_dispute, dispute, by, decision="属实")


def test_who_recorded_the_title_does_not_uphold() -> None:
    row = EnterpriseFactory(active=True)
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    dispute = make_dispute(row, state="accepted", title_id=recorded(row, by=both).pk)
    with refused("NOT_ALLOWED"):
        act(services.uphold_dispute, dispute, both, decision="属实")


def test_who_handled_does_not_decide() -> None:
    row = EnterpriseFactory(active=True)
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    dispute = act(services.find_unfounded, file(row), both, opinion="未获评")
    with refused("NOT_ALLOWED"):
        act(services.reject_dispute, dispute, both, decision="未获评")
    with refused("NOT_ALLOWED"):
        act(services.return_dispute, dispute, both, reason="再看")


def test_who_returned_it_does_not_handle_it_and_who_handled_it_never_decides() -> None:
    row = EnterpriseFactory(active=True)
    one, other = (make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER) for _ in range(2))
    dispute = act(services.find_unfounded, file(row), one, opinion="未获评")
    dispute = act(services.return_dispute, dispute, other, reason="请核对证书原件")
    assert (dispute.state, dispute.handled_by, dispute.opinion) == ("open", None, "")
    with refused("NOT_ALLOWED"):
        act(services.find_unfounded, dispute, other, opinion="未获评")
    dispute = act(services.find_unfounded, dispute, officer(Role.CENTRE_CHECKER), opinion="确未获评")
    with refused("NOT_ALLOWED"):
        act(services.reject_dispute, dispute, one, decision="未获评")
    assert act(services.reject_dispute, dispute, other, decision="未获评").state == "rejected"


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.APPROVER, Role.ENTERPRISE_SIGNATORY, Role.SUPERVISOR])
def test_only_the_reviewer_or_the_department_decides(role: str) -> None:
    dispute, by = make_dispute(EnterpriseFactory(active=True), state="accepted"), make_user(role)
    for service in (services.uphold_dispute, services.reject_dispute):
        with refused("NOT_ALLOWED"):
            act(service, dispute, by, decision="x")


def test_what_nobody_has_handled_is_not_decided() -> None:
    dispute, by = file(EnterpriseFactory(active=True)), officer(Role.DEPARTMENT)
    for service in (services.uphold_dispute, services.reject_dispute):
        with refused("WRONG_STATE"):
            act(service, dispute, by, decision="x")


def test_what_was_found_unfounded_is_not_upheld_without_a_correction() -> None:
    dispute, by = make_dispute(EnterpriseFactory(active=True), state="unfounded"), officer(Role.DEPARTMENT)
    with refused("WRONG_STATE"):
        act(services.uphold_dispute, dispute, by, decision="x")


@pytest.mark.parametrize("state", ["accepted", "unfounded"])
def test_rejected_moves_no_quota_and_may_be_filed_again(state: str) -> None:
    row = EnterpriseFactory(active=True)
    dispute = act(
        services.reject_dispute, make_dispute(row, state=state), officer(Role.DEPARTMENT), decision="证书已到期"
    )
    assert (dispute.state, dispute.decision) == ("rejected", "证书已到期")
    assert quota_balance(row).issued == yuan(50000)
    assert file(row).state == "open"


@pytest.mark.parametrize(("state", "title"), [("upheld", "异议成立"), ("rejected", "异议不成立")])
def test_the_enterprise_is_told_the_decision(state: str, title: str) -> None:
    row = EnterpriseFactory(active=True)
    make_dispute(row, state=state)
    event = OutboxEvent.objects.filter(topic="enterprise.dispute").latest("pk")
    assert (event.organisation_ids, event.title) == ([row.organisation_id], f"{title}：专精特新“小巨人”企业")
    assert "经核实" in event.body


def test_a_frozen_enterprise_stays_frozen_and_is_told_so() -> None:
    row = EnterpriseFactory(active=True)
    services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=fresh(row).version, reason="失信")
    dispute = make_dispute(row, state="upheld")
    assert (fresh(row).state, dispute.grant) == ("frozen", None)
    body = OutboxEvent.objects.filter(topic="enterprise.dispute").latest("pk").body
    assert body == "已更正，企业仍在冻结中，待厅职能处室解除冻结后重新划型。经核实。"


def test_one_that_a_credit_record_keeps_out_is_granted_nothing_more_until_the_night_after_its_end() -> None:
    row = EnterpriseFactory(active=True)
    record = make_record(uscc=row.uscc)
    dispute = make_dispute(row, state="upheld")
    assert (fresh(row).state, dispute.state, dispute.grant) == ("active", "upheld", None)
    assert (quota_balance(row).issued, QuotaGrant.objects.filter(enterprise=row).count()) == (yuan(50000), 1)
    body = OutboxEvent.objects.filter(topic="enterprise.dispute").latest("pk").body
    assert body == (
        f"已更正，{row.name}因“转让、转包、分包合同（第二十七条第二项）”被限制参与（桂工信信用〔2026〕3号，"
        "至修复或撤销为止），其间不核增额度，限制解除后按更正后的名单核定。经核实。"
    )
    assert regrade_enterprises(clock.today())["unchanged"] == 1
    credit.correct(by=officer(Role.DEPARTMENT), record_id=record.pk, version=record.version, reason="有误")
    assert regrade_enterprises(clock.today())["regraded"] == 1
    assert quota_balance(row).issued == yuan(300000)


def test_the_chain_names_each_stage() -> None:
    row = EnterpriseFactory(active=True)
    dispute = make_dispute(row, state="upheld")
    chain = [(one.act, one.facts.get("stage")) for one in evidence.of_subject(dispute)]
    assert chain == [("file_dispute", None), ("accept_dispute", "check"), ("uphold_dispute", "decide")]


@pytest.mark.parametrize("service", [services.withdraw_dispute, services.find_unfounded, services.reject_dispute])
def test_a_stale_version_is_refused(service: Any) -> None:
    row = EnterpriseFactory(active=True)
    dispute, by = file(row), signatory(row)
    said = {} if service is services.withdraw_dispute else {"opinion": "x"}
    said = {"decision": "x"} if service is services.reject_dispute else said
    with refused("VERSION_CONFLICT"):
        service(by=by, dispute_id=dispute.pk, version=2, **said)
