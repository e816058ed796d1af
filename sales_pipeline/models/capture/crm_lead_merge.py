"""What a merge of leads means for the touches that led to them, and for what ad platforms were told of them."""

from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        """Keep the touches of leads that are merged away (door); deleted with them, their sources would have brought
        nothing."""
        super()._merge_dependences(opportunities)
        opportunities.sudo().touch_ids.write({"lead_id": self.id})
        told = {(row.target_id, row.stage) for row in self.sudo().conversion_ids}
        for row in opportunities.sudo().conversion_ids:
            # What was told of any of them was told of the person: it must not be told again of the lead that is left.
            if (row.target_id, row.stage) not in told:
                told.add((row.target_id, row.stage))
                row.lead_id = self
