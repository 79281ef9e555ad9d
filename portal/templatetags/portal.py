"""Tags of every page: money, dates, chips, icons, charts, and where a figure comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import TextChoices
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from foundation import clock
from foundation.explain import Explanation
from foundation.ids import new_id
from portal import acts
from portal.kit import articles
from portal.kit.days import day, days
from portal.kit.once import FIELD

register = template.Library()
register.filter(day)
register.filter(days)

WAN = Decimal(10_000)
DONUT = 52  # radius
TWO_LINES = 30  # characters that two lines of a narrow column hold at least
WIDE, CLOSE, RING = 15, 21, 32  # characters around a stamp: at full size, smaller, at the smallest
SHORTEST = 100  # from here on a figure over a column goes without its decimals


# --- words and figures


@register.filter
def yuan(amount: Any) -> str:
    """12500 -> 12,500.00; the unit is the template's. Nothing is a dash."""
    return "—" if amount in (None, "") else f"{Decimal(amount):,.2f}"


@register.filter
def wan(amount: Any) -> str:
    """An amount in 元 as 万元, two places."""
    return "—" if amount in (None, "") else f"{Decimal(amount) / WAN:,.2f}"


@register.filter
def moment(value: datetime | None) -> str:
    """2026年3月1日 09:05, of Shanghai."""
    return "—" if value is None else clock.written_at(value)


@register.filter
def iso(value: date | datetime) -> str:
    """For the datetime attribute."""
    return value.isoformat()


@register.filter
def percent(rate: Any) -> str:
    """0.625 -> 62.5%."""
    return "—" if rate is None else f"{(Decimal(rate) * 100).quantize(Decimal('0.1')).normalize():f}%"


@register.filter
def dict_get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """A value of a mapping by a key that is a variable."""
    return mapping.get(key)


@register.simple_tag
def time(value: date | datetime | None) -> str:
    """The day, or day and minute, machine-readable beside."""
    if value is None:
        return "—"
    shown = moment(value) if isinstance(value, datetime) else day(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.simple_tag
def cell(value: Any, kind: str, tone: str = "") -> str:
    """What one cell of a list shows."""
    if value is None or value == "":
        return mark_safe('<span class="none">—</span>')
    shown: dict[str, Any] = {"money": yuan, "date": time, "moment": time, "percent": percent, "checks": marks}
    if kind == "chip":
        return chip(value, tone)
    if kind not in shown and isinstance(value, date):  # a column of words that has a day for some rows
        return time(value)
    return shown[kind](value) if kind in shown else clamp(value)


@register.filter
def clamp(text: Any) -> str:
    """A text that may be as long as its field: on a screen two lines of it, the whole to who points at it or listens."""
    if len(str(text)) <= TWO_LINES:
        return str(text)
    return format_html('<span class="clamp" title="{0}">{0}</span>', text)


@register.filter
def act_label(record: Any) -> str:
    """What a record of evidence says was done, in words."""
    return acts.label(record.subject_type, record.act)


@register.filter
def actor_label(record: Any) -> str:
    """Who did what a record of evidence says."""
    return acts.actor(record.actor_label)


@register.filter
def actor(label: str) -> str:
    """Who did what a book's entry says: a job by what it does."""
    return acts.actor(label)


# --- marks


@register.simple_tag
def icon(name: str, label: str = "") -> str:
    """One of the sprite. With a label it speaks; without, it is only for the eye."""
    speaks = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon" {}><use href="{}#{}"/></svg>', speaks, static("portal/icons.svg"), name)


@register.simple_tag
def chip(value: Any, tone: str = "") -> str:
    """A state in words; the colour only repeats it. `tone`: run, warn, ok, bad, off."""
    label = value.label if isinstance(value, TextChoices) else value
    return format_html('<span class="chip chip-{}">{}</span>', tone or "off", label)


@register.simple_tag
def marks(pairs: Iterable[tuple[str, bool]]) -> str:
    """Small checks beside one another: the sign says it, and a word for who listens."""
    return format_html(
        '<ul class="checks checks-inline">{}</ul>',
        format_html_join(
            "",
            '<li class="{}">{}<span class="sr">{}</span></li>',
            (("met" if ok else "bad", label, "符合" if ok else "不符合") for label, ok in pairs),
        ),
    )


@register.simple_tag(takes_context=True)
def once(context: Mapping[str, Any]) -> str:
    """The hidden field that makes a form sent twice count once."""
    key = context.get("once") or new_id()
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, key)


