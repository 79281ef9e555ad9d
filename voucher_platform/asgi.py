"""The door for uvicorn: the stream behind live parts of pages. Pages themselves go through wsgi.py."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voucher_platform.settings")
django.setup()

from portal.live.app import Live  # noqa: E402 - models can be loaded only now

application = Live()
