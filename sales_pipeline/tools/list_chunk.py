"""Rows of a list on their way: read, brought under our words, ready to be compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .capture_draft import CaptureDraft
from .contact import get_features
from .csv_mapping import ColumnPlan, TableMapping, get_external_id, map_row
from .csv_table import CsvTable, TableRow
from .phone import is_valid

_REST_EVERY = 4


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are brought in together.

    :param rows: all of them
    :param readable: those that could be read
    :param items: external id and payload of each readable row
    :param drafts: the contact of each readable row
    :param validity: what ``is_valid`` says of their numbers
    """

    rows: list[TableRow]
    readable: list[TableRow]
    items: list[tuple[str, dict[str, Any]]]
    drafts: list[CaptureDraft]
    validity: dict[str, bool]


def describe_contact(captured) -> str:
    """Return who a row is, for a person who looks through many."""
    said = (captured.name, captured.company_name, captured.email, captured.phone or captured.whatsapp)
    return " · ".join(filter(None, said))[:250]


def read_chunks(
    table: CsvTable, plans: list[ColumnPlan], mapping: TableMapping, provider, country_code: str | None,
    skipped: int = 0, size: int = 500, rest: Callable[[], None] = lambda: None,
) -> Iterator[Chunk]:  # fmt: skip
    """Yield the rows of a list in chunks, from one on.

    :param provider: has ``parse(payload, external_id)``
    :param country_code: country of numbers that are written without one
    :param rest: called after every few rows
    """
    rows = table.rows(skipped)
    while some := list(islice(rows, size)):
        readable = [row for row in some if not row.problem]
        items, drafts, validity = [], [], {}
        for place, row in enumerate(readable):
            payload = map_row(row, plans, mapping)
            external_id = get_external_id(payload, table.header)
            draft = CaptureDraft(provider.parse(payload, external_id), place, country_code)
            # asked for here, so that who works for the database need not
            _ = draft.lock_keys, get_features(draft.contact)
            if draft.phone:
                validity[draft.phone] = is_valid(draft.phone)
            items.append((external_id, payload))
            drafts.append(draft)
            if not place % _REST_EVERY:
                rest()
        yield Chunk(some, readable, items, drafts, validity)
