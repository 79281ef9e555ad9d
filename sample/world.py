"""The sample world, played through the services as it would have happened over the last months."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock
from uuid import UUID

from accounts.models import User
from accounts.services import Person, letters, register_party
from accounts.states import SIGNATORIES, Role
from accounts.states import OrganisationKind as Kind
from contracts.services import drafting
from engines.calendar import selectors as calendar
from engines.calendar import services as calendar_services
from engines.calendar.arrangement import Arrangement
from enterprises import services as enterprises
from enterprises.models import Enterprise
from foundation import clock
from foundation.actors import SystemActor
from programmes import notice_file
from programmes import selectors as programmes
from programmes.services import confirm_appropriation, notices, record_appropriation
from providers.models import Product, Provider
from providers.services import accounts as bank_accounts
from providers.services import offers, registration
from registry import services as registry
from sample import cast, demands
from sample.accreditation import LettingIn
from sample.codes import make_identity, make_uscc
from sample.deals import STEPS, Deal, Parties, make_terms, upload
from settlement.services import filing

BUDGET = Decimal("3000000.00")


@contextmanager
def on(day: date) -> Iterator[None]:
    """What happens inside happened at ten in the morning of `day`. Only this process's clock moves."""
    at = clock.start_of(day) + timedelta(hours=10)
    with mock.patch.object(clock, "now", return_value=at):
        yield


