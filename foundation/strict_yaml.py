"""YAML as people write it by hand: plain data, and no key said twice."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is said twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def load(content: str | bytes) -> Any:
    """What the text says. Raises yaml.YAMLError with the line, also for a key that stands twice in one mapping.

    The library alone would keep the last of them without a word.
    """
    return yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader
