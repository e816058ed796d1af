from odoo import models

from ..models.crm_lead import HARD_UNLINK


class CrmLead2opportunityPartner(models.TransientModel):
    _inherit = "crm.lead2opportunity.partner"

    def _action_merge(self):
        # What is merged away must really go, or it would be found as a duplicate again.
        wizard = self.with_context(hard_unlink=HARD_UNLINK)
        return super(CrmLead2opportunityPartner, wizard)._action_merge().with_env(self.env)
