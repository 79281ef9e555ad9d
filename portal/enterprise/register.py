"""The way to a registration: one question a page, a draft that waits, all answers once more, and then the accounts.

The draft is a row that its code opens on any device (`portal.kit.drafts`); what is typed is kept field by field, right or
not. What must not lie about, passwords and identity numbers, is asked on the last page and goes straight to the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from rest_framework import serializers

from accounts.api import PersonIn
from accounts.services import Person
from accounts.states import ROLES_OF, OrganisationKind, Role
from credit import commitments
from enterprises import serializers as s
from enterprises import services
from enterprises.services import Profile
from foundation.api.throttling import Newcomer
from foundation.errors import DomainError, not_found
from portal.enterprise.profile import HELPS, KINDS, LABELS, region_field
from portal.kit.access import bare, public
from portal.kit.drafts import LATER, Drafts
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.once import FIELD, key_of, once
from portal.kit.rows import ADD, DROP
from portal.kit.slow import refuse_too_often
from portal.parties.people import AddForm, told_of
from registry import selectors as registry
from registry import uscc

DONE = "enterprise-registered"  # key of the session
UNPROCESSABLE = 422
ROLES = [(role.value, str(role.label)) for role in Role if role in ROLES_OF[OrganisationKind.ENTERPRISE]]


def part(*names: str) -> type[serializers.Serializer[Any]]:
    """Of the API's body only these fields: what one page asks."""

    class Part(s.EnterpriseRegistrationIn):
        def get_fields(self) -> dict[str, Any]:
            fields: dict[str, Any] = super().get_fields()
            return {name: fields[name] for name in names}

    return Part


class UnitForm(BodyForm):
    body = part("name", "uscc", "legal_representative", "registered_on")
    labels, helps, kinds = LABELS, HELPS, KINDS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("uscc") and "uscc" not in self.errors:
            try:
                uscc.check(str(cleaned["uscc"]))
            except DomainError as error:
                self.add_error("uscc", error.message)
        return cleaned


class TradeForm(BodyForm):
    body = part("industry_code", "region_code", "address", "listed_since")
    labels, helps, kinds = LABELS, HELPS, KINDS
    region_code = region_field()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        code = str(cleaned.get("industry_code") or "")
        if code and "industry_code" not in self.errors and registry.industry(code) is None:
            self.add_error("industry_code", f"“{code}”不属于制造业（第13至43大类），服务券面向制造业企业。")
        return cleaned


class ContactForm(BodyForm):
    body = part("contact_name", "contact_phone", "contact_email", "bank_name", "bank_account")
    labels, helps, kinds = LABELS, HELPS, KINDS


class PersonForm(AddForm):
    """One of the people who act for the enterprise."""

    body = PersonIn

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["choices"] = {"roles": ROLES}
        super().__init__(*args, **kwargs)
        self.fields["roles"].widget.is_required = True  # somebody without one could do nothing here


class PeopleForm(BodyForm):
    body = part("people")
    labels = {"people": "办理业务的人员"}
    helps = {"people": "至少一名授权签署人。一人可以兼任经办人和签署人。"}
    rows = {"people": PersonForm}


@dataclass(frozen=True)
class Step:
    """One page of questions."""

    code: str
    label: str
    form: type[BodyForm]


STEPS = (
    Step("unit", "单位", UnitForm),
    Step("trade", "行业和所在地", TradeForm),
    Step("contact", "联系和账户", ContactForm),
)
CHECK = "check"  # the last page: all answers, and the people
DRAFTS = Drafts("enterprise-registration", {one.code: one.form for one in STEPS})


@public
def start(request: HttpRequest) -> HttpResponseBase:
    """What is needed, what follows, and where the draft stands."""
    return _start(request)


def _start(request: HttpRequest, refused: DomainError | None = None) -> HttpResponseBase:
    answers = DRAFTS.answers(request)
    context = {
        **DRAFTS.shown(request),
        "begun": bool(answers),
        "next": _address(_first_open(answers)),
        "steps": _progress(answers, ""),
        "words": commitments.current(OrganisationKind.ENTERPRISE),
        "refused": refused,
        "typed": request.POST.get("code", "") if refused is not None else "",
    }
    status = refused.status if refused is not None else 200
    return render(request, "portal/enterprise/register_start.html", context, status=status)


@require_POST
@public
def take_up(request: HttpRequest) -> HttpResponseBase:
    """The draft of the code is gone on with, here."""
    try:
        DRAFTS.take_up(request, request.POST.get("code", ""))
    except DomainError as error:
        return _start(request, error)
    return HttpResponseRedirect(_address(_first_open(DRAFTS.answers(request))))


@public
def step(request: HttpRequest, code: str) -> HttpResponseBase:
    """One page of questions; what was typed is kept as it was typed, and the next page comes when it is right."""
    chosen = _chosen(code)
    form = (
        chosen.form(request.POST)
        if request.method == "POST"
        else chosen.form(initial=DRAFTS.answers(request).get(code))
    )
    status = 200
    if request.method == "POST":
        answers = DRAFTS.typed(request, code)
        if LATER in request.POST:
            return HttpResponseRedirect(reverse("enterprise:register"))
        if form.is_valid():
            return HttpResponseRedirect(_address(_following(code, answers, "check" in request.GET)))
        status = UNPROCESSABLE
    context = {
        **DRAFTS.shown(request),
        "step": chosen,
        "form": form,
        "steps": _progress(DRAFTS.answers(request), code),
        "before": _before(code),
        "later": LATER,
    }
    return render(request, "portal/enterprise/register_step.html", context, status=status)


