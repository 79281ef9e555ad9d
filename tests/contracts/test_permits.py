"""关联交易核准: two people allow a pair of related parties to use vouchers for a year; contracts stand on it (8-35)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.states import Role
from contracts import selectors
from contracts.models import Contract, RelatedPermit
from contracts.services import drafting, permits, signing
from engines.evidence.models import EvidenceRecord
from engines.evidence.selectors import of_subject, verify
from engines.notifications.models import OutboxEvent
from foundation import clock
from tests.contracts.support import everywhere, money, nowhere, refused
from tests.factories.accounts import make_user, officer
from tests.factories.contracts import Deal, Parties, make_contract, make_parties, make_permit, make_terms, upload
from tests.factories.enterprises import EnterpriseFactory, declare, tie

pytestmark = pytest.mark.django_db
GRANT_NO, DECLINE_NO, REVOKE_NO = "桂工信审〔2026〕8号", "桂工信审〔2026〕9号", "桂工信审〔2026〕21号"


@pytest.fixture
def parties() -> Parties:
    """A pair whose enterprise has declared the provider its parent."""
    pair = make_parties()
    declare(pair.enterprise, tie(pair.provider.uscc))
    return pair


def related_deal(parties: Parties, until: str = "draft", **fields: Any) -> Deal:
    return make_contract(until, parties=parties, related_party=True, **fields)


def proposal(parties: Parties, **changes: Any) -> dict[str, Any]:
    own = {"enterprise_id": parties.enterprise.pk, "provider_id": parties.provider.pk}
    return {"by": officer(Role.DEPARTMENT), **own, "reason": "价格低于均价", "reference": "函1号", **changes}


def revoke(permit: RelatedPermit) -> RelatedPermit:
    return permits.revoke(
        by=officer(Role.APPROVER), permit_id=permit.pk, version=2, revocation_no=REVOKE_NO, reason="比价材料不实"
    )


def told(subject: Any) -> list[tuple[str, str]]:
    return list(OutboxEvent.objects.filter(subject_id=subject.pk).order_by("pk").values_list("topic", "body"))


# --- the permit itself


def test_a_proposal_keeps_the_notice_the_year_and_what_it_rests_on(parties):
    by = officer(Role.DEPARTMENT)
    file = upload(by)
    permit = permits.propose(**proposal(parties, by=by, reference="", file_id=file.pk))
    permit.refresh_from_db()
    assert (permit.state, permit.year, permit.notice.year) == ("proposed", clock.today().year, clock.today().year)
    assert (permit.file, permit.reference, permit.proposed_by) == (file, "", by)
    [record] = of_subject(permit)
    assert (record.act, record.reason) == ("propose", "价格低于均价")
    assert record.facts == {
        "stage": "propose", "state": "proposed", "enterprise": parties.enterprise.uscc,
        "provider": parties.provider.uscc, "year": permit.year, "reference": "", "file_sm3": file.sm3,
    }  # fmt: skip


def test_both_parties_are_told_at_every_step(parties):
    granted = make_permit("revoked", parties=parties)
    declined = make_permit("declined", parties=parties)
    names = f"{parties.enterprise.organisation.name}与{parties.provider.organisation.name}"
    year = clock.today().year
    asked = ("permit.proposed", f"{names}：厅职能处室已就{year}年度提请审定，核准前不能起草存在关联关系的合同。")
    assert told(granted) == [
        asked,
        (
            "permit.granted",
            f"{names}：依据{GRANT_NO}，{year}年度内可起草和签署服务券合同，合同须如实填写存在关联关系。",
        ),
        (
            "permit.revoked",
            f"{names}：依据{REVOKE_NO}撤销{GRANT_NO}，不能再起草和签署新合同，已签署的合同不受影响。理由：比价材料不实",
        ),
    ]
    assert told(declined) == [
        asked,
        ("permit.declined", f"{names}：依据{DECLINE_NO}，不得使用服务券。理由：另有服务商可选"),
    ]
    houses = {parties.enterprise.organisation_id, parties.provider.organisation_id}
    events = OutboxEvent.objects.filter(topic__startswith="permit.")
    assert [set(event.organisation_ids) for event in events] == [houses] * 5


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.DEPARTMENT}))
def test_only_the_department_proposes(parties, role):
    with refused("NOT_ALLOWED"):
        permits.propose(**proposal(parties, by=make_user(role)))


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.APPROVER}))
def test_only_the_approver_decides_and_takes_back(parties, role):
    permit, person = make_permit("proposed", parties=parties), make_user(role)
    with refused("NOT_ALLOWED"):
        permits.grant(by=person, permit_id=permit.pk, version=1, decision_no=GRANT_NO)
    with refused("NOT_ALLOWED"):
        permits.decline(by=person, permit_id=permit.pk, version=1, decision_no=DECLINE_NO, opinion="无")
    permits.grant(by=officer(Role.APPROVER), permit_id=permit.pk, version=1, decision_no=GRANT_NO)
    with refused("NOT_ALLOWED"):
        permits.revoke(by=person, permit_id=permit.pk, version=2, revocation_no=REVOKE_NO, reason="无")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("NOT_FOUND", {"enterprise_id": uuid4()}),
        ("NOT_FOUND", {"provider_id": uuid4()}),
        ("NOT_FOUND", {"file_id": uuid4()}),
        ("PERMIT_BASIS_MISSING", {"reference": ""}),
    ],
)
def test_a_faulty_proposal_is_refused(parties, code, change):
    with refused(code):
        permits.propose(**proposal(parties, **change))


def test_a_house_is_not_allowed_to_buy_from_itself():
    parties = make_parties()
    same = make_parties(
        enterprise=EnterpriseFactory(active=True, uscc=parties.provider.uscc), provider=parties.provider
    )
    with refused("SAME_PARTY"):
        permits.propose(**proposal(same))


def test_without_a_notice_in_force_nothing_is_proposed(parties):
    with time_machine.travel(f"{clock.today().year + 1}-01-05T03:00:00Z"), refused("NOTICE_NOT_PUBLISHED"):
        permits.propose(**proposal(parties))


@pytest.mark.parametrize("state", ["proposed", "granted"])
def test_one_stands_for_a_pair_and_year(parties, state):
    make_permit(state, parties=parties)
    with refused("PERMIT_EXISTS") as caught:
        permits.propose(**proposal(parties))
    assert str(clock.today().year) in caught.value.message
    assert caught.value.details == {"year": clock.today().year}


@pytest.mark.parametrize("state", ["declined", "revoked"])
def test_after_its_end_it_is_proposed_again(parties, state):
    make_permit(state, parties=parties)
    assert make_permit("granted", parties=parties).state == "granted"


def test_another_pair_has_a_permit_of_its_own(parties):
    make_permit("granted", parties=parties)
    other = make_parties(provider=parties.provider, product=parties.product)
    assert make_permit("granted", parties=other).state == "granted"


@pytest.mark.parametrize("state", ["granted", "declined", "revoked"])
def test_what_is_decided_is_not_decided_again(parties, state):
    permit, by = make_permit(state, parties=parties), officer(Role.APPROVER)
    at = {"by": by, "permit_id": permit.pk, "version": permit.version}
    with refused("WRONG_STATE"):
        permits.grant(**at, decision_no=GRANT_NO)
    with refused("WRONG_STATE"):
        permits.decline(**at, decision_no=DECLINE_NO, opinion="无")
    if state != "granted":
        with refused("WRONG_STATE"):
            permits.revoke(**at, revocation_no=REVOKE_NO, reason="无")


def test_a_proposal_is_not_revoked(parties):
    permit = make_permit("proposed", parties=parties)
    with refused("WRONG_STATE"):
        permits.revoke(by=officer(Role.APPROVER), permit_id=permit.pk, version=1, revocation_no=REVOKE_NO, reason="无")


def test_an_older_version_is_refused(parties):
    permit = make_permit("granted", parties=parties)
    with refused("VERSION_CONFLICT"):
        permits.revoke(by=officer(Role.APPROVER), permit_id=permit.pk, version=1, revocation_no=REVOKE_NO, reason="无")


def test_it_is_not_granted_after_its_year(parties):
    permit = make_permit("proposed", parties=parties)
    with time_machine.travel(f"{permit.year + 1}-01-05T03:00:00Z"), refused("PERMIT_YEAR_OVER") as caught:
        permits.grant(by=officer(Role.APPROVER), permit_id=permit.pk, version=1, decision_no=GRANT_NO)
    assert caught.value.details == {"year": permit.year, "today": f"{permit.year + 1}-01-05"}


# --- four eyes, over all rounds


def test_who_proposed_neither_decides_nor_takes_back(parties):
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    permit = make_permit("proposed", parties=parties, by=both)
    with refused("NOT_ALLOWED"):
        permits.grant(by=both, permit_id=permit.pk, version=1, decision_no=GRANT_NO)
    with refused("NOT_ALLOWED"):
        permits.decline(by=both, permit_id=permit.pk, version=1, decision_no=DECLINE_NO, opinion="无")
    permits.grant(by=officer(Role.APPROVER), permit_id=permit.pk, version=1, decision_no=GRANT_NO)
    with refused("NOT_ALLOWED"):
        permits.revoke(by=both, permit_id=permit.pk, version=2, revocation_no=REVOKE_NO, reason="无")


def test_who_proposed_an_earlier_round_does_not_decide_the_next(parties):
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    make_permit("declined", parties=parties, by=both)
    again = make_permit("proposed", parties=parties)
    with refused("NOT_ALLOWED"):
        permits.grant(by=both, permit_id=again.pk, version=1, decision_no=GRANT_NO)


def test_who_decided_an_earlier_round_does_not_propose_the_next(parties):
    both = make_user(Role.DEPARTMENT, Role.APPROVER)
    first = make_permit("proposed", parties=parties)
    permits.decline(by=both, permit_id=first.pk, version=1, decision_no=DECLINE_NO, opinion="依据不足")
    with refused("NOT_ALLOWED"):
        permits.propose(**proposal(parties, by=both))


def test_the_same_two_may_take_the_next_round(parties):
    department, approver = officer(Role.DEPARTMENT), officer(Role.APPROVER)
    first = make_permit("proposed", parties=parties, by=department)
    permits.decline(by=approver, permit_id=first.pk, version=1, decision_no=DECLINE_NO, opinion="依据不足")
    second = make_permit("proposed", parties=parties, by=department)
    granted = permits.grant(by=approver, permit_id=second.pk, version=1, decision_no=GRANT_NO, opinion="同意")
    assert (granted.state, granted.decided_by, granted.opinion) == ("granted", approver, "同意")
    [*_, last] = of_subject(granted)
    assert last.facts == {"stage": "decide", "state": "granted", "decision_no": GRANT_NO}


# --- what contracts stand on


def test_with_a_permit_related_parties_contract_and_say_so(parties):
    permit = make_permit("granted", parties=parties)
    deal = related_deal(parties, "signed")
    assert (deal.at.state, deal.at.related_party, deal.at.permit) == ("signed_wait_deposit", True, permit)
    assert deal.at.terms["related_permit"] == {"decision_no": GRANT_NO, "year": permit.year}
    assert selectors.signed_text(deal.at)["terms"]["related_permit"]["decision_no"] == GRANT_NO
    assert money(deal, clock.today().year) == everywhere("reserved", "10000.00")
    assert verify()[1] == []


def test_not_said_in_the_contract_it_is_refused_with_a_permit_too(parties):
    make_permit("granted", parties=parties)
    with refused("RELATED_PARTY_UNDECLARED"):
        make_contract("draft", parties=parties)


@pytest.mark.parametrize("state", ["proposed", "declined", "revoked"])
def test_only_one_that_is_granted_allows_a_draft(parties, state):
    make_permit(state, parties=parties)
    with refused("TERMS_INVALID") as caught:
        related_deal(parties)
    assert caught.value.details == {
        "related_party": (
            "双方存在关联关系的，不得使用服务券，须先由厅职能处室核准：请向厅职能处室说明价格公允、"
            "无其他服务商可选等理由，经核准后再起草。"
        )
    }


def test_the_permit_of_another_pair_allows_nothing(parties):
    make_permit("granted", parties=make_parties(provider=parties.provider, product=parties.product))
    make_permit("granted", parties=make_parties(enterprise=parties.enterprise))
    with refused("TERMS_INVALID"):
        related_deal(parties)


def test_it_is_in_force_in_its_year_and_no_other(parties):
    permit, year = make_permit("granted", parties=parties), clock.today().year
    contract = related_deal(parties).at
    assert selectors.permit_in_force(contract, date(year, 12, 31)) == permit
    assert selectors.permit_in_force(contract, date(year + 1, 1, 1)) is None
    with refused("PERMIT_NOT_IN_FORCE") as caught:
        permits.require_in_force(contract, date(year + 1, 1, 1))
    assert f"{GRANT_NO}仅{year}年度有效，不能签署。请撤回草稿；" in caught.value.message


def test_what_is_no_longer_related_is_revised_and_stands_on_no_permit():
    parties = make_parties()
    make_permit("granted", parties=parties)
    deal = related_deal(parties)
    deal.do(drafting.revise, parties.eo, terms=make_terms(parties))
    assert (deal.at.related_party, deal.at.permit) == (False, None)
    assert "related_permit" not in deal.at.terms


def test_declared_since_the_draft_it_is_revised_once_permitted():
    parties = make_parties()
    deal = make_contract("ready", parties=parties)
    declare(parties.enterprise, tie(parties.provider.uscc))
    with refused("RELATED_PARTY_UNDECLARED"):
        deal.do(signing.start_signing, parties.eo)
    permit = make_permit("granted", parties=parties)
    deal.do(drafting.revise, parties.eo, terms=make_terms(parties, related_party=True))
    for step in ("ready", "signing", "signed"):
        getattr(deal, step)()
    assert (deal.at.state, deal.at.permit) == ("signed_wait_deposit", permit)


def test_taken_back_before_signing_no_money_is_set_aside(parties):
    permit = make_permit("granted", parties=parties)
    deal = related_deal(parties, "ready")
    revoke(permit)
    with refused("PERMIT_NOT_IN_FORCE") as caught:
        deal.do(signing.start_signing, parties.eo)
    assert caught.value.message == (
        f"合同{deal.at.number}所依据的关联交易核准{GRANT_NO}已由{REVOKE_NO}撤销，不能签署。请撤回草稿；"
        "经厅职能处室重新核准的，可修改草稿或另行起草后由双方重新同意。"
    )
    assert caught.value.details == {
        "permit": str(permit.pk), "decision_no": GRANT_NO, "state": "revoked", "year": permit.year,
    }  # fmt: skip
    assert money(deal, clock.today().year)["budget"] == {}


def test_permitted_anew_the_draft_is_revised_and_stands_on_the_new_one(parties):
    first = make_permit("granted", parties=parties)
    deal = related_deal(parties, "ready")
    revoke(first)
    second = make_permit("granted", parties=parties)
    with refused("PERMIT_NOT_IN_FORCE"):
        deal.do(signing.start_signing, parties.eo)
    deal.do(drafting.revise, parties.eo, terms=make_terms(parties, related_party=True))
    deal.ready()
    deal.signing()
    assert (deal.at.state, deal.at.permit) == ("signing", second)


def test_taken_back_between_the_two_signatures_the_second_is_refused(parties):
    permit = make_permit("granted", parties=parties)
    deal = related_deal(parties, "signing")
    deal.do(signing.sign, parties.el)
    revoke(permit)
    with refused("PERMIT_NOT_IN_FORCE") as caught:
        deal.do(signing.sign, parties.pl)
    assert "请拒签，所锁定的服务券随即释放" in caught.value.message
    deal.do(signing.refuse, parties.pl, reason="核准已撤销")
    assert (deal.at.state, money(deal, clock.today().year)) == ("cancelled", nowhere())


def test_taken_back_names_what_is_unsigned_and_leaves_what_is_signed(parties):
    permit = make_permit("granted", parties=parties)
    signed, ready = related_deal(parties, "signed"), related_deal(parties, "ready")
    revoked = revoke(permit)
    assert EvidenceRecord.objects.get(subject_id=permit.pk, act="revoke").facts["unsigned"] == [ready.at.number]
    assert f"尚未签署的合同{ready.at.number}不能再签署，已签署的合同不受影响。" in told(revoked)[-1][1]
    for step in ("effective", "performing", "delivered", "accepted", "paid_up", "confirmed"):
        getattr(signed, step)()
    assert (signed.at.state, signed.at.permit) == ("confirmed", revoked)


# --- what the database itself refuses


@pytest.mark.parametrize(
    ("state", "name", "changes"),
    [
        ("proposed", "permit_reasoned", {"reason": ""}),
        ("proposed", "permit_has_basis", {"reference": ""}),
        ("proposed", "permit_decided_state", {"decided_at": clock.now(), "decided_by": "somebody"}),
        ("granted", "permit_decided_state", {"decided_at": None, "decided_by": None}),
        ("granted", "permit_decision_both", {"decided_by": None}),
        ("granted", "permit_decided_by_document", {"decision_no": ""}),
        ("granted", "permit_two_people", {"decided_by": "proposer"}),
        ("granted", "permit_revoked_state", {"revoked_at": clock.now(), "revoked_by": "somebody"}),
        ("declined", "permit_declined_why", {"opinion": ""}),
        ("revoked", "permit_revoked_state", {"revoked_at": None, "revoked_by": None}),
        ("revoked", "permit_revocation_both", {"revoked_by": None}),
        ("revoked", "permit_revoked_by_document", {"revocation_no": ""}),
        ("revoked", "permit_revoked_by_document", {"revoke_reason": ""}),
        ("revoked", "permit_revoked_by_another", {"revoked_by": "proposer"}),
    ],
)
def test_a_constraint_by_name(parties, state, name, changes):
    permit = make_permit(state, parties=parties)
    people = {"proposer": permit.proposed_by, "somebody": officer(Role.APPROVER)}
    given = {column: people.get(value, value) for column, value in changes.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        RelatedPermit.objects.filter(pk=permit.pk).update(**given)


def test_two_of_a_pair_and_year_are_refused_by_the_database(parties):
    first, second = make_permit("declined", parties=parties), make_permit("granted", parties=parties)
    other = make_permit("granted", parties=make_parties())
    same = {"enterprise_id": second.enterprise_id, "provider_id": second.provider_id}
    with pytest.raises(IntegrityError, match="permit_once"), transaction.atomic():
        RelatedPermit.objects.filter(pk=other.pk).update(**same)
    assert first.pk != second.pk


def test_a_contract_says_related_and_stands_on_a_permit_or_neither(parties):
    permit = make_permit("granted", parties=parties)
    related, plain = related_deal(parties), make_contract("draft")
    for deal, changes in (
        (related, {"permit": None}),
        (related, {"related_party": False}),
        (plain, {"permit": permit}),
    ):
        with pytest.raises(IntegrityError, match="contract_related_by_permit"), transaction.atomic():
            Contract.objects.filter(pk=deal.pk).update(**changes)


def test_signing_of_the_unrelated_asks_nothing_of_permits():
    """The busy path stays as long as it was: not one statement reads the table."""
    deal = make_contract("ready")
    with CaptureQueriesContext(connection) as captured:
        deal.do(signing.start_signing, deal.parties.eo)
    assert [one["sql"] for one in captured if "contracts_relatedpermit" in one["sql"]] == []
