"""Registering a provider: three steps whose draft is kept in the session, then a page to check everything on.

Passwords and identity numbers are asked on the last page and never kept: only what the record will hold is.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework import serializers

from accounts.api import PersonIn
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from credit import commitments
from foundation.api.fields import Choice
from foundation.api.throttling import Newcomer
from foundation.errors import DomainError, not_found
from portal.kit.access import bare, public
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.once import FIELD, key_of, once
from portal.kit.rows import ADD, DROP
from portal.provider.profile import HELPS, LABELS, RegionField
from providers import serializers as bodies
from providers.services import registration
from providers.services.registration import Profile
from registry import reference
from registry import uscc as uscc_rules

DRAFT = "provider-registration"  # in the session
UNPROCESSABLE = 422
ROLES = [(one.value, one.label) for one in (Role.PROVIDER_SIGNATORY, Role.PROVIDER_AGENT)]


class Live(forms.TextInput):
    """An input that says at once what is wrong with what was typed; without a script the next page does."""

    template_name = "portal/provider/live.html"


class StepForm(BodyForm):
    """One step of the body: what the step does not ask is not checked by it."""

    title: ClassVar[str]
    labels = LABELS
    helps = HELPS

    def clean(self) -> dict[str, Any]:
        """The fields of the step alone are judged; the whole is when the last page is sent."""
        cleaned = forms.Form.clean(self) or {}
        for name, asked in self.asked.items():
            if name in self.fields and name not in self._errors:
                self._judge(name, asked, cleaned.get(name))
        return cleaned

    def _judge(self, name: str, asked: Any, value: Any) -> None:
        if value in (None, ""):
            if asked.required and not getattr(asked, "allow_blank", False):
                verb = "选择" if isinstance(self.fields[name], forms.ChoiceField) else "填写"
                self.add_error(name, f"请{verb}“{self.fields[name].label}”。")
            return
        try:
            asked.run_validation(value)
        except serializers.ValidationError as error:
            for sentence in error.detail if isinstance(error.detail, list) else [error.detail]:
                self.add_error(name, str(sentence))

    def kept(self) -> dict[str, str]:
        """What was typed, as the session keeps it."""
        return {name: self.cleaned_data[name] or "" for name in self.fields}


class UnitForm(StepForm):
    """Who it is and where."""

    body = bodies.ProviderRegistrationIn
    title = "机构基本情况"
    only = ("name", "uscc", "region_code", "address", "founded_on", "legal_representative")
    labels = {**LABELS, "uscc": "统一社会信用代码"}
    helps = {
        **HELPS,
        "name": "与营业执照完全一致。",
        "uscc": "18位，填写后当即核对校验位。",
        "region_code": "须在广西有固定经营场地（办法第十三条）。",
    }
    region_code = RegionField()
    kinds = {
        "uscc": Live(
            attrs={
                "maxlength": 18,
                "autocapitalize": "characters",
                "spellcheck": "false",
                "hx-get": reverse_lazy("provider:register-uscc"),
                "hx-trigger": "change",
                "hx-target": "#uscc-said",
            }
        )
    }

    def clean_uscc(self) -> str | None:
        """The check digit holds."""
        text: str | None = self.cleaned_data["uscc"]
        if not text:
            return text
        try:
            return uscc_rules.check(text).code
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class ContactForm(StepForm):
    """Whom to ask, and what the public reads."""

    body = bodies.ProviderRegistrationIn
    title = "联系人和简介"
    only = ("contact_name", "contact_phone", "contact_email", "introduction")


class AbilityForm(StepForm):
    """The figures of 第十三条, and the parent's if there is one."""

    body = bodies.ProviderRegistrationIn
    title = "能力和经营指标"
    only = ("core_staff", "clients_last_year", "revenue_last_year", "parent_name", "parent_uscc", "parent_founded_on")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parts = [bool(cleaned.get(name)) for name in ("parent_name", "parent_uscc", "parent_founded_on")]
        if any(parts) and not all(parts):
            self.add_error("parent_name", "母公司名称、统一社会信用代码、成立日期须同时填写或同时留空。")
        return cleaned

    def clean_parent_uscc(self) -> str | None:
        """The check digit of the parent's code holds."""
        text: str | None = self.cleaned_data["parent_uscc"]
        if not text:
            return text
        try:
            return uscc_rules.check(text).code
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class _PersonIn(PersonIn):
    """Somebody of the provider: the two roles that it has."""

    roles = serializers.ListField(child=Choice(choices=ROLES), allow_empty=False, max_length=2, help_text="角色")


