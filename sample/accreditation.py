"""How the sample's providers and products came onto the year's lists: one round, five experts, two lists on show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from accreditation.models import Application, Expert, Round, ScoreSheet
from accreditation.services import checking, deciding, experts, filing, panels, rounds, scoring
from accreditation.states import CaseKind, MaterialKind, RoundKind
from engines.publicity.models import Publicity
from foundation import clock
from programmes.services import publicities
from providers.models import ProductVersion, Provider
from sample import cast
from sample.codes import make_identity, make_uscc
from sample.deals import upload

MATERIALS = {
    CaseKind.PROVIDER: (
        MaterialKind.LICENCE,
        MaterialKind.QUALIFICATION,
        MaterialKind.SOCIAL_INSURANCE,
        MaterialKind.TAX,
    ),
    CaseKind.PRODUCT: (MaterialKind.PRODUCT_QUALIFICATION, MaterialKind.PRICE),
}
CLIENTS = 10
GOOD = Decimal("0.9")  # what an expert gives of the most points, in the sample


class LettingIn:
    """One round of the year, played through the services by the offices and the applicants' signatories."""

    def __init__(self, year: int, officers: Mapping[str, User]) -> None:
        self.year, self.officers = year, officers
        self.shown: list[UUID] = []

    def experts(self) -> None:
        """Five experts of every field are in the register."""
        fields = [one.category for _, goods in cast.HOUSES for one in goods]
        for number, account in enumerate(cast.EXPERTS, start=1):
            row = experts.propose(
                by=self.officers[Role.CENTRE_CHECKER],
                username=account.username,
                password=cast.PASSWORD,
                name=account.name,
                identity_number=make_identity(account.person),
                title="正高级工程师",
                fields=fields,
                unit_name=cast.EXPERT_UNIT,
                unit_uscc=make_uscc(9500 + number),
            )
            experts.confirm(by=self.officers[Role.DEPARTMENT], expert_id=row.pk, version=row.version)

    def open(self, day: date) -> None:
        """Applications are taken on that day."""
        rounds.create(
            by=self.officers[Role.CENTRE_CHECKER],
            year=self.year,
            kind=RoundKind.BOTH,
            title=f"关于征集{self.year}年度服务商和服务券产品的通知〔示例〕",
            opens_on=day,
            closes_on=day,
        )
        self._act(rounds.review, Role.CENTRE_REVIEWER)
        self._act(rounds.approve, Role.APPROVER, approval_no="〔示例〕1号")
        self._act(rounds.publish, Role.DEPARTMENT)

    def apply(self, signatory: User, provider: Provider, version: ProductVersion | None = None) -> None:
        """The provider, or one of its products, has applied and is accepted for expert review."""
        kind = CaseKind.PROVIDER if version is None else CaseKind.PRODUCT
        row = filing.apply(
            by=signatory, round_id=self._round().pk, kind=kind, version_id=version.pk if version is not None else None
        )
        for one in MATERIALS[kind]:
            self._file(filing.attach, signatory, row, kind=one, file_id=upload(signatory, "material").pk)
        if version is None:
            categories = sorted({one.category for one in provider.products.all()})
            self._file(filing.edit, signatory, row, changes={"categories": categories})
            self._file(filing.list_clients, signatory, row, clients=self._clients(signatory))
        self._file(filing.submit, signatory, row)
        findings = [{"code": one.code, "result": "ok", "note": "已核对原件"} for one in row.checks.all()]
        self._file(checking.check, self.officers[Role.CENTRE_CHECKER], row, findings=findings)
        self._file(checking.accept, self.officers[Role.DEPARTMENT], row, opinion="符合条件，提交专家评审。")

    def judge(self) -> None:
        """Experts are drawn, judge and sign; the lists are drawn up, decided and shown."""
        self._act(rounds.close, Role.CENTRE_CHECKER, day=clock.today())
        for number, kind in enumerate(CaseKind, start=1):
            panel = self._act(panels.draw, Role.CENTRE_CHECKER, kind=kind)
            panels.approve(by=self.officers[Role.DEPARTMENT], panel_id=panel.pk, version=panel.version)
            for sheet in ScoreSheet.objects.filter(panel=panel).select_related("expert__user").order_by("pk"):
                self._sign(sheet)
            self._act(deciding.recommend, Role.DEPARTMENT, kind=kind)
            self._act(deciding.approve, Role.APPROVER, kind=kind, approval_no="〔示例〕2号")
            shown = self._act(
                deciding.publicise,
                Role.DEPARTMENT,
                kind=kind,
                reference=f"厅网站公示〔示例〕{number}号",
                first=clock.today(),
            )
            self.shown.append(shown.pk)

    def until(self) -> date:
        """The first day after the lists were on show."""
        return max(one.last for one in self._lists()) + timedelta(days=1)

    def enter(self) -> None:
        """Nobody objected: providers are listed, products on the shelf."""
        for one in self._lists():
            publicities.close_period(by=self.officers[Role.DEPARTMENT], publicity_id=one.pk, version=one.version)

    def _lists(self) -> Iterable[Publicity]:
        return Publicity.objects.filter(pk__in=self.shown).order_by("pk")

    def _sign(self, sheet: ScoreSheet) -> None:
        expert: Expert = sheet.expert
        opened = scoring.declare(by=expert.user, sheet_id=sheet.pk, version=sheet.version, conflict=False)
        points = {
            one.code: (one.points * GOOD).quantize(Decimal("0.1")) for one in scoring.criteria(opened.application)
        }
        scoring.sign(
            by=expert.user, sheet_id=sheet.pk, version=opened.version, points=points, vote=True, comment="材料属实。"
        )

    def _clients(self, signatory: User) -> list[dict[str, Any]]:
        paper = upload(signatory, "material").pk
        day = date(clock.today().year - 1, 6, 30)
        return [
            {"name": f"广西示例客户{n}有限公司", "uscc": make_uscc(9600 + n), "served_on": day, "file": paper}
            for n in range(CLIENTS)
        ]

    def _round(self) -> Round:
        return Round.objects.get(year=self.year)

    def _act(self, service: Any, role: Role, **fields: Any) -> Any:
        row = self._round()
        return service(by=self.officers[role], round_id=row.pk, version=row.version, **fields)

    def _file(self, service: Any, by: User, row: Application, **fields: Any) -> None:
        version = Application.objects.values_list("version", flat=True).get(pk=row.pk)
        service(by=by, application_id=row.pk, version=version, **fields)
