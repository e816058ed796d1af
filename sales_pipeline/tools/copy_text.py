"""Write rows as the text that PostgreSQL's COPY reads."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import repeat
from operator import is_
from typing import Any

_MARK = re.compile(r"[\\\t\n\r]")
_MARKS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


def format_rows(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> bytes:
    r"""Return a line a row, its values in the order of the names.

    :param rows: values by column, JSON as mappings or lists; what is missing or None is empty

    >>> format_rows([{"a": 1, "b": "two\tor\\three"}, {"b": {"c": True}}], ["a", "b"])
    b'1\ttwo\\tor\\\\three\n\\N\t{"c": true}\n'
    """
    columns = [_format_column([row.get(name) for row in rows]) for name in names]
    return "".join(["\t".join(cells) + "\n" for cells in zip(*columns, strict=True)]).encode()


def _format_column(values: list[Any]) -> list[str]:
    # Most columns hold the same object in every row: it is written once.
    first = values[0] if values else None
    if all(map(is_, values, repeat(first))):
        return [_format_value(first)] * len(values)
    # Few texts hold a mark: they are looked through as one.
    if set(map(type, values)) == {str} and not _MARK.search(" ".join(values)):
        return values
    known: dict[int, str] = {}
    cells = []
    for value in values:
        # The list keeps its objects alive, so that a number stands for one object.
        text = known.get(id(value))
        if text is None:
            text = known[id(value)] = _format_value(value)
        cells.append(text)
    return cells


def _format_value(value: Any) -> str:
    # Texts are the most by far, and few of them hold a mark.
    if isinstance(value, str):
        return value.translate(_MARKS) if _MARK.search(value) else value
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value).translate(_MARKS)
    return str(value)
