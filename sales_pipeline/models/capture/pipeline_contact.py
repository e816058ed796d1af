"""Everybody who is known, in the form in which spellings are compared, with keys to find them by."""

from collections.abc import Mapping

from odoo import api, fields, models
from odoo.tools import SQL, sql

from ...tools.contact import Contact, get_features
from ...tools.contact_keys import contact_keys
from ..rows import copy_rows

#: Key of a cursor's cache: company and contact of leads that are just being written, by id.
KNOWN_CONTACTS = "sales_pipeline.contacts_of_new_leads"


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
                    contact_id integer NOT NULL,
                    PRIMARY KEY (key, contact_id)
                );
                CREATE INDEX pipeline_contact_key_contact_idx ON pipeline_contact_key (contact_id)
            """))
        # Rows are only added and removed: who changes a contact and the search over all never wait for each other.
        self.env.cr.execute(SQL("""
            CREATE TABLE IF NOT EXISTS pipeline_contact_todo (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contact_id integer NOT NULL)
        """))
        # Asked for every key, the foreign key took two thirds of the time of writing keys: ``_forget`` removes them.
        self.env.cr.execute(SQL(
            "ALTER TABLE pipeline_contact_key DROP CONSTRAINT IF EXISTS pipeline_contact_key_contact_id_fkey"
        ))  # fmt: skip

    # ---- use cases: keep them right

    @api.model
    def _refresh(self, records, is_news: bool = True) -> None:
        """Bring the contacts of leads or partners up to date; those that no longer count are forgotten.

        :param is_news: whether the next search over all has to look at those that are new or changed
        """
        if not records.ids:
            return
        self.env.flush_all()
        # A list has compared its rows already; reading them back would cost as much once more.
        known = self.env.cr.cache.get(KNOWN_CONTACTS, {}) if records._name == "crm.lead" else {}
        self._store_new(records._name, {id_: known[id_] for id_ in records.ids if id_ in known})
        unread = [id_ for id_ in records.ids if id_ not in known]
        found = self._read_contacts(records._name, unread) if unread else {}
        self._forget(records.browse(id_ for id_ in unread if id_ not in found))
        self._store(records._name, found, is_news)

    @api.model
    def _forget(self, records) -> None:
        """Remove the contacts of leads or partners, and with them their keys."""
        if records.ids:
            self.env.cr.execute(SQL(
                "WITH gone AS (DELETE FROM pipeline_contact WHERE res_model = %s AND res_id = ANY(%s) RETURNING id) "
                "DELETE FROM pipeline_contact_key USING gone WHERE contact_id = gone.id", records._name, records.ids
            ))  # fmt: skip

    @api.model
    def _store_new(self, model_name: str, found: Mapping[int, tuple[int | None, Contact]]) -> None:
        """Write the contacts of records down that were made a moment ago, past everything that looks for old ones."""
        if not found:
            return
        self.env.cr.execute(SQL("SELECT nextval('pipeline_contact_id_seq') FROM generate_series(1, %s)", len(found)))
        numbers = [number for (number,) in self.env.cr.fetchall()]
        copy_rows(self.env, "pipeline_contact", [
            {"id": number, "res_model": model_name, "res_id": id_, "company_id": company_id,
             "features": get_features(contact)}
            for number, (id_, (company_id, contact)) in zip(numbers, found.items(), strict=True)
        ])  # fmt: skip
        # In the order of the index, which is larger than what PostgreSQL keeps in memory.
        keys = sorted(
            (key, number) for number, (_company_id, contact) in zip(numbers, found.values(), strict=True)
            for key in contact_keys(contact)
        )  # fmt: skip
        copy_rows(self.env, "pipeline_contact_key", [{"key": key, "contact_id": number} for key, number in keys])
        copy_rows(self.env, "pipeline_contact_todo", [{"contact_id": number} for number in numbers])
        self.invalidate_model()

    @api.model
    def _store(
        self, model_name: str, found: Mapping[int, tuple[int | None, Contact]], is_news: bool = True
    ) -> None:
        """Write contacts down that are new or changed, and their keys: one statement, however many they are."""
        ids = sorted(found)
        if not ids:
            return
        keys = [(id_, key) for id_ in ids for key in contact_keys(found[id_][1])]
        self.env.cr.execute(SQL(
            """
            WITH keys AS (
                SELECT * FROM unnest(%(key_owners)s::int[], %(keys)s::int[]) AS k (res_id, key)
            ), stored AS (
                INSERT INTO pipeline_contact AS known (res_model, res_id, company_id, features)
                SELECT %(model)s, given.res_id, given.company_id, given.features::jsonb
                  FROM unnest(%(ids)s::int[], %(companies)s::int[], %(features)s::text[])
                    AS given (res_id, company_id, features)
                    ON CONFLICT (res_model, res_id) DO UPDATE
                   SET company_id = EXCLUDED.company_id, features = EXCLUDED.features
                 WHERE (known.company_id, known.features) IS DISTINCT FROM (EXCLUDED.company_id, EXCLUDED.features)
                RETURNING id, res_id, xmax = 0 AS is_new
            ), queued AS (
                INSERT INTO pipeline_contact_todo (contact_id) SELECT id FROM stored WHERE %(is_news)s
            ), outdated AS (
                DELETE FROM pipeline_contact_key old USING stored
                 WHERE old.contact_id = stored.id AND NOT stored.is_new
                   AND NOT EXISTS (SELECT 1 FROM keys WHERE keys.res_id = stored.res_id AND keys.key = old.key)
            )
            INSERT INTO pipeline_contact_key (contact_id, key)
            SELECT stored.id, keys.key FROM stored JOIN keys USING (res_id)
                ON CONFLICT DO NOTHING
            """,
            model=model_name, ids=ids, companies=[found[id_][0] for id_ in ids],
            features=[get_features(found[id_][1]) for id_ in ids],
            key_owners=[id_ for id_, _key in keys], keys=[key for _id, key in keys], is_news=is_news,
        ))  # fmt: skip
        self.invalidate_model()
