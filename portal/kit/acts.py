"""Acts on a record: each is one page with a form, and one call of a service.

A `Deck` holds the acts of one kind of record. The record's page shows those that are open to its reader as buttons;
each leads to the act's own page (`…/<act>/`), which works without a script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.models import User
from accounts.states import Role
from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.selectors import of_subject
from foundation.errors import DomainError, not_found
from portal.kit.access import ANYONE, Asked, pages_for
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm, VersionForm
from portal.kit.once import FIELD, key_of, new_key, once
from portal.kit.rows import ADD, AGAIN, DROP

CONFLICT, UNPROCESSABLE = 409, 422
OVERTAKEN = "VERSION_CONFLICT"
Words = Mapping[str, Any]


def _nothing(by: User, row: Any) -> Words:
    return {}


def _always(by: User, row: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that may be done to a record, or (in a deck without rows) that brings one about."""

    name: str  # in the address
    label: str  # on the button and over the page
    run: Callable[[User, Any, dict[str, Any]], Any]  # one service call; gets what the body's check gave
    may: Callable[[User, Any], bool] = _always  # whether it is offered: policies and states of the room
    form: type[BodyForm] = VersionForm
    done: str = "已办理。"  # what the next page says
    tone: str = "line"  # main, line or danger
    icon: str = ""
    intro: str = ""  # what it brings about, under the title
    article: str = ""  # 依据: the number of the article, in the kit's {% article %}
    template: str = "portal/kit/act.html"
    choices: Callable[[User, Any], Mapping[str, Sequence[Any]]] = _nothing
    initial: Callable[[User, Any], Words] = _nothing
    given: Callable[[User, Any], Words] = _nothing  # into the body, not asked
    shown: Callable[[User, Any], Words] = _nothing  # more for the template
    goes: Callable[[Any], str] | None = None  # where to, from what the service gave back
    roles: tuple[Role, ...] = ()  # a narrower circle than the deck's
    linked: tuple[str, ...] = ()  # fields that a link may fill (`?line=listed`)
    before: Callable[[HttpRequest], None] | None = None  # refuses whoever tries too often; raises
    after: Callable[[HttpRequest], None] | None = None  # what the session has to take over once it is done


