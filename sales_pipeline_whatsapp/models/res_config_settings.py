from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pipeline_whatsapp_number = fields.Char(related="company_id.pipeline_whatsapp_number", readonly=False)
    pipeline_whatsapp_country_id = fields.Many2one(related="company_id.pipeline_whatsapp_country_id", readonly=False)

    def set_values(self):
        result = super().set_values()
        # Number and country are written one after the other; only now both are known.
        self.company_id._normalise_pipeline_whatsapp_number()
        return result