class PersonForm(BodyForm):
    body = _PersonIn
    labels = {
        "username": "用户名",
        "password": "密码",
        "name": "姓名",
        "identity_number": "公民身份号码",
        "roles": "角色",
    }
    kinds = {
        "username": forms.TextInput(attrs={"maxlength": 64, "autocomplete": "off", "autocapitalize": "none"}),
        "password": forms.PasswordInput(attrs={"maxlength": 128, "autocomplete": "new-password"}),
    }
    helps = {
        "username": "3至64个字母、数字、汉字或 . @ + - _，登录用。",
        "password": "至少10位，不能是常见密码。",
        "identity_number": "只保存摘要，用来保证一人一个账号。",
        "roles": "签署人签署申请、合同和兑付申请；经办人填报办理。",
    }


class _PeopleIn(serializers.Serializer[Any]):
    people = serializers.ListField(child=PersonIn(), allow_empty=False, max_length=10, help_text="人员")
    commitment = serializers.BooleanField(help_text="承诺")

    def validate_commitment(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("请确认所填内容属实。")
        return value


class PeopleForm(BodyForm):
    """The people who will act for the provider, with their accounts."""

    body = _PeopleIn
    rows = {"people": PersonForm}
    labels = {"people": "人员账号", "commitment": "以上内容属实，本机构知晓瞒报、虚报的后果（办法第十六条）"}
    helps = {"people": "至少一名签署人；同一人可以兼任经办。"}


STEPS: tuple[type[StepForm], ...] = (UnitForm, ContactForm, AbilityForm)
LAST = len(STEPS) + 1


@public
def start(request: HttpRequest) -> HttpResponseBase:
    """What is needed, and where to begin or go on."""
    draft = request.session.get(DRAFT, {})
    context = {
        "draft": bool(draft),
        "words": commitments.current(OrganisationKind.PROVIDER),
        "next": _first_open(draft),
    }
    return render(request, "portal/provider/register.html", context)


@public
def step(request: HttpRequest, number: int) -> HttpResponseBase:
    """One step: what was typed is kept in the session, the next one follows."""
    if not 1 <= number <= len(STEPS):
        raise not_found("页面")
    form_class = STEPS[number - 1]
    draft = request.session.get(DRAFT, {})
    form = form_class(request.POST or None, initial=draft)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            request.session[DRAFT] = {**draft, **form.kept(), f"step{number}": "1"}
            return HttpResponseRedirect(_address(_first_open(request.session[DRAFT])))
        status = UNPROCESSABLE
    context = {"form": form, "number": number, "title": form_class.title, "steps": _steps(number), "of": LAST}
    return render(request, "portal/provider/register_step.html", context, status=status)


@bare
@public
def uscc(request: HttpRequest) -> HttpResponseBase:
    """What is to be said of a code: wrong, right, or right with something to look at."""
    context: dict[str, Any] = {"warnings": (), "error": "", "typed": request.GET.get("uscc", "")[:64]}
    try:
        context["warnings"] = uscc_rules.check(context["typed"]).warnings
    except DomainError as error:
        context["error"] = error.message
    return render(request, "portal/provider/uscc.html", context)


@sensitive_post_parameters()
@public
def check(request: HttpRequest) -> HttpResponseBase:
    """Everything on one page, the people's accounts, and the act itself."""
    draft = request.session.get(DRAFT, {})
    missing = _first_open(draft)
    if missing != LAST:
        context = {"steps": _steps(missing), "number": LAST, "of": LAST, "missing": _address(missing)}
        return render(request, "portal/provider/register_check.html", context)
    initial = {"people": [{"roles": [Role.PROVIDER_SIGNATORY]}, {"roles": [Role.PROVIDER_AGENT]}]}
    form: BodyForm = PeopleForm(request.POST or None, initial=initial)
    refused, status = None, 200
    if request.method == "POST" and (ADD in request.POST or DROP in request.POST):
        form = form.unchecked()
    elif request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            refused = _registered(request, form, draft)
            if refused is None:
                del request.session[DRAFT]
                messages.success(request, "注册成功。请用刚设置的用户名和密码登录，征集期内即可申请服务商资格。")
                return HttpResponseRedirect(reverse("sign-in"))
            form.refuse(refused)
            status = refused.status
    context = {
        "form": form,
        "answers": _answers(draft),
        "steps": _steps(LAST),
        "number": LAST,
        "of": LAST,
        "refused": refused,
        "once": key_of(request),
        "once_field": FIELD,
    }
    return render(request, "portal/provider/register_check.html", context, status=status)


def _registered(request: HttpRequest, form: BodyForm, draft: dict[str, str]) -> DomainError | None:
    """The provider is registered, or what was refused."""
    if not Newcomer().allow_request(request, None):  # type: ignore[arg-type]  # it reads what Django's request has
        told = DomainError("TOO_MANY_REQUESTS", "此地址注册过于频繁，本次未生效，请稍后再试。")
        told.status = 429
        return told
    whole = bodies.ProviderRegistrationIn(data={**_filled(draft), "people": form.payload(form.cleaned_data)["people"]})
    if not whole.is_valid():
        return DomainError("DRAFT_INVALID", "前面几步的内容已不可用，请返回逐步核对后再提交。")
    data = dict(whole.validated_data)
    people = [Person(**{**one, "roles": tuple(one["roles"])}) for one in data.pop("people")]
    name, code = data.pop("name"), data.pop("uscc")

    def effect() -> dict[str, Any]:
        made = registration.register(name=name, uscc=code, profile=Profile(**data), people=people)
        return {"provider": str(made.pk)}

    try:
        once(request, effect)
    except Exception as error:
        known = refusal(error)
        if known is None:
            raise
        return known
    return None


def _filled(draft: dict[str, str]) -> dict[str, str]:
    """What the body takes: what was left empty is not given."""
    names = [name for form in STEPS for name in form.only]
    return {name: draft[name] for name in names if draft.get(name)}


def _first_open(draft: dict[str, str]) -> int:
    return next((n for n in range(1, LAST) if f"step{n}" not in draft), LAST)


def _address(number: int) -> str:
    if number == LAST:
        return reverse("provider:register-check")
    return reverse("provider:register-step", kwargs={"number": number})


def _steps(now: int) -> list[tuple[str, str, str]]:
    titles = [*(form.title for form in STEPS), "核对并建立账号"]
    return [
        (title, "done" if place < now else "now" if place == now else "", _address(place))
        for place, title in enumerate(titles, start=1)
    ]


def _answers(draft: dict[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each step with its address and what was answered."""
    return [
        (
            form.title,
            _address(place),
            [(form.labels.get(name, name), _told(name, draft.get(name, ""))) for name in form.only],
        )
        for place, form in enumerate(STEPS, start=1)
    ]


def _told(name: str, value: str) -> str:
    if name == "region_code":
        region = reference.regions().get(value)
        city = reference.regions().get(region.city_code) if region else None
        return f"{city.name} {region.name}" if region and city and city != region else region.name if region else value
    if name.endswith("founded_on") and value:
        day = date.fromisoformat(value)
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{Decimal(value):,.2f}元" if name == "revenue_last_year" else value or "（未填）"
