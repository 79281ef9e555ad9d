"""An objection holds one claim; the rest is cleared, marked and paid (6.11, 8-39, 第二十一条)."""

from datetime import timedelta

import pytest
import time_machine

from engines.evidence.selectors import of_subject
from engines.publicity.states import Outcome, PublicityState
from programmes.services import publicities
from settlement import selectors
from settlement.services import batches, showing
from settlement.states import BatchState, ClaimState
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import Desk, make_batch, make_claim, make_payout
from tests.settlement.support import lines, refused, standing

pytestmark = pytest.mark.django_db
OWED = standing("committed", "committed", "due", "10000.00")


@pytest.fixture
def two():
    """Two claims on public show."""
    desk = Desk()
    return make_batch("publicised", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)


def item(batch, case):
    return batch.at.publicity.items.get(subject_id=case.pk)


def states(batch):
    return [case.at.state for case in batch.cases]


def test_an_accepted_objection_holds_the_disputed_claim_alone(two):
    object_to(item(two, two.cases[0]), step="accepted")
    assert states(two) == [ClaimState.OBJECTION_HOLD, ClaimState.PUBLICITY]
    two.cleared()
    assert (two.at.state, states(two)) == (BatchState.CLEARED, [ClaimState.OBJECTION_HOLD, ClaimState.CLEARED])
    assert two.at.publicity.state == PublicityState.CLOSED_WITH_HOLD
    two.marked()
    two.paying()
    make_payout("paid", case=two.cases[1])
    assert (two.at.state, two.cases[1].at.state) == (BatchState.PAID_PART, ClaimState.PAID)
    with refused("CLAIMS_OPEN"):
        two.do(batches.close, two.desk.co)


def test_not_upheld_while_the_period_runs_it_is_on_show_again(two):
    object_to(item(two, two.cases[0]), step="decided")
    assert states(two) == [ClaimState.PUBLICITY, ClaimState.PUBLICITY]
    two.cleared()
    assert states(two) == [ClaimState.CLEARED, ClaimState.CLEARED]


def test_not_upheld_afterwards_it_is_cleared_and_paid_in_the_same_batch(two):
    objection = object_to(item(two, two.cases[0]), step="accepted")
    two.cleared()
    two.marked()
    two.paying()
    with time_machine.travel(two.publicity_over + timedelta(days=3), tick=False):
        objection.bring_on("decided")
        assert states(two) == [ClaimState.CLEARED, ClaimState.PAYABLE]
        two.marked()
        assert (two.at.state, two.at.requested) == (BatchState.FUND_REQUEST, 20000)
        two.paying()
        for case in two.cases:
            make_payout("paid", case=case)
    assert two.at.state == BatchState.PAID_ALL


def test_upheld_the_claim_is_decided_anew_and_the_money_is_no_longer_owed(two):
    disputed, other = two.cases
    assert lines(disputed) == OWED
    object_to(item(two, disputed)).bring("decided", Outcome.UPHELD)
    claim = disputed.at
    assert (claim.state, claim.batch_id, claim.cap_year, claim.approved) == (
        ClaimState.FORMAL_REVIEW, None, None, None,
    )  # fmt: skip
    assert lines(disputed) == standing("committed", "committed", "committed", "10000.00")
    assert two.at.digest == selectors.digest_of_batch(two.at)
    assert of_subject(two.at).last().act == "take_out"
    with refused("NOT_ALLOWED"):
        disputed.passed()
    two.cleared()
    two.marked()
    assert (two.at.requested, other.at.state) == (10000, ClaimState.MARKED)


def test_decided_anew_it_is_shown_anew_in_another_batch(two):
    disputed = two.cases[0]
    object_to(item(two, disputed)).bring("decided", Outcome.UPHELD)
    disputed.desk.dp = disputed.desk.dp2
    disputed.reduced("500.00")
    desk = Desk()
    again = make_batch("paying", cases=[disputed], desk=desk)
    assert (again.at.requested, disputed.at.state) == (9500, ClaimState.PAYABLE)


def test_what_was_taken_off_once_is_not_approved_after_all(two):
    """The reduction is free again: a new decision cannot give more than is still set aside (8-13)."""
    desk = Desk()
    case = make_claim("reviewed", desk=desk)
    case.reduced("500.00")
    batch = make_batch("publicised", cases=[case, make_claim("passed", desk=desk)], desk=desk)
    object_to(item(batch, case)).bring("decided", Outcome.UPHELD)
    case.desk.dp = desk.dp2
    with refused("HOLD_SHORT"):
        case.passed()
    case.reduced("600.00")
    assert lines(case) == standing("committed", "committed", "committed", "9400.00")


def test_the_only_claim_gone_the_empty_round_is_called_off():
    batch = make_batch("publicised")
    object_to(item(batch, batch.cases[0])).bring("decided", Outcome.UPHELD)
    batch.cleared()
    with refused("NOTHING_TO_MARK"):
        batch.marked()
    batch.do(batches.cancel, batch.desk.co, reason="名单为空")
    assert batch.at.state == BatchState.CANCELLED


def test_a_withdrawn_list_is_shown_anew_for_its_full_time(two):
    object_to(item(two, two.cases[0]), step="accepted")
    shown = two.at.publicity
    publicities.withdraw(by=two.desk.dp, publicity_id=shown.pk, version=shown.version, reason="金额有误")
    assert (two.at.state, states(two)) == (BatchState.APPROVED, [ClaimState.APPROVED] * 2)
    two.publicised()
    new = two.at.publicity
    assert (new.restarts_id, states(two)) == (shown.pk, [ClaimState.PUBLICITY] * 2)


def test_clearing_needs_the_version_the_caller_saw(two):
    with time_machine.travel(two.publicity_over, tick=False), refused("VERSION_CONFLICT"):
        showing.clear(by=two.desk.dp, batch_id=two.pk, version=1)
