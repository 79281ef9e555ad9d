"""归档: one person of the centre looks the archive through, another confirms it by its SM3 (第二十五条; DOMAIN 4, row 42)."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.states import Role
from contracts.models import Contract, MilestoneEvidence
from engines.evidence import selectors as evidence
from foundation.errors import DomainError
from records import services
from records.models import Download
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.contracts import make_contract
from tests.factories.credit import make_complaint
from tests.factories.settlement import make_batch, make_claim, make_payout
from tests.threads import outcomes_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def settled():
    """A contract whose voucher was paid."""
    batch = make_batch("paying", cases=[make_claim("passed", deal=make_contract("confirmed"))])
    make_payout("paid", case=batch.cases[0])
    return batch.cases[0].deal


def take(deal, by):
    made = services.download(by=by, contract_id=deal.pk)
    made.file.close()
    return made.sm3


def close(deal, by, sm3):
    return services.close_file(by=by, contract_id=deal.pk, version=deal.at.version, sm3=sm3)


def refused(code, deal, by, sm3):
    before = deal.at
    with pytest.raises(DomainError) as caught, transaction.atomic():
        close(deal, by, sm3)
    assert caught.value.code == code, caught.value
    assert (deal.at.state, deal.at.version, deal.at.head) == (before.state, before.version, before.head)
    return caught.value


def test_by_http_from_the_download_to_the_end_of_the_file():
    deal = settled()
    checker, reviewer = officer(Role.CENTRE_CHECKER), officer(Role.CENTRE_REVIEWER)
    answer = Caller(checker).get(f"/api/v1/contracts/{deal.pk}/archive/")
    list(answer.streaming_content)
    sm3 = answer.headers["X-Archive-SM3"]
    body = {"version": deal.at.version, "sm3": sm3}
    done = Caller(reviewer).act(f"contracts/{deal.pk}/close-file/", body)
    assert (done.status_code, done.json()["state_label"]) == (200, "已归档")
    last = list(evidence.of_subject(deal.at))[-1]
    assert (last.act, last.facts["archive_sm3"], last.facts["compiled_by"]) == ("archive", sm3, str(checker.pk))
    assert Caller(deal.parties.eo).get(f"/api/v1/contracts/{deal.pk}/").json()["state"] == "archived"


def test_the_archive_of_a_closed_file_is_there_as_before_and_says_so():
    deal = settled()
    close(deal, officer(Role.CENTRE_REVIEWER), take(deal, officer(Role.CENTRE_CHECKER)))
    again = [take(deal, officer(Role.AUDITOR)), take(deal, officer(Role.DEPARTMENT))]
    assert len(set(again)) == 1
    assert Download.objects.order_by("-pk").first().contract_version == deal.at.version


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.SUPERVISOR, Role.AUDITOR])
def test_only_the_reviewer_closes_a_file(role):
    deal = settled()
    refused("NOT_ALLOWED", deal, officer(role), take(deal, officer(Role.CENTRE_CHECKER)))


def test_nobody_confirms_what_only_he_or_no_clerk_looked_through():
    deal = settled()
    both = make_user(Role.CENTRE_REVIEWER, Role.CENTRE_CHECKER)
    for reader in (both, officer(Role.DEPARTMENT), deal.parties.eo):
        refused("ARCHIVE_NOT_TAKEN", deal, both, take(deal, reader))
    refused("ARCHIVE_NOT_TAKEN", deal, both, "0" * 64)


def test_before_the_voucher_is_paid_there_is_nothing_to_close():
    deal = make_contract("confirmed")
    found = refused("WRONG_STATE", deal, officer(Role.CENTRE_REVIEWER), take(deal, officer(Role.CENTRE_CHECKER)))
    assert "已确认" in found.message


def test_a_file_closed_is_not_closed_again():
    deal = settled()
    sm3 = take(deal, officer(Role.CENTRE_CHECKER))
    close(deal, officer(Role.CENTRE_REVIEWER), sm3)
    refused("WRONG_STATE", deal, officer(Role.CENTRE_REVIEWER), sm3)


def test_what_was_added_since_must_be_looked_through_too():
    deal = settled()
    sm3 = take(deal, officer(Role.CENTRE_CHECKER))
    against = deal.parties.provider.organisation
    make_complaint("upheld", filer=deal.parties.eo, against=against, contract_number=deal.at.number)
    found = refused("ARCHIVE_CHANGED", deal, officer(Role.CENTRE_REVIEWER), sm3)
    assert found.details["taken"] == sm3
    close(deal, officer(Role.CENTRE_REVIEWER), take(deal, officer(Role.CENTRE_CHECKER)))
    assert deal.at.state == "archived"


def test_a_complaint_that_is_not_decided_keeps_the_file_open():
    deal = settled()
    against = deal.parties.provider.organisation
    complaint = make_complaint("accepted", filer=deal.parties.eo, against=against, contract_number=deal.at.number)
    sm3 = take(deal, officer(Role.CENTRE_CHECKER))
    found = refused("COMPLAINT_UNDECIDED", deal, officer(Role.CENTRE_REVIEWER), sm3)
    assert complaint.number in found.message


def test_a_file_with_something_missing_is_not_closed():
    deal = settled()
    file = MilestoneEvidence.objects.get(milestone__contract=deal.pk).file
    kept = file.path.read_bytes()
    file.path.unlink()
    try:
        found = refused(
            "ARCHIVE_INCOMPLETE", deal, officer(Role.CENTRE_REVIEWER), take(deal, officer(Role.CENTRE_CHECKER))
        )
    finally:
        file.path.write_bytes(kept)
    assert found.details["faults"] == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_reviewers_at_once_one_closes_it():
    deal = settled()
    sm3, version = take(deal, officer(Role.CENTRE_CHECKER)), deal.at.version
    people = [officer(Role.CENTRE_REVIEWER) for _ in range(4)]
    outcome = outcomes_of(
        *[lambda by=by: services.close_file(by=by, contract_id=deal.pk, version=version, sm3=sm3) for by in people]
    )
    assert sorted(outcome) == ["VERSION_CONFLICT"] * 3 + ["ok"]
    assert Contract.objects.get(pk=deal.pk).version == version + 1
