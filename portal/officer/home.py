"""Where the work of a day begins: what waits for the person, and what there is to read."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from portal.kit.access import OFFICES, Asked, pages_for
from portal.officer import tasks

MOST_PAGES = 500  # further back nobody pages; filters narrow the list


@pages_for(*OFFICES)
def home(request: Asked) -> HttpResponseBase:
    """The list of what waits, by kind and by what is late; for who decides nothing, what he may read."""
    by = request.user
    code, late = request.GET.get("kind", ""), request.GET.get("late") == "1"
    chosen = tasks.kind(by, code) if code else None
    page = request.GET.get("page", "1")
    at = int(page) if page.isascii() and page.isdigit() and 0 < int(page) <= MOST_PAGES else 1
    found = tasks.inbox(by, code=chosen.code if chosen else "", late=late, page=at)
    context = {
        "inbox": found,
        "works": bool(tasks.kinds_of(by)),
        "chosen": chosen,
        "late": late,
        "soon": tasks.SOON,
        "most": tasks.AT_ONCE,
        "unknown": bool(code) and chosen is None,
        "query": "&".join([*([f"kind={chosen.code}"] if chosen else []), *(["late=1"] if late else [])]),
    }
    htmx = getattr(request, "htmx", None)
    template = "portal/officer/home.html#tasks" if htmx and htmx.target == "tasks" else "portal/officer/home.html"
    return render(request, template, context)
