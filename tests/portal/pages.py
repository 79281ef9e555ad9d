"""Every page of the portal, found in the resolver and not in a list that someone has to keep."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.states import Role
from portal.kit.acts import Act, Deck

# said by @pages_for and @public of each view
UNSAID: Any = object()


@dataclass(frozen=True)
class Page:
    """One address of the portal, or one act of a deck. `needs` are what its address has to be given."""

    name: str
    view: Callable[..., Any]
    needs: tuple[str, ...]
    deck: Deck | None = None
    act: Act | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.act.name}" if self.act is not None and self.deck_has_rows else self.name

    @property
    def deck_has_rows(self) -> bool:
        return self.deck is not None and self.deck.rows is not None

    @property
    def roles(self) -> tuple[Role, ...] | None:
        """Whom the page is for; None for everybody. UNSAID where the view has neither decorator."""
        found: tuple[Role, ...] | None = getattr(self.view, "roles", UNSAID)
        return found

    @property
    def methods(self) -> frozenset[str]:
        """What require_POST and its like let through; empty where the view has none of them."""
        return frozenset(_inside(self.view, "request_method_list") or ())

    @property
    def is_read(self) -> bool:
        """Whether one opens it, rather than sending something to it."""
        return not self.methods or "GET" in self.methods

    @property
    def is_bare(self) -> bool:
        """A file or a fragment: there is no page around it to look at."""
        return bool(getattr(self.view, "bare", False))

    def url(self, kwargs: dict[str, Any] | None = None) -> str:
        given = dict(kwargs or {})
        if self.act is not None and "act" in self.needs:
            given["act"] = self.act.name
        return reverse(self.name, kwargs=given)


@cache
def pages() -> tuple[Page, ...]:
    """Every page, each act of a deck as one of its own."""
    return tuple(page for name, pattern in _walk(get_resolver(), "") for page in _of(name, pattern))


def _walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif _ours(one):
            yield f"{space}{one.name}", one


def _ours(pattern: URLPattern) -> bool:
    module = getattr(pattern.callback, "__module__", "")
    return module == "portal" or module.startswith("portal.")


def _of(name: str, pattern: URLPattern) -> Iterator[Page]:
    needs = tuple(pattern.pattern.converters)
    deck = _inside(pattern.callback, "self")
    if not isinstance(deck, Deck):
        yield Page(name, pattern.callback, needs)
    elif deck.rows is None:
        one = next(act for act in deck.acts if name == f"{deck.name}-{act.name}")
        yield Page(name, pattern.callback, needs, deck, one)
    else:
        yield from (Page(name, pattern.callback, needs, deck, act) for act in deck.acts)


def _inside(view: Any, name: str) -> Any:
    """What the view, or one that it wraps, was made with under that name."""
    while view is not None:
        found: Any = inspect.getclosurevars(view).nonlocals.get(name) if inspect.isfunction(view) else None
        if found is not None:
            return found
        view = getattr(view, "__wrapped__", None)
    return None
