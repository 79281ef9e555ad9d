"""A role ends, an account is switched off and on again; the trail stands on the organisation."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections, transaction

from accounts import services
from accounts.models import Membership, Organisation, User
from accounts.states import OrganisationKind, Role
from engines.evidence.selectors import of_subject
from foundation.errors import DomainError
from tests.enterprises.support import picture, refused
from tests.factories.accounts import PASSWORD, Caller, both_sides, make_organisation, make_user, officer

pytestmark = pytest.mark.django_db


def party() -> tuple[Organisation, User, User]:
    """A provider with its agent and its only signatory."""
    organisation = make_organisation(OrganisationKind.PROVIDER)
    return organisation, *both_sides(organisation)


def roles(user: User) -> set[str]:
    return set(User.objects.get(pk=user.pk).roles)


def end(by: User, user: User, role: str) -> User:
    return services.end_role(by=by, user_id=user.pk, role=role, reason="调离岗位")


def test_a_signatory_ends_the_role_of_an_agent_of_his_own() -> None:
    organisation, agent, signatory = party()
    end(signatory, agent, Role.PROVIDER_AGENT)
    assert roles(agent) == set()
    held = Membership.objects.get(user=agent)
    assert held.ended_at is not None
    record = of_subject(organisation).last()
    assert record is not None
    assert (record.act, record.actor, record.reason) == ("end_role", signatory.actor_id, "调离岗位")
    assert record.facts == {"username": agent.username, "role": "PO"}


def test_the_last_signatory_stays() -> None:
    _, _, signatory = party()
    with refused("LAST_SIGNATORY") as caught:
        end(signatory, signatory, Role.PROVIDER_SIGNATORY)
    assert caught.value.message == "这是本单位唯一的签署人，终止后无人可签署。请先添加另一名签署人。"


def test_one_of_two_signatories_may_go_but_one_switched_off_does_not_count() -> None:
    organisation, _, signatory = party()
    other = make_user(Role.PROVIDER_SIGNATORY, organisation=organisation)
    end(signatory, signatory, Role.PROVIDER_SIGNATORY)
    assert (roles(signatory), roles(other)) == (set(), {"PL"})
    third = make_user(Role.PROVIDER_SIGNATORY, organisation=organisation)
    User.objects.filter(pk=third.pk).update(is_active=False, deactivated_at=third.created_at)
    other = User.objects.get(pk=other.pk)
    with refused("LAST_SIGNATORY"):
        end(other, other, Role.PROVIDER_SIGNATORY)


@pytest.mark.django_db(transaction=True)
def test_of_the_last_two_signatories_who_leave_at_once_one_stays() -> None:
    organisation, _, one = party()
    other = make_user(Role.PROVIDER_SIGNATORY, organisation=organisation)
    gate, answers = threading.Barrier(2), []

    def go(user: User) -> None:
        gate.wait(10)
        try:
            end(user, user, Role.PROVIDER_SIGNATORY)
            answers.append("ended")
        except DomainError as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(user,)) for user in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["LAST_SIGNATORY", "ended"]


def test_the_security_administrator_ends_an_officers_role() -> None:
    user = officer(Role.CENTRE_CHECKER)
    end(officer(Role.SECURITY_ADMIN), user, Role.CENTRE_CHECKER)
    assert roles(user) == set()


def test_a_role_that_ended_may_be_given_again() -> None:
    user, by = officer(Role.CENTRE_CHECKER), officer(Role.SECURITY_ADMIN)
    end(by, user, Role.CENTRE_CHECKER)
    services.grant_role(by=by, user_id=user.pk, role=Role.CENTRE_CHECKER)
    assert roles(user) == {"CO"}
    assert Membership.objects.filter(user=user).count() == 2


def test_a_signatory_gives_a_role_to_his_own_people_only() -> None:
    organisation, agent, signatory = party()
    services.grant_role(by=signatory, user_id=agent.pk, role=Role.PROVIDER_SIGNATORY)
    assert roles(agent) == {"PO", "PL"}
    record = of_subject(organisation).last()
    assert record is not None
    assert (record.act, record.facts) == ("grant_role", {"username": agent.username, "role": "PL"})
    stranger, office = party()[1], officer(Role.CENTRE_CHECKER)
    colleague = make_user(Role.PROVIDER_AGENT, organisation=organisation)
    for by, user, role in (
        (signatory, stranger, Role.PROVIDER_SIGNATORY),
        (signatory, office, Role.CENTRE_REVIEWER),
        (colleague, colleague, Role.PROVIDER_SIGNATORY),
        (officer(Role.SECURITY_ADMIN), colleague, Role.PROVIDER_SIGNATORY),
    ):
        with refused("NOT_ALLOWED"):
            services.grant_role(by=by, user_id=user.pk, role=role)
    assert (roles(stranger), roles(office), roles(colleague)) == ({"PO"}, {"CO"}, {"PO"})


@pytest.mark.parametrize(
    ("role", "code"), [(Role.PROVIDER_AGENT, "ROLE_HELD"), (Role.ENTERPRISE_AGENT, "ROLE_NOT_OF_KIND")]
)
def test_a_role_held_or_of_another_kind_is_not_given(role: Role, code: str) -> None:
    _, agent, signatory = party()
    with refused(code):
        services.grant_role(by=signatory, user_id=agent.pk, role=role)
    assert roles(agent) == {"PO"}


def test_who_is_switched_off_is_given_no_role() -> None:
    _, agent, signatory = party()
    services.deactivate(by=signatory, user_id=agent.pk, reason="离职")
    with refused("USER_INACTIVE"):
        services.grant_role(by=signatory, user_id=agent.pk, role=Role.PROVIDER_SIGNATORY)
    assert roles(agent) == {"PO"}


def test_a_role_not_held_does_not_end() -> None:
    user, by = officer(Role.CENTRE_CHECKER), officer(Role.SECURITY_ADMIN)
    with refused("ROLE_NOT_HELD"):
        end(by, user, Role.CENTRE_REVIEWER)


def test_nobody_else_ends_a_role() -> None:
    _, agent, signatory = party()
    checker, security = officer(Role.CENTRE_CHECKER), officer(Role.SECURITY_ADMIN)
    for by, user, role in (
        (agent, signatory, Role.PROVIDER_SIGNATORY),
        (security, agent, Role.PROVIDER_AGENT),
        (party()[2], agent, Role.PROVIDER_AGENT),
        (signatory, checker, Role.CENTRE_CHECKER),
        (officer(Role.SYSTEM_ADMIN), checker, Role.CENTRE_CHECKER),
        (security, security, Role.SECURITY_ADMIN),
    ):
        with refused("NOT_ALLOWED"):
            end(by, user, role)


def signed_in(user: User) -> tuple[Caller, dict[str, str]]:
    """A session, and the header of a token."""
    client = Caller()
    client.login(username=user.username, password=PASSWORD)
    return client, {"Authorization": f"Token {services.issue_token(user=user)[0]}"}


def statuses(session: Caller, token: dict[str, str]) -> list[int]:
    return [
        session.get("/api/v1/organisations/").status_code,
        Caller().get("/api/v1/organisations/", headers=token).status_code,
    ]


def test_a_deactivated_persons_session_and_token_end_at_once_and_for_ever() -> None:
    organisation, agent, signatory = party()
    session, token = signed_in(agent)
    assert statuses(session, token) == [200, 200]
    services.deactivate(by=signatory, user_id=agent.pk, reason="离职")
    assert statuses(session, token) == [401, 401]
    assert not Caller().login(username=agent.username, password=PASSWORD)
    record = of_subject(organisation).last()
    assert record is not None
    assert (record.act, record.reason, record.facts) == (
        "deactivate",
        "离职",
        {"username": agent.username, "tokens": 1},
    )
    services.activate(by=signatory, user_id=agent.pk, reason="返岗")
    assert statuses(session, token) == [401, 401]
    assert roles(agent) == {"PO"}
    fresh_session, fresh_token = signed_in(agent)
    assert statuses(fresh_session, fresh_token) == [200, 200]
    record = of_subject(organisation).last()
    assert record is not None
    assert (record.act, record.facts) == ("activate", {"username": agent.username})


def test_the_system_administrator_switches_an_officers_account() -> None:
    user, by = officer(Role.DEPARTMENT), officer(Role.SYSTEM_ADMIN)
    services.deactivate(by=by, user_id=user.pk, reason="调离")
    assert not User.objects.get(pk=user.pk).is_active
    services.activate(by=by, user_id=user.pk, reason="返岗")
    assert User.objects.get(pk=user.pk).is_active


def test_nobody_else_switches_an_account() -> None:
    organisation, agent, signatory = party()
    fellow = make_user(Role.PROVIDER_SIGNATORY, organisation=organisation)
    checker, system = officer(Role.CENTRE_CHECKER), officer(Role.SYSTEM_ADMIN)
    for by, user in (
        (agent, signatory),
        (signatory, signatory),
        (signatory, fellow),
        (party()[2], agent),
        (system, agent),
        (system, system),
        (officer(Role.SECURITY_ADMIN), checker),
        (signatory, checker),
    ):
        for service in (services.deactivate, services.activate):
            with refused("NOT_ALLOWED"):
                service(by=by, user_id=user.pk, reason="x")


def test_what_is_so_already_is_refused() -> None:
    _, agent, signatory = party()
    with refused("USER_ACTIVE"):
        services.activate(by=signatory, user_id=agent.pk, reason="x")
    services.deactivate(by=signatory, user_id=agent.pk, reason="x")
    with refused("USER_INACTIVE"):
        services.deactivate(by=signatory, user_id=agent.pk, reason="x")


def test_by_http() -> None:
    _, agent, signatory = party()
    client = Caller(signatory)

    def act(name: str, **body: Any) -> Any:
        return client.act(f"users/{agent.pk}/{name}/", body)

    assert act("deactivate", reason="离职").json()["is_active"] is False
    assert act("activate", reason="返岗").json()["is_active"] is True
    answer = act("end-role", role="PO", reason="调离岗位")
    assert (answer.status_code, answer.json()["roles"]) == (200, [])
    assert act("end-role", role="PO", reason="").status_code == 400
    stranger = Caller(party()[2])
    assert stranger.act(f"users/{agent.pk}/deactivate/", {"reason": "x"}).status_code == 404


def test_a_refusal_leaves_the_tokens() -> None:
    _, agent, signatory = party()
    services.issue_token(user=signatory)
    before = picture()
    with pytest.raises(DomainError), transaction.atomic():
        services.deactivate(by=agent, user_id=signatory.pk, reason="x")
    assert picture() == before
