from odoo import fields, models


class PipelineOutbox(models.Model):
    _inherit = "pipeline.outbox"

    kind = fields.Selection(selection_add=[("quote_mail", "Quote Mail")], ondelete={"quote_mail": "cascade"})

    def _perform(self) -> None:
        if self.kind != "quote_mail":
            return super()._perform()
        quote = self.env["sale.order"].browse(self.res_id).exists()
        return quote._mail_quote(self.payload or {}) if quote else None
