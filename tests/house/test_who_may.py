"""A refusal for want of a role says which roles may, and they are those that the policy asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.states import Role
from foundation.errors import not_allowed

ROOMS = ("enterprises", "contracts", "settlement", "accreditation")
ROOT = Path(__file__).parents[2]
# No role is named: it is the one person whose sheet it is, and who that is is told to nobody.
NAMELESS = {("accreditation/services/scoring.py", "may_score")}
# Asked by another way than the policy's own list: whoever the case belongs to may do it too.
WIDER = {("accreditation/services/experts.py", "may_declare_tie")}


def test_the_sentence_and_the_details_name_the_roles() -> None:
    found = not_allowed("审定（提出人不得审定）", Role.CENTRE_REVIEWER, Role.DEPARTMENT)
    assert found.message == ("您的角色或岗位分离规则不允许审定（提出人不得审定），须由促进中心复核或厅职能处室办理。")
    assert found.details == {"roles": [{"code": "CR", "label": "促进中心复核"}, {"code": "DP", "label": "厅职能处室"}]}


def test_where_no_role_may_be_named_nothing_is_said_of_any() -> None:
    found = not_allowed("评分")
    assert (found.message, found.details) == ("您的角色或岗位分离规则不允许评分。", {})


@pytest.mark.parametrize("room", ROOMS)
def test_every_refusal_of_a_role_names_it(room: str) -> None:
    silent = {
        (place, policy) for place, policy, call in _refusals(room) if len(call.args) == 1 and policy is not None
    } - NAMELESS
    assert silent == set()


@pytest.mark.parametrize("room", ROOMS)
def test_the_roles_named_are_those_the_policy_asks_for(room: str) -> None:
    policies = {one.name: one for one in _parsed(ROOT / room / "policies.py").body if isinstance(one, ast.FunctionDef)}
    compared = 0
    for place, policy, call in _refusals(room):
        named = {arg.attr for arg in call.args[1:] if isinstance(arg, ast.Attribute) and _of_role(arg)}
        if policy not in policies or len(named) != len(call.args) - 1 or not named or (place, policy) in WIDER:
            continue
        assert named == _asked(policies, policy), f"{place}: {policy}"
        compared += 1
    assert compared >= 4, "the comparison found nothing to compare"


def _refusals(room: str) -> Iterator[tuple[str, str | None, ast.Call]]:
    """Every `if not policies.x(…): raise not_allowed(…)` below services: place, name of the policy, the call."""
    for path in sorted((ROOT / room / "services").rglob("*.py")):
        for branch in ast.walk(_parsed(path)):
            if isinstance(branch, ast.If):
                for call in _calls(branch.body[0], "not_allowed"):
                    yield str(path.relative_to(ROOT)), _policy(branch.test), call


def _calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name:
            yield one


def _policy(test: ast.expr) -> str | None:
    """The one policy that the condition asks, None when it asks none or several."""
    found = {
        one.attr
        for one in ast.walk(test)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "policies"
        if one.attr.islower()
    }
    return found.pop() if len(found) == 1 else None


def _asked(policies: dict[str, ast.FunctionDef], name: str) -> set[str]:
    """The roles that the policy and those it calls name."""
    here = policies[name]
    found = {one.attr for one in ast.walk(here) if isinstance(one, ast.Attribute) and _of_role(one)}
    for other in policies:
        if other != name and any(_calls(here, other)):
            found |= _asked(policies, other)
    return found


def _of_role(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "Role"


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
