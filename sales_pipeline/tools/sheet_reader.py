"""Read a spreadsheet in a process of its own, as a program: ``sheet_reader.py FILE [SHEET]`` writes JSON lines.

The first line names the sheets, every other one is a row of texts. A file made to eat memory or time, or that makes the
reading library fall, takes this process with it and not the server.
"""

import datetime
import json
import resource
import sys

_MEMORY_BYTES = 3 * 1024**3
_CPU_SECONDS = 120


def as_read(value):
    """Return a cell as a person reads it: whole numbers without a fraction, days without an hour."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def main(path, sheet=None):
    """Write the sheets and the rows of one of them."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine

    book = python_calamine.load_workbook(path)
    filled = [name for name in book.sheet_names if book.get_sheet_by_name(name).total_height] or book.sheet_names
    out = sys.stdout
    out.write(json.dumps(filled) + "\n")
    for row in book.get_sheet_by_name(sheet if sheet in filled else filled[0]).iter_rows():
        out.write(json.dumps([as_read(cell) for cell in row], ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
