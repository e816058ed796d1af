"""A table in a text file: its encoding, its delimiter, its rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..exceptions import MalformedBody
from .text import storable

_DELIMITERS = ",;\t|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Spreadsheet programs store their own formats as ZIP or OLE containers.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LONGEST_CELL = 128 * 1024
_MOST_COLUMNS = 500
_MOST_ROWS = 200_000
_MOST_BLANK = 50


@dataclass(frozen=True)
class TableRow:
    """One row of a table.

    :param line: number of the line in the file at which the row ends, as an editor shows it
    :param cells: value by column, as far as they could be read
    :param problem: why the row cannot be used: ``too_many_cells``, ``unreadable`` or nothing
    """

    line: int
    cells: dict[str, str]
    problem: str | None = None


class CsvTable:
    """A CSV file with a header, read row by row as often as needed.

    :param counts_records: count lines as a spreadsheet does, where a cell of several lines is one row
    :raise MalformedBody: the file is no text, or has no usable header
    """

    def __init__(self, raw: bytes, counts_records: bool = False):
        if is_spreadsheet(raw):
            raise MalformedBody("This is a spreadsheet. Save it as CSV (UTF-8) and import that file.")
        self._counts_records = counts_records
        self._text = _decode(raw)
        self._delimiter = _find_delimiter(self._text)
        self.header = self._read_header()

    def _reader(self):
        csv.field_size_limit(_LONGEST_CELL)
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter)

    def _open(self) -> tuple[Any, list[str], int]:
        """Return a reader that stands below the header, the header, and how many records were passed."""
        reader, record, header = self._reader(), 1, []
        header = next(reader, [])
        # In a spreadsheet the table seldom begins in the first row.
        while self._counts_records and not any(header) and record < _MOST_BLANK:
            header, record = next(reader, []), record + 1
        return reader, header, record

    def _read_header(self) -> list[str]:
        try:
            header = [name.strip() for name in self._open()[1]]
        except csv.Error as error:
            raise MalformedBody("The first line cannot be read.") from error
        if not any(header):
            raise MalformedBody("The file has no first line with the names of the columns.")
        while not header[-1]:
            header.pop()
        if len(header) > _MOST_COLUMNS:
            raise MalformedBody(f"The file has {len(header)} columns; {_MOST_COLUMNS} can be imported.")
        return _distinct([name or f"column {index}" for index, name in enumerate(header, 1)])

    def rows(self, skipped: int = 0) -> Iterator[TableRow]:
        """Yield the rows below the header; rows without any value are left out.

        :param skipped: so many are passed over without being read
        """
        reader, _header, record = self._open()
        while True:
            record += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = None
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            if skipped:
                skipped -= 1
                continue
            line = record if self._counts_records else reader.line_num
            yield TableRow(line, {}, "unreadable") if cells is None else self._get_row(line, cells)

    def count(self) -> int:
        """Return how many rows there are.

        :raise MalformedBody: more than can be imported at once
        """
        reader, found = self._open()[0], 0
        while True:
            try:
                found += any(map(str.strip, next(reader)))
            except StopIteration:
                break
            except csv.Error:
                found += 1
        if found > _MOST_ROWS:
            raise MalformedBody(f"The file has {found} rows; {_MOST_ROWS} can be imported at once. Split it.")
        return found

    def _get_row(self, line: int, cells: list[str]) -> TableRow:
        if any(cell.strip() for cell in cells[len(self.header) :]):
            return TableRow(line, self._get_cells(cells), "too_many_cells")
        return TableRow(line, self._get_cells(cells))

    def _get_cells(self, cells: list[str]) -> dict[str, str]:
        padded = [*cells, *[""] * (len(self.header) - len(cells))]
        return {name: cell.strip() for name, cell in zip(self.header, padded, strict=False)}


def is_spreadsheet(raw: bytes) -> bool:
    """Tell whether bytes are a file of a spreadsheet program."""
    return raw.startswith(_SPREADSHEETS)


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        # Exports do repeat names; the first column keeps its own.
        number = 1 + sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({number})" if name in found else name)
    return found


def _decode(raw: bytes) -> str:
    # A few are a slip of some program; a picture or an archive is full of them.
    if not raw.startswith(_BOMS[1][0]) and not raw.startswith(_BOMS[2][0]) and raw.count(0) > len(raw) // 300:
        raise MalformedBody("The file is no text in UTF-8, UTF-16 or Windows-1252.")
    encodings = [encoding for mark, encoding in _BOMS if raw.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return storable(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise MalformedBody("The file is no text in UTF-8, UTF-16 or Windows-1252.")


def _find_delimiter(text: str) -> str:
    header = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=header.count)
