"""How long the inbox keeps what it received: afterwards the data go, the fact that it came stays counted."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

_BATCH = 10_000
# What a company keeps, by the field that says how many days: a condition on rows that the job has settled.
_KEPT = {
    "pipeline_keep_processed_days": SQL("state IN ('processed', 'duplicate') AND is_test IS NOT TRUE"),
    "pipeline_keep_rejected_days": SQL("(state = 'rejected' OR (state = 'received' AND waits_for = 'rest'))"),
    "pipeline_keep_failed_days": SQL("state = 'failed'"),
    "pipeline_keep_test_days": SQL("state = 'processed' AND is_test IS TRUE"),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    pipeline_keep_processed_days = fields.Integer("Keep Data of Captures That Made or Met a Lead", default=365)
    pipeline_keep_rejected_days = fields.Integer("Keep Data of Rejected Captures", default=180)
    pipeline_keep_failed_days = fields.Integer("Keep Data of Failed Captures", default=365)
    pipeline_keep_test_days = fields.Integer("Keep Data of Tests", default=30)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pipeline_keep_processed_days = fields.Integer(related="company_id.pipeline_keep_processed_days", readonly=False)
    pipeline_keep_rejected_days = fields.Integer(related="company_id.pipeline_keep_rejected_days", readonly=False)
    pipeline_keep_failed_days = fields.Integer(related="company_id.pipeline_keep_failed_days", readonly=False)
    pipeline_keep_test_days = fields.Integer(related="company_id.pipeline_keep_test_days", readonly=False)


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    @api.autovacuum
    def _gc_payloads(self) -> tuple[int, bool]:
        """Erase the data of captures that were settled long enough ago; their rows stay, so they stay counted and
        known: the same capture sent again is still the same.

        :return: how many were erased, and whether more are left
        """
        for company in self.env["res.company"].search([]):
            for name, condition in _KEPT.items():
                if company[name] > 0 and (count := self._erase(company, company[name], condition)):
                    return count, True
        return 0, False

    @api.model
    def _erase(self, company, days: int, condition: SQL) -> int:
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE pipeline_inbox SET payload = NULL, payload_erased_at = %s, write_date = %s
                 WHERE id IN (SELECT id FROM pipeline_inbox
                               WHERE company_id = %s AND payload_erased_at IS NULL AND %s
                                 AND coalesce(processed_at, received_at) < %s
                               ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)
                """,
                now, now, company.id, condition, now - timedelta(days=days), _BATCH,
            )
        )
        count = self.env.cr.rowcount
        if count:
            self.env.invalidate_all(flush=False)
        return count