# --- where it comes from


@register.simple_tag
def article(*numbers: Any) -> str:
    """依据第X条: opens to the article's own words."""
    found = [articles.article(int(one)) for number in numbers for one in str(number).split(",") if one]
    if not found:
        return ""
    names = "、".join(one.name for one in found)
    texts = format_html_join("", "<h4>{}</h4>{}", ((one.name, _paragraphs(one.paragraphs)) for one in found))
    return format_html(
        '<details class="basis"><summary>依据{}</summary><div class="basis-text">{}</div></details>', names, texts
    )


@register.inclusion_tag("portal/kit/why.html")
def why(explanation: Explanation, name: str = "怎么算出来的") -> dict[str, Any]:
    """How a figure came about: formula, inputs, bounds, article, notice."""
    result = explanation.result
    return {
        "explanation": explanation,
        "inputs": [(name, days(said)) for name, said in acts.inputs(explanation.inputs, explanation.figure)],
        "result": f"{yuan(result)}元" if isinstance(result, Decimal) else days(result),
        "name": name,
    }


def _paragraphs(texts: Iterable[str]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((one,) for one in texts))


# --- charts: SVG made here, each with its figures as text beside it


@register.simple_tag
def donut(value: Any, total: Any, label: str, tone: str = "run") -> str:
    """How much of `total` is `value`, as a ring. It says 0% only of nothing, and 100% only of all."""
    share = _share(value, total)
    around = 2 * math.pi * DONUT
    percent = round(share * 100)
    if 0 < share < 1:
        percent = min(max(percent, 1), 99)
    return format_html(
        '<svg class="donut donut-{tone}" viewBox="0 0 128 128" role="img" aria-label="{label} {percent}%">'
        '<circle cx="64" cy="64" r="{r}" class="donut-all"/>'
        '<circle cx="64" cy="64" r="{r}" class="donut-part" stroke-dasharray="{part} {around}"'
        ' transform="rotate(-90 64 64)"/>'
        '<text x="64" y="62" class="donut-figure">{percent}%</text>'
        '<text x="64" y="82" class="donut-label">{label}</text></svg>',
        label=label,
        tone=tone,
        percent=percent,
        r=DONUT,
        part=round(around * share, 1),
        around=round(around, 1),
    )


@register.simple_tag
def meter(value: Any, total: Any, label: str, tone: str = "ok") -> str:
    """A bar filled to `value` of `total`."""
    share = round(_share(value, total) * 100, 1)
    return format_html(
        '<svg class="meter meter-{tone}" viewBox="0 0 100 4" preserveAspectRatio="none" role="img"'
        ' aria-label="{label} {share}%"><rect width="100" height="4" class="meter-all"/>'
        '<rect width="{share}" height="4" class="meter-part"/></svg>',
        tone=tone,
        label=label,
        share=share,
    )


@register.simple_tag
def split(*pairs: Any) -> str:
    """One amount in its parts: {% split "定金" d "服务券" v "余款" b %}; parts of nothing are left out."""
    items = [(label, Decimal(amount)) for label, amount in zip(pairs[::2], pairs[1::2], strict=True)]
    total = sum((amount for _, amount in items), Decimal(0))
    bars, keys, at = [], [], Decimal(0)
    for place, (label, amount) in enumerate(items):
        width = amount / total * 100 if total else Decimal(0)
        if amount:
            bars.append((place, round(at, 2), round(max(width - Decimal("0.4"), Decimal(0)), 2)))
        keys.append((place, label, yuan(amount)))
        at += width
    return format_html(
        '<div class="split"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        "<ul>{}</ul></div>",
        format_html_join("", '<rect class="part-{}" x="{}" width="{}" height="10"/>', bars),
        format_html_join("", '<li class="part-{}"><span>{}</span> <b>{}</b> 元</li>', keys),
    )