@bare
@require_POST
@public
def keep(request: HttpRequest, code: str) -> HttpResponseBase:
    """What is typed on a page is kept while it is typed; the answer is the line that says so."""
    DRAFTS.typed(request, _chosen(code).code)
    return DRAFTS.noted(request)


def _chosen(code: str) -> Step:
    chosen = next((one for one in STEPS if one.code == code), None)
    if chosen is None:
        raise not_found("页面")
    return chosen


@method_decorator(sensitive_post_parameters(), name="dispatch")
class Check(View):
    """All answers once more, and the accounts of those who will act; what is sent here is the registration."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        missing = _first_open(DRAFTS.answers(request))
        return self._page(request, PeopleForm()) if missing == CHECK else _not_yet(request, missing)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        answers = DRAFTS.answers(request)
        missing = _first_open(answers)
        if missing != CHECK:
            return _not_yet(request, missing)
        form = PeopleForm(request.POST)
        if ADD in request.POST or DROP in request.POST:
            return self._page(request, form.unchecked())
        if not form.is_valid():
            return self._page(request, form, UNPROCESSABLE)
        try:
            refuse_too_often(request, Newcomer())
            told, _ = once(request, lambda: _register(answers, form.validated["people"]))
        except Exception as error:
            refused = refusal(error)
            if refused is None:
                raise
            form.refuse(refused)
            return self._page(request, form, refused.status, refused)
        DRAFTS.forget(request)
        request.session[DONE] = told
        return HttpResponseRedirect(reverse("enterprise:registered"))

    def _page(
        self, request: HttpRequest, form: BodyForm, status: int = 200, refused: DomainError | None = None
    ) -> HttpResponseBase:
        answers = DRAFTS.answers(request)
        context = {
            "form": form,
            "refused": refused,
            **DRAFTS.shown(request),
            "steps": _progress(answers, CHECK),
            "parts": [{"step": one, "answers": _told(one, answers)} for one in STEPS],
            "once": key_of(request),
            "once_field": FIELD,
        }
        return render(request, "portal/enterprise/register_check.html", context, status=status)


check = public(Check.as_view())


def _not_yet(request: HttpRequest, missing: str) -> HttpResponseBase:
    """What is still to be filled in before."""
    context = {**DRAFTS.shown(request), "steps": _progress(DRAFTS.answers(request), ""), "next": _address(missing)}
    return render(request, "portal/enterprise/register_not_yet.html", context)


@require_POST
@public
def forget(request: HttpRequest) -> HttpResponseBase:
    """The draft is gone."""
    DRAFTS.forget(request)
    return HttpResponseRedirect(reverse("enterprise:register"))


@public
def registered(request: HttpRequest) -> HttpResponseBase:
    """Who can sign in now, and what the signatory does next."""
    return render(request, "portal/enterprise/registered.html", {"told": request.session.get(DONE)})


def _register(answers: Mapping[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
    """The service's answer in what the last page needs."""
    whole: dict[str, Any] = {}
    for one in STEPS:
        form = one.form(answers[one.code])
        form.is_valid()
        whole |= form.validated
    accounts = [Person(roles=tuple(person.pop("roles")), **person) for person in people]
    name, code = whole.pop("name"), whole.pop("uscc")
    row = services.register(name=name, uscc=code, profile=Profile(**whole), people=accounts)
    return {"name": row.name, "uscc": row.uscc, "people": told_of(accounts, Role.ENTERPRISE_SIGNATORY)}


def _first_open(answers: Mapping[str, Any]) -> str:
    """The first page whose answers are missing, or not right any more."""
    return DRAFTS.first_open(answers) or CHECK


def _address(code: str) -> str:
    return reverse("enterprise:register-check") if code == CHECK else reverse("enterprise:register-step", args=[code])


def _following(code: str, answers: Mapping[str, Any], back_to_check: bool) -> str:
    if back_to_check:
        return _first_open(answers)
    codes = [one.code for one in STEPS]
    place = codes.index(code) + 1
    return codes[place] if place < len(codes) else _first_open(answers)


def _before(code: str) -> str:
    codes = [one.code for one in STEPS]
    place = codes.index(code)
    return _address(codes[place - 1]) if place else reverse("enterprise:register")


def _progress(answers: Mapping[str, Any], now: str) -> list[dict[str, Any]]:
    pages = [(one.code, one.label) for one in STEPS] + [(CHECK, "核对并开通账号")]
    open_at = [code for code, _ in pages].index(_first_open(answers))
    return [
        {"label": label, "done": code in answers and place < open_at and code != now, "now": code == now}
        for place, (code, label) in enumerate(pages)
    ]


def _told(one: Step, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was answered, with names beside codes."""
    given = answers[one.code]
    found = []
    for name in one.form().fields:
        value = given.get(name, "")
        if name == "region_code" and (region := registry.region(value)):
            value = f"{region.name}（{value}）"
        if name == "industry_code" and (industry := registry.industry(value)):
            value = f"{value} {industry.name}"
        found.append((LABELS[name], value))
    return found
