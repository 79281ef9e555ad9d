"""A person's identity number as a keyed digest: comparable, not readable."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

from foundation.errors import Invalid


def digest(number: str) -> str:
    """HMAC-SM3 of the 18-digit 公民身份号码. Raises IDENTITY_INVALID when its check digit is wrong."""
    compact = number.strip().upper()
    if len(compact) != 18 or not compact.isascii() or not compact[:17].isdigit():
        raise _invalid()
    try:
        mod_11_2.validate(compact)
    except ValidationError:
        raise _invalid() from None
    mac = HMAC(settings.IDENTITY_KEY.encode(), SM3())
    mac.update(compact.encode())
    return mac.finalize().hex()


def _invalid() -> Invalid:
    return Invalid("IDENTITY_INVALID", "身份证号码须为18位且校验位正确，请核对后重新填写。")
