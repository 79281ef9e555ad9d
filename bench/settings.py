"""The platform's own settings, and the peers that are measured beside it."""

from __future__ import annotations

from voucher_platform.settings import *  # noqa: F403
from voucher_platform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "mptt", "djmoney", "hordak"]
CURRENCIES = ["CNY"]
DEFAULT_CURRENCY = "CNY"
HORDAK_INTERNAL_CURRENCY = "CNY"
SILENCED_SYSTEM_CHECKS = ["models.W042"]
LOGGING_CONFIG = None
