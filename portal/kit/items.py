"""A body whose list has one entry for each of some known items: a condition each, a criterion each, a doubt each.

Which items there are the record says; each gets the same few fields. The items come as `choices` of the list's name,
(key, label) or (key, label, help) each; what to show at first as `initial` of that name, by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from portal.kit.forms import BodyForm


@dataclass(frozen=True)
class Entry:
    """One item with its fields."""

    key: str
    label: str
    help: str
    form: BodyForm


class ItemsForm(BodyForm):
    """`items` names the body's list, `entry` is the form of one, `key` the field that says which item it is."""

    items: ClassVar[str]
    entry: ClassVar[type[BodyForm]]
    key: ClassVar[str] = "code"
    sparse: ClassVar[bool] = False  # an item about which nothing is said is left out

    def __init__(
        self,
        *args: Any,
        choices: Mapping[str, Sequence[Any]] | None = None,
        initial: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        known = (choices or {}).get(self.items, ())
        rest = {name: found for name, found in (choices or {}).items() if name != self.items}
        first = (initial or {}).get(self.items) or {}
        own = {name: value for name, value in (initial or {}).items() if name != self.items}
        super().__init__(*args, choices=rest, initial=own, **kwargs)
        self.fields.pop(self.items, None)
        self.entries = [self._entry(str(one[0]), str(one[1]), one[2:], first, args) for one in known]

    def _entry(self, key: str, label: str, more: Sequence[Any], first: Mapping[str, Any], args: Sequence[Any]) -> Entry:
        form = self.entry(
            *args, prefix=f"{self.items}-{key}", given={self.key: key}, initial=first.get(key), by=self.by
        )
        return Entry(key, label, str(more[0]) if more else "", form)

    def clean(self) -> dict[str, Any]:
        """The entries first: with one of them wrong the whole is not looked at."""
        wrong = [one.label for one in self.said if not one.form.is_valid()]
        if wrong:
            self.add_error(None, f"请改正下列各项中标出的内容：{'、'.join(wrong)}。")
        return super().clean()

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The fields, and the list of what was said of the items."""
        entries = [{**one.form.payload(one.form.cleaned_data), **one.form.given} for one in self.said]
        return {**super().payload(cleaned), self.items: entries}

    @property
    def said(self) -> list[Entry]:
        """The entries that count."""
        return [one for one in self.entries if not self.sparse or one.form.has_changed()]
