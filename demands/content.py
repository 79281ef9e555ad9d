"""What a text that will be public must not carry, and what the officer who reads it should look at. No ORM, no clock.

Personal data refuses the submission; everything else is a finding, advice to a person who decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

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
_SPOKEN = re.compile(r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{7,}")

KINDS = {
    "phone": "电话号码",
    "identity": "身份证号码",
    "email": "电子邮箱",
    "messenger": "微信、QQ等账号",
    "bank_card": "银行卡号",
}

# What the 办法 keeps out of the scheme (第七条第（一）项5, 第二十七条), and what hints that a person is named.
_SUSPECT = (
    ("outside_scope", "可能属常规通用或强制检验项目，不在使用范围（办法第七条）", ("强制检验", "强检", "常规检测", "常规检验", "年检")),
    ("cash_out", "有疑似套现、返利的表述（办法第二十七条）", ("套现", "返现", "返点", "回扣", "返利", "好处费", "全额返还")),
    ("transfer", "有疑似转让、买卖服务券的表述（办法第二十七条）", ("转让服务券", "出售服务券", "收购服务券", "卖券", "买券")),
    ("contact_words", "提到联系方式，请核对是否含个人信息", ("手机", "电话", "加微信", "邮箱", "联系人", "身份证")),
)  # fmt: skip
SHORT = 20  # characters: below this a provider can hardly quote


@dataclass(frozen=True)
class Personal:
    """Personal data in a field: of which kind, and how it begins, so that its writer finds it."""

    field: str
    kind: str
    shown: str

    @property
    def label(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True)
class Finding:
    """Something for the officer to look at: a stable code, the sentence, the words it rests on."""

    code: str
    message: str
    words: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"words": list(self.words)}


def personal_data(texts: Mapping[str, str]) -> list[Personal]:
    """Every piece of personal data in the fields of a text, one a kind and field."""
    found = []
    for field, text in texts.items():
        plain = unicodedata.normalize("NFKC", text)
        for kind, piece in _pieces(plain):
            found.append(Personal(field, kind, f"{piece[:3]}…"))
    return found


def findings(title: str, content: str, *, live_titles: Mapping[str, str]) -> list[Finding]:
    """What an officer should look at. `live_titles` are the enterprise's other open demands, by number."""
    text = unicodedata.normalize("NFKC", f"{title}\n{content}")
    found = []
    for code, message, words in _SUSPECT:
        if seen := tuple(word for word in words if word in text):
            found.append(Finding(code, message, seen))
    if spoken := _SPOKEN.search(text):
        found.append(Finding("spoken_number", "有连续的中文数字，请核对是否为电话等个人信息", (spoken.group(),)))
    if len("".join(content.split())) < SHORT:
        found.append(Finding("too_short", f"需求内容不足{SHORT}字，服务商可能难以报价"))
    if same := tuple(
        number for number, other in live_titles.items() if "".join(other.split()) == "".join(title.split())
    ):
        found.append(Finding("same_title", "与本企业另一项未结束的需求标题相同", same))
    return found


def _pieces(text: str) -> list[tuple[str, str]]:
    """(kind, piece): the first of each kind. What is an identity number is no bank card and no phone."""
    pieces = []
    if piece := next((m.group() for m in _IDENTITY.finditer(text) if _is_identity(m.group())), None):
        pieces.append(("identity", piece))
        text = text.replace(piece, " ")
    if piece := next((m.group() for m in _CARD.finditer(text) if _is_card(m.group())), None):
        pieces.append(("bank_card", piece))
        text = text.replace(piece, " ")
    for kind, pattern in (("phone", _PHONE), ("phone", _LANDLINE), ("email", _EMAIL), ("messenger", _MESSENGER)):
        if (match := pattern.search(text)) and kind not in dict(pieces):
            pieces.append((kind, match.group()))
    return pieces


def _is_identity(number: str) -> bool:
    """18 characters with a birth date that can be and a right check digit; a 统一社会信用代码 in digits is not."""
    month, day = int(number[10:12]), int(number[12:14])
    try:
        mod_11_2.validate(number.upper())
    except ValidationError:
        return False
    return number[6:8] in ("19", "20") and 1 <= month <= 12 and 1 <= day <= 31


def _is_card(number: str) -> bool:
    """16 to 19 digits that pass Luhn's check."""
    digits = [int(one) for one in number if one.isdigit()]
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return 16 <= len(digits) <= 19 and sum(doubled) % 10 == 0 and len(set(digits)) > 1
