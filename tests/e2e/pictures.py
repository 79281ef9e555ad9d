"""The pictures of the documentation: python -m tests.e2e.pictures http://127.0.0.1:8000

Takes them of a running platform with the sample and writes docs/pictures/<name>.png. A page whose address nobody knows
beforehand is reached by links, as a person would.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from sample.cast import PASSWORD
from tests.e2e.browser import FLAGS, chromium

OUT = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESK, PHONE = (1280, 900), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A page as one of the sample's people sees it, after following `links` (CSS, the first that matches)."""

    name: str
    address: str
    who: str = ""
    size: tuple[int, int] = DESK
    links: tuple[str, ...] = ()
    care: bool = False


ROW = "main .listing td.at-title a"
PICTURES = (
    Picture("home", "/"),
    Picture("home-phone", "/", size=PHONE),
    Picture("notice", "/notices/current/"),
    Picture("product", "/products/", links=(ROW,)),
    Picture("enterprise", "/e/", "enterprise-agent"),
    Picture("enterprise-phone", "/e/", "enterprise-agent", PHONE),
    Picture("enterprise-care", "/e/", "enterprise-agent", care=True),
    Picture("contract", "/contracts/", "enterprise-signatory", links=(ROW,)),
    Picture("provider", "/s/", "provider-agent"),
    Picture("claim", "/s/claims/", "provider-agent", links=(ROW,)),
    Picture("officer", "/o/", "centre-checker"),
    Picture("review", "/o/", "centre-checker", links=("#tasks td.act a",)),
    Picture("publicity", "/publicities/", links=("main .listing a[href^='/publicities/'], main td.at-title a",)),
    Picture("budget", "/o/budget/", "finance"),
)


def main(address: str) -> None:
    """Writes them all; raises where a page does not answer or is wider than its window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for one in PICTURES:
            take(browser, address, one)
        browser.close()


def take(browser: Browser, address: str, one: Picture) -> None:
    """One of them."""
    width, height = one.size
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
    )
    if one.care:
        context.add_cookies([{"name": "care", "value": "1", "url": address}])
    page = context.new_page()
    if one.who:
        page.goto(f"{address}/sign-in/")
        page.get_by_label("用户名").fill(one.who)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_load_state()
    page.goto(address + one.address)
    for link in one.links:
        page.locator(link).first.click()
        page.wait_for_load_state()
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise RuntimeError(f"{one.name}: wider than its window")
    page.screenshot(path=str(OUT / f"{one.name}.png"))
    print(one.name, page.url.removeprefix(address))
    context.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
