"""End a deal in one call, whatever asks for it: won, or lost with the reason."""

from typing import Any

from odoo import api, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _close_by_api(self, outcome: str, lost_reason=None, note: str | None = None, amount: float | None = None):
        """Win or lose a deal; one that ended so already stays as it is.

        :param outcome: ``won`` or ``lost``
        :param lost_reason: ``crm.lost.reason`` of a lost deal
        :param note: what else there is to say, plain text; stands in the chatter
        :param amount: what the deal was worth in the end; default: what it was estimated at
        :raise UserError: when it ended the other way
        """
        self.ensure_one()
        if self.won_status == outcome:
            return
        if self.won_status != "pending":
            raise UserError(self.env._(
                "“%(name)s” is %(outcome)s already; open it again in Odoo first.",
                name=self.name, outcome=self.won_status,
            ))  # fmt: skip
        self.check_access("write")
        if amount is not None:
            self.expected_revenue = amount
        if outcome == "won":
            self.action_set_won()
        else:
            self.action_set_lost(lost_reason_id=lost_reason.id if lost_reason else False)
        if note:
            self.message_post(body=note)
        # Who bought becomes a customer by a moment, and the answer names the customer.
        self._flush_moments()

    @api.model
    def _find_lost_reason(self, name: str) -> Any:
        """Return the reason of this name, in any case of letters; managers make one that is missing."""
        reasons = self.env["crm.lost.reason"].sudo().with_context(active_test=False)
        found = reasons.search([("name", "=ilike", _escape(name.strip()))], limit=1)
        if not found and self._is_pipeline_manager():
            found = reasons.create({"name": name.strip()})
        return found


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
