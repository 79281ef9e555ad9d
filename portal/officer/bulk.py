"""One act on several cases: each by itself, in a transaction of its own, with its own result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from foundation import idempotency
from foundation.errors import Invalid, not_found
from portal.kit.access import OFFICES, Asked, pages_for
from portal.kit.acts import UNPROCESSABLE
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.once import FIELD, key_of
from portal.officer import tasks
from portal.officer.tasks import Bulk, Kind


@dataclass(frozen=True)
class Result:
    """What became of one case."""

    subject: str
    url: str
    done: bool
    says: str


@pages_for(*OFFICES)
def bulk(request: Asked, code: str) -> HttpResponseBase:
    """First the chosen cases, with what keeps one of them out; after the form is sent, each with its result."""
    by = request.user
    kind = tasks.kind(by, code)
    if kind is None or kind.bulk is None:
        raise not_found("批量办理")
    if request.method == "POST":
        return _posted(request, kind, kind.bulk)
    asked = list(dict.fromkeys(key for key in request.GET.getlist("pick") if _is_key(key)))
    picked = asked[: tasks.AT_ONCE]
    first = "first" in request.GET and not picked
    rows = _first(kind, by) if first else list(_in_order(kind.rows(by).filter(pk__in=picked)))
    lines = [_line(kind, kind.bulk, by, row, _form(kind.bulk, request, str(row.pk), row.version)) for row in rows]
    context = {
        "missing": 0 if first else len(picked) - len(rows),
        "asked": len(asked),
        "too_many": len(asked) > tasks.AT_ONCE,
        "waiting": kind.rows(by).count() if first else 0,
    }
    return _page(request, kind, lines, context)


def _page(
    request: Asked, kind: Kind, lines: list[dict[str, Any]], context: dict[str, Any], status: int = 200
) -> HttpResponseBase:
    """The chosen cases, to be looked at once more and done."""
    shown = {
        "kind": kind,
        "lines": lines,
        "ready": sum(1 for line in lines if not line["why_not"]),
        "once": key_of(request),
        "once_field": FIELD,
        "back": f"{reverse('officer:home')}?kind={kind.code}",
        "most": tasks.AT_ONCE,
    }
    return render(request, "portal/officer/bulk.html", {**shown, **context}, status=status)


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """As the room orders them, where what comes first must be done first."""
    return rows if rows.ordered else rows.order_by("pk")


def _first(kind: Kind, by: User) -> list[Any]:
    """As many as one go takes (`?first`)."""
    return list(_in_order(kind.rows(by))[: tasks.AT_ONCE])


def _line(kind: Kind, act: Bulk, by: User, row: Any, form: BodyForm | None) -> dict[str, Any]:
    return {
        "row": row,
        "form": form,
        "subject": kind.subject(row),
        "below": kind.below(row),
        "url": kind.url(row),
        "why_not": act.ready(row),
        "shows": act.shows(by, row) if act.shows is not None else "",
    }


@dataclass(frozen=True)
class Pick:
    """A case that was sent: its key, the version its page showed, the row if it still waits, what was said of it."""

    pk: str
    seen: int
    row: Any
    form: BodyForm | None

    @property
    def said(self) -> list[str]:
        form = self.form
        return [form.data.get(form.add_prefix(name), "") for name in form.fields] if form is not None else []


def _posted(request: Asked, kind: Kind, act: Bulk) -> HttpResponseBase:
    """What became of each; where something was said wrong of one, the page again, and nothing is done yet."""
    picks = _picks(request, kind, act)
    if any(not one.form.is_valid() for one in picks if one.form is not None and one.row is not None):
        lines = [_line(kind, act, request.user, one.row, one.form) for one in picks if one.row is not None]
        return _page(request, kind, lines, {"wrong": True, "missing": len(picks) - len(lines)}, status=UNPROCESSABLE)
    results = [_one(request, kind, act, one) for one in picks]
    done = sum(1 for one in results if one.done)
    context = {"kind": kind, "results": results, "done": done, "undone": len(results) - done}
    return render(request, "portal/officer/bulk_done.html", {**context, "waiting": kind.rows(request.user).count()})


def _picks(request: Asked, kind: Kind, act: Bulk) -> list[Pick]:
    """Every case that was sent. Raises NOTHING_CHOSEN, TOO_MANY_CHOSEN, FORM_STALE."""
    picked = [one.partition(":") for one in request.POST.getlist("case")]
    if not picked:
        raise Invalid("NOTHING_CHOSEN", "没有勾选事项，没有办理任何一件。请返回待办，勾选后再办理。")
    if len(picked) > tasks.AT_ONCE:
        raise Invalid(
            "TOO_MANY_CHOSEN",
            f"一次最多办理{tasks.AT_ONCE}件，收到{len(picked)}件，没有办理任何一件。请分次办理。",
            most=tasks.AT_ONCE,
            given=len(picked),
        )
    if not (_is_key(request.POST.get(FIELD, "")) and all(_is_key(pk) and seen.isdigit() for pk, _, seen in picked)):
        raise Invalid("FORM_STALE", "此页已过期，没有办理任何一件。请返回待办重新选择。")
    known = {str(row.pk): row for row in kind.rows(request.user).filter(pk__in=[pk for pk, _, _ in picked])}
    return [Pick(pk, int(seen[:9]), known.get(pk), _form(act, request, pk, int(seen[:9]))) for pk, _, seen in picked]


def _form(act: Bulk, request: Asked, pk: str, seen: int) -> BodyForm | None:
    """What is said of one: as it was sent, or to be filled in."""
    if act.form is None:
        return None
    sent = (request.POST,) if request.method == "POST" else ()
    return act.form(*sent, by=request.user, prefix=pk, initial=act.initial(), given={"version": seen})


def _one(request: Asked, kind: Kind, act: Bulk, pick: Pick) -> Result:
    """What had been done by an earlier sending of the same page is told again, not done again."""
    row, key = pick.row, request.POST.get(FIELD, "")
    subject, url = (kind.subject(row), kind.url(row)) if row is not None else ("", "")

    def effect() -> idempotency.Answer:
        if row is None:
            raise not_found("待办事项")
        if why_not := act.ready(row):
            raise Invalid("NOT_IN_BULK", f"须单独办理：{why_not}")
        act.run(request.user, row, pick.seen if pick.form is None else pick.form.validated)
        return idempotency.Answer(200, {"subject": subject, "url": url})

    sent = json.dumps([kind.code, pick.pk, pick.seen, *pick.said])
    digest = hashlib.blake2b(sent.encode(errors="surrogatepass"), digest_size=32).hexdigest()
    try:
        answer = idempotency.once(caller=str(request.user.pk), key=f"{key}:{pick.pk}", digest=digest, act=effect)
    except Exception as error:
        refused = refusal(error)
        if refused is None:
            raise
        said = "已由他人办理，或不再等您办理。" if row is None else refused.message
        return Result(subject or "（已不在您的待办中）", url, False, said)
    return Result(
        answer.body["subject"], answer.body["url"], True, "此前已办理，未重复办理。" if answer.again else "已办理。"
    )


def _is_key(text: str) -> bool:
    return len(text) == 36 and text.isascii() and text.replace("-", "").isalnum()
