"""Drafts of forms for people without an account: the row is in `foundation.drafts`, the session knows only its code.

A form of several pages names its `Drafts` once and reads, keeps and forgets through it. The code is shown to whoever
fills in the form; typed on another device it opens the draft there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from foundation import drafts
from foundation.api.throttling import Follower
from foundation.errors import NotFound
from portal.kit.slow import refuse_too_often


@dataclass(frozen=True)
class Drafts:
    """The drafts of one kind of form."""

    kind: str

    def code(self, request: HttpRequest) -> str:
        """What opens the draft elsewhere; "" while there is none."""
        return str(request.session.get(self._key, ""))

    def answers(self, request: HttpRequest) -> dict[str, Any]:
        """What was filled in so far."""
        code = self.code(request)
        return (drafts.answers(self.kind, code) if code else None) or {}

    def keep(self, request: HttpRequest, answers: Mapping[str, Any]) -> None:
        """The draft holds the answers; with the first ones it comes into being."""
        code = self.code(request)
        if not (code and drafts.save(self.kind, code, answers)):
            request.session[self._key] = drafts.begin(self.kind, answers)

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

    @property
    def _key(self) -> str:
        return f"draft-{self.kind}"
