"""Every machine, every pair of states: the database allows an arc of the table and refuses every other."""

from __future__ import annotations

import contextlib
from itertools import product

import pytest
from django.db import IntegrityError, connection, models, transaction
from django_fsm import FSMField

from engines.evidence.selectors import subject_models

MACHINES = [model for model in subject_models() if hasattr(model, "ARCS")]


def states(model: type[models.Model]) -> list[str]:
    """Every state that the table of arcs knows; one that is left out of it may not be entered or left."""
    return sorted({str(state) for state in model.ARCS} | {str(t) for targets in model.ARCS.values() for t in targets})


PAIRS = [
    pytest.param(model, source, target, id=f"{model.__name__}:{source}->{target}")
    for model in MACHINES
    for source, target in product(states(model), repeat=2)
    if source != target
]


def name(model: type[models.Model]) -> str:
    return model.__name__


def declared(model: type[models.Model]) -> dict[str, set[str]]:
    """The arcs that django-fsm's transitions allow."""
    arcs: dict[str, set[str]] = {}
    field = model._meta.get_field("state")
    for transition in field.get_all_transitions(model):
        target = transition.target
        targets = [target] if isinstance(target, str) else target.allowed_states
        arcs.setdefault(str(transition.source), set()).update(str(one) for one in targets)
    return arcs


def test_there_are_machines_to_test():
    known = {"Contract", "Enterprise", "Listing", "Product", "ProductVersion", "Claim", "Batch", "Notice"}
    assert known | {"Demand", "Response", "Publicity", "PublicityItem", "Objection", "RelatedPermit"} <= {
        name(m) for m in MACHINES
    }


@pytest.mark.parametrize("model", MACHINES, ids=name)
def test_the_table_names_only_real_states(model):
    choices = {value for value, _ in model._meta.get_field("state").choices}
    assert set(states(model)) <= choices


@pytest.mark.parametrize("model", MACHINES, ids=name)
def test_the_transitions_are_the_arcs_of_the_table(model):
    assert isinstance(model._meta.get_field("state"), FSMField)
    table = {str(source): {str(target) for target in targets} for source, targets in model.ARCS.items() if targets}
    assert declared(model) == table


@pytest.fixture(scope="module")
def guards(django_db_setup, django_db_blocker):
    """For each machine a bare table of id and state that carries the model's own arc trigger function."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for model in MACHINES:
            function = next(t for t in model._meta.triggers if t.name == "only_known_arcs").get_pgid(model)
            cursor.execute(f"CREATE TABLE bare_{model._meta.db_table} (state varchar(32))")
            cursor.execute(
                f"CREATE TRIGGER guard BEFORE UPDATE ON bare_{model._meta.db_table} FOR EACH ROW"
                f" WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {function}()"
            )
        yield
        for model in MACHINES:
            cursor.execute(f"DROP TABLE bare_{model._meta.db_table}")


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "source", "target"), PAIRS)
def test_the_database_holds_the_table(guards, model, source, target):
    table = f"bare_{model._meta.db_table}"
    allowed = target in model.ARCS.get(source, ())
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES (%s)", [str(source)])
        refusal = contextlib.nullcontext() if allowed else pytest.raises(IntegrityError, match="arc:")
        with refusal, transaction.atomic():
            cursor.execute(f"UPDATE {table} SET state = %s", [str(target)])
        cursor.execute(f"SELECT state FROM {table}")
        assert cursor.fetchone() == (str(target if allowed else source),)


@pytest.mark.parametrize("model", MACHINES, ids=name)
def test_the_real_table_carries_the_guard(model):
    names = {trigger.name for trigger in model._meta.triggers}
    assert {"only_known_arcs", "backed_by_evidence", "kept_for_ever"} <= names
