from uuid import uuid4

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    scheduled_at = fields.Datetime("Scheduled For", help="The moment, where the deadline knows only the day.")
    completed_at = fields.Datetime("Completed On", readonly=True, copy=False)
    metadata = fields.Json(copy=False, help="Facts about the activity, such as the length of a call.")

    _uuid_unique = models.UniqueIndex("(uuid)")
    _record_idx = models.Index("(res_model, res_id, id DESC)")
    _done_idx = models.Index("(res_model, date_done DESC, id DESC) WHERE active IS NOT TRUE")
    _my_day_idx = models.Index("(user_id, date_deadline) WHERE active IS TRUE")

    def _action_done(self, feedback=False, attachment_ids=None):
        leads = self.filtered(lambda activity: activity.res_model == "crm.lead")
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads = leads.exists()
        leads.completed_at = fields.Datetime.now()
        leads._on_done()
        return result

    def _on_done(self) -> None:
        """React to completed activities of leads (door): tell the timeline, and note the first contact."""
        for activity in self:
            lead = self.env["crm.lead"].browse(activity.res_id).exists()
            code = activity.activity_type_id._get_pipeline_code()
            if not lead:
                continue
            self.env["pipeline.event"]._append(
                [
                    {
                        "kind": code,
                        "record": lead,
                        "origin": activity,
                        "direction": "out",
                        "channel": "phone" if code == "call" else None,
                        "metadata": {"done": True, **(activity.metadata or {})},
                    }
                ]
            )
            if code in ("call", "email", "whatsapp", "meeting"):
                lead._mark_contacted()
