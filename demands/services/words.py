"""The operator's synonyms, and the log of what was asked in vain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, models

from accounts.models import User
from demands import policies
from demands.matching import tokens
from demands.models import MissedSearch, Synonym
from demands.states import SynonymState
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.personal import personal_data
from foundation.states import move

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
LONGEST = 80


def propose(*, by: User, code: str, words: Sequence[str], note: str = "") -> Synonym:
    """The group waits for a second person. Words are kept as searches read them: width and case folded, each once.

    Raises NOT_ALLOWED, SYNONYM_CODE, SYNONYM_EMPTY_WORD, SYNONYM_PROPOSED.
    """
    if not policies.may_propose_synonym(by):
        raise not_allowed("提出同义词组")
    if not _CODE.fullmatch(code):
        raise Invalid("SYNONYM_CODE", "词组代码须为2至40位小写字母、数字或下划线，以字母开头。", group=code)
    folded = list(dict.fromkeys(tokens.fold(word) for word in words))
    if not all(any(character.isalnum() for character in word) for word in folded):
        raise Invalid("SYNONYM_EMPTY_WORD", "每个词须至少含一个汉字、字母或数字。")
    with unit_of_work():
        group = Synonym(code=code, words=folded, note=note, proposed_by=by)
        try:
            evidence.record(group, act="propose", by=by, facts={"code": code, "words": folded})
        except IntegrityError as error:
            if "synonym_one_proposal" not in str(error):
                raise
            raise Refused("SYNONYM_PROPOSED", f"词组代码“{code}”已有一组待复核，请先复核。", group=code) from None
    return group


def confirm(*, by: User, synonym_id: UUID, version: int) -> Synonym:
    """In use from the next search on; the group of the same code before it is retired."""
    with unit_of_work():
        group = lock(Synonym.objects.all(), synonym_id, version=version)
        if not policies.may_decide_synonym(by, group):
            raise not_allowed("复核同义词组（须与提出人不同）")
        earlier = Synonym.objects.filter(code=group.code, state=SynonymState.CONFIRMED)
        for one in earlier.select_for_update(of=("self",), no_key=True).order_by("pk"):
            move(one, "retire", "停用同义词组")("由同一代码的新词组替代。")
            evidence.record(one, act="retire", by=by, reason=one.reason)
        move(group, "confirm", "复核同义词组")(by, clock.now())
        evidence.record(group, act="confirm", by=by, facts={"code": group.code, "words": group.words})
    return group


def refuse(*, by: User, synonym_id: UUID, version: int, reason: str) -> Synonym:
    """Not taken."""
    with unit_of_work():
        group = lock(Synonym.objects.all(), synonym_id, version=version)
        if not policies.may_decide_synonym(by, group):
            raise not_allowed("复核同义词组（须与提出人不同）")
        move(group, "refuse", "不采用同义词组")(by, clock.now(), reason)
        evidence.record(group, act="refuse", by=by, reason=reason)
    return group


def retire(*, by: User, synonym_id: UUID, version: int, reason: str) -> Synonym:
    """Out of use; a group of the same code that came with the platform counts again."""
    with unit_of_work():
        group = lock(Synonym.objects.all(), synonym_id, version=version)
        if not policies.may_decide_synonym(by, group):
            raise not_allowed("停用同义词组（须与提出人不同）")
        move(group, "retire", "停用同义词组")(reason)
        evidence.record(group, act="retire", by=by, reason=reason)
    return group


def note_missed(text: str) -> None:
    """A search that found nothing is on the operator's list, once per wording. Personal data is not kept."""
    wording = tokens.fold(" ".join(text.split()))[:LONGEST].strip()
    if not wording or personal_data({"text": text}):
        return
    at = clock.now()
    with unit_of_work():
        MissedSearch.objects.bulk_create(
            [MissedSearch(text=wording, times=0, first_at=at, last_at=at)], ignore_conflicts=True
        )
        MissedSearch.objects.filter(text=wording).update(times=models.F("times") + 1, last_at=at)
