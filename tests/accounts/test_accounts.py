import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts import identity, selectors, services
from accounts.models import Membership, Organisation, User
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from engines.evidence.selectors import of_subject
from enterprises.api import REGISTRATION as ENTERPRISE
from foundation import clock
from foundation.errors import DomainError
from providers.api.provider import REGISTRATION as PROVIDER
from sample import cast, codes
from tests.factories.accounts import (
    PASSWORD,
    Caller,
    both_sides,
    make_identity,
    make_organisation,
    make_uscc,
    make_user,
)
from tests.platform.helpers import soon

pytestmark = pytest.mark.django_db
VALID_ID = codes.make_identity(123456)


def person(**fields):
    values = {
        "username": "alice",
        "password": PASSWORD,
        "name": "爱丽",
        "roles": (Role.ENTERPRISE_AGENT,),
        "identity_number": make_identity(),
    }
    return Person(**{**values, **fields})


def register(**fields):
    values = {"kind": OrganisationKind.ENTERPRISE, "name": "广西甲有限公司", "uscc": make_uscc(), "people": [person()]}
    return services.register_party(**{**values, **fields})


def refused(code, function, *args, **kwargs):
    before = (Organisation.objects.count(), User.objects.count(), Membership.objects.count())
    with pytest.raises(DomainError) as caught, transaction.atomic():
        function(*args, **kwargs)
    assert caught.value.code == code
    assert (Organisation.objects.count(), User.objects.count(), Membership.objects.count()) == before


def test_a_party_registers_with_its_people():
    organisation = register()
    user = User.objects.get(username="alice")
    assert (user.organisation_id, user.roles, user.check_password(PASSWORD)) == (organisation.pk, {"EO"}, True)
    assert of_subject(organisation).get().act == "register"


def test_the_same_code_registers_once():
    organisation = register()
    refused("ORGANISATION_EXISTS", register, uscc=organisation.uscc, people=[person(username="bob")])


def test_one_spelling_of_a_username_is_one_name():
    register()
    refused("USERNAME_TAKEN", register, people=[person(username=" ＡＬＩＣＥ ")])


def test_one_natural_person_has_one_account():
    number = make_identity()
    register(people=[person(identity_number=number)])
    refused("IDENTITY_TAKEN", register, people=[person(username="bob", identity_number=number)])


def test_every_account_of_the_sample_is_another_person():
    people = [account.person for _, account in cast.everyone()]
    numbers = {codes.make_identity(person) for person in people}
    assert len(numbers) == len(people) == 16
    assert len({identity.digest(number) for number in numbers}) == 16  # each of a right form


@pytest.mark.parametrize("example", [ENTERPRISE, PROVIDER], ids=["enterprise", "provider"])
def test_the_examples_of_the_api_show_a_right_identity_number_for_each_person(example):
    digests = {identity.digest(person["identity_number"]) for person in example["people"]}
    assert len(digests) == len(example["people"]) == 2


def test_two_of_one_registration_are_two_people():
    number = make_identity()
    people = [person(identity_number=number), person(username="bob", identity_number=number)]
    refused("IDENTITY_TAKEN", register, people=people)


@pytest.mark.parametrize("number", ["", "1" * 18, VALID_ID[:17], VALID_ID[:17] + "X"])
def test_without_a_right_identity_number_nobody_gets_an_account(number):
    assert number != VALID_ID
    refused("IDENTITY_INVALID", register, people=[person(identity_number=number)])
    organisation = make_organisation()
    _, signatory = both_sides(organisation)
    one = person(identity_number=number)
    refused("IDENTITY_INVALID", services.add_person, by=signatory, organisation_id=organisation.pk, person=one)


def test_an_officer_without_an_identity_number_gets_no_account():
    office, administrator = make_organisation(OrganisationKind.CENTRE), make_user(Role.SYSTEM_ADMIN)
    body = {"username": "officer", "password": PASSWORD, "name": "干部", "roles": []}
    answer = Caller(administrator).act(f"organisations/{office.pk}/people/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")
    assert list(answer.json()["details"]) == ["identity_number"]
    assert not User.objects.filter(username="officer").exists()


