"""Where one can go, by area. An address that does not exist is a mistake that the first request shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from accounts.states import ADMINISTRATORS, Role
from portal.kit.access import DECIDERS, OFFICES
from portal.kit.access import ENTERPRISE as ENTERPRISE_ROLES
from portal.kit.access import PROVIDER as PROVIDER_ROLES


@dataclass(frozen=True)
class Item:
    """One entry: words, icon, name of the address, and for whom (nobody named: everybody of the area).

    `also` are beginnings of addresses that lie elsewhere and belong to it.
    """

    label: str
    icon: str
    url: str
    roles: tuple[Role, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Entries that belong together; shut until one is in it."""

    label: str
    icon: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Entry:
    """An entry as a page shows it: `current` is where one is or what one is under."""

    label: str
    icon: str
    address: str
    current: bool


@dataclass(frozen=True)
class Section:
    """A group as a page shows it; without a label its entries stand by themselves."""

    label: str
    icon: str
    entries: list[Entry]

    @property
    def current(self) -> bool:
        return any(one.current for one in self.entries)


PUBLIC = (
    Item("首页", "home", "home"),
    Item("通知", "megaphone", "notices", also=("/calls/",)),
    Item("公示", "stamp", "publicities"),
    Item("需求大厅", "message", "board"),
    Item("服务产品", "box", "products"),
    Item("服务商", "building", "providers"),
    Item("办事指南", "book", "guides"),
)
# what every organisation has (portal.parties.house)
_HOUSE = (
    Item("人员与角色", "users", "people"),
    Item("信用", "shield", "credit", also=("/my/complaints/",)),
    Item("合同档案", "folder", "archives"),
    Item("消息", "bell", "messages", also=("/my/webhooks/",)),
    Item("我的账号", "user", "account"),
)
ENTERPRISE = (
    Item("工作台", "gauge", "enterprise:home"),
    Item("用券额度", "ticket", "enterprise:quota"),
    Item("划型依据", "award", "enterprise:passport", also=("/e/disputes/",)),
    Item("我的需求", "megaphone", "enterprise:demands"),
    Item("洽谈", "message", "responses"),
    Item("服务合同", "file", "contracts"),
    Item("支付与票据", "wallet", "contract-payments", also=("/contracts/invoices/",)),
    Item("企业资料", "factory", "enterprise:profile", also=("/e/relations/",)),
    *_HOUSE,
)
PROVIDER = (
    Item("工作台", "gauge", "provider:home"),
    Item("资格认定", "award", "provider:applications"),
    Item("服务产品", "box", "provider:products"),
    Item("需求对接", "megaphone", "provider:demands"),
    Item("洽谈", "message", "responses"),
    Item("服务合同", "file", "contracts"),
    Item("支付与票据", "wallet", "contract-payments", also=("/contracts/invoices/",)),
    Item("兑付申请", "coins", "provider:claims"),
    Item("收款账户", "bank", "provider:accounts"),
    Item("履约表现", "chart", "provider:performance"),
    Item("整改与申辩", "flag", "provider:standing"),
    Item("机构资料", "building", "provider:profile"),
    *_HOUSE,
)
_READING = (*DECIDERS, Role.CITY)
_PLATFORM = tuple(role for role in Role if role in ADMINISTRATORS)
_WATCHING = (Role.SUPERVISOR, Role.CITY, *_PLATFORM)  # to whom no case comes
_WORKING = (*(role for role in DECIDERS if role not in _WATCHING), Role.EXPERT)
_OBJECTIONS = (Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER, Role.SUPERVISOR)
TRAIL = "/o/trail/"  # the chain of one record, by its table: under the entry that the record itself is under
OFFICER: tuple[Item | Group, ...] = (
    Item("待办", "inbox", "officer:home", _WORKING),
    Item("工作台", "gauge", "officer:home", _WATCHING),
    Group(
        "企业",
        "factory",
        (
            Item("企业登记", "factory", "officer:enterprises", _READING, also=(TRAIL + "enterprises_enterprise",)),
            Item("额度调整", "scale", "officer:adjustments", DECIDERS, also=(TRAIL + "enterprises_quotaadjustment",)),
            Item("划型异议", "flag", "officer:disputes", _READING, also=(TRAIL + "enterprises_passportdispute",)),
            Item(
                "关联方申报",
                "users",
                "officer:declarations",
                _READING,
                also=(TRAIL + "enterprises_relationdeclaration",),
            ),
            Item(
                "企业称号",
                "award",
                "officer:titles",
                DECIDERS,
                also=("/o/registry/record-title/", TRAIL + "registry_titleholding"),
            ),
            Item(
                "名册导入",
                "database",
                "officer:rosters",
                DECIDERS,
                also=("/o/registry/upload-roster/", TRAIL + "registry_rosterimport"),
            ),
        ),
    ),
    Group(
        "服务商与产品",
        "building",
        (
            Item(
                "征集与认定",
                "megaphone",
                "officer:rounds",
                DECIDERS,
                also=("/o/panels/", TRAIL + "accreditation_panel", TRAIL + "accreditation_round"),
            ),
            Item(
                "认定申请",
                "stamp",
                "officer:applications",
                (*_READING, Role.EXPERT),
                also=(TRAIL + "accreditation_application",),
            ),
            Item(
                "评分表", "pen", "officer:sheets", (*DECIDERS, Role.EXPERT), also=(TRAIL + "accreditation_scoresheet",)
            ),
            Item("专家库", "user", "officer:experts", DECIDERS, also=(TRAIL + "accreditation_expert",)),
        ),
    ),
    Group(
        "公示",
        "stamp",
        (
            Item("公示名单", "book", "officer:publicities", DECIDERS, also=(TRAIL + "publicity_publicity",)),
            Item("公示异议", "message", "officer:objections", _OBJECTIONS, also=(TRAIL + "publicity_objection",)),
        ),
    ),
    Group(
        "需求与合同",
        "handshake",
        (
            Item("企业需求", "cart", "officer:demands", _READING, also=(TRAIL + "demands_demand",)),
            Item("供需覆盖", "chart", "officer:coverage", _READING),
            Item("检索词", "search", "officer:synonyms", DECIDERS),
            Item("合同巡查", "eye", "officer:contracts", _READING, also=("/contracts/", TRAIL + "contracts_")),
            Item("关联交易核准", "link", "permits", DECIDERS, also=(TRAIL + "contracts_relatedpermit",)),
        ),
    ),
    Group(
        "兑付与资金",
        "wallet",
        (
            Item("兑付申请", "ticket", "officer:claims", _READING, also=(TRAIL + "settlement_claim",)),
            Item("兑付申诉", "gavel", "officer:appeals", DECIDERS, also=(TRAIL + "settlement_appeal",)),
            Item("兑付批次", "wallet", "officer:batches", DECIDERS, also=(TRAIL + "settlement_batch",)),
            Item("支付单", "receipt", "officer:payouts", DECIDERS, also=(TRAIL + "settlement_payoutorder",)),
            Item(
                "收款账户",
                "coins",
                "officer:settlement-accounts",
                DECIDERS,
                also=(TRAIL + "providers_settlementaccount",),
            ),
            Item(
                "预算台账",
                "bank",
                "officer:budget",
                DECIDERS,
                also=(
                    "/o/appropriations/",
                    "/o/suspensions/",
                    TRAIL + "programmes_appropriation",
                    TRAIL + "programmes_suspension",
                ),
            ),
            Item("服务商上限", "gauge", "officer:caps", DECIDERS),
        ),
    ),
    Group(
        "监督与信用",
        "shield",
        (
            Item("投诉", "phone", "officer:complaints", _READING, also=(TRAIL + "credit_complaint",)),
            Item("信用记录", "shield", "officer:credit-records", DECIDERS, also=(TRAIL + "credit_creditrecord",)),
            Item("禁止申报", "lock", "officer:bars", DECIDERS, also=(TRAIL + "providers_bar",)),
        ),
    ),
    Group(
        "规则与统计",
        "book",
        (
            Item("年度通知", "megaphone", "officer:notices", DECIDERS, also=(TRAIL + "programmes_notice",)),
            Item("统计与绩效", "chart", "officer:statistics", _READING),
            Item("企业档案", "folder", "officer:enterprise-files", _READING),
            Item("服务商档案", "building", "officer:provider-files", _READING, also=(TRAIL + "providers_",)),
            Item("通知收悉", "mail", "officer:announcements", DECIDERS),
        ),
    ),
    Group(
        "平台管理",
        "key",
        (
            Item("人员账号", "users", "officer:people", _PLATFORM),
            Item("组织", "building", "officer:organisations", _PLATFORM),
            Item("审计日志", "database", "officer:audit", (Role.AUDITOR,), also=(TRAIL,)),
            Item("回调地址", "link", "webhooks", (*DECIDERS, Role.SYSTEM_ADMIN)),
            Item("外发记录", "send", "officer:deliveries", (Role.SYSTEM_ADMIN,)),
        ),
    ),
    Item("消息", "bell", "messages", also=("/o/deliveries", "/my/webhooks")),
    Item("我的账号", "user", "account", also=("/o/experts",)),  # an expert's own entry
)
# in the order in which the area of a person is found
_OF: tuple[tuple[tuple[Role, ...], Sequence[Item | Group]], ...] = (
    (ENTERPRISE_ROLES, ENTERPRISE),
    (PROVIDER_ROLES, PROVIDER),
    (OFFICES, OFFICER),
)


