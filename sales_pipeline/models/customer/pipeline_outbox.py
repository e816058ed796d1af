from odoo import fields, models


class PipelineOutbox(models.Model):
    _inherit = "pipeline.outbox"

    kind = fields.Selection(selection_add=[("welcome_mail", "Welcome Mail")], ondelete={"welcome_mail": "cascade"})

    def _perform(self) -> None:
        if self.kind != "welcome_mail":
            return super()._perform()
        customer = self.env["pipeline.customer"].browse(self.res_id).exists()
        return customer._send_welcome_mail() if customer else None
