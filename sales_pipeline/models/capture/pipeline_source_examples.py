import json
import shlex
from html import escape

from odoo import api, fields, models

_FIELDS = (
    ("name", "Name", "text"),
    ("email", "E-mail", "email"),
    ("phone", "Phone", "tel"),
    ("message", "Message", "text"),
)


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    example_command = fields.Text(compute="_compute_examples", groups="base.group_system")
    example_form = fields.Text(compute="_compute_examples", groups="base.group_system")

    @api.depends("token", "secret", "provider")
    def _compute_examples(self):
        for source in self:
            source.example_command = source._get_example_command()
            source.example_form = source._get_example_form()

    def _get_example_command(self) -> str:
        """Return a shell command that sends one lead to this source."""
        lead = {
            "name": "Ada Example",
            "email": "ada@example.com",
            "phone": "+1 555 555 0142",
            "message": "Please call me.",
        }
        return " \\\n  ".join(
            [
                f"curl {shlex.quote(self.capture_url or '')}",
                "-H 'Content-Type: application/json'",
                f"-H {shlex.quote('X-Pipeline-Secret: ' + (self.secret or ''))}",
                f"-d {shlex.quote(json.dumps(lead))}",
            ]
        )

    def _get_example_form(self) -> str:
        """Return an HTML form that a browser posts to this source."""
        inputs = [f'  <label>{label} <input name="{name}" type="{kind}"></label>' for name, label, kind in _FIELDS]
        key = f'  <input type="hidden" name="pipeline_key" value="{escape(self.secret or "")}">'
        action = escape(self.capture_url or "")
        return "\n".join(
            [f'<form method="post" action="{action}">', key, *inputs, "  <button>Send</button>", "</form>"]
        )
