"""授权书: who records and withdraws them, which one stands, and that they end with the role (第十八条第（一）项)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts import selectors, services
from accounts.models import AuthorisationLetter
from accounts.services import letters
from accounts.states import LetterStanding, OrganisationKind, Role
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.errors import DomainError
from tests.factories.accounts import Caller, both_sides, make_organisation, make_user, officer
from tests.factories.contracts import picture

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def house():
    """Agent and signatory of an enterprise."""
    return both_sides(make_organisation(OrganisationKind.ENTERPRISE))


def recorded(by, person=None, **changes):
    today = clock.today()
    given = {"valid_from": today, "valid_until": today + YEAR, "file_id": picture(by, "授权书.png").pk}
    role = changes.pop("role", Role.ENTERPRISE_SIGNATORY)
    return letters.record(by=by, user_id=(person or by).pk, role=role, **{**given, **changes})


def refused(code, act, **given):
    """The act is refused with the code, and every letter is as it was."""
    before = list(AuthorisationLetter.objects.order_by("pk").values())
    with pytest.raises(DomainError) as caught, transaction.atomic():
        act(**given)
    assert caught.value.code == code
    assert list(AuthorisationLetter.objects.order_by("pk").values()) == before
    return caught.value


def test_the_signatory_records_it_and_the_houses_chain_says_so(house):
    _, el = house
    letter = recorded(el)
    assert (letter.person, letter.role, letter.recorded_by) == (el, Role.ENTERPRISE_SIGNATORY, el)
    last = of_subject(el.organisation).last()
    assert last.act == "record_letter"
    assert last.facts["sm3"] == letter.file.sm3
    assert last.facts["username"] == el.username


def test_a_newer_one_takes_its_place(house):
    _, el = house
    old, new = recorded(el), recorded(el)
    old.refresh_from_db()
    assert (old.withdrawn_by, old.withdrawn_reason) == (el, "已由新的授权书替代。")
    assert selectors.letter_in_force(el, clock.today()) == new


def test_of_two_roles_each_has_its_own(house):
    eo, el = house
    mine, agents = recorded(el), recorded(el, eo, role=Role.ENTERPRISE_AGENT)
    assert [one.withdrawn_at for one in (mine, agents)] == [None, None]
    assert selectors.letter_in_force(eo, clock.today()) is None  # an agent signs nothing


@pytest.mark.parametrize(
    ("begins", "ends", "standing", "good"),
    [
        (0, 0, LetterStanding.IN_FORCE, True),
        (0, None, LetterStanding.IN_FORCE, True),
        (1, 9, LetterStanding.COMING, False),
    ],
)
def test_it_is_good_from_its_first_day_to_its_last(house, begins, ends, standing, good):
    _, el = house
    today = clock.today()
    until = None if ends is None else today + timedelta(days=ends)
    letter = recorded(el, valid_from=today + timedelta(days=begins), valid_until=until)
    assert letter.standing(today) == standing
    assert (selectors.letter_in_force(el, today) == letter) is good


def test_on_the_day_after_its_last_it_has_expired(house):
    _, el = house
    letter = recorded(el, valid_until=clock.today())
    tomorrow = clock.today() + timedelta(days=1)
    assert letter.standing(tomorrow) == LetterStanding.EXPIRED
    assert selectors.letter_in_force(el, tomorrow) is None


def test_a_withdrawn_one_is_good_on_no_day(house):
    _, el = house
    letter = letters.withdraw(by=el, letter_id=recorded(el).pk, reason="法定代表人变更。")
    assert letter.standing(clock.today()) == LetterStanding.WITHDRAWN
    assert selectors.letter_in_force(el, clock.today()) is None
    assert of_subject(el.organisation).last().act == "withdraw_letter"
    error = refused("LETTER_WITHDRAWN", letters.withdraw, by=el, letter_id=letter.pk, reason="再撤一次")
    assert "法定代表人变更" in error.message


def test_only_the_houses_signatory_keeps_them(house):
    eo, el = house
    letter = recorded(el)
    stranger = both_sides(make_organisation(OrganisationKind.ENTERPRISE))[1]
    for by in (eo, stranger, officer(Role.CENTRE_CHECKER), make_user(Role.SECURITY_ADMIN)):
        file = picture(by).pk
        given = {"role": Role.ENTERPRISE_SIGNATORY, "file_id": file, "valid_from": clock.today()}
        refused("NOT_ALLOWED", letters.record, by=by, user_id=el.pk, **given)
        refused("NOT_ALLOWED", letters.withdraw, by=by, letter_id=letter.pk, reason="不该能撤")


def test_a_role_the_person_does_not_hold_cannot_be_authorised(house):
    eo, el = house
    refused("ROLE_NOT_HELD", recorded, by=el, person=eo)


def test_a_period_that_ends_before_it_begins_or_is_over_is_refused(house):
    _, el = house
    today = clock.today()
    for begins, ends in ((5, 4), (-9, -1)):
        days = {"valid_from": today + timedelta(days=begins), "valid_until": today + timedelta(days=ends)}
        error = refused("LETTER_PERIOD_INVALID", recorded, by=el, **days)
        assert error.details["valid_until"] == days["valid_until"].isoformat()


def test_the_file_of_another_house_or_of_another_kind_is_refused(house):
    _, el = house
    theirs = picture(both_sides(make_organisation())[1])
    refused("NOT_FOUND", recorded, by=el, file_id=theirs.pk)


def test_with_the_role_its_letter_ends(house):
    _, el = house
    other = make_user(Role.ENTERPRISE_SIGNATORY, organisation=el.organisation)
    letter = recorded(el, other)
    services.end_role(by=el, user_id=other.pk, role=Role.ENTERPRISE_SIGNATORY, reason="调离")
    letter.refresh_from_db()
    assert (letter.withdrawn_by, letter.withdrawn_reason) == (el, "角色已收回。")


def test_with_the_account_its_letters_end_and_none_is_recorded_for_it(house):
    eo, el = house
    letter = recorded(el, eo, role=Role.ENTERPRISE_AGENT)
    services.deactivate(by=el, user_id=eo.pk, reason="离职")
    letter.refresh_from_db()
    assert (letter.withdrawn_by, letter.withdrawn_reason) == (el, "账号已停用。")
    refused("USER_INACTIVE", recorded, by=el, person=eo, role=Role.ENTERPRISE_AGENT)
    services.activate(by=el, user_id=eo.pk, reason="返岗")
    letter.refresh_from_db()
    assert letter.standing(clock.today()) == LetterStanding.WITHDRAWN  # another is to be signed


def test_whom_the_letters_are_shown_to(house):
    _, el = house
    letter = recorded(el)
    stranger = both_sides(make_organisation(OrganisationKind.PROVIDER))[1]
    readers = (el, house[0], officer(Role.CENTRE_CHECKER), stranger, officer(Role.CITY), make_user(Role.AUDITOR))
    seen = [selectors.visible_letters(one).filter(pk=letter.pk).exists() for one in readers]
    assert seen == [True, True, True, False, False, False]


def test_the_house_is_told_of_those_that_end_soon_and_of_those_that_have_ended(house):
    _, el = house
    today = clock.today()
    recorded(el, valid_until=today + selectors.LETTER_LEAD)
    other = make_user(Role.ENTERPRISE_SIGNATORY, organisation=el.organisation)
    recorded(el, other, valid_until=today + selectors.LETTER_LEAD + timedelta(days=1))
    assert [one.person for one in selectors.letters_running_out(el, today)] == [el]
    later = today + YEAR
    assert [one.person for one in selectors.letters_running_out(el, later)] == [el, other]


def test_over_http(house):
    eo, el = house
    file = picture(el, "授权书.png")
    body = {"role": "EL", "file": str(file.pk), "valid_from": "2026-01-01", "valid_until": None}
    answer = Caller(el).act(f"users/{el.pk}/letters/", body)
    assert answer.status_code == 201
    assert answer.json()["standing_label"] == "有效"
    assert answer.json()["sm3"] == file.sm3
    at = f"letters/{answer.json()['id']}"
    assert Caller(eo).get(f"/api/v1/{at}/").json()["person_name"] == el.name
    assert Caller(eo).act(f"{at}/withdraw/", {"reason": "不该能撤"}).status_code == 403
    assert Caller(both_sides(make_organisation())[0]).get(f"/api/v1/{at}/").status_code == 404
    answer = Caller(el).act(f"{at}/withdraw/", {"reason": "换人"})
    assert answer.json()["standing_label"] == "已撤销"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("letter_of_a_party", {"role": Role.APPROVER}),
        ("letter_period_in_order", {"valid_until": clock.today() - timedelta(days=1)}),
        ("letter_withdrawn_whole", {"withdrawn_at": clock.now()}),
        ("letter_withdrawn_whole", {"withdrawn_reason": "没有人和时间"}),
    ],
)
def test_the_database_refuses(house, name, fields):
    _, el = house
    given = {
        "person": el,
        "role": Role.ENTERPRISE_SIGNATORY,
        "file": picture(el),
        "valid_from": clock.today(),
        "recorded_by": el,
        "recorded_at": clock.now(),
    }
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AuthorisationLetter.objects.create(**{**given, **fields})


@pytest.mark.parametrize(
    ("trigger", "change"),
    [("frozen", {"valid_until": None}), ("withdrawn_once", {"withdrawn_reason": "改写"}), ("kept", None)],
)
def test_what_a_letter_says_stays(house, trigger, change):
    _, el = house
    letter = recorded(el)
    if trigger == "withdrawn_once":
        letters.withdraw(by=el, letter_id=letter.pk, reason="换人")
    rows = AuthorisationLetter.objects.filter(pk=letter.pk)
    with pytest.raises(DatabaseError, match=trigger), transaction.atomic():
        rows.delete() if change is None else rows.update(**change)
