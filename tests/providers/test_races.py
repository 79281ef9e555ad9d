"""Two at once: one listing, one version, one price; a bar and a listing never pass each other."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from accounts.states import Role
from engines.ledger import selectors as ledger
from foundation import clock
from programmes import books
from providers.jobs import expire_listings
from providers.models import Listing, ProductVersion, Provider
from providers.services import listings, offers, products, shelf, standing
from tests.enterprises.support import fresh, yuan
from tests.factories.accounts import TESTER, officer
from tests.factories.programmes import open_year
from tests.factories.providers import ListingFactory, ProductFactory, ProviderFactory, signatory_of
from tests.providers.support import DECISION, drafted, in_review
from tests.threads import answers_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_many_enlist_one_provider_once() -> None:
    year = clock.today().year
    notice = open_year(year)
    provider = ProviderFactory()
    answers = answers_of(*[lambda: listings.enlist(by=TESTER, provider_id=provider.pk, year=year, **DECISION)] * 6)
    assert Counter(answer if isinstance(answer, str) else "listed" for answer in answers) == {
        "listed": 1,
        "LISTING_EXISTS": 5,
    }
    assert ledger.balance(books.cap(provider.pk, year)).issued == notice.parsed.provider_cap


def test_whoever_is_barred_while_being_listed_is_not_listed() -> None:
    year = clock.today().year
    open_year(year)
    department, approver = officer(Role.DEPARTMENT), officer(Role.APPROVER)
    for _ in range(8):
        provider = ProviderFactory()
        bar = standing.propose_bar(by=department, provider_id=provider.pk, grounds="虚报")
        answers_of(
            lambda provider=provider: listings.enlist(by=TESTER, provider_id=provider.pk, year=year, **DECISION),
            lambda bar=bar: standing.decide_bar(by=approver, bar_id=bar.pk, version=1, decision_no="罚1号"),
        )
        assert set(Listing.objects.filter(provider=provider).values_list("state", flat=True)) <= {"terminated_ban"}


def barred_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """States of the listings when the bar is decided while a listing is being made, its checks behind it."""
    year = clock.today().year
    open_year(year)
    provider, approver = ProviderFactory(), officer(Role.APPROVER)
    bar = standing.propose_bar(by=officer(Role.DEPARTMENT), provider_id=provider.pk, grounds="虚报")
    checked, decided = threading.Event(), threading.Event()

    def pause(**_: Any) -> None:
        checked.set()
        decided.wait(timeout=2)  # the bar does not come by while the provider is locked

    monkeypatch.setattr(listings, "open_cap", pause)

    def decide() -> None:
        checked.wait(timeout=30)
        standing.decide_bar(by=approver, bar_id=bar.pk, version=1, decision_no="罚1号")
        decided.set()

    answers_of(lambda: listings.enlist(by=TESTER, provider_id=provider.pk, year=year, **DECISION), decide)
    return set(Listing.objects.filter(provider=provider).values_list("state", flat=True))


def test_a_bar_waits_for_a_listing_in_the_making_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert barred_in_the_middle(monkeypatch) == {"terminated_ban"}


def test_without_the_providers_lock_the_listing_slips_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    known = standing.lock

    def lock(rows: Any, pk: Any, **kwargs: Any) -> Any:
        return rows.get(pk=pk) if rows.model is Provider else known(rows, pk, **kwargs)

    monkeypatch.setattr(standing, "lock", lock)
    assert barred_in_the_middle(monkeypatch) == {"listed"}


def test_one_of_many_lowers_the_price() -> None:
    row = ProductFactory(on_shelf=True)
    by = signatory_of(row.provider)
    answers = answers_of(
        *[
            lambda cents=cents: shelf.lower_price(
                by=by, product_id=row.pk, version=row.version, price=yuan(9000 + cents)
            )
            for cents in range(6)
        ]
    )
    assert Counter(answer if isinstance(answer, str) else "lowered" for answer in answers) == {
        "lowered": 1,
        "VERSION_CONFLICT": 5,
    }
    assert (fresh(row).revision, ProductVersion.objects.filter(product=row, state="current").count()) == (2, 1)


def test_one_of_many_drafts_the_next_version() -> None:
    row = ProductFactory(on_shelf=True)
    by = signatory_of(row.provider)
    answers = answers_of(*[lambda: offers.draft_version(by=by, product_id=row.pk, version=row.version, changes={})] * 6)
    assert Counter(answer if isinstance(answer, str) else "drafted" for answer in answers) == {
        "drafted": 1,
        "VERSION_OPEN": 5,
    }


def test_what_is_taken_up_is_what_was_edited_or_the_edit_is_refused() -> None:
    for _ in range(6):
        version = drafted()
        by = signatory_of(version.product.provider)
        edited, taken = answers_of(
            lambda version=version, by=by: offers.edit(
                by=by, version_id=version.pk, version=1, changes={"price": yuan(9000)}
            ),
            lambda version=version: products.take_up(by=TESTER, version_id=version.pk),
        )
        row = fresh(version)
        assert row.state == "in_review"
        assert edited in ("WRONG_STATE", "VERSION_CONFLICT") or row.price == yuan(9000) == taken.price


def test_a_version_is_shelved_once() -> None:
    version = in_review()
    answers = answers_of(*[lambda: products.shelve(by=TESTER, version_id=version.pk, **DECISION)] * 4)
    assert Counter(answer if isinstance(answer, str) else "shelved" for answer in answers) == {
        "shelved": 1,
        "WRONG_STATE": 3,
    }


def test_runs_of_the_job_side_by_side_expire_each_once() -> None:
    last_year = clock.today().year - 1
    rows = [ListingFactory(year=last_year) for _ in range(4)]
    results = answers_of(*[lambda: expire_listings(clock.today())] * 3)
    assert sum(result["listings"] for result in results) == len(rows)
    assert {fresh(row).state for row in rows} == {"expired"}
    assert {fresh(row).version for row in rows} == {2}
