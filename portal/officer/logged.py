"""What a record of the log is about, as people call it: by its number or its name, never by its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import models

from engines.evidence import selectors as evidence
from engines.evidence.models import EvidenceRecord
from enterprises.services.disputes import line_name
from portal.kit.days import days

Name = Callable[[Any], str]

# what has neither number nor name of its own: the rows to fetch with it, and how it is called by them
_BY_OTHERS: dict[str, tuple[tuple[str, ...], Name]] = {
    "accreditation_expert": (("user",), lambda row: f"{row.user.name}（{row.unit_name}）"),
    "accreditation_scoresheet": (
        ("application", "expert__user"),
        lambda row: f"{row.application.number}　{row.expert.user.name}",
    ),
    "contracts_evidencequery": (("contract",), lambda row: row.contract.number),
    "contracts_relatedpermit": (
        ("enterprise", "provider"),
        lambda row: row.decision_no or f"{row.enterprise.name}与{row.provider.name}",
    ),
    "contracts_serviceconfirmation": (("contract",), lambda row: row.contract.number),
    "contracts_supplement": (("contract",), lambda row: row.contract.number),
    "contracts_termination": (("contract",), lambda row: row.contract.number),
    "demands_response": (("demand", "provider"), lambda row: f"{row.demand.number}　{row.provider.name}"),
    "enterprises_passportdispute": (
        ("enterprise",),
        lambda row: f"{row.enterprise.name}　{line_name(row.line)}",
    ),
    "enterprises_quotaadjustment": (("enterprise",), lambda row: f"{row.enterprise.name}　{row.year}年度"),
    "enterprises_relationdeclaration": (("enterprise",), lambda row: f"{row.enterprise.name}　{row.year}年度"),
    "providers_bar": ((), lambda row: row.uscc),
    "providers_listing": (("provider",), lambda row: f"{row.provider.name}　{row.year}年度"),
    "providers_settlementaccount": (("provider",), lambda row: f"{row.provider.name}　{row.masked_number}"),
    "registry_rosterimport": ((), lambda row: days(str(row))),
    "registry_titleholding": ((), lambda row: row.uscc),
    "settlement_appeal": (("claim",), lambda row: row.claim.number),
    "settlement_batchexport": (("batch",), lambda row: f"{row.batch.number}　{row.get_kind_display()}"),
}


def name_of(row: models.Model) -> str:
    """How the record is called."""
    return _BY_OTHERS[row._meta.db_table][1](row) if row._meta.db_table in _BY_OTHERS else str(row)


def named(records: list[EvidenceRecord]) -> list[EvidenceRecord]:
    """Each with `subject_name`. One query for each table among them."""
    keys: dict[str, set[UUID]] = defaultdict(set)
    for one in records:
        keys[one.subject_type].add(one.subject_id)
    known = {model._meta.db_table: model for model in evidence.subject_models()}
    names = {
        (table, row.pk): name_of(row) for table in keys if table in known for row in _rows(known[table], keys[table])
    }
    for one in records:
        one.subject_name = names.get((one.subject_type, one.subject_id), "")  # type: ignore[attr-defined]
    return records


def keys_of(number: str) -> list[UUID]:
    """The keys of the records with that number, whatever they are."""
    found: list[UUID] = []
    for model in evidence.subject_models():
        field: Any = next((one for one in model._meta.fields if one.name == "number"), None)
        if isinstance(field, models.CharField):
            found += model._base_manager.filter(**{field.name: number}).values_list("pk", flat=True)
    return found


def _rows(model: type[models.Model], keys: Iterable[UUID]) -> models.QuerySet[Any]:
    others = _BY_OTHERS.get(model._meta.db_table, ((), str))[0]
    rows = model._base_manager.filter(pk__in=keys)
    return rows.select_related(*others) if others else rows
