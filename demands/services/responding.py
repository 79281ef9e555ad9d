"""A provider answers a demand with its quote; the enterprise chooses (第十八条第（四）项)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from accounts.models import User
from credit import services as credit
from demands import offers, policies, selectors
from demands.models import Demand, Response
from demands.services import common, contracting
from demands.states import RESPONSE_LIVE, DemandState, ResponseState
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Refused, not_allowed, not_found, wrong_state
from foundation.locking import unit_of_work
from foundation.money import yuan
from foundation.states import move
from providers import selectors as providers
from providers.models import Provider


@dataclass(frozen=True)
class Quote:
    """What a provider offers: the price in 元, tax included, so many days, how, and which of its products."""

    price: Decimal
    days: int
    proposal: str
    product_id: UUID | None = None


def respond(*, by: User, provider_id: UUID, demand_id: UUID, quote: Quote) -> Response:
    """The provider's quote lies with the enterprise.

    Raises NOT_FOUND for a demand that is not on the board or a product that is not its own on the shelf,
    NOT_ALLOWED, PROVIDER_NOT_LISTED, SAME_PARTY, DEMAND_MATCHING, RESPONSE_EXISTS.
    """
    with unit_of_work():
        provider = Provider.objects.filter(pk=provider_id).first()
        if provider is None:
            raise not_found("服务商")
        if not policies.acts_for_provider(by, provider):
            raise not_allowed("应答需求")
        demand = common.lock_demand(demand_id)
        _require_open(demand, provider)
        credit.refuse_restricted(provider.uscc, "应答需求")
        response = Response(
            demand=demand,
            provider=provider,
            price=quote.price,
            days=quote.days,
            proposal=quote.proposal,
            offered_by=by,
        )
        if quote.product_id is not None:
            _name_product(response, quote.product_id)
        try:
            evidence.record(response, act="offer", by=by, facts=_facts(response))
        except IntegrityError as error:  # two at once: the constraint's word counts
            if "response_one_live" not in str(error):
                raise
            raise _exists() from None
        common.tell_enterprise(demand, "收到服务商应答", f"{provider.name}报价{yuan(quote.price)}，{quote.days}天。")
    return response


def withdraw(*, by: User, response_id: UUID, version: int, reason: str) -> Response:
    """The provider takes its quote back; a demand that had taken it up is open again.

    Raises DEMAND_HAS_CONTRACT while the two draw up a contract on it.
    """
    with unit_of_work():
        demand, response = common.lock_response(response_id, version)
        if not policies.acts_for_provider(by, response.provider):
            raise not_allowed("撤回应答")
        _let_go(demand, response, by=by, what="撤回应答")
        move(response, "withdraw", "撤回应答")(reason)
        evidence.record(response, act="withdraw", by=by, reason=reason)
        common.tell_enterprise(demand, "服务商已撤回应答", f"{response.provider.name}：{reason}")
    return response


def shortlist(*, by: User, response_id: UUID, version: int) -> Response:
    """Among those the enterprise considers."""
    with unit_of_work():
        demand, response = common.lock_response(response_id, version)
        _require_enterprise(by, demand, "将应答列为入围")
        if response.state != ResponseState.OFFERED:  # one taken up goes back by itself when the deal fails
            raise wrong_state("将应答列为入围", response.state, response.get_state_display())
        move(response, "shortlist", "将应答列为入围")()
        evidence.record(response, act="shortlist", by=by)
        common.tell_provider(response, "贵机构的应答已入围", "企业可能与贵机构进一步沟通。")
    return response


def decline(*, by: User, response_id: UUID, version: int, reason: str) -> Response:
    """The enterprise will not go on with it; a demand that had taken it up is open again.

    Raises DEMAND_HAS_CONTRACT while the two draw up a contract on it.
    """
    with unit_of_work():
        demand, response = common.lock_response(response_id, version)
        _require_enterprise(by, demand, "不选用应答")
        _let_go(demand, response, by=by, what="不选用应答")
        move(response, "decline", "不选用应答")(reason)
        evidence.record(response, act="decline", by=by, reason=reason)
        common.tell_provider(response, "贵机构的应答未被选用", reason)
    return response


def take_up(*, by: User, response_id: UUID, version: int) -> Response:
    """The enterprise goes on with this provider: the demand is being matched, and the provider learns the contact.

    Raises WRONG_STATE once another response was taken up or the demand is over, PARTY_RESTRICTED when the credit
    file keeps one of the two out (第二十七条).
    """
    with unit_of_work():
        demand, response = common.lock_response(response_id, version)
        _require_enterprise(by, demand, "选定应答")
        for party in (demand.enterprise, response.provider):
            credit.refuse_restricted(party.uscc, "就需求对接签约")
        move(demand, "begin_matching", "选定应答")()
        move(response, "take_up", "选定应答")()
        evidence.record(demand, act="take_up", by=by, facts={"response": str(response.pk)})
        evidence.record(response, act="take_up", by=by)
        common.tell_provider(
            response,
            "贵机构的应答已被选定",
            f"请与{demand.enterprise.name}联系并起草合同；联系人和电话见应答详情。",
        )
    return response


def _require_open(demand: Demand, provider: Provider) -> None:
    today = clock.today()
    if not selectors.board(today).filter(pk=demand.pk).exists():
        raise not_found("需求")
    if provider.uscc == demand.enterprise.uscc:
        raise Refused("SAME_PARTY", "不得应答本单位发布的需求。")
    if not providers.is_listed(provider.pk, today):
        raise Refused(
            "PROVIDER_NOT_LISTED", f"贵机构不在{today.year}年度名单内，或已暂停服务资格，不能应答需求（办法第十五条）。"
        )
    if Response.objects.filter(demand=demand, provider=provider, state__in=RESPONSE_LIVE).exists():
        raise _exists()
    if demand.state != DemandState.PUBLISHED:
        raise Refused("DEMAND_MATCHING", "该需求已选定服务商，正在对接，暂不接受新的应答；对接未成会重新开放。")


def _name_product(response: Response, product_id: UUID) -> None:
    """The product offered is the provider's own and on the shelf; its name and list price are kept. Raises NOT_FOUND."""
    found = [offer for offer in offers.read([product_id]) if offer.provider_id == response.provider_id]
    if not found:
        raise not_found("本机构的在架产品")
    response.product_id = found[0].id
    response.product_name, response.list_price = found[0].name, found[0].price


def _let_go(demand: Demand, response: Response, *, by: User, what: str) -> None:
    """If it was this response that the demand had taken up, the demand is open again, unless a contract stands on it."""
    if response.state != ResponseState.TAKEN_UP:
        return
    if demand.contract is not None:
        raise Refused(
            "DEMAND_HAS_CONTRACT",
            f"双方正在就该需求签订合同{demand.contract_number}，请先撤回合同草稿或拒签，再{what}。",
            contract=str(demand.contract),
            contract_number=demand.contract_number,
        )
    contracting.open_again(demand, by=by, act="reopen", why=f"{what}，对接未成。", settled=response.pk)


def _require_enterprise(by: User, demand: Demand, what: str) -> None:
    if not policies.acts_for_enterprise(by, demand.enterprise):
        raise not_allowed(what)


def _facts(response: Response) -> dict[str, str]:
    facts = {"demand": str(response.demand_id), "price": f"{response.price:.2f}", "days": str(response.days)}
    if response.product_id is not None:
        facts |= {"product": str(response.product_id), "list_price": f"{response.list_price:.2f}"}
    return facts


def _exists() -> Refused:
    return Refused("RESPONSE_EXISTS", "贵机构对该需求已有一份有效应答；如要改价，请先撤回后重新应答。")
