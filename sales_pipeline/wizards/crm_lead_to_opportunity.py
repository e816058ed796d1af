from odoo import models


class CrmLead2opportunityPartner(models.TransientModel):
    _inherit = "crm.lead2opportunity.partner"

    def _action_merge(self):
        # What is merged away must really go, or it would be found as a duplicate again.
        return super(CrmLead2opportunityPartner, self.with_context(hard_unlink=True))._action_merge().with_env(self.env)
