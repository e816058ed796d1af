"""What all schemas are made of: the base, the types of values in JSON and of Odoo, the parameters of lists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from ..tools.text import literal, without_controls

_AMOUNT = r"^-?\d{1,13}(\.\d{1,6})?$"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FIRST_YEAR, _LAST_DAY = 1900, date(9999, 12, 30)


class Schema(BaseModel):
    """Base of everything that is sent and answered: unknown names are refused, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, populate_by_name=True)


# ---- values


def read_amount(value: Any) -> Any:
    """Return the number that a decimal text means."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(_AMOUNT[1:-1], value, re.ASCII):
        raise ValueError('Write amounts as decimal texts, for instance "1250.00".')
    return Decimal(value)


def read_moment(value: Any) -> Any:
    """Return the moment in UTC, naive, as Odoo keeps it."""
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
        moment = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not _is_in_range(moment.date()):
        raise ValueError("Write moments with their time zone, for instance 2026-03-01T09:30:00Z.")
    return moment


def read_day(value: Any) -> Any:
    """Return the day that a text means."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not _is_in_range(day):
        raise ValueError("Write days as 2026-03-01.")
    return day


def read_uuid(value: Any) -> Any:
    """Return the id in its one spelling."""
    try:
        return str(UUID(value)) if isinstance(value, str) and len(value) == 36 else _refuse_uuid()
    except ValueError:
        return _refuse_uuid()


def _refuse_uuid() -> str:
    raise ValueError("Ids are UUIDs, for instance 3f0c9a52-6d0e-4d4c-9d3f-0f6f2f1f7a10.")


def _is_in_range(day: date) -> bool:
    return day.year >= _FIRST_YEAR and day <= _LAST_DAY


Amount = Annotated[
    Decimal, BeforeValidator(read_amount), PlainSerializer(str), WithJsonSchema({"type": "string", "pattern": _AMOUNT})
]
Moment = Annotated[
    datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Uuid = Annotated[str, BeforeValidator(read_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
_Clean = BeforeValidator(lambda value: without_controls(value) if isinstance(value, str) else value)
Name = Annotated[str, _Clean, StringConstraints(min_length=1, max_length=255)]
Line = Annotated[str, _Clean, StringConstraints(max_length=255)]
Notes = Annotated[str, _Clean, StringConstraints(max_length=65_535)]
Tag = Annotated[str, _Clean, StringConstraints(min_length=1, max_length=64)]
Tags = Annotated[list[Tag], Field(max_length=500)]
Flag = StrictBool
Whole = StrictInt
# For what PUT and PATCH take along unchanged: any value passes the schema, the resource compares it.
ReadOnly = Annotated[Any, Field(default=None, json_schema_extra={"readOnly": True})]


def moment_to_json(value: datetime | None) -> str | None:
    """Return a naive UTC moment as RFC 3339 in whole seconds."""
    return f"{value:%Y-%m-%dT%H:%M:%S}Z" if value else None


def day_to_json(value: date | None) -> str | None:
    """Return a day as RFC 3339."""
    return value.isoformat() if value else None


def amount_to_json(value: float | None, digits: int = 2) -> str | None:
    """Return an amount as a decimal text with the digits of its currency."""
    return None if value is None else f"{value or 0:.{digits}f}"


def choices(selection: Sequence[tuple[str, str]]) -> Any:
    """Return the type of a value that is one of a selection's codes."""
    return Literal[tuple(code for code, _label in selection)]


# ---- parameters


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    names = tuple(part.strip() for part in value.split(","))
    if not all(names) or len(names) > 100:
        raise ValueError("Separate 1 to 100 values by commas.")
    return names


def _read_flag(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("Write true or false.")


_List = WithJsonSchema({"type": "string", "description": "values separated by commas"})
Names = Annotated[tuple[str, ...], BeforeValidator(_split), _List]
QueryFlag = Annotated[bool, BeforeValidator(_read_flag), WithJsonSchema({"type": "boolean"})]


class NoQuery(Schema):
    """No parameters."""


class ReadQuery(Schema):
    """What a reader may ask of one record."""

    fields: Names | None = Field(None, description="only these fields, separated by commas")
    expand: Names | None = Field(None, description="related data to show as well")


class ListQuery(ReadQuery):
    """What a reader may ask of any list."""

    limit: int = Field(25, ge=1, le=100)
    cursor: Annotated[str, StringConstraints(max_length=1000)] | None = None
    include_count: QueryFlag = Field(False, description="count the whole list, up to 10,000")


@dataclass(frozen=True)
class Filter:
    """One thing a list can be narrowed by.

    :param field: path of the field in Odoo, for instance ``user_id.uuid``
    :param kind: ``choice``, ``uuid``, ``moment``, ``day``, ``amount``, ``flag``, ``name`` (exact text) or ``text``
        (part of a text, at least three characters); comparisons come with moments, days and amounts, ``_in`` with
        choices, ids and names
    :param choices: the codes of a ``choice``
    """

    field: str
    kind: str
    choices: tuple[str, ...] = ()


_KINDS = {
    "uuid": Uuid, "moment": Moment, "day": Day, "amount": Amount, "flag": QueryFlag, "name": Line,
    "text": Annotated[str, StringConstraints(min_length=3, max_length=255)],
}  # fmt: skip
_COMPARED = ("moment", "day", "amount")
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def make_list_query(name: str, sorts: Mapping[str, str], filters: Mapping[str, Filter]) -> type[ListQuery]:
    """Return the schema of a list's parameters.

    :param sorts: columns by name; a leading ``-`` in a request turns the order round
    """
    orders = tuple(order for sort in sorts for order in (sort, f"-{sort}"))
    found: dict[str, Any] = {"sort": (Literal[orders], "-created_at")}
    for key, each in filters.items():
        kind = Literal[each.choices] if each.kind == "choice" else _KINDS[each.kind]
        if each.kind in _COMPARED:
            found |= {f"{key}_{suffix}": (kind | None, None) for suffix in _OPERATORS}
        if each.kind not in ("moment",):
            found[key] = (kind | None, None)
        if each.kind in ("choice", "uuid", "name"):
            many = Annotated[tuple[kind, ...], BeforeValidator(_split), _List]
            found[f"{key}_in"] = (many | None, None)
    return create_model(f"{name}Query", __base__=ListQuery, **found)


def list_conditions(query: BaseModel, filters: Mapping[str, Filter]) -> list[tuple[str, str, Any]]:
    """Return what a request asks of a list: name of the filter, operator of Odoo's domains, value."""
    found = []
    for key, each in filters.items():
        for suffix, operator in ("", "ilike" if each.kind == "text" else "="), ("_in", "in"), *_suffixed():
            value = getattr(query, f"{key}{suffix}", None)
            if value is not None:
                value = literal(value) if each.kind == "text" else value
                found.append((key, operator, float(value) if isinstance(value, Decimal) else value))
    return found


def _suffixed() -> list[tuple[str, str]]:
    return [(f"_{suffix}", operator) for suffix, operator in _OPERATORS.items()]
