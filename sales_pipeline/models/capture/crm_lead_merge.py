"""What a merge of leads means for the touches that led to them."""

from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        """Keep the touches of leads that are merged away (door); deleted with them, their sources would have brought
        nothing."""
        super()._merge_dependences(opportunities)
        opportunities.sudo().touch_ids.write({"lead_id": self.id})