@register.simple_tag
def columns(rows: Iterable[tuple[str, Any]], caption: str, unit: str = "元") -> str:
    """Columns, one small SVG each so that text never shrinks on a phone; the figures are a table for who listens."""
    items = [(label, Decimal(value)) for label, value in rows]
    top = max((value for _, value in items), default=Decimal(0)) or Decimal(1)
    scale = WAN if unit == "元" and top >= WAN else Decimal(1)
    note = "，柱上数字以万元计" if scale == WAN else ""
    bars = format_html_join(
        "",
        '<li><b>{}</b><svg viewBox="0 0 10 100" preserveAspectRatio="none"><rect y="{}" width="10" height="{}"/></svg>'
        "<span>{}</span></li>",
        ((short(value, scale), *_height(value / top), label) for label, value in items),
    )
    lines = format_html_join(
        "", '<tr><th scope="row">{}</th><td>{}</td></tr>', ((label, f"{value:,}") for label, value in items)
    )
    return format_html(
        '<figure class="columns"><figcaption>{0}{4}</figcaption><ul aria-hidden="true">{1}</ul>'
        '<details class="figures"><summary>数据表</summary><table class="grid"><caption>{0}</caption><thead><tr>'
        '<th scope="col">项目</th><th scope="col">{2}</th></tr></thead><tbody>{3}</tbody></table></details></figure>',
        caption,
        bars,
        unit,
        lines,
        note,
    )


@register.simple_tag
def bars(rows: Iterable[tuple[str, Any]], caption: str, unit: str = "元") -> str:
    """Lying bars with label and figure as text: for names, which are long."""
    items = [(label, Decimal(value)) for label, value in rows]
    top = max((value for _, value in items), default=Decimal(0)) or Decimal(1)
    lines = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none"'
        ' aria-hidden="true"><rect width="{}" height="10"/></svg></td><td class="r">{}</td></tr>',
        ((label, round(max(value, Decimal(0)) / top * 100, 1), f"{value:,}") for label, value in items),
    )
    return format_html(
        '<table class="bars"><caption>{}</caption><thead class="sr"><tr><th scope="col">项目</th>'
        '<th scope="col">图示</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table>',
        caption,
        unit,
        lines,
    )


@register.simple_tag
def seal(name: str, kind: str = "") -> str:
    """A round stamp. Each character is turned by itself: text on a path is not drawn by every printer.

    Long names stand closer and smaller; of one that no ring holds its beginning.
    """
    around = name if len(name) <= RING else f"{name[: RING - 1]}…"
    turn = min(300 if len(around) > CLOSE else 260, 24 * len(around))
    step = turn / max(len(around) - 1, 1)
    ring = format_html_join(
        "",
        '<text transform="rotate({} 100 100)" x="100" y="34">{}</text>',
        ((round(-turn / 2 + place * step, 2), one) for place, one in enumerate(around)),
    )
    size = " seal-closest" if len(around) > CLOSE else " seal-close" if len(around) > WIDE else ""
    return format_html(
        '<svg class="seal{3}" viewBox="0 0 200 200" role="img" aria-label="{0}{1}"><circle cx="100" cy="100" r="94"/>'
        '<path d="M100 62l9.4 29h30.5l-24.7 17.9 9.4 29L100 120l-24.6 17.9 9.4-29L60.1 91h30.5z"/>{2}'
        '<text x="100" y="172" class="seal-kind">{1}</text></svg>',
        name,
        kind,
        ring,
        size,
    )


def short(value: Decimal, scale: Decimal) -> str:
    """A figure over a column, as short as it may be: twelve of them stand beside one another on a phone."""
    if not value:
        return ""
    shown = value / scale
    return f"{shown:,.0f}" if scale == 1 or shown >= SHORTEST else f"{shown:,.1f}"


def _share(value: Any, total: Any) -> float:
    return float(min(max(Decimal(value) / Decimal(total), Decimal(0)), Decimal(1))) if total else 0.0


def _height(share: Decimal) -> tuple[float, float]:
    tall = max(round(float(share) * 100, 1), 1.0)
    return round(100 - tall, 1), tall
