"""A provider's year: listed with its cap, suspended, ended by time or decision, barred for good (第十五条, 第十六条)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import User
from accounts.states import Role
from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_services
from engines.notifications.models import OutboxEvent
from foundation import clock
from programmes import books
from providers import explains, selectors
from providers.jobs import expire_listings
from providers.models import Listing, Provider
from providers.services import listings, standing
from tests.enterprises.support import fresh, picture, refused, yuan
from tests.factories.accounts import TESTER, make_user, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory, list_year, notice_of
from tests.providers.support import barred

pytestmark = pytest.mark.django_db

Y = 2026
MARCH = clock.start_of(date(Y, 3, 7))


def enlist(provider: Provider, year: int = Y) -> Listing:
    return listings.enlist(by=TESTER, provider_id=provider.pk, year=year, approval_no="纪要1号", reference="公示1号")


def act(service: Callable[..., Listing], row: Listing, by: User, **fields: Any) -> Listing:
    return service(by=by, listing_id=row.pk, version=fresh(row).version, **fields)


def listed() -> Listing:
    return Listing.objects.select_related("provider").get(provider=ProviderFactory(listed=True))


@pytest.fixture
def march() -> Any:
    with time_machine.travel(MARCH, tick=False) as moved:
        yield moved


def test_listed_to_the_years_end_with_the_notices_cap(march: Any) -> None:
    notice = open_year(Y)
    row = enlist(ProviderFactory())
    assert (row.state, row.valid_from, row.valid_to) == ("listed", date(Y, 3, 7), date(Y, 12, 31))
    assert (row.notice, row.approval_no, row.reference) == (notice, "纪要1号", "公示1号")
    balance = ledger.balance(books.cap(row.provider_id, Y))
    assert balance.issued == balance.available == notice.parsed.provider_cap


def test_listed_from_the_day_on_which_it_was_decided(march: Any) -> None:
    open_year(Y)
    row = enlist(ProviderFactory())
    days = [date(Y, 3, 6), date(Y, 3, 7), date(Y, 12, 31), date(Y + 1, 1, 1)]
    assert [selectors.is_listed(row.provider_id, day) for day in days] == [False, True, True, False]
    assert selectors.listing(row.provider_id, date(Y, 3, 7)) == row


def test_listed_in_december_for_the_whole_next_year() -> None:
    with time_machine.travel(clock.start_of(date(Y, 12, 28)), tick=False):
        open_year(Y + 1)
        row = enlist(ProviderFactory(), Y + 1)
    assert (row.valid_from, row.valid_to) == (date(Y + 1, 1, 1), date(Y + 1, 12, 31))


def test_the_chain_names_the_documents(march: Any) -> None:
    open_year(Y)
    (record,) = evidence.of_subject(enlist(ProviderFactory()))
    assert (record.act, record.facts["approval_no"], record.facts["reference"]) == ("enlist", "纪要1号", "公示1号")


def test_the_provider_is_told_until_when_and_how_to_go_on(march: Any) -> None:
    open_year(Y)
    row = enlist(ProviderFactory())
    body = OutboxEvent.objects.get(subject_id=row.pk).body
    assert f"资格有效期{Y}-03-07至{Y}-12-31" in body
    assert "继续服务须申报下一年度（办法第十六条）" in body


def test_once_a_year(march: Any) -> None:
    open_year(Y)
    provider = ProviderFactory()
    enlist(provider)
    with refused("LISTING_EXISTS"):
        enlist(provider)


def test_not_listed_without_the_years_notice(march: Any) -> None:
    open_year(Y)
    provider = ProviderFactory()
    with refused("NOTICE_NOT_PUBLISHED"):
        enlist(provider, Y + 1)


def test_not_listed_once_the_year_is_over(march: Any) -> None:
    open_year(Y)
    provider = ProviderFactory()
    march.move_to(clock.start_of(date(Y + 1, 1, 1)))
    with refused("YEAR_OVER"):
        enlist(provider, Y)


def test_suspended_starts_no_contract_until_resumed() -> None:
    row = act(standing.suspend, listed(), officer(Role.DEPARTMENT), reason="投诉核查")
    assert not selectors.is_listed(row.provider_id, clock.today())
    row = act(standing.resume, row, officer(Role.DEPARTMENT), reason="不成立")
    assert (row.state, row.reason) == ("listed", "")
    assert selectors.is_listed(row.provider_id, clock.today())


@pytest.mark.parametrize("service", [standing.suspend, standing.resume])
@pytest.mark.parametrize("role", [Role.APPROVER, Role.CENTRE_CHECKER, Role.PROVIDER_SIGNATORY])
def test_only_the_department_suspends_and_resumes(service: Callable[..., Listing], role: str) -> None:
    row, by = listed(), make_user(role)
    with refused("NOT_ALLOWED"):
        act(service, row, by, reason="x")


def test_terminated_by_the_approvers_decision() -> None:
    row, department = listed(), officer(Role.DEPARTMENT)
    with refused("NOT_ALLOWED"):
        act(standing.terminate, row, department, decision_no="x", reason="转包")
    row = act(standing.terminate, row, officer(Role.APPROVER), decision_no="罚1号", reason="转包")
    assert (row.state, row.decision_no) == ("terminated", "罚1号")
    assert selectors.listing(row.provider_id, clock.today()) is None


def test_one_that_is_suspended_is_terminated_without_being_resumed() -> None:
    row = act(standing.suspend, listed(), officer(Role.DEPARTMENT), reason="投诉核查")
    row = act(standing.terminate, row, officer(Role.APPROVER), decision_no="罚1号", reason="转包")
    assert row.state == "terminated"


def test_terminated_is_not_listed_again_that_year() -> None:
    row = act(standing.terminate, listed(), officer(Role.APPROVER), decision_no="罚1号", reason="转包")
    with refused("LISTING_EXISTS"):
        enlist(row.provider, row.year)


def test_the_job_expires_what_is_over_and_only_once() -> None:
    row = listed()
    product = ProductFactory(on_shelf=True, provider=row.provider)
    last = date(clock.today().year, 12, 31)
    assert expire_listings(last) == {"listings": 0, "products": 0}
    with time_machine.travel(clock.end_of(last), tick=True):
        assert expire_listings(last) == {"listings": 0, "products": 0}  # a run for a day gone by does no more
        assert expire_listings(last + timedelta(days=1)) == {"listings": 1, "products": 1}
        assert (fresh(row).state, fresh(product).state) == ("expired", "expired")
        before = picture()
        assert expire_listings(last + timedelta(days=1)) == {"listings": 0, "products": 0}
    assert picture() == before


def test_nothing_expires_before_its_day_has_come() -> None:
    row = listed()
    product = ProductFactory(on_shelf=True, provider=row.provider)
    before = picture()
    assert expire_listings(clock.today() + timedelta(days=800)) == {"listings": 0, "products": 0}
    assert picture() == before
    assert (fresh(row).state, fresh(product).state) == ("listed", "on_shelf")


def test_a_suspended_one_expires_too() -> None:
    row = act(standing.suspend, listed(), officer(Role.DEPARTMENT), reason="投诉核查")
    next_year = date(clock.today().year + 1, 1, 1)
    with time_machine.travel(clock.start_of(next_year), tick=True):
        expire_listings(next_year)
    assert fresh(row).state == "expired"


def test_the_bar_ends_every_listing_and_the_code_for_good() -> None:
    with time_machine.travel(clock.start_of(date(Y, 6, 1)), tick=True):
        provider = ProviderFactory(listed=True)
        ListingFactory(provider=provider, year=Y - 1, state="expired")
        list_year(provider, Y + 1)
        bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报服务企业数")
        standing.decide_bar(by=officer(Role.APPROVER), bar_id=bar.pk, version=1, decision_no="罚2号")
        rows = Listing.objects.filter(provider=provider).order_by("year")
        assert [(row.year, row.state, row.reason, row.decision_no) for row in rows] == [
            (year, "terminated_ban", "虚报服务企业数", "罚2号") for year in (Y - 1, Y, Y + 1)
        ]
        assert selectors.is_barred(provider.uscc)
        assert selectors.listing(provider.pk, clock.today()) is None


def test_a_barred_provider_is_not_listed_again() -> None:
    provider = barred()
    with refused("USCC_BARRED"):
        enlist(provider, clock.today().year + 1)


def test_only_the_department_proposes_and_another_decides() -> None:
    provider, both, approver = ProviderFactory(), make_user(Role.DEPARTMENT, Role.APPROVER), officer(Role.APPROVER)
    with refused("NOT_ALLOWED"):
        standing.propose_bar(by=approver, provider_id=provider.pk, grounds="x")
    bar = standing.propose_bar(by=both, provider_id=provider.pk, grounds="x")
    with refused("NOT_ALLOWED"):
        standing.decide_bar(by=both, bar_id=bar.pk, version=1, decision_no="x")
    with refused("BAR_EXISTS"):
        standing.propose_bar(by=both, provider_id=provider.pk, grounds="x")
    standing.decline_bar(by=approver, bar_id=bar.pk, version=1, reason="事实不清")
    assert not selectors.is_barred(provider.uscc)


def test_the_cap_explains_itself_and_warns_from_the_notices_share_on() -> None:
    row = listed()
    year, notice = clock.today().year, notice_of(clock.today().year)
    account = books.cap(row.provider_id, year)
    ledger_services.hold(hold=uuid4(), accounts=[account], amount=yuan(3999999), by=TESTER)
    told = explains.cap(selectors.cap_figures(row.provider_id, year), notice).as_dict()
    assert (told["result"], told["inputs"]["warning"]) == ("1000001.00", "")
    ledger_services.hold(hold=uuid4(), accounts=[account], amount=yuan(1), by=TESTER)
    told = explains.cap(selectors.cap_figures(row.provider_id, year), notice).as_dict()
    assert told["inputs"]["warning"] == "已用80.00%，达到预警线80%；用满后不能签订新合同。"
    assert told["notice"] == notice.label
    assert told["article"].startswith("第十一条")


def test_figures_before_the_first_listing_are_zero() -> None:
    figures = selectors.cap_figures(ProviderFactory().pk, Y)
    assert {figures.cap, figures.used, figures.left, figures.share} == {yuan(0)}
