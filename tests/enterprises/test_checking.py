"""Two people: the first check, and the confirmation that grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.notifications.models import OutboxEvent
from enterprises import services
from enterprises.models import Enterprise, QuotaGrant
from enterprises.states import State
from foundation import clock
from tests.enterprises.support import agent, fresh, quota_balance, refused, signatory, yuan
from tests.factories.accounts import make_user, officer
from tests.factories.enterprises import EnterpriseFactory, give_title
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


def submitted(**fields: Any) -> Enterprise:
    enterprise = EnterpriseFactory(**fields)
    return services.submit(by=signatory(enterprise), enterprise_id=enterprise.pk, version=1)


def checked(by: User | None = None, **fields: Any) -> Enterprise:
    return act(services.check, submitted(**fields), by or officer(Role.CENTRE_CHECKER))


def act(service: Callable[..., Enterprise], row: Enterprise, by: User, **fields: Any) -> Enterprise:
    return service(by=by, enterprise_id=row.pk, version=fresh(row).version, **fields)


NOTE = "统计局复函确认本月入库，名录尚未更新。"
ON_ROSTER = {"code": "listed", "note": NOTE}


def test_check_names_the_checker_and_what_he_answered_to_the_doubts() -> None:
    by = officer(Role.CENTRE_CHECKER)
    row = fresh(act(services.check, submitted(listed=False), by, findings=[ON_ROSTER], reason="已电话核实"))
    record = evidence.of_subject(row).last()
    assert record is not None
    assert (row.state, row.checked_by) == (State.CHECKED, by)
    assert (record.act, record.reason, record.facts["doubts"]) == ("check", "已电话核实", {"listed": NOTE})
    assert [(one["code"], one.get("note", "")) for one in row.checks if one["result"] != "ok"] == [("listed", NOTE)]


def test_the_confirmation_stands_over_the_answered_doubts() -> None:
    row = act(services.check, submitted(listed=False), officer(Role.CENTRE_CHECKER), findings=[ON_ROSTER])
    act(services.confirm, row, officer(Role.CENTRE_REVIEWER))
    record = evidence.of_subject(row).filter(act="confirm").get()
    assert (record.facts["doubts"], record.facts["stage"]) == ({"listed": NOTE}, "decide")


@pytest.mark.parametrize("findings", [[], [{"code": "listed", "note": " "}]])
def test_a_doubt_is_not_passed_over_in_silence(findings: list[dict[str, str]]) -> None:
    row, by = submitted(listed=False), officer(Role.CENTRE_CHECKER)
    with refused("DOUBTS_UNANSWERED") as caught:
        act(services.check, row, by, findings=findings)
    assert caught.value.details == {"doubts": ["listed"]}
    assert caught.value.message == (
        "自动核验有1处疑点，还有1处没有核实情况：规上名录（listed）：规上企业名录中未查到该代码，请人工核对。"
        "请在 findings 中逐项写明 code 和核实情况 note；核实不符的，退回补正或不予通过。"
    )


def test_every_doubt_wants_its_own_answer() -> None:
    row, by = submitted(listed=False, region_code="440100"), officer(Role.CENTRE_CHECKER)
    with refused("DOUBTS_UNANSWERED") as caught:
        act(services.check, row, by, findings=[ON_ROSTER])
    assert caught.value.details == {"doubts": ["region"]}


@pytest.mark.parametrize(
    ("code", "findings"),
    [("DOUBT_UNKNOWN", [ON_ROSTER, {"code": "industry", "note": "x"}]), ("DOUBT_TWICE", [ON_ROSTER, ON_ROSTER])],
)
def test_an_answer_names_one_doubt_of_the_check(code: str, findings: list[dict[str, str]]) -> None:
    row, by = submitted(listed=False), officer(Role.CENTRE_CHECKER)
    with refused(code):
        act(services.check, row, by, findings=findings)


def test_a_clear_check_has_nothing_to_answer() -> None:
    row = submitted()
    assert (row.state, act(services.check, row, officer(Role.CENTRE_CHECKER)).state) == (State.AUTO_OK, State.CHECKED)


def test_a_new_submission_wants_new_answers() -> None:
    row = act(services.check, submitted(listed=False), officer(Role.CENTRE_CHECKER), findings=[ON_ROSTER])
    row = act(services.send_back, row, officer(Role.CENTRE_REVIEWER), reason="复函日期有误")
    row = act(services.submit, row, signatory(row))
    by = officer(Role.CENTRE_CHECKER)
    with refused("DOUBTS_UNANSWERED"):
        act(services.check, row, by)


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.CITY, Role.SYSTEM_ADMIN])
def test_only_the_checker_checks(role: str) -> None:
    row, by = submitted(), officer(role)
    with refused("NOT_ALLOWED"):
        act(services.check, row, by)


def test_the_enterprise_does_not_check_itself() -> None:
    row = submitted()
    by = signatory(row)
    with refused("NOT_ALLOWED"):
        act(services.check, row, by)


def test_confirm_activates_and_grants_the_tier() -> None:
    open_year(clock.today().year)
    row = checked()
    give_title(row, "little_giant")
    by = officer(Role.CENTRE_REVIEWER)
    act(services.confirm, row, by)
    row = fresh(row)
    grant = QuotaGrant.objects.get(enterprise=row)
    assert (row.state, row.confirmed_by) == (State.ACTIVE, by)
    assert (grant.kind, grant.tier_code, grant.winning_title) == ("grant", "national", "little_giant")
    assert (grant.quota, grant.amount, quota_balance(row).available) == (yuan(300000), yuan(300000), yuan(300000))


def test_confirm_before_the_notice_activates_without_quota() -> None:
    row = act(services.confirm, checked(), officer(Role.CENTRE_REVIEWER))
    assert (row.state, QuotaGrant.objects.count()) == (State.ACTIVE, 0)


def test_nobody_confirms_what_he_checked() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = checked(by=both)
    with refused("NOT_ALLOWED"):
        act(services.confirm, row, both)


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.AUDITOR])
def test_only_the_reviewer_confirms(role: str) -> None:
    row, by = checked(), officer(role)
    with refused("NOT_ALLOWED"):
        act(services.confirm, row, by)


def test_confirm_needs_the_first_check() -> None:
    row, by = submitted(), officer(Role.CENTRE_REVIEWER)
    with refused("WRONG_STATE"):
        act(services.confirm, row, by)


def test_the_reviewer_returns_a_checked_one_and_the_check_is_void() -> None:
    row = act(services.send_back, checked(), officer(Role.CENTRE_REVIEWER), reason="账号有误")
    assert (row.state, row.return_reason, row.checked_by, row.checked_at) == (State.RETURNED, "账号有误", None, None)


def test_the_checker_does_not_return_what_he_checked() -> None:
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    row = checked(by=both)
    with refused("NOT_ALLOWED"):
        act(services.send_back, row, both, reason="再看")


def test_returned_tells_the_enterprise_why() -> None:
    row = act(services.send_back, submitted(), officer(Role.CENTRE_CHECKER), reason="地址不符")
    event = OutboxEvent.objects.latest("pk")
    assert (event.organisation_ids, event.title) == ([row.organisation_id], "退回补正")
    assert "地址不符" in event.body


def test_reject_is_final() -> None:
    row, by = act(services.reject, submitted(), officer(Role.CENTRE_CHECKER), reason="非独立法人"), None
    by = signatory(row)
    assert (row.state, row.return_reason) == (State.REJECTED, "非独立法人")
    with refused("WRONG_STATE"):
        act(services.submit, row, by)


def test_reject_after_the_first_check_is_refused() -> None:
    row, by = checked(), officer(Role.CENTRE_CHECKER)
    with refused("WRONG_STATE"):
        act(services.reject, row, by, reason="非独立法人")


def test_the_enterprise_withdraws_while_returned() -> None:
    row = act(services.send_back, submitted(), officer(Role.CENTRE_CHECKER), reason="地址不符")
    assert act(services.close, row, agent(row), reason="不再申请").state == State.CLOSED


def test_the_reviewer_closes_an_active_one_and_the_enterprise_does_not() -> None:
    row = EnterpriseFactory(active=True)
    own = signatory(row)
    with refused("NOT_ALLOWED"):
        act(services.close, row, own, reason="注销")
    assert act(services.close, row, officer(Role.CENTRE_REVIEWER), reason="注销").state == State.CLOSED


def test_a_draft_is_not_closed() -> None:
    row = EnterpriseFactory()
    by = agent(row)
    with refused("WRONG_STATE"):
        act(services.close, row, by, reason="不填了")


@pytest.mark.parametrize("service", [services.check, services.confirm])
def test_a_stale_version_is_refused(service: Callable[..., Enterprise]) -> None:
    row, by = submitted(), make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    with refused("VERSION_CONFLICT"):
        service(by=by, enterprise_id=row.pk, version=row.version - 1)


def two_with_both_roles() -> tuple[User, User]:
    one = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    return one, make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, organisation=one.organisation)


def test_who_checked_in_an_earlier_round_does_not_confirm_in_a_later_one() -> None:
    one, other = two_with_both_roles()
    row = act(services.send_back, checked(by=one), other, reason="请补正")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, third := officer(Role.CENTRE_CHECKER))
    assert row.checked_by == third
    with refused("NOT_ALLOWED"):
        act(services.confirm, row, one)
    assert act(services.confirm, row, other).state == State.ACTIVE


def test_who_decided_to_return_it_does_not_check_in_a_later_round() -> None:
    one, other = two_with_both_roles()
    row = act(services.send_back, checked(by=one), other, reason="请补正")
    row = act(services.submit, row, signatory(row))
    for service, fields in (
        (services.check, {}),
        (services.send_back, {"reason": "x"}),
        (services.reject, {"reason": "x"}),
    ):
        with refused("NOT_ALLOWED"):
            act(service, row, other, **fields)
    assert act(services.check, row, one).state == State.CHECKED


def test_who_returned_it_at_the_first_check_does_not_confirm_later() -> None:
    one, _ = two_with_both_roles()
    row = act(services.send_back, submitted(), one, reason="请补正")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, officer(Role.CENTRE_CHECKER))
    with refused("NOT_ALLOWED"):
        act(services.confirm, row, one)


def test_each_act_of_an_officer_names_its_stage() -> None:
    row = act(services.send_back, checked(), officer(Role.CENTRE_REVIEWER), reason="请补正")
    row = act(services.submit, row, signatory(row))
    row = act(services.check, row, officer(Role.CENTRE_CHECKER))
    row = act(services.confirm, row, officer(Role.CENTRE_REVIEWER))
    stages = [(record.act, record.facts["stage"]) for record in evidence.of_subject(row) if "stage" in record.facts]
    assert stages == [("check", "check"), ("return", "decide"), ("check", "check"), ("confirm", "decide")]


def test_the_same_people_may_check_and_decide_on_different_enterprises() -> None:
    one, other = two_with_both_roles()
    assert act(services.confirm, checked(by=one), other).state == State.ACTIVE
    assert act(services.confirm, checked(by=other), one).state == State.ACTIVE
