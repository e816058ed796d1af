from odoo import fields, models


class PipelineCallLog(models.TransientModel):
    """One phone call, logged in a few seconds: what came of it, how long it took, what was said."""

    _name = "pipeline.call.log"
    _description = "Log a Call"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True)
    outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("no_answer", "No answer"),
            ("voicemail", "Voicemail"),
            ("wrong_number", "Wrong number"),
        ],
        required=True,
        default="reached",
    )
    duration_minutes = fields.Integer("Minutes")
    note = fields.Text()

    def action_log(self) -> dict:
        """Write the call down as a done activity."""
        self.ensure_one()
        label = dict(self._fields["outcome"]._description_selection(self.env))[self.outcome]
        activity = self.lead_id.activity_schedule(
            "mail.mail_activity_data_call", summary=self.env._("Call: %(outcome)s", outcome=label), user_id=self.env.uid
        )
        activity.metadata = {"outcome": self.outcome, "duration_minutes": self.duration_minutes}
        activity._action_done(feedback=self.note)
        return {"type": "ir.actions.act_window_close"}
