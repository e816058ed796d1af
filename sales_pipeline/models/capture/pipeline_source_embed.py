from html import escape

from odoo import api, fields, models

from ...tools.signatures import get_form_key


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    form_key = fields.Char(
        compute="_compute_embed", groups="base.group_system",
        help="What a form shows instead of the secret. Visitors can read it; it ends with the secret it is made of.",
    )
    embed_snippet = fields.Text(compute="_compute_embed", groups="base.group_system")
    embed_form = fields.Text(compute="_compute_embed", groups="base.group_system")

    @api.depends("token", "secret")
    def _compute_embed(self):
        for source in self:
            source.form_key = get_form_key(source.secret) if source.secret else False
            source.embed_snippet = source._get_embed_snippet()
            source.embed_form = source._get_embed_form()

    def _get_embed_snippet(self) -> str:
        """Return the line that a website puts on every page (door)."""
        address, token, key = (escape(text or "") for text in (self.get_base_url(), self.token, self.form_key))
        return f'<script async src="{address}/pipeline/embed.js" data-source="{token}" data-key="{key}"></script>'

    def _get_embed_form(self) -> str:
        """Return a form that the script sends (door)."""
        return "\n".join([
            '<form data-pipeline="send">',
            '  <label>Name <input name="name" required></label>',
            '  <label>E-mail <input name="email" type="email" required></label>',
            '  <label>Message <textarea name="message"></textarea></label>',
            "  <button>Send</button>",
            "  <p data-pipeline-success hidden>Thank you. We will get back to you soon.</p>",
            "  <p data-pipeline-error hidden>This could not be sent. Please try again in a moment.</p>",
            "</form>",
        ])  # fmt: skip
