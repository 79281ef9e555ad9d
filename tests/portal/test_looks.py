"""What stands in templates, stylesheets, scripts and words: rules that no reader should have to watch over."""

from __future__ import annotations

import ast
import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver

from foundation.strict_yaml import load
from portal import nav

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
TEMPLATES = sorted(PORTAL.rglob("*.html"))  # the API documents' own have exceptions and stand elsewhere
VENDORS = [PORTAL / "static" / "vendor", ROOT / "tests" / "e2e" / "vendor"]
OURS = PORTAL / "static" / "portal"

TOO_NEW_IN_CSS = {  # the first Chromium that has it
    "@layer (99)": r"@layer\b",
    "nesting (112)": r"[{;}]\s*&",
    ":has (105)": r":has\(",
    ":is (88)": r":is\(",
    ":where (88)": r":where\(",
    "@container (105)": r"@container",
    "inset (87)": r"[{;]\s*inset(-inline|-block)?(-start|-end)?\s*:",
    "logical shorthand (87)": r"(padding|margin)-(inline|block)\s*:",
    "aspect-ratio (88)": r"aspect-ratio\s*:",
    "modern colours (111)": r"(oklch|oklab|color-mix|light-dark)\(",
    "accent-color (93)": r"accent-color",
    "small viewport units (108)": r"\d[dsl]v[hw]\b",
    "range media queries (104)": r"@media[^{]*[<>]=?",
    "single transforms (104)": r"[{;]\s*(translate|rotate|scale)\s*:",
    "text-wrap (114)": r"text-wrap",
    "field-sizing (123)": r"field-sizing",
    "@starting-style (117)": r"@starting-style",
    "anchors (125)": r"position-anchor|anchor\(",
    "overflow: clip (90)": r"overflow(-[xy])?\s*:\s*clip",
    "italics": r"font-style\s*:\s*(italic|oblique)",
}
TOO_NEW_IN_SCRIPTS = {
    ".at() (92)": r"\.at\(",
    "structuredClone (98)": r"\bstructuredClone\b",
    "Object.hasOwn (93)": r"\bhasOwn\(",
    "findLast (97)": r"\.findLast",
    "static blocks (94)": r"\bstatic\s*\{",
    "randomUUID (92)": r"\brandomUUID\b",
    ":is :has :where in selectors": r":(is|has|where)\(",
    "eval": r"\beval\(|new Function\b|setTimeout\(\s*[\"']",
    "inline styles": r"\.style\b|setAttribute\(\s*[\"']style",
}
AGAINST_THE_CSP = {
    "inline script": r"<script(?![^>]*\bsrc=)",
    "inline style sheet": r"<style\b",
    "style attribute": r"<[^>]*\sstyle\s*=",
    "on… attribute": r"<[^>]*\son[a-z]+\s*=",
    "hx-on": r"\bhx-on\b|\bhx-on:",
    "script address": r"javascript:",
    "hx-trigger filter (eval)": r"hx-trigger\s*=\s*[\"'][^\"']*\[",
    "hx-vals by script (eval)": r"hx-(vals|headers)\s*=\s*[\"']js:",
}
HAN = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{HAN}]\s?[,:;()!?]|[,:;()!?]\s?[{HAN}]")
HAN_SIGN = re.compile(f"[{HAN}]")
SET_IN = "某"  # what an f-string puts in, as a reader sees it
NOTATION = re.compile("“(键|名称): 值”")  # how YAML and JSON are written: the mark is what the sentence is about
LIKE_CODE = re.compile(rf"\b(max|min|sum)\s*[(（]|[{HAN}）]\s[=+−÷]\s|Σ")
ROOMS = sorted(
    path
    for folder in ROOT.iterdir()
    if (folder / "__init__.py").is_file() and folder.name not in ("tests", "bench")
    for path in folder.rglob("*.py")
    if "migrations" not in path.parts
)


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


def found(patterns: dict[str, str], text: str) -> list[str]:
    return [name for name, pattern in patterns.items() if re.search(pattern, text)]


def without_comments(text: str, kind: str) -> str:
    if kind == "html":
        text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
        return re.sub(r"\{#.*?#\}", "", text)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"(^|\s)//[^\n]*", "", text) if kind == "js" else text


@pytest.mark.parametrize("path", sorted(OURS.glob("*.css")), ids=told)
def test_styles_keep_to_chromium_86(path):
    assert found(TOO_NEW_IN_CSS, without_comments(path.read_text(), "css")) == []


@pytest.mark.parametrize("path", sorted(OURS.glob("*.js")), ids=told)
def test_scripts_keep_to_chromium_86_and_the_csp(path):
    assert found(TOO_NEW_IN_SCRIPTS, without_comments(path.read_text(), "js")) == []


