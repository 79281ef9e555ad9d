#!/usr/bin/env python
"""Django's command line. Runs the embedded PostgreSQL for the command's time when no DATABASE_URL names a server."""

from __future__ import annotations

import contextlib
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

from voucher_platform.embedded import postgres

WITHOUT_DATABASE = {"", "help", "--help", "version", "--version", "spectacular", "collectstatic", "check"}


def main() -> None:
    """Run the command; the server that it started is stopped with the last command that uses it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voucher_platform.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    with contextlib.ExitStack() as stack:
        if command not in WITHOUT_DATABASE and not os.environ.get("DATABASE_URL"):
            stack.enter_context(postgres.using(settings.STATE_DIR))
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
