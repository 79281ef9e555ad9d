"""The API documents, asked of every operation there is: Chinese, with a summary and an example that would be taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from accreditation.api.applications import CONDITIONS_OF_PROVIDER
from foundation.api.fields import Choice
from programmes.api.publicities import ObjectionIn
from tests.house.routes import API, moving
from tests.house.test_access import PUBLIC

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


def own_words(described: dict[str, Any]) -> str:
    """What it says of itself: without the list of codes, which every parameter and field of codes has."""
    return str(described.get("description", "")).partition("* `")[0]


def request_fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every field of every body, at any depth, by the name of its component."""
    schemas = document["components"]["schemas"]
    found: dict[str, dict[str, Any]] = {}

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for inner in node:
                walk(inner)
        elif isinstance(node, dict):
            name = node.get("$ref", "").rpartition("/")[2]
            if name and name not in entered:
                entered.add(name)
                found.update({f"{name}.{one}": said for one, said in schemas[name].get("properties", {}).items()})
                walk(schemas[name])
            for inner in node.values():
                walk(inner)

    entered: set[str] = set()
    for one in operations(document).values():
        walk(one.get("requestBody", {}))
    return found


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


def test_every_field_of_a_body_says_what_it_means(document):
    fields = request_fields(document)
    assert [name for name, said in fields.items() if not CHINESE.search(own_words(said))] == []
    assert len(fields) > 500


def test_every_query_parameter_says_what_it_asks(document):
    asked = {
        f"{name} {parameter['name']}": parameter
        for name, one in operations(document).items()
        for parameter in one.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert [name for name, said in asked.items() if not CHINESE.search(own_words(said))] == []
    assert len(asked) > 250


def test_a_filter_without_words_of_its_own_is_told_by_its_field(document):
    said = {one["name"]: one.get("description") for one in document["paths"]["/api/v1/claims/"]["get"]["parameters"]}
    assert said["created_at__gte"] == "创建时间不早于（含），ISO 8601，未写时区的按北京时间"
    assert said["cap_year"] == "服务商上限年度，四位数字"
    assert said["provider"] == "服务商的编号（UUID）"


def test_every_list_of_codes_says_what_each_code_means(document):
    without = [
        f"{name} {code}"
        for name, one in document["components"]["schemas"].items()
        for code in one.get("enum", ())
        if code not in ("", None)
        and not re.search(rf"^\* `{re.escape(str(code))}` - .*[\u4e00-\u9fff]", one["description"], re.MULTILINE)
    ]
    assert without == []


def test_every_amount_that_is_answered_says_which_it_is(document):
    without = [
        f"{name}.{field}"
        for name, one in document["components"]["schemas"].items()
        for field, said in one.get("properties", {}).items()
        if said.get("format") == "decimal" and not CHINESE.search(f"{said.get('description')}{said.get('title')}")
    ]
    assert without == []


def test_what_anybody_may_ask_is_marked_so_and_nothing_else(document):
    def written(name: str) -> str:
        method, _, path = name.partition(" ")
        path = path.removeprefix(f"/{API}").replace("{id}", "{pk}")
        return f"{method} {path}".replace("{year}", "2026").replace("{code}", "91450199MA6K00014C")

    unsigned = {written(name) for name, one in operations(document).items() if {} in one["security"]}
    assert unsigned == PUBLIC


def test_every_code_that_is_sent_is_a_choice_that_lists_its_codes():
    plain = [
        f"{route} {name}"
        for route in moving()
        for name, field in route.body().fields.items()
        for one in (field, getattr(field, "child", None))
        if isinstance(one, serializers.ChoiceField) and not isinstance(one, Choice)
    ]
    assert plain == []


def test_the_example_of_a_formal_check_finds_on_every_condition(document):
    content = document["paths"]["/api/v1/accreditation/applications/{id}/check/"]["post"]["requestBody"]["content"]
    findings = content["application/json"]["examples"]["示例"]["value"]["findings"]
    assert [one["code"] for one in findings] == list(CONDITIONS_OF_PROVIDER)


def test_the_form_example_of_an_objection_is_a_unit_with_its_letter(document):
    content = document["paths"]["/api/v1/publicities/{id}/objections/"]["post"]["requestBody"]["content"]
    (example,) = content["multipart/form-data"]["examples"].values()
    assert (example["value"]["filer_kind"], "letter" in example["value"]) == ("unit", True)
    form = ObjectionIn(data=example["value"])
    assert form.is_valid(), form.errors
    assert [one["value"]["filer_kind"] for one in content["application/json"]["examples"].values()] == ["person"]
