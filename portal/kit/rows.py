"""A list of bodies in one form: rows that can be added and taken away, with and without a script.

Without one, the buttons 增加一行 and 删除 send the form back, and it is shown again with a row more or less, unchecked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from accounts.models import User
    from portal.kit.forms import BodyForm

ADD, DROP = "_add", "_drop"
AGAIN = "_again"  # a button that only shows the form anew, with what follows from what was typed
MOST = 40  # rows of a form; a body's own limit is lower


class RowsWidget(forms.Widget):
    """All rows, and an empty one for the script to copy."""

    template_name = "portal/kit/widgets/rows.html"
    use_fieldset = True
    field: RowsField

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[BodyForm]:
        return self.field.sent(data, files, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["rows"] = self.field.shown(name, value)
        context["blank"] = self.field.form(prefix=f"{name}-__n__", by=self.field.by)
        context["add"], context["drop"], context["one"] = ADD, DROP, self.field.one
        return context


class RowsField(forms.Field):
    """A list of rows, each a form of its own. A row left all empty does not count."""

    widget = RowsWidget
    one = "一行"
    by: User | None = None  # whose files the rows may hold

    def __init__(self, form: type[BodyForm], **kwargs: Any) -> None:
        self.form = form
        self.rows: list[BodyForm] = []
        super().__init__(required=False, **kwargs)
        self.widget.field = self

    def __deepcopy__(self, memo: Any) -> RowsField:
        copy: RowsField = super().__deepcopy__(memo)
        copy.widget.field = copy
        copy.rows = []
        return copy

    def sent(self, data: Any, files: Any, name: str) -> list[BodyForm]:
        """The rows in the order they came; a row more or less when a button without a script asked for it."""
        pattern = re.compile(rf"{re.escape(name)}-([0-9]{{1,4}})-")
        numbers = list(dict.fromkeys(match[1] for key in data if (match := pattern.match(key))))[:MOST]
        dropped = data.get(DROP, "")
        rows = [
            self.form(data, files, prefix=f"{name}-{number}", by=self.by)
            for number in numbers
            if dropped != f"{name}-{number}"
        ]
        if data.get(ADD) == name:
            following = max((int(number) for number in numbers), default=-1) + 1
            rows.append(self.form(prefix=f"{name}-{following}", by=self.by))
        if ADD in data or DROP in data:  # a row more or less was asked for: nothing is judged yet
            rows = [row.unchecked() if row.is_bound else row for row in rows]
        self.rows = rows
        return rows

    def shown(self, name: str, value: Any) -> list[BodyForm]:
        """What the page shows: what was sent, or the initial values, or one empty row."""
        if self.rows:
            return self.rows
        return [self.form(prefix=f"{name}-{at}", initial=one, by=self.by) for at, one in enumerate(value or [{}])]

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Each filled row's body. Raises ValidationError when one of them is wrong; its own errors stand in it."""
        self.rows = [row for row in self.rows if not row.is_bound or row.has_changed() or len(self.rows) == 1]
        bound = [row for row in self.rows if row.is_bound and row.has_changed()]
        wrong = [row for row in bound if not row.is_valid()]
        if wrong:
            raise forms.ValidationError("请改正下列各行中标出的内容。")
        return [row.payload(row.cleaned_data) for row in bound]

    def take(self, said: Any) -> None:
        """What the whole body's check said of single rows: {place: {field: sentences}} or a list of such."""
        bound = [row for row in self.rows if row.is_bound and row.has_changed()]
        places = said.items() if isinstance(said, dict) else enumerate(said if isinstance(said, list) else [])
        for place, errors in places:
            if isinstance(errors, dict) and str(place).isdigit() and int(place) < len(bound):
                bound[int(place)].take(errors)