@dataclass(frozen=True, kw_only=True)
class Deck:
    """The acts of one kind of record, and where they live."""

    name: str  # of the addresses: "enterprise:contract" has "enterprise:contract-act"
    roles: tuple[Role, ...] = ANYONE
    base: str = "portal/area.html"  # the frame of the area
    rows: Callable[[User], models.QuerySet[Any]] | None = None  # what the person may see; None: acts that begin
    title: Callable[[Any], str] = str
    home: Callable[[Any], str] | None = None  # the record's page; None: reverse(name, pk)
    acts: tuple[Act, ...] = ()
    crumbs: Callable[[Any], Sequence[tuple[str, str]]] = field(default=lambda row: ())

    def offered(self, by: User, row: Any) -> list[tuple[Act, str]]:
        """The acts open to the person now, with their addresses."""
        return [(one, self.address(one, row)) for one in self.acts if self._is_open(one, by, row)]

    def _is_open(self, act: Act, by: User, row: Any) -> bool:
        return (not act.roles or by.has(*act.roles)) and act.may(by, row)

    def address(self, act: Act, row: Any) -> str:
        if self.rows is None:
            return reverse(f"{self.name}-{act.name}")
        return reverse(f"{self.name}-act", kwargs={"pk": row.pk, "act": act.name})

    def page(self, row: Any) -> str:
        """The record's own page."""
        return self.home(row) if self.home is not None else reverse(self.name, kwargs={"pk": row.pk})

    def urls(self, prefix: str) -> list[URLPattern]:
        """`<prefix><pk>/<act>/`, or `<prefix><act>/` for acts that begin. The name's namespace is the include's."""
        short = self.name.rpartition(":")[2]
        if self.rows is None:
            return [path(f"{prefix}{one.name}/", self._view(one), name=f"{short}-{one.name}") for one in self.acts]
        return [path(f"{prefix}<uuid:pk>/<slug:act>/", self._view(None), name=f"{short}-act")]

    def _view(self, one: Act | None) -> Callable[..., HttpResponseBase]:
        @pages_for(*self.roles)
        def view(request: Asked, pk: Any = None, act: str = "") -> HttpResponseBase:
            by = request.user
            chosen = one or next((each for each in self.acts if each.name == act), None)
            if chosen is None:
                raise not_found("页面")
            row = self._row(by, pk)
            return (
                self._posted(request, by, row, chosen)
                if request.method == "POST"
                else self._opened(request, by, row, chosen)
            )

        return view

    def _row(self, by: User, pk: Any) -> Any:
        if self.rows is None:
            return None
        row = self.rows(by).filter(pk=pk).first()
        if row is None:
            raise not_found()
        return row

    def _form(
        self, act: Act, by: User, row: Any, request: HttpRequest | None = None, asked: Words | None = None
    ) -> BodyForm:
        filled = {name: asked[name] for name in act.linked if asked and name in asked}
        initial = {"version": getattr(row, "version", None), **act.initial(by, row), **filled}
        sent = (request.POST, request.FILES) if request is not None else ()
        return act.form(*sent, by=by, choices=act.choices(by, row), given=act.given(by, row), initial=initial)

    def _opened(self, request: HttpRequest, by: User, row: Any, act: Act) -> HttpResponse:
        """The empty form. Who comes by an old link or goes back after it was done reads that it cannot be done now."""
        closed = row is not None and not self._is_open(act, by, row)
        return self._shown(request, by, row, act, self._form(act, by, row, asked=request.GET), closed=closed)

    def _posted(self, request: HttpRequest, by: User, row: Any, act: Act) -> HttpResponseBase:
        form = self._form(act, by, row, request)
        if any(name in request.POST for name in (ADD, DROP, AGAIN)):
            return self._shown(request, by, row, act, form.unchecked())
        if not form.is_valid():
            return self._shown(request, by, row, act, form, status=UNPROCESSABLE)

        def effect() -> dict[str, Any]:
            result = act.run(by, row, form.validated)
            to = act.goes(result) if act.goes is not None else self.page(row if row is not None else result)
            return {"to": to, "done": act.done}

        try:
            if act.before is not None:
                act.before(request)
            told, again = once(request, effect)
        except Exception as error:
            refused = refusal(error)
            if refused is None:
                raise
            form.refuse(refused)
            done = meanwhile(row, form) if refused.status == CONFLICT else []
            if refused.code == OVERTAKEN and row is not None:
                row = self._row(by, row.pk)
                form.see(row.version)
            return self._shown(request, by, row, act, form, refused=refused, done=done)
        if act.after is not None and not again:
            act.after(request)
        messages.success(request, f"{told['done']}（此前已提交，未重复办理）" if again else told["done"])
        return HttpResponseRedirect(told["to"])

    def _shown(
        self,
        request: HttpRequest,
        by: User,
        row: Any,
        act: Act,
        form: BodyForm,
        status: int = 200,
        refused: DomainError | None = None,
        closed: bool = False,
        done: Sequence[EvidenceRecord] = (),
    ) -> HttpResponse:
        context = {
            "deck": self,
            "base": self.base,
            "act": act,
            "row": row,
            "subject": self.title(row) if row is not None else "",
            "back": self.page(row) if row is not None else "",
            "crumbs": self.crumbs(row),
            "form": form,
            "once": key_of(request) if refused is None or refused.status != CONFLICT else new_key(),
            "once_field": FIELD,
            "refused": refused,
            "closed": closed,
            "meanwhile": done,
            **act.shown(by, row),
        }
        return render(request, act.template, context, status=refused.status if refused is not None else status)


def meanwhile(row: Any, form: BodyForm) -> list[EvidenceRecord]:
    """What others did to the record after the version that the page showed: who, when, what."""
    seen = form.data.get(form.add_prefix("version"), "")
    if not isinstance(row, Subject) or not str(seen).isdigit():
        return []
    return list(of_subject(row).filter(seq__gt=int(seen)))
