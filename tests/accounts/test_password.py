"""A person changes his own password: with the one he has, and what was opened with it elsewhere is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from knox.models import AuthToken

from accounts import services
from accounts.models import User
from accounts.services import password
from accounts.states import Role
from engines.evidence.selectors import of_subject
from foundation import idempotency
from foundation.api.throttling import Guesser
from tests.enterprises.support import picture, refused
from tests.factories.accounts import PASSWORD, Caller, both_sides, make_organisation, make_user, officer

pytestmark = pytest.mark.django_db
NEW = "Another-of-mine-2026"
LOOK = "/api/v1/organisations/"


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def change(user: User, **body: str) -> User:
    return password.change(by=user, user_id=user.pk, **{"current_password": PASSWORD, "password": NEW, **body})


def signs_in(user: User, words: str) -> bool:
    return Caller().login(username=user.username, password=words)


def session_of(user: User) -> Caller:
    client = Caller()
    assert client.login(username=user.username, password=PASSWORD)
    return client


def sent(client: Caller, user: User, headers: dict[str, str] | None = None, **body: str) -> Any:
    whole = {"current_password": PASSWORD, "password": NEW, **body}
    given = {"Idempotency-Key": f"key-{user.pk}", **(headers or {})}
    return client.post(f"/api/v1/users/{user.pk}/change-password/", whole, format="json", headers=given)


@pytest.mark.parametrize("role", [Role.ENTERPRISE_AGENT, Role.DEPARTMENT, Role.AUDITOR, Role.EXPERT])
def test_the_new_one_opens_and_the_old_one_does_not(role: Role) -> None:
    user = make_user(role)
    change(user)
    assert (signs_in(user, NEW), signs_in(user, PASSWORD)) == (True, False)
    record = of_subject(user.organisation).last()
    assert record is not None
    assert (record.act, record.actor, record.facts) == (
        "change_password",
        user.actor_id,
        {"username": user.username, "tokens": 0},
    )


def test_it_stands_in_no_record() -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    change(user)
    told = str([(one.facts, one.reason) for one in of_subject(user.organisation)])
    assert PASSWORD not in told
    assert NEW not in told


@pytest.mark.parametrize(
    ("code", "body", "message"),
    [
        ("PASSWORD_WRONG", {"current_password": "Not-the-one-2026"}, "原密码不正确，密码没有修改。"),
        ("PASSWORD_SAME", {"password": PASSWORD}, "新密码与原密码相同，请另设一个。"),
        ("PASSWORD_WEAK", {"password": "Short-1"}, "新密码不符合要求：密码过短，至少须有10个字符。"),
    ],
)
def test_a_refusal_says_why_and_leaves_everything(code: str, body: dict[str, str], message: str) -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    services.issue_token(user=user)
    before = picture()
    with refused(code) as caught:
        change(user, **body)
    assert caught.value.message == message
    assert picture() == before
    assert AuthToken.objects.filter(user=user).count() == 1


def test_one_like_the_username_is_weak() -> None:
    user = make_user(Role.ENTERPRISE_AGENT, username="liqingshan2026")
    with refused("PASSWORD_WEAK"):
        change(user, password="liqingshan2026!")


def test_nobody_changes_anothers() -> None:
    agent, signatory = both_sides(make_organisation())
    for by in (signatory, officer(Role.SYSTEM_ADMIN)):
        with refused("NOT_ALLOWED"):
            password.change(by=by, user_id=agent.pk, current_password=PASSWORD, password=NEW)
    assert signs_in(agent, PASSWORD)


def test_other_sessions_and_every_token_are_over_and_this_session_stays() -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    here, there = session_of(user), session_of(user)
    token = {"Authorization": f"Token {services.issue_token(user=user)[0]}"}
    answer = sent(here, user)
    assert (answer.status_code, answer.json()["username"]) == (200, user.username)
    assert [here.get(LOOK).status_code, there.get(LOOK).status_code] == [200, 401]
    assert Caller().get(LOOK, headers=token).status_code == 401
    record = of_subject(user.organisation).last()
    assert record is not None
    assert record.facts["tokens"] == 1


def test_the_token_that_called_stays() -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    mine, other = ({"Authorization": f"Token {services.issue_token(user=user)[0]}"} for _ in range(2))
    assert sent(Caller(), user, headers=mine).status_code == 200
    assert [Caller().get(LOOK, headers=one).status_code for one in (mine, other)] == [200, 401]


def test_a_colleagues_is_refused_by_http_and_a_strangers_is_not_there() -> None:
    agent, signatory = both_sides(make_organisation())
    assert sent(session_of(signatory), agent).status_code == 403
    assert sent(session_of(make_user(Role.ENTERPRISE_AGENT)), agent).status_code == 404
    assert signs_in(agent, PASSWORD)


def test_who_guesses_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guesser, "THROTTLE_RATES", {"own_password": "2/hour"})
    user = make_user(Role.ENTERPRISE_AGENT)
    client = session_of(user)
    answers = [sent(client, user, current_password=f"Guess-number-{number}") for number in (1, 2)]
    assert [one.json()["code"] for one in answers] == ["PASSWORD_WRONG", "PASSWORD_WRONG"]
    assert sent(client, user).status_code == 429
    assert signs_in(user, PASSWORD)
    assert client.get(LOOK).status_code == 200


def test_what_is_kept_of_the_request_gives_nothing_to_guess_against(settings: Any) -> None:
    settings.SECRET_KEY = "one"
    first = idempotency.hasher(b"x").hexdigest()
    settings.SECRET_KEY = "other"
    assert idempotency.hasher(b"x").hexdigest() != first
