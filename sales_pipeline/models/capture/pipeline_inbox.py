"""The work on what came in: read, captured in batches, booked with what became of it."""

from typing import Any

import psycopg2
from odoo import fields, models
from odoo.tools import SQL

from ...exceptions import MalformedBody
from ...hooks_sql_inbox import adopt_old_rows
from ..pipeline_lane_mixin import CONCURRENT_CHANGES

STATE_BY_OUTCOME = {"created": "processed", "test": "processed", "duplicate": "duplicate", "refused": "rejected"}
_UNREADABLE = (MalformedBody, AttributeError, KeyError, TypeError, ValueError)


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    def _cron_drain(self) -> None:
        """Turn received captures into leads."""
        try:
            if adopt_old_rows(self.env.cr):
                self.env["ir.cron"]._commit_progress()
        except CONCURRENT_CHANGES:
            # A server of the old version is still at work; the next run asks again.
            self.env.cr.rollback()
        self._run_lane()

    def _get_captured(self, provider=None):
        """Return the contact that this row carries, as its source's provider reads it (door).

        :param provider: the source's, where many of its rows are read
        """
        self.ensure_one()
        captured = (provider or self.source_id._get_provider()).parse(self.payload, self.external_id)
        # Whoever replays it has read it: a person decides better than a trap.
        return captured.vouched() if self.replay_uid else captured

    def _prepare_batch(self) -> tuple[list[str], dict[int, Any]]:
        keys, found = [], {}
        for source, rows in self.grouped("source_id").items():
            readable = rows._read()
            found.update({row.id: item for row, item in readable})
            keys += self.env["crm.lead"]._get_capture_keys([item for _row, item in readable], source)
        # Reading names and numbers is half of what a capture costs in Python: it is done once, before the locks.
        return keys, found

    def _read(self) -> list[tuple]:
        """Return each readable row with its contact; unreadable ones are left to their own attempt."""
        readable, providers = [], {source: source._get_provider() for source in self.source_id}
        for row in self:
            try:
                readable.append((row, row._get_captured(providers[row.source_id])))
            except _UNREADABLE:
                continue
        return readable

    def _process_batch(self, prepared: dict[int, Any] | None = None) -> None:
        """Capture a batch of one source at once; a bad row is found by halving, so that it harms no other."""
        replayed = self.filtered("replay_uid")
        for source, rows in self.grouped("source_id").items():
            known = rows._read() if prepared is None else [(row, prepared.get(row.id)) for row in rows]
            readable = [(row, item) for row, item in known if item is not None]
            rows._capture_safely(source, readable)
            for row in rows.browse(set(rows.ids) - {row.id for row, _item in readable}):
                row._attempt()
        replayed._tell_replay_result()

    def _capture_safely(self, source, readable: list[tuple]) -> None:
        if len(readable) <= 1:
            for row, _item in readable:
                row._attempt()
            return
        try:
            with self.env.cr.savepoint():
                self._capture_rows(source, readable)
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            raise
        except Exception:
            half = len(readable) // 2
            self._capture_safely(source, readable[:half])
            self._capture_safely(source, readable[half:])

    def _process_row(self) -> None:
        self._capture_rows(self.source_id, [(self, self._get_captured())])

    def _capture_rows(self, source, readable: list[tuple]) -> None:
        results = self.env["crm.lead"]._capture([item for _row, item in readable], source)
        # Together, because each change of an outcome alone recounts Odoo's predictive scores.
        for outcome in ("won", "lost"):
            ended = [result.lead_id for (_row, item), result in zip(readable, results, strict=True)
                     if result.outcome == "created" and item.outcome == outcome]  # fmt: skip
            if ended:
                self.env["crm.lead"].browse(ended)._set_history_outcome(outcome)
        self.env.flush_all()
        self._book_results([(row.id, result) for (row, _item), result in zip(readable, results, strict=True)])

    def _book_results(self, results: list[tuple[int, Any]]) -> None:
        """Write what became of rows, in one statement for all of them."""
        if not results:
            return
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s::integer, %s::jsonb)",
                row_id, STATE_BY_OUTCOME[result.outcome], result.outcome, result.field,
                result.code or ("missing" if result.outcome == "refused" else None), result.has_no_contact,
                result.lead_id, self._dump_likeness(result.likeness),
            )
            for row_id, result in results
        )  # fmt: skip
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE pipeline_inbox i
                   SET state = v.state, result = v.result, refused_field = v.field, refused_code = v.code,
                       has_no_contact = v.has_no_contact, lead_id = v.lead_id, likeness = v.likeness,
                       is_test = i.is_test OR v.result = 'test', processed_at = %s, error_message = NULL,
                       write_date = %s, write_uid = %s
                  FROM (VALUES %s) v (id, state, result, field, code, has_no_contact, lead_id, likeness)
                 WHERE i.id = v.id
                """,
                now, now, self.env.uid, values,
            )
        )
        self.browse([row_id for row_id, _result in results]).invalidate_recordset(flush=False)

    def _book_success(self) -> None:
        # A refusal is a decision, not a failure: the row already says so.
        return
