"""Where one can go, by area. An address that does not exist yet is a mistake that the first request shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.states import ADMINISTRATORS, Role
from portal.kit.access import DECIDERS, OFFICES
from portal.kit.access import ENTERPRISE as ENTERPRISE_ROLES
from portal.kit.access import PROVIDER as PROVIDER_ROLES


@dataclass(frozen=True)
class Item:
    """One entry: words, icon, name of the address, and for whom (nobody named: everybody of the area)."""

    label: str
    icon: str
    url: str
    roles: tuple[Role, ...] = ()


PUBLIC = (
    Item("首页", "home", "home"),
    Item("通知", "megaphone", "notices"),
    Item("公示", "stamp", "publicities"),
    Item("需求大厅", "message", "board"),
    Item("服务产品", "box", "products"),
    Item("服务商", "building", "providers"),
    Item("办事指南", "book", "guides"),
)
ENTERPRISE = (
    Item("工作台", "gauge", "enterprise:home"),
    Item("服务合同", "file", "contracts"),
)
PROVIDER = (
    Item("工作台", "gauge", "provider:home"),
    Item("资格认定", "award", "provider:applications"),
    Item("服务产品", "box", "provider:products"),
    Item("需求对接", "megaphone", "provider:demands"),
    Item("服务合同", "file", "contracts"),
    Item("兑付申请", "coins", "provider:claims"),
    Item("收款账户", "bank", "provider:accounts"),
    Item("履约表现", "chart", "provider:performance"),
    Item("整改与申辩", "flag", "provider:complaints"),
    Item("机构资料", "building", "provider:profile"),
)
_READING = (*DECIDERS, Role.CITY)
OFFICER = (
    Item("待办", "inbox", "officer:home"),
    Item("企业", "factory", "officer:enterprises", _READING),
    Item("额度调整", "scale", "officer:adjustments", DECIDERS),
    Item("划型异议", "flag", "officer:disputes", _READING),
    Item("关联方申报", "users", "officer:declarations", _READING),
    Item("兑付申请", "ticket", "officer:claims", _READING),
    Item("兑付申诉", "gavel", "officer:appeals", DECIDERS),
    Item("兑付批次", "wallet", "officer:batches", DECIDERS),
    Item("支付单", "receipt", "officer:payouts", DECIDERS),
    Item("预算台账", "bank", "officer:budget", DECIDERS),
    Item("服务商上限", "gauge", "officer:caps", DECIDERS),
    Item("收款账户", "coins", "officer:settlement-accounts", DECIDERS),
    Item("年度通知", "megaphone", "officer:notices", DECIDERS),
    Item("企业档案", "folder", "officer:enterprise-files", _READING),
    Item("服务商档案", "building", "officer:provider-files", _READING),
    Item("统计", "chart", "officer:statistics", _READING),
    Item("通知收悉", "mail", "officer:announcements", DECIDERS),
    Item("人员账号", "users", "officer:people", tuple(sorted(ADMINISTRATORS))),
    Item("组织", "building", "officer:organisations", tuple(sorted(ADMINISTRATORS))),
    Item("审计日志", "database", "officer:audit", (Role.AUDITOR,)),
    Item("回调地址", "link", "officer:webhooks", (*DECIDERS, Role.SYSTEM_ADMIN)),
    Item("外发记录", "send", "officer:deliveries", (Role.SYSTEM_ADMIN,)),
)
# in the order in which the area of a person is found
_OF = ((ENTERPRISE_ROLES, "enterprise"), (PROVIDER_ROLES, "provider"), (OFFICES, "officer"))
AREAS: dict[str, Sequence[Item]] = {"enterprise": ENTERPRISE, "provider": PROVIDER, "officer": OFFICER}


def side(user: User) -> list[Item]:
    """The entries of the person's own area that the person may open."""
    area = next((area for roles, area in _OF if user.has(*roles)), "")
    return [one for one in AREAS.get(area, ()) if not one.roles or user.has(*one.roles)]
