"""What a registering provider is asked: the forms of the steps, and of the people who get accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.urls import reverse_lazy
from rest_framework import serializers

from accounts.api import PersonIn
from accounts.states import Role
from foundation.api.fields import Choice
from foundation.errors import DomainError
from portal.kit.forms import BodyForm
from portal.provider.profile import HELPS, LABELS, RegionField
from providers import serializers as bodies
from registry import uscc as uscc_rules

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
                "hx-swap": "innerHTML",
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
