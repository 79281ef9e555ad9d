"""Every page that can be opened, by one of each area that may: it is there, axe finds nothing, it fits every window, in
关怀版 too.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page as Window

from tests.e2e.axe import findings
from tests.e2e.conftest import Site
from tests.portal.pages import Page, pages
from tests.portal.world import one_of_each_area, openings

WIDTHS = (1280, 390)
ALL_WIDTHS = (1280, 1024, 768, 390, 360)
READ = [page for page in pages() if page.is_read and not page.is_bare]


def wider(window: Window) -> str:
    """What sticks out at the side, "" when nothing does."""
    said: str = window.evaluate(
        """() => {
          const wide = innerWidth;
          if (document.documentElement.scrollWidth <= wide) { return ""; }
          const out = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > wide + 1);
          return out.slice(0, 3).map(one => one.tagName + "." + one.className).join(", ") || "scrolls";
        }"""
    )
    return said


@pytest.mark.parametrize("page", READ, ids=str)
def test_a_page(page: Page, house: Site, context, console) -> None:
    wrong: dict[str, object] = {}
    for role, kwargs in one_of_each_area(openings(page, house.world)):
        who = role.value if role is not None else "anybody"
        context.clear_cookies()
        if role is not None:
            house.sign_in(house.world.people[role])
        url = house.url + page.url(kwargs)
        answer = context.request.get(url, max_redirects=0)
        if answer.status != 200:
            wrong[who] = (answer.status, answer.text()[:200])
        if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue  # what is not there or is no page: a file, the data behind a live part
        window = context.new_page()
        window.goto(url)
        for width in ALL_WIDTHS:
            window.set_viewport_size({"width": width, "height": 900})
            if sticks_out := wider(window):
                wrong[f"{who} {width}px"] = sticks_out
            if width in WIDTHS and (found := findings(window)):
                wrong[f"{who} {width}px axe"] = found
        window.evaluate("document.documentElement.setAttribute('data-care', 'on')")
        for width in WIDTHS:
            window.set_viewport_size({"width": width, "height": 900})
            if sticks_out := wider(window):
                wrong[f"{who} {width}px 关怀版"] = sticks_out
        window.close()
    assert wrong == {}
