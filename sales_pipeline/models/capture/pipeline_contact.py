"""Everybody who is known, in the form in which spellings are compared, with keys to find them by."""

import json
from collections.abc import Mapping

from odoo import api, fields, models
from odoo.tools import SQL, sql

from ...tools.contact import Contact
from ...tools.contact_keys import contact_keys


class PipelineContact(models.Model):
    """A lead's or partner's contact, normalised; kept by the moments of its record.

    ``_refresh`` and ``_forget`` are the only doors: whoever writes leads or partners past the ORM calls them. The keys
    stand in a table without an id column, which would be half of its size.
    """

    _name = "pipeline.contact"
    _description = "Normalised Contact"
    _log_access = False

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    features = fields.Json(readonly=True)

    _record_unique = models.UniqueIndex("(res_model, res_id)")

    def init(self):
        if not sql.table_exists(self.env.cr, "pipeline_contact_key"):
            self.env.cr.execute(SQL("""
                CREATE TABLE pipeline_contact_key (
                    key integer NOT NULL,
                    contact_id integer NOT NULL REFERENCES pipeline_contact ON DELETE CASCADE,
                    PRIMARY KEY (key, contact_id)
                );
                CREATE INDEX pipeline_contact_key_contact_idx ON pipeline_contact_key (contact_id)
            """))

    # ---- use cases: keep them right

    @api.model
    def _refresh(self, records) -> None:
        """Bring the contacts of leads or partners up to date; those that no longer count are forgotten."""
        if not records.ids:
            return
        self.env.flush_all()
        found = self._read_contacts(records._name, records.ids)
        self._forget(records.browse(id_ for id_ in records.ids if id_ not in found))
        self._store(records._name, found)

    @api.model
    def _forget(self, records) -> None:
        """Remove the contacts of leads or partners, and with them their keys."""
        if records.ids:
            self.env.cr.execute(SQL(
                "DELETE FROM pipeline_contact WHERE res_model = %s AND res_id = ANY(%s)", records._name, records.ids
            ))  # fmt: skip

    @api.model
    def _store(self, model_name: str, found: Mapping[int, tuple[int | None, Contact]]) -> None:
        """Write contacts down, and the keys of those that changed: four statements, however many they are."""
        ids = sorted(found)
        if not ids:
            return
        self.env.cr.execute(SQL(
            """
            INSERT INTO pipeline_contact AS known (res_model, res_id, company_id, features)
            SELECT %s, given.res_id, given.company_id, given.features::jsonb
              FROM unnest(%s::int[], %s::int[], %s::text[]) AS given (res_id, company_id, features)
                ON CONFLICT (res_model, res_id) DO UPDATE
               SET company_id = EXCLUDED.company_id, features = EXCLUDED.features
             WHERE (known.company_id, known.features) IS DISTINCT FROM (EXCLUDED.company_id, EXCLUDED.features)
            RETURNING id, res_id, xmax = 0
            """,
            model_name, ids, [found[id_][0] for id_ in ids], [json.dumps(found[id_][1].to_json()) for id_ in ids],
        ))  # fmt: skip
        self.invalidate_model()
        rows = self.env.cr.fetchall()
        self._store_keys(
            {id_: list(contact_keys(found[res_id][1])) for id_, res_id, _is_new in rows},
            [id_ for id_, _res_id, is_new in rows if not is_new],
        )  # fmt: skip

    @api.model
    def _store_keys(self, keys: dict[int, list[int]], changed: list[int]) -> None:
        """Write keys by contact, and take away those that the changed contacts have no more."""
        owners = [id_ for id_, own in keys.items() for _key in own]
        flat = [key for own in keys.values() for key in own]
        if changed:
            self.env.cr.execute(SQL(
                """
                DELETE FROM pipeline_contact_key AS known
                 WHERE contact_id = ANY(%(changed)s) AND NOT EXISTS (
                       SELECT 1 FROM unnest(%(owners)s::int[], %(keys)s::int[]) AS given (contact_id, key)
                        WHERE given.contact_id = known.contact_id AND given.key = known.key)
                """,
                changed=changed, owners=owners, keys=flat,
            ))  # fmt: skip
        if owners:
            self.env.cr.execute(SQL(
                "INSERT INTO pipeline_contact_key (contact_id, key) SELECT * FROM unnest(%s::int[], %s::int[]) "
                "ON CONFLICT DO NOTHING",
                owners, flat,
            ))  # fmt: skip
