"""The spine of the partner: the only place that overrides its create and write."""

from typing import Any

from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "pipeline.moments.mixin"]

    pipeline_customer_ids = fields.One2many("pipeline.customer", "partner_id", "Customer Records")

    is_pipeline_customer = fields.Boolean("Is a Customer", compute="_compute_is_pipeline_customer")

    # ---- compute

    @api.depends("commercial_partner_id.pipeline_customer_ids")
    def _compute_is_pipeline_customer(self):
        # Counts what the user may see: a button to a refused page helps nobody.
        visible = self.env["pipeline.customer"]
        if not visible.has_access("read"):
            self.is_pipeline_customer = False
            return
        owners = visible.search([("partner_id", "in", self.commercial_partner_id.ids)]).partner_id
        for partner in self:
            partner.is_pipeline_customer = partner.commercial_partner_id in owners

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._note_created()
        return partners

    def write(self, vals):
        self._note_changing(vals)
        done = super().write(vals)
        if "parent_id" in vals or "is_company" in vals:
            self._move_customers()
        return done

    # ---- actions

    def action_view_pipeline_customer(self) -> dict[str, Any]:
        """Open what success work knows about this customer."""
        self.ensure_one()
        return self.commercial_partner_id.pipeline_customer_ids._get_records_action()

    # ---- use case

    def _move_customers(self) -> None:
        """Let customers follow a partner that now belongs to another company."""
        customers = self.env["pipeline.customer"].sudo()
        for partner in customers.search([("partner_id", "child_of", self.ids)]).partner_id:
            if partner.commercial_partner_id != partner:
                customers._move_to_partner(partner, partner)
