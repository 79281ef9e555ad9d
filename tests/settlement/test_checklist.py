"""The reviewers' checklist: each item on its own, and all that is missing at once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from settlement import checklist
from settlement.checklist import Case, Confirmation, Payment
from settlement.states import Fault, Severity

DAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
BOTH = frozenset({"enterprise", "provider"})
SIGNED = Confirmation(Decimal("12500.00"), Decimal("10000.00"), BOTH)
PAID = Payment(Decimal("2500.00"), matched=True, has_receipt=True, between_parties=True)

WHOLE = Case(
    today=date(2026, 3, 10),
    due=date(2026, 4, 1),
    filed_on=None,
    returned=False,
    contract_confirmed=True,
    contract_state="已确认",
    notice_from=date(2026, 1, 1),
    notice_to=date(2026, 12, 31),
    signed_by=BOTH,
    signed_on=date(2026, 3, 2),
    dates=[DAY, DAY, DAY, DAY],
    signed_voucher=Decimal("10000.00"),
    accepted=Decimal("12500.00"),
    deposit=Decimal("2500.00"),
    voucher=Decimal("10000.00"),
    balance=Decimal("0.00"),
    payments={"deposit": PAID},
    invoices=[],
    withdrawn_invoices=0,
    milestones={"1. 提交成果": 1},
    confirmation=SIGNED,
    approved=None,
    held=Decimal("10000.00"),
    payee="广西测试服务（南宁）有限公司",
    account_name="广西测试服务(南宁)有限公司",
    barred=False,
    restricted=(),
    complaints=[],
    related_party=False,
    permit="",
    declared_related=False,
    repeated_files=[],
)

ONE_THING_WRONG = [
    ("contract_confirmed", "F22", {"contract_confirmed": False, "contract_state": "争议中"}),
    ("contract_signed", "F05", {"signed_by": frozenset({"provider"})}),
    ("within_notice", "F06", {"signed_on": date(2025, 12, 31)}),
    ("within_notice", "F06", {"signed_on": None}),
    ("dates_in_order", "F07", {"dates": [DAY, DAY, None, DAY]}),
    ("dates_in_order", "F07", {"dates": [DAY, DAY, DAY.replace(hour=3), DAY]}),
    ("deposit_paid", "F12", {"payments": {}}),
    ("deposit_paid", "F12", {"payments": {"deposit": replace(PAID, matched=False)}}),
    ("deposit_paid", "F12", {"payments": {"deposit": replace(PAID, amount=Decimal("2499.99"))}}),
    ("deposit_paid", "F12", {"payments": {"deposit": replace(PAID, has_receipt=False)}}),
    ("deposit_paid", "F12", {"payments": {"deposit": replace(PAID, between_parties=False)}}),
    ("evidence_whole", "F16", {"milestones": {"1. 提交成果": 1, "2. 培训": 0}}),
    ("evidence_whole", "F16", {"milestones": {}}),
    ("confirmation_signed", "F15", {"confirmation": None}),
    ("confirmation_signed", "F15", {"confirmation": replace(SIGNED, signed_by=frozenset({"provider"}))}),
    ("confirmation_signed", "F15", {"confirmation": replace(SIGNED, voucher=Decimal("9999.99"))}),
    ("money_held", "F17", {"held": Decimal("9999.99")}),
    ("account_registered", "F24", {"account_name": None}),
    ("account_registered", "F24", {"account_name": "另一公司"}),
    ("in_time", "F23", {"today": date(2026, 4, 2)}),
    ("in_time", "F23", {"today": date(2026, 4, 3), "filed_on": date(2026, 4, 2)}),
    ("provider_qualified", "F21", {"barred": True}),
]


def wrong(items):
    return [item.code for item in items if not item.ok]


def test_a_whole_case_misses_nothing():
    items = checklist.check(WHOLE)
    assert wrong(items) == []
    assert [item.todo for item in items] == [""] * len(checklist.ITEMS)


@pytest.mark.parametrize(("code", "fault", "change"), ONE_THING_WRONG)
def test_each_item_by_itself(code, fault, change):
    missing = checklist.missing(checklist.check(replace(WHOLE, **change)))
    assert [(item.code, item.fault) for item in missing] == [(code, fault)]
    assert missing[0].todo


def test_a_balance_of_one_fen_must_be_paid():
    case = replace(WHOLE, accepted=Decimal("12500.01"), balance=Decimal("0.01"))
    case = replace(case, confirmation=replace(SIGNED, amount=Decimal("12500.01")))
    assert wrong(checklist.check(case)) == ["balance_paid"]
    paid = {**case.payments, "balance": replace(PAID, amount=Decimal("0.01"))}
    assert wrong(checklist.check(replace(case, payments=paid))) == []


def test_a_deposit_of_zero_needs_no_payment():
    case = replace(WHOLE, deposit=Decimal("0.00"), accepted=Decimal("10000.00"), payments={})
    case = replace(case, confirmation=replace(SIGNED, amount=Decimal("10000.00")))
    assert wrong(checklist.check(case)) == []


def test_a_voucher_above_the_signed_one_does_not_agree():
    case = replace(WHOLE, signed_voucher=Decimal("9000.00"))
    assert wrong(checklist.check(case)) == ["amounts_agree"]


def test_everything_missing_is_told_at_once():
    case = replace(WHOLE, payments={}, milestones={"1. 提交成果": 0}, confirmation=None, account_name=None)
    assert [item.code for item in checklist.missing(checklist.check(case))] == [
        "deposit_paid",
        "evidence_whole",
        "confirmation_signed",
        "account_registered",
    ]


def test_the_last_day_is_in_time():
    assert wrong(checklist.check(replace(WHOLE, today=WHOLE.due))) == []


@pytest.mark.parametrize(("returned", "limit"), [(False, "申报期限"), (True, "补正期限")])
def test_late_says_which_limit_and_which_day(returned, limit):
    [item] = checklist.missing(checklist.check(replace(WHOLE, today=date(2026, 4, 2), returned=returned)))
    assert (item.label, item.found) == (f"在{limit}内", "截止2026-04-01，今天2026-04-02")
    assert item.todo == f"已过{limit}，请向厅职能处室申请延期。"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"restricted": ("服务商",)}, "not_restricted"),
        ({"declared_related": True}, "unrelated"),
        ({"invoices": [Decimal("12499.99")]}, "invoices_agree"),
        ({"complaints": ["TS-1"]}, "no_open_complaint"),
        ({"related_party": True, "permit": "经核准（文号：桂工信审〔2026〕8号）"}, "unrelated"),
        ({"repeated_files": ["报告.pdf"]}, "evidence_own"),
    ],
)
def test_risks_stop_nothing(change, code):
    items = checklist.check(replace(WHOLE, **change))
    assert checklist.missing(items) == []
    assert [item.code for item in checklist.risks(items)] == [code]


def test_related_parties_are_named_with_the_document_that_allowed_them():
    case = replace(WHOLE, related_party=True, permit="经核准（文号：桂工信审〔2026〕8号）")
    [item] = checklist.risks(checklist.check(case))
    assert (item.severity, item.found) == ("risk", "双方存在关联关系，经核准（文号：桂工信审〔2026〕8号）")
    assert item.todo == "提请审核人员核查关联关系、核准依据和价格。"


def test_every_item_names_a_known_fault_and_severity():
    items = checklist.check(WHOLE)
    assert {item.fault for item in items} <= set(Fault.values)
    assert {item.severity for item in items} <= set(Severity.values)
    assert len({item.code for item in items}) == len(items)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"invoices": [Decimal("2500.00"), Decimal("10000.00")]},
            "发票：2张，合计12,500.00元；验收金额12,500.00元",
        ),
        ({}, "没有登记有效的发票；验收金额12,500.00元"),
        (
            {"withdrawn_invoices": 1},
            "没有登记有效的发票，另有1张已作废或红冲；验收金额12,500.00元",
        ),
    ],
)
def test_invoices_are_told_and_none_is_no_fault(change, found):
    items = checklist.check(replace(WHOLE, **change))
    [item] = [one for one in items if one.code == "invoices_agree"]
    assert (item.ok, item.severity, item.found) == (True, Severity.RISK, found)
