"""办事指南 and the 办法 itself: words from `texts/`, every figure from the notice in force."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from foundation.errors import not_found
from foundation.money import percent, yuan
from foundation.strict_yaml import load
from portal.kit import articles
from portal.kit.access import bare, public
from portal.public import common
from programmes.rules import Rules

_TEXTS = Path(__file__).resolve().parent.parent / "texts"


@cache
def _guides() -> dict[str, dict[str, Any]]:
    content = load((_TEXTS / "guides.yaml").read_text(encoding="utf-8"))
    return {one["code"]: one for one in content["guides"]}


def figures(rules: Rules) -> dict[str, str]:
    """What the braces of the guides stand for, in words of the notice."""
    asked, review = rules.admission, rules.review
    quotas = [tier.quota for tier in rules.tiers]
    return {
        "quota_lowest": yuan(min(quotas)),
        "quota_highest": yuan(max(quotas)),
        "tiers": articles.chinese(len(quotas)),
        "deposit_rate": percent(rules.deposit_rate),
        "provider_cap": yuan(rules.provider_cap),
        "smallest_voucher": yuan(rules.smallest_voucher),
        "max_rectifications": str(rules.max_rectifications),
        "max_returns": str(rules.max_returns),
        "batch_rounds": str(rules.batch_rounds),
        "publicity_days": str(rules.publicity_days),
        "years": str(asked.years),
        "insured_months": str(asked.insured_months),
        "core_staff": str(asked.core_staff),
        "clients": str(asked.clients),
        "revenue": yuan(asked.revenue),
        "experts": str(review.experts),
        "pass_of": str(review.pass_of),
        "pass_votes": str(review.pass_votes),
        "avoidance_years": str(review.avoidance_years),
        **{f"limit_{code}": str(limit) for code, limit in rules.limits.items()},
    }


class _Unknown(dict[str, str]):
    """Before the first notice the figures are not known, and the text says so."""

    def __missing__(self, key: str) -> str:
        return "（以年度通知为准）"


def _filled(text: str, known: Mapping[str, str]) -> str:
    return text.format_map(_Unknown(known))


@public
def guides(request: HttpRequest) -> HttpResponseBase:
    """Which guide is whose."""
    return render(request, "portal/public/guides.html", {"guides": _guides().values()})


@public
def guide(request: HttpRequest, code: str) -> HttpResponseBase:
    """One guide: steps and questions, each with its articles."""
    one = _guides().get(code)
    if one is None:
        raise not_found("指南")
    notice = common.notice()
    known = figures(notice.parsed) if notice is not None else {}
    context = {
        "guide": one,
        "others": [other for other in _guides().values() if other is not one],
        "notice": notice,
        "steps": [{**step, "text": _filled(step["text"], known)} for step in one["steps"]],
        "questions": [{**asked, "answer": _filled(asked["answer"], known)} for asked in one["questions"]],
    }
    return render(request, "portal/public/guide.html", context)


@public
def measures(request: HttpRequest) -> HttpResponseBase:
    """The 办法 as it was published, each article with its own address (`#a18`)."""
    found = articles.measures()
    chapters = [(title, list(some)) for title, some in groupby(found.values(), key=lambda one: one.chapter)]
    return render(request, "portal/public/measures.html", {"chapters": chapters, "head": articles.heading()})


@bare
@public
def current_notice(request: HttpRequest) -> HttpResponseBase:
    """The notice in force, wherever it lives this year."""
    notice = common.notice()
    return HttpResponseRedirect(reverse("notice", args=[notice.pk]) if notice is not None else reverse("notices"))