def test_the_number_itself_is_nowhere_to_be_read():
    register(people=[person(identity_number=VALID_ID)])
    user = User.objects.get(username="alice")
    assert re.fullmatch(r"[0-9a-f]{64}", user.identity)
    assert VALID_ID not in str(of_subject(user.organisation).values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("code", "second"),
    [("USERNAME_TAKEN", {"identity_number": make_identity()}), ("IDENTITY_TAKEN", {"username": "bob"})],
)
def test_of_two_registrations_at_once_the_second_is_told_what_is_taken(code, second):
    """Neither sees the other's account when it looks; the database's word counts."""
    first, answers = person(), []

    def other():
        try:
            register(people=[replace(first, **second)])
        except DomainError as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        register(people=[first])
        thread.start()
        assert soon(lambda: not thread.is_alive() or somebody_waits())
        assert thread.is_alive()
    thread.join(timeout=30)
    assert answers == [code]
    assert User.objects.count() == 1


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_a_weak_password_is_refused():
    refused("PASSWORD_WEAK", register, people=[person(password="1234567890")])


def test_a_role_of_another_kind_is_refused():
    refused("ROLE_NOT_OF_KIND", register, people=[person(roles=(Role.APPROVER,))])


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("organisation_once", lambda: (make_organisation(uscc="X"), make_organisation(uscc="X"))),
        ("organisation_party_has_uscc", lambda: make_organisation(uscc=None)),
        ("organisation_city_has_code", lambda: make_organisation(OrganisationKind.CITY, city="")),
        (
            "membership_role_once",
            lambda: (
                Membership.objects.create(user=make_user(Role.FINANCE), role=Role.FINANCE, since=clock.now())
                and [
                    Membership.objects.create(user=u, role=Role.FINANCE, since=clock.now()) for u in User.objects.all()
                ]
            ),
        ),
        ("membership_one_administrator_role", lambda: make_user(Role.SYSTEM_ADMIN, Role.AUDITOR)),
        (
            "membership_period_in_order",
            lambda: Membership.objects.create(
                user=make_user(), role=Role.FINANCE, since=clock.now(), ended_at=clock.now() - timedelta(days=1)
            ),
        ),
        ("user_username_once", lambda: (make_user(username="alice"), make_user(username="alice"))),
        ("user_identity_once", lambda: (make_user(identity="0" * 64), make_user(identity="0" * 64))),
        ("user_has_identity", lambda: make_user(identity="")),
        ("user_inactive_since", lambda: make_user(is_active=False)),
    ],
)
def test_constraints_by_name(constraint, make):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_a_signatory_adds_a_colleague():
    organisation = make_organisation()
    _, signatory = both_sides(organisation)
    user = services.add_person(by=signatory, organisation_id=organisation.pk, person=person())
    assert user.organisation_id == organisation.pk


def test_a_stranger_may_not_add_people():
    organisation = make_organisation()
    stranger = both_sides(make_organisation())[1]
    refused("NOT_ALLOWED", services.add_person, by=stranger, organisation_id=organisation.pk, person=person())


def test_office_accounts_come_from_one_administrator_and_their_roles_from_another():
    office = make_organisation(OrganisationKind.CENTRE)
    user = services.add_person(by=make_user(Role.SYSTEM_ADMIN), organisation_id=office.pk, person=person(roles=()))
    granted = services.grant_role(by=make_user(Role.SECURITY_ADMIN), user_id=user.pk, role=Role.CENTRE_CHECKER)
    assert User.objects.get(pk=granted.pk).roles == {"CO"}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDITOR, Role.DEPARTMENT])
def test_only_the_security_administrator_grants_roles(role):
    user = make_user(organisation=make_organisation(OrganisationKind.CENTRE))
    refused("NOT_ALLOWED", services.grant_role, by=make_user(role), user_id=user.pk, role=Role.CENTRE_CHECKER)


