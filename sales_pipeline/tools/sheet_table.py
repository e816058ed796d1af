"""A table in a file of a spreadsheet program, brought to CSV."""

import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

from ..exceptions import MalformedBody
from .text import storable

_MOST_BYTES = 400 * 1024**2
_MOST_OUTPUT = 300 * 1024**2
_SECONDS = 180
_PIECE = 1024**2
_UNREADABLE = "The spreadsheet cannot be read. Open it, save it as CSV (UTF-8) and import that file."
_TOO_LARGE = "The spreadsheet is too large to be opened safely. Save the sheet as CSV (UTF-8) and import that file."


def read_sheet(raw: bytes, sheet: str | None = None) -> tuple[bytes, list[str]]:
    """Return a sheet as CSV in UTF-8, one record a row of the sheet, and the names of all sheets that are not empty.

    :param sheet: name of the sheet; the first that is not empty where it is missing
    :raise MalformedBody: the library is missing, or the file is damaged or made to harm
    """
    if not find_spec("python_calamine"):
        raise MalformedBody(
            "Spreadsheets need the Python package python-calamine on the server. Save the sheet as CSV (UTF-8), "
            "or ask whoever runs the server to install it."
        )
    if raw.startswith(b"PK"):
        _refuse_bombs(raw)
    with tempfile.TemporaryDirectory() as folder:
        path, lines = Path(folder, "book"), Path(folder, "rows")
        path.write_bytes(raw)
        program = Path(__file__).with_name("sheet_reader.py")
        command = [sys.executable, str(program), str(path), *([sheet] if sheet else [])]
        try:
            with lines.open("wb") as output:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, timeout=_SECONDS,
                    check=False,
                )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise MalformedBody(_TOO_LARGE) from error
        if done.returncode:
            # A negative code is a signal: out of memory or time.
            is_large = done.returncode < 0 or b"MemoryError" in done.stderr or b"memory" in done.stderr
            raise MalformedBody(_TOO_LARGE if is_large else _UNREADABLE)
        if lines.stat().st_size > _MOST_OUTPUT:
            raise MalformedBody(_TOO_LARGE)
        return _to_csv(lines)


def _refuse_bombs(raw: bytes) -> None:
    """Unpack every part once, piece by piece: what a file says of its own size proves nothing."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for part in archive.infolist():
                with archive.open(part) as content:
                    while piece := content.read(_PIECE):
                        total += len(piece)
                        if total > _MOST_BYTES:
                            raise MalformedBody(_TOO_LARGE)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise MalformedBody(_UNREADABLE) from error


def _to_csv(lines: Path) -> tuple[bytes, list[str]]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    with lines.open() as content:
        sheets = json.loads(next(content, "[]"))
        for line in content:
            row = json.loads(line)
            # An empty record would be no line at all.
            writer.writerow(row or [""])
    if not sheets:
        raise MalformedBody("The spreadsheet has no sheet with values.")
    return storable(text.getvalue()).encode(), sheets
