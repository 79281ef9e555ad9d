"""Names and numbers of people and units: when two are the same, and how much of one others may see."""

from __future__ import annotations

import unicodedata

BRACKETS = str.maketrans("【】", "[]")  # NFKC takes （） for () but leaves these
_ENDS = ("。", "！", "？", "!", "?", "。”", "！”", "？”", "。）", "。」")


def same_name(one: str, other: str) -> bool:
    """Alike after NFKC, width, brackets and blanks apart (DOMAIN 10.13, 8-49). Names are kept and sent as given."""
    return plain(one) == plain(other)


def sentence(text: str) -> str:
    """What a person wrote, closed by 。 unless it ends as a sentence does, so that our words may follow it."""
    closed = text.strip().rstrip("，、；：,;:")
    return closed if closed.endswith(_ENDS) else f"{closed}。"


def masked(value: str) -> str:
    """A phone keeps its first three and last four, an account its last four, anything else its first character."""
    if len(value) >= 11 and value.isdigit():
        return f"{value[:3] if len(value) == 11 else ''}****{value[-4:]}"
    return f"{value[:1]}***" if value else ""


def last_four(number: str) -> str:
    """An account number as it is shown: all but the last four digits hidden."""
    return f"****{number[-4:]}"


def plain(name: str) -> str:
    """The form in which two spellings of one name are the same."""
    return "".join(unicodedata.normalize("NFKC", name).translate(BRACKETS).split()).casefold()
