"""The people of a whole way through the platform, each in a browser of their own, with a clock that can be moved on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import time_machine
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from playwright.sync_api import Page as Window

from foundation import clock, jobs
from sample.deals import PDF

if TYPE_CHECKING:
    from tests.e2e.conftest import Console, Site

PATIENCE = 15_000  # ms until a page has said it; some acts do a lot, and the machine may be busy
Fill = Callable[[Window], None]


def every(found: Locator) -> list[Locator]:
    """All of them, once the page has them: `all()` by itself does not wait for the page a click leads to."""
    expect(found.first).to_be_visible(timeout=PATIENCE)
    return found.all()


@dataclass
class House:
    """Everybody's browsers on the one platform, and the papers they hand in."""

    site: Site
    browser: Browser
    dress: dict[str, Any]  # what every context is made with
    console: Console
    clock: time_machine.Traveller
    papers: Path
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)

    def context(self, who: str) -> BrowserContext:
        """The person's own browser, signed in; anybody's, when no one is named."""
        if who not in self.contexts:
            self.contexts[who] = self.browser.new_context(**self.dress)
            self.contexts[who].on("page", self.console.watch)
        if who and who not in self.signed_in:
            self.site.sign_in(who, self.contexts[who])
            self.signed_in.add(who)
        return self.contexts[who]

    def open(self, who: str, path: str) -> Window:
        window = self.context(who).new_page()
        window.goto(self.site.url + path)
        return window

    def act(self, who: str, path: str, label: str, says: str, fill: Fill | None = None, link: str = "") -> None:
        """The person opens the record, finds the act there, fills its page, sends it, and is told `says`."""
        window = self.open(who, path)
        named = re.compile(f"^{link or label}")
        window.locator("main").get_by_role("link", name=named).first.click()
        expect(window.get_by_role("heading", level=1)).to_contain_text(label)
        if fill is not None:
            fill(window)
        window.get_by_role("button", name=label, exact=True).click()
        expect(window.locator(".notes")).to_contain_text(says, timeout=PATIENCE)
        window.close()

    def shows(self, who: str, path: str, *texts: str) -> None:
        window = self.open(who, path)
        for text in texts:
            expect(window.locator("main")).to_contain_text(text, timeout=PATIENCE)
        window.close()

    def hand_in(self, window: Window, name: str) -> None:
        """A paper of its own goes into the drop area, and has arrived."""
        paper = self.papers / f"{name}.pdf"
        paper.write_bytes(PDF + os.urandom(8))
        window.locator(f"[data-files={name}] input[type=file]").first.set_input_files(paper)
        expect(window.locator(f"[data-files={name}] .file-name")).to_have_text(paper.name, timeout=PATIENCE)

    def pass_days(self, days: int = 1) -> None:
        """It is nine in the morning that many days on, the jobs have run, and everybody signs in anew."""
        day = clock.today() + timedelta(days=days)
        self.clock.move_to(datetime.combine(day, time(9), clock.SHANGHAI))
        for job in settings.CELERY_BEAT_SCHEDULE:
            jobs.run(job, clock.today())
        self.signed_in.clear()


def fields(**values: str) -> Fill:
    """Fills fields by their labels."""

    def fill(window: Window) -> None:
        for label, value in values.items():
            window.get_by_label(label).fill(value)

    return fill
