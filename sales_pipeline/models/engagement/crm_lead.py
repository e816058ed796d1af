"""What was said and done on a lead."""

from dataclasses import dataclass
from uuid import uuid4

from odoo import models
from odoo.exceptions import UserError

# Key of the context under which a ``SentAs`` stands.
SENT_AS = "sales_pipeline_sent_as"


@dataclass(frozen=True)
class SentAs:
    """The planned activity that a mail fulfils; an object, so that no client can put it into a context."""

    uuid: str


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- first contact

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if self._is_outgoing_mail(message):
            planned = self.env.context.get(SENT_AS)
            uuid = planned.uuid if isinstance(planned, SentAs) else str(uuid4())
            self.env["pipeline.event"].sudo()._append([{
                "kind": "mail", "record": self, "channel": "email", "direction": "out", "origin": message, "uuid": uuid,
            }])  # fmt: skip
            self._on_contacted("email")
        return result

    def _is_outgoing_mail(self, message) -> bool:
        """Return whether a message leaves the house: written by a colleague, to somebody outside."""
        if message.message_type not in ("comment", "email_outgoing") or message.subtype_id.internal:
            return False
        author = message.author_id.user_ids.filtered(lambda user: not user.share)
        outside = message.partner_ids.filtered("partner_share")
        return bool(author and (outside or message.outgoing_email_to))

    # ---- quick actions

    def action_quick_email(self) -> dict:
        """Open the e-mail composer for the contact."""
        self.ensure_one()
        if not (self.email_from or self.partner_id.email):
            raise UserError(self.env._("Add an e-mail address first."))
        # A mail goes to contacts: whoever is none yet becomes one, as when somebody writes from the chatter.
        partner = (
            self.partner_id or self._find_matching_partner() or self._partner_find_from_emails_single([self.email_from])
        )
        context = {
            "default_model": self._name, "default_res_ids": self.ids, "default_composition_mode": "comment",
            "default_partner_ids": partner.ids,
        }  # fmt: skip
        return {
            "type": "ir.actions.act_window", "name": self.env._("Send E-mail"), "res_model": "mail.compose.message",
            "view_mode": "form", "views": [(False, "form")], "target": "new", "context": context,
        }  # fmt: skip

    def action_quick_call(self) -> dict:
        """Open the dialog that logs a phone call."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_call_log_action")
        action["context"] = {"default_lead_id": self.id}
        return action

    def action_quick_meeting(self) -> dict:
        """Open the calendar to arrange a meeting with the contact."""
        self.ensure_one()
        action = self.action_schedule_meeting(smart_calendar=False)
        # Odoo links meetings to deals only; a lead's meeting must be found on the lead as well.
        action["context"] = {**action["context"], "default_opportunity_id": self.id, "default_res_model": self._name,
                             "default_res_id": self.id}  # fmt: skip
        return action
