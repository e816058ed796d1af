"""Labelled lists of contacts: a column rec_id says which rows are one person (rec-12-org, rec-12-dup-0, ...)."""
from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dev.common import Fail

# what a column holds, told by words of its name; the first that fits
COLUMNS = (
    ("given", r"given|first_?name|forename"), ("surname", r"surname|last_?name|family"),
    ("name", r"(full|contact)_?name|^name$|person"), ("company", r"company|organi[sz]ation|employer|firm"),
    ("email", r"mail"), ("whatsapp", r"whatsapp"), ("phone", r"phone|mobile|^tel"),
    ("house", r"(street|house)_?(number|no|num)"), ("street2", r"(address|street)_?2|address_line_?2"),
    ("street", r"address|street"), ("city", r"city|suburb|town|locality"), ("zip", r"zip|post_?code|postal"),
    ("state", r"^state|province|county|region"), ("country", r"country"),
    ("birth_date", r"birth|dob"), ("number", r"(^|_)(id|ssn|soc|nin|number|no|code)(_|$)"),
)  # fmt: skip
LABEL = re.compile(r"^rec-(.+?)-(org|dup)(?:-\d+)?$")


@dataclass(frozen=True)
class Row:
    """One contact: its label, whose it is, its values by what they are, and what was done to it, if that is told."""

    label: str
    person: str
    values: dict[str, str]
    numbers: dict[str, str] = field(default_factory=dict)
    error: str = ""


def read(path: Path) -> list[Row]:
    """Return the rows of a list.

    :raise Fail: when the list has no column rec_id, or a row has no label
    """
    with open(path, newline="", encoding="utf-8-sig") as file:
        records = list(csv.DictReader(file, skipinitialspace=True))
    names = {name: (name or "").strip().lower().replace(" ", "_") for name in (records[0] if records else {})}
    if "rec_id" not in names.values():
        raise Fail(f"{path}: no column rec_id, which says what rows are one person")
    return [_row({names[key]: (value or "").strip() for key, value in record.items() if key}) for record in records]


def _row(record: dict[str, str]) -> Row:
    label = record.pop("rec_id")
    found = LABEL.match(label)
    if not found:
        raise Fail(f"{label!r} is no label like rec-12-org or rec-12-dup-0")
    error = record.pop("error_class", "")
    values, numbers = {}, {}
    for name, value in record.items():
        kind = next((kind for kind, pattern in COLUMNS if re.search(pattern, name)), None)
        if kind == "number":
            numbers[name] = value
        elif kind and not values.get(kind):
            values[kind] = value
    if not values.get("name"):
        values["name"] = " ".join(filter(None, (values.get("given"), values.get("surname"))))
    values["street"] = " ".join(filter(None, (values.get("house"), values.get("street"))))
    return Row(label, found.group(1), values, {name: number for name, number in numbers.items() if number}, error)


def true_pairs(rows: list[Row]) -> dict[frozenset[str], str]:
    """Return the pairs of labels that are one person, and what parts them."""
    people: dict[str, list[Row]] = {}
    for row in rows:
        people.setdefault(row.person, []).append(row)
    return {
        frozenset((one.label, other.label)): describe(one, other)
        for same in people.values() for index, one in enumerate(same) for other in same[:index]
    }  # fmt: skip


def describe(one: Row, other: Row) -> str:
    """Name what parts two rows: the class that the list tells, else the columns that differ."""
    if one.error or other.error:
        return one.error or other.error
    kinds = [kind for kind in ("name", "company", "email", "phone", "street", "street2", "city", "zip", "birth_date")
             if one.values.get(kind, "") != other.values.get(kind, "")]
    if one.numbers != other.numbers:
        kinds.append("number")
    return kinds[0] if len(kinds) == 1 else f"{len(kinds)}_columns"


@dataclass(frozen=True)
class Judgement:
    """Recall and precision of all pairs; for each class of error its recall and how many pairs it has."""

    recall: float
    precision: float
    classes: dict[str, tuple[float, int]]


def judge(rows: list[Row], found: set[frozenset[str]]) -> Judgement:
    """Hold the pairs that were found against the labels."""
    wanted = true_pairs(rows)
    hits = found & wanted.keys()
    totals, met = Counter(wanted.values()), Counter(wanted[pair] for pair in hits)
    return Judgement(
        len(hits) / len(wanted) if wanted else 1.0, len(hits) / len(found) if found else 1.0,
        {kind: (met[kind] / totals[kind], totals[kind]) for kind in sorted(totals)},
    )
