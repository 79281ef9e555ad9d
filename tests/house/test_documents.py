"""The API documents, asked of every operation there is: Chinese, with a summary and an example that would be taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests.house.routes import moving

CHINESE = re.compile(r"[\u4e00-\u9fff]")
Operation = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def descriptions(node: Any, at: str = "") -> list[tuple[str, str]]:
    """Every description, with where it stands."""
    if isinstance(node, list):
        return [found for index, inner in enumerate(node) for found in descriptions(inner, f"{at}[{index}]")]
    if not isinstance(node, dict):
        return []
    own = [(at, node["description"])] if isinstance(node.get("description"), str) else []
    return own + [found for name, inner in node.items() for found in descriptions(inner, f"{at}/{name}")]


def test_nothing_was_left_to_guesswork(document):
    assert (dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)) == ({}, {})
    assert len(operations(document)) > 150


def test_no_two_lists_share_a_summary(document):
    seen: dict[str, list[str]] = {}
    for name, one in operations(document).items():
        if name.startswith("GET ") and "{" not in name:
            seen.setdefault(one["summary"], []).append(name)
    assert [names for names in seen.values() if len(names) > 1] == []


def test_every_operation_has_a_chinese_summary(document):
    assert [name for name, one in operations(document).items() if not CHINESE.search(one.get("summary", ""))] == []


def test_every_description_is_chinese_and_none_is_a_docstring(document):
    english = [(at, said) for at, said in descriptions(document) if not CHINESE.search(said)]
    assert english == []
    assert [name for name, one in operations(document).items() if "description" in one] == []


def test_every_operation_stands_under_a_chinese_heading(document):
    assert [name for name, one in operations(document).items() if not CHINESE.search(one["tags"][0])] == []


def test_every_body_has_an_example(document):
    without = [
        name
        for name, one in operations(document).items()
        for content in one.get("requestBody", {}).get("content", {}).values()
        if not content.get("examples")
    ]
    assert without == []


@pytest.mark.parametrize("route", [one for one in moving() if one.body().fields], ids=str)
def test_every_example_is_a_body_that_is_taken(document, route):
    path = "/" + route.path.replace("{pk}", "{id}")
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        form = route.body(data=example["value"])
        assert form.is_valid(), (example["value"], form.errors)


def test_a_list_is_named_after_its_rows(document):
    assert document["paths"]["/api/v1/contracts/"]["get"]["summary"] == "合同列表"
    assert document["paths"]["/api/v1/contracts/{id}/"]["get"]["summary"] == "合同详情"
