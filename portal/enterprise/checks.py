"""What is said about a value while it is typed in a registration. Only an answer: the services judge again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from foundation.errors import DomainError, not_found
from portal.kit.access import public
from registry import selectors as registry
from registry import uscc

Said = list[tuple[str, str]]  # tone of the line (ok, warn, bad) and sentence


@require_POST
@public
def check(request: HttpRequest, what: str) -> HttpResponseBase:
    """The fragment below the field; empty while there is nothing to say."""
    asked = {"uscc": ("uscc", _uscc), "industry": ("industry_code", _industry), "region": ("region_code", _region)}
    if what not in asked:
        raise not_found("页面")
    name, say = asked[what]
    text = request.POST.get(name, "").strip()[:32]
    return render(request, "portal/enterprise/check.html", {"lines": say(text) if text else []})


def _uscc(text: str) -> Said:
    try:
        found = uscc.check(text)
    except DomainError as error:
        return [("bad", error.message)]
    return [("ok", "校验码相符。"), *(("warn", one.message) for one in found.warnings)]


def _industry(text: str) -> Said:
    found = registry.industry(text)
    if found is None or len(text) != len("3670"):
        return [("bad", f"“{text}”不是制造业的四位小类代码（第13至43大类）。")]
    return [("ok", f"属于制造业：{found.code} {found.name}。")]


def _region(text: str) -> Said:
    found = registry.region(text)
    if found is None or not found.city_code:
        return [("bad", "不是区内的市、县，请重新选择。")]
    city = registry.region(found.city_code)
    return [("ok", f"{city.name if city else ''} {found.name}（{found.code}）。")]
