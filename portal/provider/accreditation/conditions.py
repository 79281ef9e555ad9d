"""The conditions of an application as its page shows them: as they stand now, or as the examiners found them (第十三条)."""

from __future__ import annotations

from typing import Any

from accreditation import gathering, selectors
from accreditation.models import Application
from accreditation.states import Outcome
from portal.provider.common import OF_OUTCOME


def live(row: Application) -> list[dict[str, Any]]:
    """As they stand now, but for the commitment: that is signed with the submission itself."""
    return [
        {
            **one.as_dict(),
            "label": one.label,
            "source": one.source.label,
            "result": one.result,
            "tone": OF_OUTCOME[one.result],
        }
        for one in gathering.conditions_of(row, commitment=True)
        if one.code != "commitment"
    ]


def kept(row: Application) -> list[dict[str, Any]]:
    return [
        {
            "label": one.label,
            "article": one.article,
            "asked": one.asked,
            "value": one.value,
            "source": one.get_source_display(),
            "result": Outcome(one.result),
            "tone": OF_OUTCOME[one.result],
            "why": one.why,
            "finding": one.get_finding_display() if one.finding else "",
            "note": one.note,
        }
        for one in selectors.checks(row)
    ]
