"""结算材料 as a list people can read, made by the platform from the claim's own papers (第二十一条, 8-47)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.states import Document, PaymentKind, Side
from foundation import clock
from foundation.money import yuan
from settlement.models import Claim
from settlement.papers.printing import printed
from settlement.words import in_words

Paper = dict[str, str]


def listing(claim: Claim) -> dict[str, Any]:
    """Every paper of the claim with its SM3, in the order of the contract's life."""
    return {
        "number": claim.number,
        "contract": claim.contract.number,
        "digest": claim.digest,
        "requested": claim.requested,
        "papers": papers(claim.materials),
    }


def papers(materials: dict[str, Any]) -> list[Paper]:
    """`materials` (gathering.materials) line by line."""
    contract = materials["contract"]
    lines = [
        _paper(Document.CONTRACT.label, contract["number"], f"金额{_yuan(contract['amount'])}", contract["digest"])
    ]
    lines += [
        _paper("签署", str(Side(one["side"]).label), f"签署时间{_shown(one['at'])}", one["digest"])
        for one in contract["signatures"]
    ]
    for order in materials["payments"]:
        detail = f"{_yuan(order['amount'])}，流水号{order['bank_serial'] or '无'}"
        kind = str(PaymentKind(order["kind"]).label)
        lines.append(_paper(kind, order["number"], detail, file=order["receipt"] or {}))
    lines += [
        _paper("发票", one["number"], f"{_yuan(one['amount'])}，开票日期{one['issued_on']}", file=one["file"])
        for one in materials.get("invoices", ())  # claims filled before there were invoices have none
    ]
    lines += [
        _paper(f"关键环节{step['seq']} {step['title']}", file["name"], "佐证材料", file=file)
        for step in materials["milestones"]
        for file in step["files"]
    ]
    confirmation = materials["confirmation"]
    if confirmation is not None:
        detail = f"验收金额{_yuan(confirmation['amount'])}，服务券{_yuan(confirmation['voucher'])}"
        lines.append(_paper("服务确认书", contract["number"], detail, confirmation["digest"]))
    return lines


def pdf(claim: Claim) -> bytes:
    """The same list as a paper to print, with the amounts in words. The same claim gives the same bytes."""
    contract = claim.contract
    data = {
        "number": claim.number,
        "notice": claim.notice.label,
        "state": claim.get_state_display(),
        "facts": [
            ["合同编号", contract.number],
            ["企业", contract.enterprise.organisation.name],
            ["服务商", claim.provider.organisation.name],
            ["验收金额", yuan(claim.accepted_amount)],
            ["定金", yuan(claim.deposit)],
            ["余款", yuan(claim.balance)],
            ["申请兑付", f"{yuan(claim.requested)}（{in_words(claim.requested)}）"],
            ["签署内容SM3", claim.digest or "未提交"],
        ],
        "papers": [[one["group"], one["name"], one["detail"], one["sm3"]] for one in papers(claim.materials)],
    }
    return printed("pack.typ", data, at=claim.updated_at)


def _shown(at: str) -> str:
    """The instant as people of the region read it, to the minute."""
    return datetime.fromisoformat(at).astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _yuan(amount: str) -> str:
    return yuan(Decimal(amount))


def _paper(group: str, name: str, detail: str, sm3: str = "", *, file: dict[str, Any] | None = None) -> Paper:
    """`file` is the id of the stored file, empty for what is no file."""
    kept = file or {}
    return {
        "group": group,
        "name": name,
        "detail": detail,
        "sm3": sm3 or kept.get("sm3", ""),
        "file": kept.get("id", ""),
    }
