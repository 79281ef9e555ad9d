"""统一社会信用代码 (GB 32100-2015): the check digit refuses; organisation code and region prefix only warn."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum.cn import uscc as stdnum_uscc

from foundation.errors import Invalid

LENGTH = 18
REGION_PREFIX = "45"
_SHAPE = re.compile(r"[0-9A-Z]{18}")
_NEVER_USED = frozenset("IOSVZ")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997


@dataclass(frozen=True)
class Warned:
    """Something to look at; never a reason to refuse."""

    code: str
    message: str


@dataclass(frozen=True)
class Uscc:
    """A code whose check digit holds, with what a clerk should look at."""

    code: str
    warnings: tuple[Warned, ...]


def check(text: str) -> Uscc:
    """The code in upper case. Raises USCC_INVALID with the reason: shape, letters never used, or check digit."""
    code = normalise(text)
    try:
        stdnum_uscc.validate(code)
    except stdnum_uscc.InvalidChecksum:
        expected = stdnum_uscc.calc_check_digit(code[:-1])
        raise _invalid(f"校验码不符（第18位应为{expected}，现为{code[-1]}）", code) from None
    except stdnum_uscc.ValidationError:
        raise _invalid("前8位不符合编码规则", code) from None
    return Uscc(code, tuple(_warnings(code)))


def normalise(text: str) -> str:
    """Outer blanks off, upper case. Raises USCC_INVALID for full-width, wrong length or letters never used."""
    text = text.strip(" \t")
    if not text.isascii():  # before upper(): some letters beyond ASCII fold into it
        raise _invalid("含有全角或非英文字符，请用半角输入", text)
    code = text.upper()
    if len(code) != LENGTH:
        raise _invalid(f"须为18位，现为{len(code)}位", code)
    if not _SHAPE.fullmatch(code):
        raise _invalid("只能含数字和大写字母", code)
    if odd := sorted(set(code) & _NEVER_USED):
        raise _invalid(f"不使用字母{'、'.join(odd)}，请核对是否为形近数字", code)
    return code


def organisation_code_holds(code: str) -> bool:
    """Whether positions 9-17 satisfy GB 11714-1997 (11 minus the weighted sum modulo 11; 10 is X, 11 is 0)."""
    body, digit = code[8:16], code[16]
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return digit == "0123456789X0"[11 - total % 11]


def _warnings(code: str) -> list[Warned]:
    found = []
    if not organisation_code_holds(code):
        found.append(Warned("ORGANISATION_CODE", "第9至17位的组织机构代码校验码不符，请核对营业执照。"))
    if not code[2:].startswith(REGION_PREFIX):
        found.append(
            Warned("REGION_PREFIX", "登记机关区划码不是45开头，请核对是否在区内登记（迁入企业可保留原代码）。")
        )
    return found


def _invalid(why: str, code: str) -> Invalid:
    return Invalid("USCC_INVALID", f"统一社会信用代码{why}。", uscc=code[:64])
