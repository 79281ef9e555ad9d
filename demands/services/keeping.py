"""The words of what is on the shelf and on the board are kept, for processes that start later."""

from __future__ import annotations

from demands.matching import suggest
from demands.models import CutText

BATCH = 500


def keep_words() -> dict[str, int]:
    """What is shown today is kept as it was cut, and nothing else. Answers how many texts were cut, and let go."""
    version, wanted = suggest.cut_today()
    kept = {pk: (head, by) for pk, head, by in CutText.objects.values_list("pk", "head", "version")}
    new = [CutText(pk, head, version, words) for pk, (head, words) in wanted.items() if kept.get(pk) != (head, version)]
    CutText.objects.bulk_create(
        new,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["head", "version", "words"],
    )
    gone = kept.keys() - wanted.keys()
    CutText.objects.filter(pk__in=gone).delete()
    return {"kept": len(new), "let_go": len(gone)}
