"""How soon the invented people were answered."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Working seconds until the first answer, in turn: most in time, one slow, one forgotten over lunch.
_ANSWERED = (95, 160, 41, 240, 130, 410, 75, 1500)
# Minutes left for who still waits; the last one is late.
_LEFT = (45, 90, -12)


class PipelineDemo(models.AbstractModel):
    _inherit = "pipeline.demo"

    @api.model
    def _tell_response_times(self) -> None:
        """Put the clocks of the demonstration to when its people came, since all of them were made in one moment."""
        self.env.flush_all()
        leads = self.env["crm.lead"].sudo().search([("response_state", "!=", False)], order="id")
        answered = leads.filtered("first_response_at")
        for number, lead in enumerate(answered):
            seconds = _ANSWERED[number % len(_ANSWERED)]
            started = min(lead.captured_at, lead.response_started_at)
            lead.with_context(tracking_disable=True).write({
                "response_started_at": started, "response_due_at": started + timedelta(minutes=lead.response_minutes),
                "first_response_at": started + timedelta(seconds=seconds), "response_seconds": seconds,
            })  # fmt: skip
        now = fields.Datetime.now()
        for number, lead in enumerate(leads - answered):
            due = now + timedelta(minutes=_LEFT[number % len(_LEFT)])
            lead.with_context(tracking_disable=True).write({
                "response_due_at": due, "response_next_at": due, "response_started_at": min(now, due),
            })  # fmt: skip
        self.env.flush_all()
        waiting = tuple((leads - answered).ids) or (0,)
        self.env["pipeline.notice"]._mark_read(SQL("lead_id IS NULL OR lead_id NOT IN %s", waiting))
