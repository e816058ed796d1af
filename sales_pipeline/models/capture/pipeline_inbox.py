import psycopg2
from odoo import fields, models

from ...exceptions import MalformedBody


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    def _cron_drain(self) -> None:
        """Turn received captures into leads."""
        self._run_lane()

    def _get_captured(self):
        """Return the contact that this row carries, as its source's provider reads it (door)."""
        self.ensure_one()
        return self.source_id._get_provider().parse(self.payload, self.external_id)

    def _get_lock_keys(self) -> list[str]:
        keys = []
        for source, rows in self.grouped("source_id").items():
            keys += self.env["crm.lead"]._get_capture_keys([item for _row, item in rows._read()], source)
        return keys

    def _read(self) -> list[tuple]:
        """Return each readable row with its contact; unreadable ones are left to their own attempt."""
        readable = []
        for row in self:
            try:
                readable.append((row, row._get_captured()))
            except (MalformedBody, AttributeError, KeyError, TypeError, ValueError):
                continue
        return readable

    def _process_batch(self) -> None:
        """Capture a batch of one source at once; if that fails, each row alone, so that one bad row harms no other."""
        for source, rows in self.grouped("source_id").items():
            readable = rows._read()
            try:
                with self.env.cr.savepoint():
                    self._capture_rows(source, readable)
                done = self.browse([row.id for row, _item in readable])
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                raise
            except Exception:
                done = self.browse()
            for row in rows - done:
                row._attempt()

    def _process_row(self) -> None:
        self._capture_rows(self.source_id, [(self, self._get_captured())])

    def _capture_rows(self, source, readable: list[tuple]) -> None:
        results = self.env["crm.lead"]._capture([item for _row, item in readable], source)
        now = fields.Datetime.now()
        for (row, _item), result in zip(readable, results, strict=True):
            row.write({
                "state": result.outcome if result.outcome in ("refused", "test") else "done",
                "result": result.outcome,
                "refused_field": result.field,
                "has_no_contact": result.has_no_contact,
                "lead_id": result.lead_id,
                "processed_at": now,
                "error_message": row._describe_refusal(result),
            })  # fmt: skip
        # Together, because each change of an outcome alone recounts Odoo's predictive scores.
        for outcome in ("won", "lost"):
            ended = [result.lead_id for (_row, item), result in zip(readable, results, strict=True)
                     if result.outcome == "created" and item.outcome == outcome]  # fmt: skip
            self.env["crm.lead"].browse(ended)._set_history_outcome(outcome)
        self.env.flush_all()

    def _describe_refusal(self, result) -> str | bool:
        if result.outcome != "refused":
            return False
        if result.code == "invalid":
            return self.env._("The value of “%(field)s” cannot be used.", field=result.field)
        return self.env._("“%(field)s” is missing.", field=result.field)

    def _book_success(self) -> None:
        # A refusal is a decision, not a failure: the row already says so.
        return

    def action_open_lead(self) -> dict:
        """Open the lead that this capture made or met."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [(False, "form")],
        }
