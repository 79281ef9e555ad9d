"""The same without a stream: a browser asks from time to time, and hears nothing while nothing changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from foundation.errors import not_found
from portal.kit.access import public
from portal.live.topics import TOPICS


@require_safe
@public
def poll(request: HttpRequest, topic: str) -> HttpResponseBase:
    """204 when the topic looks as the browser says it does (`?v=`); else how it looks now."""
    if topic not in TOPICS:
        raise not_found("页面")
    look = TOPICS[topic].look()
    if request.GET.get("v") == look.version:
        answer = HttpResponse(status=204)
    else:
        answer = HttpResponse(look.text(), content_type="application/json; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
