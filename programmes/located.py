"""A data file as a tree that knows its lines, so that a fault can be named by file, line and key.

Scalars keep the text that was written: `0.80` never becomes a float. A notice sent as JSON makes the same
tree without lines. No ORM, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from foundation.errors import Invalid

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "flag", "timestamp": "date", "null": "nothing"}


@dataclass(frozen=True)
class Leaf:
    """A scalar: its text, and what it was written as (text, number, flag, date, nothing, float)."""

    text: str
    kind: str
    line: int | None


@dataclass(frozen=True)
class Branch:
    """A mapping, in the order written; a key written twice is here twice."""

    items: tuple[tuple[str, Node], ...]
    line: int | None


@dataclass(frozen=True)
class Row:
    """A list."""

    items: tuple[Node, ...]
    line: int | None


Node = Leaf | Branch | Row


@dataclass(frozen=True)
class Problem:
    """One fault: where, and what is wrong in a Chinese sentence."""

    line: int | None
    key: str
    message: str


class NoticeFaults(Invalid):
    """Everything that is wrong with a notice, at once. `str()` has a line for each fault."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        self.lines = [sentence(name, problem) for problem in self.problems]
        super().__init__(
            "NOTICE_INVALID",
            f"通知有{len(problems)}处错误。第一处：{self.lines[0]}",
            problems=[{"line": p.line, "key": p.key, "message": p.message} for p in self.problems],
        )

    def __str__(self) -> str:
        return "\n".join(self.lines)


def sentence(name: str, problem: Problem) -> str:
    """`general-2026.yaml:14: tiers[0].quota: 不能为负数` and so on."""
    where = f"{name}:{problem.line}" if problem.line else name
    return f"{where}: {problem.key}: {problem.message}" if problem.key else f"{where}: {problem.message}"


def from_yaml(raw: bytes, name: str) -> Node:
    """The tree of a UTF-8 YAML file. Raises NoticeFaults for what is not plain YAML of reasonable size."""
    if len(raw) > MAX_BYTES:
        raise NoticeFaults(name, [Problem(None, "", f"文件超过{MAX_BYTES // 1024}KB")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoticeFaults(name, [Problem(raw[: error.start].count(b"\n") + 1, "", "不是 UTF-8 编码")]) from None
    try:
        if problems := list(_oddities(text)):
            raise NoticeFaults(name, problems)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NoticeFaults(
            name, [Problem(mark.line + 1 if mark else None, "", "不是有效的 YAML，请检查缩进、引号和冒号")]
        ) from None
    if node is None:
        raise NoticeFaults(name, [Problem(1, "", "文件为空")])
    return _from_yaml_node(node)


def _oddities(text: str) -> Iterator[Problem]:
    """Found on the event stream, before the tree is built: aliases could make it endless, depth break the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None):
            yield Problem(line, "", "不接受锚点和别名（& 与 *）")
        if tag := getattr(event, "tag", None):
            yield Problem(line, "", f"不接受类型标记 {tag}")
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                yield Problem(line, "", f"嵌套超过{MAX_DEPTH}层")
                return
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def _from_yaml_node(node: yaml.Node) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Branch(tuple((_key(key), _from_yaml_node(value)) for key, value in node.value), line)
    if isinstance(node, yaml.SequenceNode):
        return Row(tuple(_from_yaml_node(item) for item in node.value), line)
    return Leaf(str(node.value), _KINDS.get(node.tag.rpartition(":")[2], "text"), line)


def _key(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "?"


def from_json(value: Any) -> Node:
    """The tree of a JSON value. Floats are marked as such: their text is not what was written."""
    if isinstance(value, dict):
        return Branch(tuple((str(key), from_json(inner)) for key, inner in value.items()), None)
    if isinstance(value, list):
        return Row(tuple(from_json(inner) for inner in value), None)
    if isinstance(value, bool):
        return Leaf("true" if value else "false", "flag", None)
    if value is None:
        return Leaf("", "nothing", None)
    return Leaf(
        str(value), "float" if isinstance(value, float) else "number" if isinstance(value, int) else "text", None
    )


def plain(node: Node) -> Any:
    """The tree as JSON: numbers and dates as the text that was written."""
    if isinstance(node, Branch):
        return {key: plain(inner) for key, inner in node.items}
    if isinstance(node, Row):
        return [plain(inner) for inner in node.items]
    if node.kind == "flag":
        return node.text == "true"
    return None if node.kind == "nothing" else node.text
