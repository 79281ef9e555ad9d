"""The stylesheets and the pages know the same classes: none styled that no page has, none named that nothing styles."""

from __future__ import annotations

import re
from functools import cache

from contracts.progress import Mark
from tests.portal.test_looks import OURS, PORTAL, ROOT, TEMPLATES, strings, told, without_comments

WORD = re.compile(r"[a-zA-Z][\w-]*")
CLASS = re.compile(r"class=(\"[^\"]*\"|'[^']*'|\\\"[^\"]*\\\")")
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{[\w.]*\}")
OTHERS = {
    "swagger-ui",
    "loading-container",
    "loading",
    "info",
    "title",
    "url",
    "version-stamp",
    "authorize",
    "htmx-request",
}


@cache
def styled() -> frozenset[str]:
    """Every class that a selector of ours names."""
    found: set[str] = set()
    for path in OURS.glob("*.css"):
        selectors = re.sub(r"\{[^{}]*\}", "{}", without_comments(path.read_text(), "css"))
        found |= set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))
    return frozenset(found)


@cache
def markup() -> tuple[tuple[str, str], ...]:
    """Where a class attribute stands, and what stands in it, template tags and all."""
    found = [(told(path), without_comments(path.read_text(), "html")) for path in TEMPLATES]
    found += [(told(path), text) for path in sorted(PORTAL.rglob("*.py")) for text in strings(path)]
    return tuple((place, value[1:-1]) for place, text in found for value in CLASS.findall(text))


def scripts() -> str:
    return "".join(path.read_text() for path in OURS.glob("*.js"))


def test_every_class_of_the_stylesheets_is_on_a_page():
    named = {word for _, value in markup() for word in WORD.findall(value)}
    named |= set(WORD.findall(scripts()))
    for path in TEMPLATES:  # {% block main_class %}public{% endblock %}
        named |= set(re.findall(r"_class %\}([\w-]+)\{% endblock", path.read_text()))
    named |= {mark.value for mark in Mark}
    named |= {word for path in PORTAL.rglob("*.py") for text in strings(path) for word in text.split()}  # tones, marks
    begun = {head for _, value in markup() for head in re.findall(r"([a-z][\w-]*-)\{", value)}  # chip-{tone}
    unused = {one for one in styled() - named - OTHERS if not one.startswith(tuple(begun))}
    assert sorted(unused) == []


def test_every_class_on_a_page_is_styled_or_taken_hold_of():
    held = set(re.findall(r"\.([a-zA-Z][\w-]*)", scripts()))
    for area in ("e2e", "portal"):
        for path in (ROOT / "tests" / area).rglob("*.py"):
            held |= set(re.findall(r"[\"' #]\.([a-z][\w-]*)", path.read_text()))
    wrong = {
        f"{place}: {word}"
        for place, value in markup()
        for word in TAG.sub(" ", re.sub(r"[\w-]*-(\{[{%]?)", r"\1", value)).split()
        if WORD.fullmatch(word) and word not in styled() | held
    }
    assert not wrong, "\n".join(sorted(wrong))
