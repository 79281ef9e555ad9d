"""Registering a provider: three steps whose draft waits for its code, then a page to check everything on.

The draft is a row that its code opens on any device (`portal.kit.drafts`). Passwords and identity numbers are asked on
the last page and never kept: only what the record will hold is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.services import Person
from accounts.states import OrganisationKind, Role
from credit import commitments
from foundation.api.throttling import Newcomer
from foundation.errors import DomainError, not_found
from portal.kit.access import bare, public
from portal.kit.drafts import LATER, Drafts
from portal.kit.errors import refusal
from portal.kit.forms import BodyForm
from portal.kit.once import FIELD, key_of, once
from portal.kit.rows import ADD, DROP
from portal.kit.slow import refuse_too_often
from portal.parties.people import told_of
from portal.provider.register_forms import STEPS, PeopleForm, StepForm
from providers import serializers as bodies
from providers.services import registration
from providers.services.registration import Profile
from registry import reference
from registry import uscc as uscc_rules

DONE = "provider-registered"  # key of the session
UNPROCESSABLE = 422
LAST = len(STEPS) + 1
DRAFTS = Drafts("provider-registration", {str(place): form for place, form in enumerate(STEPS, start=1)})


@public
def start(request: HttpRequest) -> HttpResponseBase:
    """What is needed, and where to begin or go on."""
    return _start(request)


def _start(request: HttpRequest, refused: DomainError | None = None) -> HttpResponseBase:
    answers = DRAFTS.answers(request)
    context = {
        **DRAFTS.shown(request),
        "begun": bool(answers),
        "words": commitments.current(OrganisationKind.PROVIDER),
        "next": _address(_first_open(answers)),
        "steps": _steps(answers, 0),
        "refused": refused,
        "typed": request.POST.get("code", "") if refused is not None else "",
    }
    status = refused.status if refused is not None else 200
    return render(request, "portal/provider/register.html", context, status=status)


@require_POST
@public
def take_up(request: HttpRequest) -> HttpResponseBase:
    """The draft of the code is gone on with, here."""
    try:
        DRAFTS.take_up(request, request.POST.get("code", ""))
    except DomainError as error:
        return _start(request, error)
    return HttpResponseRedirect(_address(_first_open(DRAFTS.answers(request))))


@require_POST
@public
def forget(request: HttpRequest) -> HttpResponseBase:
    """The draft is gone."""
    DRAFTS.forget(request)
    return HttpResponseRedirect(reverse("provider:register"))


@public
def step(request: HttpRequest, number: int) -> HttpResponseBase:
    """One step: what was typed is kept as it was typed, and the next one follows when it is right."""
    form_class, page = _chosen(number), str(number)
    sent = request.method == "POST"
    answers = DRAFTS.typed(request, page) if sent else DRAFTS.answers(request)
    if LATER in request.POST:
        return HttpResponseRedirect(reverse("provider:register"))
    form = form_class(request.POST) if sent else form_class(initial=answers.get(page))
    if sent and form.is_valid():
        return HttpResponseRedirect(_address(_first_open(answers)))
    context = {
        **DRAFTS.shown(request),
        "form": form,
        "number": number,
        "title": form_class.title,
        "steps": _steps(answers, number),
        "of": LAST,
        "before": _address(number - 1) if number > 1 else reverse("provider:register"),
        "later": LATER,
    }
    return render(request, "portal/provider/register_step.html", context, status=UNPROCESSABLE if sent else 200)


@bare
@require_POST
@public
def keep(request: HttpRequest, number: int) -> HttpResponseBase:
    """What is typed in a step is kept while it is typed; the answer is the line that says so."""
    _chosen(number)
    DRAFTS.typed(request, str(number))
    return DRAFTS.noted(request)


def _chosen(number: int) -> type[StepForm]:
    if not 1 <= number < LAST:
        raise not_found("页面")
    return STEPS[number - 1]


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
    answers = DRAFTS.answers(request)
    missing = _first_open(answers)
    context = {**DRAFTS.shown(request), "steps": _steps(answers, LAST), "number": LAST, "of": LAST}
    if missing != LAST:
        context |= {"steps": _steps(answers, 0), "missing": _address(missing)}
        return render(request, "portal/provider/register_check.html", context)
    initial = {"people": [{"roles": [Role.PROVIDER_SIGNATORY]}, {"roles": [Role.PROVIDER_AGENT]}]}
    form: BodyForm = PeopleForm(request.POST or None, initial=initial)
    refused, status = None, 200
    if request.method == "POST" and (ADD in request.POST or DROP in request.POST):
        form = form.unchecked()
    elif request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            refused = _registered(request, answers, form)
            if refused is None:
                DRAFTS.forget(request)
                return HttpResponseRedirect(reverse("provider:registered"))
            form.refuse(refused)
            status = refused.status
    context |= {
        "form": form,
        "answers": _answers(answers),
        "refused": refused,
        "once": key_of(request),
        "once_field": FIELD,
    }
    return render(request, "portal/provider/register_check.html", context, status=status)


@public
def registered(request: HttpRequest) -> HttpResponseBase:
    """Who can sign in now, and what the provider does next."""
    return render(request, "portal/provider/registered.html", {"told": request.session.get(DONE)})


def _registered(request: HttpRequest, answers: Mapping[str, Any], form: BodyForm) -> DomainError | None:
    """The provider is registered and the last page knows it, or what was refused."""
    try:
        refuse_too_often(request, Newcomer())
        request.session[DONE], _ = once(request, lambda: _register(answers, form.payload(form.cleaned_data)["people"]))
    except Exception as error:
        known = refusal(error)
        if known is None:
            raise
        return known
    return None


def _register(answers: Mapping[str, Any], given: list[dict[str, Any]]) -> dict[str, Any]:
    """The service's answer in what the last page needs."""
    whole = bodies.ProviderRegistrationIn(data={**_filled(answers), "people": given})
    if not whole.is_valid():
        raise DomainError("DRAFT_INVALID", "前面几步的内容已不可用，请返回逐步核对后再提交。")
    data = dict(whole.validated_data)
    people = [Person(**{**one, "roles": tuple(one["roles"])}) for one in data.pop("people")]
    name, code = data.pop("name"), data.pop("uscc")
    row = registration.register(name=name, uscc=code, profile=Profile(**data), people=people)
    return {"name": row.name, "uscc": row.uscc, "people": told_of(people, Role.PROVIDER_SIGNATORY)}


