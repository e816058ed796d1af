from datetime import datetime

from odoo import models
from odoo.tools import SQL

_REPEATABLE = ("delivered", "failed", "cancelled", "held", "skipped")


class PipelineWebhookDelivery(models.Model):
    _inherit = "pipeline.webhook.delivery"

    def _redeliver(self) -> int:
        """Put messages back into the lane as if nothing had been tried, and return how many; ids and bodies stay."""
        return self._redeliver_where(SQL("id = ANY(%s)", self.ids))

    def _redeliver_range(self, webhook, start: datetime, end: datetime, states: list[str]) -> int:
        """Put messages of a span of time back into the lane, and return how many.

        :param states: which of them, by state; what waits or is being sent is on its way anyway
        """
        return self._redeliver_where(SQL(
            "webhook_id = %s AND occurred_at >= %s AND occurred_at < %s AND state = ANY(%s)",
            webhook.id, start, end, states,
        ))  # fmt: skip

    def _redeliver_where(self, condition: SQL) -> int:
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            UPDATE pipeline_webhook_delivery SET state = 'waiting', attempts = 0, next_attempt_at = %s,
                   processed_at = NULL, error_message = NULL
             WHERE %s AND state = ANY(%s)
            """,
            self.env["pipeline.webhook"]._get_now(), condition, list(_REPEATABLE),
        ))  # fmt: skip
        count = self.env.cr.rowcount
        self.invalidate_model()
        if count:
            self._wake_job_once()
        return count
