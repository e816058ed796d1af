"""Which column of a list is which word of ours, and what a row says in those words."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import MalformedBody
from .csv_table import TableRow
from .field_names import TARGETS, choose_targets
from .json_body import read_object
from .lead_words import whole

# What lists write where nothing was chosen.
BLANKS = ("", "select", "n/a", "#n/a", "null", "none", "-", "--", "nan")
NOTE, IGNORE = "note", "ignore"
#: Before the name of a field that the database's owner added to leads.
OWN_FIELD = "field:"
# An id this long is unique by itself; a shorter one (1, 2, 3 ...) only among lists of the same shape.
_UNIQUE_ID_LENGTH = 16


@dataclass(frozen=True)
class TableMapping:
    """What a person decided about a list, over what its header says.

    :param columns: column -> word of ours, ``note`` or ``ignore``
    :param values: word of ours -> value in the list -> value for us (for example ``outcome``: ``0`` -> ``open``)
    :param templates: word of ours -> text with ``{column}`` in it
    :param defaults: word of ours -> value where the row has none
    :param blanks: further values that mean nothing
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnPlan:
    """What becomes of one column.

    :param target: a word of ours, ``note`` (kept readable on the lead) or ``ignore``
    :param reason: ``mapping`` or ``header`` for a word of ours; ``unknown``, ``constant`` or ``empty`` for the rest
    """

    column: str
    target: str
    reason: str


def read_mapping(raw: bytes | None) -> TableMapping:
    """Return the mapping of a JSON file: the parts of ``TableMapping``, or just its columns.

    :raise MalformedBody: no JSON object, an unknown part, or a word that is none of ours
    """
    found = read_object(raw) if raw and raw.strip() else {}
    parts = set(TableMapping.__dataclass_fields__)
    if found and not (set(found) & parts and all(isinstance(found.get(name, {}), dict | list) for name in parts)):
        found = {"columns": found}
    if unknown := set(found) - parts:
        raise MalformedBody(f"The mapping has an unknown part: {sorted(unknown)[0]}.")
    words = {
        *found.get("columns", {}).values(),
        *found.get("templates", {}),
        *found.get("values", {}),
        *found.get("defaults", {}),
    }
    for word in words:
        if word not in (*TARGETS, NOTE, IGNORE) and not word.startswith(OWN_FIELD):
            raise MalformedBody(f"The mapping names a field that does not exist: {word}.")
    blanks = tuple(str(blank).casefold() for blank in found.get("blanks", ()))
    return TableMapping(**{**found, "blanks": blanks})


def plan_columns(header: list[str], mapping: TableMapping, rows: Iterable[TableRow]) -> list[ColumnPlan]:
    """Return what becomes of each column.

    A column without a word of ours is kept as a note, unless it says the same in every row.

    :raise MalformedBody: the mapping names a column that the list does not have
    """
    used = {
        *mapping.columns,
        *(name for text in mapping.templates.values() for name in re.findall(r"{([^{}]+)}", text)),
    }
    if missing := sorted(used - set(header)):
        raise MalformedBody(f"The mapping names a column that the list does not have: {missing[0]}.")
    taken = set(mapping.columns.values())
    guessed = choose_targets([name for name in header if name not in mapping.columns])
    values = _get_distinct(header, mapping, rows)
    return [
        ColumnPlan(name, mapping.columns[name], "mapping")
        if name in mapping.columns
        else ColumnPlan(name, guessed[name], "header")
        if name in guessed and guessed[name] not in taken
        else _plan_unknown(name, values[name])
        for name in header
    ]


def get_signature(header: Iterable[str]) -> str:
    """Return the same text for lists with the same columns, in whatever order.

    >>> get_signature(["Name", "E-Mail"]) == get_signature(["e-mail", "name"])
    True
    """
    return _digest(sorted(name.casefold() for name in header))[:32]


def _get_distinct(header: list[str], mapping: TableMapping, rows: Iterable[TableRow]) -> dict[str, set[str]]:
    # Two values are enough to know that a column says something.
    distinct: dict[str, set[str]] = {name: set() for name in header}
    for row in rows:
        for name, cell in row.cells.items():
            if len(distinct[name]) < 2:
                distinct[name].add("" if is_blank(cell, mapping) else cell)
    return distinct


def _plan_unknown(name: str, values: set[str]) -> ColumnPlan:
    if len(values) > 1:
        return ColumnPlan(name, NOTE, "unknown")
    return ColumnPlan(name, IGNORE, "constant" if any(values) else "empty")


def is_blank(cell: str, mapping: TableMapping) -> bool:
    """Tell whether a cell says nothing."""
    word = cell.strip().casefold()
    return word in BLANKS or word in mapping.blanks


def map_row(row: TableRow, plans: list[ColumnPlan], mapping: TableMapping) -> dict[str, Any]:
    """Return a row in our words, as it is stored: ``values``, ``answers`` and ``line``."""
    values = {name: str(value) for name, value in mapping.defaults.items()}
    answers: list[list[str]] = []
    for plan in plans:
        cell = row.cells[plan.column]
        if plan.target == IGNORE or is_blank(cell, mapping):
            continue
        # A plain "no" answers a question nobody will ask.
        if plan.target == NOTE and cell.casefold() != "no":
            answers.append([plan.column, whole(cell) or cell])
        elif plan.target.startswith(OWN_FIELD):
            values[plan.target] = cell
        elif plan.target != NOTE:
            values[plan.target] = _translate(plan.target, cell, mapping)
    values.update(_fill_templates(row, mapping))
    return {"values": values, "answers": answers, "line": row.line}


def _translate(target: str, cell: str, mapping: TableMapping) -> str:
    words = {key.casefold(): value for key, value in mapping.values.get(target, {}).items()}
    return words.get((whole(cell) or cell).casefold(), cell)


def _fill_templates(row: TableRow, mapping: TableMapping) -> dict[str, str]:
    filled = {}
    for target, template in mapping.templates.items():
        columns = re.findall(r"{([^{}]+)}", template)
        if not any(is_blank(row.cells[name], mapping) for name in columns):
            filled[target] = re.sub(r"{([^{}]+)}", lambda match: whole(row.cells[match[1]]) or "", template)
    return filled


def get_external_id(payload: Mapping[str, Any], header: list[str]) -> str:
    """Return the id by which a row is recognised when the list comes again.

    :return: the row's own id, else its number, else a digest of what it says
    """
    values = payload["values"]
    given = whole(values.get("external_id")) or whole(values.get("lead_number"))
    if given and len(given) >= _UNIQUE_ID_LENGTH:
        return given
    shape = _digest(sorted(header))[:12]
    return f"{shape}:{given or _digest([sorted(values.items()), payload['answers']])}"


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
