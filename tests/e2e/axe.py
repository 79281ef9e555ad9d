"""What axe-core finds on a page, in Chinese."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_VENDOR = Path(__file__).resolve().parent / "vendor"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found => found.violations.map(
  one => one.id + " (" + one.help + "): " + one.nodes.map(node => node.target.join(" ")).join(" | ")))"""


@cache
def _source() -> str:
    words = json.loads((_VENDOR / "axe.zh_CN.json").read_text(encoding="utf-8"))
    source = (_VENDOR / "axe.min.js").read_text(encoding="utf-8")
    return f"{source}\nwindow.axe.configure({{locale: {json.dumps(words)}}});"


def findings(page: Page) -> list[str]:
    """Every rule that the page breaks, with where. By way of the debugger, which no CSP holds up."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN, list(TAGS))
    return found
