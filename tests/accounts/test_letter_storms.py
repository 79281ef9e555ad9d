"""Two who record a person's letter at once: one stands, the other is replaced; without the lock the database refuses."""

from __future__ import annotations

from threading import Barrier

import pytest
from django.db import IntegrityError

from accounts.models import AuthorisationLetter
from accounts.services import letters
from accounts.states import OrganisationKind, Role
from foundation import clock
from tests.factories.accounts import both_sides, make_organisation, make_user
from tests.factories.contracts import picture
from tests.threads import outcomes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture
def two():
    """Both signatories of a house."""
    _, el = both_sides(make_organisation(OrganisationKind.ENTERPRISE))
    return el, make_user(Role.ENTERPRISE_SIGNATORY, organisation=el.organisation)


def acts(two):
    given = {"user_id": two[0].pk, "role": Role.ENTERPRISE_SIGNATORY, "valid_from": clock.today()}
    files = [(by, picture(by).pk) for by in two]
    return [lambda by=by, file=file: letters.record(by=by, file_id=file, **given) for by, file in files]


def test_one_of_two_stands(two):
    assert outcomes_of(*acts(two)) == ["ok", "ok"]
    standing = [one.withdrawn_at is None for one in AuthorisationLetter.objects.order_by("recorded_at")]
    assert sorted(standing) == [False, True]


def test_without_the_lock_the_database_alone_says_no(two, monkeypatch):
    """The negative control: both have looked before either writes."""
    gate, standing = Barrier(2, timeout=30), letters._standing

    def unlocked(rows, pk):
        return rows.get(pk=pk)

    def looked(person, role):
        found = standing(person, role)
        gate.wait()
        return found

    monkeypatch.setattr(letters, "lock", unlocked)
    monkeypatch.setattr(letters, "_standing", looked)
    with pytest.raises(IntegrityError, match="letter_one_standing"):
        outcomes_of(*acts(two))
    assert AuthorisationLetter.objects.filter(withdrawn_at=None).count() == 1
