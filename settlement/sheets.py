"""The list of a batch as a spreadsheet a finance office can use. No ORM, no clock.

Codes, account and line numbers are text cells, so that no digit is lost; text is never read as a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter

from settlement.words import in_words

FIRST_COLUMNS = (
    "序号", "申请编号", "合同编号", "企业名称", "企业统一社会信用代码", "收款人全称", "收款人统一社会信用代码", "收款账号",
    "开户行", "行号", "金额（元）", "金额大写", "用途",
)  # fmt: skip
LAST_COLUMNS = ("状态", "支付单号", "支付凭证号", "支付日期")
A4 = 9
WIDTHS = (6, 18, 20, 30, 22, 30, 22, 24, 30, 16, 16, 36, 30)


@dataclass(frozen=True)
class Line:
    """One claim of the list. `amount` in 元."""

    claim: str
    contract: str
    enterprise: str
    enterprise_uscc: str
    payee: str
    payee_uscc: str
    account: str
    bank: str
    line_no: str
    amount: Decimal
    purpose: str
    state: str
    order: str
    voucher_no: str
    paid_on: str


def workbook(title: str, facts: Sequence[tuple[str, str]], lines: Sequence[Line], fixed: Sequence[tuple[str, str]],
             *, at: datetime) -> bytes:  # fmt: skip
    """Title, facts, a header, a row for each line, the sum. `fixed` are the treasury's columns, the same in each row."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": title, "created": at.replace(tzinfo=None)})
    sheet = book.add_worksheet("拨付清单")
    bold = book.add_format({"bold": True, "font_size": 14})
    header = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
    text = book.add_format(
        {"num_format": "@", "border": 1, "text_wrap": True, "valign": "vcenter", "quote_prefix": True}
    )
    money = book.add_format({"num_format": "#,##0.00", "border": 1, "valign": "vcenter"})
    sheet.write_string(0, 0, title, bold)
    for row, (name, value) in enumerate(facts, 1):
        sheet.write_string(row, 0, f"{name}：{value}")
    top = len(facts) + 2
    columns = [*FIRST_COLUMNS, *(name for name, _ in fixed), *LAST_COLUMNS]
    for column, name in enumerate(columns):
        sheet.write_string(top, column, name, header)
        sheet.set_column(column, column, WIDTHS[column] if column < len(WIDTHS) else 20)
    amount_at = FIRST_COLUMNS.index("金额（元）")
    for number, line in enumerate(lines, 1):
        for column, cell in enumerate(_cells(number, line, fixed)):
            if isinstance(cell, Decimal):
                sheet.write_number(top + number, column, float(cell), money)
            else:
                sheet.write_string(top + number, column, cell, text)
    total, last = sum((line.amount for line in lines), Decimal("0.00")), top + len(lines) + 1
    sheet.write_string(last, 0, f"合计{len(lines)}笔", header)
    sheet.write_number(last, amount_at, float(total), money)
    sheet.write_string(last, amount_at + 1, in_words(total), text)
    sheet.freeze_panes(top + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)  # as wide as one page, as long as it is
    sheet.set_footer("&C第&P页，共&N页")
    sheet.repeat_rows(top)
    book.close()
    return out.getvalue()


def _cells(number: int, line: Line, fixed: Sequence[tuple[str, str]]) -> list[str | Decimal]:
    return [
        str(number), line.claim, line.contract, line.enterprise, line.enterprise_uscc, line.payee, line.payee_uscc,
        line.account, line.bank, line.line_no, line.amount, in_words(line.amount), line.purpose,
        *(value for _, value in fixed), line.state, line.order, line.voucher_no, line.paid_on,
    ]  # fmt: skip
