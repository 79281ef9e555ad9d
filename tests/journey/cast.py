"""Who plays: the offices, twelve enterprises of all four tiers, six providers with two products each."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from typing import Any

import yaml

from accounts import services as accounts
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from tests.factories.accounts import make_identity, make_uscc
from tests.journey.accreditation import Call, register_experts
from tests.journey.client import PASSWORD, Api, Caller, expect
from tests.journey.stage import Clock

PROVIDER_CAP = "120000.00"
PROVIDER_CAP_2027 = "40000.00"  # p6 rolls over 30000.00 and 15000.00: the second finds no room
BUDGET_2026 = "380000.00"
BUDGET_ADDED = "500000.00"
BUDGET_2027 = "300000.00"
TITLES = {  # tier by the first letter of the enterprise's name in the journey
    "e": ("ordinary", "50000.00", ("", "", "")),
    "g": ("growing", "100000.00", ("innovative_sme", "digital_workshop", "newly_listed")),
    "l": ("leading", "200000.00", ("region_champion", "smart_factory", "quality_benchmark")),
    "n": ("national", "300000.00", ("little_giant", "national_champion", "little_giant")),
}
SUB_TYPES = {
    "diagnosis": "digital_diagnosis", "digitalisation": "identifier", "innovation": "research",
    "testing": "smart_testing", "market": "brand",
}  # fmt: skip
CATEGORIES = ("digitalisation", "innovation", "testing", "market", "digitalisation", "innovation")
AIM = "查明短板，给出改造方案。"
AIMS = {
    ("p6", "diagnosis"): "查明数控设备联网和数据采集的短板，给出联网改造方案。"
}  # what a demand in September asks for
OFFICES = {
    OrganisationKind.CENTRE: ("促进中心", (Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER)),
    OrganisationKind.DEPARTMENT: ("工业和信息化厅", (Role.DEPARTMENT, Role.APPROVER)),
    OrganisationKind.FINANCE: ("财政厅", (Role.FINANCE,)),
}
# A second person where one case wants two of a role: who publishes a demand, decides anew, approves beside an appeal.
SECONDS = frozenset({Role.CENTRE_CHECKER, Role.DEPARTMENT, Role.APPROVER})


@dataclass
class Party:
    """An enterprise or a provider: its row, and the agent and signatory who act for it."""

    code: str
    name: str
    uscc: str
    id: str
    agent: Caller
    signatory: Caller
    products: dict[str, str] = field(default_factory=dict)


@dataclass
class Cast:
    """Everybody, by the short names the script uses."""

    api: Api
    co: Caller
    cr: Caller
    dp: Caller
    ap: Caller
    fn: Caller
    co2: Caller
    dp2: Caller
    ap2: Caller
    public: Caller
    enterprises: dict[str, Party] = field(default_factory=dict)
    providers: dict[str, Party] = field(default_factory=dict)
    experts: list[Caller] = field(default_factory=list)


def offices(api: Api) -> Cast:
    """The officers' accounts exist, one or two for each role; nobody registers those over HTTP."""
    people: dict[str, Caller] = {}
    for kind, (name, roles) in OFFICES.items():
        posts = [(role.lower(), role) for role in roles]
        posts += [(f"{role.lower()}2", role) for role in roles if role in SECONDS]
        staff = [Person(f"officer_{post}", PASSWORD, f"干部{post}", (role,), make_identity()) for post, role in posts]
        accounts.register_party(kind=kind, name=name, uscc=None, people=staff)
        people |= {post: Caller(api, f"officer_{post}") for post, _ in posts}
    return Cast(api, public=Caller(api), **people)


def open_year(cast: Cast, year: int, budget: str, **changes: Any) -> str:
    """The notice of the year is published; with `changes`, a second revision that takes its place. The budget stands."""
    notice = cast.dp.post("notices/", shipped=f"general-{year}")
    _publish(cast, notice["id"])
    if changes:
        content = yaml.safe_load(resources.files("programmes").joinpath("data", f"general-{year}.yaml").read_bytes())
        revised = cast.dp.act("notices", notice["id"], "revise", content=_as_text({**content, **changes}))
        _publish(cast, revised["id"])
        expect(cast.public.get(f"notices/{revised['id']}/")["revision"], 2, "修订后的通知版次")
    appropriate(cast, year, budget)
    return str(notice["id"])


