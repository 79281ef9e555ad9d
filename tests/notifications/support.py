"""Which topics the program tells, read off its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.platform.helpers import ROOT

ROOMS = sorted({path.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/apps.py")} - {"tests", "sample"})


def sources() -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text())
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    }


def told_topics() -> dict[str, str]:
    """Every topic that a call gives to a function's parameter `topic`, and where. One made at run time ends in *.

    A function is known by its name: one of the calling file first, then one of the module it is called on, when that
    is a file beside it; else a public one of anywhere.
    """
    trees = sources()
    own = {path: dict(_functions(tree)) for path, tree in trees.items()}
    everywhere = {
        name: at for found in own.values() for name, at in found.items() if at is not None and not name.startswith("_")
    }
    return {
        topic: f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for given in _given(call, everywhere | own.get(_beside(path, call), {}) | own[path])
        for topic in _constants(given)
    }


def _beside(path: Path, call: ast.Call) -> Path:
    """The file of `common` in a call of `common.tell_parties`."""
    module = call.func.value if isinstance(call.func, ast.Attribute) else None
    return path.parent / f"{module.id}.py" if isinstance(module, ast.Name) else path


def _functions(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Every function, and the place of its parameter `topic`: -1 when it is given by name, None when it has none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in [*node.args.posonlyargs, *node.args.args]]
            named = "topic" in [one.arg for one in node.args.kwonlyargs]
            yield node.name, names.index("topic") if "topic" in names else -1 if named else None


def _given(call: ast.Call, places: dict[str, int | None]) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = places.get(name)
    if place is None:
        return
    yield from (one.value for one in call.keywords if one.arg == "topic")
    if 0 <= place < len(call.args):
        yield call.args[place]


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        first = node.values[0]
        yield (str(first.value) if isinstance(first, ast.Constant) else "") + "*"
    elif isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))
