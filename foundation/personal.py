"""Personal data in a text that others will read: found by its form, and refused. No ORM, no clock.

Names cannot be found by a machine: who writes is told not to give them, and a person reads what goes out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

from foundation.errors import Invalid

# Digits as people break them up to be read, or to slip through: 138 0013 8000, 138-0013-8000.
_GAP = r"[\s\-—–_.·]?"
_PHONE = re.compile(rf"(?<![0-9])(?:\+?86{_GAP})?1(?:{_GAP}[0-9]){{10}}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])\(?0[0-9]{2,3}\)?[\s\-—]?[0-9]{7,8}(?![0-9])")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+\s*@\s*[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_MESSENGER = re.compile(
    r"(?:微信号?|wechat|weixin|vx|v信|qq号?|钉钉号?)\s*[:是为]?\s*[A-Za-z0-9][A-Za-z0-9_\-]{4,19}", re.IGNORECASE
)
_CARD = re.compile(r"(?<![0-9A-Za-z])[0-9]{4}(?:[\s\-]?[0-9]{4}){3}(?:[\s\-]?[0-9]{1,3})?(?![0-9A-Za-z])")
# Amounts and dates as the platform itself writes them on its lists have as many digits as a telephone number.
_FIGURES = re.compile(
    r"(?<![0-9.])(?!1[3-9][0-9]{9}\.)[0-9]+\.[0-9]{2}(?![0-9.])"
    r"|(?<![0-9])(?<![0-9][\-—.])20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])"
)

KINDS = {
    "phone": "电话号码",
    "identity": "身份证号码",
    "email": "电子邮箱",
    "messenger": "微信、QQ等账号",
    "bank_card": "银行卡号",
}


@dataclass(frozen=True)
class Personal:
    """Personal data in a field: of which kind, and how it begins, so that its writer finds it."""

    field: str
    kind: str
    shown: str

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def personal_data(texts: Mapping[str, str]) -> list[Personal]:
    """Every piece of personal data in the fields of a text, one a kind and field."""
    found = []
    for field, text in texts.items():
        plain = unicodedata.normalize("NFKC", text)
        for kind, piece in _pieces(plain):
            found.append(Personal(field, kind, f"{piece[:3]}…"))
    return found


def refuse(texts: Mapping[str, str], *, labels: Mapping[str, str], because: str, instead: str) -> None:
    """Raises PERSONAL_DATA naming each field, by its Chinese label, and the kinds found in it.

    `because` says who will read the text, `instead` what to do; both are part of the Chinese sentence.
    """
    found = personal_data(texts)
    if found:
        listed = "；".join(f"{labels[one.field]}中有{one.label}（{one.shown}）" for one in found)
        raise Invalid(
            "PERSONAL_DATA",
            f"{because}，不能含个人信息：{listed}。{instead}",
            found=[{"field": one.field, "kind": one.kind} for one in found],
        )


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(kind, piece): the first of each kind. What is an identity number is no bank card and no phone."""
    if piece := next((m.group() for m in _IDENTITY.finditer(text) if _is_identity(m.group())), None):
        yield "identity", piece
        text = text.replace(piece, " ")
    if piece := next((m.group() for m in _CARD.finditer(text) if _is_card(m.group())), None):
        yield "bank_card", piece
        text = text.replace(piece, " ")
    figures_apart = _FIGURES.sub("#", text)
    if match := _PHONE.search(figures_apart) or _LANDLINE.search(figures_apart):
        yield "phone", match.group()
    for kind, pattern in (("email", _EMAIL), ("messenger", _MESSENGER)):
        if match := pattern.search(text):
            yield kind, match.group()


def _is_identity(number: str) -> bool:
    """18 characters with a birth date that can be and a right check digit; a 统一社会信用代码 in digits is not."""
    month, day = int(number[10:12]), int(number[12:14])
    try:
        mod_11_2.validate(number.upper())
    except ValidationError:
        return False
    return number[6:8] in ("19", "20") and 1 <= month <= 12 and 1 <= day <= 31


def _is_card(number: str) -> bool:
    """16 to 19 digits that pass Luhn's check; a 统一社会信用代码 all of digits is none."""
    digits = [int(one) for one in number if one.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return (
        16 <= len(digits) <= 19
        and sum(doubled) % 10 == 0
        and len(set(digits)) > 1
        and not (number.isdigit() and bool(uscc.is_valid(number)))
    )
