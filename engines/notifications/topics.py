"""Topics as data: what each is called, to which group it belongs, how its mail is worded, where its subject is found.

Every room ships its own `topics.yaml`; files in NOTIFICATION_TOPICS_DIR are laid over them, so that an
installation may reword without touching the program. A word in braces stands for what the event says
({title}, {body}, {label}, {data.amount}); it is put in as it is and never looked into again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from engines.notifications.models import OutboxEvent
from engines.notifications.states import EmailMode
from foundation import strict_yaml

FILE = "topics.yaml"
PLACE = re.compile(r"\{([^{}]*)\}")
KNOWN_PLACE = re.compile(r"title|body|label|data\.[a-z_]+")
OTHER = "other"
TEXTS = {"subject": "【服务券平台】{title}", "text": "{body}", "line": "{title}：{body}"}
_KEYS = {"label", "group", "email", *TEXTS}


@dataclass(frozen=True)
class Topic:
    """`email` is how its mails go unless somebody wants them otherwise."""

    code: str
    label: str
    group: str
    email: EmailMode
    subject: str
    text: str
    line: str

    def say(self, template: str, event: OutboxEvent) -> str:
        """The template with the event's words in its places; a figure that the event does not carry is ——."""
        words = {"title": event.title, "body": event.body, "label": self.label}
        words |= {f"data.{name}": str(value) for name, value in event.data.items()}
        return PLACE.sub(lambda place: words.get(place[1], "——"), template)


@dataclass(frozen=True)
class Catalogue:
    """All topics, the groups with their Chinese names, and the API address of each table's rows."""

    topics: dict[str, Topic]
    groups: dict[str, str]
    addresses: dict[str, str]


def find(code: str) -> Topic:
    """The topic; of one that no file knows, what can be said without."""
    known = catalogue().topics.get(code)
    return known or Topic(code=code, label=code, group=OTHER, email=EmailMode.AT_ONCE, **TEXTS)


def groups() -> dict[str, str]:
    """Each group of topics with its Chinese name."""
    return catalogue().groups


def link(event: OutboxEvent) -> str:
    """The API address of what the event is about; empty when it is about nothing, or has no address."""
    return address_of(event.subject_type, event.subject_id)


def address_of(subject_type: str, subject_id: UUID | None) -> str:
    """The API address of a row of that table, if it has one."""
    address = catalogue().addresses.get(subject_type, "")
    return address.format(id=subject_id) if address and subject_id else ""


@cache
def catalogue() -> Catalogue:
    """Read once. Raises ImproperlyConfigured that names file and entry of what is wrong."""
    raw: dict[str, dict[str, Any]] = {"groups": {OTHER: "其他"}, "addresses": {}, "topics": {}}
    for path in _files():
        _lay_over(raw, path)
    topics = {code: _topic(code, said, raw["groups"]) for code, said in raw["topics"].items()}
    return Catalogue(topics, raw["groups"], raw["addresses"])


def _files() -> Iterator[Path]:
    for config in apps.get_app_configs():
        path = Path(config.path) / FILE
        if path.exists():
            yield path
    if settings.NOTIFICATION_TOPICS_DIR:
        yield from sorted(Path(settings.NOTIFICATION_TOPICS_DIR).glob("*.yaml"))


def _lay_over(raw: dict[str, dict[str, Any]], path: Path) -> None:
    """What a later file says of a topic replaces that alone."""
    try:
        said = strict_yaml.load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ImproperlyConfigured(f"{path}: {error}") from error
    if not isinstance(said, dict) or set(said) - set(raw):
        raise ImproperlyConfigured(f"{path}: only {sorted(raw)} are known")
    for name in ("groups", "addresses"):
        raw[name] |= said.get(name) or {}
    for code, entry in (said.get("topics") or {}).items():
        merged = {**raw["topics"].get(code, {}), **entry}
        if set(merged) - _KEYS or not {"label", "group"} <= set(merged):
            raise ImproperlyConfigured(f"{path}: topic {code} needs label and group, and knows only {sorted(_KEYS)}")
        raw["topics"][code] = merged


def _topic(code: str, said: dict[str, Any], groups: dict[str, str]) -> Topic:
    texts = {name: str(said.get(name, default)) for name, default in TEXTS.items()}
    wrong = [place for text in texts.values() for place in PLACE.findall(text) if not KNOWN_PLACE.fullmatch(place)]
    if wrong:
        raise ImproperlyConfigured(f"topic {code}: no such place {{{wrong[0]}}}")
    if said["group"] not in groups:
        raise ImproperlyConfigured(f"topic {code}: group {said['group']} has no name")
    if said.get("email", EmailMode.AT_ONCE) not in EmailMode.values:
        raise ImproperlyConfigured(f"topic {code}: email is one of {EmailMode.values}")
    mode = EmailMode(said.get("email", EmailMode.AT_ONCE))
    return Topic(code=code, label=said["label"], group=said["group"], email=mode, **texts)
