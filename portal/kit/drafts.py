"""Drafts of forms for people without an account: the row is in `foundation.drafts`, the session knows only its code.

A form of several pages names its `Drafts` once, with the form of each page, and reads, keeps and forgets through it. The
code is shown to whoever fills in the form; typed on another device it opens the draft there. What is typed is kept page
by page and field by field, right or not; what must not lie about belongs on a page that is none of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from foundation import drafts
from foundation.api.throttling import Follower
from foundation.errors import NotFound
from portal.kit.forms import BodyForm
from portal.kit.slow import refuse_too_often

LATER = "_later"  # the button that keeps a page as it is
LONGEST = 4000  # characters kept of one answer: more than any field takes


@dataclass(frozen=True)
class Drafts:
    """The drafts of one kind of form: its pages in their order."""

    kind: str
    pages: Mapping[str, type[BodyForm]]

    def code(self, request: HttpRequest) -> str:
        """What opens the draft elsewhere; "" while there is none."""
        return str(request.session.get(self._key, ""))

    def answers(self, request: HttpRequest) -> dict[str, Any]:
        """What was filled in so far, by page."""
        code = self.code(request)
        return (drafts.answers(self.kind, code) if code else None) or {}

    def first_open(self, answers: Mapping[str, Any]) -> str:
        """The first page whose answers are missing, or not right any more; "" when there is none."""
        return next((page for page in self.pages if page not in answers or not self._right(page, answers)), "")

    def typed(self, request: HttpRequest, page: str) -> dict[str, Any]:
        """All answers, with this page's as they were sent: they are kept. A page left empty is no draft yet."""
        answers = self.answers(request)
        sent = {name: request.POST.get(name, "").replace("\0", "") for name in self.pages[page]().fields}
        given = {name: value.strip()[:LONGEST] for name, value in sent.items()}
        if any(given.values()) or page in answers:
            answers[page] = given
            self.keep(request, answers)
        return answers

    def keep(self, request: HttpRequest, answers: Mapping[str, Any]) -> None:
        """The draft holds the answers; with the first ones it comes into being."""
        code = self.code(request)
        if not (code and drafts.save(self.kind, code, answers)):
            request.session[self._key] = drafts.begin(self.kind, answers)

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """What `portal/kit/draft_note.html` says: what opens the draft elsewhere, and for how long."""
        return {"code": self.code(request), "days": settings.DRAFT_DAYS}

    def noted(self, request: HttpRequest) -> HttpResponseBase:
        """The line that says so, alone: the answer to what is sent while it is typed."""
        return render(request, "portal/kit/draft_note.html", self.shown(request))

    def take_up(self, request: HttpRequest, code: str) -> None:
        """This browser goes on with the draft of that code. Raises DRAFT_UNKNOWN, TOO_MANY_REQUESTS."""
        refuse_too_often(request, Follower())
        if drafts.answers(self.kind, code) is None:
            raise NotFound("DRAFT_UNKNOWN", "没有此取回码的草稿：请核对取回码；过期、已清空或已注册的草稿不能再取回。")
        request.session[self._key] = code.strip().upper()

    def forget(self, request: HttpRequest) -> None:
        """The draft is gone."""
        code = request.session.pop(self._key, "")
        if code:
            drafts.forget(self.kind, code)

    def _right(self, page: str, answers: Mapping[str, Any]) -> bool:
        return self.pages[page](answers[page]).is_valid()

    @property
    def _key(self) -> str:
        return f"draft-{self.kind}"
