"""Who is in the sample: one account for each role, and a few more parties."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.states import OrganisationKind as Kind
from accounts.states import Role

PASSWORD = "Guangxi-2026"  # noqa: S105  the sample's, printed at every start; never in production


@dataclass(frozen=True)
class Account:
    """A sample account: who signs in, for whom, as what."""

    username: str
    name: str
    role: Role
    person: int  # each natural person has another number: the made-up identity number follows from it


SECOND_CHECKER = "centre-checker-2"  # a demand is checked by one and published by another
OFFICES: dict[Kind, tuple[str, tuple[Account, ...]]] = {
    Kind.CENTRE: (
        "广西工业促进和中小企业服务中心",
        (
            Account("centre-checker", "陈经办", Role.CENTRE_CHECKER, 1),
            Account(SECOND_CHECKER, "卢经办", Role.CENTRE_CHECKER, 15),
            Account("centre-reviewer", "覃复核", Role.CENTRE_REVIEWER, 2),
        ),
    ),
    Kind.DEPARTMENT: (
        "自治区工业和信息化厅",
        (Account("department", "韦处长", Role.DEPARTMENT, 3), Account("approver", "黄厅长", Role.APPROVER, 4)),
    ),
    Kind.FINANCE: ("自治区财政厅", (Account("finance", "梁财政", Role.FINANCE, 5),)),
    Kind.SUPERVISOR: ("第三方监督机构", (Account("supervisor", "农监督", Role.SUPERVISOR, 6),)),
    Kind.CITY: ("南宁市工业和信息化局", (Account("nanning", "蒙市级", Role.CITY, 7),)),
    Kind.PLATFORM: (
        "平台运维",
        (
            Account("system-admin", "系统员", Role.SYSTEM_ADMIN, 8),
            Account("security-admin", "安全员", Role.SECURITY_ADMIN, 9),
            Account("auditor", "审计员", Role.AUDITOR, 10),
        ),
    ),
}
ENTERPRISE = (
    Account("enterprise-agent", "李经办", Role.ENTERPRISE_AGENT, 11),
    Account("enterprise-signatory", "李法人", Role.ENTERPRISE_SIGNATORY, 12),
)
PROVIDER = (
    Account("provider-agent", "周经办", Role.PROVIDER_AGENT, 13),
    Account("provider-signatory", "周法人", Role.PROVIDER_SIGNATORY, 14),
)

EXPERT_UNIT = "广西示例大学"
EXPERTS = tuple(Account(f"expert-{n}", f"专家{n}", Role.EXPERT, 50 + n) for n in range(1, 6))


@dataclass(frozen=True)
class Firm:
    """A made-up enterprise: city prefix, industry (GB/T 4754) and the title that tiers it."""

    name: str
    city: str
    industry: str
    title: str


FIRMS = (
    Firm("广西南宁瑾葳电子有限公司", "4501", "3971", "little_giant"),
    Firm("广西柳州珅茂汽车零部件有限公司", "4502", "3670", "region_specialised_sme"),
    Firm("广西玉林笙禾食品有限公司", "4509", "1411", "innovative_sme"),
    Firm("广西梧州砚澜建材有限公司", "4504", "3031", ""),
)


@dataclass(frozen=True)
class Offering:
    """A product of a sample provider: price in 元."""

    name: str
    category: str
    price: str


HOUSES = (
    (
        "广西睿诊数智服务有限公司",
        (Offering("数字化转型诊断", "diagnosis", "12500.00"), Offering("设备上云改造", "digitalisation", "60000.00")),
    ),
    ("广西衡析检测技术有限公司", (Offering("智能产线数字测量", "testing", "48000.00"),)),
)


def everyone() -> list[tuple[str, Account]]:
    """Every account with the organisation it acts for, in the order of the 办法's roles."""
    offices = [(name, account) for name, accounts in OFFICES.values() for account in accounts]
    enterprise = [(FIRMS[0].name, account) for account in ENTERPRISE]
    provider = [(HOUSES[0][0], account) for account in PROVIDER]
    return [*enterprise, *provider, *offices, (f"评审专家（{EXPERT_UNIT}）", EXPERTS[0])]
