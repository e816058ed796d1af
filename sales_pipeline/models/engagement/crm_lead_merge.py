"""What a merge makes of the first-response clocks: whoever was answered does not wait."""

from odoo import models

from .crm_lead_response import CLOCK

_ANSWER = ("first_response_at", "first_response_uid", "first_response_channel", "response_seconds", "response_state")


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        super()._merge_dependences(opportunities)
        self._take_over_answer(opportunities)

    def _take_over_answer(self, others) -> None:
        """Let the first answer to leads that are merged away count here, where nobody has answered yet.

        The clock is that of the lead which came first, up to that answer.
        """
        lead, answered = self.sudo(), others.sudo().filtered("first_response_at")
        if lead.first_response_at or not answered:
            return
        first = min(answered, key=lambda other: other.first_response_at)
        values = {name: first[name] for name in _ANSWER}
        started = lead.response_started_at
        if started and started <= min(first.response_started_at, first.first_response_at):
            values["response_seconds"] = lead._count_response_seconds(first.first_response_uid, first.first_response_at)
        else:
            values |= {name: first[name] for name in CLOCK}
        lead.with_context(tracking_disable=True).write({**values, "response_next_at": False})
