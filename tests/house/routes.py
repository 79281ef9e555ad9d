"""Every address under /api/v1/, found in the resolver and not in a list that someone has to keep."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import serializers

API = "api/v1/"
_ROW = re.compile(r"\(\?P<pk>[^)]*\)")


@dataclass(frozen=True)
class Route:
    """One method at one address. `path` has {pk} where a row's id goes."""

    method: str
    path: str
    view: type[Any]
    action: str

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(API)}"

    @property
    def is_detail(self) -> bool:
        return "{pk}" in self.path

    @property
    def is_list(self) -> bool:
        return self.action == "list"

    @property
    def collection(self) -> str:
        """What stands before the row's id: "contracts", "providers/accounts"."""
        return self.path.removeprefix(API).split("{pk}")[0].rstrip("/")

    @property
    def body(self) -> type[serializers.Serializer[Any]] | None:
        """The serializer that a moving act validates with; None where the view reads a form of its own."""
        function = getattr(self.view, self.action, None)
        known: Any = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
        return known.get("body")

    def url(self, pk: UUID | str | None = None) -> str:
        return "/" + self.path.replace("{pk}", str(pk or uuid4()))


@cache
def routes() -> tuple[Route, ...]:
    """Every method of every pattern of the API."""
    return tuple(
        route for path, pattern in _walk(get_resolver()) if path.startswith(API) for route in _of(path, pattern)
    )


def moving() -> tuple[Route, ...]:
    """Every POST that @act made: a body, an Idempotency-Key, one service call."""
    return tuple(route for route in routes() if route.method == "POST" and route.body is not None)


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, path)
        else:
            yield path, one


def _of(path: str, pattern: URLPattern) -> Iterator[Route]:
    plain = _ROW.sub("{pk}", path).replace("^", "").replace("$", "")
    plain = plain.replace("<year:year>", "2026").replace("<str:code>", "91450199MA6K00014C")
    view: Any = getattr(pattern.callback, "cls", None)
    actions = getattr(pattern.callback, "actions", None)
    methods = actions or {name: name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
    for method, action in methods.items():
        if method != "head":  # DRF adds it beside "get" the first time a view is called
            yield Route(method.upper(), plain, view, action)
