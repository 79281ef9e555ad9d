"""What a contract says, made ready for its pages: the text to be signed, its steps with their materials, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from contracts import gates, policies, selectors
from contracts.models import Contract, Milestone, Signature
from contracts.selectors import gates_of
from contracts.states import Document, EvidenceKind, Side
from engines.evidence.selectors import of_subject
from foundation import clock
from foundation.explain import Explanation
from foundation.money import percent
from portal.parties.contracts import looks

INPUTS: Mapping[str, str] = {
    "contract": "合同编号",
    "category": "服务类别",
    "amount": "合同金额",
    "rate": "补贴比例",
    "cap": "单个项目上限",
    "chosen": "使用服务券",
    "deposit_rate": "定金比例",
    "voucher": "服务券金额",
    "deposit": "定金",
    "accepted_amount": "验收金额",
    "final_voucher": "最终服务券",
}
RATES = frozenset({"rate", "deposit_rate"})


def shown(by: User, row: Contract) -> dict[str, Any]:
    """The text as it is signed, its digest, who has signed, and for which side the reader would."""
    own = policies.signatory_side(by, row)
    parts = {one.side: one for one in sorted(row.signatures.all(), key=lambda one: one.at) if is_of(row, one)}
    return {
        "text": row.terms,
        "kinds": [
            {
                "title": one["title"],
                "due_date": date.fromisoformat(one["due_date"]),
                "kinds": labels(one["evidence_kinds"]),
            }
            for one in row.terms["milestones"]
        ],
        "digest": (digest := selectors.digest_of(row)),
        "as_signed": all(one.digest == digest for one in parts.values()),
        "sides": [{"label": side.label, "signature": parts.get(side)} for side in Side],
        "own_side": own,
        "organisation": by.organisation,
        "refused_by": row.terms["refused_voucher_borne_by"],
    }


def is_of(row: Contract, signature: Signature) -> bool:
    """The signature stands under the contract's present text: a text is signed per hold, until both have signed it."""
    return signature.document == Document.CONTRACT and (row.signed_at is not None or signature.document_id == row.hold)


def labels(kinds: Any) -> str:
    """Codes of kinds of material as words."""
    return "、".join(EvidenceKind(kind).label for kind in kinds)


def steps(row: Contract) -> list[dict[str, Any]]:
    """Each milestone with its gate, what it lacks, and its materials with what was asked about them."""
    today = clock.today()
    return [_step(step, gates_of(step, today)) for step in row.milestones.all()]


def delivered(row: Contract) -> dict[str, Any]:
    """What was agreed to be measured, what the latest delivery says of it, and its note."""
    notes = [one.reason for one in of_subject(row) if one.act == "deliver"]
    return {"indicators": selectors.indicators(row), "delivery_note": notes[-1] if notes else ""}


def _step(step: Milestone, gate: gates.Gate) -> dict[str, Any]:
    return {
        "row": step,
        "state": gate.state,
        "tone": looks.OF_MILESTONE[gate.state],
        "wanted": labels(step.evidence_kinds),
        "missing": "、".join(kind.label for kind in gate.missing),
        "evidence": sorted(step.evidence.all(), key=lambda one: (one.at, one.pk)),
    }


def told(explanation: Explanation) -> Explanation:
    """An explanation with its inputs named and written as people read them."""
    inputs = {
        INPUTS.get(name, name): _figure(name, value) for name, value in explanation.inputs.items() if value is not None
    }
    result = f"{explanation.result:,.2f}元" if isinstance(explanation.result, Decimal) else explanation.result
    return replace(explanation, inputs=inputs, result=result)


def _figure(name: str, value: Any) -> Any:
    if name in RATES:
        return percent(value)
    return f"{value:,.2f}元" if isinstance(value, Decimal) else value


def explained(row: Contract) -> dict[str, Explanation]:
    """Why the voucher may be what it is, and how the other two parts follow; the category by its name."""
    voucher = selectors.explain_voucher(row)
    category = row.notice.parsed.category(row.category).name
    return {
        "voucher": told(replace(voucher, inputs={**voucher.inputs, "category": category})),
        "shares": told(selectors.explain_shares(row)),
    }
