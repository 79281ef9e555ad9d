"""The year's cap: what that year's own notice gives, whoever came first (第十一条)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from engines.evidence import selectors as evidence
from engines.ledger import selectors as ledger
from engines.ledger import services as ledger_services
from engines.ledger.states import Bucket
from foundation import clock
from programmes import books
from programmes.models import Notice
from programmes.notice_file import Content
from providers import explains, selectors
from providers.jobs import update_caps
from providers.models import Provider
from providers.services import open_cap
from tests.enterprises.support import picture, yuan
from tests.factories.accounts import TESTER
from tests.factories.programmes import make_content, make_notice, open_year, publish_revision
from tests.factories.providers import ProviderFactory, list_year, notice_of

pytestmark = pytest.mark.django_db


def with_cap(year: int, cap: str) -> Content:
    """The 办法's own figures of `year`, but for the cap of a provider."""
    content = make_content(year)
    return replace(
        content, data={**content.data, "provider_cap": cap}, rules=replace(content.rules, provider_cap=yuan(cap))
    )


def this_year() -> int:
    return clock.today().year


def held(provider: Provider, year: int) -> ledger.Balance:
    return ledger.balance(books.cap(provider.pk, year))


def use(provider: Provider, year: int, amount: str) -> None:
    ledger_services.hold(hold=uuid4(), accounts=[books.cap(provider.pk, year)], amount=yuan(amount), by=TESTER)


def carry_over(provider: Provider, amount: str) -> None:
    """A contract of this year, in effect, goes on under the cap of the next."""
    hold, year = uuid4(), this_year()
    here = books.cap(provider.pk, year)
    ledger_services.hold(hold=hold, accounts=[here], amount=yuan(amount), by=TESTER)
    ledger_services.move(holds=[hold], to=Bucket.COMMITTED, by=TESTER, reason="生效")
    target = open_cap(provider_id=provider.pk, year=year + 1, by=TESTER, needed=yuan(amount))
    ledger_services.carry(hold=hold, book=books.CAP, to_account=target, funded=False, by=TESTER, reason="结转")


def trail(provider: Provider, year: int) -> list[tuple[str, str, str]]:
    """What happened to the provider's cap of `year`: act, amount, cap after it."""
    rows = evidence.of_subject(provider).filter(act__endswith="_cap", facts__year=year)
    return [(row.act, row.facts["amount"], row.facts["cap"]) for row in rows]


def test_the_cap_opens_once_whoever_comes_first() -> None:
    provider = ProviderFactory()
    notice = open_year(this_year())
    first = open_cap(provider_id=provider.pk, year=this_year(), by=TESTER)
    before = picture()
    assert open_cap(provider_id=provider.pk, year=this_year(), by=TESTER) == first
    assert picture() == before
    assert held(provider, this_year()).issued == notice.parsed.provider_cap == yuan(5_000_000)
    assert trail(provider, this_year()) == [("open_cap", "5000000.00", "5000000.00")]


@pytest.mark.parametrize("cap", ["8000000", "3000000"])
def test_the_new_years_cap_is_of_the_new_years_notice_though_a_contract_came_first(cap: str) -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    carry_over(provider, "10000.00")
    make_notice(year, content=with_cap(year, cap))
    list_year(provider, year)
    balance = held(provider, year)
    assert (balance.issued, balance.committed) == (yuan(cap), yuan("10000.00"))
    rest = Decimal(cap) - 10_000
    assert trail(provider, year) == [
        ("open_cap", "10000.00", "10000.00"),
        ("change_cap", f"{rest:.2f}", f"{yuan(cap)}"),
    ]
    assert ledger.recompute() == []


def test_before_the_notice_there_is_just_what_carried_contracts_need() -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    carry_over(provider, "10000.00")
    carry_over(provider, "2500.00")
    balance = held(provider, year)
    assert (balance.issued, balance.committed, balance.available) == (yuan("12500.00"), yuan("12500.00"), yuan(0))
    assert trail(provider, year) == [("open_cap", "10000.00", "10000.00"), ("change_cap", "2500.00", "12500.00")]


def test_once_the_notice_is_out_a_carried_contract_needs_nothing_of_its_own() -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    make_notice(year, content=with_cap(year, "8000000"))
    carry_over(provider, "10000.00")
    assert (held(provider, year).issued, held(provider, year).available) == (yuan(8_000_000), yuan(7_990_000))


