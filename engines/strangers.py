"""People without an account: whoever files something by his real name is sealed apart, and returns by receipt and word."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import ClassVar

from engines.evidence import chain
from foundation import sealed
from foundation.errors import NotFound, Refused


@dataclass(frozen=True)
class Filer:
    """Who files: a person by name and identity number, a unit by name and 统一社会信用代码."""

    kind: str
    name: str
    identity: str
    phone: str
    email: str
    address: str

    @property
    def is_named(self) -> bool:
        """Whether name, number and telephone are all there: 实名."""
        return all(value.strip() for value in (self.name, self.identity, self.phone))


@dataclass(frozen=True)
class Stranger:
    """A filer as an actor: what is his can be told apart, who he is cannot be told. Each matter has its own kind."""

    code: ClassVar[str]
    label: ClassVar[str]
    receipt: str

    @property
    def actor_id(self) -> str:
        return f"{self.code}:{self.receipt}"

    @property
    def actor_label(self) -> str:
        return f"{self.label}（{self.receipt}）"


def seal(purpose: str, filer: Filer, *, about: str) -> bytes:
    """Who filed, readable only with the secret of `purpose` and for `about`."""
    return sealed.seal(purpose, json.dumps(asdict(filer), ensure_ascii=False).encode(), about=about)


def unseal(purpose: str, content: bytes, *, about: str) -> Filer:
    """Who filed. Raises SEAL_BROKEN."""
    return Filer(**json.loads(opened(purpose, content, about=about)))


def opened(purpose: str, content: bytes, *, about: str) -> bytes:
    """What was sealed for `about`. Raises SEAL_BROKEN."""
    try:
        return sealed.unseal(purpose, content, about=about)
    except sealed.SealBroken:
        raise Refused(
            "SEAL_BROKEN", "密封内容无法打开：与当前密钥（OBJECTION_KEY）不符或已被改动，请联系运维核查。"
        ) from None


def word(purpose: str, receipt: str) -> str:
    """The word that is given out with the receipt; made anew each time, it is kept nowhere but as `digest`."""
    return sealed.word_for(purpose, receipt)


def digest(given: str) -> str:
    """What is kept of a word, however it was typed."""
    return chain.sm3(given.strip().upper().encode())


def is_word(kept: str, given: str) -> bool:
    """Whether the word is the one of which `kept` is the digest."""
    return compare_digest(kept, digest(given))


def receipt_unknown() -> NotFound:
    """The same whether the receipt or the word is wrong: neither can be tried out."""
    return NotFound("RECEIPT_UNKNOWN", "回执号或查询码不正确，请核对后重新填写。")
