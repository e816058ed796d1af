"""A mail address as a source: what is written to it becomes a lead, or lies with the lead of whom it is from."""

from typing import Any

from odoo import models
from odoo.tools.mail import email_split_tuples

from ...providers.capture.lead import CapturedLead
from ...tools.text import one_line


class PipelineSource(models.Model):
    _name = "pipeline.source"
    _inherit = ["pipeline.source", "mail.alias.mixin.optional"]

    def _alias_get_creation_values(self) -> dict[str, Any]:
        values = super()._alias_get_creation_values()
        return {**values, "alias_model_id": self.env["ir.model"]._get_id("crm.lead"), "alias_defaults": "{}"}

    def _read_mail(self, message: dict[str, Any]) -> CapturedLead:
        """Return the contact that a mail comes from.

        :param message: a mail as ``mail.thread.message_parse`` reads it
        """
        name, email = next(iter(email_split_tuples(message.get("email_from") or "")), ("", ""))
        return CapturedLead(
            channel="email",
            external_id=one_line(message.get("message_id")) or "",
            name=one_line(name) or one_line(email.partition("@")[0]),
            email=one_line(email),
            deal_name=one_line(message.get("subject")),
        )