def test_sign_in_by_session_then_out():
    user = make_user(Role.ENTERPRISE_AGENT)
    client = Caller()
    client.handler.enforce_csrf_checks = True
    client.get("/api/v1/auth/session/")
    token = client.cookies["csrftoken"].value
    body = {"username": user.username.upper(), "password": PASSWORD}
    answer = client.post("/api/v1/auth/session/", body, format="json", headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["EO"])
    assert client.get("/api/v1/auth/session/").status_code == 200
    token = client.cookies["csrftoken"].value
    assert client.delete("/api/v1/auth/session/", headers={"X-CSRFToken": token}).status_code == 204
    assert client.get("/api/v1/auth/session/").status_code == 401


def test_a_session_without_the_csrf_token_is_refused():
    user = make_user(Role.ENTERPRISE_AGENT)
    client = Caller()
    client.handler.enforce_csrf_checks = True
    body = {"username": user.username, "password": PASSWORD}
    assert client.post("/api/v1/auth/session/", body, format="json").status_code == 403


def test_a_token_signs_in_a_machine():
    user = make_user(Role.ENTERPRISE_AGENT)
    body = {"username": user.username, "password": PASSWORD}
    token = Caller().post("/api/v1/auth/tokens/", body, format="json").json()["token"]
    answer = Caller().get("/api/v1/auth/session/", headers={"Authorization": f"Token {token}"})
    assert answer.json()["username"] == user.username


def test_wrong_password_and_unknown_name_are_told_alike():
    user = make_user(Role.ENTERPRISE_AGENT)
    answers = [
        Caller().post("/api/v1/auth/tokens/", {"username": name, "password": "wrong"}, format="json")
        for name in (user.username, "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_everything_else_needs_a_sign_in():
    answer = Caller().get("/api/v1/organisations/")
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")


def test_another_organisation_is_a_404():
    user, other = make_user(Role.ENTERPRISE_AGENT), make_organisation()
    assert Caller(user).get(f"/api/v1/organisations/{other.pk}/").status_code == 404
    assert Caller(user).get(f"/api/v1/organisations/{user.organisation_id}/").status_code == 200


def test_an_id_that_is_no_uuid_is_a_404():
    assert Caller(make_user(Role.FINANCE)).get("/api/v1/organisations/not-a-uuid/").status_code == 404


def test_a_revoked_token_opens_nothing():
    user = make_user(Role.ENTERPRISE_AGENT)
    body = {"username": user.username, "password": PASSWORD}
    headers = {"Authorization": f"Token {Caller().post('/api/v1/auth/tokens/', body, format='json').json()['token']}"}
    assert Caller().delete("/api/v1/auth/tokens/", headers=headers).status_code == 204
    assert Caller().get("/api/v1/organisations/", headers=headers).status_code == 401


def test_tokens_are_limited(settings):
    settings.TOKENS_PER_USER = 1
    user = make_user(Role.ENTERPRISE_AGENT)
    services.issue_token(user=user)
    refused("TOKEN_LIMIT", services.issue_token, user=user)


def test_the_audit_log_is_read_by_the_auditor_alone():
    organisation = make_organisation()
    path = f"/api/v1/audit/?subject_id={organisation.pk}"
    rows = Caller(make_user(Role.AUDITOR)).get(path).json()["results"]
    assert [(row["subject_type"], row["act"]) for row in rows] == [("accounts_organisation", "register")]
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.DEPARTMENT, Role.ENTERPRISE_AGENT):
        assert Caller(make_user(role)).get(path).json()["results"] == []


def test_each_organisation_tells_how_many_accounts_it_has():
    one = make_user(Role.PROVIDER_AGENT)
    make_user(Role.PROVIDER_SIGNATORY, organisation=one.organisation)
    none = make_organisation(OrganisationKind.PROVIDER)
    rows = selectors.with_people(Organisation.objects.filter(pk__in=[one.organisation_id, none.pk]))
    assert {row.pk: row.people_count for row in rows} == {one.organisation_id: 2, none.pk: 0}
