import secrets

from odoo import fields, models


class PipelineNewSecret(models.TransientModel):
    """Replace the secret of a source, with time to bring the new one to the sender."""

    _name = "pipeline.new.secret"
    _description = "New Secret"

    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade")
    provider = fields.Selection(related="source_id.provider")
    secret = fields.Char(
        "New Secret", required=True, default=lambda self: secrets.token_urlsafe(24), groups="base.group_system"
    )
    overlap_hours = fields.Integer("Let the Old Secret in for", default=24, required=True)

    def action_replace(self) -> dict:
        """Replace the secret; the old one is let in for the chosen hours."""
        self.ensure_one()
        self.source_id._replace_secret(self.secret, max(self.overlap_hours, 0))
        return {"type": "ir.actions.act_window_close"}

    def action_replace_at_once(self) -> dict:
        """Replace the secret and turn the old one away."""
        self.ensure_one()
        self.source_id._replace_secret(self.secret, 0)
        return {"type": "ir.actions.act_window_close"}
