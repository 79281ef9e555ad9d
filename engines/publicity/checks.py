"""Is every list still what was recorded when it was shown, and in the state its chain says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from engines.evidence.models import EvidenceRecord, Subject
from engines.evidence.selectors import Fault
from engines.publicity import digest
from engines.publicity.models import Publicity, PublicityItem


def lists_as_shown() -> Iterator[Fault]:
    """Each item and each list whose words, place, order or state are not those of its record."""
    for publicity in _recorded(Publicity, "open", "digest").iterator(chunk_size=200):
        hashes: list[str] = []
        for item in _recorded(PublicityItem, "show", "hash").filter(publicity=publicity).order_by("position"):
            hashes.append(item.hash)
            if not _item_holds(item):
                yield _altered(item)
        if not _list_holds(publicity, hashes):
            yield _altered(publicity)


def _recorded(model: type[Subject], act: str, fact: str) -> models.QuerySet[Any]:
    """The rows with what the record of `act` says of them, and the state that their latest one says."""
    own = EvidenceRecord.objects.filter(subject_type=model._meta.db_table, subject_id=models.OuterRef("pk"))
    return model._base_manager.annotate(
        recorded=models.Subquery(own.filter(act=act).values(f"facts__{fact}")[:1]),
        recorded_state=models.Subquery(own.order_by("-seq").values("facts__state")[:1]),
    )


def _item_holds(item: Any) -> bool:
    said = digest.of_item(item.position, item.subject_type, item.subject_id, item.label, item.body)
    return bool(said == item.hash == item.recorded and item.state == item.recorded_state)


def _list_holds(publicity: Any, hashes: list[str]) -> bool:
    said = digest.of_list(
        kind=publicity.kind,
        title=publicity.title,
        reference=publicity.reference,
        first=publicity.first,
        last=publicity.last,
        hashes=hashes,
    )
    held = said == publicity.digest == publicity.recorded and len(hashes) == publicity.item_count
    return bool(held and publicity.state == publicity.recorded_state)


def _altered(row: Subject) -> Fault:
    return Fault("altered", row._meta.db_table, row.pk, row.version)
