"""The reviewers' own checklist, told to the provider before it submits (DOMAIN 3.4). No ORM, no clock.

Every item is looked at every time, so that whoever misses three things hears of three things at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from foundation.money import ZERO, yuan
from foundation.names import same_name
from settlement.states import Fault, Severity

BOTH_SIDES = frozenset({"enterprise", "provider"})


@dataclass(frozen=True)
class Payment:
    """The order of one kind of payment. Amounts in 元."""

    amount: Decimal
    matched: bool
    has_receipt: bool
    between_parties: bool


@dataclass(frozen=True)
class Confirmation:
    """The 服务确认书 with the sides that signed it."""

    amount: Decimal
    voucher: Decimal
    signed_by: frozenset[str]


@dataclass(frozen=True)
class Case:
    """What the checklist looks at, as it stands on `today`; once `returned`, `due` is the correction's.

    `filed_on` is the day on which the provider submitted what lies with the offices, None while it is the provider's
    turn: how long they take does not make a claim late.

    `permit` says by which document related parties were allowed to contract, empty for others. `declared_related`:
    what the enterprises declare now says that the two are, or were when they signed.
    """

    today: date
    due: date
    filed_on: date | None
    returned: bool
    contract_confirmed: bool
    contract_state: str
    notice_from: date
    notice_to: date
    signed_by: frozenset[str]
    signed_on: date | None
    dates: Sequence[datetime | None]
    signed_voucher: Decimal
    accepted: Decimal
    deposit: Decimal
    voucher: Decimal
    balance: Decimal
    payments: Mapping[str, Payment]
    invoices: Sequence[Decimal]  # amounts of those that stand
    withdrawn_invoices: int
    milestones: Mapping[str, int]
    confirmation: Confirmation | None
    approved: Decimal | None  # what was approved of it; None until then
    held: Decimal
    payee: str
    account_name: str | None
    barred: bool
    restricted: tuple[str, ...]  # 企业, 服务商: whom a record in the credit file keeps out
    complaints: Sequence[str]
    related_party: bool
    permit: str
    declared_related: bool
    repeated_files: Sequence[str]


@dataclass(frozen=True)
class Item:
    """One line: what was asked, whether it is met, what was found, and what to do when it is not."""

    code: str
    fault: str
    severity: str
    label: str
    ok: bool
    found: str
    todo: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check(case: Case) -> list[Item]:
    """Every item, in the order of the contract's life."""
    return [item(case) for item in ITEMS]


def missing(items: Sequence[Item]) -> list[Item]:
    """What stands in the way of submitting."""
    return [item for item in items if not item.ok and item.severity == Severity.HARD]


def risks(items: Sequence[Item]) -> list[Item]:
    """What a reviewer should look at; it stops nothing by itself."""
    return [item for item in items if not item.ok and item.severity == Severity.RISK]


def _item(
    code: str, fault: Fault, label: str, ok: bool, found: str, todo: str, severity: Severity = Severity.HARD
) -> Item:
    return Item(code, fault.value, severity.value, label, ok, found, "" if ok else todo)


def _confirmed(case: Case) -> Item:
    return _item(
        "contract_confirmed", Fault.F22, "合同为“已确认”且无争议、冻结", case.contract_confirmed,
        f"合同状态：{case.contract_state}", "请先办结争议或冻结，待合同恢复为“已确认”后提交。",
    )  # fmt: skip


def _signed(case: Case) -> Item:
    return _item(
        "contract_signed", Fault.F05, "合同由双方授权签署人签署", case.signed_by >= BOTH_SIDES,
        f"已签署{len(case.signed_by)}方", "请联系平台核查合同签署记录。",
    )  # fmt: skip


def _within_notice(case: Case) -> Item:
    on = case.signed_on
    return _item(
        "within_notice", Fault.F06, "合同签署日期在年度通知有效期内",
        on is not None and case.notice_from <= on <= case.notice_to,
        f"签署日期：{on or '无'}；有效期：{case.notice_from}至{case.notice_to}", "合同签署日期不在有效期内，不能兑付。",
    )  # fmt: skip


def _dates_in_order(case: Case) -> Item:
    known = [at for at in case.dates if at is not None]
    ok = len(known) == len(case.dates) and known == sorted(known)
    return _item(
        "dates_in_order", Fault.F07, "签署、生效、交付、验收依次完成", ok,
        "依次完成" if ok else "环节缺失或次序颠倒", "请联系平台核查合同履行记录。",
    )  # fmt: skip


def _paid(case: Case, kind: str, due: Decimal) -> tuple[bool, str]:
    payment = case.payments.get(kind)
    if due == ZERO:
        return True, "金额为0.00元，无需支付"
    if payment is None or not payment.matched:
        return False, f"应付{yuan(due)}，尚无已核对的付款"
    whole = payment.amount == due and payment.has_receipt and payment.between_parties
    return whole, f"应付{yuan(due)}，已核对{yuan(payment.amount)}"


def _deposit(case: Case) -> Item:
    ok, found = _paid(case, "deposit", case.deposit)
    return _item(
        "deposit_paid", Fault.F12, "定金由企业付给服务商，有流水号和电子回单", ok, found,
        "请企业登记付款并上传电子回单，由服务商核对到账。",
    )  # fmt: skip


def _balance(case: Case) -> Item:
    ok, found = _paid(case, "balance", case.balance)
    return _item(
        "balance_paid", Fault.F13, "余款已付清", ok, found, "请企业登记余款付款并上传电子回单，由服务商核对到账。"
    )


