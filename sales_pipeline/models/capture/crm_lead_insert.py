"""Make many leads by one statement, with the values that the ORM gives; only where nobody else has a say in it.

Of leads that share owner and team one is made by the ORM: it is the pattern of the others, so that what other addons
give to every lead is given to all.
"""

from typing import Any
from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.lead_columns import DERIVED, get_priority
from ..rows import copy_rows
from .crm_lead_insert_values import LeadColumns

# What the pattern shares with the others is decided by these alone.
_KIND = ("type", "team_id", "user_id", "company_id", "stage_id", "pipeline_source_id", "capture_channel")
# Given the moment of the insertion, where the pattern has one.
_NOW = ("create_date", "write_date", "date_open", "date_last_stage_update")

# What the log tells of a new lead; to read it back would cost as much as to write it.
_TOLD = ("uuid", "capture_channel", "company_id", "user_id", "pipeline_source_id", "assignment_facts", "create_date")


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _insert_many(self, values_list: list[dict[str, Any]]) -> "CrmLead":
        """Create leads set-based and return them in order; the caller has asked ``_get_insert_obstacles``.

        No moment is told: the caller calls the doors.
        """
        kinds: dict[tuple, int] = {}
        for place, values in enumerate(values_list):
            kinds.setdefault(tuple(values.get(name) or False for name in _KIND), place)
        patterns = self.with_context(tracking_disable=True).create([values_list[place] for place in kinds.values()])
        self.env.flush_all()
        rows = self._read_pattern_rows(patterns)
        own = {name for values in values_list for name in values} | DERIVED
        bare = {
            kind: {name: value for name, value in rows[lead.id].items() if name not in own and value is not None}
            for kind, lead in zip(kinds, patterns, strict=True)
        }
        dated = {kind: bool(rows[lead.id]["date_open"]) for kind, lead in zip(kinds, patterns, strict=True)}
        made = dict(zip(kinds.values(), patterns.ids, strict=True))
        others = [place for place in range(len(values_list)) if place not in made]
        ids = self._take_ids(len(others))
        columns = LeadColumns(self.env)
        plain_priority = self.default_get(["priority"]).get("priority")
        tags: list[tuple[int, int]] = []
        inserted, like = [], {}
        for id_, place in zip(ids, others, strict=True):
            values = values_list[place]
            kind = tuple(values.get(name) or False for name in _KIND)
            row = {**bare[kind], **columns.get_row(values), "id": id_, "uuid": str(uuid4())}
            row["priority"] = get_priority(values) or plain_priority
            if not dated[kind]:
                row.pop("date_open", None)
            tags += [(id_, tag) for tag in columns.get_tags(values)]
            inserted.append(row)
            made[place] = id_
            like[id_] = made[kinds[kind]]
        self._add_probabilities(inserted, tags)
        self._insert_rows(inserted, tags)
        patterns._subscribe_followers()
        self._copy_followers({row["id"]: like[row["id"]] for row in inserted})
        return self.browse(made[place] for place in range(len(values_list)))

    @api.model
    def _copy_followers(self, like: dict[int, int]) -> None:
        """Let who follows a lead follow those that are like it.

        :param like: id of the pattern by the id of the lead
        """
        if not like:
            return
        self.env["mail.followers"].flush_model()
        self.env.cr.execute(SQL(
            """
            WITH followed AS (
                SELECT like_it.lead_id, f.id AS follower_id, f.res_model, f.partner_id
                  FROM unnest(%(leads)s::int[], %(patterns)s::int[]) AS like_it (lead_id, pattern_id)
                  JOIN mail_followers f ON f.res_model = %(model)s AND f.res_id = like_it.pattern_id
            ), made AS (
                INSERT INTO mail_followers (res_model, res_id, partner_id)
                SELECT res_model, lead_id, partner_id FROM followed
                RETURNING id, res_id, partner_id
            )
            INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
            SELECT made.id, link.mail_message_subtype_id
              FROM made
              JOIN followed ON followed.lead_id = made.res_id AND followed.partner_id = made.partner_id
              JOIN mail_followers_mail_message_subtype_rel link ON link.mail_followers_id = followed.follower_id
            """,
            leads=list(like), patterns=list(like.values()), model=self._name,
        ))  # fmt: skip
        self.browse(like).invalidate_recordset(["message_follower_ids", "message_partner_ids"], flush=False)

    @api.model
    def _read_pattern_rows(self, patterns) -> dict[int, dict[str, Any]]:
        self.env.cr.execute(SQL("SELECT id, to_jsonb(l) FROM crm_lead l WHERE id = ANY(%s)", patterns.ids))
        return dict(self.env.cr.fetchall())

    @api.model
    def _take_ids(self, count: int) -> list[int]:
        self.env.cr.execute(SQL("SELECT nextval('crm_lead_id_seq') FROM generate_series(1, %s)", count))
        return [id_ for (id_,) in self.env.cr.fetchall()]

    @api.model
    def _add_probabilities(self, rows: list[dict[str, Any]], tags: list[tuple[int, int]]) -> None:
        """Ask Odoo's scoring once for each different set of what it looks at."""
        names = [name for name in self._pls_get_safe_fields() if name != "tag_ids"]
        by_lead: dict[int, list[int]] = {}
        if "tag_ids" in self._pls_get_safe_fields():
            for lead_id, tag_id in tags:
                by_lead.setdefault(lead_id, []).append(tag_id)
        asked: dict[tuple, dict[str, Any]] = {}
        keys = []
        for row in rows:
            values = {name: row.get(name) or False for name in ("stage_id", "team_id", *names)}
            values["tag_ids"] = tuple(sorted(by_lead.get(row["id"], ())))
            keys.append((*values.values(),))
            asked.setdefault(keys[-1], values)
        found = {key: self._ask_probability(values) for key, values in asked.items()}
        for key, row in zip(keys, rows, strict=True):
            row["probability"] = row["automated_probability"] = found[key]
            row["prorated_revenue"] = round((row.get("expected_revenue") or 0.0) * found[key] / 100.0, 2)

    @api.model
    def _ask_probability(self, values: dict[str, Any]) -> float:
        # As in a form that is not saved: the scoring reads the fields, whatever else the lead is.
        lead = self.new({**values, "tag_ids": [fields.Command.set(values["tag_ids"])]})
        found, _unused = lead._pls_get_naive_bayes_probabilities()
        return found.get(lead.id, 0.0)

    @api.model
    def _remember_rows(self, rows: list[dict[str, Any]]) -> None:
        leads = self.browse(row["id"] for row in rows)
        for name in _TOLD:
            self._fields[name]._insert_cache(leads, [row.get(name) for row in rows])

    @api.model
    def _insert_rows(self, rows: list[dict[str, Any]], tags: list[tuple[int, int]]) -> None:
        if not rows:
            return
        now = self.env.cr.now().replace(tzinfo=None)
        for row in rows:
            row.update((name, now) for name in _NOW if name in row)
        copy_rows(self.env, "crm_lead", rows)
        self._remember_rows(rows)
        if tags:
            self.env.cr.execute(SQL(
                "INSERT INTO crm_tag_rel (lead_id, tag_id) SELECT * FROM unnest(%s::int[], %s::int[]) "
                "ON CONFLICT DO NOTHING", [lead for lead, _tag in tags], [tag for _lead, tag in tags],
            ))  # fmt: skip
