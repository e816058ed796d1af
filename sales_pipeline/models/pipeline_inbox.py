import json

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.readable import to_lines
from ..tools.redact import without_secrets
from .wake import wake_after_commit

_TABLE = Markup("<table class='table table-sm o_pipeline_payload'><tbody>%s</tbody></table>")
_LINE = Markup("<tr><th scope='row' class='fw-normal text-muted w-25'>%s</th><td class='text-break'>%s</td></tr>")


class PipelineInbox(models.Model):
    """A capture as it was received: stored before it is acknowledged, worked off by a job, kept as evidence."""

    _name = "pipeline.inbox"
    _inherit = "pipeline.lane.mixin"
    _description = "Received Capture"
    _order = "id desc"
    _rec_name = "external_id"
    _lane_cron = "sales_pipeline.ir_cron_drain_inbox"
    _lane_batch = 500
    _lane_linger_seconds = 0.2

    _lane_waiting = "received"
    _lane_done = "processed"

    state = fields.Selection(
        [
            ("received", "Received"), ("processed", "Processed"), ("duplicate", "Duplicate"),
            ("rejected", "Rejected"), ("failed", "Failed"),
        ],
        default="received", required=True, readonly=True,
    )  # fmt: skip
    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade", index=True)
    external_id = fields.Char(
        "Id at the Source", required=True, readonly=True,
        help="The sender's id of this capture: the same id twice is one.",
    )  # fmt: skip
    received_at = fields.Datetime("Received", required=True, readonly=True, default=lambda self: self.env.cr.now())
    payload = fields.Json(readonly=True)
    payload_text = fields.Text("Received Data", compute="_compute_payload_text")
    payload_table = fields.Html("What Was Sent", compute="_compute_payload_text", sanitize=False)
    payload_erased_at = fields.Datetime("Data Erased On", readonly=True)
    waits_for = fields.Selection(
        [("answers", "Answers to be fetched"), ("rest", "The rest of the form")], readonly=True,
        help="What has to come before the work on it can begin.",
    )  # fmt: skip
    is_test = fields.Boolean("Test", readonly=True)
    result = fields.Selection(
        [
            ("created", "New lead"), ("duplicate", "Known lead"), ("refused", "No lead"), ("test", "Test, no lead"),
        ],
        "Decision", readonly=True,
    )  # fmt: skip
    refused_field = fields.Char(readonly=True)
    refused_code = fields.Selection(
        [("missing", "Missing"), ("invalid", "Cannot be used"), ("spam", "Taken for a robot")], readonly=True
    )
    reason = fields.Char(compute="_compute_reason")
    has_no_contact = fields.Boolean("Without Any Contact", readonly=True)
    replay_uid = fields.Many2one("res.users", "Replayed By", readonly=True, ondelete="set null")
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null", index="btree_not_null")
    import_id = fields.Many2one("pipeline.import", readonly=True, ondelete="set null", index="btree_not_null")

    _external_unique = models.UniqueIndex("(source_id, external_id)")
    _due_idx = models.Index("(next_attempt_at, id) WHERE state = 'received'")
    # Rows that a server of 19.0.1.0 wrote while it was being replaced; see hooks_sql_inbox.
    _old_state_idx = models.Index("(id) WHERE state IN ('pending', 'done', 'refused', 'test')")
    _trouble_idx = models.Index("(state, id DESC) WHERE state IN ('rejected', 'failed')")

    @api.depends("payload")
    def _compute_payload_text(self):
        for row in self:
            shown = without_secrets(row.payload or {})
            row.payload_text = json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True) if row.payload else False
            lines = [_LINE % (label, Markup("<br/>").join(text.splitlines())) for label, text in to_lines(row.payload)]
            row.payload_table = _TABLE % Markup().join(lines) if lines else False

    @api.model
    def _take_due(self, limit: int | None = None):
        # Whoever has just filled in a form waits for an answer; the rows of a list do not.
        domain = [*self._get_due_domain(), ("import_id", "=", False)]
        fresh = self.search(domain, order="next_attempt_at, id", limit=limit or self._lane_batch)
        return fresh or super()._take_due(limit)

    @api.model
    def _store(self, source, items: list, import_id: int | None = None) -> int:
        """Store received items in the caller's transaction and wake the job.

        :param source: the ``pipeline.source`` that vouches for them
        :param items: objects with ``external_id``, ``payload`` (JSON object) and optionally ``is_test`` and
            ``waits_for``
        :param import_id: the ``pipeline.import`` they belong to
        :return: how many were new, or brought what a row waited for; any other item whose id the source already
            brought is left as it is
        """
        if not items:
            return 0
        # A twin that arrives in the same moment makes Odoo try again; logged, the statement would show what people
        # wrote.
        self.env.cr.execute(self._get_store_statement(source, items, import_id), log_exceptions=False)
        stored, unanswered = self.env.cr.fetchone()
        if stored:
            wake_after_commit(self.env.cr)
        if unanswered:
            self._wake_fetch()
        if stored < len(items) and not import_id:
            stored += self._bring_rest(source, items)
        return stored

    @api.model
    def _wake_fetch(self) -> None:
        """Ask for the job that fetches answers after this transaction's commit."""
        self._wake_job("sales_pipeline.ir_cron_fetch_answers")

    @api.model
    def _get_store_statement(self, source, items: list, import_id: int | None) -> SQL:
        """Return one statement for the rows and the job's wake-up call, since a sender waits for it."""
        rows = SQL(", ").join(
            SQL(
                "(%s, %s::jsonb, %s, %s::text)", item.external_id, json.dumps(item.payload),
                bool(getattr(item, "is_test", False)), getattr(item, "waits_for", None),
            )
            for item in items
        )  # fmt: skip
        is_due = SQL("EXISTS (SELECT 1 FROM stored WHERE waits_for IS NULL)")
        return SQL(
            """
            WITH stored AS (
                INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, is_test, waits_for,
                                            company_id, import_id, state, attempts, next_attempt_at, create_date,
                                            write_date, create_uid, write_uid)
                     SELECT source.id, external_id, moment, payload, is_test, waits_for, source.company_id, %(list)s,
                            'received', 0, CASE WHEN waits_for = 'rest' THEN NULL ELSE moment END, moment, moment,
                            %(uid)s, %(uid)s
                       FROM pipeline_source source, (VALUES %(rows)s) item (external_id, payload, is_test, waits_for),
                            (SELECT now() AT TIME ZONE 'UTC') clock (moment)
                      WHERE source.id = %(source)s
                ON CONFLICT (source_id, external_id) DO NOTHING RETURNING waits_for
            ), woken AS (%(wake)s)
            SELECT count(*), count(*) FILTER (WHERE waits_for = 'answers') FROM stored
            """,
            source=source.id, list=import_id, rows=rows,
            uid=self.env.uid or api.SUPERUSER_ID,
            wake=self._get_wake_statement(self._lane_cron, is_due),
        )  # fmt: skip

    @api.model
    def _bring_rest(self, source, items: list) -> int:
        """Lay what came now over rows that still wait for it; return how many there were.

        A form that is sent off brings the rest of the unfinished one, and whoever polls a vendor brings the answers
        that a job could not fetch.
        """
        now = self.env.cr.now().replace(tzinfo=None)
        changed = 0
        for item in items:
            waits_for = getattr(item, "waits_for", None)
            if waits_for == "answers":
                continue
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE pipeline_inbox
                       SET payload = %s, is_test = %s, waits_for = %s, next_attempt_at = %s, state = 'received',
                           attempts = 0, error_message = NULL, payload_erased_at = NULL, write_date = %s
                     WHERE source_id = %s AND external_id = %s AND waits_for IS NOT NULL
                           AND state IN ('received', 'failed') AND (waits_for = 'rest' OR %s)
                    """,
                    json.dumps(item.payload), bool(getattr(item, "is_test", False)), waits_for,
                    None if waits_for else now, now, source.id, item.external_id, waits_for is None,
                ),
                log_exceptions=False,
            )  # fmt: skip
            changed += self.env.cr.rowcount
        if changed:
            self._wake_lane()
        return changed
