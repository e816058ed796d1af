from typing import Any

from odoo import fields, models


class PipelineSource(models.Model):
    """What a source has to be told of a sender whose habits we do not know."""

    _inherit = "pipeline.source"

    generic_proof = fields.Selection(
        [
            ("hmac_hex", "Signature of the body (HMAC-SHA256, hexadecimal)"),
            ("hmac_base64", "Signature of the body (HMAC-SHA256, base64)"),
            ("secret", "The secret itself"),
        ],
        string="Proof", default="hmac_hex", required=True,
        help="What stands in the header. A signature also proves that nobody changed the body on its way.",
    )  # fmt: skip
    signature_header = fields.Char("Header of the Proof", help="Empty: X-Signature.")
    id_header = fields.Char("Header of the Id", help="Requests with the same id are one lead. Empty: Idempotency-Key.")

    def _get_provider_settings(self) -> dict[str, Any]:
        return {
            **super()._get_provider_settings(),
            "proof": self.generic_proof,
            "signature_header": self.signature_header or "",
            "id_header": self.id_header or "",
        }
