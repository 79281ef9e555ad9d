"""What a rule of the database says when no service had foreseen it: 409 in the model's words, never a 500."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.models import Membership, Organisation, User
from accounts.services import people
from accounts.states import Role
from foundation.api import errors
from tests.factories.accounts import PASSWORD, Caller, both_sides, make_identity, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Any]:
    """A colleague is added over HTTP by a service that runs into the given statement."""

    def post(statement: Callable[[], Any]) -> Any:
        organisation = make_organisation()
        _, signatory = both_sides(organisation)
        monkeypatch.setattr(people, "_give_roles", lambda *args: statement())
        client = Caller(signatory)
        client.raise_request_exception = False
        body = {"username": "colleague", "password": PASSWORD, "name": "同事", "identity_number": make_identity()}
        return client.act(f"organisations/{organisation.pk}/people/", body)

    return post


def test_a_uniqueness_that_a_model_names_is_a_conflict(add: Any) -> None:
    user = make_user(Role.FINANCE)
    answer = add(lambda: Membership.objects.create(user=user, role=Role.FINANCE, since=user.created_at))
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "CONSTRAINT_MEMBERSHIP_ROLE_ONCE",
        "message": "该用户已有此角色。",
        "details": {"constraint": "membership_role_once"},
    }
    assert not User.objects.filter(username="colleague").exists()


def test_a_check_that_a_model_names_is_a_conflict(add: Any) -> None:
    answer = add(lambda: make_organisation(uscc=None))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONSTRAINT_ORGANISATION_PARTY_HAS_USCC")
    assert answer.json()["message"] == "企业和服务商须有统一社会信用代码。"
    assert not Organisation.objects.filter(uscc=None).exists()


def test_one_without_words_of_its_own_is_told_in_chinese_too(add: Any) -> None:
    def twice() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO evidence_evidencerecord SELECT nextval('evidence_evidencerecord_id_seq'), subject_type,"
                " subject_id, seq, act, actor, actor_label, at, reason, facts, previous, hash"
                " FROM evidence_evidencerecord LIMIT 1"
            )

    answer = add(twice)
    assert answer.json() == {
        "code": "CONSTRAINT_EVIDENCE_ONE_PER_SEQ",
        "message": "与已有记录冲突，本次未生效；请刷新后重试。",
        "details": {"constraint": "evidence_one_per_seq"},
    }


def test_what_no_model_names_is_a_defect(add: Any) -> None:
    def broken() -> None:
        raise IntegrityError("arc: nobody named this one")

    answer = add(broken)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert not User.objects.filter(username="colleague").exists()


def test_a_trigger_is_a_defect(add: Any) -> None:
    """It has no name; and it tells of a write that went past the services."""

    def past_the_chain() -> None:
        Organisation.objects.update(name="x")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert add(past_the_chain).status_code == 500


def test_the_constraints_are_looked_up_once() -> None:
    assert errors._named_constraints() is errors._named_constraints()
    assert {"user_identity_once", "membership_role_once", "enterprise_uscc_once"} <= set(errors._named_constraints())
