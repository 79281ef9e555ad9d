"""Inputs of our own: the usual ones with what a form of money and dates needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms

from foundation import clock


class Yuan(forms.TextInput):
    """An amount in 元; the unit stands behind it."""

    template_name = "portal/kit/widgets/yuan.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "money", **(attrs or {})})


class Day(forms.DateInput):
    """A civil date, always written YYYY-MM-DD to the browser, which shows it as its owner is used to."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value


class Moment(forms.DateTimeInput):
    """A moment by Shanghai's clock, to the minute."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        return str(value) if value else None


class Dots(forms.RadioSelect):
    """A few choices, all shown; one may be taken."""

    template_name = "portal/kit/widgets/choices.html"


class Boxes(forms.CheckboxSelectMultiple):
    """Choices, all shown; any may be taken."""

    template_name = "portal/kit/widgets/choices.html"
