"""Mails and meetings that programs ask for: planned with the request, sent after its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import config, email_normalize, html2plaintext, html_sanitize, plaintext2html

from ..mails import SENT_AT_ONCE
from .crm_lead import SENT_AS, SentAs


@dataclass(frozen=True)
class LeadMail:
    """A mail to a contact.

    :param body: HTML, as its sender made it
    :param to: address; None: the lead's
    :param cc: more addresses; all without a contact see each other
    :param attachments: ids of files to send along
    """

    subject: str
    body: str
    to: str | None = None
    cc: tuple[str, ...] = ()
    attachments: tuple[int, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """A meeting with a contact; moments are naive UTC."""

    start: datetime
    stop: datetime
    subject: str
    location: str | None = None
    description: str | None = None
    attendees: tuple[str, ...] = ()


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- mail

    def _get_mail_problem(self, mail: LeadMail) -> str | None:
        """Return why a mail cannot go out: ``no-server``, ``no-address``, ``blacklisted``; None: it can."""
        self.ensure_one()
        if not self.env["ir.mail_server"].sudo().search_count([], limit=1) and not config.get("smtp_server"):
            return "no-server"
        address = self._get_mail_address(mail.to)
        if not address:
            return "no-address"
        refused = Domain("email", "in", [address, *(email_normalize(each) for each in mail.cc)])
        if self.env["mail.blacklist"].sudo().search_count(refused, limit=1):
            return "blacklisted"
        return None

    def _get_mail_address(self, to: str | None) -> str | None:
        return email_normalize(to or self.email_from or self.partner_id.email or "", strict=False) or None

    def _render_template(self, template) -> tuple[str, str]:
        """Return subject and HTML of a mail template for this lead, in the language of its contact."""
        self.ensure_one()
        subject, body = (
            template._render_field(name, self.ids, compute_lang=True)[self.id] for name in ("subject", "body_html")
        )
        return " ".join((subject or "").split()), body or ""

    def _plan_mail(self, mail: LeadMail) -> str:
        """Plan a mail and return the public id of its activity; it goes out after the commit.

        Whoever cancels the activity before that keeps the mail from being sent.
        """
        self.ensure_one()
        body = html_sanitize(mail.body)
        activity = self.env["mail.activity"]._plan_by_api(self, "email", {
            "summary": mail.subject, "description": html2plaintext(body), "scheduled_at": fields.Datetime.now(),
        })  # fmt: skip
        self.env["pipeline.outbox"]._enqueue("lead_mail", self, f"lead_mail:{activity.uuid}", {
            "activity_id": activity.id, "user_id": self.env.uid, "subject": mail.subject, "body": str(body),
            "to": self._get_mail_address(mail.to), "cc": [email_normalize(each) for each in mail.cc],
            "attachments": list(mail.attachments),
        })  # fmt: skip
        return activity.uuid

    def _send_planned_mail(self, payload: dict) -> None:
        """Post the mail of a planned activity, and take the activity off the list.

        :param payload: what ``_plan_mail`` stored
        """
        self.ensure_one()
        activity = self.env["mail.activity"].browse(payload["activity_id"]).exists()
        if not activity or not activity.active or self.deleted_at:
            return
        sender = self.env["res.users"].browse(payload["user_id"])
        lead = self.with_user(sender).sudo().with_context(
            lang=sender.lang, **SENT_AT_ONCE, **{SENT_AS: SentAs(activity.uuid)}
        )  # fmt: skip
        partner = lead._find_mail_partner(payload["to"])
        others = [*([] if partner else [payload["to"]]), *payload["cc"]]
        lead.message_post(
            body=Markup(payload["body"]),
            subject=payload["subject"],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=sender.partner_id.id,
            partner_ids=partner.ids,
            outgoing_email_to=",".join(others) or False,
            attachment_ids=self.env["ir.attachment"].browse(payload.get("attachments") or []).exists().ids,
            email_layout_xmlid="mail.mail_notification_light",
        )
        # Odoo's way to tick off would post that a mail is done, below the mail itself.
        activity.write({"completed_at": fields.Datetime.now(), "active": False})

    def _find_mail_partner(self, address: str):
        """Return the contact that has this address, preferring the lead's own; a mail makes no new contact."""
        if self.partner_id and self.partner_id.email_normalized == address:
            return self.partner_id
        return self._partner_find_from_emails_single([address], no_create=True)[:1]

    # ---- meeting

    def _plan_meeting(self, meeting: Meeting) -> str:
        """Put a meeting into the calendar and return the public id of its activity."""
        self.ensure_one()
        partners = self.env.user.partner_id | self.partner_id | self._find_attendees(meeting.attendees)
        event = self.env["calendar.event"].with_context(mail_notify_force_send=False).create({
            "name": meeting.subject, "start": meeting.start, "stop": meeting.stop,
            "location": meeting.location or False,
            "description": plaintext2html(meeting.description) if meeting.description else False,
            "opportunity_id": self.id, "res_model_id": self.env["ir.model"]._get_id(self._name), "res_id": self.id,
            "partner_ids": [(6, 0, partners.ids)], "user_id": self.env.uid,
        })  # fmt: skip
        activity = event.sudo().activity_ids[:1]
        values = {"summary": meeting.subject, "description": meeting.description, "scheduled_at": meeting.start}
        if activity:
            activity.with_context(calendar_event_meeting_update=True).write({
                "scheduled_at": meeting.start,
                "metadata": {"location": meeting.location} if meeting.location else False,
            })  # fmt: skip
            return activity.uuid
        activity = self.env["mail.activity"]._plan_by_api(self, "meeting", values)
        activity.with_context(calendar_event_meeting_update=True).calendar_event_id = event
        return activity.uuid

    def _find_attendees(self, addresses: Sequence[str]):
        if not addresses:
            return self.env["res.partner"]
        return self.env["mail.thread"]._partner_find_from_emails_single(list(addresses))