def _amounts(case: Case) -> Item:
    ok = case.accepted == case.deposit + case.voucher + case.balance and ZERO < case.voucher <= case.signed_voucher
    return _item(
        "amounts_agree", Fault.F10, "定金、服务券金额与余款之和等于验收金额", ok,
        f"{yuan(case.deposit)}＋{yuan(case.voucher)}＋{yuan(case.balance)}，验收金额{yuan(case.accepted)}",
        "金额不一致，请联系平台核查。",
    )  # fmt: skip


def _invoices(case: Case) -> Item:
    """The 办法 asks for none; what was registered comes to what was accepted (8-46)."""
    total = sum(case.invoices, ZERO)
    found = f"发票：{len(case.invoices)}张，合计{yuan(total)}" if case.invoices else "没有登记有效的发票"
    if case.withdrawn_invoices:
        found += f"，另有{case.withdrawn_invoices}张已作废或红冲"
    return _item(
        "invoices_agree", Fault.F10, "已登记的发票合计等于验收金额（未登记的不作要求）",
        not case.invoices or total == case.accepted,
        f"{found}；验收金额{yuan(case.accepted)}", "请服务商核对所登记的发票，提请审核人员核查差额。", Severity.RISK,
    )  # fmt: skip


def _evidence(case: Case) -> Item:
    bare = [title for title, files in case.milestones.items() if not files]
    return _item(
        "evidence_whole", Fault.F16, "每个关键环节至少一份佐证材料（办法第二十二条）", bool(case.milestones) and not bare,
        f"缺：{'、'.join(bare)}" if bare else f"{len(case.milestones)}个环节，{sum(case.milestones.values())}份材料",
        "请补充所缺环节的佐证材料。",
    )  # fmt: skip


def _confirmation(case: Case) -> Item:
    paper = case.confirmation
    ok = (
        paper is not None
        and paper.signed_by >= BOTH_SIDES
        and (paper.amount, paper.voucher) == (case.accepted, case.voucher)
    )
    found = f"已签署{len(paper.signed_by)}方，金额{yuan(paper.amount)}" if paper else "尚无服务确认书"
    return _item(
        "confirmation_signed", Fault.F15, "服务确认书由双方签署且金额一致（办法第十八条）", ok, found,
        "请双方签署服务确认书。",
    )  # fmt: skip


def _held(case: Case) -> Item:
    """What a reduction took off is free again: the rest must be held."""
    needed = case.approved if case.approved is not None else case.voucher
    return _item(
        "money_held", Fault.F17, "额度、服务商上限和预算仍为本合同锁定", case.held >= needed,
        f"已锁定{yuan(case.held)}，需{yuan(needed)}", "锁定的资金不足，请联系平台核查。",
    )  # fmt: skip


def _account(case: Case) -> Item:
    name = case.account_name
    return _item(
        "account_registered", Fault.F24, "已登记并生效的收款账户，户名与服务商名称一致",
        name is not None and same_name(name, case.payee),
        f"户名：{name}" if name else "没有已生效的收款账户", "请在服务商资料中登记本单位同名账户，复核并生效后再提交。",
    )  # fmt: skip


def _in_time(case: Case) -> Item:
    limit = "补正期限" if case.returned else "申报期限"
    filed = f"提交于{case.filed_on}" if case.filed_on else f"今天{case.today}"
    return _item(
        "in_time", Fault.F23, f"在{limit}内", (case.filed_on or case.today) <= case.due, f"截止{case.due}，{filed}",
        f"已过{limit}，请向厅职能处室申请延期。",
    )  # fmt: skip


def _qualified(case: Case) -> Item:
    return _item(
        "provider_qualified", Fault.F21, "服务商未因瞒报、虚报被取消资格", not case.barred,
        "已被取消资格" if case.barred else "未被取消资格", "服务商资格已终止，须由厅职能处室逐案决定（办法第十六条）。",
    )  # fmt: skip


def _creditworthy(case: Case) -> Item:
    return _item(
        "not_restricted", Fault.F21, "双方未被限制参与", not case.restricted,
        f"信用档案中有生效的限制：{'、'.join(case.restricted)}" if case.restricted else "没有生效的限制",
        "服务商被限制期间不予通过和支付，企业被限制的由审核人员核查本合同是否受影响；已整改的，由授权签署人申请信用修复"
        "（办法第二十七条）。", Severity.RISK,
    )  # fmt: skip


def _uncontested(case: Case) -> Item:
    return _item(
        "no_open_complaint", Fault.F22, "没有未办结的投诉", not case.complaints,
        f"未办结的投诉：{'、'.join(case.complaints)}" if case.complaints else "没有", "提请审核人员待投诉办结后再作结论。",
        Severity.RISK,
    )  # fmt: skip


def _unrelated(case: Case) -> Item:
    if case.related_party:
        found = f"双方存在关联关系，{case.permit}"
    else:
        found = "双方声明无关联关系" + ("，但现行关联方申报显示双方有关联" if case.declared_related else "")
    return _item(
        "unrelated", Fault.F19, "双方无关联关系", not case.related_party and not case.declared_related, found,
        "提请审核人员核查关联关系、核准依据和价格。", Severity.RISK,
    )  # fmt: skip


def _own_evidence(case: Case) -> Item:
    repeated = case.repeated_files
    return _item(
        "evidence_own", Fault.F18, "佐证材料未用于其他合同", not repeated,
        f"与其他合同相同的文件：{'、'.join(repeated)}" if repeated else "未发现重复", "提请审核人员核查重复使用的材料。",
        Severity.RISK,
    )  # fmt: skip


ITEMS: tuple[Callable[[Case], Item], ...] = (
    _confirmed, _signed, _within_notice, _dates_in_order, _deposit, _balance, _amounts, _invoices, _evidence,
    _confirmation, _held, _account, _in_time, _qualified, _creditworthy, _uncontested, _unrelated, _own_evidence,
)  # fmt: skip
