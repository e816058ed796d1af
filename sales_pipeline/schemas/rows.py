"""Read what the API shows of many records by one statement; the ORM would ask each table by itself, field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from odoo.tools import SQL

from ..rest.compose import keep


def fetch_rows(
    records, columns: Sequence[str], named: Mapping[str, tuple[str, str]], tags: str | None = None
) -> list[dict[str, Any]]:
    """Return a row for each record, in their order; whoever asks has found them under the acting user's rules.

    A row has the stored values of ``columns`` as the table has them (None where empty), those of the records that
    ``named`` speaks of, ``currency`` and ``decimal_places`` of the record's company, or else of the acting one, and
    the names of ``tags``.

    :param columns: stored fields with a column
    :param named: many2one and the wanted field of what it points to, by the key in the row
    :param tags: a many2many whose records have names
    """
    if not records:
        return []
    own = {*columns, *(name for name, _wanted in named.values()), "company_id", *([tags] if tags else [])}
    records.flush_recordset(own)
    kept = keep(records.env)
    key = ("rows", records._name, records.env.lang, tuple(columns), tuple(named))
    if key not in kept:
        # Made once: to build it takes longer than to run it.
        kept[key] = _select(records.sudo(), columns, named, tags)
    rows = records.env.execute_query_dict(SQL(
        "%s WHERE %s = ANY(%s)", SQL(kept[key][0], *kept[key][1], records.env.company.id),
        SQL.identifier(records._table, "id"), list(records._ids),
    ))  # fmt: skip
    found = {row["id"]: row for row in rows}
    return [found[id_] for id_ in records._ids if id_ in found]


def _select(model, columns, named, tags) -> tuple[str, list[Any]]:
    """Return the statement without its condition, and its parameters but the last, which is the acting company."""
    table = model._table
    shown = [SQL("%s AS id", SQL.identifier(table, "id"))]
    shown += [
        SQL("%s AS %s", _read(model, name, table), SQL.identifier(name)) for name in dict.fromkeys(columns)
    ]
    joins = []
    for key, (name, wanted) in named.items():
        other = model.env[model._fields[name].comodel_name]
        alias = f"of_{key}"
        shown.append(SQL("%s AS %s", _read(other, wanted, alias), SQL.identifier(key)))
        joins.append(SQL(
            "LEFT JOIN %s %s ON %s = %s", SQL.identifier(other._table), SQL.identifier(alias),
            SQL.identifier(alias, "id"), SQL.identifier(table, name),
        ))  # fmt: skip
    if tags:
        shown.append(SQL("%s AS %s", _read_names(model, tags), SQL.identifier(tags)))
    statement = SQL(
        """
        SELECT %s, its_currency.name AS currency, its_currency.decimal_places
          FROM %s
          %s
        """,
        SQL(", ").join(shown), SQL.identifier(table), SQL(" ").join(joins),
    )  # fmt: skip
    company = f"""
          LEFT JOIN res_company its_company ON its_company.id = COALESCE("{table}"."company_id", %s)
          LEFT JOIN res_currency its_currency ON its_currency.id = its_company.currency_id"""
    return statement.code + company, list(statement.params)


def _read(model, name: str, alias: str) -> SQL:
    field = model._fields[name]
    # What the team defines is wanted as it is stored.
    return SQL.identifier(alias, name) if field.type == "properties" else model._field_to_sql(alias, name)


def _read_names(model, name: str) -> SQL:
    field = model._fields[name]
    tag = model.env[field.comodel_name]
    return SQL(
        "ARRAY(SELECT %s FROM %s link JOIN %s tag ON tag.id = %s WHERE %s = %s ORDER BY tag.id)",
        tag._field_to_sql("tag", "name"), SQL.identifier(field.relation), SQL.identifier(tag._table),
        SQL.identifier("link", field.column2), SQL.identifier("link", field.column1),
        SQL.identifier(model._table, "id"),
    )  # fmt: skip
