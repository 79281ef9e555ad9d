"""The automatic check of a registration (第三条, 第六条, 第十八条): each point with its value and source. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from foundation.errors import Invalid
from foundation.names import same_name
from registry import uscc as uscc_rules
from registry.reference import industries, regions

Result = Literal["ok", "warning", "fail"]
OK: Result = "ok"
WARNING: Result = "warning"
FAIL: Result = "fail"
LISTED = "listed"
DISHONEST = "dishonest"


@dataclass(frozen=True)
class Check:
    """One point: what was looked at, where, and what it means."""

    code: str
    label: str
    value: str
    source: str
    result: Result
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Claim:
    """What the enterprise says of itself."""

    name: str
    uscc: str
    industry_code: str
    region_code: str


@dataclass(frozen=True)
class Known:
    """What the registry says of that code on the day."""

    roster_name: str | None = None
    roster_since: date | None = None
    roster_source: str = "规上企业名录"
    dishonest_basis: str | None = None
    dishonest_source: str = "严重失信主体名单"


def examine(claim: Claim, known: Known) -> list[Check]:
    """Every point checked, in a fixed order, none left out because another failed."""
    return [
        *_uscc(claim),
        _industry(claim),
        _region(claim),
        *_roster(claim, known),
        _dishonest(known),
    ]


def failing(checks: list[Check]) -> list[Check]:
    """Those that refuse the submission."""
    return [check for check in checks if check.result == FAIL]


def is_doubtful(checks: list[Check]) -> bool:
    """True when a person has to look closer."""
    return any(check.result == WARNING for check in checks)


def _uscc(claim: Claim) -> list[Check]:
    source = "GB 32100-2015"
    try:
        found = uscc_rules.check(claim.uscc)
    except Invalid as error:
        return [Check("uscc", "统一社会信用代码", claim.uscc, source, FAIL, error.message)]
    checks = [Check("uscc", "统一社会信用代码", found.code, source, OK, "校验码相符。")]
    return checks + [
        Check(f"uscc_{warned.code.lower()}", "统一社会信用代码", found.code, source, WARNING, warned.message)
        for warned in found.warnings
    ]


def _industry(claim: Claim) -> Check:
    division = industries().get(claim.industry_code[:2])
    source = "GB/T 4754-2017"
    if division is None or not (len(claim.industry_code) == 4 and claim.industry_code.isdecimal()):
        message = f"行业代码 {claim.industry_code} 不属于制造业（第13至43大类），不符合第三条、第六条。"
        return Check("industry", "行业", claim.industry_code, source, FAIL, message)
    return Check("industry", "行业", f"{claim.industry_code} {division.name}", source, OK, "属于制造业。")


def _region(claim: Claim) -> Check:
    region = regions().get(claim.region_code)
    if region is not None and region.city_code:
        return Check("region", "所在地", f"{region.code} {region.name}", "GB/T 2260", OK, "在区内。")
    message = f"区划代码 {claim.region_code} 不是区内的市、县（45开头），请核对是否在区内登记。"
    return Check("region", "所在地", claim.region_code, "GB/T 2260", WARNING, message)


def _roster(claim: Claim, known: Known) -> list[Check]:
    label, source = "规上名录", known.roster_source
    if known.roster_name is None:
        return [Check(LISTED, label, "未查到", source, WARNING, "规上企业名录中未查到该代码，请人工核对。")]
    since = f"，{known.roster_since.isoformat()}入库" if known.roster_since else ""
    checks = [Check(LISTED, label, f"{known.roster_name}{since}", source, OK, "在规上企业名录中。")]
    if not same_name(claim.name, known.roster_name):
        message = f"填报名称与名录所载“{known.roster_name}”不一致，请核对。"
        checks.append(Check("roster_name", "企业名称", claim.name, source, WARNING, message))
    return checks


def _dishonest(known: Known) -> Check:
    label, source = "严重失信", known.dishonest_source
    if known.dishonest_basis is None:
        return Check(DISHONEST, label, "未列入", source, OK, "未列入严重失信主体名单。")
    message = f"已列入严重失信主体名单（{known.dishonest_basis}），不符合第六条第（一）项第3目。"
    return Check(DISHONEST, label, known.dishonest_basis, source, FAIL, message)
