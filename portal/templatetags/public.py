"""Filters of the public pages."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from demands.models import Demand
from portal.kit import articles
from portal.public import words
from programmes.readable import Row, Table

register = template.Library()


@register.filter
def wan_short(amount: Decimal) -> str:
    """In 万元 without idle noughts: 10000 -> 1, 12500 -> 1.25."""
    return f"{(amount / 10_000).normalize():f}"


@register.filter
def fee(demand: Demand) -> str:
    """What the enterprise would pay, in words."""
    return words.fee(demand)


@register.filter
def beside(table: Table, row: Row) -> Iterable[tuple[str, str]]:
    """The row's cells, each with the head of its column."""
    return zip(table.heads, row.cells, strict=True)


@register.filter
def share(value: Decimal | None) -> str:
    """A share of 1 as people write it, one place; a dash while there is nothing to share."""
    return "—" if value is None else f"{value * 100:.1f}%"


@register.simple_tag
def article_links(numbers: Iterable[int]) -> str:
    """依据第X条、第Y条: links into the whole text of the 办法."""
    page = reverse("measures")
    links = format_html_join(
        "、", '<a href="{}#a{}">{}</a>', ((page, one, articles.article(one).name) for one in numbers)
    )
    return format_html('<p class="help">依据{}</p>', links)
