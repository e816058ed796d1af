"""Rows of values as a file for a spreadsheet, which must take none of them for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_DATE, _DATETIME = "date", "datetime"
_LONGEST_TEXT = 32767
_COLUMN_WIDTH = 30


def to_cell(value: Any) -> Any:
    """Return a value of a record as JSON keeps it: text, number, or a pair that says which kind of time it is.

    >>> to_cell(date(2026, 1, 31))
    ['date', '2026-01-31']
    >>> to_cell(None), to_cell(False), to_cell(0), to_cell("=1")
    ('', '', 0, '=1')
    """
    if isinstance(value, datetime):
        return [_DATETIME, value.isoformat(" ", "seconds")]
    if isinstance(value, date):
        return [_DATE, value.isoformat()]
    if value is None or value is False:
        return ""
    if value is True:
        return "True"
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, int | float) else str(value)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of cells as CSV that Excel opens with the right letters.

    >>> file = to_csv(["Name", "Due"], [["=cmd()", ["date", "2026-01-31"]], ["+49 30 1", 5]])
    >>> file.decode("utf-8-sig").splitlines()
    ['"Name","Due"', '"\\'=cmd()","2026-01-31"', '"\\'+49 30 1","5"']
    """
    file = io.StringIO()
    table = csv.writer(file, quoting=csv.QUOTE_ALL)
    table.writerow([_disarm(name) for name in header])
    for row in rows:
        table.writerow([_disarm(cell[1] if isinstance(cell, list) else cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of cells as an Excel file: text stays text, numbers and times can be computed with."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, max(len(header) - 1, 0), _COLUMN_WIDTH)
        styles = {
            _DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            _DATETIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        for column, name in enumerate(header):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, list):
                    sheet.write_datetime(number, column, datetime.fromisoformat(cell[1]), styles[cell[0]])
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell[:_LONGEST_TEXT])
                else:
                    sheet.write_number(number, column, cell)
    return file.getvalue()


def _disarm(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
