from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from odoo import fields, models
from odoo.tools import html2plaintext

# What activities hang on, where the log tells of them.
ANCHORS = ("crm.lead", "pipeline.customer")
# Key of the context under which a ``DoneAt`` stands.
DONE_AT = "sales_pipeline_done_at"


@dataclass(frozen=True)
class DoneAt:
    """When something was done that is told later; an object, so that no client can put it into a context."""

    moment: datetime


class MailActivity(models.Model):
    _inherit = "mail.activity"

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    scheduled_at = fields.Datetime("Scheduled For", help="The moment, where the deadline knows only the day.")
    completed_at = fields.Datetime("Completed On", readonly=True, copy=False)
    metadata = fields.Json(copy=False, help="Facts about the activity, such as the length of a call.")

    _uuid_unique = models.UniqueIndex("(uuid)")
    _record_idx = models.Index("(res_model, res_id, id DESC)")
    _done_idx = models.Index("(res_model, date_done DESC, id DESC) WHERE active IS NOT TRUE")
    _api_page_idx = models.Index(
        "(COALESCE(scheduled_at, date_deadline::timestamp) DESC, id DESC) "
        "WHERE res_model IN ('crm.lead', 'pipeline.customer')"
    )
    _my_day_idx = models.Index("(user_id, date_deadline) WHERE active IS TRUE")

    def _action_done(self, feedback=False, attachment_ids=None):
        told = self.filtered(lambda activity: activity.res_model in ANCHORS)
        for activity in told.filtered("completed_at"):
            # Taken up again after it was done: what was done then keeps its public id, this is another deed.
            activity.uuid = str(uuid4())
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        told = told.exists()
        known = self.env.context.get(DONE_AT)
        told.completed_at = known.moment if isinstance(known, DoneAt) else fields.Datetime.now()
        told._on_done()
        return result

    def _on_done(self) -> None:
        """React to completed activities (door): tell the timeline, and note the first contact."""
        for activity in self:
            # Who is assigned may tick it off without seeing what it hangs on.
            record = self.env[activity.res_model].sudo().browse(activity.res_id).exists()
            if not record:
                continue
            code = activity.activity_type_id._get_pipeline_code()
            self.env["pipeline.event"]._append([activity._prepare_done_event(record, code)])
            if record._name == "crm.lead" and code in ("call", "email", "whatsapp", "meeting"):
                at = max(activity.completed_at, record.response_started_at or activity.completed_at)
                record._on_contacted("phone" if code == "call" else code, at)

    def _prepare_done_event(self, record, code: str) -> dict:
        """Return the event of a done activity; it tells all by itself, because activities go with their user."""
        self.ensure_one()
        description = self.feedback or (html2plaintext(self.note) if self.note else "")
        return {
            "kind": code,
            "record": record,
            "origin": self,
            "uuid": self.uuid,
            "direction": "out",
            "occurred_at": self.completed_at,
            "channel": "phone" if code == "call" else None,
            "metadata": {
                **(self.metadata or {}), "done": True, "assigned_id": self.user_id.id or None,
                "created_id": self.create_uid.id or None,
            },
            "detail": {
                "summary": self.summary or "", "description": description, "metadata": self.metadata or {},
                "scheduled_at": fields.Datetime.to_string(self.scheduled_at) or None,
                "created_at": fields.Datetime.to_string(self.create_date),
            },
        }  # fmt: skip
