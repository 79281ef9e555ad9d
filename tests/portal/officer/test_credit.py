"""Complaints, credit records, bars: three people and more, through their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.states import OrganisationKind, Role
from credit.models import Complaint, CreditRecord
from credit.states import ComplaintState, RecordState
from foundation import clock
from portal.officer import tasks, urls
from providers.models import Bar
from providers.states import BarState
from tests.factories.accounts import make_organisation, make_user, officer
from tests.factories.calendar import know
from tests.factories.credit import make_complaint, make_record
from tests.factories.providers import ProviderFactory
from tests.portal.officer.pages import Desk, refused

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


@pytest.fixture(autouse=True)
def days() -> None:
    know(clock.today().year, clock.today().year + 1)


def kinds(user: object) -> set[str]:
    return {one.kind.code for one in tasks.inbox(user).tallies}


def test_a_complaint_goes_through_three_hands() -> None:
    row = make_complaint()
    checker, reviewer, department = (
        officer(role) for role in (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.DEPARTMENT)
    )
    for by, kind, act, fields in (
        (checker, "complaint-accept", "accept", {"told": "4月8日约定的讲师未到场。"}),
        (reviewer, "complaint-investigate", "investigate", {"findings": "双方陈述一致"}),
        (department, "complaint-decide", "uphold", {"result": "责令整改", "has_large_effect": "on"}),
    ):
        assert kinds(by) == {kind}
        answer = Desk(by).act(f"/o/complaints/{row.pk}/{act}/", **fields)
        assert answer.status_code == 302, answer.content.decode()[:1500]
        assert kinds(by) == set()
    now = Complaint.objects.get()
    assert (now.state, now.has_large_effect) == (ComplaintState.UPHELD, True)


def test_who_accepted_a_complaint_does_not_decide_it() -> None:
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    row = make_complaint("investigated")
    assert "complaint-decide" in kinds(both)
    desk = Desk(officer(Role.CENTRE_CHECKER))
    refused(desk.act(f"/o/complaints/{row.pk}/dismiss/", result="否"), 403, "NOT_ALLOWED")
    assert Complaint.objects.get().state == ComplaintState.INVESTIGATED


def test_a_city_reads_what_was_told_and_not_who_filed() -> None:
    against = make_organisation(OrganisationKind.PROVIDER)
    row = make_complaint("accepted", against=against, facts="某某公司的李四没有来。")
    filer = row.filer.name
    said = Desk(officer(Role.CITY)).read(f"/o/complaints/{row.pk}/")
    assert filer not in said
    assert "办理经过" not in said
    assert filer in Desk(officer(Role.SUPERVISOR)).read(f"/o/complaints/{row.pk}/")


def test_the_answer_is_put_off_by_the_approver_alone() -> None:
    row = make_complaint("accepted")
    until = str(row.longest_due)
    refused(
        Desk(officer(Role.DEPARTMENT)).act(f"/o/complaints/{row.pk}/extend/", until=until, reason="鉴定"),
        403,
        "NOT_ALLOWED",
    )
    Desk(officer(Role.APPROVER)).act(f"/o/complaints/{row.pk}/extend/", until=until, reason="鉴定")
    assert Complaint.objects.get().result_due == row.longest_due


def test_a_registered_complainant_is_no_secret_to_be_opened() -> None:
    row = make_complaint("accepted")
    desk = Desk(officer(Role.DEPARTMENT))
    assert "/identity/" not in desk.read(f"/o/complaints/{row.pk}/")
    assert desk.get(f"/o/complaints/{row.pk}/identity/").status_code == 403


def test_a_credit_record_goes_through_three_hands_and_ends_by_a_fourth() -> None:
    party = make_organisation(OrganisationKind.PROVIDER)
    Desk(officer(Role.CENTRE_CHECKER)).act(
        "/o/credit/propose/", uscc=party.uscc, ground="subcontracted", facts="整体转包", blocks="on"
    )
    row = CreditRecord.objects.get()
    reviewer, department = officer(Role.CENTRE_REVIEWER), officer(Role.DEPARTMENT)
    assert kinds(reviewer) == {"credit-review"}
    Desk(reviewer).act(f"/o/credit/{row.pk}/review/")
    assert kinds(department) == {"credit-decide"}
    today = clock.today()
    Desk(department).act(
        f"/o/credit/{row.pk}/decide/",
        decision_no="桂工信信用〔2026〕3号",
        since=str(today),
        until=str(today + timedelta(days=300)),
    )
    assert CreditRecord.objects.get().state == RecordState.IN_FORCE
    assert "/correct/" not in Desk(department).read(f"/o/credit/{row.pk}/")
    refused(Desk(department).act(f"/o/credit/{row.pk}/correct/", reason="误"), 403, "NOT_ALLOWED")
    Desk(officer(Role.DEPARTMENT)).act(f"/o/credit/{row.pk}/correct/", reason="事实有误")
    assert CreditRecord.objects.get().state == RecordState.CORRECTED


def test_a_proposal_is_declined_by_whose_turn_it_is() -> None:
    row = make_record("proposed")
    assert "/decline/" not in Desk(officer(Role.DEPARTMENT)).read(f"/o/credit/{row.pk}/")
    Desk(officer(Role.CENTRE_REVIEWER)).act(f"/o/credit/{row.pk}/decline/", reason="证据不足")
    assert CreditRecord.objects.get().state == RecordState.DECLINED


def test_a_bar_is_proposed_by_the_department_and_decided_by_the_approver() -> None:
    provider = ProviderFactory()
    Desk(officer(Role.DEPARTMENT)).act("/o/bars/propose/", provider=str(provider.pk), grounds="虚报人员数")
    row = Bar.objects.get()
    approver = officer(Role.APPROVER)
    assert kinds(approver) == {"bar-decide"}
    Desk(approver).act(f"/o/bars/{row.pk}/decide/", decision_no="桂工信罚〔2026〕3号")
    assert Bar.objects.get().state == BarState.DECIDED
