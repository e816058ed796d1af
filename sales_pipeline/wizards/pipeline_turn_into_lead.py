from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PipelineTurnIntoLead(models.TransientModel):
    """Turn chosen deals into leads, after a look at which ones can be.

    Databases that worked without leads have everything on the board. What is not a deal yet belongs among the leads.
    """

    _name = "pipeline.turn.into.lead"
    _description = "Turn Deals into Leads"

    deal_ids = fields.Many2many(
        "crm.lead", string="Chosen Deals", readonly=True, default=lambda self: self._default_deals()
    )
    eligible_ids = fields.Many2many("crm.lead", string="Become Leads", compute="_compute_eligible_ids")
    kept_count = fields.Integer("Stay Deals", compute="_compute_eligible_ids")

    @api.model
    def _default_deals(self):
        return self.env["crm.lead"].browse(self.env.context.get("active_ids", []))

    @api.depends("deal_ids")
    def _compute_eligible_ids(self):
        for wizard in self:
            wizard.eligible_ids = wizard.deal_ids.filtered_domain(wizard._get_eligible_domain())
            wizard.kept_count = len(wizard.deal_ids - wizard.eligible_ids)

    @api.model
    def _get_eligible_domain(self) -> Domain:
        """Return which deals may become leads: open, never converted from one, and nothing offered yet (door)."""
        return Domain(
            [
                ("type", "=", "opportunity"),
                ("won_status", "=", "pending"),
                ("date_conversion", "=", False),
                ("order_ids", "=", False),
            ]
        )

    def action_turn(self) -> dict:
        """Turn the eligible deals into new leads."""
        self.ensure_one()
        deals = self.eligible_ids
        if not deals:
            raise UserError(self.env._("None of the chosen deals can become a lead."))
        deals.check_access("write")
        deals.write({"type": "lead", "qualification": "new"})
        return {"type": "ir.actions.act_window_close"}