def _filled(answers: Mapping[str, Any]) -> dict[str, str]:
    """What the body takes, as each step reads what was typed: what was left empty is not given."""
    found: dict[str, str] = {}
    for page, form_class in DRAFTS.pages.items():
        form = form_class(answers[page])
        form.is_valid()
        found |= {name: value for name, value in form.cleaned_data.items() if value}
    return found


def _first_open(answers: Mapping[str, Any]) -> int:
    return int(DRAFTS.first_open(answers) or LAST)


def _address(number: int) -> str:
    if number == LAST:
        return reverse("provider:register-check")
    return reverse("provider:register-step", kwargs={"number": number})


def _steps(answers: Mapping[str, Any], now: int) -> list[tuple[str, str, str]]:
    """Each page's title, whether it is the one shown or done, and its address."""
    titles = [*(form.title for form in STEPS), "核对并建立账号"]
    open_at = _first_open(answers)
    return [
        (title, "now" if place == now else "done" if place < open_at else "", _address(place))
        for place, title in enumerate(titles, start=1)
    ]


def _answers(answers: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each step with its address and what was answered."""
    filled = _filled(answers)
    return [
        (
            form.title,
            _address(place),
            [(form.labels.get(name, name), _told(name, filled.get(name, ""))) for name in form.only],
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
