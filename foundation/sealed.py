"""Sealing what only few may open: SM4-GCM under a key derived for one purpose (GB/T 32907; DOMAIN 10.10, 10.12).

Each purpose has a secret of its own in settings.SEALING_SECRETS; the key is HKDF with SM3 over it. What is
sealed is bound to `about`, the row it belongs to: moved to another row it opens no more.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FORM = b"\x01"  # SM4-GCM: nonce, tag, ciphertext
_KEY, _NONCE, _TAG = 16, 12, 16


class SealBroken(Exception):
    """Altered, of another row, or sealed with another secret."""


def seal(purpose: str, plain: bytes, *, about: str) -> bytes:
    """The bytes, readable only with the secret of `purpose` and for `about`; sealed anew they look different."""
    nonce = os.urandom(_NONCE)
    cipher = Cipher(SM4(_key(purpose, "seal", _KEY)), GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(FORM + about.encode())
    sealed = cipher.update(plain) + cipher.finalize()
    return FORM + nonce + cipher.tag + sealed


def unseal(purpose: str, sealed: bytes, *, about: str) -> bytes:
    """What was sealed for `about`. Raises SealBroken."""
    start = len(FORM) + _NONCE + _TAG
    if sealed[: len(FORM)] != FORM or len(sealed) < start:
        raise SealBroken(f"{purpose}: not a sealed value")
    nonce, tag = sealed[len(FORM) : len(FORM) + _NONCE], sealed[len(FORM) + _NONCE : start]
    cipher = Cipher(SM4(_key(purpose, "seal", _KEY)), GCM(nonce, tag)).decryptor()
    cipher.authenticate_additional_data(FORM + about.encode())
    try:
        return cipher.update(sealed[start:]) + cipher.finalize()
    except InvalidTag:
        raise SealBroken(f"{purpose}: altered, or sealed with another secret") from None


def word_for(purpose: str, about: str) -> str:
    """A word that only the secret's holder can find again for `about`: 20 characters, 100 bits, none of I, L, O, U."""
    mac = HMAC(_key(purpose, "word", 32), SM3())
    mac.update(about.encode())
    number = int.from_bytes(mac.finalize(), "big")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(alphabet[(number >> (5 * place)) & 31] for place in range(20))


def _key(purpose: str, use: str, length: int) -> bytes:
    secret: str = settings.SEALING_SECRETS[purpose]
    return HKDF(SM3(), length, salt=None, info=f"{purpose}/{use}".encode()).derive(secret.encode())
