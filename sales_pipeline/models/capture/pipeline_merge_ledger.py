"""Write down what a merge does to the rows of the database, and put it back."""

from typing import NamedTuple

import psycopg2
from odoo import api, models
from odoo.tools import SQL, sql

# What a merge causes and an undo does not take back: it was told to the world, or is evidence.
_NEVER_TAKEN_BACK = {
    "pipeline.conversion", "pipeline.outbox", "pipeline.inbox", "pipeline.touch", "mail.mail", "sale.order",
}  # fmt: skip
# Large and never changed by a merge.
_HEAVY_COLUMNS = ["db_datas", "index_content", "body"]


class Snapshot(NamedTuple):
    """Rows as texts of JSON by table and key (the id, or the row itself where it has none)."""

    lead_ids: list[int]
    partner_ids: list[int]
    rows: dict[str, dict[int | str, str]]


class PipelineMerge(models.Model):
    _inherit = "pipeline.merge"

    # ---- before and after

    @api.model
    def _take_snapshot(self, leads, before: Snapshot | None = None) -> Snapshot:
        """Read every row that belongs to some leads: one query for all tables.

        :param before: a former snapshot, whose rows are read again wherever they point to now
        """
        self.env.flush_all()
        partners = leads.sudo().partner_id
        partner_ids = before.partner_ids if before else (partners | partners.commercial_partner_id).ids
        conditions: dict[str, list[SQL]] = {
            "crm_lead": [SQL("t.id = ANY(%s)", leads.ids)], "res_partner": [SQL("t.id = ANY(%s)", partner_ids)],
        }  # fmt: skip
        linking = set()
        for link in self._get_links():
            conditions.setdefault(link.table, []).append(self._get_condition(link, leads.ids))
            if link.kind == "many2many":
                linking.add(link.table)
        for table, rows in before.rows.items() if before else ():
            if table not in linking:
                conditions[table].append(SQL("t.id = ANY(%s)", list(rows)))
        parts = [
            SQL(
                "SELECT %s, %s, (%s)::text FROM %s t WHERE %s",
                table, SQL("NULL::int") if table in linking else SQL("t.id"), _as_json(table),
                SQL.identifier(table), SQL(" OR ").join(some),
            )
            for table, some in conditions.items()
        ]  # fmt: skip
        self.env.cr.execute(SQL(" UNION ALL ").join(parts))
        rows = {}
        for table, id_, text in self.env.cr.fetchall():
            rows.setdefault(table, {})[id_ or text] = text
        return Snapshot(leads.ids, partner_ids, rows)

    def _book(self, before: Snapshot, after: Snapshot) -> None:
        """Write down which rows a merge changed, added and removed, and how."""
        self.ensure_one()
        never = {self.env[name]._table for name in _NEVER_TAKEN_BACK if name in self.env}
        found = []
        for table in before.rows.keys() | after.rows.keys():
            old, new = before.rows.get(table, {}), after.rows.get(table, {})
            for key in old.keys() | new.keys():
                was, now = old.get(key), new.get(key)
                if was == now or (was is None and table in never):
                    continue
                change = "added" if was is None else "removed" if now is None else "changed"
                found.append((change, table, key if isinstance(key, int) else None, was, now))
        if not found:
            return
        self.env.cr.execute(SQL(
            """
            INSERT INTO pipeline_merge_row (merge_id, change, res_table, res_id, before, after)
            SELECT %s, given.change, given.res_table, given.res_id,
                   CASE WHEN given.change != 'changed' THEN was.row
                        ELSE (SELECT jsonb_object_agg(key, value) FROM jsonb_each(was.row)
                               WHERE value IS DISTINCT FROM now.row -> key) END,
                   CASE WHEN given.change != 'changed' THEN now.row
                        ELSE (SELECT jsonb_object_agg(key, value) FROM jsonb_each(now.row)
                               WHERE value IS DISTINCT FROM was.row -> key) END
              FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::text[])
                AS given (change, res_table, res_id, was, now)
             CROSS JOIN LATERAL (SELECT given.was::jsonb AS row) was
             CROSS JOIN LATERAL (SELECT given.now::jsonb AS row) now
            """,
            self.id, *map(list, zip(*found, strict=True)),
        ))  # fmt: skip

    # ---- backwards

    def _put_back(self) -> list[str]:
        """Give rows the values that they had before the merge, wherever they still have those that it wrote.

        :return: labels of the survivor's fields that stay, since somebody changed them after the merge
        """
        self.ensure_one()
        self.env.flush_all()
        self._hand_over_to_later()
        kept = self._find_kept()
        self._restore_removed()
        for table, column in self._get_changed_columns():
            self._restore_column(table, column)
        self._take_back_added()
        self.env.invalidate_all(flush=False)
        return kept

    def _get_changed_columns(self) -> list[tuple[str, str]]:
        """Return table and column of everything changed, as far as the columns still exist."""
        self.env.cr.execute(SQL(
            """
            SELECT changed.res_table, a.attname FROM (
                SELECT DISTINCT res_table, jsonb_object_keys(before) AS name FROM pipeline_merge_row
                 WHERE merge_id = %s AND change = 'changed'
            ) changed
              JOIN pg_attribute a ON a.attrelid = to_regclass(changed.res_table) AND a.attname = changed.name
             WHERE NOT a.attisdropped ORDER BY 1, 2
            """,
            self.id,
        ))  # fmt: skip
        return self.env.cr.fetchall()

    def _hand_over_to_later(self) -> None:
        """Let later merges into the same record give back what was before this one, for what they changed again."""
        self.env.cr.execute(SQL(
            """
            UPDATE pipeline_merge_row later
               SET before = later.before || (
                   SELECT jsonb_object_agg(key, value) FROM jsonb_each(mine.before)
                    WHERE later.before ? key AND later.before -> key = mine.after -> key)
              FROM pipeline_merge_row mine, pipeline_merge m
             WHERE mine.merge_id = %s AND mine.change = 'changed' AND later.change = 'changed'
               AND later.res_table = mine.res_table AND later.res_id = mine.res_id
               AND later.merge_id > mine.merge_id AND m.id = later.merge_id AND m.state = 'merged'
               AND EXISTS (SELECT FROM jsonb_each(mine.before)
                            WHERE later.before ? key AND later.before -> key = mine.after -> key)
            """,
            self.id,
        ))  # fmt: skip

    def _find_kept(self) -> list[str]:
        """Return labels of the survivor's fields that are no longer what the merge wrote; those of later merges not."""
        self.env.cr.execute(SQL(
            """
            SELECT wrote.key FROM pipeline_merge_row r
             CROSS JOIN LATERAL jsonb_each(r.after) wrote
              JOIN crm_lead t ON t.id = r.res_id
             WHERE r.merge_id = %(merge)s AND r.change = 'changed' AND r.res_table = 'crm_lead' AND r.res_id = %(lead)s
               AND wrote.value IS DISTINCT FROM to_jsonb(t) -> wrote.key
               AND NOT EXISTS (
                   SELECT FROM pipeline_merge_row o JOIN pipeline_merge m ON m.id = o.merge_id
                    WHERE o.merge_id > %(merge)s AND m.state = 'merged' AND o.res_table = r.res_table
                      AND o.res_id = r.res_id AND o.after ? wrote.key)
            """,
            merge=self.id, lead=self.survivor_id.id,
        ))  # fmt: skip
        names = {name for (name,) in self.env.cr.fetchall()}
        leads = self.env["crm.lead"]
        return [leads._fields[name]._description_string(self.env) for name in leads._get_compared_fields()
                if name in names]  # fmt: skip

    def _restore_column(self, table: str, column: str) -> None:
        """Give one column of a table's rows back, where it still holds what the merge wrote."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL(
                    """
                    UPDATE %(table)s t SET %(column)s = (jsonb_populate_record(NULL::%(table)s, r.before)).%(column)s
                      FROM pipeline_merge_row r
                     WHERE r.merge_id = %(merge)s AND r.change = 'changed' AND r.res_table = %(name)s
                       AND r.res_id = t.id AND r.before ? %(key)s
                       AND coalesce(to_jsonb(t.%(column)s), 'null') = r.after -> %(key)s
                    """,
                    table=SQL.identifier(table), column=SQL.identifier(column), merge=self.id, name=table, key=column,
                ), log_exceptions=False)  # fmt: skip
        except psycopg2.errors.ForeignKeyViolation:
            # What it pointed to is gone since: there is nothing to point back to.
            return

    def _restore_removed(self) -> None:
        """Bring rows back that the merge removed."""
        for table in self._get_tables("removed"):
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL(
                    """
                    INSERT INTO %(table)s SELECT (jsonb_populate_record(NULL::%(table)s, before)).*
                      FROM pipeline_merge_row
                     WHERE merge_id = %(merge)s AND change = 'removed' AND res_table = %(name)s
                        ON CONFLICT DO NOTHING
                    """,
                    table=SQL.identifier(table), merge=self.id, name=table,
                ))  # fmt: skip

    def _take_back_added(self) -> None:
        """Remove what the merge made, unless somebody changed it since.

        A note of a later merge answers that of an earlier one, and loses its parent when that goes first.
        """
        for table in self._get_tables("added"):
            columns = self._get_key_columns(table)
            same_row = SQL(" AND ").join(
                SQL("t.%(column)s = (jsonb_populate_record(NULL::%(table)s, r.after)).%(column)s",
                    column=SQL.identifier(column), table=SQL.identifier(table))
                for column in columns
            )  # fmt: skip
            self.env.cr.execute(SQL(
                """
                DELETE FROM %s t USING pipeline_merge_row r
                 WHERE r.merge_id = %s AND r.change = 'added' AND r.res_table = %s
                   AND %s AND (%s) - 'parent_id' = r.after - 'parent_id'
                """,
                SQL.identifier(table), self.id, table, same_row, _as_json(table),
            ))  # fmt: skip

    def _get_key_columns(self, table: str) -> list[str]:
        """Return the columns that tell the rows of a table apart: the id, or both ends of a link."""
        columns = sql.table_columns(self.env.cr, table)
        return ["id"] if "id" in columns else sorted(columns)

    def _get_tables(self, change: str) -> list[str]:
        self.env.cr.execute(SQL(
            "SELECT DISTINCT res_table FROM pipeline_merge_row WHERE merge_id = %s AND change = %s ORDER BY 1",
            self.id, change,
        ))  # fmt: skip
        return [table for (table,) in self.env.cr.fetchall()]


def _as_json(table: str) -> SQL:
    """Return a row as JSON, without what is large and stays as it is."""
    if table in ("mail_message", "ir_attachment"):
        return SQL("to_jsonb(t) - %s::text[]", _HEAVY_COLUMNS)
    return SQL("to_jsonb(t)")
