"""Rounds, experts and applications for tests, driven through the services to the state a test needs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import time_machine

from accounts.models import User
from accounts.states import OrganisationKind, Role
from accreditation.models import Application, Expert, Panel, Round, ScoreSheet
from accreditation.services import checking, deciding, experts, filing, panels, rounds, scoring
from accreditation.states import CaseKind, MaterialKind, RoundKind, RoundState, SheetState
from engines.evidence import services as evidence
from engines.publicity.models import Publicity
from foundation import clock
from programmes.services import publicities
from providers.models import Product, Provider
from sample.deals import upload
from tests.factories.accounts import TESTER, make_organisation, make_uscc, make_user
from tests.factories.calendar import know
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

_numbers = itertools.count(1)
MATERIALS = (MaterialKind.LICENCE, MaterialKind.QUALIFICATION, MaterialKind.SOCIAL_INSURANCE, MaterialKind.TAX)
OF_PRODUCT = (MaterialKind.PRODUCT_QUALIFICATION, MaterialKind.PRICE)
POINTS = {
    CaseKind.PROVIDER: {"qualification": "18", "capability": "36.5", "record": "27", "platform": "5"},
    CaseKind.PRODUCT: {"qualification": "27", "content": "36", "price": "25.5"},
}


@dataclass
class Desk:
    """One officer of each role, all different people."""

    co: User = field(default_factory=lambda: make_user(Role.CENTRE_CHECKER))
    cr: User = field(default_factory=lambda: make_user(Role.CENTRE_REVIEWER))
    dp: User = field(default_factory=lambda: make_user(Role.DEPARTMENT))
    ap: User = field(default_factory=lambda: make_user(Role.APPROVER))


@dataclass
class Call:
    """A round and its desk. `at` is the row as last read."""

    pk: UUID
    desk: Desk

    @property
    def at(self) -> Round:
        return Round.objects.select_related("notice").get(pk=self.pk)

    def do(self, service: Any, by: User, **fields: Any) -> Any:
        return service(by=by, round_id=self.pk, version=self.at.version, **fields)

    def published(self) -> None:
        self.do(rounds.review, self.desk.cr)
        self.do(rounds.approve, self.desk.ap, approval_no="桂工信签〔2026〕1号")
        self.do(rounds.publish, self.desk.dp)

    def closed(self) -> None:
        """Beat comes by on the day after the last."""
        rounds.close(by=TESTER, round_id=self.pk, day=self.at.closes_on + timedelta(days=1))

    def drawn(self, kind: str = CaseKind.PROVIDER, cases: Sequence[Case] | None = None) -> Panel:
        ids = [one.pk for one in cases] if cases is not None else None
        return self.do(panels.draw, self.desk.co, kind=kind, application_ids=ids)

    def confirmed(self, kind: str = CaseKind.PROVIDER, cases: Sequence[Case] | None = None) -> Panel:
        panel = self.drawn(kind, cases)
        return panels.approve(by=self.desk.dp, panel_id=panel.pk, version=panel.version)

    def recommended(self, kind: str = CaseKind.PROVIDER, **fields: Any) -> Round:
        return self.do(deciding.recommend, self.desk.dp, kind=kind, **fields)

    def decided(self, kind: str = CaseKind.PROVIDER, **fields: Any) -> Round:
        return self.do(deciding.approve, self.desk.ap, kind=kind, **{"approval_no": "桂工信纪要〔2026〕3号", **fields})

    def shown(self, kind: str = CaseKind.PROVIDER, **fields: Any) -> Publicity:
        know(clock.today().year, clock.today().year + 1)
        fields = {"reference": "厅网站公示2026-001", "first": clock.today(), **fields}
        return self.do(deciding.publicise, self.desk.dp, kind=kind, **fields)

    def listed(self, kind: str = CaseKind.PROVIDER) -> Publicity:
        """The period of the list on show has run, and the department has closed it."""
        row = Application.objects.filter(round=self.pk, kind=kind, publicity__state="open").first()
        with time_machine.travel(clock.end_of(row.publicity.last) + timedelta(hours=9), tick=True):
            return publicities.close_period(
                by=self.desk.dp, publicity_id=row.publicity_id, version=row.publicity.version
            )


@dataclass
class Case:
    """An application with its people. `at` is the row as last read."""

    pk: UUID
    call: Call
    po: User
    pl: User

    @property
    def at(self) -> Application:
        rows = Application.objects.select_related("provider", "product_version", "round", "notice", "publicity")
        return rows.get(pk=self.pk)

    @property
    def desk(self) -> Desk:
        return self.call.desk

    def do(self, service: Any, by: User, **fields: Any) -> Application:
        return service(by=by, application_id=self.pk, version=self.at.version, **fields)

    def attached(self, kind: str, **fields: Any) -> None:
        if not fields:
            fields = {"file_id": upload(self.po, "material").pk}
        self.do(filing.attach, self.po, kind=kind, **fields)

    def with_clients(self, count: int = 10, *, of_parent: bool = False, served_on: date | None = None) -> None:
        day = served_on or date(clock.today().year - 1, 6, 30)
        rows = [
            {"name": f"广西测试客户{number}有限公司", "uscc": make_uscc(), "served_on": day, "of_parent": of_parent,
             "file": upload(self.po, "material").pk}
            for number in range(count)
        ]  # fmt: skip
        self.do(filing.list_clients, self.po, clients=rows)

    def filled(self) -> None:
        """Everything that 第十四条 asks is there."""
        if self.at.kind == CaseKind.PROVIDER:
            self.do(filing.edit, self.po, changes={"categories": ["diagnosis", "digitalisation"]})
            for kind in MATERIALS:
                self.attached(kind)
            self.with_clients()
        else:
            for kind in OF_PRODUCT:
                self.attached(kind)

    def submitted(self, **fields: Any) -> None:
        self.do(filing.submit, self.pl, **fields)

    def findings(self, **other: str) -> list[dict[str, str]]:
        """What the machine found, agreed to by a person; a doubt is cleared with a note. `other` by code."""
        rows = self.at.checks.filter(submission=self.at.submissions)
        said = {row.code: other.get(row.code, "fail" if row.result == "fail" else "ok") for row in rows}
        return [{"code": code, "result": result, "note": "已核对原件"} for code, result in said.items()]

    def checked(self, **other: str) -> None:
        self.do(checking.check, self.desk.co, findings=self.findings(**other))

    def returned(self, by: User | None = None, items: list[dict[str, str]] | None = None) -> None:
        asked = {"kind": "material", "code": "social_insurance", "what": "补充12月明细", "why": "不能证明满一年"}
        self.do(checking.send_back, by or self.desk.co, items=items or [asked])

    def accepted(self) -> None:
        self.do(checking.accept, self.desk.dp, opinion="符合条件，提交专家评审。")

    def sheets(self) -> list[ScoreSheet]:
        rows = ScoreSheet.objects.filter(application=self.pk).select_related("expert__user")
        return list(rows.order_by("pk"))

    def scored(self, votes: Sequence[bool] = (True,) * 5, **points: str) -> None:
        """Every expert with a sheet declares himself free, judges and signs."""
        for sheet, vote in zip([one for one in self.sheets() if one.state == SheetState.ASSIGNED], votes, strict=True):
            opened(sheet)
            signed(sheet, vote=vote, **points)


def opened(sheet: ScoreSheet) -> None:
    """Its expert has declared himself free."""
    sheet = _anew(sheet)
    scoring.declare(by=sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, conflict=False)


def signed(sheet: ScoreSheet, *, vote: bool = True, **points: str) -> None:
    """Its expert has judged and signed."""
    sheet = _anew(sheet)
    kind = CaseKind(sheet.application.kind)
    given = {code: Decimal(value) for code, value in {**POINTS[kind], **points}.items()}
    scoring.sign(
        by=sheet.expert.user, sheet_id=sheet.pk, version=sheet.version, points=given, vote=vote, comment="材料属实。"
    )


def _anew(sheet: ScoreSheet) -> ScoreSheet:
    """As it stands now; refresh_from_db of a protected state is not safe beside other threads."""
    return ScoreSheet.objects.select_related("application", "expert__user").get(pk=sheet.pk)


def make_call(
    state: str = RoundState.OPEN, *, kind: str = RoundKind.BOTH, desk: Desk | None = None, **fields: Any
) -> Call:
    """A round of this year that takes applications for 30 days from today, brought to `state` (planned, open)."""
    today = clock.today()
    open_year(today.year)
    desk = desk or Desk()
    given = {
        "year": today.year,
        "kind": kind,
        "title": f"征集通知{next(_numbers)}",
        "opens_on": today,
        "closes_on": today + timedelta(days=30),
        **fields,
    }
    call = Call(rounds.create(by=desk.co, **given).pk, desk)
    if state != RoundState.PLANNED:
        call.published()
    return call


STEPS = ("filled", "submitted", "checked", "accepted")


def make_case(
    state: str = "draft",
    *,
    call: Call | None = None,
    provider: Provider | None = None,
    product: Product | None = None,
    renew: bool = False,
) -> Case:
    """An application in a round, brought to `state` (draft, filled, submitted, checked, accepted); of `product` if given."""
    call = call or make_call()
    provider = product.provider if product is not None else provider or ProviderFactory()
    pl = signatory_of(provider)
    po = make_user(Role.PROVIDER_AGENT, organisation=provider.organisation)
    kind = CaseKind.PRODUCT if product is not None else CaseKind.PROVIDER
    version_id = product.versions.get().pk if product is not None else None
    row = filing.apply(by=po, round_id=call.pk, kind=kind, version_id=version_id, renew=renew)
    case = Case(row.pk, call, po, pl)
    if state != "draft":
        for step in STEPS[: STEPS.index(state) + 1]:
            getattr(case, step)()
    return case


def make_product_case(state: str = "draft", *, call: Call | None = None, listed: bool = True) -> Case:
    """The same for a product in draft; its provider is listed this year unless told otherwise."""
    product = ProductFactory(provider=ProviderFactory(listed=listed))
    return make_case(state, call=call, product=product)


def make_expert(
    *, active: bool = True, fields: Sequence[str] = ("diagnosis", "digitalisation"), **given: Any
) -> Expert:
    """An expert of a unit of his own, in a house of his own; active unless told otherwise."""
    user = make_user(Role.EXPERT, organisation=make_organisation(OrganisationKind.EXPERT))
    expert = Expert(
        user=user,
        **{
            "title": "高级工程师",
            "unit_name": "广西测试大学",
            "unit_uscc": make_uscc(),
            "fields": list(fields),
            **given,
        },
        proposed_by=make_user(Role.CENTRE_CHECKER),
    )
    evidence.record(expert, act="propose", by=TESTER)
    if active:
        expert = experts.confirm(by=make_user(Role.DEPARTMENT), expert_id=expert.pk, version=expert.version)
    return expert


def make_experts(count: int = 5, **fields: Any) -> list[Expert]:
    """So many active ones."""
    return [make_expert(**fields) for _ in range(count)]


def under_review(count: int = 1, *, experts_too: int = 5, call: Call | None = None) -> tuple[Call, list[Case]]:
    """A closed round with so many accepted applications whose experts have their sheets."""
    call = call or make_call(kind=RoundKind.PROVIDERS)
    cases = [make_case("accepted", call=call) for _ in range(count)]
    make_experts(experts_too)
    call.closed()
    call.confirmed()
    return call, cases


def a_row_of_each(provider: Provider) -> dict[str, Any]:
    """A row of each collection of the room by its address: the application is the provider's, for next year."""
    year = clock.today().year
    know(year, year + 1)
    call = make_call(kind=RoundKind.PROVIDERS, year=year + 1, closes_on=clock.today())
    case = make_case("accepted", call=call, provider=provider)
    [expert, *_] = make_experts(6)
    call.closed()
    panel = call.confirmed()
    return {
        "accreditation/rounds": make_call(RoundState.PLANNED).at,
        "accreditation/applications": case.at,
        "accreditation/experts": expert,
        "accreditation/panels": panel,
        "accreditation/score-sheets": case.sheets()[0],
    }
