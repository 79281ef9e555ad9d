"""What waits for whom of the offices; what the separation of people keeps from one is not in his queue."""

import pytest

from accounts.states import Role
from contracts import queues
from contracts.services import endings
from tests.factories.accounts import make_user
from tests.factories.contracts import make_contract, make_parties, make_permit

pytestmark = pytest.mark.django_db


def test_a_request_to_end_it_goes_from_the_checker_to_another_person():
    deal, checker, reviewer = (
        make_contract("performing"),
        make_user(Role.CENTRE_CHECKER),
        make_user(Role.CENTRE_REVIEWER),
    )
    both = make_user(Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)
    request = deal.do(endings.request_termination, deal.parties.el, fault="none", reason="停产")
    assert list(queues.terminations_to_check(checker)) == list(queues.terminations_to_check(both)) == [request]
    assert not queues.terminations_to_check(reviewer).exists()
    endings.check_termination(by=both, termination_id=request.pk, version=1, fault="none", reason="属实")
    assert not queues.terminations_to_check(checker).exists()
    assert list(queues.terminations_to_decide(reviewer)) == [request]
    assert not queues.terminations_to_decide(both).exists()


def test_a_dispute_is_the_centres_and_a_freeze_the_departments():
    deal, checker, department = make_contract("performing"), make_user(Role.CENTRE_CHECKER), make_user(Role.DEPARTMENT)
    deal.do(endings.open_dispute, deal.parties.eo, reason="分歧")
    assert (
        [one.pk for one in queues.disputes_to_resolve(checker)]
        == [one.pk for one in queues.disputes_to_resolve(department)]
        == [deal.pk]
    )
    assert not queues.disputes_to_resolve(make_user(Role.FINANCE)).exists()
    deal.do(endings.freeze, department, reason="核查")
    assert not queues.disputes_to_resolve(checker).exists()
    assert [one.pk for one in queues.contracts_frozen(department)] == [deal.pk]
    assert not queues.contracts_frozen(checker).exists()


def test_a_permit_waits_for_the_approver():
    permit = make_permit("proposed", parties=make_parties())
    assert list(queues.permits_to_decide(make_user(Role.APPROVER))) == [permit]
    assert not queues.permits_to_decide(make_user(Role.DEPARTMENT)).exists()
    make_permit("granted", parties=make_parties())
    assert list(queues.permits_to_decide(make_user(Role.APPROVER))) == [permit]
