"""Pictures of pages of a running platform: python -m tests.e2e.look http://127.0.0.1:8000 /e/ --as enterprise-agent

Signs in as one of the sample's people, takes each page at 1280 and 390 px, and says what the console said and
whether the page is wider than the window.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from sample.cast import PASSWORD
from tests.e2e.browser import FLAGS, chromium


def main() -> None:
    """Writes <out>/<page>-<width>.png."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--as", dest="who", default="")
    parser.add_argument("--out", default="/tmp/look")
    parser.add_argument("--widths", default="1280,390")
    parser.add_argument("--care", action="store_true")
    parser.add_argument("--print", action="store_true", help="as on paper (A4), instead of the widths")
    asked = parser.parse_args()
    out = Path(asked.out)
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        if asked.care:
            context.add_cookies([{"name": "care", "value": "1", "url": asked.address}])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        if asked.who:
            page.goto(f"{asked.address}/sign-in/")
            page.get_by_label("用户名").fill(asked.who)
            page.get_by_label("密码").fill(PASSWORD)
            page.locator("main form button").click()
            page.wait_for_load_state()
        for path in asked.pages:
            name = re.sub(r"[^0-9a-z]+", "-", path.lower()).strip("-") or "home"
            if asked.print:
                page.emulate_media(media="print")
                page.set_viewport_size({"width": 794 - 227, "height": 1123})  # A4 less the margins, at 96 dots an inch
                answer = page.goto(asked.address + path)
                page.pdf(path=str(out / f"{name}.pdf"), prefer_css_page_size=True)
                page.screenshot(path=str(out / f"{name}-print.png"), full_page=True)
                print(out / f"{name}.pdf", answer.status, *said)
                said.clear()
                continue
            for width in (int(one) for one in asked.widths.split(",")):
                page.set_viewport_size({"width": width, "height": 900})
                answer = page.goto(asked.address + path)
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                file = out / f"{name}-{width}.png"
                page.screenshot(path=str(file), full_page=True)
                print(file, answer.status, "WIDER THAN THE WINDOW" if wide else "", *said)
                said.clear()
        browser.close()


if __name__ == "__main__":
    main()
