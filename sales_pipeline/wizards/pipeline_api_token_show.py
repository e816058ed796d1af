"""Show a new token, once."""

from odoo import fields, models
from odoo.exceptions import AccessError


class PipelineApiTokenShow(models.TransientModel):
    """Ask how long a new secret shall be valid, then show it; its text is in no table."""

    _name = "pipeline.api.token.show"
    _description = "New API Token"

    client_id = fields.Many2one("pipeline.api.client", required=True, readonly=True, ondelete="cascade")
    client_key = fields.Char(related="client_id.client_key")
    kind = fields.Selection([("static", "Token"), ("secret", "OAuth Secret")], required=True, readonly=True)
    token_id = fields.Many2one("pipeline.api.token", "Replaces", readonly=True, ondelete="cascade")
    overlap_hours = fields.Integer("Let the Old One in for", default=24, required=True)
    expires_at = fields.Datetime("Valid Until", help="Empty: until it is revoked.")
    # Not stored: the text travels from the answer into the dialog and is gone with it.
    token = fields.Char(store=False)

    def action_make(self) -> dict:
        """Make the secret and show it."""
        self.ensure_one()
        if self.token_id and self.token_id.client_id != self.client_id:
            # Whoever calls this by hand may name a token of somebody stronger.
            raise AccessError(self.env._("This secret belongs to another client."))
        self.client_id.check_access("write")
        self.client_id._check_strength()
        if self.token_id:
            token, text = self.token_id._rotate(max(self.overlap_hours, 0), self.expires_at or None)
            said = self.env._("The secret %(old)s… was replaced by %(new)s….", old=self.token_id.hint, new=token.hint)
        else:
            token, text = self.client_id._issue_token(self.kind, self.expires_at or None)
            said = self.env._("The secret %(hint)s… was made.", hint=token.hint)
        self.client_id.message_post(body=said)
        action = self.client_id._ask_for_token(self.kind)
        action["context"] |= {"default_token": text}
        return action
