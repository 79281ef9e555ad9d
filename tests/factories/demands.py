"""Demands, responses and synonyms for tests, made in the state itself with the evidence that backs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from factory.base import Factory

from accounts.models import User
from accounts.states import Role
from demands.models import Demand, Response, Synonym
from demands.services import responding, talking
from demands.states import DEMAND_PUBLISHED, DemandState, ResponseState, SynonymState
from engines.evidence import services as evidence
from foundation import clock
from tests.factories.accounts import TESTER, make_user
from tests.factories.enterprises import EnterpriseFactory, shared_officer
from tests.factories.providers import ProviderFactory, notice_of

_numbers = itertools.count(1)
SHOWN_DAYS = 90


class _DemandFactory(Factory[Any]):
    """A draft of an active enterprise; `state` any that needs no contract, with the people and days it implies.

    `shown_for` is how many days of its 90 are gone.
    """

    class Meta:
        model = Demand

    state = DemandState.DRAFT
    title = "求环境影响评价服务"
    content = "新建一条年产2万吨的铸造生产线，需编制环境影响报告表并协助报批。"
    contact_name = "李四"
    contact_phone = "10012345678"
    shown_for = 0

    @classmethod
    def _create(cls, model_class: type[Demand], *args: Any, shown_for: int, **fields: Any) -> Demand:
        enterprise = fields.pop("enterprise", None) or EnterpriseFactory(active=True)
        trail = _trail(fields["state"], enterprise, shown_for)
        row = model_class(
            enterprise=enterprise,
            notice=notice_of(clock.today().year),
            number=fields.pop("number", f"XQ-测试-{next(_numbers):06d}"),
            **{**trail, **fields},
        )
        evidence.record(row, act="create", by=TESTER)
        return row


class _ResponseFactory(Factory[Any]):
    """A quote of a listed provider to a demand on the board."""

    class Meta:
        model = Response

    state = ResponseState.OFFERED
    price = Decimal("48000.00")
    days = 60
    proposal = "现场踏勘、监测、编制报告表并陪同报批。"

    @classmethod
    def _create(cls, model_class: type[Response], *args: Any, **fields: Any) -> Response:
        demand = fields.pop("demand", None) or DemandFactory(state=DemandState.PUBLISHED)
        provider = fields.pop("provider", None) or ProviderFactory(listed=True)
        by = fields.pop("offered_by", None) or make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
        row = model_class(demand=demand, provider=provider, offered_by=by, **fields)
        evidence.record(row, act="offer", by=TESTER)
        return row


class _SynonymFactory(Factory[Any]):
    """A proposed group; `state=CONFIRMED` one in use."""

    class Meta:
        model = Synonym

    state = SynonymState.PROPOSED
    code = "kaizen"
    words = ("改善提案", "合理化建议")

    @classmethod
    def _create(cls, model_class: type[Synonym], *args: Any, **fields: Any) -> Synonym:
        if fields["state"] != SynonymState.PROPOSED:
            fields |= {"decided_by": shared_officer(Role.CENTRE_REVIEWER), "decided_at": clock.now()}
        row = model_class(proposed_by=shared_officer(Role.CENTRE_CHECKER), **{**fields, "words": list(fields["words"])})
        evidence.record(row, act="propose", by=TESTER)
        return row


DemandFactory = cast("Callable[..., Demand]", _DemandFactory)
ResponseFactory = cast("Callable[..., Response]", _ResponseFactory)
SynonymFactory = cast("Callable[..., Synonym]", _SynonymFactory)


def agent_of(demand: Demand) -> User:
    """An agent of the demand's enterprise, made when there is none."""
    organisation = demand.enterprise.organisation
    known = User.objects.filter(organisation=organisation, memberships__role=Role.ENTERPRISE_AGENT).first()
    return known or make_user(Role.ENTERPRISE_AGENT, organisation=organisation)


def taken_up(response: Response) -> Response:
    """The enterprise goes on with it."""
    return responding.take_up(by=agent_of(response.demand), response_id=response.pk, version=response.version)


def said(response: Response, text: str = "请问共有几条产线？") -> Any:
    """The enterprise writes to the provider."""
    return talking.say(by=agent_of(response.demand), response_id=response.pk, text=text)


def _trail(state: str, enterprise: Any, shown_for: int) -> dict[str, Any]:
    at = clock.now() - timedelta(days=shown_for)
    trail: dict[str, Any] = {}
    if state != DemandState.DRAFT:
        trail |= {
            "submitted_by": make_user(Role.ENTERPRISE_AGENT, organisation=enterprise.organisation),
            "submitted_at": at,
        }
    if state in DEMAND_PUBLISHED:
        trail |= {
            "checked_by": shared_officer(Role.CENTRE_CHECKER),
            "checked_at": at,
            "published_by": make_user(Role.CENTRE_CHECKER),
            "published_at": at,
            "shown_until": clock.local_date(at) + timedelta(days=SHOWN_DAYS),
        }
    if state in (DemandState.RETURNED, DemandState.WITHDRAWN, DemandState.TAKEN_DOWN):
        trail["reason"] = "测试理由"
    return trail
