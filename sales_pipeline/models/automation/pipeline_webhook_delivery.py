"""Messages to webhooks: stored with what they tell, sent after its commit, at least once, under one id."""

import json
import logging
from typing import Any
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL
from psycopg2 import OperationalError

from ...tools.webhook_types import TEST
from ..rows import insert_rows

_logger = logging.getLogger(__name__)

STATES = [
    ("waiting", "Waiting"), ("sending", "Sending"), ("delivered", "Delivered"), ("failed", "Failed"),
    ("held", "Held Back"), ("cancelled", "Cancelled"), ("skipped", "Skipped"),
]  # fmt: skip
_MAX_BODY = 20_000


def make_message_id() -> str:
    """Return a new id under which a receiver knows a message again."""
    return f"msg_{uuid4().hex}"


class PipelineWebhookDelivery(models.Model):
    _name = "pipeline.webhook.delivery"
    _inherit = "pipeline.lane.mixin"
    _description = "Webhook Message"
    _order = "id desc"
    _rec_name = "message_id"
    _lane_cron = "sales_pipeline.ir_cron_send_webhooks"
    _lane_waiting = "waiting"
    _lane_done = "delivered"

    webhook_id = fields.Many2one("pipeline.webhook", required=True, readonly=True, ondelete="cascade")
    message_id = fields.Char("Message Id", required=True, readonly=True)
    type = fields.Char(required=True, readonly=True)
    res_model = fields.Char("Model", readonly=True, help="Where its reader must be allowed to see the record.")
    res_id = fields.Many2oneReference("Record Id", model_field="res_model", readonly=True)
    uuid = fields.Char("Record", readonly=True, help="The public id of what it is about.")
    facts = fields.Json(readonly=True)
    body = fields.Text(readonly=True, help="What is sent: made at the first attempt, the same ever after.")
    state = fields.Selection(STATES, default="waiting", required=True, readonly=True)
    occurred_at = fields.Datetime("Happened On", required=True, readonly=True)
    attempt_key = fields.Char(readonly=True)
    lease_until = fields.Datetime("Held Until", readonly=True)
    last_status = fields.Integer("Answer", readonly=True, aggregator=None)
    attempt_ids = fields.One2many("pipeline.webhook.attempt", "delivery_id", readonly=True)
    trouble = fields.Char(compute="_compute_trouble")

    _message_unique = models.UniqueIndex("(message_id)")
    _due_idx = models.Index("(webhook_id, next_attempt_at, id) WHERE state = 'waiting'")
    _leased_idx = models.Index("(lease_until) WHERE state = 'sending'")
    _log_idx = models.Index("(webhook_id, id DESC)")
    _old_idx = models.Index("(create_date)")

    @api.depends("error_message")
    def _compute_trouble(self):
        webhooks = self.env["pipeline.webhook"]
        for message in self:
            message.trouble = message.error_message and webhooks._describe_trouble(message.error_message)

    # ---- use cases

    @api.model
    def _add(self, rows: list[dict[str, Any]]) -> None:
        """Store messages with the caller's transaction, and ask for the job.

        :param rows: webhook_id, type, res_model, res_id, uuid, facts, occurred_at, company_id, state
        """
        now = self.env.cr.now().replace(tzinfo=None)
        # Who was deleted meanwhile makes the transaction begin anew, where the foreign key would make it fail.
        there = {id_ for id_, in self.env.execute_query(SQL(
            "SELECT id FROM pipeline_webhook WHERE id = ANY(%s) FOR KEY SHARE",
            sorted({row["webhook_id"] for row in rows}),
        ))}  # fmt: skip
        insert_rows(self.env, self._table, [
            {"message_id": make_message_id(), "state": "waiting", "attempts": 0, "next_attempt_at": now, **row}
            for row in rows if row["webhook_id"] in there
        ])  # fmt: skip
        self._wake_job_once()

    @api.model
    def _wake_job_once(self) -> None:
        """Ask for the job, once a transaction."""
        data = self.env.cr.postcommit.data
        if not data.get("sales_pipeline.webhooks"):
            data["sales_pipeline.webhooks"] = True
            self._wake_lane()

    @api.model
    def _add_test(self, webhook):
        message = self.create({
            "webhook_id": webhook.id, "message_id": make_message_id(), "type": TEST, "uuid": webhook.uuid,
            "company_id": webhook.company_id.id, "occurred_at": fields.Datetime.now(),
            "facts": {"entity_type": "webhook"},
        })  # fmt: skip
        self._wake_job_once()
        return message

    @api.model
    def _move(self, webhooks, sources: tuple[str, ...], target: str) -> int:
        """Move all messages of webhooks to another state, as if untried, and return how many there were."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE pipeline_webhook_delivery SET state = %s, next_attempt_at = %s, attempts = 0 "
            "WHERE webhook_id = ANY(%s) AND state = ANY(%s)",
            target, webhooks._get_now(), webhooks.ids, list(sources),
        ))  # fmt: skip
        moved = self.env.cr.rowcount
        self.invalidate_model()
        if moved and target == "waiting":
            self._wake_job_once()
        return moved

    # ---- bodies

    def _render_safely(self) -> str | None:
        """Return the body of a message, or None where there is nothing to send, which its state then tells."""
        try:
            with self.env.cr.savepoint():
                body = self._render()
        except OperationalError:
            raise
        except Exception:
            # One message that cannot be written must not hold up the others.
            _logger.exception("The webhook message %s could not be written", self.message_id)
            self.write({"state": "failed", "error_message": self.env._("The message could not be written.")})
            return None
        if body is None:
            self.write({"state": "skipped", "error_message": self.env._("Its reader may not see the record.")})
        return body

    def _render(self) -> str | None:
        """Return the body of a message, or None if its reader may not see the record."""
        self.ensure_one()
        webhook, facts = self.webhook_id, dict(self.facts or {})
        record = self._get_record_for(webhook)
        if record is None:
            return None
        data = {"entity_type": facts.pop("entity_type", None), "id": self.uuid or None, **facts}
        thin = self._to_body(data)
        if webhook.payload == "thin" or not record:
            return thin
        full = self._to_body({**data, "object": self._represent(record, data["entity_type"])})
        # Who needs more than this asks for it at the address.
        return full if len(full.encode()) <= _MAX_BODY else thin

    def _to_body(self, data: dict[str, Any]) -> str:
        body = {"type": self.type, "timestamp": f"{self.occurred_at:%Y-%m-%dT%H:%M:%S}Z", "data": data}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    def _get_record_for(self, webhook):
        """Return the record as the webhook's user may read it: empty if there is none, None if it is secret or gone."""
        if not self.res_model or self.res_model not in self.env:
            return self.browse()
        user_env = self.env(user=webhook.user_id.id, su=False, context={"allowed_company_ids": webhook.company_id.ids})
        record = user_env[self.res_model].browse(self.res_id)
        if not webhook.user_id.active:
            return None
        if not record.sudo().exists():
            # Nobody can tell any more who might have seen it.
            return None
        return record if record.has_access("read") else None

    def _represent(self, record, entity: str | None) -> dict[str, Any] | None:
        """Return the record as the API shows it, or None where there is no such thing."""
        resource = record.env.get(f"pipeline.api.{entity}")
        try:
            return None if resource is None else resource._represent_told(record, self.uuid or None)
        except (AccessError, NotImplementedError):
            return None

    # ---- log

    def action_redeliver(self) -> None:
        """Send chosen messages again, under the same ids; whoever may change the webhook may do so."""
        self.webhook_id.check_access("write")
        self._redeliver()

    @api.autovacuum
    def _gc_old(self) -> None:
        """Forget messages of more than 30 days ago: they hold what people said and did."""
        self.env.cr.execute(SQL(
            "DELETE FROM pipeline_webhook_delivery WHERE create_date < now() AT TIME ZONE 'UTC' - interval '30 days' "
            "AND state <> 'sending'"
        ))  # fmt: skip
