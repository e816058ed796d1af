from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pipeline_call_number = fields.Char(related="company_id.pipeline_call_number", readonly=False)
    pipeline_call_country_id = fields.Many2one(related="company_id.pipeline_call_country_id", readonly=False)

    def set_values(self):
        result = super().set_values()
        # Number and country are written one after the other; only now both are known.
        self.company_id._normalise_pipeline_call_number()
        return result
