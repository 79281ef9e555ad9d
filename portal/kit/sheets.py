"""A list as a spreadsheet: every cell is text, so no digit of a code is lost and nothing is read as a formula."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.http import FileResponse

from foundation import clock

WIDEST = 48  # characters of a column
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(title: str, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> FileResponse:
    """The file to download, written row by row to disk: it takes no more memory for twenty thousand rows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it when it has been sent
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(_name(title))
    header = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@", "quote_prefix": True})
    sheet.freeze_panes(1, 0)
    for place, head in enumerate(heads):
        sheet.set_column(place, place, min(WIDEST, max(12, len(head) * 2 + 4)))
        sheet.write_string(0, place, head, header)
    for number, line in enumerate(lines, start=1):
        for place, value in enumerate(line):
            sheet.write_string(number, place, value, text)
    book.close()
    file.seek(0)
    name = f"{title}-{clock.today():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _name(title: str) -> str:
    """The title as a tab may be called: 31 characters at most, none of those that spreadsheets refuse."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip(" '") or "Sheet1"
