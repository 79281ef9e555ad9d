"""Declared relations: signed whole by the signatory for the year, both directions, through one declared group (8-35)."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.states import Role
from engines.evidence import selectors as evidence
from enterprises import selectors, services
from enterprises.models import Enterprise, Relation
from enterprises.states import RelationKind
from foundation import clock
from tests.enterprises.support import agent, fresh, refused, signatory
from tests.factories.accounts import Caller, make_uscc, make_user, officer
from tests.factories.contracts import upload
from tests.factories.enterprises import EnterpriseFactory, declare, tie

pytestmark = pytest.mark.django_db


def today() -> date:
    return clock.today()


def related(one: Any, other: Any, day: date | None = None) -> bool:
    """Asked from both sides: the answer is one."""
    a, b = (str(getattr(body, "uscc", body)) for body in (one, other))
    answers = {selectors.related(a, b, day or today()), selectors.related(b, a, day or today())}
    assert len(answers) == 1
    return answers.pop()


def test_declared_with_its_ties_and_the_signatory() -> None:
    row, other = EnterpriseFactory(), make_uscc()
    by = signatory(row)
    proof = upload(by)
    found = services.declare_relations(by=by, enterprise_id=row.pk, ties=[tie(other, proof=proof.pk, note="持股80%")])
    (one,) = found.relations.all()
    record = evidence.of_subject(found).get()
    assert (found.state, found.year, found.signed_by) == ("in_force", today().year, by)
    assert (one.uscc, one.kind, one.note, one.proof) == (other, RelationKind.PARENT, "持股80%", proof)
    assert (record.facts["commitment"], record.facts["relations"][0]["proof_sm3"]) == (True, proof.sm3)


def test_none_is_a_declaration_too() -> None:
    row = EnterpriseFactory()
    found = declare(row)
    assert (found.state, found.relations.count()) == ("in_force", 0)
    assert selectors.declaration_in_force(row.pk) == found


@pytest.mark.parametrize("role", [Role.ENTERPRISE_AGENT, Role.CENTRE_CHECKER, Role.ENTERPRISE_SIGNATORY])
def test_only_its_own_signatory_signs(role: str) -> None:
    row, other = EnterpriseFactory(), make_user(role)
    own = agent(row)
    for by in (other, own):
        with refused("NOT_ALLOWED"):
            services.declare_relations(by=by, enterprise_id=row.pk, ties=[])


def test_a_later_declaration_takes_the_place_of_the_one_that_was_seen() -> None:
    row, other = EnterpriseFactory(), make_uscc()
    first = declare(row, tie(other))
    second = declare(row, replaces=first.pk)
    assert (fresh(first).state, second.state) == ("superseded", "in_force")
    assert not related(row, other)


def test_a_declaration_that_was_not_seen_is_not_replaced() -> None:
    row = EnterpriseFactory()
    first = declare(row)
    declare(row, replaces=first.pk)
    by = signatory(row)
    for stale in (None, first.pk, uuid4()):
        with refused("DECLARATION_CHANGED"):
            services.declare_relations(by=by, enterprise_id=row.pk, ties=[], replaces=stale)


@pytest.mark.parametrize(
    ("ties", "code"),
    [
        (lambda row: [tie(row.uscc)], "RELATION_SELF"),
        (lambda row: [tie("91450199MA6K00014D")], "USCC_INVALID"),
        (lambda row: [tie(make_uscc(7)), tie(make_uscc(7))], "RELATION_TWICE"),
        (lambda row: [tie(make_uscc(7)), tie(make_uscc(7), RelationKind.KEY_STAFF, name="别名")], "RELATION_NAMES"),
        (lambda row: [tie(make_uscc(), since=today() + timedelta(1))], "RELATION_PERIOD"),
        (lambda row: [tie(make_uscc(), until=date(2014, 12, 31))], "RELATION_PERIOD"),
        (lambda row: [tie(make_uscc(), proof=uuid4())], "NOT_FOUND"),
        (lambda row: [tie(make_uscc(), proof=upload(agent(EnterpriseFactory())).pk)], "NOT_FOUND"),
    ],
    ids=["self", "code", "twice", "two names", "to come", "upside down", "no such proof", "somebody else's proof"],
)
def test_a_declaration_that_cannot_be_is_refused_whole(ties: Any, code: str) -> None:
    row = EnterpriseFactory()
    by, wanted = signatory(row), [tie(make_uscc()), *ties(row)]
    with refused(code):
        services.declare_relations(by=by, enterprise_id=row.pk, ties=wanted)


def test_one_body_may_be_related_in_two_ways() -> None:
    code = make_uscc()
    declare(
        EnterpriseFactory(), tie(code, name="广西（某）公司"), tie(code, RelationKind.KEY_STAFF, name="广西(某)公司")
    )
    assert Relation.objects.count() == 2


# --- related


@pytest.mark.parametrize("kind", RelationKind)
def test_a_tie_of_any_kind_works_both_ways(kind: str) -> None:
    row, other = EnterpriseFactory(), make_uscc()
    assert not related(row, other)
    declare(row, tie(other, kind))
    assert related(row, other)


@pytest.mark.parametrize(("days", "expected"), [(-1, True), (0, True), (1, False)])
def test_a_tie_that_ended_relates_until_its_last_day(days: int, expected: bool) -> None:
    row, other = EnterpriseFactory(), make_uscc()
    declare(row, tie(other, until=today()))
    assert related(row, other, today() + timedelta(days)) == expected


def test_a_tie_relates_from_its_first_day() -> None:
    row, other = EnterpriseFactory(), make_uscc()
    declare(row, tie(other, since=today()))
    assert (related(row, other), related(row, other, today() - timedelta(1))) == (True, False)


def test_sisters_of_one_parent_are_related() -> None:
    parent, one, other = make_uscc(), EnterpriseFactory(), EnterpriseFactory()
    declare(one, tie(parent))
    assert not related(one, other)
    declare(other, tie(parent))
    assert related(one, other)


def test_control_relates_step_by_step() -> None:
    rows = [EnterpriseFactory() for _ in range(4)]
    for one, other in itertools.pairwise(rows):
        declare(one, tie(other.uscc, RelationKind.SUBSIDIARY))
    assert related(rows[0], rows[3])
    assert selectors.group(rows[1].uscc, today()) == {row.uscc for row in rows}


@pytest.mark.parametrize("kind", [RelationKind.SHAREHOLDER, RelationKind.KEY_STAFF, RelationKind.SAME_REPRESENTATIVE])
def test_what_is_no_control_relates_no_third(kind: str) -> None:
    middle, one, other = make_uscc(), EnterpriseFactory(), EnterpriseFactory()
    declare(one, tie(middle, kind))
    declare(other, tie(middle, kind))
    assert related(one, middle)
    assert not related(one, other)


def test_a_group_that_declares_in_a_circle_comes_to_an_end() -> None:
    rows = [EnterpriseFactory() for _ in range(3)]
    for one, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        declare(one, tie(other.uscc, RelationKind.SAME_CONTROLLER))
    assert len(selectors.group(rows[0].uscc, today())) == 3


def test_a_declaration_stands_past_its_year_until_the_next() -> None:
    row, other = EnterpriseFactory(), make_uscc()
    with time_machine.travel(clock.start_of(date(2026, 3, 2)), tick=True):
        declare(row, tie(other))
    with time_machine.travel(clock.start_of(date(2027, 3, 2)), tick=True):
        assert related(row, other)


def test_officers_read_a_group_with_every_tie_behind_it() -> None:
    parent, one, other, friend, stranger = make_uscc(), *(EnterpriseFactory() for _ in range(4))
    declare(one, tie(parent), tie(friend.uscc, RelationKind.SHAREHOLDER))
    declare(other, tie(parent))
    declare(stranger, tie(make_uscc()))
    client = Caller(officer(Role.DEPARTMENT))
    found = client.get(f"/api/v1/enterprises/{one.pk}/group/").json()
    assert {(row["uscc"], row["name"], row["enterprise"]) for row in found["members"]} == {
        (parent, f"关联{parent[-6:]}有限公司", None),
        (one.uscc, one.name, str(one.pk)),
        (other.uscc, other.name, str(other.pk)),
    }
    assert {(row["declared_by_uscc"], row["uscc"], row["kind_label"]) for row in found["ties"]} == {
        (one.uscc, parent, "母公司或控股股东"),
        (other.uscc, parent, "母公司或控股股东"),
        (one.uscc, friend.uscc, "重要股东或参股企业"),
    }
    alone = client.get(f"/api/v1/enterprises/{friend.pk}/group/").json()
    assert ([row["uscc"] for row in alone["members"]], len(alone["ties"])) == ([friend.uscc], 1)


def test_an_enterprise_does_not_read_what_others_declared_of_it() -> None:
    row, stranger = EnterpriseFactory(), EnterpriseFactory()
    answers = [Caller(agent(one)).get(f"/api/v1/enterprises/{row.pk}/group/") for one in (row, stranger)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "NOT_ALLOWED"),
        (404, "NOT_FOUND"),
    ]


def test_an_unrelated_code_is_alone_in_its_group() -> None:
    code = make_uscc()
    assert selectors.group(code, today()) == {code}


# --- marks


def test_marks_are_alike_however_they_are_written() -> None:
    one, other = (
        selectors.identifying_marks(Enterprise(**fields))
        for fields in (
            {"legal_representative": "张 三", "contact_phone": "0771-123 4567", "address": "南宁市（青秀区）1号",
             "contact_email": "a@Example.com"},
            {"legal_representative": "张三", "contact_phone": "07711234567", "address": "南宁市(青秀区) 1号",
             "contact_email": "b@example.com"},
        )
    )  # fmt: skip
    assert one == other
    assert (one.phone, one.email_domain) == ("07711234567", "example.com")
    assert "张" not in one.legal_representative
