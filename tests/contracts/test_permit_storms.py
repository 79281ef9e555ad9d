"""Two at once on a 关联交易核准: one decision, one proposal; and nothing is signed on what was already taken back."""

from __future__ import annotations

import threading

import pytest

from accounts.states import Role
from contracts.models import RelatedPermit
from contracts.services import common, permits, signing
from contracts.states import PermitState, State
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import verify
from foundation import locking
from tests.contracts.test_storms import at_once
from tests.factories.accounts import officer
from tests.factories.contracts import Deal, make_contract, make_parties, make_permit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def grants(permit: RelatedPermit, count: int):
    people = [officer(Role.APPROVER) for _ in range(count)]
    return [
        lambda by=by: permits.grant(by=by, permit_id=permit.pk, version=1, decision_no="桂工信审〔2026〕8号")
        for by in people
    ]


def test_ten_grants_at_once_are_one():
    permit = make_permit("proposed", parties=make_parties())
    assert at_once(grants(permit, 10)) == {"done": 1, "VERSION_CONFLICT": 9}
    assert EvidenceRecord.objects.filter(subject_id=permit.pk, act="grant").count() == 1


def test_without_the_lock_the_losers_run_into_the_database(monkeypatch):
    """Negative control: it is the lock that gives them an answer; the chain's unique number keeps a second one out."""
    permit, together = make_permit("proposed", parties=make_parties()), threading.Barrier(5)

    def unlocked(rows, pk, *, version=None):
        found = rows.get(pk=pk)
        together.wait(30)
        return found

    monkeypatch.setattr(permits, "lock", unlocked)
    assert at_once(grants(permit, 5)) == {"done": 1, "IntegrityError": 4}


def test_a_grant_and_a_refusal_at_once_are_one_decision():
    permit, by = make_permit("proposed", parties=make_parties()), officer(Role.APPROVER)

    def decline():
        permits.decline(by=by, permit_id=permit.pk, version=1, decision_no="9号", opinion="另有服务商可选")

    assert at_once([*grants(permit, 1), decline]) == {"done": 1, "VERSION_CONFLICT": 1}
    permit.refresh_from_db()
    assert permit.version == 2


def test_ten_proposals_at_once_are_one():
    parties = make_parties()
    people = [officer(Role.DEPARTMENT) for _ in range(10)]
    ends = at_once([lambda by=by: make_permit("proposed", parties=parties, by=by) for by in people])
    assert ends == {"done": 1, "PERMIT_EXISTS": 9}
    assert RelatedPermit.objects.count() == 1


def revoke_while_signing(deal: Deal, permit: RelatedPermit, monkeypatch: pytest.MonkeyPatch) -> bool:
    """The permit is revoked when the signing has looked at it and not yet committed. Whether it got in between."""
    looked, revoked, overtook = threading.Event(), threading.Event(), []
    take_hold, by, version = common.take_hold, officer(Role.APPROVER), deal.at.version

    def slowly(*args, **kwargs):
        looked.set()
        overtook.append(revoked.wait(2))
        return take_hold(*args, **kwargs)

    def revoke():
        assert looked.wait(30)
        permits.revoke(by=by, permit_id=permit.pk, version=2, revocation_no="21号", reason="比价材料不实")
        revoked.set()

    def sign():
        signing.start_signing(by=deal.parties.eo, contract_id=deal.pk, version=version)

    monkeypatch.setattr(common, "take_hold", slowly)
    assert at_once([sign, revoke]) == {"done": 2}
    return overtook == [True]


@pytest.fixture
def standing() -> tuple[Deal, RelatedPermit]:
    """A contract of related parties that is ready, and the permit it stands on."""
    parties = make_parties()
    permit = make_permit("granted", parties=parties)
    return make_contract("ready", parties=parties, related_party=True), permit


def test_a_revocation_waits_for_the_contract_that_is_being_signed(standing, monkeypatch):
    deal, permit = standing
    assert not revoke_while_signing(deal, permit, monkeypatch)
    permit.refresh_from_db()
    assert (deal.at.state, permit.state) == (State.SIGNING, PermitState.REVOKED)
    record = EvidenceRecord.objects.get(subject_id=permit.pk, act="revoke")
    assert record.facts["unsigned"] == [deal.at.number]
    assert verify()[1] == []


def test_without_the_lock_it_is_revoked_before_the_money_is_set_aside(standing, monkeypatch):
    """Negative control: read and not locked, the permit is gone when the contract that stands on it takes money."""
    deal, permit = standing

    def only_looked_at(rows, pk, *, version=None):
        return rows.get(pk=pk) if version is None else locking.lock(rows, pk, version=version)

    monkeypatch.setattr(permits, "lock", only_looked_at)
    assert revoke_while_signing(deal, permit, monkeypatch)


def test_revocation_and_signing_at_once_end_in_one_of_two_ways(standing):
    deal, permit = standing
    by, version = officer(Role.APPROVER), deal.at.version
    ends = at_once(
        [
            lambda: signing.start_signing(by=deal.parties.eo, contract_id=deal.pk, version=version),
            lambda: permits.revoke(by=by, permit_id=permit.pk, version=2, revocation_no="21号", reason="不实"),
        ]
    )
    permit.refresh_from_db()
    assert permit.state == PermitState.REVOKED
    assert (deal.at.state, ends) in [
        (State.SIGNING, {"done": 2}),
        (State.READY, {"done": 1, "PERMIT_NOT_IN_FORCE": 1}),
    ]
