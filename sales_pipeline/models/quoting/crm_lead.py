"""The quotes of a deal as the deal shows them."""

from odoo import api, fields, models

from ... import const


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # With sudo, since who may see a deal may see how far it is, and not everybody reads orders.
    accepted_order_id = fields.Many2one(
        "sale.order", "Accepted Order", compute="_compute_quotes", compute_sudo=True
    )
    latest_quote_id = fields.Many2one("sale.order", "Latest Quote", compute="_compute_quotes", compute_sudo=True)
    quote_status = fields.Selection(
        const.QUOTE_STATUSES, compute="_compute_quotes", compute_sudo=True,
        help="Of the accepted quote, else of the latest one.",
    )  # fmt: skip

    @api.depends("order_ids.quote_status", "order_ids.accepted_opportunity_id")
    def _compute_quotes(self):
        for lead in self:
            quotes = lead.order_ids.sorted("id")
            accepted = quotes.filtered(lambda quote, lead=lead: quote.accepted_opportunity_id == lead._origin)[:1]
            lead.accepted_order_id = accepted
            lead.latest_quote_id = quotes[-1:]
            lead.quote_status = (accepted or quotes[-1:]).quote_status