def appropriate(cast: Cast, year: int, amount: str) -> None:
    """A budget document is recorded by the department and confirmed by the treasury."""
    number = f"桂财工交〔{year}〕{cast.api.key().rpartition('-')[2]}号"
    row = cast.dp.post("appropriations/", year=year, source_doc_no=number, amount=amount)
    cast.fn.act("appropriations", row["id"], "confirm")


def register_enterprises(cast: Cast) -> None:
    """Twelve enterprises stand on the roster with their titles, are registered, checked and confirmed."""
    for letter, (_, _, titles) in TITLES.items():
        for number, title in enumerate(titles, start=1):
            _register(cast, f"{letter}{number}", title == "newly_listed")
    _rosters(cast)
    for code, party in cast.enterprises.items():
        tier, quota, _ = TITLES[code[0]]
        party.signatory.act("enterprises", party.id, "submit", commitment=True)
        party.agent.get(f"enterprises/{party.id}/")
        cast.co.act("enterprises", party.id, "check")
        cast.cr.act("enterprises", party.id, "confirm")
        figures = party.agent.get(f"enterprises/{party.id}/quota/")
        expect((figures["tier_code"], figures["quota"]), (tier, quota), f"{party.name}的划型与额度")
        why = party.agent.get(f"enterprises/{party.id}/tier/explain/")
        expect(f"（{Decimal(quota):,.2f}元）" in why["result"], True, f"{party.name}划型依据的结果与额度一致")


def register_providers(cast: Cast, clock: Clock) -> None:
    """Six providers are listed for 2026 with an account, a diagnosis and another service each on the shelf."""
    for number in range(1, 7):
        _register_provider(cast, f"p{number}", number)
    cast.experts = register_experts(cast)
    call = Call(cast, clock, 2026, cast.experts)
    call.open("2026-01-04", "2026-01-04")
    for party in cast.providers.values():
        call.apply(party, "provider")
        for kind in ("diagnosis", "other"):
            call.apply(party, "product", _offer(party, kind))
    clock.to("2026-01-05")
    call.closed()
    shown = {}
    for kind, number in (("provider", "001"), ("product", "002")):
        call.judge(kind)
        shown[kind] = call.show(kind, "2026-01-05", "2026-01-12", f"厅网站公示2026-{number}")
    clock.to("2026-01-13")
    for kind, publicity in shown.items():
        call.enter(kind, publicity)


def list_for_2027(cast: Cast, clock: Clock) -> None:
    """All but p6 renew for 2027 in December; their year starts on 1 January."""
    call = Call(cast, clock, 2027, cast.experts)
    call.open("2026-12-01", "2026-12-01")
    for code, party in cast.providers.items():
        if code != "p6":
            call.apply(party, "provider", renew=True)
    clock.to("2026-12-02")
    call.closed()
    call.judge("provider")
    publicity = call.show("provider", "2026-12-04", "2026-12-11", "厅网站公示2026-088")
    clock.to("2026-12-14")
    call.enter("provider", publicity)


def _publish(cast: Cast, notice: str) -> None:
    cast.ap.act("notices", notice, "approve", reason="厅务会纪要〔2025〕31号")
    cast.dp.act("notices", notice, "publish")


