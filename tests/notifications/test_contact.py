"""A person's e-mail address: his own to give, good once he has shown that he reads its mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts import addresses
from accounts.models import User
from accounts.states import Role
from engines.evidence.models import EvidenceRecord
from engines.notifications.models import Delivery
from engines.notifications.services import sending
from foundation import clock
from tests.factories.accounts import Caller, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lisi() -> User:
    return make_user(Role.ENTERPRISE_AGENT)


def give(user: User, email: str = "lisi@example.com"):
    return Caller(user).act(f"users/{user.pk}/set-email/", {"email": email})


def verify(user: User, token: str):
    return Caller(user).act(f"users/{user.pk}/verify-email/", {"token": token})


def test_the_whole_way_by_a_real_mail(postmaster, lisi):
    answer = give(lisi)
    assert (answer.status_code, answer.json()["email"], answer.json()["email_verified"]) == (
        200,
        "l***@example.com",
        False,
    )
    assert list(addresses.people([lisi.organisation_id])) == []
    assert sending.send_mail() == {"sent": 1}
    [letter] = postmaster.letters
    token = next(line for line in letter.get_body(("plain",)).get_content().splitlines() if line.startswith("eyJ"))
    assert verify(lisi, token).json()["email_verified"] is True
    assert list(addresses.people([lisi.organisation_id])) == [(lisi.organisation_id, lisi.pk)]
    records = EvidenceRecord.objects.filter(subject_id=lisi.organisation_id).order_by("seq")
    assert [row.act for row in records] == ["register", "set_email", "verify_email"]
    assert records[1].facts["email"] == "l***@example.com"


def token_for(user: User) -> str:
    user.refresh_from_db()
    return addresses.verification(user.pk).token


def refused(answer, code: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_token_is_good_for_a_day(lisi):
    give(lisi)
    token = token_for(lisi)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        refused(verify(lisi, token), "TOKEN_INVALID")
    lisi.refresh_from_db()
    assert lisi.email_verified_at is None


def test_a_token_is_of_one_address_and_one_person(lisi):
    give(lisi)
    old = token_for(lisi)
    give(lisi, "other@example.com")
    refused(verify(lisi, old), "TOKEN_INVALID")
    colleague = make_user(Role.ENTERPRISE_AGENT, organisation=lisi.organisation, email="other@example.com")
    refused(verify(colleague, token_for(lisi)), "TOKEN_INVALID")
    refused(verify(lisi, "eyJ1c2VyIjoi"), "TOKEN_INVALID")


def test_nobody_gives_or_verifies_anothers_address(lisi):
    colleague = make_user(Role.ENTERPRISE_SIGNATORY, organisation=lisi.organisation)
    answer = Caller(colleague).act(f"users/{lisi.pk}/set-email/", {"email": "boss@example.com"})
    refused(answer, "NOT_ALLOWED", 403)
    refused(Caller(colleague).act(f"users/{lisi.pk}/verify-email/", {"token": "x"}), "NOT_ALLOWED", 403)
    lisi.refresh_from_db()
    assert lisi.email == ""


@pytest.mark.parametrize(
    "email", ["x", "a@b", "李四@example.com", "lisi@例子.中国", "a@example.com\nBcc: b@example.com", "a b@example.com"]
)
def test_what_is_no_address_is_refused(lisi, email):
    refused(give(lisi, email), "INVALID_FIELDS")
    lisi.refresh_from_db()
    assert lisi.email == ""


def test_another_address_is_to_be_verified_anew_and_none_ends_the_mails(lisi):
    give(lisi)
    verify(lisi, token_for(lisi))
    assert give(lisi, "new@example.com").json()["email_verified"] is False
    assert addresses.address(lisi.pk) is None
    assert give(lisi, "").json()["email"] == ""
    assert addresses.verification(lisi.pk) is None


def test_nobodys_mailbox_is_filled_through_us(lisi):
    for number in range(5):
        assert give(lisi, f"victim{number}@example.com").status_code == 200
    refused(give(lisi, "victim9@example.com"), "EMAIL_TOO_OFTEN", 409)
    lisi.refresh_from_db()
    assert (lisi.email, Delivery.objects.count()) == ("victim4@example.com", 5)


def test_who_holds_no_role_any_more_is_not_mailed(lisi):
    give(lisi)
    verify(lisi, token_for(lisi))
    lisi.memberships.update(ended_at=clock.now())
    assert addresses.address(lisi.pk) is None
    assert list(addresses.people([lisi.organisation_id])) == []
