"""Which Chromium the pages are tried in."""

from __future__ import annotations

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
# no sandbox, because tests often run as root in a container; and nothing that asks the network by itself
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no Chromium was found: apt-get install chromium fonts-noto-cjk, or name one: CHROMIUM=/path/to/chromium"


def chromium() -> str:
    """The path of the one CHROMIUM names, else of Debian's; "" where there is none."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if os.path.exists(named) else ""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


if __name__ == "__main__":
    sys.exit(None if chromium() else MISSING)
