"""The rows of a list that were not imported, as a file to be mended and imported again."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from .csv_table import TableRow

# A spreadsheet program takes a cell that begins so for a formula, and carries it out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet program carries out.

    >>> as_text("=1+1"), as_text("+49 30 2312"), as_text("Dana")
    ("'=1+1", '+49 30 2312', 'Dana')
    """
    harmless = cell[:1] == "+" and all(char.isdigit() or char in " ()/.-" for char in cell[1:])
    return f"'{cell}" if cell.startswith(_FORMULA) and not harmless else cell


def write_error_list(
    header: Sequence[str], rows: Iterable[TableRow], reasons: Mapping[int, str], label: str
) -> bytes:
    """Return the rows that have a reason as CSV: the columns of the list and the reason.

    :param reasons: text by line of the list
    :param label: name of the column with the reason
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([as_text(name) for name in (*header, label)])
    for row in rows:
        if row.line in reasons:
            cells = [row.cells.get(name, "") for name in header]
            writer.writerow([as_text(cell) for cell in (*cells, reasons[row.line])])
    # With its mark, spreadsheet programs read it as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()