def _as_text(value: Any) -> Any:
    """As JSON wants it: money, rates and dates are strings; counts stay numbers."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return value if isinstance(value, bool | int | str | None) else str(value)


def _people(code: str, agent: str, signatory: str) -> list[dict[str, Any]]:
    return [
        {"username": f"{code}_{one}", "password": PASSWORD, "name": f"{name}{code}", "roles": [role]}
        | {"identity_number": make_identity()}
        for one, name, role in (("agent", "经办", agent), ("signatory", "签署", signatory))
    ]


def _register(cast: Cast, code: str, newly_listed: bool) -> None:
    name, uscc = f"广西演练制造{code.upper()}有限公司", make_uscc()
    row = cast.public.post(
        "registrations/enterprise/",
        name=name,
        uscc=uscc,
        industry_code="3670",
        region_code="450103",
        address="南宁市青秀区演练路1号",
        registered_on="2012-05-08",
        listed_since="2025-03-01" if newly_listed else "2015-01-01",
        legal_representative=f"签署{code}",
        contact_name=f"联系人{code}",
        contact_phone="10012345678",
        contact_email=f"contact-{code}@example.com",
        bank_name="演练银行南宁分行",
        bank_account="0000001234567890",
        people=_people(code, "EO", "EL"),
    )
    cast.enterprises[code] = Party(
        code, name, uscc, row["id"], Caller(cast.api, f"{code}_agent"), Caller(cast.api, f"{code}_signatory")
    )


def _rosters(cast: Cast) -> None:
    listed = ["统一社会信用代码,企业名称,入规日期,退规日期"]
    titled = ["统一社会信用代码,称号,证书编号,认定机关,认定文号,有效期起,有效期止"]
    for code, party in cast.enterprises.items():
        title = TITLES[code[0]][2][int(code[1]) - 1]
        since = "2025-03-01" if title == "newly_listed" else "2015-01-01"
        listed.append(f"{party.uscc},{party.name},{since},")
        if title not in ("", "newly_listed"):
            titled.append(f"{party.uscc},{title},ZS-{code},认定机关,,2025-01-01,2028-12-31")
    for kind, lines in (("listed", listed), ("titles", titled)):
        roster = cast.co.upload(
            "registry/imports/",
            f"{kind}.csv",
            "\r\n".join(lines).encode(),
            kind=kind,
            source_document=f"演练名册 {kind}",
            as_of="2025-12-31",
        )
        cast.cr.act("registry/imports", roster["id"], "confirm")


def _register_provider(cast: Cast, code: str, number: int) -> None:
    name, uscc = f"广西演练服务{code.upper()}有限公司", make_uscc()
    row = cast.public.post(
        "registrations/provider/",
        name=name,
        uscc=uscc,
        region_code="450103",
        address="南宁市青秀区演练路8号",
        founded_on="2015-03-12",
        legal_representative=f"签署{code}",
        contact_name=f"联系人{code}",
        contact_phone="10087654321",
        contact_email=f"contact-{code}@example.com",
        introduction="演练服务商。",
        core_staff=26,
        clients_last_year=48,
        revenue_last_year="9600000.00",
        people=_people(code, "PO", "PL"),
    )
    party = Party(code, name, uscc, row["id"], Caller(cast.api, f"{code}_agent"), Caller(cast.api, f"{code}_signatory"))
    cast.providers[code] = party
    change_account(cast, party, f"000000987654{number:04d}")


def change_account(cast: Cast, party: Party, number: str) -> None:
    """The provider asks to be paid there, and the centre agrees."""
    account = party.signatory.post(
        "providers/accounts/",
        account_name=party.name,
        account_number=number,
        bank_name="演练银行南宁分行",
        line_no="000000000001",
    )
    cast.cr.act("providers/accounts", account["id"], "approve")


def _offer(party: Party, kind: str) -> str:
    """The first version of a product, drafted; the party knows its product by `kind`."""
    category = kind if kind == "diagnosis" else CATEGORIES[int(party.code[1]) - 1]
    row = party.agent.post(
        "products/",
        name=f"{party.code}的{'诊断' if kind == 'diagnosis' else '专项'}服务",
        category=category,
        sub_type=SUB_TYPES[category],
        aim=AIMS.get((party.code, kind), AIM),
        deliverables=["报告"],
        indicators=[{"name": "覆盖产线", "unit": "条", "target": "≥2", "method": "现场核对"}],
        min_days=1,
        max_days=700,
        price="12500.00",
        price_proof="近两年同类合同均价。",
    )
    party.products[kind] = row["product"]
    return str(row["id"])
