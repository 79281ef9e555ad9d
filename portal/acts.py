"""What was done, in words: the codes of the evidence (table, act) and its facts as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models

from engines.evidence.models import EvidenceRecord
from foundation import clock
from foundation.money import yuan
from foundation.strict_yaml import load
from portal.kit.days import days
from portal.named import name_of

_TEXTS = Path(__file__).resolve().parent / "texts"
_AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")
_FOR_MACHINES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")
_HASH = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_RATES = ("比例", "率", "预警线")
_SHOWN = 16  # characters of a hash
_MOST = 12  # items of a list
_JOB = re.compile("系统任务（(.+)）")


@cache
def _words() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = load((_TEXTS / "acts.yaml").read_text(encoding="utf-8"))
    return content


@cache
def _names() -> dict[str, str]:
    content: dict[str, str] = load((_TEXTS / "facts.yaml").read_text(encoding="utf-8"))
    return content


def known(table: str, act: str) -> bool:
    """Whether there are words for the act."""
    words = _words()
    return act in words.get(table, {}) or act in words["any"]


def label(table: str, act: str) -> str:
    """The words for an act on a record of that table; those of any table where its own has none."""
    words = _words()
    return words.get(table, {}).get(act) or words["any"].get(act, act)


def facts(record: EvidenceRecord, model: type[models.Model]) -> list[tuple[str, str]]:
    """What the record says beside the act, with names; ids that only a machine reads are left out."""
    said: Mapping[str, Any] = record.facts
    found = [(_names()[key], _told(key, value, model)) for key, value in said.items() if key in _names()]
    return [(name, text) for name, text in found if text]


def _told(key: str, value: Any, model: type[models.Model]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        told = [one for item in value[:_MOST] if (one := _told(key, item, model))]
        return "、".join(told) + ("等" if len(value) > _MOST else "")
    if not isinstance(value, str | int) or value == "":
        return ""
    text = str(value)
    if _FOR_MACHINES.fullmatch(text):
        return ""
    if _HASH.fullmatch(text):
        return f"{text[:_SHOWN]}…"
    if _AMOUNT.fullmatch(text):
        return yuan(Decimal(text))
    return _dated(name_of(key, text, model))


@cache
def _inputs() -> dict[str, str]:
    content: dict[str, str] = load((_TEXTS / "inputs.yaml").read_text(encoding="utf-8"))
    return content


def inputs(said: Mapping[str, Any], figure: str = "") -> list[tuple[str, str]]:
    """The inputs of an explained `figure` with names; tables and what only a machine reads are left out."""
    found = []
    for key, value in said.items():
        known = _inputs().get(f"{figure}.{key}") or _inputs().get(key)
        name = known or ("" if _CODE.fullmatch(key) else key)
        if name and value not in (None, "") and not isinstance(value, dict | list | tuple):
            found.append((name, _input(key, name, value)))
    return found


def _input(key: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    if name.endswith(_RATES) and _NUMBER.fullmatch(text):
        return f"{round(Decimal(text) * 100, 2).normalize():f}%"
    return yuan(Decimal(text)) if _AMOUNT.fullmatch(text) else _dated(name_of(key, text))


def _dated(text: str) -> str:
    """Instants and days as people of Shanghai write them."""
    return clock.written_at(datetime.fromisoformat(text)) if _INSTANT.fullmatch(text) else days(text)


def actor(label: str) -> str:
    """Who it was: a person as the record says, a job by what it does."""
    job = _JOB.fullmatch(label)
    return f"平台（{_words()['actors'].get(job[1], '定时任务')}）" if job else label
