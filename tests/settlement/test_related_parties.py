"""A claim of related parties: the checklist says by which document they were allowed, and leaves it to the reviewer (8-35)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.states import Role
from contracts.services import permits
from foundation import clock
from settlement.states import ClaimState
from tests.factories.accounts import Caller, officer
from tests.factories.contracts import make_contract, make_parties, make_permit
from tests.factories.enterprises import declare, tie
from tests.factories.settlement import make_claim

pytestmark = pytest.mark.django_db


def preflight(case):
    """The preflight as the provider reads it, and its line on relations."""
    body = Caller(case.deal.parties.po).get(f"/api/v1/claims/{case.pk}/preflight/").json()
    return body, next(item for item in body["items"] if item["code"] == "unrelated")


def test_the_document_stands_in_the_checklist_and_the_claim_is_submitted_all_the_same():
    parties = make_parties()
    permit = make_permit("granted", parties=parties)
    case = make_claim(deal=make_contract("confirmed", parties=parties, related_party=True))
    body, item = preflight(case)
    assert body["ready"] is True
    assert (item["severity"], item["ok"]) == ("risk", False)
    assert item["found"] == "双方存在关联关系，经核准（文号：桂工信审〔2026〕8号）"
    permits.revoke(
        by=officer(Role.APPROVER), permit_id=permit.pk, version=2, revocation_no="桂工信审〔2026〕21号", reason="不实"
    )
    _, item = preflight(case)
    assert item["found"] == "双方存在关联关系，经核准（文号：桂工信审〔2026〕8号，后由桂工信审〔2026〕21号撤销）"
    case.submitted()
    assert case.at.state == ClaimState.SUBMITTED


def test_a_claim_of_the_unrelated_says_so():
    body, item = preflight(make_claim())
    assert (body["ready"], item["ok"], item["found"]) == (True, True, "双方声明无关联关系")


@pytest.mark.parametrize("ended", [False, True], ids=["still related", "related when they signed"])
def test_declared_related_after_they_signed_as_strangers_is_shown_to_the_reviewer(ended):
    signed = clock.now()
    case = make_claim()
    with time_machine.travel(signed + timedelta(days=3), tick=True):
        until = clock.today() - timedelta(days=1) if ended else None
        declare(case.deal.parties.enterprise, tie(case.deal.parties.provider.uscc, until=until))
        body, item = preflight(case)
    assert (body["ready"], item["ok"], item["severity"]) == (True, False, "risk")
    assert item["found"] == "双方声明无关联关系，但现行关联方申报显示双方有关联"
