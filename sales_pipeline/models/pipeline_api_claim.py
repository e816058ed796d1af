"""Idempotency keys, and what was answered to them."""

from odoo import api, fields, models
from odoo.tools import SQL


class PipelineApiClaim(models.Model):
    """The right of one request to carry out what a key stands for.

    The row is written before the work, in a transaction of its own; nothing refers to it, because the work's
    transaction may not see it.
    """

    _name = "pipeline.api.claim"
    _description = "API Idempotency Key"
    _log_access = False

    caller = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, help="Digest of method, address and body.")
    attempt = fields.Char(required=True, readonly=True)
    backend_pid = fields.Integer(readonly=True, help="The database connection of the work: it ends with its process.")
    backend_start = fields.Datetime(readonly=True)
    lease_until = fields.Datetime(required=True, readonly=True)
    created_at = fields.Datetime(required=True, readonly=True)

    _caller_key_unique = models.UniqueIndex("(caller, key)")
    _created_index = models.Index("(created_at)")

    @api.autovacuum
    def _gc_claims(self) -> None:
        """Forget keys after a day, with their answers: those hold data of people."""
        self.env.cr.execute(SQL(
            """
            WITH old AS (
                DELETE FROM pipeline_api_claim
                 WHERE created_at < now() AT TIME ZONE 'utc' - interval '24 hours'
                   AND lease_until < now() AT TIME ZONE 'utc'
                RETURNING id)
            DELETE FROM pipeline_api_answer WHERE claim_id IN (SELECT id FROM old)
               OR created_at < now() AT TIME ZONE 'utc' - interval '25 hours'
            """
        ))  # fmt: skip


class PipelineApiAnswer(models.Model):
    """What was answered to a key; inserted by the transaction of the work, so that neither is without the other."""

    _name = "pipeline.api.answer"
    _description = "API Answer to a Key"
    _log_access = False

    claim_id = fields.Integer(required=True, readonly=True)
    attempt = fields.Char(required=True, readonly=True)
    status = fields.Integer(required=True, readonly=True)
    headers = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    body = fields.Binary(attachment=False, readonly=True, groups=fields.NO_ACCESS)
    created_at = fields.Datetime(required=True, readonly=True)

    _claim_unique = models.UniqueIndex("(claim_id)")
