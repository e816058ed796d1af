"""Pages of a list by key: what comes after the last one seen, however long the list is."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from odoo.api import Environment
from odoo.fields import Domain
from odoo.tools import SQL

from .problems import ApiProblem, FieldError

MAX_COUNT = 10_000
_SECONDS = "8s"
_SIGNATURE_BYTES = 8
# What an empty value counts as, by type of the column.
_LOWEST = {"timestamp": SQL("'-infinity'"), "date": SQL("'-infinity'"), "numeric": SQL("'-Infinity'")}


@dataclass(frozen=True)
class Page:
    """A part of a list, and where the next one begins."""

    records: Any
    next_cursor: str | None
    count: int | None = None
    count_is_more: bool = False


@dataclass(frozen=True)
class Sort:
    """An order: ``sql`` is the name of a field with a column; empty values count as the lowest."""

    name: str
    sql: str
    is_descending: bool
    is_nullable: bool


def make_cursor(env: Environment, key: tuple[Any, int], fingerprint: str) -> str:
    """Return the opaque text that stands for a place in a list.

    :param fingerprint: of sort and filters, see ``make_fingerprint``
    """
    body = json.dumps({"v": 1, "f": fingerprint, "k": list(key)}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(env, body) + body).decode().rstrip("=")


def read_cursor(env: Environment, text: str, fingerprint: str) -> tuple[Any, int]:
    """Return the place in the list that a cursor stands for.

    :raise ApiProblem: 400
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        found = json.loads(body) if hmac.compare_digest(signature, _sign(env, body)) else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("f") != fingerprint:
        detail = "Cursors serve the list they came from: the same filters and sort. Begin again without one."
        raise ApiProblem(400, "bad-cursor", detail, errors=[FieldError(("parameter", "cursor"), "invalid", detail)])
    return tuple(found["k"])


def make_fingerprint(name: str, values: dict[str, Any]) -> str:
    """Return what identifies a list with its sort and filters."""
    text = json.dumps([name, sorted(values.items())], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _sign(env: Environment, body: bytes) -> bytes:
    secret = env["ir.config_parameter"].sudo().get_param("database.secret") or ""
    return hmac.new(secret.encode(), b"api-cursor" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def limit_time(env: Environment) -> None:
    """Let no statement of this transaction run so long that it keeps others waiting; QueryCanceled becomes 503."""
    env.cr.execute(SQL("SELECT set_config('statement_timeout', %s, true)", _SECONDS))


def find_page(model, domain: Domain, sort: Sort, limit: int, after: tuple | None) -> tuple[Any, tuple | None]:
    """Return a page under the acting user's rules, archived records included: one statement finds the ids.

    :param after: key of the last record of the page before
    :return: the records in their order, and the key to go on from, or None at the end
    """
    query = model.with_context(active_test=False)._search(domain)
    column, kind = _get_column(model, sort, query)
    direction, operator = (SQL("DESC"), SQL("<")) if sort.is_descending else (SQL("ASC"), SQL(">"))
    number = SQL.identifier(query.table, "id")
    if after:
        query.add_where(SQL("(%s, %s) %s (%s::%s, %s)", column, number, operator, after[0], kind, after[1]))
    query.order = SQL("%s %s, %s %s", column, direction, number, direction)
    query.limit = limit + 1
    rows = model.env.execute_query(query.select(number, SQL("(%s)::text", column)))
    records = model.browse(row[0] for row in rows[:limit])
    return records, (rows[limit - 1][1], rows[limit - 1][0]) if len(rows) > limit else None


def _get_column(model, sort: Sort, query) -> tuple[SQL, SQL]:
    field = model._fields[sort.sql]
    column = model._field_to_sql(query.table, sort.sql, query)
    kind = (field.column_type or ("varchar", "varchar"))[0]
    kind = "numeric" if kind in ("float8", "numeric", "int4") else kind
    name = SQL("timestamp") if kind == "timestamp" else SQL(kind)
    if kind == "numeric":
        column = SQL("(%s)::numeric", column)
    if sort.is_nullable:
        column = SQL("COALESCE(%s, %s::%s)", column, _LOWEST.get(kind, SQL("''")), name)
    return column, name


def count_records(model, domain: Domain) -> tuple[int, bool]:
    """Return how many records there are, and whether there are more than we count."""
    count = model.with_context(active_test=False).search_count(domain, limit=MAX_COUNT + 1)
    return min(count, MAX_COUNT), count > MAX_COUNT
