"""The gates of the platform: what a blocked party tries, as itself or through an officer, at every address (第二十七条)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import User
from accounts.states import OrganisationKind, Role
from accreditation.states import CaseKind, RoundKind
from credit.models import CreditRecord
from credit.services import records
from demands.states import DemandState
from enterprises.services import checking, registration, standing
from foundation import clock
from providers.services import shelf
from providers.services import standing as listings
from tests.factories.accounts import Caller, make_identity, make_uscc, make_user, officer
from tests.factories.accreditation import POINTS, make_call, make_case, make_experts, opened, under_review
from tests.factories.contracts import make_contract, make_parties
from tests.factories.credit import make_record
from tests.factories.demands import DemandFactory, ResponseFactory, agent_of
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.providers import ProductFactory, ProviderFactory, notice_of
from tests.factories.settlement import make_batch, make_claim, make_payout
from tests.providers.support import offer

NAME, KIND = "广西测试有限公司", OrganisationKind.PROVIDER


@dataclass(frozen=True)
class Gate:
    """A POST under /api/v1/ of `by` (None: nobody signed in) that begins something new with the party of `uscc`."""

    uscc: str
    by: User | None
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    kind: str = KIND

    def knock(self) -> Any:
        return Caller(self.by).act(self.path, self.body)


@contextmanager
def kept_out(uscc: str, kind: str = KIND) -> Iterator[CreditRecord]:
    """Inside, a record keeps the party out until tomorrow; afterwards it was repaired."""
    record = make_record(uscc=uscc, until=clock.today() + timedelta(days=1), party_name=NAME, party_kind=kind)
    yield record
    if record.organisation is None:  # nobody there who could ask for repair
        records.correct(by=officer(Role.DEPARTMENT), record_id=record.pk, version=record.version, reason="有误")
        return
    role = Role.PROVIDER_SIGNATORY if record.party_kind == KIND else Role.ENTERPRISE_SIGNATORY
    signatory = make_user(role, organisation=record.organisation)
    records.ask_repair(by=signatory, record_id=record.pk, version=record.version, text="已整改")
    records.repair(by=officer(Role.DEPARTMENT), record_id=record.pk, version=record.version + 1, reason="整改到位")


def people(*roles: str) -> list[dict[str, Any]]:
    return [
        {"username": f"zhao{role}".lower(), "password": "Choose-your-own-1", "name": "赵六",
         "identity_number": make_identity(), "roles": [role]}
        for role in roles
    ]  # fmt: skip


ENTERPRISE = {
    "industry_code": "3670", "region_code": "450203", "address": "柳州市鱼峰区示例路8号", "registered_on": "2012-05-08",
    "legal_representative": "张三", "contact_name": "李四", "contact_phone": "10012345678",
    "bank_name": "示例银行柳州分行", "bank_account": "0000001234567890",
}  # fmt: skip
PROVIDER = {
    "region_code": "450103", "address": "南宁市青秀区示例路8号", "founded_on": "2015-03-12",
    "legal_representative": "王五", "contact_name": "赵六", "contact_phone": "10087654321", "core_staff": 26,
    "clients_last_year": 48, "revenue_last_year": "9600000.00",
}  # fmt: skip


def register_enterprise() -> Gate:
    code = make_uscc()
    body = {"name": NAME, "uscc": code, **ENTERPRISE, "people": people("EO", "EL")}
    return Gate(code, None, "registrations/enterprise/", body, OrganisationKind.ENTERPRISE)


def register_own_enterprise() -> Gate:
    by = make_user(Role.ENTERPRISE_AGENT)
    return Gate(by.organisation.uscc or "", by, "enterprises/", ENTERPRISE)


def _enterprise(act: str, by: Callable[[Any], User], state: str = "draft", **body: Any) -> Gate:
    notice_of(clock.today().year)
    row = EnterpriseFactory(active=state == "frozen", listed=True)
    el = make_user(Role.ENTERPRISE_SIGNATORY, organisation=row.organisation)
    if state == "frozen":
        row = standing.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="核查")
    if state in ("checked", "rejected"):
        row = registration.submit(by=el, enterprise_id=row.pk, version=row.version)
        do = checking.check if state == "checked" else checking.reject
        row = do(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version, reason="见附件")
    return Gate(row.uscc, by(row) or el, f"enterprises/{row.pk}/{act}/", {"version": row.version, **body})


def register_provider() -> Gate:
    code = make_uscc()
    return Gate(
        code, None, "registrations/provider/", {"name": NAME, "uscc": code, **PROVIDER, "people": people("PO", "PL")}
    )


def register_own_provider() -> Gate:
    by = make_user(Role.PROVIDER_AGENT)
    return Gate(by.organisation.uscc or "", by, "providers/", PROVIDER)


def resume_listing() -> Gate:
    dp, provider = officer(Role.DEPARTMENT), ProviderFactory(listed=True)
    row = provider.listings.get()
    row = listings.suspend(by=dp, listing_id=row.pk, version=row.version, reason="核查")
    body = {"version": row.version, "reason": "已核实"}
    return Gate(provider.uscc, dp, f"providers/listings/{row.pk}/resume/", body)


def resume_product() -> Gate:
    dp, product = officer(Role.DEPARTMENT), ProductFactory(on_shelf=True)
    row = shelf.suspend(by=dp, product_id=product.pk, version=product.version, reason="核查")
    return Gate(product.provider.uscc, dp, f"products/{row.pk}/resume/", {"version": row.version, "reason": "已核实"})


def apply() -> Gate:
    call, provider = make_call(kind=RoundKind.PROVIDERS), ProviderFactory()
    by = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    return Gate(provider.uscc, by, "accreditation/applications/", {"round": str(call.pk), "kind": "provider"})


def create_product() -> Gate:
    provider = ProviderFactory(listed=True)
    by = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    sent = {name: value for name, value in asdict(offer()).items() if name != "proof_files"}
    return Gate(provider.uscc, by, "products/", {**sent, "price": "12500.00"})


def _product(act: str, **body: Any) -> Gate:
    product = ProductFactory(on_shelf=True)
    by = make_user(Role.PROVIDER_SIGNATORY, Role.PROVIDER_AGENT, organisation=product.provider.organisation)
    return Gate(product.provider.uscc, by, f"products/{product.pk}/{act}/", {"version": product.version, **body})


def _case(act: str, state: str, by: str, **body: Any) -> Gate:
    case = make_case(state)
    findings = case.findings() if act == "check" else None
    who = case.pl if by == "pl" else getattr(case.desk, by)
    sent = {"version": case.at.version, **body, **({"findings": findings} if findings else {})}
    return Gate(case.at.provider.uscc, who, f"accreditation/applications/{case.pk}/{act}/", sent)


def submit_product() -> Gate:
    product = ProductFactory(provider=ProviderFactory(listed=True))
    case = make_case("filled", product=product)
    body = {"version": case.at.version, "commitment": True}
    return Gate(product.provider.uscc, case.pl, f"accreditation/applications/{case.pk}/submit/", body)


def draw_named() -> Gate:
    call = make_call(kind=RoundKind.PROVIDERS)
    case = make_case("accepted", call=call)
    make_experts(5)
    call.closed()
    body = {"version": call.at.version, "kind": "provider", "applications": [str(case.pk)]}
    return Gate(case.at.provider.uscc, call.desk.co, f"accreditation/rounds/{call.pk}/draw/", body)


def _sheet(act: str) -> Gate:
    _, [case] = under_review()
    sheet = case.sheets()[0]
    body: dict[str, Any] = {"conflict": False}
    if act == "sign":
        opened(sheet)
        given = [{"code": code, "points": value} for code, value in POINTS[CaseKind.PROVIDER].items()]
        body = {"points": given, "vote": True, "comment": "材料属实。"}
    version = case.sheets()[0].version
    return Gate(
        case.at.provider.uscc, sheet.expert.user, f"accreditation/score-sheets/{sheet.pk}/{act}/",
        {"version": version, **body},
    )  # fmt: skip


def approve_list() -> Gate:
    call, [case] = under_review()
    case.scored()
    call.recommended()
    body = {"version": call.at.version, "kind": "provider", "approval_no": "桂工信纪要〔2026〕3号"}
    return Gate(case.at.provider.uscc, call.desk.ap, f"accreditation/rounds/{call.pk}/approve-list/", body)


def submit_demand() -> Gate:
    row = DemandFactory()
    return Gate(row.enterprise.uscc, agent_of(row), f"demands/{row.pk}/submit/", {"version": row.version})


def publish_demand() -> Gate:
    row, checker = DemandFactory(state=DemandState.SUBMITTED), officer(Role.CENTRE_CHECKER)
    assert Caller(checker).act(f"demands/{row.pk}/check/", {"version": row.version}).status_code == 200
    by = officer(Role.CENTRE_CHECKER)
    return Gate(row.enterprise.uscc, by, f"demands/{row.pk}/publish/", {"version": row.version + 1})


def respond() -> Gate:
    demand, provider = DemandFactory(state=DemandState.PUBLISHED), ProviderFactory(listed=True)
    by = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    body = {"provider": str(provider.pk), "price": "48000.00", "days": 60, "proposal": "现场踏勘并编制报告。"}
    return Gate(provider.uscc, by, f"demand-board/{demand.pk}/respond/", body)


def _take_up(side: str) -> Gate:
    row = ResponseFactory()
    uscc = row.provider.uscc if side == "provider" else row.demand.enterprise.uscc
    return Gate(uscc, agent_of(row.demand), f"demand-responses/{row.pk}/take-up/", {"version": row.version})


def _terms() -> dict[str, Any]:
    start, end = clock.today(), clock.today() + timedelta(days=90)
    return {
        "amount": "12500.00", "voucher": "10000.00", "start_date": str(start), "end_date": str(end),
        "milestones": [{"title": "提交成果", "due_date": str(end), "evidence_kinds": ["report"]}],
    }  # fmt: skip


def _draft(side: str) -> Gate:
    parties = make_parties()
    body = {"enterprise": str(parties.enterprise.pk), "product": str(parties.product.pk), **_terms()}
    return Gate(getattr(parties, side).uscc, parties.eo, "contracts/", body)


def _contract(act: str, state: str, side: str, by: str) -> Gate:
    deal = make_contract(state)
    body = {"version": deal.at.version, **(_terms() if act == "revise" else {})}
    parties = deal.parties
    return Gate(getattr(parties, side).uscc, getattr(parties, by), f"contracts/{deal.pk}/{act}/", body)


def _claim(act: str, **body: Any) -> Gate:
    case = make_claim("reviewed")
    sent = {"version": case.at.version, **body}
    return Gate(case.at.provider.uscc, case.desk.dp, f"claims/{case.pk}/{act}/", sent)


def create_payout() -> Gate:
    case = make_batch("paying").cases[0]
    return Gate(case.at.provider.uscc, case.desk.co, "payouts/", {"claim": str(case.pk)})


def send_payout() -> Gate:
    pay = make_payout("checked")
    body = {"version": pay.at.version}
    return Gate(pay.case.at.provider.uscc, pay.case.desk.fn, f"payouts/{pay.pk}/send/", body)


SIDES = ("enterprise", "provider")
GATES: dict[str, Callable[[], Gate]] = {
    "enterprise registers": register_enterprise,
    "enterprise registers with accounts": register_own_enterprise,
    "enterprise submits": lambda: _enterprise("submit", lambda row: None, commitment=True),
    "enterprise is confirmed": lambda: _enterprise("confirm", lambda row: officer(Role.CENTRE_REVIEWER), "checked"),
    "enterprise reopens": lambda: _enterprise("reopen", lambda row: None, "rejected", reason="材料已补齐"),
    "enterprise is lifted": lambda: _enterprise(
        "lift", lambda row: officer(Role.DEPARTMENT), "frozen", reason="已核实"
    ),
    "provider registers": register_provider,
    "provider registers with accounts": register_own_provider,
    "listing resumes": resume_listing,
    "product resumes": resume_product,
    "product is drafted": create_product,
    "product's next version is drafted": lambda: _product("new-version", price="15000.00"),
    "product's price is lowered": lambda: _product("lower-price", price="11000.00"),
    "provider applies": apply,
    "application is edited": lambda: _case("edit", "draft", "pl", categories=["diagnosis"]),
    "application is submitted": lambda: _case("submit", "filled", "pl", commitment=True),
    "product is submitted": submit_product,
    "application is checked": lambda: _case("check", "submitted", "co"),
    "application is accepted": lambda: _case("accept", "checked", "dp", opinion="符合条件。"),
    "experts are drawn for it": draw_named,
    "expert declares": lambda: _sheet("declare"),
    "expert signs": lambda: _sheet("sign"),
    "list is approved": approve_list,
    "demand is submitted": submit_demand,
    "demand is published": publish_demand,
    "provider responds": respond,
    **{f"response is taken up ({side})": lambda side=side: _take_up(side) for side in SIDES},
    **{f"contract is drafted ({side})": lambda side=side: _draft(side) for side in SIDES},
    **{
        f"contract: {act} by {by} ({side})": lambda act=act, state=state, side=side, by=by: _contract(
            act, state, side, by
        )
        for act, state, by in (
            ("revise", "draft", "eo"),
            ("agree", "draft", "eo"),
            ("agree", "draft", "po"),
            ("start-signing", "ready", "eo"),
            ("sign", "signing", "el"),
        )
        for side in SIDES
    },
    "claim is passed": lambda: _claim("pass"),
    "claim is reduced": lambda: _claim("reduce", code="F09", reduction="500.00", reason="不属于支持范围的部分"),
    "payout is made": create_payout,
    "payout is sent": send_payout,
}
