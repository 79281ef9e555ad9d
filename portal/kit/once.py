"""A form that is sent twice has one effect: each page gives its form a key, as a client of the API would."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from foundation import idempotency
from foundation.errors import Invalid
from foundation.ids import new_id

FIELD = "once"
_NOT_CONTENT = (FIELD, "csrfmiddlewaretoken")


def new_key() -> str:
    """For a page that is shown for the first time."""
    return str(new_id())


def key_of(request: HttpRequest) -> str:
    """The key to show again with a form that was refused; a new one where none was sent."""
    return request.POST.get(FIELD) or new_key()


def once(request: HttpRequest, act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """What `act` told (JSON-ready), and whether it was told before. Raises as foundation.idempotency.once does."""
    key = request.POST.get(FIELD, "")
    if not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise Invalid("FORM_STALE", "此页已过期，本次未生效。请刷新后重新填写。")
    who = str(request.user.pk or f"anonymous:{_digest(request)}"[:64])
    answer = idempotency.once(caller=who, key=key, digest=_digest(request), act=lambda: idempotency.Answer(303, act()))
    return answer.body, answer.again


def _digest(request: HttpRequest) -> str:
    sent = {name: request.POST.getlist(name) for name in sorted(request.POST) if name not in _NOT_CONTENT}
    files = [[name, one.name, one.size] for name in sorted(request.FILES) for one in request.FILES.getlist(name)]
    text = json.dumps([request.path, sent, files], sort_keys=True, ensure_ascii=False)
    return idempotency.hasher(text.encode(errors="surrogatepass")).hexdigest()
