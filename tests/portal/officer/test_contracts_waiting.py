"""What waits for officers among contracts: by role, state and who took the other step."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.states import Role
from contracts import waiting
from contracts.models import RelatedPermit
from contracts.services import endings, permits
from contracts.states import Fault
from portal.officer import tasks, urls
from tests.factories.accounts import make_user, officer
from tests.factories.contracts import Deal, make_contract
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.providers import ProviderFactory
from tests.portal.officer.pages import Desk

pytestmark = pytest.mark.django_db
assert urls.urlpatterns


def kinds(user: object) -> set[str]:
    return {one.kind.code for one in tasks.inbox(user).tallies}


def test_a_frozen_contract_waits_for_the_department() -> None:
    deal = make_contract("performing")
    department = officer(Role.DEPARTMENT)
    assert kinds(department) == set()
    endings.freeze(by=department, contract_id=deal.pk, version=deal.at.version, reason="核查期间")
    assert kinds(department) == {"contract-frozen"}
    assert f"/contracts/{deal.pk}/" in Desk(department).read("/o/")
    for role in (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.APPROVER, Role.FINANCE):
        assert kinds(officer(role)) == set()


def test_the_inbox_and_the_contract_tell_the_same_last_day() -> None:
    deal = make_contract("performing")
    asked = endings.request_termination(
        by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault=Fault.NONE, reason="项目暂缓"
    )
    checker, reviewer = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
    assert [one.due for one in tasks.inbox(checker).tasks] == [limit(deal)]
    endings.check_termination(
        by=checker, termination_id=asked.pk, version=asked.version, fault=Fault.NONE, reason="属实"
    )
    assert [one.due for one in tasks.inbox(reviewer).tasks] == [limit(deal)]
    frozen, department = make_contract("performing"), officer(Role.DEPARTMENT)
    endings.freeze(by=department, contract_id=frozen.pk, version=frozen.at.version, reason="核查期间")
    assert [one.due for one in tasks.inbox(department).tasks] == [limit(frozen)]


def limit(deal: Deal) -> date | None:
    """The last day as the contract's page tells it."""
    step = waiting.of(deal.pk)
    assert step is not None
    assert step.limit_on is not None
    return step.limit_on


def test_a_termination_is_checked_by_one_and_decided_by_another() -> None:
    deal = make_contract("performing")
    asked = endings.request_termination(
        by=deal.parties.el, contract_id=deal.pk, version=deal.at.version, fault=Fault.NONE, reason="项目暂缓"
    )
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    assert kinds(both) == {"termination-check"}
    endings.check_termination(by=both, termination_id=asked.pk, version=asked.version, fault=Fault.NONE, reason="属实")
    assert kinds(both) == set()
    assert kinds(officer(Role.CENTRE_REVIEWER)) == {"termination-decide"}


def test_a_permit_waits_for_an_approver_who_proposed_none_for_the_pair() -> None:
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    permits.propose(
        by=both,
        enterprise_id=EnterpriseFactory(active=True).pk,
        provider_id=ProviderFactory(listed=True).pk,
        reason="独家技术",
        reference="桂工信函〔2026〕5号",
    )
    assert RelatedPermit.objects.count() == 1
    assert kinds(both) == set()
    assert kinds(officer(Role.APPROVER)) == {"permit-decide"}