def test_the_job_fills_up_what_was_opened_before_the_notice() -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    carry_over(provider, "10000.00")
    assert update_caps(clock.today()) == {"changed": 0}
    open_year(year)
    assert update_caps(clock.today()) == {"changed": 1}
    assert held(provider, year).issued == yuan(5_000_000)
    before = picture()
    assert update_caps(clock.today()) == {"changed": 0}
    assert picture() == before


def revise(cap: str) -> Notice:
    return publish_revision(this_year(), content=with_cap(this_year(), cap))


def test_a_later_revision_with_a_higher_cap_moves_those_that_are_open() -> None:
    provider, stranger = ProviderFactory(listed=True), ProviderFactory()
    books.cap(stranger.pk, this_year())  # somebody asked for its account: that opens no cap
    revise("6000000")
    assert update_caps(clock.today()) == {"changed": 1}
    assert held(provider, this_year()).issued == yuan(6_000_000)
    assert trail(provider, this_year())[-1] == ("change_cap", "1000000.00", "6000000.00")
    assert trail(stranger, this_year()) == []


@pytest.mark.parametrize(("used", "left"), [("1000000", "2000000"), ("4000000", "0")])
def test_a_lower_cap_takes_back_only_what_is_free(used: str, left: str) -> None:
    provider = ProviderFactory(listed=True)
    use(provider, this_year(), used)
    revise("3000000")
    update_caps(clock.today())
    balance = held(provider, this_year())
    assert (balance.reserved, balance.available) == (yuan(used), yuan(left))
    assert update_caps(clock.today()) == {"changed": 0}
    assert ledger.recompute() == []


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_run_for_another_day_than_today_changes_nothing(days: int) -> None:
    provider = ProviderFactory(listed=True)
    revise("6000000")
    assert update_caps(clock.today() + timedelta(days=days)) == {"changed": 0}
    assert held(provider, this_year()).issued == yuan(5_000_000)


def test_the_explanation_tells_the_lowered_cap_beside_what_is_held() -> None:
    provider = ProviderFactory(listed=True)
    use(provider, this_year(), "4000000")
    notice = revise("3000000")
    update_caps(clock.today())
    inputs = explains.cap(selectors.cap_figures(provider.pk, this_year()), notice).as_dict()["inputs"]
    assert (inputs["cap"], inputs["cap_of_notice"]) == ("4000000.00", "3000000.00")


def test_the_explanation_says_when_the_years_notice_is_not_out() -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    carry_over(provider, "10000.00")
    inputs = explains.cap(selectors.cap_figures(provider.pk, year), open_year(this_year())).as_dict()["inputs"]
    assert (inputs["cap"], inputs["cap_of_notice"]) == ("10000.00", "本年度通知未发布")


def test_a_closed_cap_stays_as_it_is() -> None:
    provider, year = ProviderFactory(listed=True), this_year()
    ledger_services.expire(book=books.CAP, period=year, by=TESTER, reason="年度结束")
    revise("6000000")
    before = picture()
    open_cap(provider_id=provider.pk, year=year, by=TESTER)
    assert picture() == before


def test_the_facts_name_the_notice_of_the_year() -> None:
    provider, year = ProviderFactory(listed=True), this_year() + 1
    notice = make_notice(year, content=with_cap(year, "8000000"))
    open_cap(provider_id=provider.pk, year=year, by=TESTER)
    record = evidence.of_subject(provider).last()
    assert record is not None
    assert record.facts == {"year": year, "cap": "8000000.00", "amount": "8000000.00", "notice": notice.label}
    assert date(year, 1, 1) == notice.valid_from


@pytest.mark.parametrize(
    ("used", "level", "warning"),
    [
        ("0", "free", ""),
        ("3999999.99", "free", ""),
        ("4250000", "near", "已用85.00%，达到预警线80%；用满后不能签订新合同。"),
        ("5000000", "full", "本年度限额5,000,000.00元已用满，不能签订新合同；已签的合同照常履行。"),
    ],
)
def test_how_near_the_cap_is(used: str, level: str, warning: str) -> None:
    provider, notice = ProviderFactory(listed=True), notice_of(this_year())
    if used != "0":
        use(provider, this_year(), used)
    figures = selectors.cap_figures(provider.pk, this_year())
    assert (explains.level(figures, notice), explains.warning(figures, notice)) == (level, warning)


def test_what_was_carried_over_is_no_cap_before_the_years_notice() -> None:
    notice = notice_of(this_year())
    figures = selectors.CapFigures(year=this_year() + 1, cap=Decimal("40000.00"), committed=Decimal("40000.00"))
    assert (explains.level(figures, notice), explains.warning(figures, notice)) == ("free", "")
