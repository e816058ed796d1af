"""Show the new secret of a webhook, once."""

from odoo import fields, models


class PipelineWebhookSecret(models.TransientModel):
    """Ask how long the old secret shall sign as well, then show the new one; its text is not in this table."""

    _name = "pipeline.webhook.secret"
    _description = "New Secret of a Webhook"

    webhook_id = fields.Many2one("pipeline.webhook", required=True, readonly=True, ondelete="cascade")
    overlap_hours = fields.Integer("Sign With the Old One as Well for", default=24, required=True)
    # Not stored: the text travels from the answer into the dialog and is gone with it.
    secret = fields.Char(store=False)

    def action_make(self) -> dict:
        """Make the secret and show it."""
        self.ensure_one()
        self.webhook_id.check_access("write")
        secret = self.webhook_id._rotate_secret(max(self.overlap_hours, 0))
        self.webhook_id.message_post(body=self.env._("A new secret was made."))
        action = self.webhook_id._ask_for_secret()
        action["context"] |= {"default_secret": secret}
        return action
