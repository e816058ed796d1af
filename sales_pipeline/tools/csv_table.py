"""A table in a text file: its encoding, its delimiter, its rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from ..exceptions import MalformedBody
from .text import storable

_DELIMITERS = ",;\t|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Spreadsheet programs store their own formats as ZIP or OLE containers.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LONGEST_CELL = 128 * 1024


@dataclass(frozen=True)
class TableRow:
    """One row of a table.

    :param line: number of the line in the file at which the row ends, as an editor shows it
    :param cells: value by column; empty when ``problem`` says why the row cannot be used
    :param problem: ``too_many_cells``, ``unreadable`` or nothing
    """

    line: int
    cells: dict[str, str]
    problem: str | None = None


class CsvTable:
    """A CSV file with a header, read row by row as often as needed.

    :raise MalformedBody: the file is no text, or has no usable header
    """

    def __init__(self, raw: bytes):
        if raw.startswith(_SPREADSHEETS):
            raise MalformedBody("This is a spreadsheet. Save it as CSV (UTF-8) and import that file.")
        self._text = _decode(raw)
        self._delimiter = _find_delimiter(self._text)
        self.header = self._read_header()

    def _reader(self):
        csv.field_size_limit(_LONGEST_CELL)
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter)

    def _read_header(self) -> list[str]:
        try:
            header = [name.strip() for name in next(self._reader(), [])]
        except csv.Error as error:
            raise MalformedBody("The first line cannot be read.") from error
        if not any(header):
            raise MalformedBody("The file has no first line with the names of the columns.")
        return _distinct([name or f"column {index}" for index, name in enumerate(header, 1)])

    def rows(self) -> Iterator[TableRow]:
        """Yield the rows below the header; rows without any value are left out."""
        reader = self._reader()
        next(reader, None)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield TableRow(reader.line_num, {}, "unreadable")
                continue
            if any(cell.strip() for cell in cells):
                yield self._get_row(reader.line_num, cells)

    def _get_row(self, line: int, cells: list[str]) -> TableRow:
        if any(cell.strip() for cell in cells[len(self.header) :]):
            return TableRow(line, {}, "too_many_cells")
        padded = [*cells, *[""] * (len(self.header) - len(cells))]
        return TableRow(line, {name: cell.strip() for name, cell in zip(self.header, padded, strict=False)})


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        # Exports do repeat names; the first column keeps its own.
        number = 1 + sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({number})" if name in found else name)
    return found


def _decode(raw: bytes) -> str:
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