def top(path: str) -> list[Entry]:
    """What everybody may open, with where `path` is: the entry that it is or that it lies under."""
    addresses = {one: reverse(one.url) for one in PUBLIC}
    return [Entry(one.label, one.icon, address, _is_under(path, one, address)) for one, address in addresses.items()]


def _is_under(path: str, item: Item, address: str) -> bool:
    return path == address if address == "/" else path.startswith((address, *item.also))


def side(user: User, path: str) -> list[Section]:
    """What the person may open, in sections, with where `path` is: the longest address that it begins with."""
    menu: Sequence[Item | Group] = next((menu for roles, menu in _OF if user.has(*roles)), ())
    groups = [one if isinstance(one, Group) else Group("", "", (one,)) for one in menu]
    open_to = [(group, [one for one in group.items if not one.roles or user.has(*one.roles)]) for group in groups]
    addresses = {one: reverse(one.url) for _, items in open_to for one in items}
    begins = [(at, one) for one, address in addresses.items() for at in (address, *one.also) if path.startswith(at)]
    under = max(begins, key=lambda pair: len(pair[0]), default=("", None))[1]
    return [
        Section(
            group.label,
            group.icon,
            [Entry(one.label, one.icon, addresses[one], one is under) for one in items],
        )
        for group, items in open_to
        if items
    ]