@pytest.mark.parametrize("name", [*TOO_NEW_IN_CSS, *TOO_NEW_IN_SCRIPTS, *AGAINST_THE_CSP])
def test_each_rule_finds_what_it_is_for(name):
    bad = {
        "@layer (99)": "@layer base {}",
        "nesting (112)": "a { & b { } }",
        ":has (105)": "a:has(b) {}",
        ":is (88)": ":is(a, b) {}",
        ":where (88)": ":where(a) {}",
        "@container (105)": "@container (min-width: 3px) {}",
        "inset (87)": "a { inset: 0; }",
        "logical shorthand (87)": "a { margin-inline: 0; }",
        "aspect-ratio (88)": "a { aspect-ratio: 1; }",
        "modern colours (111)": "a { color: color-mix(in srgb, red, blue); }",
        "accent-color (93)": "a { accent-color: red; }",
        "small viewport units (108)": "a { height: 100dvh; }",
        "range media queries (104)": "@media (width >= 600px) {}",
        "single transforms (104)": "a { rotate: 3deg; }",
        "text-wrap (114)": "a { text-wrap: balance; }",
        "field-sizing (123)": "a { field-sizing: content; }",
        "@starting-style (117)": "@starting-style {}",
        "anchors (125)": "a { top: anchor(bottom); }",
        "overflow: clip (90)": "a { overflow-x: clip; }",
        "italics": "a { font-style: italic; }",
        ".at() (92)": "list.at(-1)",
        "structuredClone (98)": "structuredClone(a)",
        "Object.hasOwn (93)": "Object.hasOwn(a, 'b')",
        "findLast (97)": "list.findLast(f)",
        "static blocks (94)": "class A { static { } }",
        "randomUUID (92)": "crypto.randomUUID()",
        ":is :has :where in selectors": "doc.querySelector('a:has(b)')",
        "eval": "setTimeout('go()', 3)",
        "inline styles": "box.style.width = '3px'",
        "inline script": "<script>go()</script>",
        "inline style sheet": "<style>a{}</style>",
        "style attribute": '<p class="a" style="color:red">',
        "on… attribute": '<button onclick="go()">',
        "hx-on": '<p hx-on:click="go()">',
        "script address": '<a href="javascript:go()">',
        "hx-trigger filter (eval)": '<p hx-trigger="click[ctrlKey]">',
        "hx-vals by script (eval)": "<p hx-vals='js:{a: 1}'>",
    }
    rules = {**TOO_NEW_IN_CSS, **TOO_NEW_IN_SCRIPTS, **AGAINST_THE_CSP}
    assert re.search(rules[name], bad[name])


@pytest.mark.parametrize("path", TEMPLATES, ids=told)
def test_templates_have_nothing_that_the_csp_refuses(path):
    markup = re.sub(r"\{[%{].*?[%}]\}", "", without_comments(path.read_text(), "html"))  # what a browser reads
    assert found(AGAINST_THE_CSP, markup) == []


def test_code_makes_no_markup_that_the_csp_refuses():
    wrong = {}
    for path in sorted(PORTAL.rglob("*.py")):
        if bad := [one for text in strings(path) for one in found(AGAINST_THE_CSP, text)]:
            wrong[told(path)] = bad
    assert wrong == {}


def strings(path: Path) -> Iterator[str]:
    """Every text of a module but its docstrings."""
    yield from texts(ast.parse(path.read_text()))


