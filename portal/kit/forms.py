"""Forms for people over the bodies of the API: one truth about what is accepted, in one place.

A `BodyForm` names the serializer that the API's view uses for the same act. Its fields follow from it, here they only
get labels, help and widgets; what was typed is checked by the serializer, and `form.validated` is what the view of the
API would hand to the service.
"""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.utils import ErrorList
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.models import User
from foundation.api import fields as api
from foundation.errors import DomainError
from portal.kit import refused, widgets
from portal.kit.days import days
from portal.kit.files import FilesField
from portal.kit.rows import RowsField

LONG_TEXT = 120  # characters from which on a text gets a box of several lines
FEW = 5  # choices that are all shown at once
_ENDS_OF_A_LABEL = "，（；。,("


class Errors(ErrorList):
    """Errors of a field, whoever said them, with their days as people write them; the template says where they stand."""

    template_name = "django/forms/errors.html"

    def __getitem__(self, at: Any) -> Any:
        said = super().__getitem__(at)
        return days(said) if isinstance(said, str) else said


class BodyForm(forms.Form):
    """A form whose fields and checks follow from `body`. Declared fields take the place of those that would follow."""

    body: ClassVar[type[serializers.Serializer[Any]]]
    only: ClassVar[tuple[str, ...]] = ()  # which fields, in this order; empty: all of the body's
    omit: ClassVar[tuple[str, ...]] = ()  # what the view gives itself
    labels: ClassVar[Mapping[str, str]] = {}
    helps: ClassVar[Mapping[str, str]] = {}
    placeholders: ClassVar[Mapping[str, str]] = {}
    kinds: ClassVar[Mapping[str, forms.Widget]] = {}  # widgets other than the usual ones
    uploads: ClassVar[Mapping[str, str]] = {}  # fields that are files, with the purpose of the file
    rows: ClassVar[Mapping[str, type[BodyForm]]] = {}  # lists of bodies, with the form of one
    empty: ClassVar[tuple[str, ...]] = ()  # lists of which none is an answer too

    error_css_class = "bad"

    def __init__(
        self,
        *args: Any,
        by: User | None = None,
        choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        given: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`by` uploads; `choices` of fields that name other records; `given` goes into the body without being asked."""
        kwargs.setdefault("error_class", Errors)
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.by = by
        self.given = dict(given or {})
        self.validated: dict[str, Any] = {}
        self.asked: dict[str, Any] = dict(self.body().fields)
        names: Sequence[str] = self.only or [name for name in self.asked if name not in self.omit]
        declared: dict[str, forms.Field] = dict(self.fields)
        self.fields = {}
        for name in names:
            if name not in self.given:
                own = declared.pop(name) if name in declared else None
                self.fields[name] = self._field(name, (choices or {}).get(name)) if own is None else own
        self.fields |= declared
        for name, field in self.fields.items():
            self._dress(name, field)

    def _field(self, name: str, choices: Sequence[tuple[str, str]] | None) -> forms.Field:
        asked = self.asked[name]
        if name in self.rows:
            return RowsField(self.rows[name])
        if name in self.uploads:
            many = isinstance(asked, serializers.ListField)
            most = (asked.max_length if many else 1) or 20
            return FilesField(purpose=self.uploads[name], most=most, many=many)
        return field_for(asked, choices)

    def _dress(self, name: str, field: forms.Field) -> None:
        asked = self.asked.get(name)
        field.required = False  # what must be there is said below, in words
        if asked is not None:
            field.label = self.labels.get(name) or field.label or label_of(asked, name)
        field.help_text = self.helps.get(name, field.help_text or "")
        if name in self.kinds:
            field.widget = copy.deepcopy(self.kinds[name])  # one widget a form: attributes are put on it
        if asked is not None:
            field.widget.is_required = must(asked)
        if name in self.placeholders:
            field.widget.attrs["placeholder"] = self.placeholders[name]
        if isinstance(field, FilesField | RowsField):
            field.by = self.by

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was typed as the body takes it. For forms whose body is shaped otherwise than their fields."""
        return {name: value for name, value in cleaned.items() if value is not None}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, asked in self.asked.items():
            if name not in self.fields or name in self._errors or name in self.empty:
                continue
            if must(asked) and cleaned.get(name) in (None, "", []):
                self.add_error(name, f"请{verb_of(self.fields[name])}“{self.fields[name].label}”。")
        if self._errors:
            self._check_the_rest(cleaned)
            return cleaned
        checked = self.body(data={**self.payload(cleaned), **self.given})
        if checked.is_valid():
            self.validated = dict(checked.validated_data)
        else:
            self.take(checked.errors)
        return cleaned

    def _check_the_rest(self, cleaned: Mapping[str, Any]) -> None:
        """Where something is missing, what else is wrong is said at once: each field by itself, as the body would."""
        for name, asked in self.asked.items():
            field, value = self.fields.get(name), cleaned.get(name)
            if field is None or isinstance(field, FilesField | RowsField) or name in self._errors or value is None:
                continue
            if value in ("", []) and not must(asked):
                continue
            try:
                asked.run_validation(value)
            except serializers.ValidationError as wrong:
                self.take({name: wrong.detail})

    def take(self, errors: Mapping[str, Any]) -> None:
        """The serializer's words stand at the fields they are about; those of no field of the form at the top."""
        for name, said in errors.items():
            field = self.fields.get(name)
            if isinstance(field, RowsField) and not of_the_whole(said):
                field.take(said)
                self.add_error(name, "请改正下列各行中标出的内容。")
            else:
                asked = self.asked.get(name)
                label = str(field.label) if field is not None else label_of(asked, name) if asked is not None else name
                for sentence in refused.sentences(asked, said, label, verb_of(field)):
                    self.add_error(name if field is not None else None, sentence)

    def unchecked(self) -> BodyForm:
        """The form as it was sent, shown again without a word about what is still missing."""
        for name, field in self.fields.items():
            field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        return self

    def see(self, version: int) -> None:
        """The form is about this version now: its page shows what others did, so sending it again means in spite of it."""
        data: Any = copy.copy(self.data)  # what was sent cannot be written to, its copy can
        data[self.add_prefix("version")] = str(version)
        self.data = data

    def refuse(self, error: DomainError) -> None:
        """A service's refusal stands at the field it names, or at the top."""
        named = str(error.details.get("field", ""))
        self.add_error(named if named in self.fields else None, error.message)


def of_the_whole(said: Any) -> bool:
    """Whether errors of a list speak of the list itself, not of single rows."""
    return isinstance(said, list) and all(isinstance(one, str) for one in said)


def verb_of(field: forms.Field | None) -> str:
    """What one does to answer the field."""
    return "选择" if isinstance(field, forms.ChoiceField | FilesField) else "填写"


def must(asked: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Whether the body cannot do without it."""
    return bool(asked.required) and not getattr(asked, "allow_blank", False) and not asked.allow_null


def label_of(asked: serializers.Field[Any, Any, Any, Any], name: str) -> str:
    """The first words of the API's own description: “合同金额（含税），元” is 合同金额."""
    text = str(asked.help_text or asked.label or name)
    ends = [at for at in (text.find(mark) for mark in _ENDS_OF_A_LABEL) if at > 0]
    return text[: min(ends)] if ends else text


class Text(forms.CharField):
    """What was typed, as it was typed but for outer blanks; the body judges it. Nothing typed is None."""

    def __init__(self, *, blank: bool = False, **kwargs: Any) -> None:
        self.blank = blank
        super().__init__(required=False, empty_value=None, **kwargs)

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        return "" if text is None and self.blank else text


class Figure(Text):
    """An amount or a number: full-width digits, blanks and thousands commas are what people type."""

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "") if text else text


class Lines(Text):
    """One item a line."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()] if text else None


class One(forms.ChoiceField):
    """One of some codes; nothing chosen is None."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class Some(forms.MultipleChoiceField):
    """Any of some codes."""


class YesNo(forms.BooleanField):
    """A box that is ticked or not: never missing."""


def field_for(
    asked: serializers.Field[Any, Any, Any, Any], choices: Sequence[tuple[str, str]] | None = None
) -> forms.Field:
    """The field of a form for one of a body."""
    if isinstance(asked, serializers.ListField | serializers.ListSerializer):
        return _several(asked, choices)
    if choices is None and isinstance(asked, serializers.ChoiceField):
        choices = [(str(code), str(label)) for code, label in asked.choices.items()]
    if choices is not None:
        return _one_of(asked, choices)
    for kind, make in _FIELDS:
        if isinstance(asked, kind):
            return make(asked)
    return Text(widget=forms.TextInput())


def _several(asked: Any, choices: Sequence[tuple[str, str]] | None) -> forms.Field:
    child = asked.child
    if choices is None and isinstance(child, serializers.ChoiceField):
        choices = [(str(code), str(label)) for code, label in child.choices.items()]
    if choices is not None:
        return Some(choices=choices, widget=widgets.Boxes(), required=False)
    return Lines(widget=forms.Textarea(attrs={"rows": 3}))


def _one_of(asked: Any, choices: Sequence[tuple[str, str]]) -> forms.Field:
    if len(choices) <= FEW and must(asked):
        return One(choices=choices, widget=widgets.Dots(), required=False)
    nothing = ("", "请选择") if must(asked) else ("", "不选")
    return One(choices=[nothing, *choices], widget=forms.Select(), required=False)


def _text(asked: Any) -> forms.Field:
    longest, blank = asked.max_length, asked.allow_blank
    attrs = {"maxlength": longest} if longest else {}
    if "password" in (asked.field_name or ""):
        return Text(strip=False, widget=forms.PasswordInput(attrs={**attrs, "autocomplete": "new-password"}))
    is_code = isinstance(asked, serializers.RegexField)  # of one shape, hence of one line
    if not is_code and (longest is None or longest > LONG_TEXT):
        return Text(blank=blank, widget=forms.Textarea(attrs={**attrs, "rows": 4}))
    return Text(blank=blank, widget=forms.TextInput(attrs=attrs))


def _default(asked: Any) -> Any:
    return None if asked.default is empty or callable(asked.default) else asked.default


def _whole(asked: Any) -> forms.Field:
    hidden = asked.field_name == "version"
    return Figure(widget=forms.HiddenInput() if hidden else forms.TextInput(attrs={"inputmode": "numeric"}))


_FIELDS: tuple[tuple[type[Any], Callable[[Any], forms.Field]], ...] = (
    (serializers.BooleanField, lambda asked: YesNo(required=False, initial=_default(asked))),
    (api.Money, lambda asked: Figure(widget=widgets.Yuan(), initial=_default(asked))),
    (serializers.DateField, lambda asked: Text(widget=widgets.Day())),
    (serializers.DateTimeField, lambda asked: Text(widget=widgets.Moment())),
    (serializers.IntegerField, _whole),
    (serializers.DecimalField, lambda asked: Figure(widget=forms.TextInput(attrs={"inputmode": "decimal"}))),
    (serializers.UUIDField, lambda asked: Text(widget=forms.HiddenInput())),
    (serializers.EmailField, lambda asked: Text(blank=asked.allow_blank, widget=forms.EmailInput())),
    (serializers.CharField, _text),
)


class VersionForm(BodyForm):
    """An act that asks nothing: only which version of the record its page showed."""

    body = api.Versioned
