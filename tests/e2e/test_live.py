"""Live parts in the browser: they follow without a reload, can be held still, and are right without the stream."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.states import Role
from demands.states import DemandState
from foundation import clock, live
from programmes.services import confirm_appropriation
from tests.e2e.conftest import Site
from tests.factories.demands import DemandFactory
from tests.live import serving_live

PILL = "#budget-pill b"
LINES = "[data-live-take] li b"  # the newest demands on the home page
SOON = 11_000  # milliseconds: a list is fetched again within them


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


def publish(title: str) -> None:
    """Newer than what the world was made with: its clock is set anew for each test."""
    with transaction.atomic():
        DemandFactory(state=DemandState.PUBLISHED, title=title, published_at=clock.now() + timedelta(hours=8))


@pytest.fixture
def beside(stream: Site) -> Page:
    """Another window on the home page: what stands there, the stream has told."""
    window = stream.context.new_page()
    window.goto(stream.url)
    return window


def test_the_home_page_takes_in_the_newest_demand_and_keeps_five(stream: Site, page: Page) -> None:
    page.goto(stream.url)
    for number in range(1, 7):
        publish(f"需求之{number}")
    expect(page.locator(LINES)).to_have_text([f"需求之{number}" for number in (6, 5, 4, 3, 2)], timeout=20_000)


def test_the_demands_are_held_still_until_they_may_go_on(stream: Site, page: Page, beside: Page) -> None:
    page.goto(stream.url)
    still = page.locator(LINES).all_inner_texts()
    page.get_by_role("button", name="暂停滚动").click()
    expect(page.locator("#live")).to_have_text("已暂停")
    publish("停着时来的需求")
    expect(beside.locator(LINES).first).to_have_text("停着时来的需求", timeout=20_000)
    page.wait_for_timeout(500)
    assert page.locator(LINES).all_inner_texts() == still
    page.get_by_role("button", name="继续滚动").click()
    expect(page.locator(LINES).first).to_have_text("停着时来的需求")
    publish("继续后来的需求")
    expect(page.locator(LINES).first).to_have_text("继续后来的需求", timeout=20_000)


def test_the_board_held_still_catches_up(stream: Site, page: Page, beside: Page) -> None:
    page.clock.install()
    page.goto(f"{stream.url}/board/")
    page.get_by_role("button", name="暂停滚动").click()
    publish("停着时来的需求")
    expect(beside.locator(LINES).first).to_have_text("停着时来的需求", timeout=20_000)
    page.clock.run_for(SOON)
    expect(page.locator("#board")).not_to_contain_text("停着时来的需求")
    page.get_by_role("button", name="继续滚动").click()
    page.clock.run_for(SOON)
    expect(page.locator("#board")).to_contain_text("停着时来的需求")


def test_what_somebody_types_in_is_left_alone_and_caught_up_with_later(stream: Site, page: Page, beside: Page) -> None:
    page.clock.install()
    page.goto(f"{stream.url}/board/")
    page.get_by_label("费用不低于（元）").press_sequentially("5")
    with page.expect_response(f"{stream.url}/board/", timeout=20_000):  # it looked, and held back
        publish("填写时来的需求")
        expect(beside.locator(LINES).first).to_have_text("填写时来的需求", timeout=20_000)
        page.wait_for_timeout(300)
        page.clock.run_for(SOON)
    expect(page.get_by_label("费用不低于（元）")).to_have_value("5")
    expect(page.locator("#board")).not_to_contain_text("填写时来的需求")
    page.get_by_label("费用不低于（元）").fill("")
    page.get_by_role("button", name="暂停滚动").focus()
    page.clock.run_for(SOON)
    expect(page.locator("#board")).to_contain_text("填写时来的需求")


def test_what_stands_open_stays_open_when_the_figures_change(stream: Site, page: Page) -> None:
    page.goto(stream.url)
    before = page.locator(PILL).inner_text()
    page.locator("#budget-card summary").click()
    page.wait_for_timeout(300)
    add_money(stream)
    expect(page.locator(PILL)).not_to_have_text(before)
    expect(page.locator("#budget-card details")).to_have_attribute("open", "")
