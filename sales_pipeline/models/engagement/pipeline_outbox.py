from odoo import fields, models


class PipelineOutbox(models.Model):
    _inherit = "pipeline.outbox"

    kind = fields.Selection(selection_add=[("lead_mail", "Mail to a Lead")], ondelete={"lead_mail": "cascade"})

    def _perform(self) -> None:
        if self.kind != "lead_mail":
            return super()._perform()
        lead = self.env["crm.lead"].browse(self.res_id).exists()
        return lead._send_planned_mail(self.payload) if lead else None
