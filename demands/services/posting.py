"""The enterprise's side of a demand: writing it, submitting it, taking it back (第十八条第（三）项)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from credit import services as credit
from demands import content, policies
from demands.models import Demand
from demands.services import common
from demands.states import DEMAND_EDITABLE, DEMAND_SHOWN, DemandState
from engines.evidence import chain
from engines.evidence import services as evidence
from enterprises import policies as enterprise_rules
from enterprises.models import Enterprise
from foundation import clock, personal
from foundation.errors import Invalid, Refused, not_allowed, not_found, wrong_state
from foundation.locking import unit_of_work
from foundation.models import next_number
from foundation.money import yuan
from foundation.states import move
from programmes import selectors as programmes
from programmes.models import Notice

LABELS = {"title": "标题", "content": "需求服务内容"}


@dataclass(frozen=True)
class Wish:
    """What an enterprise looks for. Fees in 元, both optional; categories are codes of the notice, none: any."""

    title: str
    content: str
    contact_name: str
    contact_phone: str
    categories: tuple[str, ...] = ()
    fee_low: Decimal | None = None
    fee_high: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None


EDITABLE_FIELDS = frozenset(Wish.__dataclass_fields__)


def create(*, by: User, enterprise_id: UUID, wish: Wish) -> Demand:
    """A draft demand. Raises NOT_ALLOWED, UNKNOWN_CATEGORY, FEES_ORDER, DATES_ORDER, NOTICE_NOT_PUBLISHED."""
    with unit_of_work():
        enterprise = Enterprise.objects.filter(pk=enterprise_id).first()
        if enterprise is None:
            raise not_found("企业")
        if not policies.acts_for_enterprise(by, enterprise):
            raise not_allowed("发布需求")
        today = clock.today()
        demand = Demand(enterprise=enterprise, **{name: getattr(wish, name) for name in EDITABLE_FIELDS})
        _fit(demand, programmes.current_notice(today))
        demand.number = f"XQ-{today.year}-{next_number(f'demand-{today.year}'):06d}"
        evidence.record(demand, act="create", by=by, facts=facts(demand))
    return demand


def edit(*, by: User, demand_id: UUID, version: int, changes: Mapping[str, Any]) -> Demand:
    """The named fields of a draft or returned demand are as given. Raises NOTHING_TO_CHANGE and as `create`."""
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.acts_for_enterprise(by, demand.enterprise):
            raise not_allowed("修改需求")
        if demand.state not in DEMAND_EDITABLE:
            raise wrong_state("修改需求", demand.state, demand.get_state_display())
        given = {name: list(value) if name == "categories" else value for name, value in changes.items()}
        changed = {
            name: value for name, value in given.items() if name in EDITABLE_FIELDS and getattr(demand, name) != value
        }
        if not changed:
            raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
        for name, value in changed.items():
            setattr(demand, name, value)
        _fit(demand, programmes.current_notice(clock.today()))
        evidence.record(demand, act="edit", by=by, facts={"fields": sorted(changed), **facts(demand)})
    return demand


def submit(*, by: User, demand_id: UUID, version: int) -> Demand:
    """It waits for the check, with what the officer should look at noted on it.

    Raises ENTERPRISE_NOT_ACTIVE, and PERSONAL_DATA naming each field and kind found in it: what is public carries none.
    """
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.acts_for_enterprise(by, demand.enterprise):
            raise not_allowed("提交需求")
        require_active(demand)
        credit.refuse_restricted(demand.enterprise.uscc, "发布需求")
        _require_no_personal_data(demand)
        _fit(demand, programmes.current_notice(clock.today()))
        open_states = DEMAND_SHOWN | {DemandState.SUBMITTED}
        others = Demand.objects.filter(enterprise=demand.enterprise, state__in=open_states).exclude(pk=demand.pk)
        found = content.findings(demand.title, demand.content, live_titles=dict(others.values_list("number", "title")))
        move(demand, "submit", "提交需求")(by, clock.now(), [finding.as_dict() for finding in found])
        evidence.record(
            demand, act="submit", by=by, facts={**facts(demand), "findings": [finding.code for finding in found]}
        )
    return demand


def withdraw(*, by: User, demand_id: UUID, version: int, reason: str) -> Demand:
    """The enterprise takes it back; those who answered are told. Raises DEMAND_HAS_CONTRACT while one stands on it."""
    with unit_of_work():
        demand = common.lock_demand(demand_id, version)
        if not policies.acts_for_enterprise(by, demand.enterprise):
            raise not_allowed("撤回需求")
        if demand.contract is not None and demand.state == DemandState.MATCHING:
            raise Refused(
                "DEMAND_HAS_CONTRACT",
                f"该需求正在签订合同{demand.contract_number}，请先撤回合同草稿或拒签，再撤回需求。",
                contract=str(demand.contract),
                contract_number=demand.contract_number,
            )
        move(demand, "withdraw", "撤回需求")(reason)
        evidence.record(demand, act="withdraw", by=by, reason=reason)
        common.close_responses(demand, by=by, why=f"企业已撤回需求。{reason}")
    return demand


def require_active(demand: Demand) -> None:
    """Its enterprise may hold vouchers now. Raises ENTERPRISE_NOT_ACTIVE."""
    enterprise = demand.enterprise
    if not enterprise_rules.may_start_contract(enterprise):
        raise Refused(
            "ENTERPRISE_NOT_ACTIVE",
            f"企业当前状态为“{enterprise.get_state_display()}”，不能发布需求；通过资格审查或解除冻结后再办理（办法第十八条）。",
            state=str(enterprise.state),
        )


def facts(demand: Demand) -> dict[str, Any]:
    """What the chain keeps of a demand's words."""
    return {
        "number": demand.number,
        "notice": demand.notice.label,
        "categories": list(demand.categories),
        "content_sm3": chain.sm3(chain.canonical(demand.words)),
    }


def _fit(demand: Demand, notice: Notice) -> None:
    """Categories, fees and dates agree with the notice and each other; the notice is pinned."""
    demand.categories = sorted({notice.parsed.category(code).code for code in demand.categories})
    demand.notice = notice
    if demand.fee_low is not None and demand.fee_high is not None and demand.fee_low > demand.fee_high:
        raise Invalid(
            "FEES_ORDER",
            f"可接受服务费用下限{yuan(demand.fee_low)}高于上限{yuan(demand.fee_high)}，请对调或修改。",
            fee_low=f"{demand.fee_low:.2f}",
            fee_high=f"{demand.fee_high:.2f}",
        )
    if demand.starts_on is not None and demand.ends_on is not None and demand.starts_on > demand.ends_on:
        raise Invalid(
            "DATES_ORDER",
            f"期望完成日期{demand.ends_on}早于开始日期{demand.starts_on}，请修改。",
            starts_on=str(demand.starts_on),
            ends_on=str(demand.ends_on),
        )


def _require_no_personal_data(demand: Demand) -> None:
    personal.refuse(
        {"title": demand.title, "content": demand.content},
        labels=LABELS,
        because="需求将向社会公开展示",
        instead="请删去，联系方式填写在联系人栏，选定服务商后由平台提供给对方。",
    )