def texts(tree: ast.Module) -> Iterator[str]:
    """Every text of the code but docstrings and patterns; one that is put together stands as its reader sees it."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    apart = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, owners) and ast.get_docstring(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
                apart |= {id(one) for one in ast.walk(node)}
            case ast.JoinedStr(values=values) if id(node) not in apart:
                apart |= {id(one) for one in values}
                text = "".join(str(one.value) if isinstance(one, ast.Constant) else SET_IN for one in values)
                yield text if HAN_SIGN.search(text.replace(SET_IN, "")) else text.replace(SET_IN, "")
            case ast.Constant(value=str(text)) if id(node) not in apart:
                yield text


def words() -> Iterator[tuple[str, str]]:
    """Every place in which Chinese for readers stands, with its text."""
    for path in (*TEMPLATES, *sorted((ROOT / "engines").rglob("*.html"))):
        yield told(path), without_comments(path.read_text(), "html")
    for path in sorted(OURS.glob("*.js")):
        yield told(path), without_comments(path.read_text(), "js")
    for path in ROOMS:
        for text in strings(path):
            yield told(path), text
    for path in sorted({file for one in ROOMS for file in one.parent.rglob("*.yaml")}):
        yield from ((told(path), text) for text in leaves(load(path.read_text())))


def leaves(content: object) -> Iterator[str]:
    """Every text of a file of words, however deep."""
    if isinstance(content, dict):
        for value in content.values():
            yield from leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from leaves(value)
    else:
        yield str(content)


def entries() -> Iterator[nav.Item | nav.Group]:
    """All of the navigation, those in groups after their group."""
    for one in (*nav.PUBLIC, *nav.ENTERPRISE, *nav.PROVIDER, *nav.OFFICER):
        yield one
        yield from one.items if isinstance(one, nav.Group) else ()


def half_width(text: str) -> list[str]:
    """Every mark of a text that stands half-width beside Chinese, with what is around it."""
    text = NOTATION.sub("", text)
    return [repr(text[max(0, at.start() - 8) : at.end() + 8]) for at in HALF_WIDTH.finditer(text)]


def test_chinese_has_full_width_punctuation():
    assert sorted({f"{place}: {wrong}" for place, text in words() for wrong in half_width(text)}) == []


def test_chinese_built_in_code_reads_as_people_write():
    """No max(…), = or Σ between the words: a figure is explained in sentences."""
    said = {f"{told(path)}: {text}" for path in ROOMS for text in strings(path) if HAN_SIGN.search(text)}
    assert sorted(one for one in said if LIKE_CODE.search(one.partition(": ")[2])) == []


@pytest.mark.parametrize(
    "code",
    [
        'X = "取金额, 上限"',
        'X = f"取{a}, {b}中最小的"',
        'X = f"第{n}版 (草稿)"',
        'X = "名称:" "值"',
        'def f():\n    """A docstring."""\n    return {"why": f"期限{day}已过!"}',
    ],
)
def test_half_width_marks_in_code_are_found(code):
    assert [one for text in texts(ast.parse(code)) for one in half_width(text)] != []


@pytest.mark.parametrize(
    "code", ['re.compile("(甲|乙)?")', '"""说明 (注)."""', 'X = f"{a}:{b}"', 'X = "须为一组“键: 值”"']
)
def test_what_no_reader_sees_is_let_alone(code):
    assert [one for text in texts(ast.parse(code)) for one in half_width(text)] == []


@pytest.mark.parametrize("text", ["剩余 = 可用", "取 max（0，可用）", "Σ各申请核定金额", "占用 + 生效"])
def test_formulas_as_code_are_found(text):
    assert LIKE_CODE.search(text)


@pytest.mark.parametrize("folder", VENDORS, ids=told)
def test_what_others_wrote_is_what_was_taken(folder):
    listed = tomllib.loads((folder / "VENDOR.toml").read_text())
    for name, one in listed.items():
        assert {"package", "version", "licence", "sha256", "why"} <= set(one), name
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == one["sha256"], name
    there = {path.name for path in folder.iterdir() if path.name != "VENDOR.toml"}
    assert there == {name for name in listed if "/" not in name}


@pytest.mark.parametrize("folder", VENDORS, ids=told)
def test_nothing_points_to_a_map_that_is_not_there(folder):
    for path in folder.glob("*.js"):
        assert "sourceMappingURL" not in path.read_text(), path.name


def names() -> dict[str, list[tuple[str, ...]]]:
    """Every name of an address with what its patterns need."""
    known: dict[str, list[tuple[str, ...]]] = {}

    def walk(resolver: URLResolver, space: str, outer: tuple[str, ...]) -> None:
        for one in resolver.url_patterns:
            needs = (*outer, *one.pattern.converters, *one.pattern.regex.groupindex)
            if isinstance(one, URLResolver):
                walk(one, f"{space}{one.namespace}:" if one.namespace else space, tuple(dict.fromkeys(needs)))
            elif one.name:
                known.setdefault(f"{space}{one.name}", []).append(tuple(dict.fromkeys(needs)))

    walk(get_resolver(), "", ())
    return known


URL = re.compile(r"\{%\s*url\s+(['\"])(.+?)\1(.*?)%\}")


def test_every_address_that_a_template_names_exists():
    known, wrong = names(), []
    for path in TEMPLATES:
        for _, name, rest in URL.findall(path.read_text()):
            given = re.sub(r"(^|\s+)as\s+\w+\s*$", "", rest.strip()).split()
            keys = {one.partition("=")[0] for one in given if re.match(r"\w+=", one)}
            fits = any(set(needs) == keys if keys else len(needs) == len(given) for needs in known.get(name, []))
            if not fits:
                wrong.append(f"{told(path)}: {name} {given}")
    assert wrong == []


def test_every_entry_of_the_navigation_leads_somewhere():
    known = names()
    leading = [one for one in entries() if isinstance(one, nav.Item)]
    assert [one.label for one in leading if () not in known.get(one.url, [])] == []


def test_every_icon_that_is_asked_for_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (OURS / "icons.svg").read_text()))
    asked = {one for path in TEMPLATES for one in re.findall(r"\{%\s*icon\s+['\"]([a-z0-9-]+)['\"]", path.read_text())}
    asked |= {one.icon for one in entries()}
    assert sorted(asked - {"", *sprite}) == []
