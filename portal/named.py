"""Codes of the evidence and of explained figures, as people call what they stand for.

A key may stand for several vocabularies: the record's own field is asked first, then these, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from accounts.states import Role
from accreditation import states as accreditation
from contracts import states as contracts
from credit import states as credit
from demands import states as demands
from engines.publicity import states as publicity
from enterprises import states as enterprises
from programmes import selectors as programmes
from registry import reference
from settlement import states as settlement

Names = Mapping[str, str]

_STAGES = {
    "propose": "提出",
    "check": "审核",
    "review": "复核",
    "decide": "决定",
    "second_look": "结果复核",
    "appeal": "申诉答复",
    "objection": "异议核查",
}


def _of(*vocabularies: Iterable[tuple[str, str]]) -> Callable[[], Names]:
    """The names of several vocabularies; where two have one code, those of the earlier."""
    found = {str(code): str(name) for code, name in reversed([*chain(*vocabularies)])}
    return lambda: found


def _titles() -> Names:
    return {code: kind.name for code, kind in reference.title_kinds().items()}


def _regions() -> Names:
    return {code: region.name for code, region in reference.regions().items()}


_KNOWN: Mapping[str, Callable[[], Names]] = {
    "stage": lambda: _STAGES,
    "side": _of(contracts.Side.choices, demands.Side.choices),
    "role": _of(Role.choices),
    "roles": _of(Role.choices),
    "kind": _of(accreditation.CaseKind.choices, contracts.PaymentKind.choices),
    "kinds": _of(contracts.EvidenceKind.choices),
    "material": _of(accreditation.MaterialKind.choices),
    "nature": _of(accreditation.TieNature.choices),
    "fault": _of(contracts.Fault.choices),
    "claim_stage": _of(contracts.ClaimStage.choices),
    "code": _of(settlement.Fault.choices, settlement.ReturnCode.choices, credit.Refusal.choices),
    "outcome": _of(publicity.Outcome.choices, accreditation.Outcome.choices),
    "why": _of(publicity.Unaccepted.choices),
    "title_code": _titles,
    "winning_title": _titles,
    "city": _regions,
    "before": lambda: {**_regions(), **_of(enterprises.State.choices)()},
    "tier": programmes.tier_names,
    "category": programmes.category_names,
    "categories": programmes.category_names,
}


def name_of(key: str, code: str, model: type[models.Model] | None = None) -> str:
    """What `code` under `key` of a record of `model` is called; the code itself where nothing calls it otherwise."""
    own = _choices(model, key) if model is not None else {}
    known = _KNOWN.get(key)
    return own.get(code) or (known().get(code, code) if known is not None else code)


def _choices(model: type[models.Model], key: str) -> Names:
    try:
        field = model._meta.get_field(key)
    except FieldDoesNotExist:
        return {}
    return {str(code): str(name) for code, name in getattr(field, "flatchoices", None) or ()}
