from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _on_sent(self) -> None:
        super()._on_sent()
        # Whoever sends an offer has answered.
        self.opportunity_id._on_contacted("email")
