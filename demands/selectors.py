"""Reads about demands and responses: the public board, a party's own, an officer's all."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.states import OFFICERS, OrganisationKind, Role
from credit import selectors as credit
from demands.models import Demand, DemandMessage, DemandMessageFile, MissedSearch, Response, Synonym, ThreadMark
from demands.states import DEMAND_SHOWN, RESPONSE_LIVE, Side, SynonymState
from enterprises.models import Enterprise
from enterprises.states import State as EnterpriseState
from foundation import clock
from foundation.errors import Forbidden


def own_enterprise(user: User) -> Enterprise:
    """The enterprise the caller acts for. Raises NOT_AN_ENTERPRISE when he acts for none."""
    enterprise = Enterprise.objects.filter(organisation_id=user.organisation_id).first()
    if enterprise is None:
        raise Forbidden("NOT_AN_ENTERPRISE", "您所在单位未登记为企业，不能发布需求。")
    return enterprise


def board(day: date | None = None) -> models.QuerySet[Demand]:
    """What the public sees on `day` (today): shown, in its time, of enterprises that may hold vouchers (第十八条第（三）项).

    A frozen enterprise's demands are not there while it is frozen, nor those of one that a credit record keeps out
    (第二十七条). Each with `answers`, how many have answered it.
    """
    day = day or clock.today()
    shown = Demand.objects.filter(
        ~credit.is_blocked("enterprise__uscc", day),
        state__in=DEMAND_SHOWN,
        shown_until__gte=day,
        enterprise__state=EnterpriseState.ACTIVE,
    )
    return with_answers(shown).select_related("enterprise").defer("enterprise__checks")


def with_answers(rows: models.QuerySet[Demand]) -> models.QuerySet[Demand]:
    """Each with `answers`: its live responses."""
    live = Response.objects.filter(demand=OuterRef("pk"), state__in=RESPONSE_LIVE).order_by()
    counted = live.values("demand").annotate(n=Count("pk")).values("n")
    return rows.annotate(answers=Coalesce(Subquery(counted), 0))


def visible_demands(user: User) -> models.QuerySet[Demand]:
    """An enterprise its own, a city its own, officers all. Others read the board."""
    rows = with_answers(Demand.objects.select_related("enterprise", "notice").defer("notice__rules"))
    return rows if user.has(*OFFICERS) else rows.filter(_own(user, "enterprise__"))


def visible_responses(user: User) -> models.QuerySet[Response]:
    """The enterprise those to its demands, a provider its own, a city those of its enterprises, officers all.

    Each with `unread`: how many messages of the other side the caller's side has not read.
    """
    rows = Response.objects.select_related("demand__enterprise", "provider")
    if not user.has(*OFFICERS):
        own_offers = Q(pk__in=[])
        if user.organisation.kind == OrganisationKind.PROVIDER:
            own_offers = Q(provider__organisation_id=user.organisation_id)
        rows = rows.filter(own_offers | _own(user, "demand__enterprise__"))
    return rows.annotate(unread=_unread(user))


def messages(response: Response) -> models.QuerySet[DemandMessage]:
    """The talk over a response, oldest first, each message with its files."""
    rows = DemandMessage.objects.filter(response=response).select_related("author__organisation")
    kept = DemandMessageFile.objects.select_related("file").order_by("pk")
    return rows.prefetch_related(Prefetch("files", kept)).order_by("pk")


def has_unread(response: Response, reader: Side) -> bool:
    """Whether the other side wrote something that `reader` has not read."""
    mark = ThreadMark.objects.filter(response=response, side=reader).first()
    unread = DemandMessage.objects.filter(response=response).exclude(side=reader)
    return (unread.filter(pk__gt=mark.read_to) if mark else unread).exists()


def visible_synonyms(user: User) -> models.QuerySet[Synonym]:
    """Officers only."""
    rows = Synonym.objects.select_related("proposed_by", "decided_by")
    return rows if user.has(*OFFICERS) else rows.none()


def confirmed_synonyms() -> models.QuerySet[Synonym]:
    """The operators' groups in use."""
    return Synonym.objects.filter(state=SynonymState.CONFIRMED)


def visible_missed(user: User) -> models.QuerySet[MissedSearch]:
    """Officers only."""
    rows = MissedSearch.objects.all()
    return rows if user.has(*OFFICERS) else rows.none()


def unanswered(day: date) -> models.QuerySet[Demand]:
    """Demands on the board that nobody has ever answered, in whatever state the answer is now."""
    return board(day).filter(~Exists(Response.objects.filter(demand=OuterRef("pk"))))


def _unread(user: User) -> models.Value | Coalesce:
    side = {OrganisationKind.ENTERPRISE: Side.ENTERPRISE, OrganisationKind.PROVIDER: Side.PROVIDER}.get(
        OrganisationKind(user.organisation.kind)
    )
    if side is None:
        return models.Value(0, output_field=models.IntegerField())
    mark = ThreadMark.objects.filter(response=OuterRef("response"), side=side, read_to__gte=OuterRef("pk"))
    new = DemandMessage.objects.filter(response=OuterRef("pk")).exclude(side=side).filter(~Exists(mark)).order_by()
    return Coalesce(Subquery(new.values("response").annotate(n=Count("pk")).values("n")), 0)


def _own(user: User | AnonymousUser, prefix: str) -> Q:
    """What belongs to the caller's own enterprise, or lies in his city; nothing for anybody else."""
    if not isinstance(user, User):
        return Q(pk__in=[])
    if user.has(Role.CITY):
        return Q(**{f"{prefix}region_code__startswith": user.organisation.city[:4]})
    if user.organisation.kind != OrganisationKind.ENTERPRISE:
        return Q(pk__in=[])
    return Q(**{f"{prefix}organisation_id": user.organisation_id})
