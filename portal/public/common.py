"""What public pages share: who reads them, the notice they go by, names for codes."""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from foundation import clock
from foundation.api.fields import Positive
from foundation.errors import Invalid, Refused
from portal.kit.slow import refuse_too_often
from programmes import selectors as programmes
from programmes.models import Notice
from registry import reference

# Public pages say the same to everybody, whoever has signed in.
READER = AnonymousUser()


def leads_on(request: HttpRequest, may: Callable[[User], bool]) -> bool:
    """Whether a button of a public page is of use: it leads whoever may, and who has not signed in yet to the sign-in."""
    return may(request.user) if isinstance(request.user, User) else True


def notice() -> Notice | None:
    """The notice that governs today, or governed last; None before the first."""
    try:
        return programmes.latest_notice(clock.today())
    except Refused:
        return None


def categories(by: Notice | None) -> Mapping[str, str]:
    """The service categories of the notice with their names, in its order."""
    return {code: one.name for code, one in by.parsed.categories.items()} if by is not None else {}


def category_choices() -> Sequence[tuple[str, str]]:
    """For filters."""
    return list(categories(notice()).items())


def cities() -> Sequence[tuple[str, str]]:
    """For filters: the cities of the region."""
    return [(one.code, one.name) for one in reference.regions().values() if one.level == "city"]


def city_name(region_code: str) -> str:
    """The city that a county lies in, by name; the code where it is of no city we know."""
    region = reference.regions().get(region_code)
    city = reference.regions().get(region.city_code) if region is not None else None
    return city.name if city is not None else region_code


def amount_of(text: str, label: str) -> Decimal:
    """An amount above zero as people type it. Raises FILTER_INVALID in words."""
    field = Positive()
    field.field_name = "amount"
    try:
        typed: Decimal = field.run_validation(unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", ""))
    except ValidationError:
        raise Invalid("FILTER_INVALID", f"{label}“{text[:20]}”不可用，请写大于0、最多两位小数的金额。") from None
    return typed


def nobody(request: HttpRequest) -> HttpRequest:
    """The same request from nobody: for acts that must not know, let alone keep, who is signed in."""
    same = copy.copy(request)
    same.user = READER
    return same


def within(throttle: BaseThrottle, request: HttpRequest) -> None:
    """The address has not filed too often: the same count as the API's. Raises TOO_MANY_REQUESTS (429)."""
    refuse_too_often(nobody(request), throttle)


def words_in(rows: models.QuerySet[models.Model], text: str, *columns: str) -> models.QuerySet[models.Model]:
    """Rows in which every word of `text` stands in one of the columns."""
    for word in text.split():
        stands = models.Q()
        for column in columns:
            stands |= models.Q(**{f"{column}__icontains": word})
        rows = rows.filter(stands)
    return rows
