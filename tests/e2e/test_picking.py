"""What is picked in lists and plans, and filters on a phone."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Window

from accounts.states import Role
from engines.notifications.models import Message
from programmes.models import Suspension
from programmes.services import suspension
from tests.e2e.conftest import Site
from tests.factories.settlement import Desk, make_batch, make_claim


def test_all_rows_shown_are_picked_by_keyboard_and_counted(fresh_house: Site, page: Window) -> None:
    agent = fresh_house.sign_in(fresh_house.world.people[Role.ENTERPRISE_AGENT])
    page.goto(f"{fresh_house.url}/my/messages/")
    everything, figure = page.get_by_label("选择本页全部"), page.locator("[data-picked]")
    expect(figure).to_have_text("已选0条")
    everything.focus()
    page.keyboard.press("Space")
    expect(figure).to_have_text("已选20条")
    page.locator(".pick input").first.uncheck()
    expect(figure).to_have_text("已选19条")
    expect(everything).not_to_be_checked()
    page.get_by_role("button", name="标为已读（所选）").click()
    expect(page.locator(".notes")).to_contain_text("已标为已读")
    own = Message.objects.filter(organisation_id=agent.organisation_id, must_read=False).order_by("-pk")[:20]
    assert sum(one.read_at is None for one in own) <= 1


def test_without_a_script_nothing_promises_to_pick_all(house: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    house.sign_in(house.world.people[Role.ENTERPRISE_AGENT], context)
    page = context.new_page()
    page.goto(f"{house.url}/my/messages/")
    expect(page.locator("[data-pick-all]")).to_be_hidden()
    expect(page.get_by_role("button", name="标为已读（所选）")).to_be_visible()
    context.close()


def test_a_plan_sums_what_is_picked(fresh_house: Site, page: Window, morning: time_machine.Traveller) -> None:
    morning.shift(timedelta(hours=1))  # signing was paused when the world was made
    desk = Desk()
    paused = Suspension.objects.get(ended_at=None)
    suspension.resume_manually(by=desk.dp, suspension_id=paused.pk, version=paused.version, reason="调整完毕")
    made = make_batch("taken_in", cases=[make_claim("passed", desk=desk) for _ in range(2)], desk=desk)
    fresh_house.sign_in(desk.dp)
    page.goto(f"{fresh_house.url}/o/batches/{made.pk}/plan/")
    figure = page.locator("[data-picked]")
    expect(figure).to_have_text("已选2笔，合计20,000.00元")
    page.get_by_label(made.cases[0].at.number).uncheck()
    expect(figure).to_have_text("已选1笔，合计10,000.00元")


def test_filters_are_folded_on_a_phone_until_something_is_filtered(sample: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{sample.url}/providers/")
    form = page.locator("form.filters")
    expect(form).to_be_hidden()
    first = page.locator(".listing tbody tr").first.bounding_box()
    assert first is not None
    assert first["y"] < 844
    page.locator("summary", has_text="筛选").click()
    expect(form).to_be_visible()
    form.locator("select").first.select_option(index=1)
    form.get_by_role("button", name="查询").click()
    expect(form).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{sample.url}/providers/")
    expect(form).to_be_visible()
    context.close()