class World:
    """Builds the sample. The year is this one, or last year's in the first six weeks, when nothing has happened yet."""

    def __init__(self) -> None:
        today = self._today()
        self.year = today.year if today >= date(today.year, 2, 15) else today.year - 1
        self.opening = date(self.year, 1, 5)
        self.officers: dict[str, User] = {}

    def build(self) -> None:
        """Everything, in order of time."""
        with on(self.opening):
            self._calendar()
            self._offices()
            self._notice()
        with on(self.opening + timedelta(days=2)):
            self._budget()
            firms = [self._firm(number, firm) for number, firm in enumerate(cast.FIRMS, start=1)]
            houses = [self._house(number, name) for number, (name, _) in enumerate(cast.HOUSES, start=1)]
            shelf = [
                self._offer(house, one) for house, (_, goods) in zip(houses, cast.HOUSES, strict=True) for one in goods
            ]
            letting_in = LettingIn(self.year, self.officers)
            letting_in.experts()
            letting_in.open(clock.today())
            for house in houses:
                letting_in.apply(self._signatory(house), house)
            for product in shelf:
                letting_in.apply(self._signatory(product.provider), product.provider, product.versions.get())
        with on(self.opening + timedelta(days=3)):
            letting_in.judge()
        with on(letting_in.until()):
            letting_in.enter()
        self._contracts(firms, shelf)
        self._demands(firms, shelf)

    def _letter(self, signatory: User) -> None:
        """The first house of each kind has its signatory's letter on record; the others have yet to."""
        file = upload(signatory, "letter")
        letters.record(
            by=signatory,
            user_id=signatory.pk,
            role=next(iter(signatory.roles & SIGNATORIES)),
            file_id=file.pk,
            valid_from=date(self.year, 1, 1),
            valid_until=date(self.year, 12, 31),
        )

    def _calendar(self) -> None:
        """A year whose holidays nobody has imported yet has at least its weekends; the real one comes as a revision."""
        if self.year not in calendar.years():
            made_up = Arrangement(self.year, "〔示例〕", "示例工作日历：只有周末休息，请导入正式安排", self.opening)
            calendar_services.import_year(by=SystemActor("sample"), arrangement=made_up)

    def _offices(self) -> None:
        for kind, (name, people) in cast.OFFICES.items():
            city = "450100" if kind == Kind.CITY else ""
            register_party(kind=kind, name=name, uscc=None, city=city, people=_people(*people))
        for _, people in cast.OFFICES.values():
            for account in people:
                self.officers.setdefault(account.role, User.objects.get(username=account.username))

    def _notice(self) -> None:
        shipped = notice_file.shipped("general-2026")
        content = replace(shipped, year=self.year, valid_from=date(self.year, 1, 1), valid_to=date(self.year, 12, 31))
        department = self.officers[Role.DEPARTMENT]
        notice = notices.draft_notice(by=department, content=content)
        notice = notices.approve_notice(
            by=self.officers[Role.APPROVER],
            notice_id=notice.pk,
            version=notice.version,
            reason="厅务会议纪要〔示例〕1号",
        )
        notices.publish_notice(by=department, notice_id=notice.pk, version=notice.version)

    def _budget(self) -> None:
        entry = record_appropriation(
            by=self.officers[Role.DEPARTMENT],
            year=self.year,
            source_doc_no=f"桂财〔{self.year}〕示例1号",
            amount=BUDGET,
        )
        confirm_appropriation(by=self.officers[Role.FINANCE], appropriation_id=entry.pk, version=entry.version)

    def _firm(self, number: int, firm: cast.Firm) -> Enterprise:
        code = make_uscc(number, firm.city)
        self._roster("listed", f"uscc,name,listed_since\n{code},{firm.name},{self.year - 5}-01-01\n")
        if firm.title:
            row = ",".join((code, firm.title, f"SL-{number:04d}", "示例认定机关", f"{self.year - 1}-01-01"))
            self._roster("titles", f"uscc,title_code,certificate_no,issued_by,valid_from\n{row}\n")
        people = cast.ENTERPRISE if number == 1 else _more(cast.ENTERPRISE, number)
        profile = enterprises.Profile(
            industry_code=firm.industry,
            region_code=f"{firm.city}00",
            address="工业园区1号",
            registered_on=date(self.year - 10, 1, 1),
            legal_representative=people[1].name,
            contact_name=people[0].name,
            contact_phone=f"1000000{number:04d}",
            bank_name="示例银行",
            bank_account=f"000000{number:010d}",
        )
        row_ = enterprises.register(name=firm.name, uscc=code, profile=profile, people=_people(*people))
        signatory = User.objects.get(username=people[1].username)
        if number == 1:
            self._letter(signatory)
        row_ = enterprises.submit(by=signatory, enterprise_id=row_.pk, version=row_.version)
        row_ = enterprises.check(by=self.officers[Role.CENTRE_CHECKER], enterprise_id=row_.pk, version=row_.version)
        return enterprises.confirm(by=self.officers[Role.CENTRE_REVIEWER], enterprise_id=row_.pk, version=row_.version)

    def _roster(self, kind: str, text: str) -> None:
        roster = registry.upload_roster(
            by=self.officers[Role.CENTRE_CHECKER],
            kind=kind,
            raw=text.encode(),
            file_name="示例.csv",
            source_document="示例名单",
            as_of=clock.today(),
        )
        registry.confirm_roster(by=self.officers[Role.CENTRE_REVIEWER], roster_id=roster.pk, version=roster.version)

    def _house(self, number: int, name: str) -> Provider:
        people = cast.PROVIDER if number == 1 else _more(cast.PROVIDER, number)
        profile = registration.Profile(
            region_code="450103",
            address="民族大道1号",
            founded_on=date(self.year - 8, 1, 1),
            legal_representative=people[1].name,
            contact_name=people[0].name,
            contact_phone=f"1001000{number:04d}",
            core_staff=20,
            clients_last_year=35,
            revenue_last_year=Decimal("8600000.00"),
        )
        house = registration.register(
            name=name, uscc=make_uscc(9000 + number), profile=profile, people=_people(*people)
        )
        signatory = self._signatory(house)
        account = bank_accounts.request_account(
            by=signatory,
            provider_id=house.pk,
            account_name=name,
            account_number=f"000000{9000 + number:010d}",
            bank_name="示例银行南宁分行",
            line_no="000000000001",
        )
        bank_accounts.approve_account(
            by=self.officers[Role.CENTRE_REVIEWER], account_id=account.pk, version=account.version
        )
        if number == 1:
            self._letter(signatory)
        return house

    def _offer(self, house: Provider, offering: cast.Offering) -> Product:
        signatory = self._signatory(house)
        rules = programmes.current_notice(clock.today()).parsed
        offer = offers.Offer(
            name=offering.name,
            category=offering.category,
            sub_type=next(iter(rules.category(offering.category).sub_types), "其他"),
            aim="帮助企业降本增效、提质升级，找到并补上短板",
            functions="现场调研、方案设计、实施辅导、效果评估",
            deliverables=["成果报告"],
            indicators=[{"name": "覆盖工序", "unit": "道", "target": "10", "method": "现场核对"}],
            min_days=20,
            max_days=120,
            price=Decimal(offering.price),
            price_proof="近一年三份合同",
            market_prices=[{"source": "近一年同类合同", "price": f"{Decimal(offering.price):.2f}"}],
            team="专职顾问8名",
            cases="近一年完成同类服务10家",
        )
        return offers.create(by=signatory, provider_id=house.pk, offer=offer).product

    def _contracts(self, firms: list[Enterprise], shelf: list[Product]) -> None:
        """One confirmed and claimed, one being performed, one waiting for its deposit, one draft."""
        plan = [
            (firms[0], shelf[0], "confirmed", 17),
            (firms[1], shelf[1], "performing", 18),
            (firms[2], shelf[2], "performing", 19),
            (firms[3], shelf[1], "draft", 20),
        ]
        for firm, product, until, day in plan:
            with on(self.opening + timedelta(days=day)):
                deal = self._deal(firm, product, until)
                if until == "confirmed":
                    filing.submit(**_claim(deal))
        with on(min(self._today(), date(self.year, 12, 31))):
            self._deal(firms[0], shelf[1], "signed")

    def _demands(self, firms: list[Enterprise], shelf: list[Product]) -> None:
        """Two enterprises look for something, and a provider has answered the first."""
        checker = self.officers[Role.CENTRE_CHECKER]
        publisher = User.objects.get(username=cast.SECOND_CHECKER)
        with on(min(self._today(), date(self.year, 12, 31))):
            posted = []
            for firm, wish in zip(firms[1:], demands.WISHES, strict=False):
                agent, _ = _both(firm.organisation_id, Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
                posted.append(demands.post(agent, firm, wish, checker=checker, publisher=publisher))
            agent, _ = _both(shelf[1].provider.organisation_id, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
            demands.answer(agent, posted[0], shelf)

    def _today(self) -> date:
        return datetime.now(UTC).astimezone(clock.SHANGHAI).date()

    def _deal(self, firm: Enterprise, product: Product, until: str) -> Deal:
        product = Product.objects.select_related("provider__organisation").get(pk=product.pk)
        eo, el = _both(firm.organisation_id, Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
        po, pl = _both(product.provider.organisation_id, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
        parties = Parties(firm, product.provider, product, eo=eo, el=el, po=po, pl=pl)
        terms = make_terms(parties, amount=str(product.versions.get().price), end_date=date(self.year, 12, 31))
        contract = drafting.draft(by=eo, enterprise_id=firm.pk, product_id=product.pk, terms=terms)
        deal = Deal(parties, contract.pk)
        if until != "draft":
            for step in STEPS[: STEPS.index(until) + 1]:
                getattr(deal, step)()
            if until in STEPS[STEPS.index("performing") :]:
                deal.invoiced()
        return deal

    def _signatory(self, house: Provider) -> User:
        return _both(house.organisation_id, Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)[1]


def _people(*accounts: cast.Account) -> list[Person]:
    return [Person(one.username, cast.PASSWORD, one.name, (one.role,), make_identity(one.person)) for one in accounts]


def _more(accounts: tuple[cast.Account, ...], number: int) -> tuple[cast.Account, ...]:
    return tuple(
        replace(
            one,
            username=f"{one.username}-{number}",
            name=f"{one.name}{number}",
            person=100 * number + one.person,
        )
        for one in accounts
    )


def _both(organisation_id: UUID, agent: Role, signatory: Role) -> tuple[User, User]:
    people = User.objects.filter(organisation=organisation_id)
    return people.get(memberships__role=agent), people.get(memberships__role=signatory)


def _claim(deal: Deal) -> dict[str, Any]:
    claim = filing.create(by=deal.parties.po, contract_id=deal.pk)
    return {"by": deal.parties.pl, "claim_id": claim.pk, "version": claim.version}
