"""Live parts in the browser: they follow without a reload, can be held still, and are right without the stream."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.states import Role
from foundation import live
from programmes.services import confirm_appropriation
from tests.e2e.conftest import Site
from tests.live import serving_live

PILL = "#budget-pill b"


@pytest.fixture
def stream(fresh_house: Site, settings: Any) -> Iterator[Site]:
    """The platform with its stream on another port, as `make run` has it."""
    live._said.clear()
    with serving_live() as port:
        settings.LIVE_URL = f"http://127.0.0.1:{port}/live/stream/"
        policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
        policy["DIRECTIVES"]["connect-src"].append(f"http://127.0.0.1:{port}")
        settings.CONTENT_SECURITY_POLICY = policy
        yield fresh_house


def add_money(site: Site) -> None:
    """A million more: the entry that waited for the second person is confirmed."""
    stage = site.world
    entry = stage.world.rows["appropriations"]
    confirm_appropriation(by=stage.people[Role.FINANCE], appropriation_id=entry.pk, version=entry.version)


def test_the_budget_follows_what_happens(stream: Site, page: Page) -> None:
    page.goto(stream.url)
    before = page.locator(PILL).inner_text()
    page.wait_for_timeout(300)  # the stream says first how things are
    add_money(stream)
    expect(page.locator(PILL)).not_to_have_text(before)
    expect(page.locator("#budget-card .big b")).to_have_text(page.locator(PILL).inner_text())
    expect(page.locator("#live")).to_have_text("预算剩余已更新")


def test_without_a_stream_the_page_asks_from_time_to_time(fresh_house: Site, page: Page) -> None:
    page.clock.install()
    page.goto(fresh_house.url)
    before = page.locator(PILL).inner_text()
    add_money(fresh_house)
    page.clock.run_for(45_000)
    expect(page.locator(PILL)).not_to_have_text(before)


def test_a_stream_that_is_not_there_is_no_fault_of_the_page(
    fresh_house: Site, page: Page, console: Any, settings: Any
) -> None:
    settings.LIVE_URL = "/live/stream/"  # a proxy that leads nowhere
    console.expect(404)
    page.clock.install()
    page.goto(fresh_house.url)
    before = page.locator(PILL).inner_text()
    add_money(fresh_house)
    page.clock.run_for(60_000)
    expect(page.locator(PILL)).not_to_have_text(before)
