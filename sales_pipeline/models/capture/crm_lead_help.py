from markupsafe import Markup
from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def get_empty_list_help(self, help_message):
        if self.env.context.get("default_type") != "lead":
            return super().get_empty_list_help(help_message)
        title = self.env._("No leads here")
        teach = self.env._(
            "Type one in with New, import a list, or connect your website or ads: what a lead source receives becomes "
            "a lead by itself and goes to your team in turns. Lead sources are set up under Configuration."
        )
        return Markup('<p class="o_view_nocontent_smiling_face">%s</p><p>%s</p>') % (title, teach)
