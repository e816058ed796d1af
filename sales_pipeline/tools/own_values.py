"""Answers brought into the type of a field that the database's owner added."""

from collections.abc import Iterable
from typing import Any

from .lead_words import read_amount, read_yes_no
from .text import one_line, several_lines

#: Types of fields that an answer can be brought into.
TYPES = ("char", "text", "integer", "float", "monetary", "boolean", "selection")

# PostgreSQL's integer has 32 bits.
_LARGEST = 2**31 - 1


def fit_value(kind: str, value: Any, options: Iterable[tuple[str, str]] = ()) -> Any:
    """Return an answer as a value of a field, or None when it says nothing to that field.

    :param kind: one of ``TYPES``
    :param options: value and label of a selection

    >>> fit_value("integer", "1 200"), fit_value("boolean", "yes"), fit_value("selection", "Big", [("b", "big")])
    (1200, True, 'b')
    """
    if kind in ("integer", "float", "monetary"):
        amount = read_amount(value)
        if amount is None or kind != "integer":
            return amount
        return int(amount) if abs(amount) <= _LARGEST else None
    if kind == "boolean":
        return read_yes_no(value)
    if kind == "selection":
        given = (one_line(value) or "").casefold()
        return next((key for key, label in options if given and given in (key.casefold(), label.casefold())), None)
    return one_line(value) if kind == "char" else several_lines(value)
