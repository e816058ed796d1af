import base64
import json
import shlex
from html import escape

from odoo import api, fields, models

from ...providers.capture.generic import SIGNATURE_HEADER
from ...tools.signatures import hmac_sha256_hex

_FIELDS = (
    ("name", "Name", "text"),
    ("email", "E-mail", "email"),
    ("phone", "Phone", "tel"),
    ("message", "Message", "text"),
)
# People do not see it, robots fill it in.
_TRAP = (
    '  <input name="pipeline_website" tabindex="-1" autocomplete="off" aria-hidden="true" '
    'style="position:absolute;left:-9999px">'
)


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    example_command = fields.Text(compute="_compute_examples", groups="base.group_system")
    example_form = fields.Text(compute="_compute_examples", groups="base.group_system")

    @api.depends("token", "secret", "provider", "generic_proof", "signature_header")
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
        body = json.dumps(lead)
        return " \\\n  ".join(
            [
                f"curl {shlex.quote(self.capture_url or '')}",
                "-H 'Content-Type: application/json'",
                f"-H {shlex.quote(': '.join(self._get_example_proof(body)))}",
                f"-d {shlex.quote(body)}",
            ]
        )

    def _get_example_proof(self, body: str) -> tuple[str, str]:
        """Return the header, and its value, by which a body is let in."""
        secret = self.secret or ""
        if self.provider != "generic":
            return "X-Pipeline-Secret", secret
        if self.generic_proof != "secret":
            signature = hmac_sha256_hex(secret, body.encode())
            in_base64 = self.generic_proof == "hmac_base64"
            secret = base64.b64encode(bytes.fromhex(signature)).decode() if in_base64 else signature
        return self.signature_header or SIGNATURE_HEADER, secret

    def _get_example_form(self) -> str:
        """Return an HTML form that a browser posts to this source."""
        inputs = [f'  <label>{label} <input name="{name}" type="{kind}"></label>' for name, label, kind in _FIELDS]
        # Every visitor can read what stands in a form: the key is made of the secret, and does not tell it.
        key = f'  <input type="hidden" name="pipeline_key" value="{escape(self.form_key or "")}">'
        action = escape(self.capture_url or "")
        return "\n".join(
            [f'<form method="post" action="{action}">', key, _TRAP, *inputs, "  <button>Send</button>", "</form>"]
        )
