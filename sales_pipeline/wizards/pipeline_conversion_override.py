from odoo import fields, models


class PipelineConversionOverride(models.TransientModel):
    """A manager goes on although something a team asks for is missing, and says why."""

    _name = "pipeline.conversion.override"
    _description = "Convert All the Same"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True)
    missing_criteria = fields.Char(related="lead_id.missing_criteria")
    reason = fields.Char(required=True)

    def action_convert(self) -> dict:
        """Convert the lead and keep the reason in its chatter."""
        self.ensure_one()
        return self.lead_id._convert(reason=self.reason).redirect_lead_opportunity_view()
