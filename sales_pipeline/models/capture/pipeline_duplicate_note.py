"""Write down who may be whom: one statement for many answers."""

import json
from collections.abc import Mapping, Sequence

from odoo import api, models
from odoo.tools import SQL

from ...tools.duplicates import Candidate


class PipelineDuplicate(models.Model):
    _inherit = "pipeline.duplicate"

    @api.model
    def _note(self, answers: Mapping[int, Sequence[Candidate]]) -> None:
        """Keep what a search for duplicates answered of some leads.

        A pair that people decided stays decided; an open one gets the new score and reasons; an open pair of these
        leads that the answers do not name any more is removed. Two deals of one contact are two deals, and a lead with
        a contact is not offered another one.

        :param answers: by the id of a lead the whole answer of ``crm.lead._find_duplicates``
        """
        if answers:
            self._keep([(id_, one) for id_, answer in answers.items() for one in answer], {"crm.lead": list(answers)})

    @api.model
    def _keep(self, rows: Sequence[tuple[int, Candidate]], asked: Mapping[str, list[int]]) -> None:
        """Write pairs down, and remove the open ones of the records asked about that are not among them.

        :param rows: id of a lead and who it may be
        :param asked: by model the ids of records of which all pairs are given; none in a search over all
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "%(kept)s, %(written)s %(removed)s",
            kept=self._get_kept_query(rows), written=self._get_upsert_query(is_seen=not asked),
            removed=self._get_removal(asked),
        ))  # fmt: skip
        self.invalidate_model()
        self.env["crm.lead"].invalidate_model(["open_duplicate_count"])

    @api.model
    def _get_kept_query(self, rows: Sequence[tuple[int, Candidate]]) -> SQL:
        """Return the pairs, each once and the newer lead first, that are pairs at all."""
        return SQL(
            """
            WITH kept AS (
                SELECT DISTINCT ON (l.id, g.res_model, g.res_id) l.id AS lead_id, g.res_model, g.res_id,
                       COALESCE(l.company_id, o.company_id, p.company_id) AS company_id, g.score, g.kind, g.reasons
                  FROM (
                    SELECT CASE WHEN res_model = 'crm.lead' THEN GREATEST(asked, found) ELSE asked END AS lead_id,
                           CASE WHEN res_model = 'crm.lead' THEN LEAST(asked, found) ELSE found END AS res_id,
                           res_model, score, kind, reasons::jsonb
                      FROM unnest(%(asked)s::int[], %(models)s::text[], %(found)s::int[], %(scores)s::float[],
                                  %(kinds)s::text[], %(reasons)s::text[])
                        AS given (asked, res_model, found, score, kind, reasons)
                       ) g
                  JOIN crm_lead l ON l.id = g.lead_id AND l.deleted_at IS NULL
                  LEFT JOIN crm_lead o ON g.res_model = 'crm.lead' AND o.id = g.res_id AND o.deleted_at IS NULL
                  LEFT JOIN res_partner p ON g.res_model = 'res.partner' AND p.id = g.res_id AND p.active
                 WHERE CASE g.res_model
                       WHEN 'crm.lead' THEN o.id < l.id
                        AND NOT (l.type = 'opportunity' AND o.type = 'opportunity'
                                 AND l.partner_id IS NOT NULL AND l.partner_id IS NOT DISTINCT FROM o.partner_id)
                       WHEN 'res.partner' THEN p.id IS NOT NULL AND l.partner_id IS NULL
                       END
                 ORDER BY l.id, g.res_model, g.res_id, g.score DESC
            )
            """,
            asked=[id_ for id_, _one in rows], models=[one.res_model for _id, one in rows],
            found=[one.res_id for _id, one in rows], scores=[one.score for _id, one in rows],
            kinds=[one.kind for _id, one in rows],
            reasons=[
                json.dumps([[reason.code, reason.bits, reason.value] for reason in one.reasons]) for _id, one in rows
            ],
        )  # fmt: skip

    @api.model
    def _get_upsert_query(self, is_seen: bool) -> SQL:
        # A row that says the same is left alone, unless the end of a search over all will ask when it was seen.
        return SQL(
            """
            written AS (
                INSERT INTO pipeline_duplicate AS known
                       (lead_id, res_model, res_id, company_id, score, kind, reasons, state, found_at, seen_at)
                SELECT lead_id, res_model, res_id, company_id, score, kind, reasons, 'open',
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM kept
                    ON CONFLICT (lead_id, res_model, res_id) DO UPDATE
                   SET company_id = EXCLUDED.company_id, score = EXCLUDED.score, kind = EXCLUDED.kind,
                       reasons = EXCLUDED.reasons, state = 'open', seen_at = EXCLUDED.seen_at
                 WHERE known.state <> 'different'
                   AND (%(is_seen)s
                        OR (known.company_id, known.score, known.kind, known.reasons, known.state) IS DISTINCT FROM
                           (EXCLUDED.company_id, EXCLUDED.score, EXCLUDED.kind, EXCLUDED.reasons, 'open'))
            )
            """,
            is_seen=is_seen,
        )

    @api.model
    def _get_removal(self, asked: Mapping[str, list[int]]) -> SQL:
        return SQL(
            """
            DELETE FROM pipeline_duplicate old
             WHERE old.state = 'open'
               AND (old.lead_id = ANY(%(leads)s::int[])
                    OR (old.res_model = 'crm.lead' AND old.res_id = ANY(%(leads)s::int[]))
                    OR (old.res_model = 'res.partner' AND old.res_id = ANY(%(partners)s::int[])))
               AND NOT EXISTS (
                   SELECT 1 FROM kept
                    WHERE (kept.lead_id, kept.res_model, kept.res_id) = (old.lead_id, old.res_model, old.res_id))
            """,
            leads=asked.get("crm.lead", []), partners=asked.get("res.partner", []),
        )  # fmt: skip
