"""Reads about enterprises, their tier and quota, their passport and relations; for services, the API and rooms above."""

from enterprises.selectors.enterprises import (
    QuotaFigures,
    adjusted,
    examine,
    figures,
    grade,
    grants,
    latest_grant,
    notice_on,
    titles_held,
    uncovered,
    visible_adjustments,
    visible_to,
)
from enterprises.selectors.movements import History, quota_history, quota_years
from enterprises.selectors.passports import Shown, own_files, show_passport, visible_disputes
from enterprises.selectors.relations import (
    Marks,
    declaration_in_force,
    group,
    identifying_marks,
    related,
    relations_on,
    tied,
    visible_declarations,
)

__all__ = [
    "History",
    "Marks",
    "QuotaFigures",
    "Shown",
    "adjusted",
    "declaration_in_force",
    "examine",
    "figures",
    "grade",
    "grants",
    "group",
    "identifying_marks",
    "latest_grant",
    "notice_on",
    "own_files",
    "quota_history",
    "quota_years",
    "related",
    "relations_on",
    "show_passport",
    "tied",
    "titles_held",
    "uncovered",
    "visible_adjustments",
    "visible_declarations",
    "visible_disputes",
    "visible_to",
]
