"""Taking the list of a batch out of the platform; every time it is on record who took what (第二十五条)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from engines.evidence import chain
from engines.evidence import services as evidence
from foundation import clock
from foundation.errors import Refused, not_allowed
from foundation.locking import unit_of_work
from foundation.money import ZERO, yuan
from foundation.names import last_four
from settlement import policies
from settlement.models import Batch, BatchExport, Claim, PayoutOrder
from settlement.papers.printing import printed
from settlement.services import common
from settlement.sheets import Line, workbook
from settlement.states import BATCH_APPROVED, BATCH_REQUESTED, CLAIM_CLEARED, CLAIM_MARKED, BatchState, ExportKind
from settlement.words import in_words

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIGNATURES = ("制表：促进中心经办", "复核：促进中心复核", "审核：厅职能处室", "财政厅")


def export(*, by: User, batch_id: UUID, kind: ExportKind) -> bytes:
    """The list as it stands now, and a record of it with the SM3 of its bytes.

    Once the 公示 is over, who is still disputed is not on it, once the treasury was asked for the money, just what
    it was asked for; the others are named beside it, so that the sum is the sum to be paid.
    Whole account numbers only for who makes, checks or sends payments. Raises NOT_ALLOWED, NOTHING_TO_EXPORT.
    """
    if not policies.may_export(by):
        raise not_allowed("导出拨付清单", *policies.EXPORTERS)
    with unit_of_work():
        batch = common.lock_batch(batch_id)  # what is recorded is what was there
        lines = _lines(batch, whole=policies.handles_payouts(by))
        if not lines:
            raise Refused("NOTHING_TO_EXPORT", f"批次{batch.number}还没有列入申请，没有清单可以导出。")
        content = _sheet(batch, lines) if kind == ExportKind.XLSX else _paper(batch, lines, by)
        row = BatchExport(
            batch=batch,
            kind=kind,
            batch_version=batch.version,
            exported_by=by,
            lines=len(lines),
            size=len(content),
            sm3=chain.sm3(content),
        )
        evidence.record(row, act="export", by=by, facts={"batch": batch.number, "kind": str(kind), "sm3": row.sm3})
    return content


def _listed(batch: Batch) -> QuerySet[Claim]:
    if batch.state in BATCH_REQUESTED:
        return batch.claims.filter(state__in=sorted(CLAIM_MARKED))
    if batch.state == BatchState.CLEARED:
        return batch.claims.filter(state__in=sorted(CLAIM_CLEARED))
    return batch.claims.all()


def _lines(batch: Batch, *, whole: bool) -> list[Line]:
    orders = Prefetch("payouts", PayoutOrder.objects.order_by("-pk"))
    rows = _listed(batch).select_related("contract__enterprise__organisation", "provider__organisation")
    lines = []
    for claim in rows.prefetch_related(orders).order_by("submitted_at", "pk"):
        order = next(iter(claim.payouts.all()), None)
        payee = claim.payee
        lines.append(
            Line(
                claim=claim.number,
                contract=claim.contract.number,
                enterprise=claim.contract.enterprise.organisation.name,
                enterprise_uscc=claim.contract.enterprise.uscc,
                payee=payee["name"],
                payee_uscc=claim.provider.uscc,
                account=payee["number"] if whole else last_four(payee["number"]),
                bank=payee["bank"],
                line_no=payee["line_no"],
                amount=claim.approved or ZERO,
                purpose=f"服务券补贴资金 {claim.contract.number}",
                state=claim.get_state_display(),
                order=order.number if order else "",
                voucher_no=(order.voucher_no if order else None) or "",
                paid_on=str(claim.paid_on or ""),
            )
        )
    return lines


def _title(batch: Batch) -> str:
    if batch.state in BATCH_REQUESTED | {BatchState.CLEARED}:
        return "服务券补贴资金拨付清单"
    return "服务券结算方案（已审定）" if batch.state in BATCH_APPROVED else "服务券结算方案（未审定）"


def _facts(batch: Batch) -> list[tuple[str, str]]:
    publicity = batch.publicity
    return [
        ("批次", f"{batch.number} {batch.title}"),
        ("状态", batch.get_state_display()),
        ("审定文号", batch.approval_no or "—"),
        ("公示", f"{publicity.first}至{publicity.last} {publicity.reference}" if publicity else "—"),
        ("拨款申请文号", batch.request_no or "—"),
        ("申请拨款", yuan(batch.requested)),
        ("拨款文号", batch.funding_no or "—"),
        ("已落实", yuan(batch.funded)),
        ("依据", batch.notice.label),
    ]


def _left_out(batch: Batch) -> list[tuple[str, str]]:
    """Who of the batch is not on the list, and why; empty when all are."""
    rows = batch.claims.exclude(pk__in=_listed(batch).values("pk")).order_by("number")
    others = [f"{one.number}（{one.get_state_display()}，{yuan(one.approved or ZERO)}）" for one in rows]
    return [("未列入本清单", "、".join(others))] if others else []


def _sheet(batch: Batch, lines: list[Line]) -> bytes:
    fixed = [(field.name, field.value) for field in batch.notice.parsed.treasury]
    return workbook(_title(batch), _facts(batch) + _left_out(batch), lines, fixed, at=batch.updated_at)


def _paper(batch: Batch, lines: list[Line], by: User) -> bytes:
    now, total = clock.now(), sum((line.amount for line in lines), ZERO)
    treasury = [[field.name, field.value] for field in batch.notice.parsed.treasury]
    data = {
        "number": batch.number,
        "title": _title(batch),
        "subtitle": batch.title,
        "facts": [*(list(fact) for fact in _facts(batch)), *treasury],
        "notes": [list(note) for note in _left_out(batch)],
        "rows": [
            [
                str(number),
                f"{line.claim}\n{line.contract}",
                f"{line.enterprise}\n{line.enterprise_uscc}",
                f"{line.payee}\n{line.payee_uscc}",
                f"{line.account}\n{line.bank} {line.line_no}",
                f"{line.amount:,.2f}",
                in_words(line.amount),
                "\n".join(one for one in (line.state, line.voucher_no, line.paid_on) if one),
            ]
            for number, line in enumerate(lines, 1)
        ],
        "count": str(len(lines)),
        "total": f"{total:,.2f}",
        "total_words": in_words(total),
        "signatures": list(SIGNATURES),
        "exported_by": by.actor_label,
        "exported_at": now.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"),
    }
    return printed("list.typ", data, at=now)
