"""What was said and done on a lead, and who is told at once."""

from odoo import api, models
from odoo.exceptions import UserError

# A batch that brings an owner more than these is told in one notice, which names a few.
_TOLD_ONE_BY_ONE = 3
_NAMED = 10


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- notices

    def _on_captured(self, captured):
        super()._on_captured(captured)
        for leads in self.filtered(lambda lead: lead.user_id and not lead._is_from_list()).grouped("user_id").values():
            heard = leads._as_owner_reads()
            if len(leads) > _TOLD_ONE_BY_ONE:
                heard._tell_owner_together(
                    heard.env._("%(count)s new leads", count=len(leads)), heard.env._("Reach out now:")
                )
                continue
            for lead in heard:
                channel = lead._get_channel_label(lead.capture_channel)
                lead._tell_owner(
                    lead.env._("New lead: %(name)s", name=lead.name),
                    lead.env._("A new lead came in by %(channel)s. Reach out now.", channel=channel),
                )

    def _on_captured_again(self, captured):
        super()._on_captured_again(captured)
        channels = {lead.id: item.channel for lead, item in zip(self, captured, strict=True)
                    if item.channel != "bulk_upload"}  # fmt: skip
        for leads in self.browse(channels).filtered("user_id").grouped("user_id").values():
            heard = leads._as_owner_reads()
            if len(leads) > _TOLD_ONE_BY_ONE:
                heard._tell_owner_together(
                    heard.env._("%(count)s contacts came back", count=len(leads)),
                    heard.env._("Each was added to its open lead:"),
                )
                continue
            for lead in heard:
                channel = lead._get_channel_label(channels[lead.id])
                lead._tell_owner(
                    lead.env._("%(name)s came back", name=lead.name),
                    lead.env._(
                        "The same contact came in again by %(channel)s. It was added to this lead.", channel=channel
                    ),
                )

    def _as_owner_reads(self) -> "CrmLead":
        """Return leads of one owner in the owner's language; the job that took them in has none."""
        return self.with_context(lang=self.user_id.lang)

    def _is_from_list(self) -> bool:
        """Return whether the lead came in with many others; the import tells each owner once."""
        return self.capture_channel == "bulk_upload"

    def _tell_owner(self, title: str, body: str) -> None:
        """Tell the owner at once: an Odoo notification, and a toast where the owner is online.

        Nobody is told of the own act.
        """
        self.ensure_one()
        owner = self.user_id
        if not owner or owner == self.env.user:
            return
        self.with_context(lang=owner.lang).message_notify(
            partner_ids=owner.partner_id.ids,
            subject=title,
            body=body,
            email_layout_xmlid="mail.mail_notification_layout",
        )
        self._hurry(owner, title, body)

    def _tell_owner_together(self, title: str, intro: str) -> None:
        """Tell the owner of many leads once: a notice a lead would bury them, and take longer than the leads."""
        owner = self.user_id
        if owner == self.env.user:
            return
        names = ", ".join(self[:_NAMED].mapped("name"))
        if len(self) > _NAMED:
            names = self.env._("%(names)s and %(count)s more", names=names, count=len(self) - _NAMED)
        body = f"{intro} {names}"
        self.env["mail.thread"].message_notify(partner_ids=owner.partner_id.ids, subject=title, body=body)
        self._hurry(owner, title, body)

    @api.model
    def _hurry(self, owner, title: str, body: str) -> None:
        """Have a notice that goes by mail sent now, and show a toast."""
        if owner.notification_type == "email" and self.env.context.get("mail_notify_force_send") is False:
            # Inside a job Odoo leaves mails to its hourly queue; a lead does not wait that long. Elsewhere Odoo sends
            # after the commit, and a queue woken beside it would take the same mail.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        owner._bus_send("simple_notification", {"type": "success", "title": title, "message": body, "sticky": False})

    def _get_channel_label(self, channel: str | None) -> str:
        labels = dict(self._fields["capture_channel"]._description_selection(self.env))
        return labels.get(channel, self.env._("another channel"))

    # ---- first contact

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if self._is_outgoing_mail(message):
            self.env["pipeline.event"].sudo()._append(
                [{"kind": "mail", "record": self, "channel": "email", "direction": "out", "origin": message}]
            )
            self._mark_contacted()
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
