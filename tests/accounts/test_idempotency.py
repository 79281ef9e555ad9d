"""Idempotency-Key, shown on the simplest moving POST: adding a colleague."""

import threading

import pytest
from django.db import connections

from accounts.models import User
from accounts.states import Role
from foundation import idempotency
from foundation.models import KeptAnswer
from tests.factories.accounts import PASSWORD, Caller, both_sides, make_identity, make_organisation

BODY = {
    "username": "colleague",
    "password": PASSWORD,
    "name": "同事",
    "identity_number": make_identity(),
    "roles": [Role.ENTERPRISE_AGENT],
}


@pytest.fixture
def signatory(db):
    return both_sides(make_organisation())[1]


def add(user, key, **changes):
    return Caller(user).act(f"organisations/{user.organisation_id}/people/", {**BODY, **changes}, key=key)


def test_the_same_key_and_body_get_the_same_answer_and_one_effect(signatory):
    first, second = add(signatory, "k1"), add(signatory, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert User.objects.filter(username="colleague").count() == 1


def test_another_body_under_the_same_key_is_refused(signatory):
    add(signatory, "k1")
    answer = add(signatory, "k1", username="other")
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert not User.objects.filter(username="other").exists()


def test_without_a_key_nothing_moves(signatory):
    path = f"/api/v1/organisations/{signatory.organisation_id}/people/"
    answer = Caller(signatory).post(path, BODY, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert not User.objects.filter(username="colleague").exists()


def test_a_refusal_is_not_kept_and_may_be_tried_again(signatory):
    assert add(signatory, "k1", password="short").status_code == 400
    assert not KeptAnswer.objects.exists()
    assert add(signatory, "k1").status_code == 201


def test_keys_of_two_callers_do_not_meet(signatory):
    other = both_sides(make_organisation())[1]
    assert add(signatory, "k1").status_code == 201
    assert add(other, "k1", username="another", identity_number=make_identity()).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_running_the_second_is_told_so(monkeypatch):
    user = both_sides(make_organisation())[1]
    inside, go_on, answers = threading.Event(), threading.Event(), []
    original = idempotency.KeptAnswer.objects.create

    def slow(**fields):
        inside.set()
        go_on.wait(10)
        return original(**fields)

    monkeypatch.setattr(idempotency.KeptAnswer.objects, "create", slow)

    def first() -> None:
        try:
            answers.append(add(user, "k1").status_code)
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    second = add(user, "k1")
    go_on.set()
    thread.join()
    assert (second.status_code, second.json()["code"]) == (409, "IDEMPOTENCY_KEY_RUNNING")
    assert answers == [201]
