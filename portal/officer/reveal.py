"""What is opened once, for one officer and one reason: shown with this very answer, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts.models import User
from foundation.errors import not_allowed, not_found
from portal.kit.access import Asked, pages_for
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm

UNPROCESSABLE = 422
PRIVATE = "private, no-store"


def revealing(
    *,
    roles: tuple[Any, ...],
    form: type[BodyForm],
    label: str,
    intro: str,
    rows: Callable[[User], Any],
    may: Callable[[User, Any], bool],
    title: Callable[[Any], str],
    back: Callable[[Any], str],
    opened: Callable[[User, Any, dict[str, Any]], HttpResponse | dict[str, Any]],
) -> Callable[..., HttpResponseBase]:
    """A view: asks for the reason, then shows what `opened` gives (facts by label), or passes its answer on.

    Sent twice it opens twice, and both stand on record: what was seen cannot be unseen.
    """

    @pages_for(*roles)
    def view(request: Asked, pk: str) -> HttpResponseBase:
        by = request.user
        row = rows(by).filter(pk=pk).first()
        if row is None:
            raise not_found()
        if not may(by, row):
            raise not_allowed(label)
        context = {"label": label, "intro": intro, "subject": title(row), "back": back(row)}
        if request.method != "POST":
            asked = form(by=by, initial={"version": row.version})
            return render(request, "portal/officer/reveal.html", {**context, "form": asked})
        asked = form(request.POST, request.FILES, by=by)
        if not asked.is_valid():
            return render(request, "portal/officer/reveal.html", {**context, "form": asked}, status=UNPROCESSABLE)
        return _answer(request, context, asked, lambda: opened(by, row, asked.validated))

    return view


def _answer(
    request: HttpRequest, context: dict[str, Any], form: BodyForm, run: Callable[[], HttpResponse | dict[str, Any]]
) -> HttpResponseBase:
    try:
        found = run()
    except Exception as error:
        refused = refusal(error)
        if refused is None:
            raise
        form.refuse(refused)
        shown = {**context, "form": form, "refused": refused}
        return render(request, "portal/officer/reveal.html", shown, status=refused.status)
    if isinstance(found, HttpResponse):
        return found
    answer = render(request, "portal/officer/revealed.html", {**context, "facts": found})
    answer.headers["Cache-Control"] = PRIVATE
    return answer
