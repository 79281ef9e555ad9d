"""Made-up codes that no real firm or person has: county 99, phones 100…, banks 000000 (DOMAIN section 11)."""

from __future__ import annotations

from datetime import date, timedelta

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def make_uscc(number: int, city: str = "4501") -> str:
    """A valid 统一社会信用代码, both check digits right (GB 32100-2015, GB 11714)."""
    serial = f"MA{number:06d}"
    body = f"91{city}99{serial}{_organisation_digit(serial)}"
    return body + str(uscc.calc_check_digit(body))


def make_identity(number: int) -> str:
    """A 公民身份号码 of the right form, another one for each number; area 459900 is nobody's."""
    days, serial = divmod(number, 500)
    body = f"459900{date(1970, 1, 1) + timedelta(days=days):%Y%m%d}{serial * 2 + 1:03d}"
    return body + str(mod_11_2.calc_check_digit(body))


def _organisation_digit(serial: str) -> str:
    total = sum(int(char, 36) * weight for char, weight in zip(serial, WEIGHTS, strict=True))
    digit = 11 - total % 11
    return {10: "X", 11: "0"}.get(digit, str(digit))
