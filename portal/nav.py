"""Where one can go, by area. An address that does not exist yet is a mistake that the first request shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.states import Role
from portal.kit.access import ENTERPRISE as ENTERPRISE_ROLES
from portal.kit.access import OFFICES
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
OFFICER = (Item("待办", "inbox", "officer:home"),)
# in the order in which the area of a person is found
_OF = ((ENTERPRISE_ROLES, "enterprise"), (PROVIDER_ROLES, "provider"), (OFFICES, "officer"))
AREAS: dict[str, Sequence[Item]] = {"enterprise": ENTERPRISE, "provider": PROVIDER, "officer": OFFICER}


def side(user: User) -> list[Item]:
    """The entries of the person's own area that the person may open."""
    area = next((area for roles, area in _OF if user.has(*roles)), "")
    return [one for one in AREAS.get(area, ()) if not one.roles or user.has(*one.roles)]
