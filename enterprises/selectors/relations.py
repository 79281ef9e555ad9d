"""Who is related to whom, as the enterprises have declared it; and the marks by which relations show that nobody declared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.states import OFFICERS
from engines.evidence import chain
from enterprises.models import Enterprise, Relation, RelationDeclaration
from enterprises.selectors.enterprises import visible_to
from enterprises.states import CONTROL, DeclarationState
from foundation.names import plain
from foundation.statements import Given

_OWN = "declaration__enterprise__uscc"


@dataclass(frozen=True)
class Marks:
    """What two bodies that are one have in common (M1). Digests and bare forms: to be compared, not shown."""

    legal_representative: str
    phone: str
    address: str
    email_domain: str


@dataclass(frozen=True)
class Member:
    """A body of a group: by its registered name, else as it was declared. `enterprise` when it is one here."""

    uscc: str
    name: str
    enterprise: UUID | None


@dataclass(frozen=True)
class Group:
    """Who is linked by control on `day`, the enterprise itself among them; and every tie behind it, or of the
    enterprise with a third.
    """

    day: date
    members: tuple[Member, ...]
    ties: tuple[Relation, ...]


def declaration_in_force(enterprise_id: UUID) -> RelationDeclaration | None:
    """The enterprise's last declaration, of whatever year."""
    return RelationDeclaration.objects.filter(enterprise_id=enterprise_id, state=DeclarationState.IN_FORCE).first()


def visible_declarations(user: User) -> models.QuerySet[RelationDeclaration]:
    """Officers see all, a city its own, an enterprise its own."""
    found = RelationDeclaration.objects.select_related("enterprise").prefetch_related("relations")
    return found if user.has(*OFFICERS) else found.filter(enterprise__in=visible_to(user))


def relations_on(day: date | Given) -> models.QuerySet[Relation]:
    """Every relation that a declaration in force states for the day."""
    rows = Relation.objects.filter(declaration__state=DeclarationState.IN_FORCE, since__lte=day)
    return rows.filter(Q(until=None) | Q(until__gte=day))


def tied(enterprise: str, day: Given) -> models.ExpressionWrapper[Any]:
    """Inside a query that has the enterprise in that column: something is declared by it or about it for the day.

    Only where this holds can it be related to anybody. Two questions, so that each has its index.
    """
    rows = relations_on(day)
    own = Exists(rows.filter(declaration__enterprise=OuterRef(enterprise)))
    others = Exists(rows.filter(uscc=OuterRef(f"{enterprise}__uscc")))
    return models.ExpressionWrapper(Q(own) | Q(others), output_field=models.BooleanField())


def related(uscc: str, other: str, day: date) -> bool:
    """The two are related on `day`: one has declared the other, or control ties both into one declared group (8-35).

    A tie works both ways, whoever declared it. A group is everything that control links, step by step; other
    ties (a shareholder, the same director) relate two bodies and no third.
    """
    own = relations_on(day).filter(Q(**{_OWN: uscc}) | Q(uscc=uscc)).values_list(_OWN, "uscc", "kind")
    found = list(own)
    if any(other in pair for *pair, _ in found):
        return True
    return any(kind in CONTROL for *_, kind in found) and other in group(uscc, day)


def group(uscc: str, day: date) -> frozenset[str]:
    """The codes of all bodies that declared control links with this one on `day`, itself among them.

    One query for each step away from it; the last finds nothing new.
    """
    control = relations_on(day).filter(kind__in=sorted(CONTROL))
    found = edge = {uscc}
    while edge:
        pairs = control.filter(Q(**{f"{_OWN}__in": edge}) | Q(uscc__in=edge)).values_list(_OWN, "uscc")
        edge = {code for pair in pairs for code in pair} - found
        found = found | edge
    return frozenset(found)


def declared_group(enterprise: Enterprise, day: date) -> Group:
    """All that is declared for the day about the enterprise and the group that control links it into. Three queries
    and one for each step of control.
    """
    codes = group(enterprise.uscc, day)
    within = Q(**{f"{_OWN}__in": codes}, uscc__in=codes)
    about = Q(**{_OWN: enterprise.uscc}) | Q(uscc=enterprise.uscc)
    rows = relations_on(day).filter(within | about).select_related("declaration__enterprise__organisation")
    found = tuple(rows.order_by("since", "pk"))
    known = Enterprise.objects.filter(uscc__in=codes).select_related("organisation")
    names = {row.uscc: row.name for row in found} | {row.uscc: row.name for row in known}
    registered = {row.uscc: row.pk for row in known}
    members = tuple(Member(code, names.get(code, ""), registered.get(code)) for code in sorted(codes))
    return Group(day, members, found)


def identifying_marks(enterprise: Enterprise) -> Marks:
    """Its marks for the room that compares both sides of a contract; an empty one says nothing."""
    return Marks(
        legal_representative=chain.sm3(plain(enterprise.legal_representative).encode()),
        phone="".join(char for char in enterprise.contact_phone if char.isdigit()),
        address=plain(enterprise.address),
        email_domain=enterprise.contact_email.rpartition("@")[2].casefold(),
    )
