"""Filing without an account: by real name, which is sealed; the receipt and its word are shown in this answer alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.api.throttling import Follower, Stranger
from foundation.errors import DomainError
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.once import FIELD, key_of, once
from portal.public import common

UNPROCESSABLE = 422
WHO = {
    "filer_kind": "以何种名义提出",
    "name": "姓名或单位全称",
    "identity_number": "公民身份号码或统一社会信用代码",
    "phone": "联系电话",
    "email": "电子邮箱",
    "address": "通讯地址",
}
KINDS = {
    "name": forms.TextInput(attrs={"autocomplete": "name", "maxlength": 120}),
    "identity_number": forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "maxlength": 18}),
    "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "maxlength": 32}),
    "email": forms.EmailInput(attrs={"autocomplete": "email", "maxlength": 120}),
    "address": forms.TextInput(attrs={"autocomplete": "street-address", "maxlength": 200}),
}


class PaperField(forms.FileField):
    """One file that goes to the service as it came, past the body. A form that comes back has lost it."""

    def __init__(self, label: str, help_text: str) -> None:
        super().__init__(label=label, help_text=help_text, required=False, widget=forms.FileInput())


class FilingForm(BodyForm):
    """A form of somebody without an account; files stand beside the body."""

    papers: tuple[str, ...] = ()

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().payload(cleaned).items() if name not in self.papers}


def filed(request: HttpRequest, form: BodyForm, run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any] | None, int]:
    """What `run` told, kept for a second sending of the same form; or nothing, with the refusal in the form.

    Who is signed in is not asked, so that it is kept nowhere. The other value is the status to answer with.
    """
    common.within(Stranger(), request)
    if not form.is_valid():
        return None, UNPROCESSABLE
    try:
        return once(common.nobody(request), run)[0], 200
    except Exception as error:
        told = refusal(error)
        if told is None:
            raise
        return None, _refused(form, told)


def followed(request: HttpRequest, form: BodyForm, find: Callable[..., Any]) -> tuple[Any, int]:
    """The matter whose receipt and word were typed; or nothing, with the refusal in the form."""
    common.within(Follower(), request)
    if not form.is_valid():
        return None, UNPROCESSABLE
    try:
        return find(**form.validated), 200
    except Exception as error:
        told = refusal(error)
        if told is None:
            raise
        return None, _refused(form, told)


def told(kept: dict[str, Any], secret: str) -> dict[str, Any]:
    """What the answer shows: what was kept of it, and the word, which is kept nowhere."""
    return {**kept, "secret": secret, "accept_due": date.fromisoformat(kept["accept_due"])}


def private(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that no cache keeps: a receipt's word stands on it."""
    context = {**context, "once": key_of(request), "once_field": FIELD}
    answer = render(request, template, context, status=status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _refused(form: BodyForm, told: DomainError) -> int:
    """The refusal stands at the field that it names, or at the top; its status is the page's."""
    named = {one["field"] for one in told.details.get("found", []) if one.get("field") in form.fields}
    if named:
        for name in sorted(named):
            form.add_error(name, told.message)
    else:
        form.refuse(told)
    return told.status
